import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { typescriptKernels } from '../../../src/kernels/index.js';
import { GrowingHistogram, type Histogram } from '../../../src/quantization/calibration/growing-histogram.js';

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, 0, values.byteLength);
const largestOf = (values: Float32Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

function streamed(batches: readonly Float32Array[]): Histogram {
  const histogram = new GrowingHistogram();
  for (const batch of batches) histogram.add(bytesOf(batch), largestOf(batch));
  return histogram.result()!;
}

/** Any finite float32, of all magnitudes alike. */
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const batches = fc.array(
  fc.array(float, { minLength: 1, maxLength: 40 }).map(values => Float32Array.from(values)),
  { minLength: 1, maxLength: 6 },
);

/** The bins that are not empty, as [where it begins, how many]. */
const occupied = ({ counts, width }: Histogram): [number, number][] =>
  [...counts.entries()].filter(([, count]) => count > 0).map(([i, count]) => [(i - counts.length / 2) * width, count]);

describe('a histogram that grows', () => {
  test('is what counting everything at once with its last width gives', () => {
    fc.assert(
      fc.property(batches, all => {
        const { counts, width } = streamed(all);
        const values = Float32Array.from(all.flatMap(batch => [...batch]));
        const atOnce = new Float64Array(counts.length);
        expect(typescriptKernels.histogram(bytesOf(values), width, atOnce)).toBe(0);
        expect([...counts]).toEqual([...atOnce]);
      }),
      { numRuns: 150 },
    );
  });

  test('has the narrowest bins that everything fits into', () => {
    fc.assert(
      fc.property(batches, all => {
        const { counts, width } = streamed(all);
        const largest = Math.max(...all.map(largestOf));
        expect(largest).toBeLessThan((counts.length / 2) * width);
        if (width > 2 ** -126) expect(largest).toBeGreaterThanOrEqual((counts.length / 4) * width);
      }),
      { numRuns: 150 },
    );
  });

  test('does not depend on the order of batches', () => {
    fc.assert(
      fc.property(batches, all => {
        expect(occupied(streamed(all.toReversed()))).toEqual(occupied(streamed(all)));
      }),
      { numRuns: 100 },
    );
  });

  test('leaves NaN and infinity out, and takes zeros alone', () => {
    const histogram = new GrowingHistogram();
    expect(histogram.result()).toBeUndefined();
    histogram.add(bytesOf(Float32Array.of(0, Number.NaN, -0, Number.NEGATIVE_INFINITY)), 0);
    expect(occupied(histogram.result()!)).toEqual([[0, 2]]);
    histogram.add(bytesOf(Float32Array.of(3, -1e-40)), 3);
    expect(occupied(histogram.result()!)).toEqual([
      [-(2 ** -10), 1],
      [0, 2],
      [3, 1],
    ]);
  });
});
