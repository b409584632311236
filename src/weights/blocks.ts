import type { BlockQuantizedWeight, Tensor } from '../graph/tensor.js';
import { blockCount, kernels, zeroPointBytes } from '../kernels/index.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { Piece } from './buffer-pool.js';

/** The bytes of each part of a weight in blocks. */
export interface BlockParts {
  readonly values: Uint8Array;
  readonly scales: Uint8Array;
  /** Empty for a symmetric one. */
  readonly zeroPoints: Uint8Array;
}

/**
 * Memory: the result, and the weight where it is not a float32 span of a file. `whole` gives the bytes of a tensor.
 * `nonFinite`: how many elements are NaN or infinite; they count as 0.
 */
export function quantizedInBlocks(
  of: BlockQuantizedWeight,
  whole: (tensor: Tensor) => Result<Piece, Failure>,
): Result<BlockParts & { readonly nonFinite: number }, Failure> {
  const { weight, bits, blockSize, symmetric, iterations } = of;
  const [rows, columns] = weight.shape as [number, number];
  // A transposed weight is read where it lies: the kernel knows both orders.
  const transposed = weight.data.from === 'transpose' && weight.data.perm[0] === 1 ? weight.data.of : undefined;
  const source = whole(float32Of(transposed ?? weight));
  if (!source.ok) return source;
  const blocks = rows * blockCount(columns, blockSize);
  const values = new Uint8Array((blocks * blockSize * bits) / 8);
  const scales = new Float32Array(blocks);
  const zeroPoints = new Uint8Array(symmetric ? 0 : rows * zeroPointBytes(columns, of));
  const nonFinite = kernels().quantizeBlocks(
    source.value.bytes,
    rows,
    columns,
    transposed ? 'columns' : 'rows',
    bits,
    blockSize,
    iterations,
    values,
    scales,
    zeroPoints,
  );
  source.value.release();
  return ok({ values, scales: new Uint8Array(scales.buffer), zeroPoints, nonFinite });
}

function float32Of(tensor: Tensor): Tensor {
  if (tensor.dtype === 'float32') return tensor;
  return { dtype: 'float32', shape: tensor.shape, data: { from: 'cast', of: tensor } };
}
