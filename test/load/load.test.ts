import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INFERENCE_DURATIONS, type ModelStatistics, type StatisticDuration } from '../../src/client/messages.js';
import { generateLoad, type LoadClock } from '../../src/load/generate-load.js';
import { type LoadSettings, measureLoad } from '../../src/load/measure-load.js';
import { serverSplit } from '../../src/load/server-split.js';
import { syntheticInputs } from '../../src/load/synthetic-inputs.js';
import { isStable, latencyOf, percentileOf, type Window, windowOf } from '../../src/load/windows.js';
import { seededRandom } from '../../src/util/random.js';

/** Time passes only when everybody sleeps: then at once to the next who wakes. */
class VirtualClock implements LoadClock {
  #time = 0;
  readonly #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#time;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.#sleepers.push({ until: this.#time + milliseconds, wake });
    });
  }

  /** Runs until `work` is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const finished = work.finally(() => {
      done = true;
    });
    while (!done) {
      await new Promise(setImmediate);
      this.#sleepers.sort((a, b) => a.until - b.until);
      const next = this.#sleepers.shift();
      if (next === undefined) continue;
      this.#time = Math.max(this.#time, next.until);
      next.wake();
    }
    return finished;
  }
}

const never = new AbortController().signal;
const SETTINGS: LoadSettings = {
  // Not a multiple of 10 ms: what happens at the same time has no order.
  windowMilliseconds: 1003,
  stability: { share: 0.1 },
  maxTrials: 10,
  warmupRequests: 0,
  batch: 4,
};
const noStatistics = async (): Promise<readonly ModelStatistics[]> => [];

describe('a server that takes 10 ms', () => {
  for (const concurrency of [1, 3]) {
    test(`${concurrency} at a time`, async () => {
      const clock = new VirtualClock();
      const send = async (signal: AbortSignal) => {
        await clock.sleep(10, signal);
        return true;
      };
      const result = await clock.run(
        measureLoad({ concurrency }, { send, statistics: noStatistics }, SETTINGS, {
          clock,
          random: seededRandom(0),
          signal: never,
        }),
      );
      expect(result).toMatchObject({
        stable: true,
        windows: 3,
        seconds: expect.closeTo(3.009),
        requests: 300 * concurrency,
        failed: 0,
        inferencesPerSecond: expect.closeTo((1200 * concurrency) / 3.009),
        milliseconds: { mean: 10, standardDeviation: 0, p50: 10, p99: 10 },
        server: [],
      });
    });
  }

  test('one worker behind a queue: more at a time only wait', async () => {
    const clock = new VirtualClock();
    let free = 0;
    const send = async (signal: AbortSignal) => {
      free = Math.max(free, clock.now()) + 10;
      await clock.sleep(free - clock.now(), signal);
      return true;
    };
    const result = await clock.run(
      measureLoad({ concurrency: 4 }, { send, statistics: noStatistics }, SETTINGS, {
        clock,
        random: seededRandom(0),
        signal: never,
      }),
    );
    expect([Math.round(result.requestsPerSecond), result.milliseconds!.p50]).toEqual([100, 40]);
  });

  test('a constant rate begins requests at their times though answers are slow', async () => {
    const clock = new VirtualClock();
    const begun: number[] = [];
    const send = async (signal: AbortSignal) => {
      begun.push(clock.now());
      await clock.sleep(1000, signal);
      return true;
    };
    const load = generateLoad({ requestRate: 20, distribution: 'constant' }, send, clock, seededRandom(0));
    await clock.run(clock.sleep(500, never));
    await clock.run(load.stop());
    expect(begun.slice(0, 10)).toEqual([0, 50, 100, 150, 200, 250, 300, 350, 400, 450]);
    // They were given up, not answered.
    expect([load.ended, load.delayed]).toEqual([[], 0]);
  });

  test('a Poisson process has the rate on average, and irregular gaps', async () => {
    const clock = new VirtualClock();
    const begun: number[] = [];
    const send = async () => {
      begun.push(clock.now());
      return true;
    };
    const load = generateLoad({ requestRate: 100, distribution: 'poisson' }, send, clock, seededRandom(1));
    await clock.run(clock.sleep(20_000, never));
    await clock.run(load.stop());
    const gaps = begun.slice(1).map((time, index) => time - begun[index]!);
    const { mean, standardDeviation } = latencyOf(gaps)!;
    // 2000 gaps of mean and deviation 10: their mean is within 0.7, three times its own deviation.
    expect(Math.abs(mean - 10)).toBeLessThan(0.7);
    expect(Math.abs(standardDeviation - 10)).toBeLessThan(1);
  });

  test('failures do not count as throughput', async () => {
    const clock = new VirtualClock();
    let calls = 0;
    const send = async (signal: AbortSignal) => {
      await clock.sleep(10, signal);
      return ++calls % 2 === 0;
    };
    const result = await clock.run(
      measureLoad({ concurrency: 1 }, { send, statistics: noStatistics }, SETTINGS, {
        clock,
        random: seededRandom(0),
        signal: never,
      }),
    );
    expect([result.requests, result.failed]).toEqual([150, 150]);
  });

  test('latency that grows without end is never stable', async () => {
    const clock = new VirtualClock();
    let latency = 5;
    const send = async (signal: AbortSignal) => {
      await clock.sleep((latency *= 1.02), signal);
      return true;
    };
    const result = await clock.run(
      measureLoad(
        { concurrency: 1 },
        { send, statistics: noStatistics },
        { ...SETTINGS, maxTrials: 5 },
        {
          clock,
          random: seededRandom(0),
          signal: never,
        },
      ),
    );
    expect([result.stable, result.windows, result.seconds]).toEqual([false, 5, expect.closeTo(3.009)]);
  });
});

describe('windows', () => {
  test('a request counts where it ends', () => {
    const request = (start: number, end: number, succeeded = true) => ({ start, end, succeeded });
    const window = windowOf(
      [request(0, 999), request(0, 1000), request(1500, 1999), request(1, 1999, false), request(1, 2000)],
      1000,
      2000,
    );
    expect(window).toEqual({ seconds: 1, milliseconds: [1000, 499], failed: 1 });
  });

  const of = (count: number, latency: number): Window => ({
    seconds: 1,
    milliseconds: Array.from({ length: count }, () => latency),
    failed: 0,
  });
  const STABILITY: readonly (readonly [string, readonly Window[], boolean])[] = [
    ['two windows', [of(10, 1), of(10, 1)], false],
    ['equal', [of(10, 1), of(10, 1), of(10, 1)], true],
    ['throughput at the limit', [of(100, 1), of(110, 1), of(105, 1)], true],
    ['throughput beyond', [of(100, 1), of(111, 1), of(105, 1)], false],
    ['latency at the limit', [of(10, 100), of(10, 110), of(10, 100)], true],
    ['latency beyond', [of(10, 100), of(10, 111), of(10, 100)], false],
    ['an empty window', [of(10, 1), of(0, 1), of(10, 1)], false],
    ['only the last three count', [of(90, 9), of(10, 1), of(10, 1), of(10, 1)], true],
  ];
  test.each(STABILITY)('%s', (_, windows, expected) => {
    // 1.1 is no double; the limit itself has to be within it.
    expect(isStable(windows, { share: 0.1 + 1e-12 })).toBe(expected);
  });

  test('by a percentile, the mean may differ', () => {
    const windows = [of(10, 1), of(10, 1), { seconds: 1, milliseconds: [1, 1, 1, 1, 1, 1, 1, 1, 1, 50], failed: 0 }];
    expect([isStable(windows, { share: 0.1 }), isStable(windows, { share: 0.1, percentile: 50 })]).toEqual([
      false,
      true,
    ]);
  });

  test('the percentile is the rank that perf_analyzer takes', () => {
    const ascending = Array.from({ length: 100 }, (_, index) => index);
    expect([0, 50, 90, 95, 99, 100].map(percentile => percentileOf(ascending, percentile))).toEqual([
      0, 50, 89, 94, 98, 99,
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer({ min: 0, max: 100 }), (values, percentile) => {
        const ordered = [...values].sort((a, b) => a - b);
        expect(ordered).toContain(percentileOf(ordered, percentile));
      }),
    );
  });
});

const NOTHING: StatisticDuration = { count: 0, ns: 0 };
function statistics(
  name: string,
  values: Partial<Record<(typeof INFERENCE_DURATIONS)[number], StatisticDuration>>,
  counts = [0, 0],
): ModelStatistics {
  return {
    name,
    version: '1',
    last_inference: 0,
    inference_count: counts[0]!,
    execution_count: counts[1]!,
    inference_stats: {
      ...Object.fromEntries(INFERENCE_DURATIONS.map(duration => [duration, NOTHING])),
      ...values,
    } as ModelStatistics['inference_stats'],
    batch_stats: [],
  };
}

test("the server's share is what its statistics gained", () => {
  const before = [statistics('m', { success: { count: 10, ns: 1e9 }, queue: { count: 10, ns: 5e8 } }, [40, 10])];
  const after = [
    statistics(
      'm',
      {
        success: { count: 14, ns: 1e9 + 8e6 },
        queue: { count: 14, ns: 5e8 + 2e6 },
        compute_infer: { count: 4, ns: 4e6 },
      },
      [56, 12],
    ),
    statistics('idle', {}),
  ];
  expect(serverSplit(before, after)).toEqual([
    {
      model: 'm',
      requests: 4,
      inferences: 16,
      executions: 2,
      averageBatch: 8,
      microseconds: { request: 2000, queue: 500, computeInput: 0, computeInfer: 1000, computeOutput: 0 },
    },
  ]);
  // Loaded anew: the counts begin again, and nothing can be said.
  expect(serverSplit(after, before)).toEqual([]);
});

test('the part of the server and the rest are those of the windows that count', async () => {
  const clock = new VirtualClock();
  let requests = 0;
  const send = async (signal: AbortSignal) => {
    await clock.sleep(10, signal);
    requests++;
    return true;
  };
  // Of 10 ms, the server says 6; in the first window, which is not among the last three, it says 1000.
  const reading = async () => [
    statistics('m', { success: { count: requests, ns: requests * 6e6 + (clock.now() >= 1000 ? 1e12 : 0) } }, [
      requests,
      requests,
    ]),
  ];
  const result = await clock.run(
    measureLoad(
      { concurrency: 1 },
      { send, statistics: reading },
      { ...SETTINGS, stability: { share: -1 }, maxTrials: 4 },
      {
        clock,
        random: seededRandom(0),
        signal: never,
      },
    ),
  );
  expect(result.server[0]!.requests).toBe(301);
  expect(result.overheadMilliseconds).toBeCloseTo(4, 6);
});

describe('inputs of a model of which nothing is known', () => {
  const metadata = {
    name: 'm',
    versions: ['1'],
    platform: '',
    inputs: [
      { name: 'TEXT', datatype: 'BYTES', shape: [-1, 1] },
      { name: 'input_ids', datatype: 'INT64', shape: [-1, -1] },
      { name: 'attention_mask', datatype: 'INT64', shape: [-1, -1] },
      { name: 'share', datatype: 'FP32', shape: [-1, 2] },
    ],
    outputs: [],
  };
  test('open shapes must be given', () => {
    const shapes = { batch: 2, batched: true, shapes: {} };
    expect(syntheticInputs(metadata, shapes, seededRandom(0))).toEqual({
      ok: false,
      error: "input 'input_ids' has the shape [-1]: which? --shape input_ids:16",
    });
  });

  test('by name: masks are ones', () => {
    const shapes = { batch: 2, batched: true, shapes: { input_ids: [3], attention_mask: [3] } };
    const made = syntheticInputs(metadata, shapes, seededRandom(0));
    if (!made.ok) throw new Error(made.error);
    expect(Object.entries(made.value).map(([name, { datatype, shape }]) => [name, datatype, shape])).toEqual([
      ['TEXT', 'BYTES', [2, 1]],
      ['input_ids', 'INT64', [2, 3]],
      ['attention_mask', 'INT64', [2, 3]],
      ['share', 'FP32', [2, 2]],
    ]);
    expect(made.value.attention_mask!.data).toEqual(new BigInt64Array(6).fill(1n));
    expect(new Set(made.value.input_ids!.data as BigInt64Array).size).toBeGreaterThan(1);
  });
});
