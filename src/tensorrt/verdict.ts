import { environmentFailure, type Failure, interrupted, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { MORE_MEMORY } from './fault.js';
import { faultIn } from './faults.js';
import { type Log, parseLog } from './log.js';
import type { TensorRtVersion } from './version.js';
import { versionText } from './version.js';

/** How a process ended. */
export interface Ended {
  /** Lines of stdout and stderr as they came; each of the two keeps its own order. */
  readonly output: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why we ended it, if we did. */
  readonly ended?: { readonly because: 'timeout'; readonly minutes: number } | { readonly because: 'interrupted' };
}

/** What a run must have proved, besides the absence of errors: exit code 0 is also given where an engine did not load. */
export type Proof = 'built' | 'loaded';

const TAIL_LINES = 12;

/**
 * A run counts only on positive proof: exit code 0, a last line that says PASSED, no [E] or [F] line, the banner of the release
 * that was probed, and the line that says an engine was built or loaded.
 */
export function judgeRun(ended: Ended, probed: TensorRtVersion, proof: Proof): Result<Log, Failure> {
  const log = parseLog(ended.output);
  const failure = failureOf(ended, log, probed, proof);
  return failure ? fail({ ...failure, details: failure.details ?? tailOf(log) }) : ok(log);
}

function failureOf(ended: Ended, log: Log, probed: TensorRtVersion, proof: Proof): Failure | undefined {
  if (ended.ended?.because === 'interrupted') return interrupted();
  if (ended.ended?.because === 'timeout') return timedOut(ended.ended.minutes, log);
  // A signal leaves no FAILED line. What was printed before may still tell why.
  if (isKilled(ended) || (log.verdict !== 'PASSED' && isCrashed(ended))) return endedBySignal(ended, log);
  const succeeded = ended.exitCode === 0 && log.verdict === 'PASSED';
  const fault = faultIn(succeeded ? log.errors : [...log.errors, ...log.asides]);
  if (fault) return fault;
  if (!succeeded) return failedForUnknownReason(ended, log);
  if (log.errors.length > 0) return besideErrors(log.errors[0]!);
  if (log.banner && versionText(log.banner.version) !== versionText(probed)) return otherRelease(log, probed);
  const isProved = proof === 'built' ? log.madeEngine : log.loadedEngine;
  if (isProved) return undefined;
  const line = proof === 'built' ? 'Created engine with size' : 'Engine deserialized in';
  return unproven(`trtexec reports success, but no engine was ${proof}`, `the line '${line}'`, 'none such');
}

const isKilled = ({ exitCode, signal }: Ended): boolean => signal === 'SIGKILL' || exitCode === 137;
/** As a shell tells signals, and not 255, with which ssh and containers tell troubles of their own. */
const isCrashed = ({ exitCode, signal }: Ended): boolean =>
  signal !== null || (exitCode !== null && exitCode > 128 && exitCode < 255);

function timedOut(minutes: number, log: Log): Failure {
  return taskFailure('trtexec-timeout', `trtexec did not come to an end within ${minutes} min`, {
    found: lastLine(log) ?? 'no output',
    fix: 'raise engineOptions.timeoutMinutes, lower builderOptimizationLevel, or use a timing cache',
  });
}

function endedBySignal(ended: Ended, log: Log): Failure {
  const found = ended.signal ?? `exit code ${ended.exitCode}`;
  if (isKilled(ended)) {
    return environmentFailure(
      'trtexec-killed',
      'trtexec was killed, most likely because the machine ran out of memory',
      {
        found: `${found} after: ${lastLine(log) ?? 'no output'}`,
        fix: MORE_MEMORY,
      },
    );
  }
  // Without a GPU or its driver trtexec aborts, and says why without a severity.
  const cause = faultIn([...log.errors, ...log.asides]);
  return (
    cause ??
    taskFailure('trtexec-crashed', 'trtexec crashed', {
      found: `${found} after: ${lastLine(log) ?? 'no output'}`,
      fix: 'another patch release of TensorRT or of the driver may not have the fault',
    })
  );
}

const failedForUnknownReason = ({ exitCode }: Ended, log: Log): Failure =>
  taskFailure('trtexec-failed', 'trtexec failed', {
    expected: 'exit code 0 and a last line with PASSED',
    found: `exit code ${exitCode}, ${log.errors[0] ?? (log.verdict === undefined ? 'no verdict' : log.verdict)}`,
    fix: 'look at its last lines',
  });

const unproven = (message: string, expected: string, found: string): Failure =>
  taskFailure('engine-unproven', message, { expected, found, fix: 'build it again: td build --force' });

/** Nobody can tell from here whether such an engine lacks anything. */
const besideErrors = (error: string): Failure =>
  taskFailure('engine-unproven', 'trtexec reports success beside errors', {
    expected: 'no error',
    found: error,
    fix: 'look at the error; another patch release may not have it, and a lower builderOptimizationLevel tries fewer kernels',
  });

const otherRelease = (log: Log, probed: TensorRtVersion): Failure =>
  environmentFailure('tensorrt-changed', 'another release of TensorRT ran than the one that was asked before', {
    expected: `TensorRT ${versionText(probed)}`,
    found: `TensorRT ${versionText(log.banner!.version)}`,
    fix: 'build again; the image or the machine behind the command was changed meanwhile',
  });

const linesOf = (log: Log): string[] => log.text.split(/\r?\n/).filter(line => line.trim() !== '');
const withoutTime = (line: string): string => line.replace(/^\[\d\d\/\d\d\/\d{4}-\d\d:\d\d:\d\d\] /, '');
const lastLine = (log: Log): string | undefined => linesOf(log).map(withoutTime).at(-1);
const tailOf = (log: Log): string[] => linesOf(log).slice(-TAIL_LINES).map(withoutTime);
