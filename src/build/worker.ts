/** Main module of a worker process: runs stages for the build that started it, and ends with it. */
import { writeFileSync } from 'node:fs';
import { environmentFailure, type Failure, interrupted, taskFailure } from '../util/failure.js';
import { fail, type Result } from '../util/result.js';
import { isDiskFull, machineFix } from './file-system-failure.js';
import type { Progress, Stage, StageContext } from './task.js';
import type { RunRequest, Usage, WorkerMessage } from './worker-protocol.js';

const MIB = 1 << 20;
const PROGRESS_INTERVAL_MILLISECONDS = 100;

let abort = new AbortController();

const send = (message: WorkerMessage) => process.send?.(message);

process.on('SIGTERM', () => abort.abort());
// The build that started us is gone. We lead a process group of our own: what a stage has started ends with us.
process.on('disconnect', () => {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(1);
  }
});

process.on('message', async (request: RunRequest) => {
  abort = new AbortController();
  resetPeakMemory();
  const started = performance.now();
  const cpu = process.cpuUsage();
  const result = await runStage(request);
  const { user, system } = process.cpuUsage(cpu);
  const usage: Usage = {
    milliseconds: performance.now() - started,
    cpuMilliseconds: (user + system) / 1000,
    peakMemoryMiB: process.resourceUsage().maxRSS / 1024,
    residentMiB: process.memoryUsage.rss() / MIB,
  };
  send({ type: 'done', result, usage });
});

async function runStage(request: RunRequest): Promise<Result<void, Failure>> {
  try {
    const registry = (await import(request.registry)) as { loadStage(name: string): Promise<Stage> };
    const stage = await registry.loadStage(request.stage);
    const { params, hints, in: inputs, out, scratch } = request;
    const context: StageContext = {
      params,
      ...(hints === undefined ? {} : { hints }),
      in: inputs,
      out,
      scratch,
      signal: abort.signal,
      progress: throttled(send),
    };
    return await stage.run(context);
  } catch (error) {
    if (abort.signal.aborted) return fail(interrupted());
    return fail(thrown(request.stage, error));
  }
}

/** A stage returns what it expects to go wrong; what it throws is the file system's or a bug. */
function thrown(stage: string, error: unknown): Failure {
  const { message, stack } = error as Error;
  if (isDiskFull(error)) {
    return environmentFailure('disk-full', `no space left while stage ${stage} ran`, { found: message });
  }
  const fix = machineFix(error);
  if (fix !== undefined) {
    return environmentFailure('file-system', `stage ${stage} could not read or write`, { found: message, fix });
  }
  return taskFailure('stage-threw', `stage ${stage} stopped with an internal error`, {
    found: message ?? String(error),
    details: (stack ?? '').split('\n').slice(1, 12),
    fix: 'please report it together with these lines',
  });
}

/** At most ten a second; the last one of a measured kind always passes. */
function throttled(tell: (message: WorkerMessage) => void): (progress: Progress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return progress => {
    const now = performance.now();
    const isLast = progress.total !== undefined && progress.done === progress.total;
    if (!isLast && now - last < PROGRESS_INTERVAL_MILLISECONDS) return;
    last = now;
    tell({ type: 'progress', progress });
  };
}

/** Linux only: elsewhere the peak is that of the whole process so far. */
function resetPeakMemory(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not this system, or not permitted.
  }
}
