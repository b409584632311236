import type { DType } from '../tensor.js';
import type { Evaluation, Evaluator } from './context.js';
import { axisOf, type Dense, dense, matrixProduct, reshaped, transposed, zipped } from './dense.js';
import { roundHalfToEven } from './elementwise.js';
import { gathered } from './movement.js';

/** A scale or zero point as it broadcasts: a 1-D one belongs to `axis` of a tensor of this rank. */
function along(parameter: Dense, axis: number, rank: number): Dense {
  if (parameter.shape.length !== 1 || parameter.data.length === 1) return reshaped(parameter, []);
  const shape = new Array<number>(rank).fill(1).with(axisOf(axis, rank), parameter.data.length);
  return reshaped(parameter, shape);
}

/** A scale or zero point for each block of an axis (opset 21), repeated for each element. */
function spread(
  { dtype, shape: blocks, data }: Dense,
  axis: number,
  blockSize: number,
  shape: readonly number[],
): Dense {
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const elements = Float64Array.from({ length: shape.reduce((product, dim) => product * dim, 1) }, (_, i) => {
    const row = Math.floor(i / inner);
    const [outer, at] = [Math.floor(row / shape[axis]!), row % shape[axis]!];
    return data[(outer * blocks[axis]! + Math.floor(at / blockSize)) * inner + (i % inner)]!;
  });
  return dense(dtype, [...shape], elements);
}

/** Nothing here quantises in blocks. */
function refuseBlocks(evaluation: Evaluation): void {
  if (evaluation.node.attributes.block_size) throw new Error(`${evaluation.node.op} in blocks cannot be evaluated`);
}

const zero = (dtype: DType): Dense => dense(dtype, [], Float64Array.of(0));

/** x / scale + zero point, rounded half to even; storing it clamps, and rounds to float8 where the zero point is one. */
function quantize(x: Dense, scale: Dense, zeroPoint: Dense): Dense {
  const rounded = zeroPoint.dtype === 'float8e4m3fn' ? (quotient: number) => quotient : roundHalfToEven;
  return zipped(zeroPoint.dtype, [x, scale, zeroPoint], (a, b, c) => rounded(Math.fround(a! / b!)) + c!);
}

/** The scale and zero point that DynamicQuantizeLinear chooses: 0 must be a value. */
function dynamicallyQuantized(x: Dense): { values: Dense; scale: Dense; zeroPoint: Dense } {
  const low = x.data.reduce((a, b) => Math.min(a, b), 0);
  const high = x.data.reduce((a, b) => Math.max(a, b), 0);
  const scale = dense('float32', [], Float64Array.of(Math.fround(high - low) / 255));
  const step = scale.data[0]!;
  const zeroPoint = dense('uint8', [], Float64Array.of(step === 0 ? 0 : roundHalfToEven(Math.fround(-low / step))));
  return { values: step === 0 ? zipped('uint8', [x], () => 0) : quantize(x, scale, zeroPoint), scale, zeroPoint };
}

const without = (x: Dense, zeroPoint: Dense | undefined): Dense => {
  if (!zeroPoint) return x;
  return zipped('int32', [x, along(zeroPoint, -1, x.shape.length)], (a, b) => a! - b!);
};

