import {
  type BlockQuantizedWeight,
  BYTES_PER_ELEMENT,
  byteLengthOf,
  type ColumnBlockWeight,
  elementCount,
  type QuantizedWeight,
  type Tensor,
} from '../graph/tensor.js';
import { int8Limit, int8Scales, kernels } from '../kernels/index.js';
import { type Failure, taskFailure, usageFailure } from '../util/failure.js';
import { count } from '../util/format.js';
import { fail, ok, type Result, unreachable } from '../util/result.js';
import { type BlockParts, quantizedInBlocks } from './blocks.js';
import { BufferPool, type Piece, unowned } from './buffer-pool.js';
import { castElements } from './cast.js';
import { type ColumnBlockParts, quantizedInColumnBlocks } from './column-blocks.js';
import { concatOfTransposes, type Matrices, permuted, planTranspose } from './permute.js';
import { WeightFiles } from './weight-files.js';

type Pieces = Generator<Result<Piece, Failure>, void, void>;

/** Small enough to stay in the cache between the kernel that makes it and the system call that writes it. */
export const PIECE_BYTES = 2 << 20;

/** int8 values in the weight's own order, and one float32 scale per slice along the axis. */
interface Quantized {
  readonly values: Uint8Array;
  readonly scales: Float32Array;
}

/**
 * Evaluates symbolic tensors, piece by piece. Memory: the largest source that is transposed, mapped from its file, plus a
 * few pieces; for a quantised weight also its int8 values. What the names given are used for: messages.
 */
export class Evaluation {
  readonly files = new WeightFiles();
  readonly #buffers = new BufferPool(PIECE_BYTES);
  /** The last one: its values and its scales are asked for one after the other. */
  #lastQuantized: { readonly of: QuantizedWeight; readonly result: Quantized } | undefined;
  #lastBlocks: { readonly of: BlockQuantizedWeight; readonly parts: BlockParts } | undefined;
  #lastColumnBlocks: { readonly of: ColumnBlockWeight; readonly parts: ColumnBlockParts } | undefined;

  /** After a failure nothing follows. */
  *pieces(tensor: Tensor, name: string): Pieces {
    const { data } = tensor;
    if (elementCount(tensor.shape) === 0) return;
    switch (data.from) {
      case 'bytes':
        yield ok(unowned(data.bytes));
        return;
      case 'file':
        for (let start = 0; start < data.byteLength; start += PIECE_BYTES) {
          const byteLength = Math.min(PIECE_BYTES, data.byteLength - start);
          const piece = this.#mapped({ ...data, offset: data.offset + start, byteLength });
          yield piece;
          if (!piece.ok) return;
        }
        return;
      case 'reshape':
        yield* this.pieces(data.of, name);
        return;
      case 'cast':
        if (data.of.dtype === tensor.dtype) yield* this.pieces(data.of, name);
        else yield* this.#cast(data.of, tensor, name);
        return;
      case 'concat':
        yield* this.#concat(data.of, data.axis, tensor, name);
        return;
      case 'transpose':
        yield* this.#transpose(data.of, data.perm, tensor, name);
        return;
      case 'scaled':
        yield this.#scaled(data.of, data.factors, name);
        return;
      case 'quantized':
        yield this.#quantizedPart(data.of, data.part, tensor, name);
        return;
      case 'blocks':
        yield this.#blockPart(data.of, data.part, name);
        return;
      case 'columnBlocks':
        yield this.#columnBlockPart(data.of, data.part, name);
        return;
      default:
        unreachable(data);
    }
  }

  /** All bytes of a tensor at once. */
  whole(tensor: Tensor, name: string): Result<Piece, Failure> {
    const { data } = tensor;
    const byteLength = byteLengthOf(tensor);
    if (byteLength === 0) return ok(unowned(new Uint8Array(0)));
    if (data.from === 'bytes') return ok(unowned(data.bytes));
    if (data.from === 'file') return this.#mapped(data);
    if (data.from === 'reshape') return this.whole(data.of, name);
    const whole = this.#buffers.take(byteLength);
    let filled = 0;
    for (const piece of this.pieces(tensor, name)) {
      if (!piece.ok) return piece;
      whole.bytes.set(piece.value.bytes, filled);
      filled += piece.value.bytes.length;
      piece.value.release();
    }
    return ok(whole);
  }

  close(): void {
    this.files.close();
  }

