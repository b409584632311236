import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explainTask, planBuild } from '../../src/build/plan-build.js';
import { digestOf } from '../../src/util/digest.js';
import { delivery, files, from, id, plan, Rig, task } from './support/rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.file('model/config.json', '{}');
  rig.file('model/model.safetensors', 'weights');
});
afterEach(() => rig.dispose());

interface Variant {
  readonly tolerance?: number;
  readonly code?: string;
  readonly onnxruntime?: string;
  /** The export writes the same whatever it reads. */
  readonly blind?: boolean;
}
const work = ({ tolerance = 0.0001, code = '1', onnxruntime = '1.30.0', blind = true }: Variant = {}) => {
  const model = ['config.json', 'model.safetensors'].map(name => [name, join(rig.workspace, 'model', name)]);
  return plan(
    [
      task('export', {
        inputs: { checkpoint: files(Object.fromEntries(model)) },
        params: { id: 'export', blind },
        code,
      }),
      task('optimize', { inputs: { model: from('export') }, tools: { onnxruntime } }),
      task('validate', {
        inputs: { model: from('optimize') },
        params: { id: 'validate', tolerance: { fp32: tolerance } },
      }),
    ],
    [delivery('optimize', 'model')],
  );
};
const forecast = async (what = work()) =>
  Object.fromEntries((await planBuild(rig.options(what))).tasks.map(each => [each.task, each.forecast.status]));
const explain = async (name: string, what = work()) => {
  const { forecast: expected, reasons } = await explainTask(rig.options(what), id(name));
  return { ...expected, reasons };
};

test('before the first build everything runs, at an unknown price', async () => {
  const all = await planBuild(rig.options(work()));
  expect(all.tasks.map(each => [each.forecast.status, each.reasons[0]])).toEqual([
    ['run', { kind: 'never-built' }],
    ['run', { kind: 'never-built' }],
    ['run', { kind: 'never-built' }],
  ]);
  expect(all).toMatchObject({ milliseconds: 0, bytes: 0, unknownPrice: 3 });
  expect(rig.tree(join(rig.workspace, '.td'))).toEqual({});
});

test('the field that changed is named, with both values', async () => {
  await rig.build(work());
  expect(await forecast()).toEqual({ export: 'reused', optimize: 'reused', validate: 'reused' });
  expect(await explain('validate')).toEqual({ status: 'reused', level: 'state', reasons: [] });
  expect(await explain('validate', work({ tolerance: 0.001 }))).toEqual({
    status: 'run',
    reasons: [{ kind: 'field', field: 'params.tolerance.fp32', before: 0.0001, after: 0.001 }],
  });
  expect(await explain('optimize', work({ onnxruntime: '1.31.0' }))).toEqual({
    status: 'run',
    reasons: [{ kind: 'field', field: 'tools.onnxruntime', before: '1.30.0', after: '1.31.0' }],
  });
  expect(await explain('export', work({ code: '2' }))).toEqual({
    status: 'run',
    reasons: [{ kind: 'field', field: 'code', before: '1', after: '2' }],
  });
  const changed = await planBuild(rig.options(work({ tolerance: 0.001 })));
  expect(changed.tasks.map(each => each.forecast.status)).toEqual(['reused', 'reused', 'run']);
  expect(changed.unknownPrice).toBe(0);
  expect(changed.bytes).toBeGreaterThan(0);
});

test('a changed input file is named; what follows depends on it, or is cut off', async () => {
  await rig.build(work());
  rig.file('model/model.safetensors', 'other weights');
  expect(await explain('export')).toEqual({
    status: 'run',
    reasons: [
      {
        kind: 'file',
        input: 'checkpoint',
        path: 'model.safetensors',
        before: digestOf('weights'),
        after: digestOf('other weights'),
      },
    ],
  });
  expect(await explain('validate')).toEqual({
    status: 'depends',
    on: ['optimize'],
    reasons: [{ kind: 'upstream', input: 'model', task: 'optimize' }],
  });
  expect(await forecast()).toEqual({ export: 'run', optimize: 'depends', validate: 'depends' });
  // Only the export runs in the build; its output is the same, and the next plan says that it is cut off there.
  await rig.build({ ...work(), goals: [id('export')], deliveries: [] });
  expect(rig.notes().at(-1)).toBe('concat export');
  expect(await explain('optimize')).toEqual({
    status: 'reused',
    level: 'action',
    reasons: [{ kind: 'cut-off', input: 'model', task: 'export' }],
  });
});

test('after a change and its revert, every task is compared with the build after the revert', async () => {
  const asked = (variant?: Variant) => ({ ...work(variant), goals: [id('validate')], deliveries: [] });
  await rig.build(asked());
  rig.file('model/model.safetensors', 'other weights');
  await rig.build(asked({ code: '2', onnxruntime: '1.31.0', tolerance: 0.01 }));
  rig.file('model/model.safetensors', 'weights');
  rig.notes();
  await rig.build(asked());
  // What is asked for was known: nothing ran, and nobody asked upstream.
  expect(rig.notes()).toEqual([]);
  expect(rig.types()).toEqual(['plan', 'reused', 'summary']);
  for (const name of ['export', 'optimize', 'validate']) {
    expect(await explain(name)).toEqual({ status: 'reused', level: 'state', reasons: [] });
  }
  expect(await explain('export', work({ code: '3' }))).toEqual({
    status: 'run',
    reasons: [{ kind: 'field', field: 'code', before: '1', after: '3' }],
  });
  rig.file('model/config.json', '{"changed": true}');
  expect((await explain('export')).reasons).toEqual([
    {
      kind: 'file',
      input: 'checkpoint',
      path: 'config.json',
      before: digestOf('{}'),
      after: digestOf('{"changed": true}'),
    },
  ]);
});

test('in a workspace that has taken all from the cache, what is upstream is explained too', async () => {
  const seeing = { blind: false };
  await rig.build(work(seeing));
  rmSync(join(rig.workspace, '.td'), { recursive: true });
  await rig.build(work(seeing));
  expect(await explain('export', work({ ...seeing, code: '2' }))).toEqual({
    status: 'run',
    reasons: [{ kind: 'field', field: 'code', before: '1', after: '2' }],
  });
  // An input from upstream is known file by file, not just by its digest.
  rig.file('model/model.safetensors', 'other weights');
  await rig.build({ ...work(seeing), goals: [id('export')], deliveries: [] });
  expect(await explain('optimize', work(seeing))).toMatchObject({
    status: 'run',
    reasons: [{ kind: 'file', input: 'model', path: '', upstream: 'export' }],
  });
});

test('outputs that are neither in place nor in the cache are told', async () => {
  await rig.build(work());
  rmSync(join(rig.cache, 'v1/cas'), { recursive: true });
  expect(await forecast()).toEqual({ export: 'reused', optimize: 'reused', validate: 'reused' });
  rmSync(rig.outDir, { recursive: true });
  const { tasks } = await planBuild(rig.options(work()));
  expect(tasks.find(each => each.task === 'optimize')).toMatchObject({
    forecast: { status: 'run' },
    reasons: [{ kind: 'outputs-lost', outputs: ['out'] }],
  });
});

test('a missing input file blocks', async () => {
  rmSync(join(rig.workspace, 'model/config.json'));
  expect(await explain('export')).toMatchObject({ status: 'blocked', because: { code: 'input-missing' } });
});
