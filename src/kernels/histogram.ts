import { type Kernels, require } from './kernels.js';
import { float32sOf } from './views.js';

const SMALLEST_NORMAL_FLOAT16 = 2 ** -14;
/** Half of the smallest float16, and ties go to even. */
const LARGEST_VANISHING = 2 ** -25;

export const summarize: Kernels['summarize'] = (source, into) => {
  require(source.length % 4 === 0, 'summarize: not a whole number of elements');
  require(into.length === 5, 'summarize: result does not have five elements');
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let smallest = Number.POSITIVE_INFINITY;
  let belowNormal = 0;
  let vanishing = 0;
  let nonFinite = 0;
  for (const value of float32sOf(source)) {
    if (!Number.isFinite(value)) {
      nonFinite++;
      continue;
    }
    // -0 comes before 0.
    if (value < least || (value === 0 && least === 0 && Object.is(value, -0))) least = value;
    if (value > most || (value === 0 && most === 0 && Object.is(most, -0))) most = value;
    if (value === 0) continue;
    const magnitude = Math.abs(value);
    if (magnitude < smallest) smallest = magnitude;
    if (magnitude < SMALLEST_NORMAL_FLOAT16) belowNormal++;
    if (magnitude <= LARGEST_VANISHING) vanishing++;
  }
  into.set([least, most, smallest, belowNormal, vanishing]);
  return nonFinite;
};

const MOST_BINS = 65_536;
const [SMALLEST_WIDTH, LARGEST_WIDTH] = [2 ** -126, 2 ** 126];

export const histogram: Kernels['histogram'] = (source, width, counts) => {
  require(source.length % 4 === 0, 'histogram: not a whole number of elements');
  require(counts.length > 0 &&
    counts.length % 2 === 0 &&
    counts.length <= MOST_BINS, 'histogram: an even number of bins up to 65536 expected');
  require(width >= SMALLEST_WIDTH &&
    width <= LARGEST_WIDTH &&
    Number.isInteger(Math.log2(width)), 'histogram: the width of a bin is not a power of two between 2^-126 and 2^126');
  const half = counts.length / 2;
  let outside = 0;
  for (const value of float32sOf(source)) {
    // Exact in binary64: a negative value is never so small that it lands in the bin that begins at 0.
    const place = value * (1 / width);
    if (Number.isFinite(value) && place >= -half && place < half) {
      const bin = half + Math.floor(place);
      counts[bin] = counts[bin]! + 1;
    } else outside++;
  }
  return outside;
};
