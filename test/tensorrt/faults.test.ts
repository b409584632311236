import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { optimizeStage } from '../../src/stages/optimize.js';
import { FAULT_CODES } from '../../src/tensorrt/faults.js';
import { outputsOf } from '../support/run-stage.js';
import { FAULTS } from './stand-in/faults.mjs';
import { engineRig, standInSettings } from './support.js';

const settings = standInSettings();
const { build, failureOf, root, bert } = engineRig();

describe('what goes wrong outside', () => {
  const WORDS: Readonly<Record<string, string>> = {
    'disk-full': `error: disk-full: no space left while trtexec ran
  found     Could not write engine: No space left on device
  fix       free some space, or choose another cache.directory`,
    'tensorrt-library-missing': `error: tensorrt-library-missing: trtexec does not start: libnvinfer.so.10 is missing
  found     trtexec: error while loading shared libraries: libnvinfer.so.10: cannot open shared object file: No such file or directory
  fix       add TensorRT's lib folder to LD_LIBRARY_PATH, or use an image`,
    'container-engine-down': `error: container-engine-down: the container engine cannot be reached
  found     docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
  fix       start it, and give this user the right to use it (group docker), or use podman`,
    'container-gpu-missing': `error: container-gpu-missing: the container engine cannot give a GPU to a container
  found     docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].
  fix       install the NVIDIA Container Toolkit and run nvidia-ctk runtime configure`,
    'image-missing': `error: image-missing: the container image cannot be had
  found     docker: Error response from daemon: pull access denied for nvcr.io/x, repository does not exist
  fix       log in to its registry, or correct the target's image`,
    'driver-mismatch': `error: driver-mismatch: the GPU's kernel driver and its libraries are of different releases
  found     Failed to initialize NVML: Driver/library version mismatch
  fix       restart the machine after a driver update, and do not mix the libraries of a container and of the host`,
    'driver-too-old': `error: driver-too-old: the GPU driver is older than this TensorRT needs
  found     Cuda failure at /trt/samples/common/sampleDevice.cpp:54: CUDA driver version is insufficient for CUDA runtime version
  fix       update the driver, or use an image whose CUDA the driver supports`,
    'gpu-missing': `error: gpu-missing: there is no GPU where trtexec ran
  found     [TRT] 6: CUDA initialization failure with error: 100. Please check your CUDA installation
  fix       run it where one is, or set command or image for this target`,
    'gpu-unsupported': `error: gpu-unsupported: this TensorRT has no kernels for a GPU of SM 70
  found     [TRT] IBuilder::buildSerializedNetwork: Error Code 9: API Usage Error (Target GPU SM 70 is not supported by this TensorRT release.)
  fix       use an older image for an old GPU, a newer one for a new GPU`,
    'trtexec-unknown-option': `error: trtexec-unknown-option: this trtexec does not know --fp16
  found     Unknown option: --fp16
  fix       please report it together with the version of TensorRT`,
    'plugin-missing': `error: plugin-missing: the plug-in library plugins/libmine.so cannot be loaded
  found     Could not load plugin library: plugins/libmine.so
  fix       correct engineOptions.plugins; a library must be built for this release of TensorRT`,
    'operator-unsupported': `error: operator-unsupported: TensorRT has no operator FusedMatMul
  found     [TRT] 3: getPluginCreator could not find plugin: FusedMatMul version: 1
  fix       export the portable dialect, or add a plug-in that has it: engineOptions.plugins`,
    'quantization-asymmetric': `error: quantization-asymmetric: a zero point of the quantised network is not zero
  expected  symmetric quantisation: int8 with zero points of 0
  found     [TRT] In node 4 with name: q and operator: QuantizeLinear (QuantDequantLinearHelper): UNSUPPORTED_NODE: Assertion failed: shiftIsAllZeros(zeroPoint): TRT only supports symmetric quantization - zeroPt must be all zeros
  fix       quantise it symmetrically`,
    'precision-unsupported-gpu': `error: precision-unsupported-gpu: this GPU does not compute in FP8
  expected  int8 from sm_75 on, bf16 from sm_80, fp8 from sm_89, fp4 from sm_100
  found     [TRT] IBuilder::buildSerializedNetwork: Error Code 9: API Usage Error (Networks with FP8 Q/DQ layers are not supported on this platform)
  fix       use another precision for this target`,
    'timing-cache-stale': `error: timing-cache-stale: the timing cache was made by another TensorRT, for another GPU or another network
  found     [TRT] 4: The timing cache will not be used!
  fix       remove engineOptions.timingCache, or make it anew with this release on this GPU`,
    'gpu-out-of-memory': `error: gpu-out-of-memory: the GPU has too little free memory
  found     Error[2]: [virtualMemoryBuffer.cpp::resizePhysical::140] Error Code 2: OutOfMemory (Requested size was 4294967296 bytes.)
  fix       end what else runs on it, set engineOptions.workspaceMiB, or lower the largest batch and sequence`,
    'no-implementation': `error: no-implementation: no kernel of TensorRT fits the node {ForeignNode[embeddings...logits]}
  found     Error[10]: IBuilder::buildSerializedNetwork: Error Code 10: Internal Error (Could not find any implementation for node {ForeignNode[embeddings...logits]}.)
  fix       raise engineOptions.workspaceMiB, lower the largest shapes, or leave builderOptimizationLevel at 3`,
    'profile-invalid': `error: profile-invalid: the shapes of an optimization profile do not fit the network
  found     [TRT] 4: [network.cpp::validate::2997] Error Code 4: Internal Error (input_ids: optimization profile is missing values for shape input, the profile is not valid)
  fix       correct shapes of the model, or engineOptions.profiles of the target`,
    'engine-version-mismatch': `error: engine-version-mismatch: the engine was built by another release of TensorRT
  found     [TRT] 1: Error Code 1: Serialization (Version tag does not match. Note: Current Version: 236, Serialized Engine Version: 239)
  fix       build it again with this release, or set engineOptions.versionCompatible`,
    'engine-wrong-gpu': `error: engine-wrong-gpu: the engine was built for a GPU of another compute capability
  found     [TRT] The engine plan file is generated on an incompatible device, expecting compute 8.6 got compute 9.0, please rebuild.
  fix       build it on the target's own GPU, or set engineOptions.hardwareCompatibility`,
    'engine-unreadable': `error: engine-unreadable: trtexec cannot load the engine
  found     Engine deserialization failed
  fix       build it again: td build --force`,
    'onnx-refused': `error: onnx-refused: TensorRT's parser refuses the network
  found     Failed to parse onnx file
  fix       look at the first error above; an older release knows fewer operators and opsets`,
    'engine-not-created': `error: engine-not-created: TensorRT could not build an engine from the network
  found     Engine could not be created from network
  fix       look at the first error; docs/tensorrt.md lists the usual ones`,
    killed: `error: trtexec-killed: trtexec was killed, most likely because the machine ran out of memory
  found     SIGKILL after: [I] [TRT] Local timing cache in use. Profiling results in this builder pass will not be stored.
  fix       give it more memory (a container's limit, Slurm's --mem), or lower the largest batch and sequence`,
    crash: `error: trtexec-crashed: trtexec crashed
  found     SIGSEGV after: [I] [TRT] Local timing cache in use. Profiling results in this builder pass will not be stored.
  fix       another patch release of TensorRT or of the driver may not have the fault`,
    'silent-exit': `error: trtexec-failed: trtexec failed
  expected  exit code 0 and a last line with PASSED
  found     exit code 0, no verdict
  fix       look at its last lines`,
    'errors-beside-success': `error: engine-unproven: trtexec reports success beside errors
  expected  no error
  found     [TRT] Unexpected Internal Error: something went wrong after all
  fix       look at the error; another patch release may not have it, and a lower builderOptimizationLevel tries fewer kernels`,
    'no-engine-line': `error: engine-unproven: trtexec reports success, but no engine was built
  expected  the line 'Created engine with size'
  found     none such
  fix       build it again: td build --force`,
    'false-pass': `error: engine-version-mismatch: the engine was built by another release of TensorRT
  found     Error[6]: IRuntime::deserializeCudaEngine: incompatible plan
  fix       build it again with this release, or set engineOptions.versionCompatible`,
    'no-plan': `error: plan-missing: trtexec wrote no engine
  expected  an engine file
  found     none
  fix       build again; if it stays so, look at the log`,
    'empty-plan': `error: plan-empty: the engine file is empty
  expected  an engine
  found     0 bytes
  fix       build again; if it stays so, look at the log`,
    'corrupt-plan': `error: plan-corrupt: the file is no engine of TensorRT
  expected  the tag 'ftrt' and format 0
  found     43 bytes, beginning with 3c68746d6c3e6e6f
  fix       build again; if it stays so, look at the log`,
    'other-version': `error: plan-version: the engine file is of another release than the trtexec that ran
  expected  TensorRT 10.13.3
  found     TensorRT 10.13.4
  fix       see that trtexec and the libraries it loads are of one release`,
  };

  test.each(Object.entries(WORDS))('%s', async (fault, words) => {
    settings({ FAULT: fault });
    expect(await failureOf()).toBe(words);
  });

  test('every fault that the stand-in knows is among them', () => {
    expect(Object.keys(FAULTS).filter(code => !FAULT_CODES.includes(code) || !(code in WORDS))).toEqual([]);
  });

  test('a machine without a GPU aborts', async () => {
    settings({ GPU: '' });
    expect(await failureOf()).toBe(`error: gpu-missing: there is no GPU where trtexec ran
  found     Cuda failure: no CUDA-capable device is detected
  fix       run it where one is, or set command or image for this target`);
  });

  test('another GPU or release answers than before', async () => {
    settings({ GPU: 'NVIDIA L4, 8.9' });
    expect(
      await failureOf(),
    ).toBe(`error: hardware-changed: trtexec ran on another GPU than the one that was asked before
  expected  sm_90 (NVIDIA H100 80GB HBM3)
  found     sm_89 (NVIDIA L4)
  fix       set CUDA_VISIBLE_DEVICES where several GPUs are, and build again`);
    settings({ GPU: 'NVIDIA H100 80GB HBM3, 9.0', TENSORRT: '10.13.2' });
    expect(
      await failureOf(),
    ).toBe(`error: tensorrt-changed: another release of TensorRT ran than the one that was asked before
  expected  TensorRT 10.13.3
  found     TensorRT 10.13.2
  fix       build again; the image or the machine behind the command was changed meanwhile`);
  });

  test('a node of another dialect', async () => {
    const onnxFolder = join(root(), 'foreign');
    mkdirSync(onnxFolder);
    const made = await outputsOf(optimizeStage, onnxFolder, {
      params: { dialect: 'onnxruntime-cpu' },
      inputs: { model: bert() },
      outputs: ['model', 'report'],
    });
    expect(await failureOf({ onnxFolder: made.model! })).toContain('operator-unsupported: TensorRT has no operator ');
  });

  test('the last lines come along, without their time', async () => {
    settings({ FAULT: 'onnx-refused' });
    const built = await build();
    expect(built.ok ? [] : built.error.details).toEqual(
      expect.arrayContaining(['[E] Failed to parse onnx file', '[E] Parsing model failed', '[E] Engine set up failed']),
    );
  });

  test('a time-out and an interrupt leave nothing running', async () => {
    settings({ FAULT: 'slow' });
    expect(await failureOf({ timeoutMinutes: 0.02 })).toMatch(
      /^error: trtexec-timeout: trtexec did not come to an end within 0.02 min\n {2}found {5}\[I\] /,
    );
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1500);
    const started = performance.now();
    expect(await failureOf({ signal: stop.signal })).toBe('error: interrupted: interrupted');
    expect(performance.now() - started).toBeLessThan(10_000);
    const running = readdirSync('/proc').filter(pid => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`saveEngine=model.plan`) &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(root())
        );
      } catch {
        return false;
      }
    });
    expect(running).toEqual([]);
  });
});
