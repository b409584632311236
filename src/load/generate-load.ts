import type { Random } from '../util/random.js';
import type { EndedRequest } from './windows.js';

/** Replaced in tests by time that passes only when all sleep. */
export interface LoadClock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Requests in flight at any time, or requests begun in a second. */
export type Level =
  | { readonly concurrency: number }
  | { readonly requestRate: number; readonly distribution: 'constant' | 'poisson' };

export const levelValue = (level: Level): number => ('concurrency' in level ? level.concurrency : level.requestRate);

/** Sends one request; true when it was answered well. Never throws. */
export type Send = (signal: AbortSignal) => Promise<boolean>;

/** A load while it lasts. */
export interface Load {
  /** In the order in which they ended. */
  readonly ended: readonly EndedRequest[];
  /** Requests that began more than a millisecond late, because this machine could not keep the rate. */
  readonly delayed: number;
  /** Begins no more requests, gives up those that run, and waits for their end. */
  stop(): Promise<void>;
}

/**
 * Begins the load. With a concurrency, each answer is followed by the next request at once; with a rate, requests begin at their
 * times whether or not earlier ones are answered, so that a server that falls behind is seen to.
 */
export function generateLoad(level: Level, send: Send, clock: LoadClock, random: Random): Load {
  const controller = new AbortController();
  const { signal } = controller;
  const ended: EndedRequest[] = [];
  const one = async (): Promise<void> => {
    const start = clock.now();
    const succeeded = await send(signal);
    // What was given up at the end says nothing of the server.
    if (!signal.aborted) ended.push({ start, end: clock.now(), succeeded });
  };
  const load = { ended, delayed: 0 };
  const running: Promise<void>[] = [];

  if ('concurrency' in level) {
    for (let worker = 0; worker < level.concurrency; worker++) {
      running.push(
        (async () => {
          while (!signal.aborted) await one();
        })(),
      );
    }
  } else {
    running.push(
      (async () => {
        const inFlight = new Set<Promise<void>>();
        for (let next = clock.now(); !signal.aborted; next += interval(level, random)) {
          const wait = next - clock.now();
          if (wait > 0) await clock.sleep(wait, signal);
          else if (wait < -1) load.delayed++;
          if (signal.aborted) break;
          const request = one().finally(() => inFlight.delete(request));
          inFlight.add(request);
        }
        await Promise.all(inFlight);
      })(),
    );
  }
  return {
    ended,
    get delayed() {
      return load.delayed;
    },
    async stop() {
      controller.abort();
      await Promise.all(running);
    },
  };
}

/** Milliseconds between two requests; exponential for independent clients. */
function interval(level: Extract<Level, { requestRate: number }>, random: Random): number {
  const mean = 1000 / level.requestRate;
  return level.distribution === 'constant' ? mean : -Math.log(1 - random.next()) * mean;
}
