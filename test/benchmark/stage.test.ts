import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { measurePeakMemory } from '../../src/benchmark/peak-memory.js';
import type { Benchmark } from '../../src/benchmark/result.js';
import { workloadOf } from '../../src/benchmark/workload.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import { benchmarkStage } from '../../src/stages/benchmark.js';
import { exportStage } from '../../src/stages/export.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const example = fileURLToPath(new URL('../../examples/support-intents', import.meta.url));
const checkpoint = join(example, 'model');
const newFolder = temporaryFolders();
let model: string;

beforeAll(async () => {
  const request = { params: { task: 'text-classification' }, inputs: { checkpoint }, outputs: ['model'] };
  model = (await outputsOf(exportStage, newFolder(), request)).model!;
  copyFileSync(join(checkpoint, 'model.safetensors'), join(model, 'model.safetensors'));
});

const params = {
  artefacts: [
    { id: 'intents/cpu/fp32', target: 'cpu', precision: 'fp32' },
    { id: 'intents/cpu/other', target: 'cpu', precision: 'other' },
  ],
  shapes: [
    [1, 16],
    [4, 32],
  ],
  warmup: 2,
  runs: 12,
  minSeconds: 0,
  threads: 1,
  seed: 3,
};

test.each([
  ['data', { data: join(example, 'data/eval.jsonl') }],
  ['vocabulary', {}],
])('a short run with texts from the %s', async (texts, data) => {
  const models = Object.fromEntries(params.artefacts.map(({ id }) => [`model:${id}`, model]));
  const inputs = { ...models, tokenizer: checkpoint, ...data };
  const { benchmark } = await outputsOf(benchmarkStage, newFolder(), { params, inputs, outputs: ['benchmark'] });
  expect(readdirSync(benchmark!).sort()).toEqual(['cpu-fp32.json', 'cpu-other.json']);
  const read = (name: string) => JSON.parse(readFileSync(join(benchmark!, name), 'utf8')) as Benchmark;
  const fp32 = read('cpu-fp32.json');
  const other = read('cpu-other.json');
  expect(fp32).toMatchObject({
    schema: 'transformer-deploy/benchmark/1',
    artefact: 'intents/cpu/fp32',
    settings: { threads: 1, runs: 12, seed: 3, texts, interleaved: ['intents/cpu/fp32', 'intents/cpu/other'] },
  });
  expect(fp32.results.map(({ batch, sequence, runs }) => [batch, sequence, runs])).toEqual([
    [1, 16, 12],
    [4, 32, 12],
  ]);
  for (const { milliseconds, throughput, batch, sequence } of [...fp32.results, ...other.results]) {
    expect(milliseconds.median).toBeGreaterThan(0);
    expect(throughput.textsPerSecond).toBeCloseTo((batch * 1000) / milliseconds.median, 6);
    expect(throughput.tokensPerSecond).toBeCloseTo(throughput.textsPerSecond * sequence, 4);
  }
  // Eight times the tokens take longer.
  expect(fp32.results[1]!.milliseconds.median).toBeGreaterThan(fp32.results[0]!.milliseconds.median);
  expect(fp32.results[0]!.speedup).toBeUndefined();
  expect(other.results[0]!.speedup!.over).toBe('intents/cpu/fp32');
  expect(other.peakMemory).toMatchObject({ batch: 4, sequence: 32 });
});

test('peak memory is that of the model, and a model that cannot be loaded is a failure', async () => {
  const tokenizer = await loadTokenizer(checkpoint);
  if (!tokenizer.ok) throw new Error(tokenizer.error.message);
  const inputs = ['input_ids', 'attention_mask', 'token_type_ids'].map(name => ({ name, dtype: 'int64', shape: [] }));
  const feedsOf = (batch: number) =>
    workloadOf(tokenizer.value, [{ text: 'a b c' }], inputs, { batch, sequence: 128 }, { seed: 1 }).feeds;
  const signal = new AbortController().signal;
  const small = await measurePeakMemory({ folder: model, threads: 1, feeds: feedsOf(1) }, signal);
  const large = await measurePeakMemory({ folder: model, threads: 1, feeds: feedsOf(32) }, signal);
  if (!small.ok || !large.ok) throw new Error('failed');
  expect(small.value.peakBytes).toBeGreaterThan(small.value.baselineBytes + 5e6);
  // 32 rows of 128 tokens need 4 times 128 * 512 * 32 * 4 bytes for one layer's widest activations alone.
  expect(large.value.peakBytes).toBeGreaterThan(small.value.peakBytes + 8e6);
  const missing = await measurePeakMemory({ folder: newFolder(), threads: 1, feeds: feedsOf(1) }, signal);
  expect(missing.ok ? undefined : missing.error.code).toBe('model-unreadable');
});

test('cancelled while it measures', async () => {
  const controller = new AbortController();
  const pending = measurePeakMemory({ folder: model, threads: 1, feeds: {} }, controller.signal);
  controller.abort();
  expect(await pending).toEqual({
    ok: false,
    error: { code: 'interrupted', kind: 'interrupted', message: 'interrupted' },
  });
});
