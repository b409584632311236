import { fileURLToPath } from 'node:url';
import { $ } from 'zx';

/** How a run of Python ended. */
export interface Ended {
  /** What it wrote, both streams in one. */
  readonly output: string;
  readonly stdout: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
}

export interface PythonOptions {
  /** Working folder. */
  readonly folder: string;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  onLine?(line: string): void;
}

/** The interpreter: a name on PATH, or a path. */
export const pythonName = (environment: NodeJS.ProcessEnv = process.env): string => environment.TD_PYTHON || 'python3';

const scriptPath = (name: 'probe' | 'export'): string => fileURLToPath(new URL(`./python/${name}.py`, import.meta.url));

/** Runs one of our scripts to its end; nothing of it is left running. */
export async function runPython(
  python: string,
  script: 'probe' | 'export',
  args: readonly string[],
  { folder, timeoutSeconds, signal, onLine }: PythonOptions,
): Promise<Ended> {
  let timedOut = false;
  const child = $({
    cwd: folder,
    env: {
      ...process.env,
      // All that is needed is here; what the script writes must not depend on the machine's other settings.
      HF_HUB_OFFLINE: '1',
      CUDA_VISIBLE_DEVICES: '',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONHASHSEED: '0',
      PYTHONUTF8: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    nothrow: true,
    quiet: true,
    // In the group of the worker, which is ended as a whole when the build is killed.
    detached: false,
  })`exec ${python} ${scriptPath(script)} ${[...args]}`;
  child.stdout.on('data', (chunk: Buffer | string) => {
    for (const line of chunk.toString().split(/\r?\n/)) if (line !== '') onLine?.(line);
  });
  // What is gone already cannot be killed again.
  const kill = (): void => void child.kill('SIGKILL').catch(() => undefined);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutSeconds * 1000);
  signal?.addEventListener('abort', kill, { once: true });
  try {
    const { exitCode, signal: endedBy, stdout, stderr, stdall } = await child;
    return { output: stdall || `${stdout}${stderr}`, stdout, exitCode, signal: endedBy, timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
  }
}

/** The end of a log, where the reason stands. */
export const lastLines = (output: string, count = 12): string[] =>
  output
    .split(/\r?\n/)
    .map(line => line.trimEnd())
    .filter(line => line !== '' && !line.startsWith('td: '))
    .slice(-count);
