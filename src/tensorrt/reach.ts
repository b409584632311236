/** How trtexec and nvidia-smi are reached from here. No part of any key: it cannot change what they make. */
export type Reach =
  /** On this machine. `smi`: undefined where there is none. */
  | { readonly kind: 'program'; readonly trtexec: string; readonly smi?: string }
  /** In a container. `engine`: docker or podman, by its path. */
  | { readonly kind: 'image'; readonly image: string; readonly engine: string; readonly isPodman: boolean }
  /** By words of the user's, among them `{program}`, which stands for 'trtexec' or 'nvidia-smi'; the arguments follow. */
  | { readonly kind: 'command'; readonly words: readonly string[] };

export type Program = 'trtexec' | 'nvidia-smi';

/** A folder of the run's own, which is the working folder of what runs: every path in arguments is relative to it. */
export interface Invocation {
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Ends what a container engine goes on running when its client has been killed. */
  readonly stop?: readonly string[];
}

/** Where NVIDIA's images have it; it is not on their PATH. */
const IN_IMAGE: Readonly<Record<Program, string>> = {
  trtexec: '/usr/src/tensorrt/bin/trtexec',
  'nvidia-smi': 'nvidia-smi',
};
const FOLDER_IN_IMAGE = '/work';

export interface InvokeOptions {
  readonly folder: string;
  /** UUID of the GPU to use, of several. */
  readonly gpu?: string;
  /** Unique among all that runs at the same time. */
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** What of the environment reaches a container: it changes what is computed, or where. */
const PASSED_ON = ['NVIDIA_TF32_OVERRIDE', 'CUDA_VISIBLE_DEVICES'];

export function invocationOf(
  reach: Reach,
  program: Program,
  args: readonly string[],
  { folder, gpu, name, environment }: InvokeOptions,
): Invocation {
  switch (reach.kind) {
    case 'program': {
      const path = program === 'trtexec' ? reach.trtexec : (reach.smi ?? 'nvidia-smi');
      const device = gpu && !environment.CUDA_VISIBLE_DEVICES ? { CUDA_VISIBLE_DEVICES: gpu } : {};
      return { words: [path, ...args], folder, environment: device };
    }
    case 'command': {
      const words = reach.words.map(word => word.replaceAll('{program}', program));
      return { words: [...words, ...args], folder, environment: {} };
    }
    case 'image': {
      const passed = PASSED_ON.filter(variable => environment[variable] !== undefined);
      const words = [
        ...[reach.engine, 'run', '--rm', '--name', name],
        ...(reach.isPodman
          ? ['--device', `nvidia.com/gpu=${gpu ?? 'all'}`, '--security-opt', 'label=disable']
          : ['--gpus', gpu === undefined ? 'all' : `device=${gpu}`, ...ownerOf()]),
        ...passed.flatMap(variable => ['--env', variable]),
        ...['--volume', `${folder}:${FOLDER_IN_IMAGE}`, '--workdir', FOLDER_IN_IMAGE],
        ...['--entrypoint', IN_IMAGE[program], reach.image, ...args],
      ];
      return { words, folder, environment: {}, stop: [reach.engine, 'kill', name] };
    }
  }
}

/** Docker's containers run as root, and so would what they write belong to; Podman's root is the user. */
const ownerOf = (): readonly string[] => {
  const [user, group] = [process.getuid?.(), process.getgid?.()];
  return user === undefined || group === undefined ? [] : ['--user', `${user}:${group}`];
};

/** What a failure and `td doctor` call it. */
export function reachText(reach: Reach): string {
  switch (reach.kind) {
    case 'program':
      return reach.trtexec;
    case 'command':
      return reach.words.join(' ');
    case 'image':
      return `trtexec in ${reach.image} (${reach.isPodman ? 'podman' : 'docker'})`;
  }
}
