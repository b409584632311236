import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Candidate, Measures } from './choice.js';
import { type Mix, mixText, withSmallTables } from './mix.js';
import { repair } from './repair.js';
import { MARGIN, type Stopwatch, Timings } from './timings.js';

/** Of a mix: how large and how exact it is. */
export interface Check extends Measures {
  /** The gate that it does not pass, so that no build would deliver it. */
  readonly unfit?: string;
}

/** What the search asks of the model and of the machine. */
export interface Workbench extends Stopwatch {
  /** Paths of the products that a mix quantises. */
  products(mix: Mix): Promise<Result<readonly string[], Failure>>;
  check(mix: Mix): Promise<Result<Check, Failure>>;
  /** Relative difference of the outputs on a few inputs. */
  probe(mix: Mix): Promise<Result<number, Failure>>;
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

/** Files of embedding tables in 8 bits are worth it where they take at most this share of the others. */
const SMALL = 0.75;

/**
 * The fastest mix that passes every gate, and of that the smaller files, where they cost no time. All candidates are checked and timed; of
 * those that do not pass, the ones that are faster than all that do are tried again with their most sensitive products in float32. Failures:
 * those of the workbench, 'nothing-fits'.
 */
export const search = (workbench: Workbench, options: SearchOptions): Promise<Result<Found, Failure>> =>
  new Search(workbench, options).run();

class Search {
  private readonly begun: number;
  private readonly timings: Timings;
  /** In the order in which they were tried. */
  private readonly checks = new Map<Mix, Check>();
  private readonly untried: { readonly mix: Mix; readonly reason: string }[] = [];
  /** Why a mix that fits was not chosen. */
  private readonly verdicts = new Map<Mix, string>();
  /** Why a mix that does not fit could not be repaired. */
  private readonly hopeless = new Map<Mix, string>();

  constructor(
    private readonly workbench: Workbench,
    private readonly options: SearchOptions,
  ) {
    this.begun = workbench.now();
    this.timings = new Timings(workbench, this.fp32);
  }

  async run(): Promise<Result<Found, Failure>> {
    const fastest = await this.fastest();
    if (!fastest.ok) return fastest;
    const best = await this.smallIfAsFast(fastest.value);
    if (!best.ok) return best;
    const chosen = await this.withBestThreads(best.value);
    if (!chosen.ok) return chosen;
    return ok({ mix: chosen.value, candidates: this.candidates(chosen.value), untried: this.untried });
  }

  private async fastest(): Promise<Result<Mix, Failure>> {
    for (const mix of this.options.candidates) {
      if (this.checks.size > 0 && this.isLate()) this.untried.push({ mix, reason: 'time was up' });
      else {
        const checked = await this.check(mix);
        if (!checked.ok) return checked;
      }
    }
    const timed = await this.timings.measure([...this.checks.keys()]);
    if (!timed.ok) return timed;
    const repaired = await this.repairPromising();
    if (!repaired.ok) return repaired;
    // What is compared ran in the same rounds.
    const again = repaired.value > 0 ? await this.timings.measure(this.fitting()) : ok(undefined);
    if (!again.ok) return again;
    const fastest = this.timings.choose(this.fitting());
    if (!fastest) return fail(nothingFits(this.checks));
    this.settle(this.fitting(), fastest);
    return ok(fastest);
  }

  /** Whether it is a candidate now; what cannot be run is none. */
  private async check(mix: Mix): Promise<Result<boolean, Failure>> {
    const check = await this.workbench.check(mix);
    if (check.ok) this.checks.set(mix, check.value);
    else if (mix === this.fp32 || check.error.kind !== 'task') return check;
    else this.untried.push({ mix, reason: reasonOf(check.error) });
    return ok(check.ok);
  }

