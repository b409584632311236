import { randomBytes } from 'node:crypto';
import { $ } from 'zx';
import { type Invocation, invocationOf, type Program, type Reach } from './reach.js';
import type { Ended } from './verdict.js';

export interface RunOptions {
  /** Working folder; paths in the arguments are relative to it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly timeoutMinutes: number;
  readonly gpu?: string;
  onLine?(line: string): void;
}

/** Runs trtexec or nvidia-smi, wherever it is. */
export function runProgram(
  reach: Reach,
  program: Program,
  args: readonly string[],
  options: RunOptions,
): Promise<Ended> {
  const { folder, gpu } = options;
  const name = `td-${process.pid}-${randomBytes(4).toString('hex')}`;
  const place = { folder, name, environment: process.env, ...(gpu === undefined ? {} : { gpu }) };
  return runInvocation(invocationOf(reach, program, args, place), options);
}

/**
 * Runs a process to its end. Nothing is left running: on time-out and interrupt the process, what it has started, and its
 * container are killed. trtexec has nothing to save, so no grace is given.
 */
export async function runInvocation(
  { words, folder, environment, stop }: Invocation,
  { signal, timeoutMinutes, onLine }: Pick<RunOptions, 'signal' | 'timeoutMinutes' | 'onLine'>,
): Promise<Ended> {
  let ended: Ended['ended'];
  if (signal.aborted) return { output: '', exitCode: null, signal: null, ended: { because: 'interrupted' } };
  const child = $({
    ...PLAIN_SHELL,
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In the group of the worker, which is ended as a whole when the build is killed.
    detached: false,
  })`exec ${[...words]}`;
  // As they come: what was said last is worth knowing of a run that did not end by itself.
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    eachLine(stream, line => {
      lines.push(line);
      onLine?.(line);
    });
  }

  const kill = (because: NonNullable<Ended['ended']>): void => {
    ended ??= because;
    // Whatever is gone already cannot be killed again.
    child.kill('SIGKILL').catch(() => undefined);
    if (stop) void $({ ...PLAIN_SHELL, stdio: 'ignore' })`${[...stop]}`;
  };
  const onAbort = (): void => kill({ because: 'interrupted' });
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => kill({ because: 'timeout', minutes: timeoutMinutes }), timeoutMinutes * 60_000);
  try {
    const { exitCode, signal: endedBy } = await child;
    return { output: lines.join('\n'), exitCode, signal: endedBy, ...(ended ? { ended } : {}) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Any system has it; zx's own choice, bash, is not in every container. */
const PLAIN_SHELL = {
  shell: '/bin/sh',
  prefix: '',
  postfix: '',
  quote: (word: string): string => `'${word.replaceAll("'", "'\\''")}'`,
  nothrow: true,
  quiet: true,
} as const;

function eachLine(stream: NodeJS.ReadableStream, tell: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer | string) => {
    const lines = (rest + chunk.toString()).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
  });
  stream.on('end', () => {
    if (rest !== '') tell(rest);
  });
}
