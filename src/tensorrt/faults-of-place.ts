import { type Fault, MORE_MEMORY } from './fault.js';

/**
 * What the place lacks in which trtexec should run: the machine, its driver and GPU, a container, a connection. Texts are those of CUDA,
 * nvidia-smi, the NVIDIA Container Toolkit, Docker, Podman, ssh, Slurm, and shells.
 */
export const FAULTS_OF_PLACE: readonly Fault[] = [
  {
    code: 'disk-full',
    kind: 'environment',
    line: /No space left on device|Disk quota exceeded/i,
    message: 'no space left while trtexec ran',
    fix: 'free some space, or choose another cache.directory',
  },
  {
    code: 'machine-unreachable',
    kind: 'environment',
    line: /^ssh: |Permission denied \(publickey|Host key verification failed|kex_exchange_identification|Connection (?:closed|reset) by|^(?:srun|salloc): error: (?:Unable to|Invalid|.*not (?:available|found))/,
    message: "the machine behind the target's command cannot be reached",
    fix: 'run the command by hand; ssh must log in without asking, Slurm must know the partition and have the GPU',
  },
  {
    code: 'container-engine-down',
    kind: 'environment',
    line: /Cannot connect to the Docker daemon|permission denied while trying to connect to the (?:Docker daemon|docker API)/i,
    message: 'the container engine cannot be reached',
    fix: 'start it, and give this user the right to use it (group docker), or use podman',
  },
  {
    code: 'trtexec-missing',
    kind: 'environment',
    line: /exec: "\S*trtexec": |executable file `?\S*trtexec\S* not found|trtexec: (?:command )?not found|trtexec: No such file or directory/,
    message: 'trtexec is not where it was looked for',
    fix: "use an image that has it, Triton's or TensorRT's own; or correct the path in the target's command",
  },
  {
    code: 'driver-missing',
    kind: 'environment',
    line: /couldn't communicate with the NVIDIA driver|nvidia-smi: (?:command )?not found|driver not loaded|load library failed: libnvidia-ml|(?:loading shared libraries|Unable to open library): lib(?:cuda|nvidia-ml)\.so/i,
    message: 'the NVIDIA driver is not there, or not loaded',
    fix: 'install it and load it: nvidia-smi must list the GPU; a container gets it from the NVIDIA Container Toolkit',
  },
  {
    code: 'tensorrt-library-missing',
    kind: 'environment',
    line: /(?:error while loading shared libraries: |Could not load library |Unable to open library: )(lib[^\s:]+)/,
    message: library => `trtexec does not start: ${library} is missing`,
    fix: "add TensorRT's lib folder to LD_LIBRARY_PATH, or use an image",
  },
  {
    code: 'driver-mismatch',
    kind: 'environment',
    line: /Driver\/library version mismatch|forward compatibility was attempted on non supported HW|CUDA initialization failure with error: 80[34]\b/i,
    message: "the GPU's kernel driver and its libraries are of different releases",
    fix: 'restart the machine after a driver update, and do not mix the libraries of a container and of the host',
  },
  {
    code: 'driver-too-old',
    kind: 'environment',
    line: /CUDA driver version is insufficient for CUDA runtime version|CUDA initialization failure with error: 35\b|unsatisfied condition: cuda/i,
    message: 'the GPU driver is older than this TensorRT needs',
    fix: 'update the driver, or use an image whose CUDA the driver supports',
  },
  {
    code: 'container-gpu-missing',
    kind: 'environment',
    line: /could not select device driver .* with capabilities: \[\[gpu\]\]|unresolvable CDI devices|failed to discover GPU vendor from CDI|exec: "nvidia-smi": |executable file `?nvidia-smi\S* not found|nvidia-container-cli: .*/i,
    message: 'the container engine cannot give a GPU to a container',
    fix: 'install the NVIDIA Container Toolkit and run nvidia-ctk runtime configure',
  },
  {
    code: 'image-missing',
    kind: 'environment',
    line: /pull access denied for|manifest for|manifest unknown|No such image|initializing source|short-name "?\S* did not resolve|Error response from daemon: (?:Get|Head) |unauthorized: |toomanyrequests/i,
    message: 'the container image cannot be had',
    fix: "log in to its registry, or correct the target's image",
  },
  {
    code: 'gpu-unavailable',
    kind: 'environment',
    line: /CUDA initialization failure with error: (?:46|802|999)\b|busy or unavailable|system not yet initialized|Failed to initialize NVML: (?:Unknown Error|Insufficient Permissions)|GPU is lost|fallen off the bus|uncorrectable ECC error/i,
    message: 'the GPU is there and cannot be used',
    fix: 'nvidia-smi there must list it, and nothing may hold it alone; restart the container, nvidia-fabricmanager, or the machine',
  },
  {
    code: 'gpu-missing',
    kind: 'environment',
    line: /no CUDA-capable device is detected|CUDA initialization failure with error: 100\b|Cannot find (?:any )?(?:available |CUDA )?device|No devices were found/i,
    message: 'there is no GPU where trtexec ran',
    fix: 'run it where one is, or set command or image for this target',
  },
  {
    code: 'gpu-unsupported',
    kind: 'environment',
    line: /Target GPU (SM ?\d+) is not supported by this TensorRT release|no kernel image is available for execution on the device/i,
    message: gpu => `this TensorRT has no kernels for ${gpu ? `a GPU of ${gpu}` : 'this GPU'}`,
    fix: 'use an older image for an old GPU, a newer one for a new GPU',
  },
  {
    code: 'out-of-memory',
    kind: 'environment',
    line: /std::bad_alloc|Cannot allocate memory|oom[-_ ]kill/i,
    message: 'the machine has too little memory for this build',
    fix: MORE_MEMORY,
  },
  {
    code: 'gpu-out-of-memory',
    kind: 'environment',
    // TensorRT also says so of single kernels, and builds an engine without them; such an engine does not count.
    line: /Out_?Of_?Memory|out of memory|cudaErrorMemoryAllocation|insufficient memory on requested size|GPU memory .*could not be allocated/i,
    message: 'the GPU has too little free memory',
    fix: 'end what else runs on it, set engineOptions.workspaceMiB, or lower the largest batch and sequence',
  },
  {
    code: 'gpu-fault',
    kind: 'environment',
    line: /an illegal (?:memory access|instruction) was encountered|unspecified launch failure|misaligned address|device-side assert/i,
    message: 'a kernel failed on the GPU',
    fix: 'build again; if it stays so, another patch release of TensorRT or of the driver may not have the fault',
  },
];
