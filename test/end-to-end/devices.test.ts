import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyNoDevice } from '../../src/runtime/device.js';
import type { Validation } from '../../src/validation/verdict.js';
import { CONFIG, type TinyConfig, type Workspace, workspaces } from '../support/td.js';

const make = workspaces();

/** Chromium brings a Vulkan driver that computes on the CPU; a real one is used where it starts. */
const SOFTWARE = '/usr/lib/chromium/vk_swiftshader_icd.json';
if ((await whyNoDevice('webgpu')) !== undefined && existsSync(SOFTWARE)) process.env.VK_ICD_FILENAMES = SOFTWARE;
const why = await whyNoDevice('webgpu');
const driver = { VK_ICD_FILENAMES: process.env.VK_ICD_FILENAMES, LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH };
const none = { VK_ICD_FILENAMES: '/nonexistent', VK_DRIVER_FILES: '/nonexistent' };

/** The tiny classifier for the CPU and for WebGPU. */
function project(precisions: readonly string[]): Workspace {
  const workspace = make.tiny();
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets.cpu!.precisions = ['fp32'];
    config.targets.web = { engine: 'onnxruntime', device: 'webgpu', precisions: [...precisions] };
    config.models.tiny!.tolerance = { fp32: 1e-4 };
    config.validation = { samples: 3 };
  });
  return workspace;
}

describe('without a device', () => {
  const workspace = project(['fp32']);

  test('the model is built, and not delivered, since nothing validated it', async () => {
    const { code, failures } = await workspace.build(['--skip', 'benchmark'], { env: none });
    expect(code).toBe(3);
    expect(failures).toMatchObject([
      {
        code: 'not-built-here',
        kind: 'environment',
        message: 'not built here: needs webgpu',
        where: 'tiny/web/fp32',
        expected: "a device that ONNX Runtime's webgpu provider runs on",
      },
    ]);
    expect(failures[0]!.found).toContain('Failed to get a WebGPU adapter');
    expect(workspace.files('dist/models/tiny').filter(path => path.startsWith('web'))).toEqual([]);
    expect(workspace.files('dist/models/tiny')).toContain('cpu-fp32/onnx/model.onnx');
  }, 60_000);

  test('a driver of Vulkan that WebGPU does not take is named', async () => {
    const bin = join(workspace.folder, 'bin');
    mkdirSync(bin);
    // As of Debian 12's lavapipe.
    const summary = [
      'GPU0:',
      '\tdeviceName         = llvmpipe (LLVM 15.0.6, 256 bits)',
      '\tdriverInfo         = Mesa 22.3.6',
    ];
    writeFileSync(join(bin, 'vulkaninfo'), `#!/bin/sh\ncat <<'END'\n${summary.join('\n')}\nEND\n`);
    chmodSync(join(bin, 'vulkaninfo'), 0o755);
    const { code, failures } = await workspace.build(['--skip', 'benchmark'], {
      env: { ...none, PATH: `${bin}:/usr/bin:/bin` },
    });
    expect([code, failures[0]?.found, failures[0]?.fix]).toEqual([
      3,
      expect.stringMatching(
        /^Failed to get a WebGPU adapter: .*, and Vulkan has llvmpipe \(LLVM 15\.0\.6, 256 bits\), Mesa 22\.3\.6$/,
      ),
      'install a newer Vulkan driver; docs/devices.md has those that were tried; or let it be missing: --allow-missing-hardware',
    ]);
  }, 60_000);

  test('it may be left out', async () => {
    const { code } = await workspace.td(['build', '--skip', 'benchmark', '--allow-missing-hardware'], { env: none });
    expect(code).toBe(0);
  }, 60_000);
});

