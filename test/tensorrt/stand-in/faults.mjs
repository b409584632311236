/**
 * What trtexec and what is around it print when something goes wrong. `instead`: it does not even start; `device`: what CUDA says when the GPU
 * is asked for; `parse`, `build`, `run`: error lines of that phase, after which it fails.
 */
const dies = (code, ...lines) => ({
  instead() {
    process.stderr.write(`${lines.join('\n')}\n`);
    process.exit(code);
  },
});

const ENGINE_FAILED = [
  'Engine could not be created from network',
  'Building engine failed',
  'Failed to create engine from model or file.',
  'Engine set up failed',
];
const build = (...lines) => ({ build: [...lines, ...ENGINE_FAILED] });

export const FAULTS = {
  'disk-full': build('Could not write engine: No space left on device'),
  'tensorrt-library-missing': dies(
    127,
    'trtexec: error while loading shared libraries: libnvinfer.so.10: cannot open shared object file: No such file or directory',
  ),
  'container-engine-down': dies(
    125,
    'docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
  ),
  'container-gpu-missing': dies(
    125,
    'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].',
  ),
  'image-missing': dies(
    125,
    'docker: Error response from daemon: pull access denied for nvcr.io/x, repository does not exist',
  ),
  'driver-mismatch': dies(255, 'Failed to initialize NVML: Driver/library version mismatch'),
  'driver-too-old': {
    device:
      'Cuda failure at /trt/samples/common/sampleDevice.cpp:54: CUDA driver version is insufficient for CUDA runtime version',
  },
  'gpu-missing': build('[TRT] 6: CUDA initialization failure with error: 100. Please check your CUDA installation'),
  'gpu-unsupported': build(
    '[TRT] IBuilder::buildSerializedNetwork: Error Code 9: API Usage Error (Target GPU SM 70 is not supported by this TensorRT release.)',
  ),
  'trtexec-unknown-option': { parse: ['Unknown option: --fp16 '] },
  'plugin-missing': build('Could not load plugin library: plugins/libmine.so'),
  'operator-unsupported': {
    parse: [
      '[TRT] 3: getPluginCreator could not find plugin: FusedMatMul version: 1',
      'Failed to parse onnx file',
      'Parsing model failed',
      'Engine set up failed',
    ],
  },
  'quantization-asymmetric': {
    parse: [
      '[TRT] In node 4 with name: q and operator: QuantizeLinear (QuantDequantLinearHelper): UNSUPPORTED_NODE: Assertion failed: shiftIsAllZeros(zeroPoint): TRT only supports symmetric quantization - zeroPt must be all zeros',
      'Failed to parse onnx file',
    ],
  },
  'precision-unsupported-gpu': build(
    '[TRT] IBuilder::buildSerializedNetwork: Error Code 9: API Usage Error (Networks with FP8 Q/DQ layers are not supported on this platform)',
  ),
  'timing-cache-stale': build('[TRT] 4: The timing cache will not be used!', 'TimingCache creation failed'),
  'gpu-out-of-memory': build(
    'Error[2]: [virtualMemoryBuffer.cpp::resizePhysical::140] Error Code 2: OutOfMemory (Requested size was 4294967296 bytes.)',
  ),
  'no-implementation': build(
    'Error[10]: IBuilder::buildSerializedNetwork: Error Code 10: Internal Error (Could not find any implementation for node {ForeignNode[embeddings...logits]}.)',
  ),
  'profile-invalid': build(
    '[TRT] 4: [network.cpp::validate::2997] Error Code 4: Internal Error (input_ids: optimization profile is missing values for shape input, the profile is not valid)',
  ),
  'engine-version-mismatch': {
    run: [
      '[TRT] 1: Error Code 1: Serialization (Version tag does not match. Note: Current Version: 236, Serialized Engine Version: 239)',
    ],
  },
  'engine-wrong-gpu': {
    run: [
      '[TRT] The engine plan file is generated on an incompatible device, expecting compute 8.6 got compute 9.0, please rebuild.',
    ],
  },
  'engine-unreadable': { run: ['Engine deserialization failed'] },
  'onnx-refused': { parse: ['Failed to parse onnx file', 'Parsing model failed', 'Engine set up failed'] },
  'engine-not-created': build('Error[2]: [checkShapes.cpp::check::42] Error Code 2: Internal Error (Assertion failed)'),
};
