import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import { compareSimplicity, type Mix } from './mix.js';

/**
 * A difference in time that counts. The same file in two sessions differs by up to 4 % (docs/cpu-kernels.md). What is not faster by
 * more gives way to what is simpler, so that a second search on the same machine ends the same.
 */
export const MARGIN = 0.05;

interface Timing {
  readonly milliseconds: readonly number[];
  readonly ratio: number;
}

/** Measures mixes side by side. */
export interface Stopwatch {
  /** Medians in milliseconds of each mix at each point, measured in turns. */
  time(mixes: readonly Mix[]): Promise<Result<readonly (readonly number[])[], Failure>>;
}

/** What was measured of each mix, the last time that it was. */
export class Timings {
  private readonly known = new Map<Mix, Timing>();

  constructor(
    private readonly stopwatch: Stopwatch,
    private readonly fp32: Mix,
  ) {}

  /** All of them side by side, with fp32. */
  async measure(mixes: readonly Mix[]): Promise<Result<void, Failure>> {
    const all = [this.fp32, ...mixes.filter(mix => mix !== this.fp32)];
    const times = await this.stopwatch.time(all);
    if (!times.ok) return times;
    const fp32 = times.value[0]!.map(rounded);
    for (const [index, mix] of all.entries()) {
      const milliseconds = times.value[index]!.map(rounded);
      this.known.set(mix, { milliseconds, ratio: rounded(geometricMean(quotients(milliseconds, fp32))) });
    }
    return ok(undefined);
  }

  of(mix: Mix): Timing {
    return this.known.get(mix)!;
  }

  ratio(mix: Mix): number {
    return this.of(mix).ratio;
  }

  smallestRatio(mixes: readonly Mix[]): number {
    return Math.min(...mixes.map(mix => this.ratio(mix)));
  }

  /** Or nearly so. */
  isAsFast(mix: Mix, other: Mix): boolean {
    return this.ratio(mix) <= this.ratio(other) * (1 + MARGIN);
  }

  /** The simplest of those that are as fast as the fastest. */
  choose(mixes: readonly Mix[]): Mix | undefined {
    const limit = this.smallestRatio(mixes) * (1 + MARGIN);
    return mixes.filter(mix => this.ratio(mix) <= limit).sort(compareSimplicity)[0];
  }

  verdict(mix: Mix, chosen: Mix): string {
    const { milliseconds, ratio } = this.of(mix);
    const slower = ratio / this.ratio(chosen) - 1;
    const percent = `${(Math.abs(slower) * 100).toFixed(1)} %`;
    if (mix !== this.fp32 && quotients(milliseconds, this.of(this.fp32).milliseconds).every(share => share >= 1)) {
      return 'not faster than fp32 anywhere';
    }
    if (slower > MARGIN) return `takes ${percent} more time`;
    return `takes ${percent} ${slower < 0 ? 'less' : 'more'} time, which is within the noise, and is not as simple`;
  }
}

/** Nobody measures more digits. */
const rounded = (value: number): number => Number(value.toPrecision(4));

const quotients = (values: readonly number[], over: readonly number[]): number[] =>
  values.map((value, index) => value / over[index]!);

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
