import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Candidate, Measures } from './choice.js';
import { compareSimplicity, type Mix, mixText, withSmallTables } from './mix.js';
import { repair } from './repair.js';

/** Of a mix: how large and how exact it is. */
export interface Check extends Measures {
  /** The gate that it does not pass, so that no build would deliver it. */
  readonly unfit?: string;
}

/** What the search asks of the model and of the machine. */
export interface Workbench {
  /** Paths of the products that a mix quantises. */
  products(mix: Mix): Promise<Result<readonly string[], Failure>>;
  check(mix: Mix): Promise<Result<Check, Failure>>;
  /** Relative difference of the outputs on a few inputs. */
  probe(mix: Mix): Promise<Result<number, Failure>>;
  /** Medians in milliseconds of each mix at each point, measured in turns. */
  time(mixes: readonly Mix[]): Promise<Result<readonly (readonly number[])[], Failure>>;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

export interface SearchOptions {
  /** fp32 first. */
  readonly candidates: readonly Mix[];
  /** Numbers of threads that are tried for what is chosen, beside one per core. */
  readonly threads: readonly number[];
  /** Afterwards nothing is begun but the measurement of what there is. */
  readonly minutes: number;
}

export interface Found {
  readonly mix: Mix;
  /** As they were tried: those given, repaired ones, the chosen one with small tables, and with other numbers of threads. */
  readonly candidates: readonly Candidate[];
  /** Candidates for which there was no time, or that this ONNX Runtime cannot run. */
  readonly untried: readonly { readonly mix: Mix; readonly reason: string }[];
}

/**
 * A difference in time that counts. The same file in two sessions differs by up to 4 % (docs/cpu-kernels.md). What is not faster by
 * more gives way to what is simpler, so that a second search on the same machine ends the same.
 */
export const MARGIN = 0.05;

/** Files of embedding tables in 8 bits are worth it where they take at most this share of the others. */
const SMALL = 0.75;

/**
 * The fastest mix that passes every gate, and of that the smaller files, where they cost no time. All candidates are checked and timed; of those that do not pass, the ones that are
 * faster than all that do are tried again with their most sensitive products in float32. Failures: those of the workbench, 'nothing-fits'.
 */
export async function search(workbench: Workbench, options: SearchOptions): Promise<Result<Found, Failure>> {
  const begun = workbench.now();
  const isLate = (): boolean => workbench.now() - begun > options.minutes * 60_000;
  const { candidates } = options;
  const checks = new Map<Mix, Check>();
  const untried: Found['untried'][number][] = [];
  for (const mix of candidates) {
    if (checks.size > 0 && isLate()) {
      untried.push({ mix, reason: 'time was up' });
      continue;
    }
    const check = await workbench.check(mix);
    if (check.ok) checks.set(mix, check.value);
    else if (mix.precision === 'fp32' || check.error.kind !== 'task') return check;
    else untried.push({ mix, reason: reasonOf(check.error) });
  }
  const fits = (mix: Mix): boolean => checks.get(mix)!.unfit === undefined;
  const [fp32] = candidates as [Mix];
  const timings = new Timings(workbench, fp32);
  const timed = await timings.measure([...checks.keys()]);
  if (!timed.ok) return timed;

  const smallest = timings.smallestRatio([...checks.keys()].filter(fits));
  const promising = [...checks.keys()]
    .filter(mix => mix !== fp32 && !fits(mix) && mix.form === undefined && timings.ratio(mix) * (1 + MARGIN) < smallest)
    .sort((a, b) => timings.ratio(a) - timings.ratio(b));
  /** Why a mix that does not fit could not be repaired. */
  const reasons = new Map<Mix, string>();
  const repaired: Mix[] = [];
  for (const mix of promising) {
    const outcome = await repair(mix, workbench, isLate);
    if (!outcome.ok) return outcome;
    if ('reason' in outcome.value) {
      reasons.set(mix, outcome.value.reason);
      continue;
    }
    checks.set(outcome.value.mix, outcome.value.check);
    repaired.push(outcome.value.mix);
  }
  // What is compared ran in the same rounds.
  const again = repaired.length > 0 ? await timings.measure([...checks.keys()].filter(fits)) : ok(undefined);
  if (!again.ok) return again;
  const fitting = [...checks.keys()].filter(fits);
  const fastest = timings.choose(fitting);
  if (!fastest) return fail(nothingFits(checks));
  const verdicts = new Map<Mix, string>();
  // Said at once: what is measured later cannot be compared with it.
  const settle = (mixes: readonly Mix[], winner: Mix): void => {
    for (const mix of mixes) if (mix !== winner) verdicts.set(mix, timings.verdict(mix, winner));
  };
  settle(fitting, fastest);

  const tables = isLate() ? undefined : withSmallTables(fastest);
  const small = tables && (await workbench.check(tables));
  if (small && !small.ok) {
    if (small.error.kind !== 'task') return small;
    untried.push({ mix: tables!, reason: reasonOf(small.error) });
  }
  let best = fastest;
  if (small?.ok) {
    checks.set(tables!, small.value);
    const compared = await timings.measure([fastest, tables!]);
    if (!compared.ok) return compared;
    settle([fastest, tables!], fastest);
    const isSmall = small.value.bytes <= SMALL * checks.get(fastest)!.bytes;
    if (!isSmall) verdicts.set(tables!, 'its files are not smaller by a quarter');
    else if (fits(tables!) && timings.isAsFast(tables!, fastest)) {
      best = tables!;
      verdicts.set(fastest, 'as fast, and its files are larger');
    }
  }

  const variants = isLate() ? [] : options.threads.map((threads): Mix => ({ ...best, threads }));
  for (const mix of variants) checks.set(mix, checks.get(best)!);
  const threaded = variants.length > 0 ? await timings.measure([best, ...variants]) : ok(undefined);
  if (!threaded.ok) return threaded;
  const chosen = timings.choose([best, ...variants])!;
  settle([best, ...variants], chosen);
  const verdictOf = (mix: Mix, unfit: string | undefined): string => {
    if (mix === chosen) return 'chosen';
    return unfit === undefined ? verdicts.get(mix)! : [unfit, reasons.get(mix) ?? []].flat().join('; ');
  };
  return ok({
    mix: chosen,
    candidates: [...checks].map(([mix, { unfit, ...measures }]): Candidate => {
      return { mix, ...measures, ...timings.of(mix), verdict: verdictOf(mix, unfit) };
    }),
    untried,
  });
}

const reasonOf = ({ message, found }: Failure): string => (found === undefined ? message : `${message}: ${found}`);

interface Timing {
  readonly milliseconds: readonly number[];
  readonly ratio: number;
}

/** What was measured of each mix, the last time that it was. */
class Timings {
  private readonly known = new Map<Mix, Timing>();

  constructor(
    private readonly workbench: Workbench,
    private readonly fp32: Mix,
  ) {}

  /** All of them side by side, with fp32. */
  async measure(mixes: readonly Mix[]): Promise<Result<void, Failure>> {
    const all = [this.fp32, ...mixes.filter(mix => mix !== this.fp32)];
    const times = await this.workbench.time(all);
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

const nothingFits = (checks: ReadonlyMap<Mix, Check>): Failure =>
  taskFailure('nothing-fits', 'no precision keeps what is asked of the model, not even fp32', {
    details: [...checks].map(([mix, { unfit }]) => `${mixText(mix)}: ${unfit}`),
    fix: 'raise evaluation.maxDrop or tolerance.auto, if the differences are acceptable',
  });
