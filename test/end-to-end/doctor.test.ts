import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONFIG, type TinyConfig, workspaces } from '../support/td.js';
import { standIns } from '../tensorrt/support.js';

const make = workspaces();

const NAMES = /^[-+] (?:TensorRT|GPU|containers|target \w+) /;
const NO_TRTEXEC = `- TensorRT    trtexec-missing: trtexec is not installed here: none there
              engines cannot be built on this machine itself; install TensorRT, or set the target's image, or its command for another machine`;
const NO_GPU = `- GPU         gpu-missing: there is no NVIDIA GPU here: none
              nothing can run on a GPU here; run it where one is, or set the target's command for a machine that has one`;
const NO_CONTAINERS = `- containers  container-engine-missing: nothing here runs container images: neither
              engines cannot be built in an image; install one, or give the target's trtexec or command instead of an image`;
const TENSORRT = '+ TensorRT    10.13.3, <bin>/trtexec';
const GPU = '+ GPU         NVIDIA H100 80GB HBM3 (sm_90), driver 550.54.15, CUDA 12.4';

/** What td doctor says of engines on a machine with these programs, for these targets. */
async function doctor(
  programs: readonly string[],
  targets: TinyConfig['targets'],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const workspace = make.tiny();
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets = targets;
    config.models.tiny!.tolerance = { fp32: 1e-4 };
  });
  const bin = join(workspace.folder, 'bin');
  mkdirSync(bin);
  standIns(bin, programs);
  // No other programs: this machine may have some of them.
  const { code, stdout } = await workspace.td(['doctor'], { env: { PATH: bin, ...env } });
  expect(code).toBe(0);
  const lines = stdout.replaceAll(bin, '<bin>').split('\n');
  const wanted = lines.flatMap((line, index) =>
    NAMES.test(line) ? [line, ...(line.startsWith('-') ? [lines[index + 1]!] : [])] : [],
  );
  // Widths follow the longest name, here of another finding.
  return wanted
    .map(line => line.replace(/^([-+] (?:target )?\w+)? */, (_, name = '') => `${name} `.padEnd(14)))
    .join('\n');
}

const H100 = { engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp32'] };
const CPU = { cpu: { engine: 'onnxruntime', device: 'cpu', precisions: ['fp32'] } };

describe('td doctor', () => {
  test('with nothing', async () => {
    expect(await doctor([], { h100: H100 })).toBe(`${NO_TRTEXEC}
${NO_GPU}
${NO_CONTAINERS}
- target h100 trtexec-missing: trtexec is not installed here: none there
              its engines cannot be built from here; install TensorRT, or set the target's image, or its command for another machine`);
  });

  test('with everything', async () => {
    expect(await doctor(['trtexec', 'nvidia-smi', 'docker'], { h100: H100 })).toBe(`${TENSORRT}
${GPU}
+ containers  28.5.1, <bin>/docker
+ target h100 tensorrt 10.13.3 build 9, gpu sm_90 NVIDIA H100 80GB HBM3, cuda 12.4`);
  });

  test('with docker alone', async () => {
    const targets = { image: { ...H100, image: 'tritonserver:25.10-py3' } };
    expect(await doctor(['docker'], targets)).toBe(`${NO_TRTEXEC}
${NO_GPU}
+ containers  28.5.1, <bin>/docker
+ target image tensorrt 10.13.3 build 9, gpu sm_90 NVIDIA H100 80GB HBM3, cuda 12.6.3.004`);
    expect(await doctor(['docker'], targets, { STAND_IN_FAULT: 'container-gpu-missing' })).toContain(
      `container-gpu-missing: the container engine cannot give a GPU to a container: docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].
              its engines cannot be built from here; install the NVIDIA Container Toolkit and run nvidia-ctk runtime configure`,
    );
    expect(await doctor(['docker'], CPU, { STAND_IN_FAULT: 'container-engine-down' })).toBe(`${NO_TRTEXEC}
${NO_GPU}
- containers  container-engine-down: the container engine cannot be reached: docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
              engines cannot be built in an image; start it, and give this user the right to use it (group docker), or use podman`);
  });

  test('with trtexec alone', async () => {
    expect(await doctor(['trtexec'], { h100: H100 })).toBe(`${TENSORRT}
${NO_GPU}
${NO_CONTAINERS}
- target h100 gpu-missing: there is no NVIDIA GPU here: none
              its engines cannot be built from here; run it where one is, or set the target's command for a machine that has one`);
  });

  test('with a driver that is too old for this TensorRT, which tells its release all the same', async () => {
    const found = await doctor(['trtexec', 'nvidia-smi'], { h100: H100 }, { STAND_IN_FAULT: 'driver-too-old' });
    expect(found).toBe(`${TENSORRT}
${GPU}
${NO_CONTAINERS}
- target h100 driver-too-old: the GPU driver is older than this TensorRT needs: Cuda failure at /trt/samples/common/sampleDevice.cpp:54: CUDA driver version is insufficient for CUDA runtime version
              its engines cannot be built from here; update the driver, or use an image whose CUDA the driver supports`);
  });

  test('with a driver that is not loaded, and with another GPU than the one that is wanted', async () => {
    expect(await doctor(['trtexec', 'nvidia-smi'], { h100: H100 }, { STAND_IN_DRIVER: 'missing' })).toContain(
      `- GPU         driver-missing: the NVIDIA driver is not there, or not loaded: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.
              nothing can run on a GPU here; install it and load it: nvidia-smi must list the GPU; a container gets it from the NVIDIA Container Toolkit`,
    );
    expect(await doctor(['trtexec', 'nvidia-smi'], { l4: { ...H100, gpu: 'sm_89' } })).toContain(
      `- target l4   hardware-missing: there is no GPU of sm_89 here: sm_90 (NVIDIA H100 80GB HBM3)
              its engines cannot be built from here; build on a machine that has one, or correct the target's gpu`,
    );
  });

  test('with a config that does not load', async () => {
    const workspace = make.tiny();
    workspace.edit(CONFIG, (config: TinyConfig) => {
      config.targets = { h100: { ...H100, gpu: 'H100' } };
    });
    const { code, stdout } = await workspace.td(['doctor'], { env: { PATH: '/nonexistent' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^- config +config-invalid: .*\n +its targets were not looked at; td plan tells everything that is wrong with it$/m,
    );
  });
});
