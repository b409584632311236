import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Benchmark } from '../../src/benchmark/result.js';
import type { EngineDescription } from '../../src/tensorrt/description.js';
import type { Validation } from '../../src/validation/verdict.js';
import { CONFIG, type TinyConfig, type Workspace, workspaces } from '../support/td.js';
import { standIns } from '../tensorrt/support.js';

const make = workspaces();

/** The tiny classifier for the CPU and for an H100, and PATH with and without the stand-ins for its programs. */
function project(): { workspace: Workspace; here: Record<string, string>; elsewhere: Record<string, string> } {
  const workspace = make.tiny();
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets.cpu!.precisions = ['fp32'];
    config.targets.h100 = {
      engine: 'tensorrt',
      gpu: 'sm_90',
      precisions: ['fp32'],
      engineOptions: { workspaceMiB: 512 },
    };
    config.models.tiny!.tolerance = { fp32: 1e-4 };
    config.validation = { samples: 3 };
  });
  const bin = standIns(join(workspace.folder, 'bin'));
  const path = '/usr/bin:/bin';
  return {
    workspace,
    here: { PATH: `${bin}:${path}`, STAND_IN_TEMPORARY: workspace.folder },
    elsewhere: { PATH: path },
  };
}

const NOT_HERE = `error: not-built-here: not built here: needs sm_90
  where     tiny/h100/fp32
  expected  trtexec and a GPU of sm_90
  found     trtexec is not installed here: none there
  fix       install TensorRT, or set the target's image, or its command for another machine; or let it be missing: --allow-missing-hardware
`;

describe('on a machine without a GPU', () => {
  const { workspace, here, elsewhere } = project();

  test('everything else is built, and the engine is reported', async () => {
    const { code, stderr } = await workspace.td(['build'], { env: elsewhere });
    expect(code).toBe(3);
    expect(stderr).toContain(NOT_HERE);
    expect(workspace.files('dist/models/tiny')).toContain('cpu-fp32/onnx/model.onnx');
    expect(workspace.files().filter(path => path.includes('h100'))).toEqual([]);
    const events = await workspace.build([], { env: elsewhere });
    expect(events.ran).toEqual([]);
    expect(events.failures).toMatchObject([{ code: 'not-built-here', kind: 'environment', where: 'tiny/h100/fp32' }]);
  });

  test('it may be left out', async () => {
    const { code, stderr } = await workspace.td(['build', '--allow-missing-hardware'], { env: elsewhere });
    expect([code, stderr.includes('tiny/h100/fp32: not built here: needs sm_90\n')]).toEqual([0, true]);
    expect(stderr).not.toContain('error');
  });

  test('an engine alone is no reason to build anything else', async () => {
    const { code } = await workspace.td(['build', 'tiny/h100'], { env: elsewhere });
    expect(code).toBe(3);
    expect(workspace.files('dist/models/tiny')).toContain('cpu-fp32/onnx/model.onnx');
  });

  test('one that was built elsewhere with the same cache is used', async () => {
    const built = await workspace.build([], { env: here });
    expect([built.code, ...built.ran]).toEqual([
      0,
      'deploy',
      'report',
      'tiny/h100/fp32/benchmark',
      'tiny/h100/fp32/engine',
      'tiny/h100/fp32/validate',
      'tiny/triton',
    ]);
    const plan = readFileSync(workspace.path('dist/models/tiny/h100-fp32/model.plan'));
    await workspace.td(['clean'], { env: elsewhere });
    const reused = await workspace.build(['--force'], { env: elsewhere });
    expect(reused.code).toBe(0);
    expect(reused.ran.filter(task => task.includes('h100'))).toEqual([]);
    expect(readFileSync(workspace.path('dist/models/tiny/h100-fp32/model.plan')).equals(plan)).toBe(true);
  });

  test('a config that asks for another engine has none', async () => {
    workspace.edit(CONFIG, (config: TinyConfig) => {
      config.targets.h100!.engineOptions = { workspaceMiB: 256 };
    });
    const { code, failures } = await workspace.build([], { env: elsewhere });
    expect([code, failures[0]?.code]).toEqual([3, 'not-built-here']);
  });
});

