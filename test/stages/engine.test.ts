import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StageContext } from '../../src/build/task.js';
import { openSession, type Session, type Tensors, type TensorValue } from '../../src/runtime/session.js';
import { engineStage } from '../../src/stages/engine.js';
import { openEngine } from '../../src/stages/engine-session.js';
import { readDescription } from '../../src/tensorrt/description.js';
import type { Json } from '../../src/util/json.js';
import { casesForCache, decodeInParts } from '../../src/validation/cached-decoding.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { must, never, portableModel, standInSettings, standInToolchain } from '../tensorrt/support.js';

const folders = temporaryFolders();
const settings = standInSettings();
let root: string;
let bert: string;
let tools: Awaited<ReturnType<typeof standInToolchain>>;

beforeAll(async () => {
  root = folders();
  process.env.STAND_IN_TEMPORARY = root;
  bert = await portableModel('bert_seqcls', 'text-classification', join(root, 'bert'));
  tools = await standInToolchain(root);
});

let count = 0;

/** The stage's context for one run; hints as the plan gives them. */
function contextFor(
  inputs: Readonly<Record<string, string>>,
  params: Json,
  timingCaches = join(root, 'timings'),
): StageContext {
  const folder = join(root, `run-${++count}`);
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch, { recursive: true });
  return {
    params,
    hints: { ...tools, timeoutMinutes: 1, timingCaches } as unknown as Json,
    in: inputs,
    out: { model: join(folder, 'model'), report: join(folder, 'report.json') },
    scratch,
    signal: never,
    progress() {},
  };
}

const params = (batch: number[], sequence: number[]): Json => ({
  precision: 'fp32',
  options: {},
  sizes: { batch, sequence },
});

async function engineOf(model: string, given: Json): Promise<{ session: Session; folder: string }> {
  const context = contextFor({ model }, given);
  must(await engineStage.run(context));
  const folder = context.out.model!;
  return { session: must(openEngine(contextFor({ model: folder }, {}), folder)).whole, folder };
}

const matrix = (rows: number, columns: number, value: (row: number, column: number) => number): TensorValue => ({
  dtype: 'int64',
  shape: [rows, columns],
  data: BigInt64Array.from({ length: rows * columns }, (_, index) =>
    BigInt(value(Math.floor(index / columns), index % columns)),
  ),
});

function texts(rows: number, columns: number): Tensors {
  return {
    input_ids: matrix(rows, columns, (row, column) => (row * 13 + column * 7) % 50),
    attention_mask: matrix(rows, columns, () => 1),
    token_type_ids: matrix(rows, columns, () => 0),
  };
}

function expectClose(found: TensorValue, wanted: TensorValue): void {
  expect(found.shape).toEqual(wanted.shape);
  const differences = Array.from(wanted.data as Float32Array, (value, index) =>
    Math.abs(Number(value) - Number(found.data[index])),
  );
  expect(Math.max(...differences)).toBeLessThan(1e-4);
}

describe('batches and texts that the engine does not take', () => {
  test.each([
    ['more rows', 7, 9],
    ['fewer rows', 1, 9],
    ['shorter texts', 2, 3],
    ['all at once', 5, 1],
  ])('%s', async (_, rows, columns) => {
    const { session } = await engineOf(bert, params([2, 2, 3], [6, 8, 16]));
    const log = join(root, `${rows}x${columns}.log`);
    settings({ LOG: log });
    const found = must(await session.run(texts(rows, columns))).logits!;
    const reference = must(await openSession(bert, 'model.onnx', { threads: 1 }));
    expectClose(found, must(await reference.run(texts(rows, columns))).logits!);
    await reference.release();
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(Math.ceil(rows / 3));
  });

  test('longer texts are refused', async () => {
    const { session } = await engineOf(bert, params([1, 2, 3], [1, 8, 16]));
    const run = await session.run(texts(1, 17));
    expect(run.ok ? '' : run.error.code).toBe('engine-shape');
  });
});

test('a decoder gives in parts, with its cache, what it gives at once', async () => {
  const model = await portableModel('gpt2', 'text-generation', join(root, 'gpt2'));
  const { session } = await engineOf(model, params([1, 2, 3], [1, 8, 24]));
  const inputs = { input_ids: matrix(2, 9, (row, column) => row * 20 + column), attention_mask: matrix(2, 9, () => 1) };
  const [chosen] = casesForCache([{ name: 'case0', mode: 'unpadded', inputs, outputs: {} }]);
  const found = must(await decodeInParts(session, chosen!.inputs)).logits!;
  const reference = must(await openSession(model, 'model.onnx', { threads: 1 }));
  expectClose(found, must(await decodeInParts(reference, chosen!.inputs)).logits!);
  await reference.release();
}, 60_000);

describe('timing caches', () => {
  test('grow, one for each release on each GPU, and the one that was used is told', async () => {
    const folder = join(root, 'grown');
    const build = async () => {
      const context = contextFor({ model: bert }, params([1, 1, 1], [4, 4, 4]), folder);
      must(await engineStage.run(context));
      return JSON.parse(readFileSync(context.out.report!, 'utf8')).engines['model.plan'].timingCache as
        | string
        | undefined;
    };
    expect(await build()).toBeUndefined();
    const [file] = readdirSync(folder);
    expect(file).toMatch(/^[0-9a-f]{64}$/);
    expect(await build()).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(folder)).toEqual([file]);
    settings({ TENSORRT: '10.9.0' });
    tools = await standInToolchain(join(root, '10.9'));
    await build();
    expect(readdirSync(folder)).toHaveLength(2);
    settings({ TENSORRT: '10.13.3' });
    tools = await standInToolchain(join(root, '10.13'));
  });

  test('that are pinned are not written', async () => {
    const timingCache = join(root, 'pinned.cache');
    writeFileSync(timingCache, '10.13.3 NVIDIA H100 80GB HBM3, 9.0');
    const folder = join(root, 'unused');
    must(await engineStage.run(contextFor({ model: bert, timingCache }, params([1, 1, 1], [4, 4, 4]), folder)));
    expect(() => readdirSync(folder)).toThrow();
    expect(readFileSync(timingCache, 'utf8')).toBe('10.13.3 NVIDIA H100 80GB HBM3, 9.0');
  });
});

test('an encoder and a decoder become two engines with profiles of their own', async () => {
  const model = await portableModel('t5', 'text2text-generation', join(root, 't5'));
  const context = contextFor({ model }, params([1, 2, 4], [4, 8, 16]));
  must(await engineStage.run(context));
  const { engines } = readDescription(context.out.model!);
  expect(Object.keys(engines)).toEqual(['decoder_model_merged.plan', 'encoder_model.plan']);
  const { max, optimum } = engines['decoder_model_merged.plan']!.profiles[0]!;
  expect([optimum.input_ids, max['past_key_values.0.decoder.key']]).toEqual([
    [2, 1],
    [4, 4, 16, 12],
  ]);
  const opened = openEngine(contextFor({ model: context.out.model! }, {}), context.out.model!);
  expect(opened.ok ? '' : opened.error.code).toBe('engine-parts');
});
