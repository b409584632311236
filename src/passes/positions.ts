import { elementsOf } from '../graph/constants.js';
import { addDims, multiplyDims } from '../graph/dims.js';
import type { Value } from '../graph/graph.js';
import { knownIntegers } from '../graph/known-integers.js';
import type { Dim } from '../graph/tensor.js';

/**
 * An integer tensor whose element at [i, j, …] is offset + i · strides[0] + j · strides[1] + …: positions in a sequence, and
 * what tracing exporters compute of them to look things up.
 */
export interface Positions {
  /** One for each axis of the value. */
  readonly strides: readonly Dim[];
  readonly offset: Dim;
}

/** What a value is as positions, or undefined. */
export function positionsOf(value: Value): Positions | undefined {
  const { dtype, shape } = value.type;
  if (dtype !== 'int64' && dtype !== 'int32') return undefined;
  const rank = shape.length;
  if (value.kind === 'constant' || shape.every(dim => dim === 1)) {
    const single = value.kind === 'constant' ? elementsOf(value) : knownIntegers(value);
    return single?.length === 1 ? { strides: new Array<Dim>(rank).fill(0), offset: single[0]! } : undefined;
  }
  if (value.kind !== 'output' || value.node.domain !== '') return undefined;
  const { op, inputs } = value.node;
  const [first, second] = inputs;
  switch (op) {
    case 'Cast':
    case 'Identity':
      return first && positionsOf(first);
    case 'Range': {
      const [start, , delta] = inputs.map(input => input && knownIntegers(input)?.[0]);
      return start !== undefined && delta !== undefined ? { strides: [delta], offset: start } : undefined;
    }
    case 'Unsqueeze':
      return first && spread(positionsOf(first), first.type.shape, shape);
    case 'Expand':
      return first && broadcast(positionsOf(first), first.type.shape, rank);
    case 'Add':
    case 'Mul': {
      const [a, b] = [first, second].map(input => input && broadcast(positionsOf(input), input.type.shape, rank));
      return a && b && (op === 'Add' ? sum(a, b) : product(a, b));
    }
    default:
      return undefined;
  }
}

/** After axes of length 1 were put in: those of length 1 stand for each other, since nothing moves along them. */
function spread(
  positions: Positions | undefined,
  before: readonly Dim[],
  after: readonly Dim[],
): Positions | undefined {
  if (positions === undefined) return undefined;
  const moving = before.flatMap((dim, axis) => (dim === 1 ? [] : [positions.strides[axis]!]));
  const strides = after.map(dim => (dim === 1 ? 0 : moving.shift()!));
  return { ...positions, strides };
}

/** Over more axes in front; along an axis of length 1 that is repeated, nothing moves. */
function broadcast(positions: Positions | undefined, shape: readonly Dim[], rank: number): Positions | undefined {
  if (positions === undefined) return undefined;
  const strides = positions.strides.map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return { ...positions, strides: [...new Array<Dim>(rank - shape.length).fill(0), ...strides] };
}

const sum = (a: Positions, b: Positions): Positions => ({
  strides: a.strides.map((stride, axis) => addDims(stride, b.strides[axis]!)),
  offset: addDims(a.offset, b.offset),
});

/** Where one of the two is the same everywhere; anything else is not of this form. */
function product(a: Positions, b: Positions): Positions | undefined {
  const [constant, moving] = a.strides.every(stride => stride === 0) ? [a, b] : [b, a];
  if (!constant.strides.every(stride => stride === 0)) return undefined;
  return {
    strides: moving.strides.map(stride => multiplyDims(stride, constant.offset)),
    offset: multiplyDims(moving.offset, constant.offset),
  };
}
