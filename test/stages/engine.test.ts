import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StageContext } from '../../src/build/task.js';
import { openModel } from '../../src/runtime/open-model.js';
import { openSession, type Session, type Tensors, type TensorValue } from '../../src/runtime/session.js';
import { engineStage } from '../../src/stages/engine.js';
import { openEngine } from '../../src/stages/engine-session.js';
import { readDescription } from '../../src/tensorrt/description.js';
import type { Profile } from '../../src/tensorrt/profiles.js';
import type { Json } from '../../src/util/json.js';
import { casesForCache, decodeInParts, writeInParts } from '../../src/validation/cached-decoding.js';
import { readReference } from '../support/reference.js';
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

const readdirSyncIfThere = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

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

  test('are whole at any time, also when several builds end at once', async () => {
    const folder = join(root, 'at-once');
    const build = () => engineStage.run(contextFor({ model: bert }, params([1, 1, 1], [4, 4, 4]), folder));
    const seen = new Set<string>();
    const watch = setInterval(() => {
      for (const name of readdirSyncIfThere(folder))
        if (/^[0-9a-f]{64}$/.test(name)) seen.add(readFileSync(join(folder, name), 'utf8'));
    }, 1);
    for (const built of await Promise.all([build(), build(), build()])) must(built);
    clearInterval(watch);
    const [file, ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect([...seen, readFileSync(join(folder, file!), 'utf8')]).toEqual(
      Array.from({ length: seen.size + 1 }, () => expect.stringMatching(/^10\.13\.3 NVIDIA .*\n[0-9a-f]{64}$/)),
    );
  });

  test('that were torn are made anew', async () => {
    const folder = join(root, 'torn');
    const build = () => engineStage.run(contextFor({ model: bert }, params([1, 1, 1], [4, 4, 4]), folder));
    must(await build());
    const file = join(folder, readdirSync(folder)[0]!);
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.slice(10));
    must(await build());
    expect(readFileSync(file, 'utf8')).toBe(whole);
  });

  test('that are pinned are not written, and not made anew', async () => {
    const made = join(root, 'for-pinning');
    must(await engineStage.run(contextFor({ model: bert }, params([1, 1, 1], [4, 4, 4]), made)));
    const timingCache = join(made, readdirSync(made)[0]!);
    const before = readFileSync(timingCache, 'utf8');
    const folder = join(root, 'unused');
    const build = () => engineStage.run(contextFor({ model: bert, timingCache }, params([1, 1, 1], [4, 4, 4]), folder));
    must(await build());
    expect(() => readdirSync(folder)).toThrow();
    expect(readFileSync(timingCache, 'utf8')).toBe(before);
    writeFileSync(timingCache, 'of another release');
    const refused = await build();
    expect(refused.ok ? '' : refused.error.code).toBe('timing-cache-stale');
    expect(readFileSync(timingCache, 'utf8')).toBe('of another release');
  });
});