export const QUANTIZED_EVALUATORS: Readonly<Record<string, Evaluator>> = {
  QuantizeLinear: evaluation => {
    refuseBlocks(evaluation);
    const x = evaluation.input(0);
    const axis = evaluation.number('axis');
    const zeroPoint = evaluation.inputs[2] ?? zero('uint8');
    const [scale, shift] = [evaluation.input(1), zeroPoint].map(p => along(p, axis, x.shape.length)) as [Dense, Dense];
    return [quantize(x, scale, shift)];
  },
  DequantizeLinear: evaluation => {
    const [x, scale] = [evaluation.input(0), evaluation.input(1)];
    const axis = evaluation.number('axis');
    const zeroPoint = evaluation.inputs[2] ?? zero(x.dtype);
    const blockSize = evaluation.number('block_size');
    const place = (p: Dense): Dense =>
      blockSize > 0 && p.shape.length === x.shape.length
        ? spread(p, axisOf(axis, x.shape.length), blockSize, x.shape)
        : along(p, axis, x.shape.length);
    const [s, z] = [scale, zeroPoint].map(place) as [Dense, Dense];
    return [zipped(scale.dtype, [x, s, z], (a, b, c) => (a! - c!) * b!)];
  },
  DynamicQuantizeLinear: evaluation => {
    const { values, scale, zeroPoint } = dynamicallyQuantized(evaluation.input(0));
    return [values, scale, zeroPoint];
  },
  MatMulInteger: evaluation => {
    const [a, b, aZero, bZero] = evaluation.inputs;
    return [matrixProduct(without(a!, aZero), without(b!, bZero), 'int32')];
  },
  DynamicQuantizeMatMul: evaluation => {
    const [a, b, bScale, bZero, bias] = evaluation.inputs;
    const { values, scale, zeroPoint } = dynamicallyQuantized(a!);
    const product = matrixProduct(without(values, zeroPoint), without(b!, bZero), 'float64');
    return [rescaled(product, scale, bScale!, bias)];
  },
  MatMulIntegerToFloat: evaluation => {
    const [a, b, aScale, bScale, aZero, bZero, bias] = evaluation.inputs;
    const product = matrixProduct(without(a!, aZero), without(b!, bZero), 'float64');
    return [rescaled(product, aScale!, bScale!, bias)];
  },
  // As with float32 activations: `accuracy_level` says how much less exact a session may be.
  MatMulNBits: evaluation => {
    const [a, , , , reordered, bias] = evaluation.inputs;
    if (reordered) throw new Error('MatMulNBits with g_idx cannot be evaluated');
    const [columns, blockSize] = [evaluation.number('K'), evaluation.number('block_size')];
    const weight = transposed(fromBlocks(evaluation, columns, blockSize, evaluation.number('bits')), [1, 0]);
    const product = matrixProduct(a!, weight);
    return [bias ? zipped(product.dtype, [product, bias], (x, b) => x! + b!) : product];
  },
  GatherBlockQuantized: evaluation => {
    const [codes, indices] = [evaluation.input(0), evaluation.input(1)];
    const bits = evaluation.number('bits');
    const columns = (codes.shape[1]! * 8) / bits;
    return [gathered(fromBlocks(evaluation, columns, evaluation.number('block_size'), bits), indices, 0)];
  },
};

/** The matrix [rows, columns] that codes in blocks stand for; of two codes in a byte, the first is in the lower half. */
function fromBlocks({ node, inputs }: Evaluation, columns: number, blockSize: number, bits: number): Dense {
  const [codes, scales, zeroPoints] = (
    node.op === 'MatMulNBits' ? inputs.slice(1, 4) : [inputs[0], ...inputs.slice(2)]
  ) as [Dense, Dense, Dense | undefined];
  const rows = codes.shape[0]!;
  const blocks = Math.ceil(columns / blockSize);
  const rowBytes = codes.data.length / rows;
  const zeroPointBytes = Math.ceil((blocks * bits) / 8);
  const codeIn = (bytes: Dense, at: number, index: number): number =>
    bits === 8 ? bytes.data[at + index]! : (bytes.data[at + (index >> 1)]! >> (4 * (index & 1))) & 15;
  const data = Float64Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const block = Math.floor(column / blockSize);
    const zeroPoint = zeroPoints ? codeIn(zeroPoints, row * zeroPointBytes, block) : 2 ** (bits - 1);
    return (codeIn(codes, row * rowBytes, column) - zeroPoint) * scales.data[row * blocks + block]!;
  });
  return dense(scales.dtype, [rows, columns], data);
}

function rescaled(product: Dense, aScale: Dense, bScale: Dense, bias: Dense | undefined): Dense {
  const operands = [product, along(aScale, -1, 1), along(bScale, -1, 1), bias ?? zero('float32')];
  return zipped('float32', operands, (x, a, b, c) => x! * a! * b! + c!);
}