describe('td infer without a device', () => {
  const workspace = project(['fp32']);

  test('asks the artefacts that run here, and names the others', async () => {
    await workspace.td(['build', '--skip', 'benchmark', '--allow-missing-hardware'], { env: none });
    const all = await workspace.td(['infer', 'tiny', 'the movie was great'], { env: none });
    expect(all.code).toBe(0);
    expect(all.stdout).toMatch(/^tiny\/cpu\/fp32 {2}\S+ 0\.\d{4}\n$/);
    expect(all.stderr).toBe('left out: tiny/web/fp32 is for webgpu, which does not start here\n');
  }, 60_000);

  test('has a failure where that is all', async () => {
    const { code, stderr } = await workspace.td(['infer', 'tiny/web', 'the movie was great'], { env: none });
    expect(code).toBe(3);
    expect(
      stderr.replace(/(?<=found {5}).*/, '...'),
    ).toBe(`error: device-missing: tiny/web/fp32 is for webgpu, which does not start here
  where     targets.web
  expected  a device that ONNX Runtime's webgpu provider runs on
  found     ...
  fix       ask an artefact for the CPU, or run it where the device is; td doctor looks for it
`);
  }, 60_000);
});

describe.skipIf(why !== undefined)(`on a device of WebGPU${why === undefined ? '' : ` (${why})`}`, () => {
  const workspace = project(['fp32', 'int8-weight']);

  test('every product runs there, and gives what the export gives', async () => {
    const { code, failures } = await workspace.build(['--skip', 'benchmark'], { env: driver });
    expect([code, failures]).toEqual([0, []]);
    const validation = workspace.json<Validation & Record<string, unknown>>(
      'dist/models/tiny/web-fp32/validation.json',
    );
    expect(validation.outputs.logits!.all.maxAbs).toBeLessThan(1e-5);
    expect(validation.placement).toMatchObject({ provider: 'webgpu' });
    expect(validation.placement!.products).toBeGreaterThan(10);
    expect(validation.placement!.there).toBe(validation.placement!.products);
    const weights = workspace.json<Validation & Record<string, unknown>>(
      'dist/models/tiny/web-int8-weight/validation.json',
    );
    expect(weights.integerMatMuls!.integer).toBe(weights.integerMatMuls!.total);
    // Another precision than the export's must show.
    expect(weights.outputs.logits!.all.maxAbs).toBeGreaterThan(1e-5);
  }, 120_000);

  test('td infer runs there what was validated there', async () => {
    const of = async (target: string): Promise<number> => {
      const line = await workspace.td(['infer', `tiny/${target}/fp32`, 'the movie was great', '--json'], {
        env: driver,
      });
      expect([line.code, line.stderr.includes('left out')]).toEqual([0, false]);
      return (JSON.parse(line.stdout) as { labels: { score: number }[] }).labels[0]!.score;
    };
    const [web, cpu] = [await of('web'), await of('cpu')];
    expect(web).toBeCloseTo(cpu, 5);
  }, 60_000);

  test('a machine without one takes over what was validated with the same cache', async () => {
    const { code, ran } = await workspace.build(['tiny/web', '--skip', 'benchmark'], { env: none });
    expect([code, ran.filter(task => task.includes('web'))]).toEqual([0, []]);
  }, 60_000);
});

describe.skipIf(!existsSync(SOFTWARE))('on SwiftShader, which has no arithmetic of 16 bits', () => {
  test('fp16 is refused with what does without it', async () => {
    const workspace = project(['fp16']);
    workspace.write('calibration.jsonl', '{"text":"the movie was great"}\n{"text":"a bad story"}\n');
    workspace.edit(CONFIG, (config: TinyConfig) => {
      Object.assign(config.models.tiny!, {
        calibration: { data: './calibration.jsonl' },
        tolerance: { fp16: 0.05 },
      });
    });
    const { code, failures } = await workspace.build(['tiny/web', '--skip', 'benchmark,report'], {
      env: { ...driver, VK_ICD_FILENAMES: SOFTWARE },
    });
    expect([code, failures]).toMatchObject([
      3,
      [
        {
          code: 'device-without-float16',
          kind: 'environment',
          message: 'the GPU has no arithmetic of 16 bits',
          fix: 'use fp32 or weights of 8 or 4 bits, or another GPU or driver',
        },
      ],
    ]);
    expect(failures[0]!.found).toContain('requires f16 but the device does not support it');
    expect(workspace.files().filter(path => path.startsWith('dist/models'))).toEqual([]);
  }, 120_000);
});
