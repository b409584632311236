import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { findTrtexec, type Place } from '../../src/tensorrt/find.js';
import { probeToolchain, toolsOf } from '../../src/tensorrt/probe.js';
import { invocationOf, type Reach, reachText } from '../../src/tensorrt/reach.js';
import type { Failure } from '../../src/util/failure.js';
import type { Result } from '../../src/util/result.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { must, never, standInSettings, standIns } from './support.js';

const folders = temporaryFolders();
const settings = standInSettings();
const textOf = (result: Result<unknown, Failure>): string => (result.ok ? 'ok' : failureText(result.error));

describe('trtexec is found', () => {
  const find = (place: Place, environment: NodeJS.ProcessEnv): string => {
    const found = findTrtexec(place, environment);
    return found.ok ? reachText(found.value) : failureText(found.error);
  };

  test('on PATH, in the folder that a variable names, or where the target says', () => {
    const folder = folders();
    standIns(join(folder, 'home/bin'));
    standIns(join(folder, 'path'));
    const home = { TENSORRT_HOME: join(folder, 'home') };
    expect(find({}, home)).toBe(join(folder, 'home/bin/trtexec'));
    expect(find({}, { ...home, PATH: `/nowhere:${join(folder, 'path')}` })).toBe(join(folder, 'path/trtexec'));
    expect(find({ trtexec: join(folder, 'home/bin/trtexec') }, { PATH: join(folder, 'path') })).toBe(
      join(folder, 'home/bin/trtexec'),
    );
    mkdirSync(join(folder, 'trtexec'));
    expect(find({}, { PATH: folder })).toMatch(/^error: trtexec-missing/);
  });

  test('nowhere', () => {
    expect(find({}, { PATH: '/nowhere' })).toBe(`error: trtexec-missing: trtexec is not installed here
  expected  PATH, /usr/src/tensorrt/bin, /opt/tensorrt/bin, /usr/local/tensorrt/bin, /opt/TensorRT*/bin, /usr/local/TensorRT*/bin, ~/TensorRT*/bin
  found     none there
  fix       install TensorRT, or set the target's image, or its command for another machine`);
    expect(find({ trtexec: '/nowhere/trtexec' }, {})).toBe(`error: trtexec-missing: trtexec is not installed here
  expected  /nowhere/trtexec
  found     no such program
  fix       install TensorRT, or set the target's image, or its command for another machine`);
    expect(
      find({ image: 'tritonserver:26.06-py3' }, { PATH: '/nowhere' }),
    ).toBe(`error: container-engine-missing: nothing here runs container images
  expected  docker or podman on PATH
  found     neither
  fix       install one, or give the target's trtexec or command instead of an image`);
  });

  test('in an image, with docker before podman; behind a command', () => {
    const folder = folders();
    const image = 'nvcr.io/nvidia/tritonserver:26.06-py3';
    standIns(join(folder, 'podman'), ['podman']);
    expect(find({ image }, { PATH: join(folder, 'podman') })).toBe(`trtexec in ${image} (podman)`);
    standIns(join(folder, 'docker'), ['docker']);
    const both = { PATH: `${join(folder, 'podman')}:${join(folder, 'docker')}` };
    expect(find({ image }, both)).toBe(`trtexec in ${image} (docker)`);
    expect(find({ command: ['./on-gpu.sh', '{program}'] }, {})).toBe('./on-gpu.sh {program}');
  });
});

describe('a command line', () => {
  const place = { folder: '/cache/tmp/1', name: 'td-1-ab', environment: {} };
  const args = ['--onnx=model/model.onnx', '--saveEngine=model.plan'];
  const image = { kind: 'image', image: 'trt:10', engine: '/usr/bin/docker', isPodman: false } as const;

  test('in a container sees the working folder alone, and is stopped by its name', () => {
    const own = `${process.getuid!()}:${process.getgid!()}`;
    expect(invocationOf(image, 'trtexec', args, { ...place, environment: { NVIDIA_TF32_OVERRIDE: '0' } })).toEqual({
      words:
        `/usr/bin/docker run --rm --name td-1-ab --gpus all --user ${own} --env NVIDIA_TF32_OVERRIDE --volume /cache/tmp/1:/work --workdir /work --entrypoint /usr/src/tensorrt/bin/trtexec trt:10 --onnx=model/model.onnx --saveEngine=model.plan`.split(
          ' ',
        ),
      folder: '/cache/tmp/1',
      environment: {},
      stop: ['/usr/bin/docker', 'kill', 'td-1-ab'],
    });
    const podman: Reach = { ...image, engine: '/usr/bin/podman', isPodman: true };
    expect(invocationOf(podman, 'nvidia-smi', [], { ...place, gpu: 'GPU-1' }).words.join(' ')).toBe(
      '/usr/bin/podman run --rm --name td-1-ab --device nvidia.com/gpu=GPU-1 --security-opt label=disable --volume /cache/tmp/1:/work --workdir /work --entrypoint nvidia-smi trt:10',
    );
  });

  test('here uses the GPU that was chosen, unless the user has', () => {
    const here: Reach = { kind: 'program', trtexec: '/opt/trtexec', smi: '/usr/bin/nvidia-smi' };
    expect(invocationOf(here, 'trtexec', args, { ...place, gpu: 'GPU-1' })).toEqual({
      words: ['/opt/trtexec', ...args],
      folder: '/cache/tmp/1',
      environment: { CUDA_VISIBLE_DEVICES: 'GPU-1' },
    });
    const chosen = { ...place, gpu: 'GPU-1', environment: { CUDA_VISIBLE_DEVICES: '3' } };
    expect(invocationOf(here, 'trtexec', args, chosen).environment).toEqual({});
  });

  test("of the user's names the program", () => {
    const reach: Reach = { kind: 'command', words: ['./on-gpu.sh', 'h100', '{program}'] };
    expect(invocationOf(reach, 'nvidia-smi', ['-L'], place).words).toEqual(['./on-gpu.sh', 'h100', 'nvidia-smi', '-L']);
  });
});

