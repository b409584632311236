import { beforeAll, describe, expect, test } from 'vitest';
import type { Choice } from '../../src/choice/choice.js';
import { BASES, mixText } from '../../src/choice/mix.js';
import { TOLERANCES } from '../../src/validation/tolerances.js';
import type { Validation } from '../../src/validation/verdict.js';
import { readReference } from '../support/reference.js';
import { CONFIG, copyCheckpoint, type Workspace, workspaces } from '../support/td.js';

const make = workspaces();

/** Two decoders and an encoder-decoder, the first with its perplexity as a gate; and of how many files each is. */
const MODELS = { gpt2: ['model.onnx'], llama: ['model.onnx'], t5: ['encoder_model.onnx', 'decoder_model_merged.onnx'] };
const names = Object.keys(MODELS) as (keyof typeof MODELS)[];
const integer = ['int8', 'int8-dynamic'] as const;

let workspace: Workspace;
let told: string;

beforeAll(async () => {
  workspace = make.empty();
  for (const name of names) copyCheckpoint(readReference(name).folder, workspace.path(name));
  const lines = Array.from({ length: 12 }, (_, index) => ({
    text: `The movie number ${index} was great, the acting was excellent!`,
    target: `I would not see it ${index} times.`,
  }));
  workspace.write('texts.jsonl', lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  const data = './texts.jsonl';
  const common = { shapes: { batch: [1, 2, 4], sequence: [4, 8, 48] }, calibration: { data } };
  workspace.write(CONFIG, {
    models: {
      gpt2: { ...common, source: './gpt2', evaluation: { data, maxDrop: 0.02 } },
      // Random weights: the likeliest token is hardly likelier than the next, and 8 bits change every ninth. `relative` is held below.
      llama: { ...common, source: './llama', tolerance: { int8: 2 } },
      t5: { ...common, source: './t5' },
    },
    targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32', ...integer, 'auto'] } },
    benchmark: { shapes: [[2, 8]], warmup: 1, runs: 3, minSeconds: 0 },
  });
  const { code, stderr } = await workspace.td(['build', '--reporter', 'plain']);
  expect(code, stderr).toBe(0);
  told = stderr;
}, 240_000);

const validation = (name: string, precision: string): Validation =>
  workspace.json(`dist/models/${name}/cpu-${precision}/validation.json`);

describe.each(names)('%s', name => {
  test.each(integer)(
    '%s: nearly every product of every file is on integers, and the model says the same',
    precision => {
      const { integerMatMuls, outputs, evaluation } = validation(name, precision);
      const files =
        MODELS[name].length > 1 ? Object.entries(integerMatMuls!.files!) : [['model.onnx', integerMatMuls!]];
      expect(files.map(([file]) => file)).toEqual(MODELS[name]);
      expect(integerMatMuls!.integer / integerMatMuls!.total).toBeGreaterThanOrEqual(0.95);
      for (const { all, modes } of Object.values(outputs)) {
        for (const { relative } of [all, ...Object.values(modes)]) {
          expect(relative).toBeGreaterThan(0);
          expect(relative).toBeLessThan(TOLERANCES[precision]!.relative!);
        }
      }
      expect(Object.keys(outputs.logits!.modes)).toContain('with-cache');
      expect(evaluation?.metric).toBe(name === 'gpt2' ? 'perplexity' : undefined);
    },
  );

  test.each(['fp32', ...integer, 'auto'])('%s goes on with a text', async precision => {
    const args = ['infer', `${name}/cpu/${precision}`, 'a bad story', '--max-new-tokens', '6', '--json'];
    const { code, stdout, stderr } = await workspace.td(args);
    expect([code, stderr]).toEqual([0, '']);
    const { generated } = JSON.parse(stdout) as { generated: { tokens: number[] } };
    expect(generated.tokens.length).toBeGreaterThan(0);
    expect(generated.tokens.length).toBeLessThanOrEqual(6);
  });

  test('auto: tokens after the prompt are measured like prompts, and what was chosen passes every gate', () => {
    const choice = workspace.json<Choice & Record<string, unknown>>(`dist/models/${name}/cpu-auto/choice.json`);
    expect(choice.points).toEqual(['2 x 8', '2 x 8, per token']);
    const tried = [...choice.candidates.map(({ mix }) => mixText(mix)), ...choice.untried.map(each => each.precision)];
    expect(tried).toEqual(expect.arrayContaining([...BASES, 'int8-dynamic, packed-attention', 'int8, smoothed']));
    expect(validation(name, 'auto').precision).toBe(choice.mix.precision);
    expect(told).toContain(`td.lock: ${name}/cpu/auto is ${mixText(choice.mix)}\n`);
    const chosen = choice.candidates.find(({ verdict }) => verdict === 'chosen')!;
    expect(chosen.mix).toEqual(choice.mix);
  });
});

test('from the lock, no candidate is made or measured again', async () => {
  expect((await workspace.td(['lock'])).code).toBe(0);
  const { code, ran } = await workspace.build(['--frozen']);
  expect(code).toBe(0);
  expect(ran.filter(task => !task.endsWith('/choose'))).toEqual([]);
}, 60_000);
