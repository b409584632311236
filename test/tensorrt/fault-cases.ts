/**
 * What is printed, as sources and public logs have it, and what becomes of it. An [E] line stands for a log line of that severity; any
 * other line is one of CUDA, a container engine, ssh or a shell.
 */
export interface Case {
  readonly from: string;
  readonly exitCode: number;
  readonly log: readonly string[];
  readonly code: string;
  readonly message: string;
  /** The line that told it; the first unless given. */
  readonly found?: string;
}

const BUILD_FAILED = [
  '[E] Engine could not be created from network',
  '[E] Building engine failed',
  '[E] Failed to create engine from model or file.',
  '[E] Engine set up failed',
];
const PARSE_FAILED = ['[E] Failed to parse onnx file', '[E] Parsing model failed', ...BUILD_FAILED.slice(2)];
const LOAD_FAILED = ['[E] Engine deserialization failed', '[E] Got invalid engine!', '[E] Inference set up failed'];

export const CASES: readonly Case[] = [
  // The place.
  {
    from: 'ssh',
    exitCode: 255,
    log: ['ssh: connect to host gpu-1 port 22: Connection refused'],
    code: 'machine-unreachable',
    message: "the machine behind the target's command cannot be reached",
  },
  {
    from: 'ssh, without a key',
    exitCode: 255,
    log: ['user@gpu-1: Permission denied (publickey,password).'],
    code: 'machine-unreachable',
    message: "the machine behind the target's command cannot be reached",
  },
  {
    from: 'Slurm',
    exitCode: 1,
    log: ['srun: error: Unable to allocate resources: Requested node configuration is not available'],
    code: 'machine-unreachable',
    message: "the machine behind the target's command cannot be reached",
  },
  {
    from: 'a shell on another machine',
    exitCode: 127,
    log: ['bash: line 1: trtexec: command not found'],
    code: 'trtexec-missing',
    message: 'trtexec is not where it was looked for',
  },
  {
    from: 'dash on another machine',
    exitCode: 127,
    log: ['sh: 1: /usr/src/tensorrt/bin/trtexec: not found'],
    code: 'trtexec-missing',
    message: 'trtexec is not where it was looked for',
  },
  {
    from: 'docker, with an image that has no trtexec',
    exitCode: 127,
    log: [
      'docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/usr/src/tensorrt/bin/trtexec": stat /usr/src/tensorrt/bin/trtexec: no such file or directory: unknown.',
    ],
    code: 'trtexec-missing',
    message: 'trtexec is not where it was looked for',
  },
  {
    from: 'nvidia-smi without its kernel module',
    exitCode: 9,
    log: [
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
    ],
    code: 'driver-missing',
    message: 'the NVIDIA driver is not there, or not loaded',
  },
  {
    from: 'the container toolkit on a host without a driver',
    exitCode: 125,
    log: [
      'nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory: unknown.',
    ],
    code: 'driver-missing',
    message: 'the NVIDIA driver is not there, or not loaded',
  },
  {
    from: 'trtexec in a container without a GPU',
    exitCode: 127,
    log: [
      'trtexec: error while loading shared libraries: libcuda.so.1: cannot open shared object file: No such file or directory',
    ],
    code: 'driver-missing',
    message: 'the NVIDIA driver is not there, or not loaded',
  },
  {
    from: 'trtexec 10, which opens its libraries itself',
    exitCode: 1,
    log: [
      '[E] Could not load library libnvinfer.so.10: Unable to open library: libnvinfer.so.10 due to libnvinfer.so.10: cannot open shared object file: No such file or directory',
      '[E] Builder creation failed',
    ],
    code: 'tensorrt-library-missing',
    message: 'trtexec does not start: libnvinfer.so.10 is missing',
  },
  {
    from: 'the container toolkit, of an image for a newer driver',
    exitCode: 125,
    log: [
      'nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version, or use an earlier cuda container: unknown.',
    ],
    code: 'driver-too-old',
    message: 'the GPU driver is older than this TensorRT needs',
  },
  {
    from: 'trtexec 10 with an old driver',
    exitCode: 1,
    log: [
      '[E] [TRT] createInferBuilder: Error Code 6: API Usage Error (CUDA initialization failure with error: 35. Please check your CUDA installation: http://docs.nvidia.com/cuda/cuda-installation-guide-linux/index.html)',
      '[E] Builder creation failed',
    ],
    code: 'driver-too-old',
    message: 'the GPU driver is older than this TensorRT needs',
  },
  {
    from: 'CUDA with libraries of another driver',
    exitCode: 1,
    log: ['[E] [TRT] 6: CUDA initialization failure with error: 803. Please check your CUDA installation'],
    code: 'driver-mismatch',
    message: "the GPU's kernel driver and its libraries are of different releases",
  },
  {
    from: 'docker 28 without the toolkit',
    exitCode: 125,
    log: ['docker: Error response from daemon: failed to discover GPU vendor from CDI: no known GPU vendor found', ''],
    code: 'container-gpu-missing',
    message: 'the container engine cannot give a GPU to a container',
  },
  {
    from: 'podman without the toolkit',
    exitCode: 126,
    log: ['Error: setting up CDI devices: unresolvable CDI devices nvidia.com/gpu=all'],
    code: 'container-gpu-missing',
    message: 'the container engine cannot give a GPU to a container',
  },
  {
    from: 'docker, nvidia-smi not brought in',
    exitCode: 127,
    log: ['docker: Error response from daemon: exec: "nvidia-smi": executable file not found in $PATH: unknown.'],
    code: 'container-gpu-missing',
    message: 'the container engine cannot give a GPU to a container',
  },
  {
    from: 'docker without a network',
    exitCode: 125,
    log: [
      'docker: Error response from daemon: Get "https://nvcr.io/v2/": dial tcp: lookup nvcr.io on 127.0.0.53:53: no such host.',
    ],
    code: 'image-missing',
    message: 'the container image cannot be had',
  },
  {
    from: 'an H100 whose fabric manager does not run',
    exitCode: 1,
    log: ['[E] [TRT] 6: CUDA initialization failure with error: 802. Please check your CUDA installation'],
    code: 'gpu-unavailable',
    message: 'the GPU is there and cannot be used',
  },
  {
    from: 'a GPU that another process has for itself',
    exitCode: 1,
    log: ['Cuda failure at sampleDevice.cpp:78: CUDA-capable device(s) is/are busy or unavailable'],
    code: 'gpu-unavailable',
    message: 'the GPU is there and cannot be used',
  },
  {
    from: 'a container that has lost its GPU',
    exitCode: 255,
    log: ['Failed to initialize NVML: Unknown Error'],
    code: 'gpu-unavailable',
    message: 'the GPU is there and cannot be used',
  },
  {
    from: 'sampleDevice.cpp, which calls it information',
    exitCode: 1,
    log: ['[I] === Device Information ===', '[I] Cannot find any available devices (GPUs)!'],
    code: 'gpu-missing',
    message: 'there is no GPU where trtexec ran',
    found: 'Cannot find any available devices (GPUs)!',
  },
  {
    from: 'CUDA without kernels for the GPU',
    exitCode: 1,
    log: [
      '[E] [TRT] 1: [runner.cpp::execute::1] Error Code 1: Cuda Runtime (no kernel image is available for execution on the device)',
      ...BUILD_FAILED,
    ],
    code: 'gpu-unsupported',
    message: 'this TensorRT has no kernels for this GPU',
  },
  {
    from: 'C++ without memory',
    exitCode: 134,
    log: ["terminate called after throwing an instance of 'std::bad_alloc'", '  what():  std::bad_alloc'],
    code: 'out-of-memory',
    message: 'the machine has too little memory for this build',
  },
  {
    from: "Slurm's limit",
    exitCode: 1,
    log: ['slurmstepd: error: Detected 1 oom_kill event in StepId=71.0. Some of the step tasks have been OOM Killed.'],
    code: 'out-of-memory',
    message: 'the machine has too little memory for this build',
  },
  // The GPU's memory.
  {
    from: '8.x, of one kernel; the build went on and passed',
    exitCode: 0,
    log: [
      '[E] [TRT] Requested amount of GPU memory (4294967296 bytes) could not be allocated. There may not be enough free memory for allocation to succeed.',
      '[W] [TRT] Skipping tactic 2 due to oom error on requested size of 4294967296 detected for tactic 2.',
      '[I] Created engine with size: 33.1 MiB',
    ],
    code: 'gpu-out-of-memory',
    message: 'the GPU has too little free memory',
  },
  {
    from: '10.x',
    exitCode: 1,
    log: [
      '[E] Error[2]: [virtualMemoryBuffer.cpp::resizePhysical::144] Error Code 2: OutOfMemory (no further information)',
      ...BUILD_FAILED,
    ],
    code: 'gpu-out-of-memory',
    message: 'the GPU has too little free memory',
  },
  {
    from: 'CUDA in trtexec itself',
    exitCode: 1,
    log: ['Cuda failure at /trt/samples/common/sampleUtils.h:97: out of memory'],
    code: 'gpu-out-of-memory',
    message: 'the GPU has too little free memory',
  },
  {
    from: 'a kernel that reads what is not its own',
    exitCode: 1,
    log: [
      '[E] Error[1]: [genericReformat.cu::genericReformat::1] Error Code 1: Cuda Runtime (an illegal memory access was encountered)',
      '[E] Error occurred during inference',
    ],
    code: 'gpu-fault',
    message: 'a kernel failed on the GPU',
  },
  // The network.
  {
    from: '8.6, an operator that the parser does not know',
    exitCode: 1,
    log: [
      '[I] [TRT] No importer registered for op: Custom. Attempting to import as plugin.',
      '[E] [TRT] 3: getPluginCreator could not find plugin: Custom version: 1',
      '[E] [TRT] ModelImporter.cpp:720: While parsing node number 2 [Custom -> "41"]:',
      '[E] [TRT] ModelImporter.cpp:726: ERROR: builtin_op_importers.cpp:4643 In function importFallbackPluginImporter:',
      '[8] Assertion failed: creator && "Plugin not found, are the plugin name, version, and namespace correct?"',
      ...PARSE_FAILED,
    ],
    code: 'operator-unsupported',
    message: 'TensorRT has no operator Custom',
    found: '[TRT] 3: getPluginCreator could not find plugin: Custom version: 1',
  },
  {
    from: '10.x, the same',
    exitCode: 1,
    log: [
      '[E] [TRT] IPluginRegistry::getCreator: Error Code 4: API Usage Error (Cannot find plugin: Custom, version: 1, namespace:.)',
      '[E] [TRT] ModelImporter.cpp:968: ERROR: onnxOpCheckers.cpp:819 In function checkFallbackPluginImporter:',
      ...PARSE_FAILED,
    ],
    code: 'operator-unsupported',
    message: 'TensorRT has no operator Custom',
  },
  {
    from: 'the parser, of a node that it knows and does not take',
    exitCode: 1,
    log: [
      '[E] [TRT] In node 12 with name: /Range and operator: Range (importRange): INVALID_NODE: Assertion failed: inputs.at(0).isInt32()',
      ...PARSE_FAILED,
    ],
    code: 'onnx-refused',
    message: "TensorRT's parser refuses the network, at a node Range",
  },
  {
    from: 'the parser, in several lines',
    exitCode: 1,
    log: ['[E] [TRT] ModelImporter.cpp:949: While parsing node number 12 [If -> "out"]:', ...PARSE_FAILED],
    code: 'onnx-refused',
    message: "TensorRT's parser refuses the network, at a node If",
  },
  {
    from: 'a network of mixed types',
    exitCode: 1,
    log: [
      "[E] Error[9]: Error during shape inference of PRelu_6_less: Input 0's element type (half) differs from input 1's element type (float).",
      ...BUILD_FAILED,
    ],
    code: 'network-types',
    message: 'a node of the network reads two types where TensorRT takes one',
  },
  {
    from: 'fp8 on a GPU of sm_86',
    exitCode: 1,
    log: [
      '[E] Error[9]: IBuilder::buildSerializedNetwork: Error Code 9: API Usage Error (Networks with FP8 Q/DQ layers require hardware with FP8 support.)',
      ...BUILD_FAILED,
    ],
    code: 'precision-unsupported-gpu',
    message: 'this GPU does not compute in FP8',
  },
  {
    from: 'int8 on a GPU of sm_60',
    exitCode: 1,
    log: [
      '[E] Error[9]: [standardEngineBuilder.cpp::buildEngine::2072] Error Code 9: Internal Error (Networks with QuantizeLayer/DequantizeLayer layers require hardware with Int8 support.)',
      ...BUILD_FAILED,
    ],
    code: 'precision-unsupported-gpu',
    message: 'this GPU does not compute in Int8',
  },
  {
    from: 'a library without the entry point of plug-ins',
    exitCode: 1,
    log: [
      '[E] [TRT] IPluginRegistry::loadLibrary: Error Code 3: API Usage Error (SymbolAddress for getCreators could not be loaded, check function name against library symbol)',
      '[E] [TRT] IPluginRegistry::getCreator: Error Code 4: API Usage Error (Cannot find plugin: Mine, version: 1, namespace:.)',
      ...PARSE_FAILED,
    ],
    code: 'plugin-missing',
    message: 'a plug-in library cannot be loaded',
  },
  // Profiles and options.
  {
    from: 'an input that the network does not have',
    exitCode: 1,
    log: [
      '[E] Cannot find input tensor with name "ids" in the network inputs! Please make sure the input tensor names are correct.',
      '[E] Network And Config setup failed',
      '[E] Building engine failed',
    ],
    code: 'profile-invalid',
    message: 'the shapes of an optimization profile do not fit the network',
  },
  {
    from: 'shapes outside the profile',
    exitCode: 1,
    log: [
      '[E] [TRT] IExecutionContext::setInputShape: Error Code 3: API Usage Error (Set dimension [1,600] for tensor input_ids does not satisfy any optimization profiles. Valid range for profile 0: [1,1]..[32,512].)',
      '[E] Inference set up failed',
    ],
    code: 'profile-invalid',
    message: 'the shapes of an optimization profile do not fit the network',
  },
  // Timing caches.
  {
    from: '8.6, a cache of another release',
    exitCode: 1,
    log: [
      '[E] [TRT] 1: [stdArchiveReader.cpp::StdArchiveReaderInitCommon::36] Error Code 1: Serialization (Serialization assertion magicTagRead == kMAGIC_TAG failed.Magic tag does not match)',
      '[E] [TRT] 4: The timing cache will not be used!',
      '[E] TimingCache creation failed',
    ],
    code: 'timing-cache-stale',
    message: 'the timing cache was made by another TensorRT, for another GPU or another network',
    found: '[TRT] 4: The timing cache will not be used!',
  },
  {
    from: '10.x, which goes on without it and crashes when it writes',
    exitCode: 139,
    log: [
      '[E] [TRT] IBuilderConfig::createTimingCache: Error Code 1: Serialization (Version tag does not match. Note: Current Version: 238, Serialized Engine Version: 239)',
      '[E] [TRT] Failed to create ITimingCache from file timing.cache',
      '[I] Created engine with size: 1.1 MiB',
      'Segmentation fault (core dumped)',
    ],
    code: 'timing-cache-stale',
    message: 'the timing cache was made by another TensorRT, for another GPU or another network',
    found: '[TRT] Failed to create ITimingCache from file timing.cache',
  },
  // Engines.
  {
    from: 'the runtime of another release',
    exitCode: 1,
    log: [
      '[E] [TRT] IRuntime::deserializeCudaEngine: Error Code 6: API Usage Error (The engine plan file is not compatible with this version of TensorRT, expecting library version 10.3.0.26 got 10.0.1.6, please rebuild.)',
      ...LOAD_FAILED,
    ],
    code: 'engine-version-mismatch',
    message: 'the engine was built by another release of TensorRT',
  },
  {
    from: 'the runtime, of a serialization of another release',
    exitCode: 1,
    log: [
      '[E] [TRT] 1: [stdArchiveReader.cpp::stdArchiveReaderInitCommon::47] Error Code 1: Serialization (Serialization assertion stdVersionRead == kSERIALIZATION_VERSION failed.Version tag does not match. Note: Current Version: 236, Serialized Engine Version: 239)',
      ...LOAD_FAILED,
    ],
    code: 'engine-version-mismatch',
    message: 'the engine was built by another release of TensorRT',
  },
  {
    from: 'trtexec, of a file that is not there',
    exitCode: 1,
    log: ['[E] Error opening engine file: model.plan', '[E] Failed to create engine from model or file.'],
    code: 'engine-unreadable',
    message: 'trtexec cannot load the engine',
  },
  {
    from: 'trtexec, in a folder that is not its own',
    exitCode: 1,
    log: ['[E] Cannot open engine file: model.plan', '[E] Saving engine to file failed.', '[E] Engine set up failed'],
    code: 'engine-unwritable',
    message: 'trtexec cannot write the engine',
  },
  {
    from: '10.14, of another network than the engine was made of',
    exitCode: 1,
    log: ['[E] Engine refit from ONNX model failed.'],
    code: 'refit-failed',
    message: "the weights of a stripped engine cannot be filled in from its network's file",
  },
  {
    from: 'an engine that cannot be run',
    exitCode: 1,
    log: ['[E] Unable to create execution context for stream 0.', '[E] Inference set up failed'],
    code: 'inference-failed',
    message: 'the engine loads and cannot be run',
  },
];

