import type { ColumnBlockWeight, Tensor } from '../graph/tensor.js';
import { kernels } from '../kernels/index.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { Piece } from './buffer-pool.js';

/** The bytes of each part of a weight in blocks of its columns. */
export interface ColumnBlockParts {
  readonly values: Uint8Array;
  readonly scales: Uint8Array;
}

/** -8 has no counterpart, so it is not used. */
const LARGEST = 7;

/**
 * Values are rounded with the scale as float16 has it, since that is what they are multiplied with. Memory: the weight as float32, and
 * the result. `whole` gives the bytes of a tensor. `nonFinite`: how many elements are NaN or infinite; they count as 0.
 */
export function quantizedInColumnBlocks(
  { weight, blockSize }: ColumnBlockWeight,
  whole: (tensor: Tensor) => Result<Piece, Failure>,
): Result<ColumnBlockParts & { readonly nonFinite: number }, Failure> {
  const [rows, columns] = weight.shape as [number, number];
  const float32: Tensor =
    weight.dtype === 'float32' ? weight : { dtype: 'float32', shape: weight.shape, data: { from: 'cast', of: weight } };
  const source = whole(float32);
  if (!source.ok) return source;
  const blocks = rows / blockSize;
  const values = new Uint8Array((rows * columns) / 2);
  const scales = new Uint8Array(blocks * columns * 2);
  const largest = new Float32Array(columns);
  const wide = new Uint8Array(blockSize * columns);
  const [words, pairs] = [new Uint32Array(wide.buffer), new Uint16Array(values.buffer)];
  let nonFinite = 0;
  for (let block = 0; block < blocks; block++) {
    const elements = source.value.bytes.subarray(block * wide.length * 4, (block + 1) * wide.length * 4);
    kernels().absmax(elements, blockSize, columns, 1, largest);
    const stored = scales.subarray(block * columns * 2, (block + 1) * columns * 2);
    const steps = halfSteps(largest, stored);
    nonFinite += kernels().quantizeInt8(elements, blockSize, columns, 1, steps, LARGEST, wide);
    packed(words, pairs.subarray(block * words.length, (block + 1) * words.length));
  }
  source.value.release();
  return ok({ values, scales, nonFinite });
}

/** The scales of a block, in float16 as they are stored, and as float32 to divide by. 1 for what float16 would make 0. */
function halfSteps(largest: Float32Array, stored: Uint8Array): Float32Array {
  const steps = largest.map(magnitude => magnitude / LARGEST);
  const bytes = new Uint8Array(steps.buffer);
  kernels().float32ToFloat16(bytes, stored);
  kernels().float16ToFloat32(stored, bytes);
  if (!steps.includes(0)) return steps;
  for (const [i, step] of steps.entries()) steps[i] = step || 1;
  kernels().float32ToFloat16(bytes, stored);
  return steps;
}

/** Four int8 become two bytes, the first of two in the lower half: a word at a time, since there are many. */
function packed(from: Uint32Array, into: Uint16Array): void {
  for (let i = 0; i < from.length; i++) {
    const word = from[i]!;
    into[i] = (word & 0xf) | ((word >>> 4) & 0xf0) | ((word >>> 8) & 0xf00) | ((word >>> 12) & 0xf000);
  }
}
