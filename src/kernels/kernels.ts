/**
 * The work on weights that must run at the speed of memory. Each kernel exists twice, with the same bits as result:
 * in TypeScript, which is the specification, and in C++ (`native/kernels.h`), which is fast.
 *
 * Tensors are little-endian bytes at any alignment. Sources and results never overlap. A source or result of the
 * wrong size is a bug of the caller and throws a RangeError; what a file does wrong throws an Error with `code`
 * ('ENOSPC', 'EFAULT' ...), as Node's own file functions do.
 */
export interface Kernels {
  /**
   * Bytes [offset, offset + byteLength) of an open file, read-only, not empty. Ends with `unmapFile`, which must be
   * called once and leaves the array empty. Throws EFAULT when the file ends before the span does.
   */
  mapFile(file: number, offset: number, byteLength: number): Uint8Array;
  unmapFile(bytes: Uint8Array): void;

  /** Copies between open files. Returns the bytes copied: fewer than asked for only at the end of `from`. */
  copyFileRange(from: number, fromOffset: number, to: number, toOffset: number, byteLength: number): number;

  /**
   * Columns [firstColumn, firstColumn + columnCount) of a [rows, columns] matrix, as rows of `into`.
   * Elements have 1, 2 or 4 bytes, which are moved and never interpreted.
   */
  transpose(
    source: Uint8Array,
    rows: number,
    columns: number,
    elementBytes: number,
    firstColumn: number,
    columnCount: number,
    into: Uint8Array,
  ): void;

  /**
   * IEEE 754 binary32 to binary16: to nearest, ties to even, subnormals exact. NaN stays a quiet NaN with its sign
   * and upper payload bits. Returns how many finite elements became infinite (magnitude 65520 and above).
   */
  float32ToFloat16(source: Uint8Array, into: Uint8Array): number;
  /** As `float32ToFloat16`, for the upper half of binary32. */
  float32ToBfloat16(source: Uint8Array, into: Uint8Array): number;
  /** Exact. A signalling NaN becomes quiet. */
  float16ToFloat32(source: Uint8Array, into: Uint8Array): void;
  /** Exact, all bits kept. */
  bfloat16ToFloat32(source: Uint8Array, into: Uint8Array): void;

  /**
   * Largest finite magnitude of each channel of a float32 tensor [outer, channels, inner]: one scale in all is
   * [1, 1, n], per column of [K, N] is [K, N, 1], per row is [1, K, N]. Returns how many elements are NaN or infinite.
   */
  absmax(source: Uint8Array, outer: number, channels: number, inner: number, into: Float32Array): number;

  /** How many elements are NaN or infinite. */
  countNonFinite(source: Uint8Array, format: FloatFormat): number;

  /**
   * What a tensor of float32 holds: into[0] and [1], the smallest and largest finite value, -0 before 0; [2] the smallest
   * magnitude that is not 0; [3] and [4], how many that are not 0 lie below 2^-14 (float16 has them with fewer bits) and at
   * or below 2^-25 (float16 makes them 0). Infinity, -Infinity, Infinity, 0, 0 when nothing is finite. Returns how many
   * elements are NaN or infinite.
   */
  summarize(source: Uint8Array, into: Float64Array): number;

  /**
   * Adds each finite float32 to the bin it falls into: counts[counts.length / 2 + floor(x / width)]. `width` is a power of
   * two, so that bins are exact, and two neighbours that begin at an even one are one bin of the double width. Returns how
   * many elements fell into none: too large, NaN or infinite.
   */
  histogram(source: Uint8Array, width: number, counts: Float64Array): number;

  /**
   * int8 values round(clamp(x / scale, ±limit)) of a float32 tensor [outer, channels, inner], one scale per channel;
   * the quotient is a float32, ties go to even. NaN and infinity give 0; returns how many there were.
   */
  quantizeInt8(
    source: Uint8Array,
    outer: number,
    channels: number,
    inner: number,
    scales: Float32Array,
    limit: number,
    into: Uint8Array,
  ): number;

  /**
   * Codes of a float32 matrix [rows, columns] with a scale for each block of `blockSize` elements of a row: an element is
   * (code - zero point) x scale. `layout` 'columns': the matrix lies transposed. The last block is filled up with zeros.
   * `values` is [rows, blocks, blockSize x bits / 8], the first of two codes in the lower half of a byte; `scales` [rows,
   * blocks]; `zeroPoints` is packed in the same way, row by row, or empty: then the zero point is 2^(bits - 1).
   * `iterations`: 0 rounds to nearest, more refine each scale. NaN and infinity count as 0; returns how many there were.
   */
  quantizeBlocks(
    source: Uint8Array,
    rows: number,
    columns: number,
    layout: 'rows' | 'columns',
    bits: BlockForm['bits'],
    blockSize: number,
    iterations: number,
    values: Uint8Array,
    scales: Float32Array,
    zeroPoints: Uint8Array,
  ): number;
}

/** Codes of 4 or 8 bits, and how many elements of a row share a scale: a power of two from 16 to 128. */
export interface BlockForm {
  readonly bits: 4 | 8;
  readonly blockSize: number;
}

export type FloatFormat = 'float32' | 'float16' | 'bfloat16';

/** What the C++ side throws as std::range_error. */
export function require(condition: boolean, message: string): void {
  if (!condition) throw new RangeError(message);
}
