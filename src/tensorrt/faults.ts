import { environmentFailure, type Failure, taskFailure, usageFailure } from '../util/failure.js';

/** Something that goes wrong outside, known by what is printed then. */
interface Fault {
  readonly code: string;
  readonly kind: 'environment' | 'task' | 'usage';
  /** Found in a line of the output; its first group, if any, is what it is about. */
  readonly line: RegExp;
  readonly message: string | ((subject: string) => string);
  readonly fix: string;
  readonly expected?: string;
}

/**
 * The first that matches is the cause: a lack of the machine explains what follows it, and a cause stands before its
 * consequences. Texts are those of CUDA, TensorRT 8.6 to 11, its ONNX parser, Docker and Podman.
 */
const FAULTS: readonly Fault[] = [
  {
    code: 'disk-full',
    kind: 'environment',
    line: /No space left on device|Disk quota exceeded/i,
    message: 'no space left while trtexec ran',
    fix: 'free some space, or choose another cache.directory',
  },
  {
    code: 'tensorrt-library-missing',
    kind: 'environment',
    line: /error while loading shared libraries: (\S+):/,
    message: library => `trtexec does not start: ${library} is missing`,
    fix: "add TensorRT's lib folder to LD_LIBRARY_PATH, or use an image",
  },
  {
    code: 'container-engine-down',
    kind: 'environment',
    line: /Cannot connect to the Docker daemon|permission denied while trying to connect to the (?:Docker daemon|docker API)/i,
    message: 'the container engine cannot be reached',
    fix: 'start it, and give this user the right to use it (group docker), or use podman',
  },
  {
    code: 'container-gpu-missing',
    kind: 'environment',
    line: /could not select device driver .* with capabilities: \[\[gpu\]\]|unresolvable CDI devices|nvidia-container-cli: .*/i,
    message: 'the container engine cannot give a GPU to a container',
    fix: 'install the NVIDIA Container Toolkit and run nvidia-ctk runtime configure',
  },
  {
    code: 'image-missing',
    kind: 'environment',
    line: /(?:pull access denied for|manifest for|manifest unknown|No such image:?|initializing source) ?(\S*)/i,
    message: 'the container image cannot be had',
    fix: "log in to its registry, or correct the target's image",
  },
  {
    code: 'driver-mismatch',
    kind: 'environment',
    line: /Driver\/library version mismatch|forward compatibility was attempted on non supported HW/i,
    message: "the GPU's kernel driver and its libraries are of different releases",
    fix: 'restart the machine after a driver update, and do not mix the libraries of a container and of the host',
  },
  {
    code: 'driver-too-old',
    kind: 'environment',
    line: /CUDA driver version is insufficient for CUDA runtime version|CUDA initialization failure with error: 35\b/i,
    message: 'the GPU driver is older than this TensorRT needs',
    fix: 'update the driver, or use an image whose CUDA the driver supports',
  },
  {
    code: 'gpu-missing',
    kind: 'environment',
    line: /no CUDA-capable device is detected|CUDA initialization failure with error: 100\b|Cannot find (?:any )?(?:CUDA )?device|No devices were found/i,
    message: 'there is no GPU where trtexec ran',
    fix: 'run it where one is, or set command or image for this target',
  },
  {
    code: 'gpu-unsupported',
    kind: 'environment',
    line: /Target GPU (SM ?\d+) is not supported by this TensorRT release/i,
    message: gpu => `this TensorRT has no kernels for a GPU of ${gpu}`,
    fix: 'use an older image for an old GPU, a newer one for a new GPU',
  },
  {
    code: 'trtexec-unknown-option',
    kind: 'task',
    line: /Unknown option: (\S+)/,
    message: option => `this trtexec does not know ${option}`,
    fix: 'please report it together with the version of TensorRT',
  },
  {
    code: 'plugin-missing',
    kind: 'usage',
    line: /(?:Could not load (?:plugin )?library|Failed to load plugin library)[: ]+(\S+)|(\S+\.so\S*): cannot open shared object file/i,
    message: library => `the plug-in library ${library} cannot be loaded`,
    fix: 'correct engineOptions.plugins; a library must be built for this release of TensorRT',
  },
  {
    code: 'quantization-asymmetric',
    kind: 'task',
    line: /only supports symmetric quantization/i,
    message: 'a zero point of the quantised network is not zero',
    expected: 'symmetric quantisation: int8 with zero points of 0',
    fix: 'quantise it symmetrically',
  },
  {
    code: 'operator-unsupported',
    kind: 'task',
    line: /could not find plugin:? (\w+)|No importer registered for op: (\w+)|(?:In node \d+ with name: \S* and operator: (\w+)|UNSUPPORTED_NODE)/i,
    message: op => `TensorRT has no operator ${op || 'for a node of the network'}`,
    fix: 'export the portable dialect, or add a plug-in that has it: engineOptions.plugins',
  },
  {
    code: 'precision-unsupported-gpu',
    kind: 'usage',
    line: /Platform doesn't support this precision|\b(FP8|BF16|FP4|INT4|INT8)\b.* (?:is |are )?not supported (?:on|by|for) (?:this|the) (?:platform|device|GPU|hardware)/i,
    message: precision => `this GPU does not compute in ${precision || 'the precision of the network'}`,
    expected: 'int8 from sm_75 on, bf16 from sm_80, fp8 from sm_89, fp4 from sm_100',
    fix: 'use another precision for this target',
  },
  {
    code: 'timing-cache-stale',
    kind: 'task',
    line: /timing cache.*(?:mismatch|incompatible|invalid|miss|different|corrupt)|(?:mismatch|incompatible|invalid|different|corrupt).*timing cache/i,
    message: 'the timing cache was made by another TensorRT, for another GPU or another network',
    fix: 'remove engineOptions.timingCache, or make it anew with this release on this GPU',
  },
  {
    code: 'gpu-out-of-memory',
    kind: 'environment',
    line: /OutOfMemory|out of memory|cudaErrorMemoryAllocation|insufficient memory on requested size/i,
    message: 'the GPU has too little free memory',
    fix: 'end what else runs on it, set engineOptions.workspaceMiB, or lower the largest batch and sequence',
  },
  {
    code: 'no-implementation',
    kind: 'task',
    // What TensorRT says, too, when every kernel needs more workspace than there is.
    line: /Could not find any implementation for node (\{[^}]*\}|[^\s)]+?)[.,)]*(?:\s|$)/i,
    message: node => `no kernel of TensorRT fits the node ${node}`,
    fix: 'raise engineOptions.workspaceMiB, lower the largest shapes, or leave builderOptimizationLevel at 3',
  },
  {
    code: 'profile-invalid',
    kind: 'usage',
    line: /(?:optimization )?profile.*(?:is not valid|invalid|inconsistent|has been defined)|(?:min|opt|max)(?:imum)? (?:shape|dimension)s?.*(?:greater|exceed|violat)|kMIN dimensions.*not valid/i,
    message: 'the shapes of an optimization profile do not fit the network',
    fix: 'correct shapes of the model, or engineOptions.profiles of the target',
  },
  {
    code: 'engine-version-mismatch',
    kind: 'task',
    line: /Version tag does not match.*?(Current Version: \d+, Serialized Engine Version: \d+)?$|serialization .*version.*mismatch|incompatible plan/i,
    message: 'the engine was built by another release of TensorRT',
    fix: 'build it again with this release, or set engineOptions.versionCompatible',
  },
  {
    code: 'engine-wrong-gpu',
    kind: 'task',
    line: /(?:generated on an incompatible device|incompatible device),? ?(expecting compute \S+ got compute \S+?)?,?(?: please rebuild.?)?$/i,
    message: 'the engine was built for a GPU of another compute capability',
    fix: "build it on the target's own GPU, or set engineOptions.hardwareCompatibility",
  },
  {
    code: 'engine-unreadable',
    kind: 'task',
    line: /deserializ\w+ failed|Failed to (?:read|deserialize).*(?:engine|header)|Error in plan file|magic tag/i,
    message: 'trtexec cannot load the engine',
    fix: 'build it again: td build --force',
  },
  {
    code: 'onnx-refused',
    kind: 'task',
    line: /Failed to parse onnx file|Parsing model failed|Failed to parse the ONNX model/i,
    message: "TensorRT's parser refuses the network",
    fix: 'look at the first error above; an older release knows fewer operators and opsets',
  },
  {
    code: 'engine-not-created',
    kind: 'task',
    line: /Engine could not be created from network|Building engine failed|Failed to create engine|Engine set up failed|Engine creation failed/i,
    message: 'TensorRT could not build an engine from the network',
    fix: 'look at the first error; docs/tensorrt.md lists the usual ones',
  },
];

const KINDS = { environment: environmentFailure, task: taskFailure, usage: usageFailure };

/** Every code that `faultIn` gives, for documentation and tests. */
export const FAULT_CODES: readonly string[] = FAULTS.map(({ code }) => code);

/** The cause that these lines tell, or undefined when none is known. The line itself is what was found. */
export function faultIn(lines: readonly string[]): Failure | undefined {
  for (const { code, kind, line, message, fix, expected } of FAULTS) {
    for (const text of lines) {
      const match = line.exec(text);
      if (!match) continue;
      const subject = match.slice(1).find(group => group !== undefined) ?? '';
      return KINDS[kind](code, typeof message === 'string' ? message : message(subject), {
        ...(expected === undefined ? {} : { expected }),
        found: text.trim(),
        fix,
      });
    }
  }
  return undefined;
}
