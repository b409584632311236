import { elementsOf, isConstant } from '../../graph/constants.js';
import { sameShape } from '../../graph/dims.js';
import type { Node, Value } from '../../graph/graph.js';
import { intOf, producer } from '../../graph/pass.js';
import type { DType } from '../../graph/tensor.js';
import type { TensorRTClass } from './support.js';

/** TensorRT's rules for explicit quantisation, at the nodes that break them. */
export function* quantizationProblems(node: Node, version: TensorRTClass, opset: number): Iterable<string> {
  if (node.domain !== '') return;
  if (node.op === 'QuantizeLinear' || node.op === 'DequantizeLinear') {
    yield* parameterProblems(node, version, opset);
    if (node.op === 'QuantizeLinear') yield* orderProblems(node);
  } else if (node.op === 'MatMul' || node.op === 'Gemm' || node.op === 'Conv') yield* productProblems(node);
}

const STORED: Readonly<Record<TensorRTClass, ReadonlySet<DType>>> = {
  '8.6': new Set(['int8']),
  '10': new Set(['int8', 'float8e4m3fn', 'int4']),
  '11': new Set(['int8', 'float8e4m3fn', 'int4']),
};

const alternatives = (dtypes: ReadonlySet<DType>): string => [...dtypes].join(' or ');

/** Blocks of a column that TensorRT has kernels for. */
const BLOCK_SIZES: readonly number[] = [64, 128];

/** 4 bits are for weights alone, in blocks. */
function* int4Problems(node: Node, opset: number): Iterable<string> {
  const [data, scale] = node.inputs as [Value, Value];
  if (opset < 21) yield `int4 needs opset 21, and the model has ${opset}`;
  if (node.op === 'QuantizeLinear' || !isConstant(data)) {
    yield 'only weights are int4';
    return;
  }
  const [blockSize, axis] = [intOf(node, 'block_size', 0), intOf(node, 'axis', 1)];
  if (!BLOCK_SIZES.includes(blockSize)) yield `int4 comes in blocks of 64 or 128, not ${blockSize}`;
  const { shape } = data.tensor;
  const expected = shape.with(axis, Math.ceil(shape[axis]! / blockSize));
  if (!sameShape(scale.type.shape, expected)) {
    yield `scales are [${scale.type.shape.join(', ')}], and the blocks of the weight [${expected.join(', ')}]`;
  }
}

/** What QuantizeLinear and DequantizeLinear know from opset 19 on only. */
const SINCE_19: ReadonlySet<DType> = new Set(['float16', 'bfloat16', 'float8e4m3fn']);

function* parameterProblems(node: Node, version: TensorRTClass, opset: number): Iterable<string> {
  const [data, scale, zeroPoint] = node.inputs as [Value, Value, Value | undefined];
  const quantized = node.op === 'QuantizeLinear' ? node.outputs[0]!.type.dtype : data.type.dtype;
  if (!STORED[version].has(quantized)) yield `quantised values are ${alternatives(STORED[version])}, not ${quantized}`;
  if (quantized === 'int4') yield* int4Problems(node, opset);
  const needed = [scale.type.dtype, quantized].find(dtype => SINCE_19.has(dtype));
  if (opset < 19 && needed !== undefined) yield `${needed} needs opset 19, and the model has ${opset}`;
  if (quantized === 'float8e4m3fn' && zeroPoint === undefined)
    yield 'the zero point says that the values are float8e4m3fn: it must be there';
  if (version === '8.6' && zeroPoint === undefined) yield 'the zero point must be there';
  if (zeroPoint !== undefined) {
    const zeros = elementsOf(zeroPoint);
    if (zeros === undefined ? !isZeroTensor(zeroPoint) : zeros.some(zero => zero !== 0)) {
      yield 'the zero point must be all zeros: quantisation is symmetric';
    }
  }
  if (!isConstant(scale)) {
    yield 'the scale must be a constant';
    return;
  }
  if (elementsOf(scale)?.some(x => !(x > 0 && Number.isFinite(x)))) yield 'scales must be positive';
  const count = scale.tensor.shape[0] ?? 1;
  if (quantized !== 'int4' && scale.tensor.shape.length > 0 && count > 1) {
    if (!isConstant(data) && node.op === 'QuantizeLinear') yield 'activations have one scale for the whole tensor';
    const axis = intOf(node, 'axis', 1);
    const channels = data.type.shape.at(axis);
    if (channels !== count) yield `${count} scales along axis ${axis}, which has ${channels} channels`;
  }
}

/** Zero points that are computed with their weight. */
const isZeroTensor = (value: Value): boolean =>
  isConstant(value) && value.tensor.data.from === 'quantized' && value.tensor.data.part === 'zeroPoints';

/** What is quantised is dequantised before anything else reads it. */
function* orderProblems(node: Node): Iterable<string> {
  const before = producer(node.inputs[0], 'DequantizeLinear');
  if (before && !isConstant(before.inputs[0])) yield 'what was dequantised is quantised again at once';
}

/** All operands of a product are quantised, or none is: with one of them the product runs in floats and gains nothing. */
function* productProblems(node: Node): Iterable<string> {
  const operands = node.inputs.slice(0, 2) as Value[];
  const quantized = operands.map(dequantizedFrom);
  const count = quantized.filter(dtype => dtype !== undefined).length;
  // A weight of 4 bits is unpacked to what the activation is.
  if (quantized[1] === 'int4' && quantized[0] === undefined) return;
  if (count === 1) yield `one operand of ${operands.length} is quantised: the product runs in floats`;
  if (count === 2 && quantized[0] !== quantized[1]) yield `one operand is ${quantized[0]}, the other ${quantized[1]}`;
}

/** The dtype that a value was dequantised from, seen through what moves elements only. */
function dequantizedFrom(value: Value): DType | undefined {
  let current = value;
  while (current.kind === 'output' && (current.node.op === 'Transpose' || current.node.op === 'Reshape')) {
    current = current.node.inputs[0]!;
  }
  return producer(current, 'DequantizeLinear')?.inputs[0]?.type.dtype;
}
