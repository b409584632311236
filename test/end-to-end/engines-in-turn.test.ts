import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Benchmark } from '../../src/benchmark/result.js';
import type { EngineDescription } from '../../src/tensorrt/description.js';
import type { Validation } from '../../src/validation/verdict.js';
import { readReference } from '../support/reference.js';
import { type Build, CONFIG, copyCheckpoint, type Workspace, workspaces } from '../support/td.js';
import { standIns } from '../tensorrt/support.js';

const make = workspaces();
const ENGINES = ['decoder_model.plan', 'decoder_with_past_model.plan', 'encoder_model.plan'];
const FOLDER = 'dist/models/t5/h100-fp32';

/** A T5 for an H100; its engines run in turn, about forty processes for a validation. */
let workspace: Workspace;
let elsewhere: Build;
let here: Record<string, string>;
let built: Build;

beforeAll(async () => {
  workspace = make.empty();
  copyCheckpoint(readReference('t5').folder, workspace.path('t5'));
  workspace.write('eval.jsonl', '{"text": "a bad story", "target": "The movie was great"}\n');
  workspace.write(CONFIG, {
    models: {
      t5: {
        source: './t5',
        shapes: { batch: [1, 2, 2], sequence: [4, 16, 32] },
        evaluation: { data: './eval.jsonl', maxDrop: 0.5 },
        tolerance: { fp32: 1e-4 },
      },
    },
    targets: { h100: { engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp32'] } },
    validation: { samples: 1 },
    benchmark: { shapes: [[2, 8]], runs: 5, minSeconds: 0 },
  });
  elsewhere = await workspace.build([], { env: { PATH: '/usr/bin:/bin' } });
  const bin = standIns(join(workspace.folder, 'bin'));
  here = { PATH: `${bin}:/usr/bin:/bin`, STAND_IN_TEMPORARY: workspace.folder };
  built = await workspace.build([], { env: here });
}, 120_000);

test('without a GPU, one failure stands for all engines of the artefact', () => {
  expect(elsewhere.code).toBe(3);
  expect(elsewhere.failures).toMatchObject([{ code: 'not-built-here', where: 't5/h100/fp32' }]);
});

describe('with one', () => {
  test('three engines are built, each with its own sizes, and nothing else of the network is delivered', () => {
    expect([built.failures, built.code]).toEqual([[], 0]);
    const { engines } = workspace.json<EngineDescription & Record<string, unknown>>(`${FOLDER}/engine.json`);
    expect(Object.keys(engines)).toEqual(ENGINES);
    expect(workspace.files(FOLDER).filter(path => /\.(plan|onnx)$/.test(path))).toEqual(ENGINES);
  });

  test('what the encoder gives, both kinds of calls, and what is written, are those of the export', () => {
    const { outputs, writing, evaluation } = workspace.json<Validation & Record<string, unknown>>(
      `${FOLDER}/validation.json`,
    );
    expect(Object.keys(outputs)).toEqual(['last_hidden_state', 'logits']);
    expect(Object.keys(outputs.logits!.modes)).toContain('with-cache');
    for (const { all } of Object.values(outputs)) expect(all.maxAbs).toBeLessThan(1e-4);
    expect(writing).toMatchObject({ texts: 4, differing: 0 });
    expect(writing!.equal).toBe(writing!.tokens);
    expect(evaluation!.samples).toBeGreaterThan(3);
  });

  test('the time to the first token is that of two engines, and each token after it that of the third', () => {
    const { results } = workspace.json<Benchmark & Record<string, unknown>>(`${FOLDER}/benchmark.json`);
    const [{ batch, sequence, milliseconds, decoding }] = results as [Benchmark['results'][number]];
    // The stand-in always tells 1.5 ms and a little for a query.
    expect([batch, sequence, decoding!.tokens]).toEqual([2, 8, 1]);
    expect(milliseconds.median).toBeCloseTo(3.02, 2);
    expect(decoding!.millisecondsPerToken.median).toBeCloseTo(1.51, 2);
    expect(decoding!.tokensPerSecond).toBeCloseTo(2000 / decoding!.millisecondsPerToken.median, 6);
    expect(workspace.read('dist/report.md')).toContain(decoding!.tokensPerSecond.toFixed(0));
  });

  test('the repository has a network for each engine, and is what the server takes', async () => {
    expect(workspace.files('dist/triton')).toEqual(
      expect.arrayContaining([
        't5-h100-fp32-encoder/1/encoder_model.plan',
        't5-h100-fp32-decoder/1/decoder_model.plan',
        't5-h100-fp32-decoder-with-past/1/decoder_with_past_model.plan',
        't5-h100-fp32-decoder-with-past/1/engine.json',
        't5-h100-fp32/1/model.py',
      ]),
    );
    expect(workspace.files('dist/triton/t5-h100-fp32-encoder/1')).toEqual(['encoder_model.plan', 'engine.json']);
    const settings = workspace.json('dist/triton/t5-h100-fp32/1/td.json');
    expect(settings).toMatchObject({ positions: 32, decoder_with_past: { name: 't5-h100-fp32-decoder-with-past' } });
    const { code, stderr } = await workspace.td(['verify'], { env: here });
    expect([code, stderr]).toEqual([0, '']);
  });

  test('engines that give wrong values are not delivered', async () => {
    const wrong = { ...here, STAND_IN_FAULT: 'wrong-values', STAND_IN_TENSORRT: '10.9.0' };
    const { code, failures } = await workspace.build(['--skip', 'benchmark-engine,report'], { env: wrong });
    expect([code, failures[0]?.code]).toEqual([1, 'validation-failed']);
    expect(workspace.files('dist/models').filter(path => path.endsWith('.plan'))).toEqual([]);
  }, 60_000);
});
