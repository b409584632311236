import type { Histogram } from './growing-histogram.js';

/** The part of a tensor's values that integers stand for; what lies outside becomes its nearest end. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How an interval is drawn from the values seen: `method` in the configuration; a percentile keeps that share of the values. */
export const METHODS = [
  'min-max',
  'moving-average',
  'percentile-99.99',
  'percentile-99.999',
  'entropy',
  'mse',
] as const;
export type Method = (typeof METHODS)[number];

/** What is known of a tensor's values. */
export interface Observed {
  readonly histogram: Histogram;
  /** Of all values. */
  readonly range: Interval;
  /** The mean of the batches' own ranges. */
  readonly batchRange: Interval;
}

/** 8 bits. */
const LEVELS = 256;

/** Every method's interval, within the range of all values. */
export function intervalsOf(observed: Observed): Readonly<Record<Method, Interval>> {
  const { histogram, range, batchRange } = observed;
  const bins = occupiedBins(histogram, range);
  return {
    'min-max': range,
    'moving-average': batchRange,
    'percentile-99.99': percentile(bins, range, 0.9999),
    'percentile-99.999': percentile(bins, range, 0.99999),
    entropy: entropy(bins, range),
    mse: meanSquaredError(bins, range),
  };
}

/** The bins from the first to the last that holds anything. */
interface Bins {
  readonly counts: Float64Array;
  /** Where the first begins. */
  readonly start: number;
  readonly width: number;
  readonly total: number;
}

function occupiedBins({ counts, width }: Histogram, { low, high }: Interval): Bins {
  const zero = counts.length / 2;
  const first = Math.max(0, zero + Math.floor(low / width));
  const last = Math.min(counts.length - 1, zero + Math.floor(high / width));
  const occupied = counts.subarray(first, last + 1);
  return { counts: occupied, start: (first - zero) * width, width, total: occupied.reduce((a, b) => a + b, 0) };
}

/** Leaves out the same share at both ends, whole bins at a time: at least `share` of the values stays. */
function percentile({ counts, start, width, total }: Bins, range: Interval, share: number): Interval {
  const mayGo = ((1 - share) / 2) * total;
  let first = 0;
  for (let gone = counts[0]!; gone <= mayGo; gone += counts[first]!) first++;
  let last = counts.length - 1;
  for (let gone = counts[last]!; gone <= mayGo; gone += counts[last]!) last--;
  return within(range, { low: start + first * width, high: start + (last + 1) * width });
}

/** An interval cut to the range; one that lies outside of it becomes its nearest end. */
function within(range: Interval, { low, high }: Interval): Interval {
  const from = Math.min(range.high, Math.max(range.low, low));
  return { low: from, high: Math.max(from, Math.min(range.high, high)) };
}

/** Shares of the range that are tried as limits. */
const CANDIDATES = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);

/** The interval with the smallest mean of squared errors of 8-bit values. */
function meanSquaredError(bins: Bins, range: Interval): Interval {
  const clipping = clippingErrors(bins);
  const errorOf = (interval: Interval): number => {
    const step = (Math.max(interval.high, 0) - Math.min(interval.low, 0)) / (LEVELS - 1);
    const { below, above, inside } = clipping(interval);
    return below + above + (inside * step * step) / 12;
  };
  let best = range;
  // One end after the other; what one has left out may allow more at the other.
  for (let round = 0; round < 2; round++) {
    best = smallest(
      CANDIDATES,
      share => within(range, { ...best, low: range.low * (range.low < 0 ? share : 1) }),
      errorOf,
    );
    best = smallest(
      CANDIDATES,
      share => within(range, { ...best, high: range.high * (range.high > 0 ? share : 1) }),
      errorOf,
    );
  }
  return best;
}

function smallest(
  shares: readonly number[],
  interval: (share: number) => Interval,
  errorOf: (interval: Interval) => number,
): Interval {
  let best = interval(1);
  let least = errorOf(best);
  // From the widest on: of equal ones the widest stays.
  for (const share of shares.toReversed()) {
    const candidate = interval(share);
    const error = errorOf(candidate);
    if (error < least) [best, least] = [candidate, error];
  }
  return best;
}

/** Squared errors of what an interval cuts off, by sums over bins that are made once: a candidate costs no loop over the bins. */
function clippingErrors({ counts, start, width, total }: Bins) {
  const middle = (bin: number): number => start + (bin + 0.5) * width;
  const sums = [0, 1, 2].map(power => {
    const sum = new Float64Array(counts.length + 1);
    for (let bin = 0; bin < counts.length; bin++) sum[bin + 1] = sum[bin]! + counts[bin]! * middle(bin) ** power;
    return sum;
  }) as [Float64Array, Float64Array, Float64Array];
  const between = (from: number, to: number, limit: number): number => {
    const [count, first, second] = sums.map(sum => sum[to]! - sum[from]!) as [number, number, number];
    // Of large sums that nearly cancel, the difference may fall below zero.
    return Math.max(0, second - 2 * limit * first + limit * limit * count);
  };
  const binOf = (x: number): number => Math.max(0, Math.min(counts.length, Math.round((x - start) / width)));
  return ({ low, high }: Interval) => {
    const [first, last] = [binOf(low), Math.max(binOf(low), binOf(high))];
    const inside = sums[0][last]! - sums[0][first]!;
    return {
      below: between(0, first, low) / total,
      above: between(last, counts.length, high) / total,
      inside: inside / total,
    };
  };
}

/**
 * The interval whose values, once they have 8 bits, are distributed most like all values: the smallest Kullback-Leibler
 * divergence (https://docs.nvidia.com/deeplearning/tensorrt, "8-bit inference with TensorRT", 2017), for ranges that need not be
 * symmetric. The candidates are magnitudes beyond which everything is cut off.
 */
function entropy(bins: Bins, range: Interval): Interval {
  const largest = Math.max(-range.low, range.high);
  return smallest(
    CANDIDATES,
    share => within(range, { low: -share * largest, high: share * largest }),
    interval => divergence(bins, interval),
  );
}

function divergence({ counts, start, width, total }: Bins, { low, high }: Interval): number {
  const first = Math.max(0, Math.floor((low - start) / width));
  const last = Math.min(counts.length, Math.max(first + 1, Math.ceil((high - start) / width)));
  const kept = counts.slice(first, last);
  const q = asQuantized(kept);
  // What is cut off is counted at the ends, of the values but not of their quantised form: that is what cutting costs.
  for (let bin = 0; bin < first; bin++) kept[0]! += counts[bin]!;
  for (let bin = last; bin < counts.length; bin++) kept[kept.length - 1]! += counts[bin]!;
  const quantizedTotal = q.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (const [bin, count] of kept.entries()) {
    if (count === 0) continue;
    const p = count / total;
    sum += p * Math.log(p / Math.max(q[bin]! / quantizedTotal, Number.EPSILON));
  }
  return sum;
}

/** Each of 256 levels spreads what it holds evenly over the bins of its that held anything. */
function asQuantized(counts: Float64Array): Float64Array {
  const spread = new Float64Array(counts.length);
  for (let level = 0; level < LEVELS; level++) {
    const first = Math.floor((level * counts.length) / LEVELS);
    const last = Math.floor(((level + 1) * counts.length) / LEVELS);
    const part = counts.subarray(first, last);
    const occupied = part.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    const mean = occupied === 0 ? 0 : part.reduce((a, b) => a + b, 0) / occupied;
    for (const [i, count] of part.entries()) if (count > 0) spread[first + i] = mean;
  }
  return spread;
}