describe('a toolchain', () => {
  const probe = (reach: Reach, architecture = 'sm_90', folder = folders()) =>
    probeToolchain(reach, architecture, { folder, signal: never });
  const local = (programs?: readonly string[]): Reach => {
    const folder = standIns(join(folders(), 'bin'), programs);
    return must(findTrtexec({}, { PATH: folder }));
  };

  test('is what programs say of themselves', async () => {
    expect(toolsOf(must(await probe(local())))).toEqual({
      tensorrt: '10.13.3 build 9',
      gpu: 'sm_90 NVIDIA H100 80GB HBM3',
      cuda: '12.4',
    });
    settings({ TENSORRT: '8.6.1', GPUS: 'NVIDIA A10, 8.6\nNVIDIA L4, 8.9' });
    const { gpu, tensorrt } = must(await probe(local(), 'sm_89'));
    expect([gpu.name, gpu.uuid, gpu.driver]).toEqual([
      'NVIDIA L4',
      'GPU-00000001-0000-0000-0000-000000000000',
      '550.54.15',
    ]);
    expect(tensorrt).toEqual({ version: { major: 8, minor: 6, patch: 1 } });
  });

  test("in an image has the image's CUDA", async () => {
    const bin = standIns(join(folders(), 'bin'), ['docker']);
    const reach = must(findTrtexec({ image: 'tritonserver:25.10-py3' }, { PATH: bin }));
    expect(toolsOf(must(await probe(reach)))).toMatchObject({ cuda: '12.6.3.004', tensorrt: '10.13.3 build 9' });
  });

  test('behind a command of the user', async () => {
    const bin = standIns(join(folders(), 'bin'));
    expect(toolsOf(must(await probe({ kind: 'command', words: ['env', `${bin}/{program}`] })))).toMatchObject({
      gpu: 'sm_90 NVIDIA H100 80GB HBM3',
    });
  });

  test('that lacks something', async () => {
    const reach = local();
    const where = reachText(reach);
    expect(textOf(await probe(reach, 'sm_80'))).toBe(`error: hardware-missing: there is no GPU of sm_80 here
  where     ${where}
  expected  sm_80
  found     sm_90 (NVIDIA H100 80GB HBM3)
  fix       build on a machine that has one, or correct the target's gpu`);
    settings({ TENSORRT: '8.5.3' });
    expect(textOf(await probe(reach))).toBe(`error: tensorrt-too-old: this release of TensorRT is not supported
  where     ${where}
  expected  TensorRT 8.6 or later
  found     TensorRT 8.5.3
  fix       use a newer image or package`);
    settings({ FAULT: 'driver-mismatch' });
    expect(textOf(await probe(reach))).toContain('error: driver-mismatch: ');
    settings({ FAULT: 'tensorrt-library-missing', TENSORRT: '10.13.3' });
    expect(textOf(await probe(reach))).toContain(
      'error: tensorrt-library-missing: trtexec does not start: libnvinfer.so.10',
    );
    settings({ FAULT: '', GPU: '' });
    expect(textOf(await probe(reach))).toContain('error: gpu-missing: there is no GPU where trtexec ran');
    expect(textOf(await probe(local(['trtexec'])))).toBe(`error: gpu-missing: there is no NVIDIA GPU here
  expected  nvidia-smi on PATH
  found     none
  fix       run it where one is, or set the target's command for a machine that has one`);
    expect(
      textOf(await probe({ kind: 'command', words: ['echo', 'hello', '{program}'] })),
    ).toBe(`error: gpu-unreadable: nvidia-smi does not tell what it is
  where     echo hello {program}
  expected  a line for each GPU: name, compute capability, driver, UUID
  found     hello nvidia-smi --query-gpu=name,compute_cap,driver_version,uuid --format=csv,noheader
  fix       run it by hand as above; the words of a command must end where arguments may follow`);
  });
});