  /** How many of those that do not fit, and are faster than all that do, were made to. */
  private async repairPromising(): Promise<Result<number, Failure>> {
    const smallest = this.timings.smallestRatio(this.fitting());
    const ratio = (mix: Mix): number => this.timings.ratio(mix);
    const promising = [...this.checks.keys()]
      .filter(mix => mix !== this.fp32 && !this.fits(mix) && mix.form === undefined)
      .filter(mix => ratio(mix) * (1 + MARGIN) < smallest)
      .sort((a, b) => ratio(a) - ratio(b));
    let count = 0;
    for (const mix of promising) {
      const outcome = await repair(mix, this.workbench, () => this.isLate());
      if (!outcome.ok) return outcome;
      if ('reason' in outcome.value) this.hopeless.set(mix, outcome.value.reason);
      else {
        this.checks.set(outcome.value.mix, outcome.value.check);
        count++;
      }
    }
    return ok(count);
  }

  /** The same with embedding tables in 8 bits, where that is much smaller and not slower. */
  private async smallIfAsFast(mix: Mix): Promise<Result<Mix, Failure>> {
    const small = this.isLate() ? undefined : withSmallTables(mix);
    const checked = small ? await this.check(small) : ok(false);
    if (!checked.ok) return checked;
    if (small === undefined || !checked.value) return ok(mix);
    const timed = await this.timings.measure([mix, small]);
    if (!timed.ok) return timed;
    this.settle([mix, small], mix);
    if (this.checks.get(small)!.bytes > SMALL * this.checks.get(mix)!.bytes) {
      this.verdicts.set(small, 'its files are not smaller by a quarter');
      return ok(mix);
    }
    if (!this.fits(small) || !this.timings.isAsFast(small, mix)) return ok(mix);
    this.verdicts.set(mix, 'as fast, and its files are larger');
    return ok(small);
  }

  private async withBestThreads(mix: Mix): Promise<Result<Mix, Failure>> {
    const variants = this.isLate() ? [] : this.options.threads.map((threads): Mix => ({ ...mix, threads }));
    if (variants.length === 0) return ok(mix);
    for (const variant of variants) this.checks.set(variant, this.checks.get(mix)!);
    const all = [mix, ...variants];
    const timed = await this.timings.measure(all);
    if (!timed.ok) return timed;
    const chosen = this.timings.choose(all)!;
    this.settle(all, chosen);
    return ok(chosen);
  }

  /** Says at once why the others lost: what is measured later cannot be compared with it. */
  private settle(mixes: readonly Mix[], winner: Mix): void {
    for (const mix of mixes) if (mix !== winner) this.verdicts.set(mix, this.timings.verdict(mix, winner));
  }

  private candidates(chosen: Mix): readonly Candidate[] {
    const verdictOf = (mix: Mix, unfit: string | undefined): string => {
      if (mix === chosen) return 'chosen';
      return unfit === undefined ? this.verdicts.get(mix)! : [unfit, this.hopeless.get(mix) ?? []].flat().join('; ');
    };
    return [...this.checks].map(([mix, { unfit, ...measures }]) => ({
      mix,
      ...measures,
      ...this.timings.of(mix),
      verdict: verdictOf(mix, unfit),
    }));
  }

  private fits(mix: Mix): boolean {
    return this.checks.get(mix)!.unfit === undefined;
  }

  private fitting(): readonly Mix[] {
    return [...this.checks.keys()].filter(mix => this.fits(mix));
  }

  /** The first of the candidates, to which the others are compared. */
  private get fp32(): Mix {
    return this.options.candidates[0]!;
  }

  private isLate(): boolean {
    return this.workbench.now() - this.begun > this.options.minutes * 60_000;
  }
}

const reasonOf = ({ message, found }: Failure): string => (found === undefined ? message : `${message}: ${found}`);

const nothingFits = (checks: ReadonlyMap<Mix, Check>): Failure =>
  taskFailure('nothing-fits', 'no precision keeps what is asked of the model, not even fp32', {
    details: [...checks].map(([mix, { unfit }]) => `${mixText(mix)}: ${unfit}`),
    fix: 'raise evaluation.maxDrop or tolerance.auto, if the differences are acceptable',
  });
