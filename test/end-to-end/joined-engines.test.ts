import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CONFIG, type TinyConfig, type Workspace, workspaces } from '../support/td.js';
import { standIns } from '../tensorrt/support.js';

const make = workspaces();
const MODEL = 'dist/triton/tiny-gpus-fp32-model';

/** Engines of the tiny classifier for two GPUs, each on a machine of its own. */
let workspace: Workspace;
const path = '/usr/bin:/bin';
beforeAll(() => {
  workspace = make.tiny();
  const bin = standIns(join(workspace.folder, 'bin'));
  const on = (gpu: string, name: string) => ({
    engine: 'tensorrt',
    gpu,
    precisions: ['fp32'],
    command: [
      'env',
      `PATH=${bin}:${path}`,
      `STAND_IN_TEMPORARY=${workspace.folder}`,
      `STAND_IN_GPU=${name}`,
      '{program}',
    ],
  });
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets = {
      a100: on('sm_80', 'NVIDIA A100-SXM4-80GB, 8.0'),
      h100: on('sm_90', 'NVIDIA H100 80GB HBM3, 9.0'),
    };
    config.triton = { joinTargets: { gpus: ['a100', 'h100'] } };
    config.models.tiny!.tolerance = { fp32: 1e-4 };
    config.validation = { samples: 3 };
  });
});

test('the repository has one model with both engines, which the linter accepts where it lies', async () => {
  const { code, failures } = await workspace.build(['--skip', 'benchmark-engine']);
  expect([code, failures]).toEqual([0, []]);
  expect(workspace.files(MODEL).filter(file => !file.startsWith('warmup/'))).toEqual([
    '1/engine.json',
    '1/model_sm80.plan',
    '1/model_sm90.plan',
    'config.pbtxt',
    'labels.txt',
  ]);
  const { engines } = workspace.json<{ engines: Record<string, { gpu: { architecture: string } }> }>(
    `${MODEL}/1/engine.json`,
  );
  for (const [target, sm] of [
    ['a100', '80'],
    ['h100', '90'],
  ]) {
    expect(engines[`model_sm${sm}.plan`]!.gpu.architecture).toBe(`sm_${sm}`);
    const own = readFileSync(workspace.path(`dist/models/tiny/${target}-fp32/model.plan`));
    expect(readFileSync(workspace.path(`${MODEL}/1/model_sm${sm}.plan`)).equals(own)).toBe(true);
  }
  const { code: verified } = await workspace.td(['verify', 'dist/triton']);
  expect(verified).toBe(0);
}, 120_000);

test('where one GPU is missing, the model has the other engine alone', async () => {
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets.h100!.command = ['env', `PATH=${path}`, '{program}'];
    config.cache = { directory: workspace.path('another-cache') };
  });
  await workspace.td(['clean']);
  const { code } = await workspace.td(['build', '--skip', 'benchmark-engine', '--allow-missing-hardware']);
  expect(code).toBe(0);
  expect(workspace.files(`${MODEL}/1`)).toEqual(['engine.json', 'model_sm80.plan']);
  expect(readFileSync(workspace.path(`${MODEL}/config.pbtxt`), 'utf8')).not.toContain('sm90');
}, 120_000);
