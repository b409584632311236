import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GrowingHistogram } from '../../../src/quantization/calibration/growing-histogram.js';
import { type Interval, intervalsOf, METHODS } from '../../../src/quantization/calibration/methods.js';
import { seededRandom } from '../../../src/util/random.js';

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, 0, values.byteLength);

function intervals(values: Float32Array) {
  const histogram = new GrowingHistogram();
  const range = { low: values.reduce((a, b) => Math.min(a, b)), high: values.reduce((a, b) => Math.max(a, b)) };
  histogram.add(bytesOf(values), Math.max(-range.low, range.high));
  const found = intervalsOf({ histogram: histogram.result()!, range, batchRange: range });
  return { found, range, width: histogram.result()!.width };
}

/** Standard normal, by Box and Muller. */
function normal(count: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => {
    const [a, b] = [1 - random.next(), random.next()];
    return Math.sqrt(-2 * Math.log(a)) * Math.cos(2 * Math.PI * b);
  });
}

/** What 8 bits make of values, 0 included, as QuantizeLinear and DequantizeLinear do. */
function meanSquaredError(values: Float32Array, { low, high }: Interval): number {
  const [from, to] = [Math.min(low, 0), Math.max(high, 0)];
  const step = (to - from) / 255;
  const zero = Math.round(-from / step);
  const error = (x: number): number => (Math.min(255, Math.max(0, Math.round(x / step) + zero)) - zero) * step - x;
  return values.reduce((sum, x) => sum + error(x) ** 2, 0) / values.length;
}

describe('every method', () => {
  test('stays within the range, whatever the values', () => {
    const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 100), max: 2 ** 100 }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(values, list => {
        const { found, range } = intervals(Float32Array.from(list));
        for (const method of METHODS) {
          const { low, high } = found[method];
          expect(low, method).toBeGreaterThanOrEqual(range.low);
          expect(high, method).toBeLessThanOrEqual(range.high);
          expect(low, method).toBeLessThanOrEqual(high);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([0, 5, -3, 1e-40, 1e30])('keeps the only value there is: %f', value => {
    const only = Math.fround(value);
    const { found } = intervals(new Float32Array(1000).fill(only));
    // Zero is always within what integers stand for; how far beyond the value an interval reaches is all that matters.
    for (const method of METHODS) {
      const { low, high } = found[method];
      expect([Math.min(low, 0), Math.max(high, 0)], method).toEqual([Math.min(only, 0), Math.max(only, 0)]);
    }
  });
});

describe('percentiles', () => {
  test('keep their share of the values, and not a bin more than it takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 2, max: 30_000 }), (seed, count) => {
        const values = normal(count, seed).map(x => x ** 3);
        const { found, width } = intervals(values);
        const sorted = values.toSorted();
        for (const [method, share] of [
          ['percentile-99.99', 0.9999],
          ['percentile-99.999', 0.99999],
        ] as const) {
          const { low, high } = found[method];
          const inside = sorted.filter(x => x >= low && x <= high).length;
          expect(inside).toBeGreaterThanOrEqual(Math.floor(share * count));
          const mayGo = Math.floor(((1 - share) / 2) * count);
          expect(sorted[mayGo]! - low).toBeLessThanOrEqual(width);
          expect(high - sorted[count - 1 - mayGo]!).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('an outlier among a quarter of a million', () => {
  const values = normal(250_000, 3);
  values[17] = 60;
  const { found } = intervals(values);
  const error = (interval: Interval): number => meanSquaredError(values, interval);

  test('stretches the range of min-max, and of no other method that looks at the distribution', () => {
    expect(found['min-max'].high).toBe(60);
    for (const method of ['percentile-99.99', 'percentile-99.999', 'entropy'] as const) {
      expect(found[method].high, method).toBeLessThan(10);
      expect(found[method].high, method).toBeGreaterThan(2);
    }
  });

  test('mse trades what is cut off for finer steps, better than any other', () => {
    for (const method of METHODS) expect(error(found.mse), method).toBeLessThanOrEqual(error(found[method]) * 1.01);
    // No interval of a finer search is much better, and one that is wrong by a fifth is worse.
    const tried = Array.from({ length: 120 }, (_, i) => error({ low: found.mse.low, high: 0.5 + i * 0.5 }));
    expect(error(found.mse)).toBeLessThanOrEqual(Math.min(...tried) * 1.05);
  });
});

test('uniform values are not cut', () => {
  const random = seededRandom(9);
  const { found } = intervals(Float32Array.from({ length: 50_000 }, () => random.next() * 4 - 1));
  for (const method of METHODS) {
    expect(found[method].high, method).toBeGreaterThan(2.9);
    expect(found[method].low, method).toBeLessThan(-0.95);
  }
});