describe('on a machine with one', () => {
  let built: { workspace: Workspace; here: Record<string, string> };
  beforeAll(async () => {
    built = project();
    const { code, failures } = await built.workspace.build([], { env: built.here });
    if (code !== 0) throw new Error(JSON.stringify(failures));
  }, 60_000);

  test('the engine is delivered with what a server must know of it, its verdict and its latency', () => {
    const { workspace } = built;
    const folder = 'dist/models/tiny/h100-fp32';
    const description = workspace.json<EngineDescription & Record<string, unknown>>(`${folder}/engine.json`);
    expect(description).toMatchObject({
      tensorrt: '10.13.3 build 9',
      cuda: '12.4',
      gpu: { name: 'NVIDIA H100 80GB HBM3', architecture: 'sm_90' },
      precision: 'fp32',
      options: { workspaceMiB: 512 },
    });
    expect(description.engines['model.plan']!.profiles[0]!.max.input_ids).toEqual([4, 32]);
    const validation = workspace.json<Validation & Record<string, unknown>>(`${folder}/validation.json`);
    expect(validation.outputs.logits!.all.maxAbs).toBeLessThan(1e-5);
    expect(Object.keys(validation.outputs.logits!.modes)).toEqual(
      expect.arrayContaining(['unpadded', 'padded-right', 'padded-left', 'single-token']),
    );
    expect(validation.evaluation!.samples).toBe(6);
    const benchmark = workspace.json<Benchmark & Record<string, unknown>>(`${folder}/benchmark.json`);
    expect(benchmark.results[0]).toMatchObject({ batch: 1, sequence: 8, runs: 5 });
    expect(benchmark.results[0]!.milliseconds.median).toBeCloseTo(1.51, 2);
    const manifest = workspace.json<{ files: { path: string; tools: Record<string, string> }[] }>('dist/manifest.json');
    const { tools } = manifest.files.find(({ path }) => path.endsWith('model.plan'))!;
    expect(tools).toEqual({ tensorrt: '10.13.3 build 9', gpu: 'sm_90 NVIDIA H100 80GB HBM3', cuda: '12.4' });
    expect(workspace.read('dist/report.md')).toContain('NVIDIA H100 80GB HBM3, TensorRT 10.13.3 build 9, CUDA 12.4');
  });

  test('nothing runs again until TensorRT or the GPU is another one', async () => {
    const { workspace, here } = built;
    expect((await workspace.build([], { env: here })).ran).toEqual([]);
    for (const change of [{ STAND_IN_TENSORRT: '10.13.2' }, { STAND_IN_GPU: 'NVIDIA H200, 9.0' }]) {
      const again = await workspace.build(['tiny/h100'], { env: { ...here, ...change } });
      expect([again.code, again.ran.includes('tiny/h100/fp32/engine')]).toEqual([0, true]);
    }
  }, 60_000);

  test('an engine that gives wrong values is not delivered', async () => {
    const { workspace, here } = built;
    const wrong = { ...here, STAND_IN_FAULT: 'wrong-values', STAND_IN_TENSORRT: '10.9.0' };
    const { code, failures } = await workspace.build(['tiny/h100'], { env: wrong });
    expect([code, failures[0]?.code]).toEqual([1, 'validation-failed']);
    expect(workspace.files('dist/models/tiny').filter(path => path.endsWith('.plan'))).toEqual([]);
  }, 60_000);
});

describe('in lower precisions', () => {
  const { workspace, here } = project();
  workspace.write(
    'calibration.jsonl',
    '{"text":"the movie was great"}\n{"text":"a bad story"}\n{"text":"great music"}\n',
  );
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets = { h100: { ...config.targets.h100!, precisions: ['fp16', 'fp8', 'int8'] } };
    Object.assign(config.models.tiny!, {
      calibration: { data: './calibration.jsonl' },
      tolerance: { fp16: 0.05, fp8: 0.5, int8: 0.5 },
    });
  });

  test.each([
    ['8.6.1', ['fp16', 'int8']],
    ['11.0.0', ['fp16', 'fp8', 'int8']],
  ])(
    'the engines of TensorRT %s are what they are called',
    async (release, precisions) => {
      const env = { ...here, STAND_IN_TENSORRT: release };
      const selected = precisions.map(precision => `tiny/h100/${precision}`);
      const built = await workspace.build([...selected, '--skip', 'benchmark-engine,report'], { env });
      expect([built.failures, built.code]).toEqual([[], 0]);
      for (const precision of precisions) {
        const { outputs } = workspace.json<Validation & Record<string, unknown>>(
          `dist/models/tiny/h100-${precision}/validation.json`,
        );
        expect(outputs.logits!.all.maxAbs).toBeGreaterThan(1e-4);
      }
    },
    60_000,
  );

  test('what TensorRT is too old for is refused before any work', async () => {
    const { code, stderr } = await workspace.td(['build'], { env: { ...here, STAND_IN_TENSORRT: '8.6.1' } });
    expect([code, stderr]).toEqual([
      2,
      `error: precision-unsupported: this TensorRT does not build fp8
  where     tiny/h100/fp8
  expected  TensorRT 10.0 or later for fp8
  found     TensorRT 8.6.1
  fix       use another precision, or an image with a newer release
`,
    ]);
  });

  test.each(['fp16', 'fp8'])(
    'one that came out as fp32 is no %s engine',
    async precision => {
      const env = { ...here, STAND_IN_TENSORRT: '10.9.0', STAND_IN_FAULT: 'silent-fp32' };
      const selected = [`tiny/h100/${precision}`, '--skip', 'benchmark-engine,report'];
      const { code, failures } = await workspace.build(selected, { env });
      expect([code, failures[0]?.code]).toEqual([1, 'precision-not-built']);
    },
    60_000,
  );
});