  #mapped(span: { file: string; offset: number; byteLength: number }): Result<Piece, Failure> {
    const mapped = this.files.map(span);
    if (!mapped.ok) return mapped;
    return ok({ bytes: mapped.value, release: () => this.files.unmap(mapped.value) });
  }

  *#cast(of: Tensor, to: Tensor, name: string): Pieces {
    for (const piece of this.pieces(of, name)) {
      if (!piece.ok) {
        yield piece;
        return;
      }
      const from = piece.value.bytes;
      const converted = this.#buffers.take((from.length / elementBytes(of)) * elementBytes(to));
      const overflows = castElements(of.dtype, from, to.dtype, converted.bytes);
      piece.value.release();
      if (overflows > 0) {
        yield fail(overflow(to, name, overflows));
        return;
      }
      yield ok(converted);
    }
  }

  *#concat(parts: readonly Tensor[], axis: number, tensor: Tensor, name: string): Pieces {
    const transposed = concatOfTransposes(tensor.shape, parts, axis);
    if (transposed) {
      yield* this.pieces(transposed, name);
      return;
    }
    const rows = elementCount(tensor.shape.slice(0, axis));
    if (rows === 1) {
      for (const part of parts) yield* this.pieces(part, name);
      return;
    }
    const wholes: Piece[] = [];
    try {
      for (const part of parts) {
        const whole = this.whole(part, name);
        if (!whole.ok) {
          yield whole;
          return;
        }
        wholes.push(whole.value);
      }
      yield* this.#interleaved(wholes, rows, byteLengthOf(tensor) / rows);
    } finally {
      for (const whole of wholes) whole.release();
    }
  }

  /** One row of each, again and again. */
  *#interleaved(parts: readonly Piece[], rows: number, rowBytes: number): Pieces {
    const rowsPerPiece = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
    for (let first = 0; first < rows; first += rowsPerPiece) {
      const last = Math.min(rows, first + rowsPerPiece);
      const joined = this.#buffers.take((last - first) * rowBytes);
      let filled = 0;
      for (let row = first; row < last; row++) {
        for (const { bytes } of parts) {
          const length = bytes.length / rows;
          joined.bytes.set(bytes.subarray(row * length, (row + 1) * length), filled);
          filled += length;
        }
      }
      yield ok(joined);
    }
  }

  *#transpose(of: Tensor, perm: readonly number[], tensor: Tensor, name: string): Pieces {
    const plan = planTranspose(of.shape, perm);
    if (plan.kind === 'same-order') {
      yield* this.pieces(of, name);
      return;
    }
    const source = this.whole(of, name);
    if (!source.ok) {
      yield source;
      return;
    }
    try {
      const { bytes } = source.value;
      const size = elementBytes(tensor);
      // The kernels move elements of up to 4 bytes; wider ones are integers, and few.
      if (plan.kind === 'matrices' && size <= 4) yield* this.#matrices(bytes, plan, size);
      else yield ok(unowned(permuted(bytes, of.shape, perm, size)));
    } finally {
      source.value.release();
    }
  }

  /** Result rows by the piece: each reads a range of columns of the source. */
  *#matrices(source: Uint8Array, { matrices, rows, columns }: Matrices, size: number): Pieces {
    const matrixBytes = rows * columns * size;
    // A multiple of the width of the native kernel's tiles.
    const columnsPerPiece = Math.max(16, Math.floor(PIECE_BYTES / (rows * size) / 16) * 16);
    for (let matrix = 0; matrix < matrices; matrix++) {
      const from = source.subarray(matrix * matrixBytes, (matrix + 1) * matrixBytes);
      for (let first = 0; first < columns; first += columnsPerPiece) {
        const columnCount = Math.min(columnsPerPiece, columns - first);
        const into = this.#buffers.take(columnCount * rows * size);
        kernels().transpose(from, rows, columns, size, first, columnCount, into.bytes);
        yield ok(into);
      }
    }
  }

  #scaled(of: Tensor, factors: Float32Array, name: string): Result<Piece, Failure> {
    const source = this.whole(of, name);
    if (!source.ok) return source;
    const copy = new Uint8Array(source.value.bytes);
    source.value.release();
    const values = new Float32Array(copy.buffer);
    const columns = values.length / factors.length;
    for (const [row, factor] of factors.entries()) {
      for (let i = row * columns; i < (row + 1) * columns; i++) values[i] = values[i]! * factor;
    }
    return ok(unowned(copy));
  }

  #quantizedPart(
    of: QuantizedWeight,
    part: 'values' | 'scales' | 'zeroPoints',
    tensor: Tensor,
    name: string,
  ): Result<Piece, Failure> {
    if (part === 'zeroPoints') return ok(unowned(new Uint8Array(byteLengthOf(tensor))));
    if (this.#lastQuantized?.of !== of) {
      const result = this.#quantize(of, name);
      if (!result.ok) return result;
      this.#lastQuantized = { of, result: result.value };
    }
    const { values, scales } = this.#lastQuantized.result;
    return ok(unowned(part === 'values' ? values : new Uint8Array(scales.buffer)));
  }

  #blockPart(of: BlockQuantizedWeight, part: keyof BlockParts, name: string): Result<Piece, Failure> {
    if (this.#lastBlocks?.of !== of) {
      const parts = quantizedInBlocks(of, tensor => this.whole(tensor, name));
      if (!parts.ok) return parts;
      if (parts.value.nonFinite > 0) return fail(notFinite(of.weight, name, parts.value.nonFinite));
      this.#lastBlocks = { of, parts: parts.value };
    }
    return ok(unowned(this.#lastBlocks.parts[part]));
  }

  #columnBlockPart(of: ColumnBlockWeight, part: keyof ColumnBlockParts, name: string): Result<Piece, Failure> {
    if (this.#lastColumnBlocks?.of !== of) {
      const parts = quantizedInColumnBlocks(of, tensor => this.whole(tensor, name));
      if (!parts.ok) return parts;
      if (parts.value.nonFinite > 0) return fail(notFinite(of.weight, name, parts.value.nonFinite));
      this.#lastColumnBlocks = { of, parts: parts.value };
    }
    return ok(unowned(this.#lastColumnBlocks.parts[part]));
  }

  /**
   * Elements are quantised one by one, with the scale of their slice. Moving them first or afterwards gives the same
   * values, and afterwards four times fewer bytes are moved.
   */
  #quantize(quantized: QuantizedWeight, name: string): Result<Quantized, Failure> {
    const { weight, axis } = quantized;
    const { data } = weight;
    if (data.from === 'transpose') {
      const { of, perm } = data;
      const inner = this.#quantize(
        { ...quantized, weight: of, ...(axis === undefined ? {} : { axis: perm[axis]! }) },
        name,
      );
      if (!inner.ok) return inner;
      const moved = this.whole(
        int8Tensor(weight.shape, { from: 'transpose', of: int8Bytes(of.shape, inner.value), perm }),
        name,
      );
      return moved.ok ? ok({ values: moved.value.bytes, scales: inner.value.scales }) : moved;
    }
    if (data.from === 'concat' && data.axis === axis) {
      const parts: Tensor[] = [];
      const scales: number[] = [];
      for (const part of data.of) {
        const inner = this.#quantize({ ...quantized, weight: part }, name);
        if (!inner.ok) return inner;
        parts.push(int8Bytes(part.shape, inner.value));
        scales.push(...inner.value.scales);
      }
      const joined = this.whole(int8Tensor(weight.shape, { from: 'concat', of: parts, axis }), name);
      return joined.ok ? ok({ values: joined.value.bytes, scales: Float32Array.from(scales) }) : joined;
    }
    return this.#quantizeInOrder(quantized, name);
  }

  #quantizeInOrder({ weight, axis, reduceRange }: QuantizedWeight, name: string): Result<Quantized, Failure> {
    const { shape } = weight;
    const float32: Tensor =
      weight.dtype === 'float32' ? weight : { dtype: 'float32', shape, data: { from: 'cast', of: weight } };
    const source = this.whole(float32, name);
    if (!source.ok) return source;
    const channels: readonly [number, number, number] =
      axis === undefined
        ? [1, 1, elementCount(shape)]
        : [elementCount(shape.slice(0, axis)), shape[axis]!, elementCount(shape.slice(axis + 1))];
    const largest = new Float32Array(channels[1]);
    const nonFinite = kernels().absmax(source.value.bytes, ...channels, largest);
    const limit = int8Limit(reduceRange);
    const scales = int8Scales(largest, limit);
    const values = new Uint8Array(elementCount(shape));
    if (nonFinite === 0) kernels().quantizeInt8(source.value.bytes, ...channels, scales, limit, values);
    source.value.release();
    return nonFinite === 0 ? ok({ values, scales }) : fail(notFinite(weight, name, nonFinite));
  }
}

