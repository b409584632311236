import { mean, sorted, standardDeviation } from '../util/statistics.js';

/** One request that has ended, in milliseconds of the load's clock. */
export interface EndedRequest {
  readonly start: number;
  readonly end: number;
  readonly succeeded: boolean;
}

/** The requests that ended within a span of time, whenever they began; one that ended at its end belongs to the next. */
export interface Window {
  readonly seconds: number;
  /** Of the requests that succeeded. */
  readonly milliseconds: readonly number[];
  readonly failed: number;
}

export function windowOf(requests: readonly EndedRequest[], from: number, to: number): Window {
  const ended = requests.filter(({ end }) => end >= from && end < to);
  const succeeded = ended.filter(request => request.succeeded);
  return {
    seconds: (to - from) / 1000,
    milliseconds: succeeded.map(({ start, end }) => end - start),
    failed: ended.length - succeeded.length,
  };
}

export const merged = (windows: readonly Window[]): Window => ({
  seconds: windows.reduce((sum, { seconds }) => sum + seconds, 0),
  milliseconds: windows.flatMap(({ milliseconds }) => milliseconds),
  failed: windows.reduce((sum, { failed }) => sum + failed, 0),
});

/** Windows that must agree. */
export const STABLE_WINDOWS = 3;

export interface Stability {
  /** 0.1: the largest of the three is at most 10 % above the smallest. */
  readonly share: number;
  /** Latency is the mean, or this percentile. */
  readonly percentile?: number | undefined;
}

/** Whether throughput and latency of the last three windows agree. A window in which nothing ended agrees with nothing. */
export function isStable(windows: readonly Window[], { share, percentile }: Stability): boolean {
  const last = windows.slice(-STABLE_WINDOWS);
  if (last.length < STABLE_WINDOWS || last.some(({ milliseconds }) => milliseconds.length === 0)) return false;
  const agree = (values: readonly number[]): boolean => Math.max(...values) <= (1 + share) * Math.min(...values);
  const latency = ({ milliseconds }: Window): number =>
    percentile === undefined ? mean(milliseconds) : percentileOf(sorted(milliseconds), percentile);
  return agree(last.map(({ milliseconds, seconds }) => milliseconds.length / seconds)) && agree(last.map(latency));
}

/** Of ascending values, the one at floor(p / 100 * (n - 1) + 0.5): as perf_analyzer counts, so that figures compare. */
export const percentileOf = (ascending: readonly number[], percentile: number): number =>
  ascending[Math.floor((percentile / 100) * (ascending.length - 1) + 0.5)]!;

export const PERCENTILES = [50, 90, 95, 99] as const;

export interface Latency {
  readonly mean: number;
  readonly standardDeviation: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/** In milliseconds; undefined of nothing. */
export function latencyOf(milliseconds: readonly number[]): Latency | undefined {
  if (milliseconds.length === 0) return undefined;
  const ascending = sorted(milliseconds);
  const [p50, p90, p95, p99] = PERCENTILES.map(percentile => percentileOf(ascending, percentile));
  return {
    mean: mean(ascending),
    standardDeviation: standardDeviation(ascending),
    p50: p50!,
    p90: p90!,
    p95: p95!,
    p99: p99!,
  };
}