/** What to do about each. */
export const FIXES: Readonly<Record<string, string>> = {
  'machine-unreachable':
    'run the command by hand; ssh must log in without asking, Slurm must know the partition and have the GPU',
  'trtexec-missing':
    "use an image that has it, Triton's or TensorRT's own; or correct the path in the target's command",
  'driver-missing':
    'install it and load it: nvidia-smi must list the GPU; a container gets it from the NVIDIA Container Toolkit',
  'tensorrt-library-missing': "add TensorRT's lib folder to LD_LIBRARY_PATH, or use an image",
  'driver-mismatch':
    'restart the machine after a driver update, and do not mix the libraries of a container and of the host',
  'driver-too-old': 'update the driver, or use an image whose CUDA the driver supports',
  'container-gpu-missing': 'install the NVIDIA Container Toolkit and run nvidia-ctk runtime configure',
  'image-missing': "log in to its registry, or correct the target's image",
  'gpu-unavailable':
    'nvidia-smi there must list it, and nothing may hold it alone; restart the container, nvidia-fabricmanager, or the machine',
  'gpu-missing': 'run it where one is, or set command or image for this target',
  'gpu-unsupported': 'use an older image for an old GPU, a newer one for a new GPU',
  'out-of-memory': "give it more memory (a container's limit, Slurm's --mem), or lower the largest batch and sequence",
  'gpu-out-of-memory':
    'end what else runs on it, set engineOptions.workspaceMiB, or lower the largest batch and sequence',
  'gpu-fault': 'build again; if it stays so, another patch release of TensorRT or of the driver may not have the fault',
  'plugin-missing': 'correct engineOptions.plugins; a library must be built for this release of TensorRT',
  'operator-unsupported': 'export the portable dialect, or add a plug-in that has it: engineOptions.plugins',
  'network-types': 'correct the types in the ONNX; if it was exported here, please report it',
  'precision-unsupported-gpu': 'use another precision for this target',
  'timing-cache-stale': 'remove engineOptions.timingCache, or make it anew with this release on this GPU',
  'profile-invalid': 'correct shapes of the model, or engineOptions.profiles of the target',
  'engine-version-mismatch': 'build it again with this release, or set engineOptions.versionCompatible',
  'refit-failed': 'remove engineOptions.stripWeights',
  'engine-unreadable': 'build it again: td build --force',
  'engine-unwritable':
    'look for space and rights in the folder that it runs in: cache.directory, or the one behind the command',
  'onnx-refused': 'look at the first error above; an older release knows fewer operators and opsets',
  'inference-failed': 'look at the first error; too large shapes are the usual cause',
};
