/** Element types, by the names safetensors users and ONNX Runtime know. */
export type DType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float8e4m3fn'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  /** Two in a byte, the first in its lower half. */
  | 'int4'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'bool'
  | 'string';

/** A number is static; a string names a symbolic dimension: 'batch_size', 'past_sequence_length + sequence_length'. */
export type Dim = number | string;

export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

/**
 * A constant tensor. Its bytes may not exist yet: weights are expressions over files, and whoever writes them
 * evaluates one at a time (`weights/materialize.ts`), so that no step holds a model in memory.
 * Bytes are little-endian, row-major. Compared by identity: a tensor used twice is stored once.
 */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type TensorData =
  | { readonly from: 'bytes'; readonly bytes: Uint8Array }
  /** A span of a file, used in place. `file` is absolute; what a written model calls it is the writer's choice. */
  | { readonly from: 'file'; readonly file: string; readonly offset: number; readonly byteLength: number }
  | { readonly from: 'transpose'; readonly of: Tensor; readonly perm: readonly number[] }
  | { readonly from: 'concat'; readonly of: readonly Tensor[]; readonly axis: number }
  /** The same bytes under another shape. */
  | { readonly from: 'reshape'; readonly of: Tensor }
  /** Converted to the tensor's own dtype; rounding is to nearest, ties to even. */
  | { readonly from: 'cast'; readonly of: Tensor }
  /** float32 [rows, ...]: each row multiplied with its factor. */
  | { readonly from: 'scaled'; readonly of: Tensor; readonly factors: Float32Array }
  | { readonly from: 'quantized'; readonly of: QuantizedWeight; readonly part: 'values' | 'scales' | 'zeroPoints' }
  | { readonly from: 'blocks'; readonly of: BlockQuantizedWeight; readonly part: 'values' | 'scales' | 'zeroPoints' }
  | { readonly from: 'columnBlocks'; readonly of: ColumnBlockWeight; readonly part: 'values' | 'scales' };

/** A weight after symmetric quantisation to int8: values = round(w / scale), one scale per slice along `axis`. */
export interface QuantizedWeight {
  readonly weight: Tensor;
  /** The axis that keeps its own scale: 1 for a MatMul weight [K, N] (per column); undefined for one scale in all. */
  readonly axis?: number;
  /** 7 bits (values within ±64) for CPUs whose u8 x s8 products saturate, that is x86 without VNNI. */
  readonly reduceRange: boolean;
}

/**
 * A float matrix [rows, columns] after quantisation in blocks of a row, each with a scale of its own: an element is (code - zero point) x
 * scale. values uint8 [rows, blocks, blockSize x bits / 8], of two codes in a byte the first in the lower half; scales
 * float32 [rows, blocks]; zero points as values, row by row. The last block of a row is filled up with zeros.
 */
export interface BlockQuantizedWeight {
  readonly weight: Tensor;
  readonly bits: 4 | 8;
  /** 16, 32, 64 or 128. */
  readonly blockSize: number;
  /** The zero point is 2^(bits - 1), and has no bytes. */
  readonly symmetric: boolean;
  /** 0 rounds to nearest; more refine each scale (`quantizeBlocks` in kernels.ts). */
  readonly iterations: number;
}

/**
 * A float matrix [rows, columns] after symmetric quantisation to 4 bits in blocks of a column: an element is value x scale. values int4
 * [rows, columns] from -7 to 7; scales float16 [rows / blockSize, columns]. Rows are whole blocks, and columns even.
 */
export interface ColumnBlockWeight {
  readonly weight: Tensor;
  readonly blockSize: number;
}

export const BYTES_PER_ELEMENT: Readonly<Record<Exclude<DType, 'string'>, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float8e4m3fn: 1,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  int4: 0.5,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

export const elementCount = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

export function byteLengthOf(type: { readonly dtype: DType; readonly shape: readonly number[] }): number {
  if (type.dtype === 'string') throw new Error('string tensors have no fixed byte length');
  return Math.ceil(elementCount(type.shape) * BYTES_PER_ELEMENT[type.dtype]);
}