function elementBytes(tensor: Tensor): number {
  if (tensor.dtype === 'string') throw new Error('string tensors are no weights');
  return BYTES_PER_ELEMENT[tensor.dtype];
}

const int8Tensor = (shape: readonly number[], data: Tensor['data']): Tensor => ({ dtype: 'int8', shape, data });

const int8Bytes = (shape: readonly number[], { values }: Quantized): Tensor =>
  int8Tensor(shape, { from: 'bytes', bytes: values });

export const notFinite = (weight: Tensor, name: string, nonFinite: number): Failure =>
  usageFailure('weight-not-finite', 'a weight holds NaN or infinity', {
    where: name,
    expected: 'finite numbers',
    found: `${count(nonFinite, 'element')} of ${elementCount(weight.shape)} ${nonFinite === 1 ? 'is' : 'are'} not finite`,
    fix: 'the checkpoint is damaged, or its training diverged: take another one',
  });

const overflow = (to: Tensor, name: string, overflows: number): Failure =>
  taskFailure('weight-overflow', `a weight does not fit ${to.dtype}`, {
    where: name,
    expected: to.dtype === 'float16' ? 'magnitudes below 65520' : `magnitudes that ${to.dtype} can hold`,
    found: `at least ${count(overflows, 'element')} of ${elementCount(to.shape)} ${overflows === 1 ? 'becomes' : 'become'} infinite`,
    fix: 'keep this weight in float32, or choose bf16',
  });
