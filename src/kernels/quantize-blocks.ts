import { type BlockForm, type Kernels, require } from './kernels.js';
import { float32sOf } from './views.js';

/** Of one block: values are (code - zeroPoint) x scale. */
interface Grid {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Adding and subtracting 1.5 x 2^23 in float32 leaves no room for a fraction: to nearest, ties to even. */
const ROUND_TO_INTEGER = 12_582_912;

const { fround } = Math;

/** Blocks of a row; the last one may lack elements. */
export const blockCount = (columns: number, blockSize: number): number => Math.ceil(columns / blockSize);

/** Bytes of the packed zero points of one row: those of two blocks share a byte where they have 4 bits. */
export const zeroPointBytes = (columns: number, { blockSize, bits }: BlockForm): number =>
  Math.ceil((blockCount(columns, blockSize) * bits) / 8);

export const quantizeBlocks: Kernels['quantizeBlocks'] = (
  source,
  rows,
  columns,
  layout,
  bits,
  blockSize,
  iterations,
  values,
  scales,
  zeroPoints,
) => {
  const blocks = blockCount(columns, blockSize);
  const blobBytes = (blockSize * bits) / 8;
  const isSymmetric = zeroPoints.length === 0;
  require(source.length === rows * columns * 4, 'quantizeBlocks: source does not have rows x columns elements');
  require(layout === 'rows' || layout === 'columns', 'quantizeBlocks: rows or columns expected');
  require(bits === 4 || bits === 8, 'quantizeBlocks: 4 or 8 bits expected');
  require([16, 32, 64, 128].includes(blockSize), 'quantizeBlocks: blocks of 16, 32, 64 or 128 expected');
  require(values.length === rows * blocks * blobBytes, 'quantizeBlocks: result does not have a code per element');
  require(scales.length === rows * blocks, 'quantizeBlocks: one scale per block expected');
  const zeroPointsPerRow = zeroPointBytes(columns, { bits, blockSize });
  require(isSymmetric ||
    zeroPoints.length === rows * zeroPointsPerRow, 'quantizeBlocks: one zero point per block expected');

  const elements = float32sOf(source);
  const [rowStride, columnStride] = layout === 'rows' ? [columns, 1] : [1, rows];
  const top = 2 ** bits - 1;
  const block = new Float32Array(blockSize);
  let nonFinite = 0;
  zeroPoints.fill(0);
  for (let row = 0; row < rows; row++) {
    for (let index = 0; index < blocks; index++) {
      for (let i = 0; i < blockSize; i++) {
        const column = index * blockSize + i;
        const value = column < columns ? elements[row * rowStride + column * columnStride]! : 0;
        if (!Number.isFinite(value)) nonFinite++;
        block[i] = Number.isFinite(value) ? value : 0;
      }
      const nearest = isSymmetric ? symmetricGrid(block, top) : asymmetricGrid(block, top);
      const grid = refined(block, nearest, top, iterations);
      const at = row * blocks + index;
      scales[at] = grid.scale;
      pack(codesOf(block, grid, top), bits, values.subarray(at * blobBytes, (at + 1) * blobBytes));
      if (isSymmetric) continue;
      if (bits === 8) zeroPoints[at] = grid.zeroPoint;
      else zeroPoints[row * zeroPointsPerRow + (index >> 1)]! |= grid.zeroPoint << (4 * (index & 1));
    }
  }
  return nonFinite;
};

/**
 * The zero point is in the middle, so there is one more code below zero than above. The element of largest magnitude
 * takes it: the scale is negative where that element is positive. 1 for a block that is all zero, or too small for float32.
 */
function symmetricGrid(block: Float32Array, top: number): Grid {
  const { low, high } = rangeOf(block);
  const extreme = high > -low ? high : low;
  const zeroPoint = (top + 1) / 2;
  return { scale: fround(extreme / -zeroPoint) || 1, zeroPoint };
}

/** From the smallest to the largest element; 0 is always among the values. */
function asymmetricGrid(block: Float32Array, top: number): Grid {
  const { low, high } = rangeOf(block);
  // Divided first: the difference of two large numbers would be infinite.
  const scale = fround(fround(high / top) - fround(low / top)) || 1;
  return { scale, zeroPoint: rounded(fround(-low / scale), 0, top) };
}

/** Smallest and largest element, and 0. */
function rangeOf(block: Float32Array): { readonly low: number; readonly high: number } {
  let low = 0;
  let high = 0;
  for (const value of block) {
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  return { low, high };
}

/** To nearest, ties to even, within limits. The comparisons are those of the C++ code, NaN included. */
function rounded(value: number, lowest: number, highest: number): number {
  const below = value < highest ? value : highest;
  const within = below > lowest ? below : lowest;
  return fround(fround(within + ROUND_TO_INTEGER) - ROUND_TO_INTEGER);
}

/** How strongly residuals are taken for outliers at first, and by how much less each time. */
const FIRST_BETA = 10;
const BETA_GROWTH = 1.01;

/**
 * Half-quadratic refinement of the scale (Badri and Shaji, "Half-Quadratic Quantization of Large Machine Learning Models",
 * with the scale in place of the zero point, which has to stay an integer). In turns: what of each residual is an outlier
 * under the norm |r|^0.75, in closed form; and the scale that fits the rest best, by least squares. Of all scales the one
 * with the smallest sum of squared residuals is kept, so that the result is never worse than rounding to nearest.
 */
function refined(block: Float32Array, nearest: Grid, top: number, iterations: number): Grid {
  const { zeroPoint } = nearest;
  let best = nearest.scale;
  let leastError = Number.POSITIVE_INFINITY;
  let scale = nearest.scale;
  let beta = FIRST_BETA;
  for (let iteration = 0; iteration <= iterations && iterations > 0; iteration++) {
    const step = Math.abs(scale);
    let error = 0;
    let numerator = 0;
    let denominator = 0;
    for (const value of block) {
      const code = rounded(fround(value / scale), -zeroPoint, top - zeroPoint);
      const residual = fround(value - fround(scale * code));
      error = fround(error + fround(residual * residual));
      const magnitude = Math.abs(residual);
      const root = fround(Math.sqrt(fround(Math.sqrt(fround(magnitude / step)))));
      const shrunk = fround(magnitude - fround(step / fround(beta * root)));
      const outlier = shrunk > 0 ? shrunk : 0;
      const target = fround(value - (residual < 0 ? -outlier : outlier));
      numerator = fround(numerator + fround(target * code));
      denominator = fround(denominator + fround(code * code));
    }
    if (error < leastError) {
      leastError = error;
      best = scale;
    }
    const fitted = fround(numerator / denominator);
    scale = fitted !== 0 && Math.abs(fitted) < Number.POSITIVE_INFINITY ? fitted : scale;
    beta = fround(beta * fround(BETA_GROWTH));
  }
  return { scale: best, zeroPoint };
}

const codesOf = (block: Float32Array, { scale, zeroPoint }: Grid, top: number): Uint8Array =>
  Uint8Array.from(block, value => rounded(fround(value / scale), -zeroPoint, top - zeroPoint) + zeroPoint);

/** 4 bits: the first of two codes in the lower half of a byte. */
function pack(codes: Uint8Array, bits: number, into: Uint8Array): void {
  if (bits === 8) into.set(codes);
  else for (let i = 0; i < into.length; i++) into[i] = codes[2 * i]! | (codes[2 * i + 1]! << 4);
}
