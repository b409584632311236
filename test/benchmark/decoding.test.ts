import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodedTokens, decodingRun } from '../../src/benchmark/decoding.js';
import type { Benchmark } from '../../src/benchmark/result.js';
import { type EncoderDecoderSessions, openModel } from '../../src/runtime/open-model.js';
import { openSession, type Session, type Tensors } from '../../src/runtime/session.js';
import { benchmarkStage } from '../../src/stages/benchmark.js';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { build } from '../quantization/support.js';
import { int64 } from '../support/decoding.js';
import { readReference } from '../support/reference.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const newFolder = temporaryFolders();
const { folder: checkpoint, task } = readReference('gpt2');

async function optimized(): Promise<string> {
  const { model } = await outputsOf(exportStage, newFolder(), {
    params: { task },
    inputs: { checkpoint },
    outputs: ['model'],
  });
  const made = await outputsOf(optimizeStage, newFolder(), {
    params: { dialect: 'onnxruntime-cpu' },
    inputs: { model: model!, checkpoint },
    outputs: ['model', 'report'],
  });
  return made.model!;
}

test('a decoder: reading prompts and writing after them are measured apart', async () => {
  const model = await optimized();
  const { benchmark } = await outputsOf(benchmarkStage, newFolder(), {
    params: {
      task,
      artefacts: [
        { id: 'm/cpu/fp32', target: 'cpu', precision: 'fp32' },
        { id: 'm/cpu/int8-dynamic', target: 'cpu', precision: 'int8-dynamic' },
      ],
      shapes: [
        [1, 8],
        [3, 40],
        [2, 48],
      ],
      warmup: 1,
      runs: 4,
      minSeconds: 0,
      threads: 1,
      seed: 1,
      positions: 48,
    },
    inputs: { 'model:m/cpu/fp32': model, 'model:m/cpu/int8-dynamic': model, tokenizer: checkpoint },
    outputs: ['benchmark'],
  });
  const read = (file: string) => JSON.parse(readFileSync(join(benchmark!, file), 'utf8')) as Benchmark;
  const { results } = read('cpu-fp32.json');
  // 40 of 48 positions leave room for 8 tokens, 48 for none.
  expect(results.map(({ decoding }) => decoding?.tokens)).toEqual([16, 8, undefined]);
  const { decoding, milliseconds } = results[1]!;
  expect(decoding!.runs).toBe(4);
  expect(decoding!.tokensPerSecond).toBeCloseTo(3000 / decoding!.millisecondsPerToken.median, 6);
  // One token of three rows is less than forty.
  expect(decoding!.millisecondsPerToken.median).toBeLessThan(milliseconds.median);
  expect(decoding!.speedup).toBeUndefined();
  expect(read('cpu-int8-dynamic.json').results[0]!.decoding!.speedup!.over).toBe('m/cpu/fp32');
});

test('every run continues the same prompts, token by token', async () => {
  const opened = await openSession(await optimized(), 'model.onnx', { threads: 1 });
  if (!opened.ok) throw new Error(opened.error.message);
  const past: number[] = [];
  const session: Session = {
    ...opened.value,
    run(feeds) {
      past.push(feeds['past_key_values.0.key']!.shape[2]!);
      return opened.value.run(feeds);
    },
  };
  let time = 0;
  const workload = { prompts: [[1, 2, 3], [4]], feeds: {} };
  const run = await decodingRun({ whole: session }, workload, 2, () => (time += 6));
  if (!run.ok) throw new Error(run.error.message);
  expect(await run.value()).toEqual({ ok: true, value: 3 });
  expect(await run.value()).toEqual({ ok: true, value: 3 });
  expect(past).toEqual([0, 3, 4, 3, 4]);
  await session.release();
});

test.each(['t5', 'whisper'])('%s: the time to the first token, and what follows from the cache', async name => {
  const { folder, task } = readReference(name);
  const { optimized, int8 } = await build(folder, task, newFolder());
  const { benchmark } = await outputsOf(benchmarkStage, newFolder(), {
    params: {
      task,
      artefacts: [
        { id: 'm/cpu/fp32', target: 'cpu', precision: 'fp32' },
        { id: 'm/cpu/int8-dynamic', target: 'cpu', precision: 'int8-dynamic' },
      ],
      shapes: [
        [1, 8],
        [3, 40],
        [3, 16],
      ],
      warmup: 1,
      runs: 4,
      minSeconds: 0,
      threads: 1,
      seed: 1,
    },
    inputs: {
      'model:m/cpu/fp32': optimized,
      'model:m/cpu/int8-dynamic': int8,
      tokenizer: folder,
      config: join(folder, 'config.json'),
      generationConfig: join(folder, 'generation_config.json'),
    },
    outputs: ['benchmark'],
  });
  const { results, peakMemory } = JSON.parse(
    readFileSync(join(benchmark!, 'cpu-int8-dynamic.json'), 'utf8'),
  ) as Benchmark;
  // Speech is 48 frames long whatever the shapes say, so that one batch is measured once.
  const shapes =
    name === 'whisper'
      ? [
          [1, 48],
          [3, 48],
        ]
      : [
          [1, 8],
          [3, 40],
          [3, 16],
        ];
  expect(results.map(({ batch, sequence }) => [batch, sequence])).toEqual(shapes);
  for (const { decoding, speedup } of results) {
    expect(decoding!.tokens).toBe(16);
    expect(decoding!.tokensPerSecond).toBeGreaterThan(0);
    expect(speedup!.over).toBe('m/cpu/fp32');
  }
  expect(peakMemory).toMatchObject({ batch: 3, sequence: shapes[1]![1] });
});

test('every run writes on after the first token, from the cache', async () => {
  const { folder, task } = readReference('t5');
  const { optimized } = await build(folder, task, newFolder());
  const opened = await openModel(optimized, { threads: 1 });
  if (!opened.ok) throw new Error(opened.error.message);
  const { encoder, decoder } = opened.value.parts!;
  const past: number[] = [];
  let encoded = 0;
  const parts = {
    encoder: { ...encoder, run: (feeds: Tensors) => ++encoded && encoder.run(feeds) },
    decoder: {
      ...decoder,
      run(feeds: Tensors) {
        past.push(feeds['past_key_values.0.decoder.key']!.shape[2]!);
        return decoder.run(feeds);
      },
    },
  } as EncoderDecoderSessions;
  let time = 0;
  const workload = {
    prompts: [[0], [0]],
    feeds: {
      input_ids: int64([
        [5, 6],
        [7, 1],
      ]),
      attention_mask: int64([
        [1, 1],
        [1, 1],
      ]),
    },
  };
  const run = await decodingRun({ whole: opened.value.whole, parts }, workload, 2, () => (time += 6));
  if (!run.ok) throw new Error(run.error.message);
  expect(await run.value()).toEqual({ ok: true, value: 3 });
  expect(await run.value()).toEqual({ ok: true, value: 3 });
  expect(past).toEqual([0, 1, 2, 1, 2]);
  expect(encoded).toBe(1);
  await opened.value.whole.release();
});

test.each([
  [10, undefined, 16],
  [10, 48, 16],
  [40, 48, 8],
  [48, 48, 0],
  [50, 48, 0],
])('prompts of %i tokens, %s positions: %i tokens are decoded', (length, positions, tokens) => {
  expect(decodedTokens(length, positions)).toBe(tokens);
});
