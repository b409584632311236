import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { openSession } from '../../src/runtime/session.js';
import { inferOnce, placeEngine, timeEngine } from '../../src/tensorrt/run-engine.js';
import type { EngineTensor, EngineTensors } from '../../src/tensorrt/tensors.js';
import { engineRig, must, never, portableModel, standInSettings, standInToolchain } from './support.js';

const settings = standInSettings();
const rig = engineRig();
const { build, failureOf, notes } = rig;

const ids = (rows: number, columns: number): EngineTensor => ({
  dtype: 'int64',
  shape: [rows, columns],
  data: BigInt64Array.from({ length: rows * columns }, (_, index) => BigInt((index * 7) % 50)),
});
const ones = (rows: number, columns: number): EngineTensor => ({
  dtype: 'int64',
  shape: [rows, columns],
  data: new BigInt64Array(rows * columns).fill(1n),
});
const zeros = (rows: number, columns: number): EngineTensor => ({
  dtype: 'int64',
  shape: [rows, columns],
  data: new BigInt64Array(rows * columns),
});
const batch = (rows: number, columns: number): EngineTensors => ({
  input_ids: ids(rows, columns),
  attention_mask: ones(rows, columns),
  token_type_ids: zeros(rows, columns),
});

describe('an engine', () => {
  test('is built, loaded and looked at', async () => {
    const { plan, facts, layers, warnings } = must(await build());
    expect(plan).toMatchObject({ version: { major: 10, minor: 13, patch: 3 } });
    expect(facts).toMatchObject({ onnx: 'model.onnx', inputs: [{ name: 'input_ids', dtype: 'int64' }, {}, {}] });
    expect(facts.profiles[0]!.max.input_ids).toEqual([4, 16]);
    expect(layers.ofProducts).toEqual({ fp32: layers.products });
    expect(layers.products).toBeGreaterThan(8);
    expect(warnings).toEqual([]);
    expect(notes).toEqual([
      'model.onnx: starting',
      'model.onnx: reading the network',
      'model.onnx: timing kernels',
      'model.onnx: writing the engine',
      'model.onnx: loading the engine',
      'model.onnx: starting',
    ]);
  });

  test('gives what ONNX Runtime gives', async () => {
    const { path, facts } = must(await build());
    const folder = join(rig.root(), `run-${rig.count()}`);
    const runner = { ...rig.tools(), facts, plan: path, folder, signal: never, timeoutMinutes: 1 };
    placeEngine(runner);
    const inputs = batch(3, 7);
    const found = must(await inferOnce(runner, inputs)).logits!;
    const session = must(await openSession(rig.bert(), 'model.onnx', { threads: 1 }));
    const wanted = must(await session.run(inputs)).logits!;
    await session.release();
    expect(found.shape).toEqual([3, 2]);
    for (const [index, value] of wanted.data.entries()) {
      expect(Number(found.data[index])).toBeCloseTo(Number(value), 4);
    }
    settings({ FAULT: 'wrong-values' });
    const shifted = must(await inferOnce(runner, inputs)).logits!;
    expect(Number(shifted.data[0]) - Number(wanted.data[0])).toBeCloseTo(1, 4);
    settings({ FAULT: 'nan' });
    expect(must(await inferOnce(runner, inputs)).logits!.data).toEqual(new Float32Array(6).fill(Number.NaN));
    const wide = await inferOnce(runner, batch(1, 17));
    expect(wide.ok ? '' : failureText(wide.error)).toBe(`error: engine-shape: the engine was not built for these shapes
  expected  input_ids:1x4,attention_mask:1x4,token_type_ids:1x4 to input_ids:4x16,attention_mask:4x16,token_type_ids:4x16
  found     input_ids:1x17,attention_mask:1x17,token_type_ids:1x17
  fix       widen the model's shapes.batch or shapes.sequence, or the target's engineOptions.profiles`);
  });

  test.each(['8.6.1', '10.13.3', '11.1.0'])(
    'takes its inputs as release %s has them, and is timed without its warm-up',
    async release => {
      settings({ TENSORRT: release });
      const own = await standInToolchain(join(rig.root(), release));
      const { path, facts } = must(await build(own));
      expect(facts.inputs[0]!.dtype).toBe(release === '8.6.1' ? 'int32' : 'int64');
      const runner = {
        ...own,
        facts,
        plan: path,
        folder: join(rig.root(), `${release}-run`),
        signal: never,
        timeoutMinutes: 1,
      };
      placeEngine(runner);
      const [wanted, found] = [
        must(await inferOnce(runner, batch(1, 6))).logits!.data,
        must(await inferOnce(runner, { ...batch(1, 6), input_ids: zeros(1, 6) })).logits!.data,
      ];
      expect(String(wanted)).not.toBe(String(found));
      const timing = { warmUpMilliseconds: 200, seconds: 1, runs: 30, cudaGraphs: true };
      const times = must(await timeEngine(runner, facts.profiles[0]!.optimum, timing));
      expect(times).toHaveLength(30);
      expect(Math.max(...times)).toBeLessThan(2);
    },
  );

  test('of a decoder has a profile for prompts and one for steps, and begins with an empty cache', async () => {
    const onnxFolder = await portableModel('gpt2', 'text-generation', join(rig.root(), 'gpt2'));
    const { path, facts } = must(await build({ onnxFolder }));
    expect(facts.profiles.map(({ max }) => max.input_ids)).toEqual([
      [4, 16],
      [4, 1],
    ]);
    const runner = {
      ...rig.tools(),
      facts,
      plan: path,
      folder: join(rig.root(), 'gpt2-run'),
      signal: never,
      timeoutMinutes: 1,
    };
    placeEngine(runner);
    const cache = (past: number): EngineTensors =>
      Object.fromEntries(
        facts.inputs
          .filter(({ name }) => name.startsWith('past_key_values'))
          .map(({ name }): [string, EngineTensor] => [
            name,
            { dtype: 'float32', shape: [1, 4, past, 12], data: new Float32Array(48 * past) },
          ]),
      );
    const log = join(rig.root(), 'gpt2.log');
    settings({ LOG: log });
    const prompt = { input_ids: ids(1, 5), attention_mask: ones(1, 5), position_ids: zeros(1, 5), ...cache(0) };
    expect(must(await inferOnce(runner, prompt)).logits!.shape).toEqual([1, 5, 337]);
    const step = { input_ids: ids(1, 1), attention_mask: ones(1, 6), position_ids: zeros(1, 1), ...cache(5) };
    expect(must(await inferOnce(runner, step))['present.0.key']!.shape).toEqual([1, 4, 6, 12]);
    const [first] = readFileSync(log, 'utf8').trim().split('\n');
    expect(first).toContain('--useProfile=0 ');
    expect(first).toContain('past_key_values.0.key:1x4x0x12');
    expect(first).not.toMatch(/--loadInputs=\S*past_key_values/);
  });

  test('uses a timing cache that exists, makes one that does not, and is refused a foreign one', async () => {
    const file = join(rig.root(), 'timing.cache');
    const first = must(await build({ timingCache: { file, pinned: false } }));
    const made = join(first.path, '../timing.cache');
    expect(readFileSync(made, 'utf8')).toMatch(/^10\.13\.3 NVIDIA H100 80GB HBM3, 9\.0\n[0-9a-f]{64}$/);
    must(await build({ timingCache: { file: made, pinned: true } }));
    writeFileSync(file, 'of another release');
    for (const pinned of [true, false]) {
      expect(
        await failureOf({ timingCache: { file, pinned } }),
      ).toBe(`error: timing-cache-stale: the timing cache was made by another TensorRT, for another GPU or another network
  found     [TRT] Failed to create ITimingCache from file timing.cache
  fix       remove engineOptions.timingCache, or make it anew with this release on this GPU`);
    }
  });

  test('of a pinned timing cache takes its kernels from there, whatever the release says', async () => {
    const file = join(rig.root(), 'pinned.cache');
    const pinned = { timingCache: { file, pinned: true } };
    writeFileSync(file, '10.13.3 NVIDIA H100 80GB HBM3, 9.0');
    expect(await failureOf(pinned)).toContain('found     [TRT] timing cache miss for a tactic');
    // 8.6 has no option for it, and times what is missing.
    settings({ TENSORRT: '8.6.1' });
    const old = await standInToolchain(join(rig.root(), 'old'));
    writeFileSync(file, '8.6.1 NVIDIA H100 80GB HBM3, 9.0');
    expect(
      await failureOf({ ...old, ...pinned }),
    ).toBe(`error: timing-cache-miss: the pinned timing cache lacks kernels of this network
  expected  32 bytes, as before the build
  found     97 bytes
  fix       pin a cache that a build of this network has written, or remove engineOptions.timingCache`);
    const made = must(await build({ ...old, timingCache: { file, pinned: false } })).timingCache!;
    must(await build({ ...old, timingCache: { file: made, pinned: true } }));
    settings({ FAULT: 'timing-cache-ignored' });
    expect(
      await failureOf({ ...old, timingCache: { file: made, pinned: true } }),
    ).toBe(`error: timing-cache-stale: TensorRT does not take the pinned timing cache
  found     [W] [TRT] Detected invalid timing cache, setup a local cache instead
  fix       remove engineOptions.timingCache, or make it anew with this release on this GPU`);
    must(await build({ ...old, timingCache: { file: made, pinned: false } }));
  });

  test('without weights is run with those of its ONNX, or gives zeros', async () => {
    settings({ TENSORRT: '10.14.0' });
    const own = await standInToolchain(join(rig.root(), '10.14'));
    const { path, facts } = must(await build({ ...own, options: { stripWeights: true } }));
    const run = async (name: string, weights?: string) => {
      const folder = join(rig.root(), name);
      const runner = { ...own, facts, plan: path, folder, signal: never, timeoutMinutes: 1 };
      const filled = weights ? { ...runner, weights } : runner;
      placeEngine(filled);
      return [...must(await inferOnce(filled, batch(2, 5))).logits!.data].map(Number);
    };
    expect(await run('stripped')).toEqual([0, 0, 0, 0]);
    expect(new Set(await run('filled', rig.bert())).size).toBeGreaterThan(1);
  });

  test('warns of what may overflow', async () => {
    settings({ FAULT: 'layernorm' });
    expect(must(await build()).warnings).toEqual([expect.stringMatching(/^\[TRT\] Detected layernorm nodes in FP16/)]);
  });

  test('that computes in another precision than it is called', async () => {
    expect(
      await failureOf({ precision: 'fp16' }),
    ).toBe(`error: precision-not-built: the engine is called fp16, and its layers are not
  expected  fp16 in 9 of 18 layers at least
  found     fp32 in 18
  fix       the network must say the precision itself: check the types in its ONNX`);
  });
});
