import { setTimeout as sleepFor } from 'node:timers/promises';
import { fail } from '../util/result.js';
import { type ClientError, cancelledError, deadlineError } from './errors.js';
import type { Outcome } from './transport.js';

/** Of the whole call, all attempts and pauses together. */
export interface CallLimits {
  /** Infinity: none. */
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

export interface RetryPolicy {
  /** Of attempts, the first included. 1: never again. */
  readonly attempts: number;
  /** Before the second attempt; doubles with each, up to the longest. */
  readonly firstPauseMilliseconds: number;
  readonly longestPauseMilliseconds: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 4,
  firstPauseMilliseconds: 100,
  longestPauseMilliseconds: 5000,
};

/** Replaced in tests. */
export interface Clock {
  now(): number;
  /** In [0, 1). */
  random(): number;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  random: Math.random,
  sleep: (milliseconds, signal) => sleepFor(milliseconds, undefined, { signal }).catch(() => undefined),
};

/** The limits of one call while it runs. */
export class Deadline {
  readonly #end: number;
  readonly #late = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #limits: CallLimits;
  readonly #clock: Clock;
  /** Aborted when the time is over or the caller gives up. */
  readonly signal: AbortSignal;

  constructor(limits: CallLimits, clock: Clock = SYSTEM_CLOCK) {
    this.#limits = limits;
    this.#clock = clock;
    this.#end = clock.now() + limits.timeoutMilliseconds;
    // Node's timers hold 2^31 - 1 milliseconds; a longer one would fire at once.
    if (limits.timeoutMilliseconds < 2 ** 31) {
      this.#timer = setTimeout(() => this.#late.abort(), limits.timeoutMilliseconds);
    }
    this.signal = limits.signal ? AbortSignal.any([this.#late.signal, limits.signal]) : this.#late.signal;
  }

  get remainingMilliseconds(): number {
    return this.#end - this.#clock.now();
  }

  /** What an attempt's error means: one that came of the limits is theirs. */
  blame(error: ClientError, attempts: number): ClientError {
    if (this.#limits.signal?.aborted) return cancelledError();
    if (!this.#late.signal.aborted) return error;
    const tried = attempts > 1 ? ` and ${attempts} attempts` : '';
    return deadlineError(`no answer within ${this.#limits.timeoutMilliseconds} ms${tried}`);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Tries until it works, fails for good, or the limits are reached. Tried again is only what the server has not begun with:
 * a connection that was refused, 503, UNAVAILABLE. A pause that would outlast the deadline is not waited for.
 */
export async function withRetries<T>(
  limits: CallLimits,
  policy: RetryPolicy,
  once: (signal: AbortSignal) => Promise<Outcome<T>>,
  clock: Clock = SYSTEM_CLOCK,
): Promise<Outcome<T>> {
  const deadline = new Deadline(limits, clock);
  try {
    for (let attempts = 1; ; attempts++) {
      if (limits.signal?.aborted) return fail(cancelledError());
      const outcome = await once(deadline.signal);
      if (outcome.ok) return outcome;
      const error = deadline.blame(outcome.error, attempts);
      if (!(await pauseBeforeAnother(error, attempts, policy, deadline, clock))) return fail(error);
    }
  } finally {
    deadline.end();
  }
}

/** The same for an answer of many parts: tried again only while none has come. */
export async function* streamWithRetries<T>(
  limits: CallLimits,
  policy: RetryPolicy,
  once: (signal: AbortSignal) => AsyncIterable<Outcome<T>>,
  clock: Clock = SYSTEM_CLOCK,
): AsyncGenerator<Outcome<T>, void, undefined> {
  const deadline = new Deadline(limits, clock);
  let begun = false;
  try {
    for (let attempts = 1; ; attempts++) {
      if (limits.signal?.aborted) return yield fail(cancelledError());
      let failed: ClientError | undefined;
      for await (const outcome of once(deadline.signal)) {
        if (!outcome.ok) {
          failed = deadline.blame(outcome.error, attempts);
          break;
        }
        begun = true;
        yield outcome;
      }
      if (failed === undefined) return;
      if (begun || !(await pauseBeforeAnother(failed, attempts, policy, deadline, clock))) return yield fail(failed);
    }
  } finally {
    deadline.end();
  }
}

/** Waits, and says whether there is to be another attempt. */
async function pauseBeforeAnother(
  error: ClientError,
  attempts: number,
  policy: RetryPolicy,
  deadline: Deadline,
  clock: Clock,
): Promise<boolean> {
  if (!error.safeToRetry || attempts >= policy.attempts) return false;
  const longest = Math.min(policy.longestPauseMilliseconds, policy.firstPauseMilliseconds * 2 ** (attempts - 1));
  // Between half and all of it: clients that were refused together come back one by one.
  const pause = Math.max(longest * (0.5 + clock.random() / 2), error.retryAfterMilliseconds ?? 0);
  if (pause >= deadline.remainingMilliseconds) return false;
  await clock.sleep(pause, deadline.signal);
  return true;
}
