import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EngineDescription } from '../../src/tensorrt/description.js';
import { CONFIG, type TinyConfig, type Workspace, workspaces } from '../support/td.js';
import { standIns } from '../tensorrt/support.js';

const make = workspaces();

/** The tiny classifier for an H100 with these options, and an environment with the stand-ins for its programs. */
function engineProject(engineOptions: object, env: Readonly<Record<string, string>> = {}) {
  const workspace = make.tiny();
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets = { h100: { engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp32'], engineOptions } };
    config.models.tiny!.tolerance = { fp32: 1e-4 };
    config.validation = { samples: 2 };
  });
  const bin = standIns(join(workspace.folder, 'bin'));
  return { workspace, env: { PATH: `${bin}:/usr/bin:/bin`, STAND_IN_TEMPORARY: workspace.folder, ...env } };
}

test('an engine without weights is validated and timed with them, and not given to Triton', async () => {
  const { workspace, env } = engineProject({ stripWeights: true }, { STAND_IN_TENSORRT: '10.16.1' });
  const { code, failures } = await workspace.build([], { env });
  expect([failures, code]).toEqual([[], 0]);
  const description = workspace.json<EngineDescription & Record<string, unknown>>(
    'dist/models/tiny/h100-fp32/engine.json',
  );
  expect(description.options).toEqual({ stripWeights: true });
  expect(workspace.files('dist')).toContain('models/tiny/h100-fp32/benchmark.json');
  expect(workspace.files('dist').filter(path => path.startsWith('triton/'))).toEqual([]);
}, 60_000);

test('an option that the release lacks ends the build with the release that has it', async () => {
  const { workspace, env } = engineProject({ stripWeights: true }, { STAND_IN_TENSORRT: '10.13.3' });
  const { code, stderr } = await workspace.td(['build'], { env });
  expect(code).toBe(2);
  expect(stderr).toContain(`error: option-unsupported: this TensorRT has no stripWeights
  where     engineOptions.stripWeights
  expected  TensorRT 10.14 or later for stripWeights: true
  found     TensorRT 10.13.3
  fix       remove stripWeights, or use an image with a release that has it
`);
}, 60_000);

test('what one engine withholds from Triton is told, each time, with the way around it', async () => {
  const { workspace, env } = engineProject({}, { STAND_IN_FAULT: 'gpu-out-of-memory' });
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets.cpu = { engine: 'onnxruntime', device: 'cpu', precisions: ['fp32'] };
  });
  const words =
    'warning: tiny is not in the Triton repository: tiny/h100/fp32/engine failed; without it: td build tiny/cpu/fp32\n';
  for (const _ of ['the first time', 'with nothing left to run']) {
    const { code, stderr } = await workspace.td(['build', '--keep-going'], { env });
    expect([code, stderr.includes(words), stderr.includes('tiny/h100/fp32  not delivered')]).toEqual([3, true, true]);
    expect(workspace.files('dist').filter(path => path.startsWith('triton/'))).toEqual([]);
  }
  expect((await workspace.td(['build', 'tiny/cpu/fp32'], { env })).code).toBe(0);
  expect(workspace.files('dist')).toContain('triton/tiny-cpu-fp32/config.pbtxt');
}, 60_000);

describe('an engine that is never the same bytes twice', () => {
  const bytesOf = (workspace: Workspace): string =>
    createHash('sha256')
      .update(readFileSync(workspace.path('dist/models/tiny/h100-fp32/model.plan')))
      .digest('hex');
  const QUICK = ['--skip', 'benchmark-engine,report,deploy'];

  test('is the first one for all who share a cache, also when they build at once', async () => {
    const shared = make.empty().path('cache');
    const builders = ['a', 'b'].map(noise => engineProject({}, { STAND_IN_NOISE: noise, TD_CACHE_DIRECTORY: shared }));
    const built = await Promise.all(builders.map(({ workspace, env }) => workspace.build(QUICK, { env })));
    expect(built.map(({ code }) => code)).toEqual([0, 0]);
    const [a, b] = builders.map(({ workspace }) => bytesOf(workspace));
    expect(a).toBe(b);
  }, 120_000);

  test('is replaced when it is forced, which is told', async () => {
    const { workspace, env } = engineProject({}, { STAND_IN_NOISE: 'a' });
    expect((await workspace.build(QUICK, { env })).code).toBe(0);
    const first = bytesOf(workspace);
    const again = await workspace.build([...QUICK, '--force'], { env: { ...env, STAND_IN_NOISE: 'b' } });
    expect(again.events.filter(event => event.type === 'nondeterministic')).toMatchObject([
      { task: 'tiny/h100/fp32/engine', outputs: expect.arrayContaining(['model']), kept: 'new' },
    ]);
    expect(bytesOf(workspace)).not.toBe(first);
    expect(again.ran).toContain('tiny/h100/fp32/validate');
  }, 120_000);
});
