import { describe, expect, test } from 'vitest';
import { httpError, streamedError } from '../../src/client/errors.js';
import { type CallLimits, type Clock, DEFAULT_RETRY, streamWithRetries, withRetries } from '../../src/client/retry.js';
import { fail, ok } from '../../src/util/result.js';

/** Time that passes only by sleeping. `random`: what every draw gives. */
function virtualClock(random: number): Clock & { readonly pauses: number[] } {
  let time = 0;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => time,
    random: () => random,
    sleep: async milliseconds => {
      pauses.push(milliseconds);
      time += milliseconds;
    },
  };
}

const BUSY = httpError(503, 'busy');
const LIMITS: CallLimits = { timeoutMilliseconds: 60_000 };

describe('pauses', () => {
  const policy = { attempts: 6, firstPauseMilliseconds: 100, longestPauseMilliseconds: 500 };
  test.each([
    [0, [50, 100, 200, 250, 250]],
    [1, [100, 200, 400, 500, 500]],
  ])('double up to the longest, between half and all of it: draw %d', async (draw, expected) => {
    const clock = virtualClock(draw);
    expect(await withRetries(LIMITS, policy, async () => fail(BUSY), clock)).toEqual(fail(BUSY));
    expect(clock.pauses).toEqual(expected);
  });

  test('as long as the server asks', async () => {
    const clock = virtualClock(0);
    await withRetries(LIMITS, { ...policy, attempts: 2 }, async () => fail(httpError(503, 'busy', 3000)), clock);
    expect(clock.pauses).toEqual([3000]);
  });

  test('none that would outlast the deadline', async () => {
    const clock = virtualClock(1);
    await withRetries({ timeoutMilliseconds: 350 }, policy, async () => fail(BUSY), clock);
    // 100 and 200 fit into 350; 400 more do not.
    expect(clock.pauses).toEqual([100, 200]);
  });
});

test('an end by deadline after several attempts says how many', async () => {
  let attempts = 0;
  const answer = await withRetries(
    { timeoutMilliseconds: 40 },
    { ...DEFAULT_RETRY, firstPauseMilliseconds: 0 },
    signal => {
      if (++attempts < 3) return Promise.resolve(fail(BUSY));
      return new Promise(resolve => signal.addEventListener('abort', () => resolve(fail(streamedError('aborted')))));
    },
  );
  expect(answer).toMatchObject({
    error: { kind: 'deadline', message: 'no answer within 40 ms and 3 attempts' },
  });
});

test('what is not safe is not tried again', async () => {
  const clock = virtualClock(0);
  expect(await withRetries(LIMITS, DEFAULT_RETRY, async () => fail(httpError(500, 'no')), clock)).toMatchObject({
    error: { status: 'INTERNAL' },
  });
  expect(clock.pauses).toEqual([]);
});

test('a stream is tried again only while nothing of it has come', async () => {
  const streams = [[fail(BUSY)], [ok(1), fail(BUSY)], [ok(2)]];
  const seen: unknown[] = [];
  const parts = streamWithRetries(
    LIMITS,
    DEFAULT_RETRY,
    async function* () {
      yield* streams.shift()!;
    },
    virtualClock(0),
  );
  for await (const part of parts) seen.push(part);
  expect(seen).toEqual([ok(1), fail(BUSY)]);
  expect(streams).toHaveLength(1);
});
