import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Benchmark } from '../../src/benchmark/result.js';
import type { StageContext } from '../../src/build/task.js';
import { benchmarkEngineStage } from '../../src/stages/benchmark-engine.js';
import { engineStage } from '../../src/stages/engine.js';
import type { Json } from '../../src/util/json.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { must, never, portableModel, standInSettings, standInToolchain } from '../tensorrt/support.js';

const folders = temporaryFolders();
const settings = standInSettings();
let root: string;
let tools: Awaited<ReturnType<typeof standInToolchain>>;

beforeAll(async () => {
  root = folders();
  process.env.STAND_IN_TEMPORARY = root;
  tools = await standInToolchain(root);
});

function contextFor(name: string, inputs: Readonly<Record<string, string>>, params: Json): StageContext {
  const folder = join(root, name);
  mkdirSync(join(folder, 'scratch'), { recursive: true });
  return {
    params,
    hints: { ...tools, timeoutMinutes: 1, timingCaches: join(root, 'timings') } as unknown as Json,
    in: inputs,
    out: { model: join(folder, 'model'), report: join(folder, 'report.json'), benchmark: join(folder, 'benchmark') },
    scratch: join(folder, 'scratch'),
    signal: never,
    progress() {},
  };
}

/** What is measured of an engine for batches up to 4 and texts up to 32, and with which profiles and shapes. */
async function measured(name: string, task: string, shapes: number[][]) {
  const model = await portableModel(name, task, join(root, name));
  const built = contextFor(
    `${name}-engine`,
    { model },
    {
      precision: 'fp32',
      options: {},
      sizes: { batch: [1, 2, 4], sequence: [4, 16, 32] },
    },
  );
  must(await engineStage.run(built));
  const log = join(root, `${name}.log`);
  settings({ LOG: log });
  const context = contextFor(
    `${name}-benchmark`,
    { model: built.out.model! },
    {
      artefact: { id: `${name}/h100/fp32`, target: 'h100', precision: 'fp32' },
      shapes,
      runs: 5,
      minSeconds: 0,
      seed: 1,
      cudaGraphs: true,
    },
  );
  must(await benchmarkEngineStage.run(context));
  const text = readFileSync(join(context.out.benchmark!, 'h100-fp32.json'), 'utf8');
  const asked = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map(line => {
      const words = line.split(' ').filter(word => /^--(loadEngine|useProfile|shapes)=/.test(word));
      return words.map(word => word.replace(/^--\w+=/, '').replace(/,past_key_values\.1\..*/, ''));
    });
  return { asked, results: (JSON.parse(text) as Benchmark).results };
}

const cache = (name: string, side: string, shape: string): string =>
  ['key', 'value'].map(part => `${name}.${side}${part}:${shape}`).join(',');

test('a decoder is timed for a prompt, and for a token after it with the profile of such steps', async () => {
  const { asked, results } = await measured('gpt2', 'text-generation', [[2, 16]]);
  const past = (length: number) => cache('past_key_values.0', '', `2x4x${length}x12`);
  expect(asked).toEqual([
    ['model.plan', '0', `input_ids:2x16,attention_mask:2x16,position_ids:2x16,${past(0)}`],
    ['model.plan', '1', `input_ids:2x1,attention_mask:2x17,position_ids:2x1,${past(16)}`],
  ]);
  expect(results[0]!.decoding).toMatchObject({ tokens: 1, runs: 5 });
  expect(results[0]!.milliseconds.median).toBeCloseTo(1.51, 2);
});

test('of an encoder and a decoder, the first token takes two engines, and those after it the third', async () => {
  const { asked, results } = await measured('t5', 'text2text-generation', [[2, 16]]);
  expect(asked).toEqual([
    ['encoder_model.plan', 'input_ids:2x16,attention_mask:2x16'],
    ['decoder_model.plan', 'input_ids:2x1,encoder_attention_mask:2x16,encoder_hidden_states:2x16x48'],
    [
      'decoder_with_past_model.plan',
      [
        'input_ids:2x1,encoder_attention_mask:2x16',
        cache('past_key_values.0', 'decoder.', '2x4x8x12'),
        cache('past_key_values.0', 'encoder.', '2x4x16x12'),
      ].join(','),
    ],
  ]);
  const [{ milliseconds, decoding, throughput }] = results as [Benchmark['results'][number]];
  expect(milliseconds.median).toBeCloseTo(3.02, 2);
  expect(throughput.textsPerSecond).toBeCloseTo(2000 / milliseconds.median, 6);
  expect(decoding!.millisecondsPerToken.median).toBeCloseTo(1.51, 2);
});

test('speech is timed at its one length, once for each batch', async () => {
  const { asked, results } = await measured('whisper', 'automatic-speech-recognition', [
    [1, 8],
    [1, 16],
    [2, 8],
  ]);
  expect(results.map(({ batch, sequence }) => [batch, sequence])).toEqual([
    [1, 48],
    [2, 48],
  ]);
  expect(asked.map(([engine, shapes]) => [engine, shapes!.split(',')[0]])).toContainEqual([
    'encoder_model.plan',
    'input_features:2x16x48',
  ]);
  expect(asked[2]![1]).toContain('past_key_values.0.encoder.key:1x4x24x12');
});

test('a classifier has nothing to write', async () => {
  const { asked, results } = await measured('bert_seqcls', 'text-classification', [[1, 8]]);
  expect(asked).toHaveLength(1);
  expect(results[0]!.decoding).toBeUndefined();
});
