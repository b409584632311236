import { kernels } from '../../kernels/index.js';

/** Bins on each side of zero. Even with outliers a hundred times as large, what is usual is spread over 40 of them. */
const HALF = 4096;

/** The narrowest bins, 2^-126: what is smaller than a normal float32 needs no finer ones. */
const SMALLEST_EXPONENT = -126;

/**
 * Counts values of which nobody knows beforehand how large they will be, in one pass and in 64 KiB, however many there are.
 *
 * Bin i holds [i w, (i + 1) w) for i from -4096 to 4095; w is the smallest power of two for which all values fit. When a larger
 * value comes, w doubles and each two neighbours become one bin; since bins begin at multiples of w, the result is what
 * counting everything with the last width at once would have given. So it depends on neither the order of values nor how they
 * were cut into batches.
 */
export class GrowingHistogram {
  #counts: Float64Array = new Float64Array(2 * HALF);
  #exponent: number | undefined;

  /** float32 values of which `largest` is the largest magnitude; NaN and infinity are not counted. */
  add(values: Uint8Array, largest: number): void {
    const exponent = exponentFor(largest);
    this.#exponent ??= exponent;
    for (; this.#exponent < exponent; this.#exponent++) this.#counts = halved(this.#counts);
    kernels().histogram(values, 2 ** this.#exponent, this.#counts);
  }

  /** undefined before anything was added. */
  result(): Histogram | undefined {
    return this.#exponent === undefined ? undefined : { counts: this.#counts, width: 2 ** this.#exponent };
  }
}

export interface Histogram {
  /** counts[counts.length / 2 + i] values lie in [i width, (i + 1) width). */
  readonly counts: Float64Array;
  /** A power of two. */
  readonly width: number;
}

/** Of the narrowest bins for which -4096 w <= x < 4096 w holds of ±largest. */
function exponentFor(largest: number): number {
  let exponent = Math.max(
    SMALLEST_EXPONENT,
    Math.floor(Math.log2(largest || 2 ** SMALLEST_EXPONENT)) - Math.log2(HALF),
  );
  // The logarithm is rounded, and -4096 w would fit where 4096 w does not.
  while (largest >= HALF * 2 ** exponent) exponent++;
  return exponent;
}

function halved(counts: Float64Array): Float64Array {
  const merged = new Float64Array(counts.length);
  const quarter = counts.length / 4;
  for (let i = 0; i < counts.length / 2; i++) merged[quarter + i] = counts[2 * i]! + counts[2 * i + 1]!;
  return merged;
}
