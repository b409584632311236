import { elementsOf } from '../graph/constants.js';
import { productOfDims, sameDim, sameShape } from '../graph/dims.js';
import type { Node, Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { intOf, nodePass, type Pass, producer, replaced, type Verdict } from '../graph/pass.js';
import type { Dim } from '../graph/tensor.js';
import { type Positions, positionsOf } from './positions.js';

/**
 * Takes out what transformers 5 writes into every mask: each element of attention_mask looked up by its position, [batch,
 * sequence] -> [batch, 1, 1, sequence], and combined with comparisons of positions that always hold. What remains is the
 * mask, unsqueezed.
 */
export const indexArithmetic: Pass = nodePass('index-arithmetic', () => node => {
  if (node.domain !== '') return undefined;
  switch (node.op) {
    case 'GatherND':
      return lookedUpByPair(node);
    case 'Gather':
      return lookedUpFlat(node);
    case 'And':
      return withoutTruth(node);
    default:
      return undefined;
  }
});

/** GatherND(x, indices), indices [..., 2]: row and column of each element. */
function lookedUpByPair(node: Node): Verdict {
  const [x, indices] = node.inputs;
  const pair = producer(indices, 'Concat');
  if (!x || pair?.inputs.length !== 2 || x.type.shape.length !== 2 || intOf(node, 'batch_dims', 0) !== 0)
    return undefined;
  const rank = indices!.type.shape.length;
  if (intOf(pair, 'axis', 0) !== -1 && intOf(pair, 'axis', 0) !== rank - 1) return undefined;
  if (pair.inputs.some(part => part?.type.shape.at(-1) !== 1)) return undefined;
  const [row, column] = pair.inputs.map(part => onlyAxisOf(positionsOf(part!), 1));
  return row === undefined || column === undefined ? undefined : unsqueezed(node, x, row, column);
}

/** Gather(Flatten(x), column + row · columns): the same by one number, which TorchScript writes. */
function lookedUpFlat(node: Node): Verdict {
  const [data, indices] = node.inputs;
  const x = data && flattened(data);
  if (!x || !indices || intOf(node, 'axis', 0) !== 0) return undefined;
  const positions = positionsOf(indices);
  const columns = x.type.shape[1]!;
  if (positions?.offset !== 0 || columns === 1) return undefined;
  const moving = positions.strides.flatMap((stride, axis) => (stride === 0 ? [] : [{ stride, axis }]));
  const row = moving.find(({ stride }) => sameDim(stride, columns));
  const column = moving.find(({ stride }) => stride === 1);
  return moving.length === 2 && row && column ? unsqueezed(node, x, row.axis, column.axis) : undefined;
}

/** [rows, columns] of which `data` is [rows · columns] or [rows · columns, 1]. */
function flattened(data: Value): Value | undefined {
  const x = (producer(data, 'Flatten') ?? producer(data, 'Reshape'))?.inputs[0];
  const [length, ...rest] = data.type.shape;
  const isFlat = x?.type.shape.length === 2 && rest.every(dim => dim === 1);
  return isFlat && sameDim(length!, productOfDims(x.type.shape)) ? x : undefined;
}

/** The axis along which positions count up from 0 by `stride`, when they stand still along all others. */
function onlyAxisOf(positions: Positions | undefined, stride: Dim): number | undefined {
  if (positions?.offset !== 0) return undefined;
  const moving = positions.strides.flatMap((each, axis) => (each === 0 ? [] : [axis]));
  return moving.length === 1 && positions.strides[moving[0]!] === stride ? moving[0] : undefined;
}

/** Every element of x in its place: `row` and `column` are the axes of the result that have x's lengths. */
function unsqueezed(node: Node, x: Value, row: number, column: number): Verdict {
  const { shape } = node.outputs[0]!.type;
  if (row >= column || !sameDim(shape[row]!, x.type.shape[0]!) || !sameDim(shape[column]!, x.type.shape[1]!)) {
    return undefined;
  }
  const others = shape.map((_, axis) => axis).filter(axis => axis !== row && axis !== column);
  return others.every(axis => shape[axis] === 1) ? replaced(ops(node.path).Unsqueeze(x, others)) : undefined;
}

/** And(true, x) is x, in the shape of both. */
function withoutTruth(node: Node): Verdict {
  const [a, b] = node.inputs as [Value, Value];
  const [truth, other] = isTrue(a) ? [a, b] : [b, a];
  if (!isTrue(truth)) return undefined;
  if (sameShape(other.type.shape, node.outputs[0]!.type.shape)) return replaced(other);
  const op = ops(node.path);
  return replaced(op.Expand(other, op.Shape(truth)));
}

/** Whether every element is true, whatever the lengths are. */
function isTrue(value: Value): boolean {
  if (value.kind === 'constant') return elementsOf(value)?.every(element => element !== 0) ?? false;
  if (value.kind !== 'output' || value.node.domain !== '') return false;
  const { op, inputs, attributes } = value.node;
  const [first, second] = inputs;
  switch (op) {
    case 'Cast':
    case 'Expand':
    case 'Unsqueeze':
    case 'Reshape':
      return first !== undefined && first.type.dtype === 'bool' && isTrue(first);
    case 'And':
      return inputs.every(input => input !== undefined && isTrue(input));
    case 'ConstantOfShape': {
      const fill = attributes.value;
      return fill?.kind === 'tensor' && fill.value.dtype === 'bool' && fill.value.data.from === 'bytes'
        ? fill.value.data.bytes[0] === 1
        : false;
    }
    case 'GreaterOrEqual':
      return first !== undefined && second !== undefined && isCounting(first) && isZero(second);
    default:
      return false;
  }
}

/** Positions that count up from 0 or more. */
function isCounting(value: Value): boolean {
  const positions = positionsOf(value);
  if (positions === undefined) return false;
  // A name stands for a length, which is never negative.
  return [positions.offset, ...positions.strides].every(dim =>
    typeof dim === 'number' ? dim >= 0 : !/[-(]/.test(dim),
  );
}

const isZero = (value: Value): boolean => elementsOf(value)?.every(element => element === 0) ?? false;
