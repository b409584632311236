import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Provider, Tensors } from '../runtime/session.js';
import { type Failure, interrupted, taskFailure } from '../util/failure.js';
import { fail, type Result } from '../util/result.js';

/** What `peak-memory-child` is told. */
export interface PeakMemoryRequest {
  readonly folder: string;
  readonly threads: number;
  readonly provider?: Provider;
  readonly feeds: Tensors;
}

export interface PeakMemory {
  /** Resident memory of a process that loads the model and runs it: its largest, with Node and ONNX Runtime. */
  readonly peakBytes: number;
  /** The same process before the model: the largest until then. */
  readonly baselineBytes: number;
}

/** A started process needs JavaScript; run from the sources, it is the compiled one in lib. */
const CHILD = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../lib/benchmark/peak-memory-child.js' : './peak-memory-child.js',
    import.meta.url,
  ),
);

/**
 * Peak memory of one model, in a process of its own: pages that several models share, or that one has freed and another
 * took, cannot be told apart within a process.
 */
export function measurePeakMemory(
  request: PeakMemoryRequest,
  signal: AbortSignal,
): Promise<Result<PeakMemory, Failure>> {
  return new Promise(resolve => {
    const child = fork(CHILD, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    let errors = '';
    child.stderr!.on('data', chunk => (errors += chunk));
    const stop = (): void => void child.kill();
    signal.addEventListener('abort', stop, { once: true });
    let answer: Result<PeakMemory, Failure> | undefined;
    child.on('message', message => (answer = message as Result<PeakMemory, Failure>));
    child.on('error', error => (errors += error.message));
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return resolve(fail(interrupted()));
      if (answer) return resolve(answer);
      resolve(
        fail(
          taskFailure('peak-memory-failed', 'the process that measures peak memory ended without an answer', {
            where: request.folder,
            found: killedBy ? `killed by ${killedBy}` : `exit code ${code}`,
            details: errors.trim().split('\n').slice(-10),
          }),
        ),
      );
    });
    child.send(request);
  });
}