describe('an encoder and a decoder', () => {
  const SIZES = params([1, 2, 2], [1, 8, 24]);
  /** A batch of texts of two lengths, and what the decoder reads of each. */
  const written = (rows: number): Tensors => ({
    input_ids: matrix(rows, 9, (row, column) => (row * 13 + column * 7) % 50),
    attention_mask: matrix(rows, 9, (row, column) => (row % 2 === 1 && column > 5 ? 0 : 1)),
    decoder_input_ids: matrix(rows, 9, (row, column) => (column === 0 ? 0 : (row * 11 + column * 5) % 50)),
  });

  test.each([
    ['t5', { encoder: [1, 24], past: [1, 24] }],
    ['bart', { encoder: [1, 24], past: [1, 24] }],
    ['marian', { encoder: [1, 24], past: [1, 24] }],
  ])(
    'of %s become three engines, which are run in turn',
    async (name, expected) => {
      const checkpoint = readReference(name);
      const model = await portableModel(name, checkpoint.task, join(root, name));
      const context = contextFor({ model }, SIZES);
      must(await engineStage.run(context));
      const folder = context.out.model!;
      const { engines } = readDescription(folder);
      expect(Object.keys(engines)).toEqual([
        'decoder_model.plan',
        'decoder_with_past_model.plan',
        'encoder_model.plan',
      ]);
      const range = (engine: string, input: string, axis: number) => {
        const [{ min, max }] = engines[engine]!.profiles as [Profile];
        return [min[input]![axis], max[input]![axis]];
      };
      const later = 'decoder_with_past_model.plan';
      expect(range('encoder_model.plan', 'input_ids', 1)).toEqual(expected.encoder);
      expect(range('decoder_model.plan', 'encoder_hidden_states', 1)).toEqual(expected.encoder);
      expect(range(later, 'past_key_values.0.decoder.key', 2)).toEqual(expected.past);
      expect(range(later, 'past_key_values.0.encoder.key', 2)).toEqual(expected.encoder);
      // What stays the same between calls is no output.
      expect(engines[later]!.outputs.map(({ name }) => name).filter(name => name.includes('encoder'))).toEqual([]);

      const exported = join(root, name, 'export', 'model');
      const reference = must(await openModel(exported, { threads: 1, dataFolder: checkpoint.folder }));
      const opened = must(openEngine(contextFor({ model: folder }, {}), folder));
      // Three rows are more than the engines take at once.
      for (const feeds of [written(1), written(3)]) {
        const [found, wanted] = [must(await opened.whole.run(feeds)), must(await reference.whole.run(feeds))];
        expectClose(found.last_hidden_state!, wanted.last_hidden_state!);
        expectClose(found.logits!, wanted.logits!);
        const inParts = must(await writeInParts(opened.parts!, feeds)).logits!;
        expectClose(inParts, wanted.logits!);
      }
      await reference.whole.release();
    },
    60_000,
  );

  test('of speech: what the encoder gives has one length', async () => {
    const { task, folder: dataFolder } = readReference('whisper');
    const model = await portableModel('whisper', task, join(root, 'whisper'));
    const context = contextFor({ model }, SIZES);
    must(await engineStage.run(context));
    const folder = context.out.model!;
    const [{ min, max }] = readDescription(folder).engines['decoder_with_past_model.plan']!.profiles as [Profile];
    expect([min, max].map(shapes => shapes['past_key_values.0.encoder.key'])).toEqual([
      [1, 4, 24, 12],
      [2, 4, 24, 12],
    ]);
    const reference = must(await openModel(join(root, 'whisper/export/model'), { threads: 1, dataFolder }));
    const opened = must(openEngine(contextFor({ model: folder }, {}), folder));
    const data = Float32Array.from({ length: 2 * 16 * 48 }, (_, index) => Math.sin(index));
    const feeds: Tensors = {
      input_features: { dtype: 'float32', shape: [2, 16, 48], data },
      decoder_input_ids: written(2).decoder_input_ids!,
    };
    const wanted = must(await reference.whole.run(feeds)).logits!;
    expectClose(must(await opened.whole.run(feeds)).logits!, wanted);
    expectClose(must(await writeInParts(opened.parts!, feeds)).logits!, wanted);
    await reference.whole.release();
  }, 60_000);

  test('engines that are neither one nor these three are not run', () => {
    const folder = join(root, 'others');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'engine.json'),
      JSON.stringify({ engines: { 'encoder_model.plan': {}, 'decoder_model_merged.plan': {} } }),
    );
    const opened = openEngine(contextFor({ model: folder }, {}), folder);
    expect(opened.ok ? undefined : opened.error).toMatchObject({
      code: 'engine-parts',
      message: 'the engines of this model cannot be run in turn',
      expected: 'model.plan, or encoder_model.plan, decoder_model.plan, decoder_with_past_model.plan',
      found: 'encoder_model.plan, decoder_model_merged.plan',
    });
  });
});
