import { integers, scalarOf } from '../graph/constants.js';
import { sameDim } from '../graph/dims.js';
import { makeNode, type Node, type Value } from '../graph/graph.js';
import { knownIntegers } from '../graph/known-integers.js';
import { type Ops, ops } from '../graph/ops.js';
import { intOf, nodePass, type Pass, producer, refused, replaced, type Verdict } from '../graph/pass.js';
import { permOf } from './remove-no-ops.js';

/**
 * Rotary positions as transformers computes them, x · cos + rotate_half(x) · sin on [batch, heads, sequence, size] with the
 * angles twice in a row, in the form of this project's exporters: both halves of each head turned where they are, before the
 * heads are transposed. The same products and sums; `fuse-rotary` knows that form.
 */
export const rotateHalves: Pass = nodePass('rotate-halves', () => node => {
  if (node.op !== 'Add' || node.domain !== '') return undefined;
  const [a, b] = node.inputs as [Value, Value];
  const parts = partsOf(a, b) ?? partsOf(b, a);
  return parts && turned(node, parts);
});

interface Parts {
  /** [batch, heads, sequence, size] */
  readonly x: Value;
  /** [batch or 1, 1, sequence, size] */
  readonly cos: Value;
  readonly sin: Value;
}

/** x · cos + rotate_half(x) · sin, whatever stands first in the products. */
function partsOf(straight: Value, crossed: Value): Parts | undefined {
  for (const [half, sin] of factors(crossed)) {
    const x = swappedHalves(half);
    if (x === undefined) continue;
    for (const [same, cos] of factors(straight)) if (same === x) return { x, cos, sin };
  }
  return undefined;
}

function factors(product: Value): readonly (readonly [Value, Value])[] {
  const [a, b] = producer(product, 'Mul')?.inputs ?? [];
  return a && b
    ? [
        [a, b],
        [b, a],
      ]
    : [];
}

/** x of which a value is [-x2, x1], where x is [x1, x2] along the last axis. */
function swappedHalves(value: Value): Value | undefined {
  const concat = producer(value, 'Concat');
  const [minus, first] = concat?.inputs ?? [];
  const axis = concat ? intOf(concat, 'axis', 0) : 0;
  if (concat?.inputs.length !== 2 || (axis !== -1 && axis !== value.type.shape.length - 1)) return undefined;
  const second = producer(minus, 'Neg')?.inputs[0];
  const x = producer(first, 'Slice')?.inputs[0];
  const size = x?.type.shape.at(-1);
  if (x === undefined || typeof size !== 'number') return undefined;
  const isSlice = (part: Value | undefined, start: number, end: number): boolean => {
    const slice = producer(part, 'Slice');
    const [from, to, along, step = [1]] = (slice?.inputs.slice(1) ?? []).map(input => input && knownIntegers(input));
    const isLast = along?.[0] === -1 || along?.[0] === x.type.shape.length - 1;
    const stops = typeof to?.[0] === 'number' ? Math.min(to[0], size) : undefined;
    return (
      slice?.inputs[0] === x && isLast && along?.length === 1 && from?.[0] === start && stops === end && step[0] === 1
    );
  };
  return isSlice(first, 0, size / 2) && isSlice(second, size / 2, size) ? x : undefined;
}

function turned(node: Node, { x, cos, sin }: Parts): Verdict {
  const transpose = producer(x, 'Transpose');
  const heads = transpose?.inputs[0];
  const from = producer(heads, 'Reshape')?.inputs[0]?.type.shape;
  if (transpose === undefined || heads === undefined || from?.length !== 3 || permOf(transpose).join() !== '0,2,1,3') {
    return refused('the heads are not split from [batch, sequence, hidden]');
  }
  const [batch, sequence, count, size] = heads.type.shape;
  if (typeof count !== 'number' || typeof size !== 'number' || from[2] !== count * size) {
    return refused('the number and the size of the heads are not known');
  }
  const op = ops(node.path);
  const [cosines, sines] = [cos, sin].map(angles => anglesOf(op, angles));
  if (cosines === undefined || sines === undefined) return refused('the angles are not twice the same in a row');
  const isOfTokens = [cosines, sines].every(
    ({ type: { shape } }) => (shape[0] === 1 || sameDim(shape[0]!, batch!)) && sameDim(shape[1]!, sequence!),
  );
  if (!isOfTokens) return refused('the angles are not those of each token');
  const [first, second] = op.Split(heads, integers([size / 2, size / 2]), { axis: -1 });
  const both = [
    op.Sub(op.Mul(first!, cosines), op.Mul(second!, sines)),
    op.Add(op.Mul(second!, cosines), op.Mul(first!, sines)),
  ];
  const merged = op.Reshape(op.Concat(both, { axis: -1 }), [0, 0, count * size]);
  return replaced(op.Transpose(op.Reshape(merged, [0, 0, count, size]), { perm: [0, 2, 1, 3] }));
}

/** [batch, 1, sequence, size] with the angles twice -> [batch, sequence, 1, size / 2] with them once. */
function anglesOf(op: Ops, angles: Value): Value | undefined {
  const unsqueeze = producer(angles, 'Unsqueeze');
  const [inner, axes] = unsqueeze?.inputs ?? [];
  if (inner?.type.shape.length !== 3 || axes === undefined || knownIntegers(axes)?.join() !== '1') return undefined;
  const once = halfOf(inner);
  return once && op.Unsqueeze(once, [2]);
}

/** What is computed of numbers that stand twice in a row, element by element, computed of them once. */
function halfOf(value: Value): Value | undefined {
  if (value.kind !== 'output' || value.node.domain !== '') return undefined;
  const { node } = value;
  const [first, second] = node.inputs;
  switch (node.op) {
    case 'Concat': {
      const axis = intOf(node, 'axis', 0);
      const isLast = axis === -1 || axis === value.type.shape.length - 1;
      return isLast && node.inputs.length === 2 && first === second ? first : undefined;
    }
    case 'Cos':
    case 'Sin':
    case 'Cast': {
      const half = halfOf(first!);
      const { dtype, shape } = value.type;
      return (
        half &&
        makeNode({ ...node, inputs: [half] }, [{ dtype, shape: shape.with(-1, half.type.shape.at(-1)!) }]).outputs[0]
      );
    }
    case 'Mul': {
      const [factor, scaled] = scalarOf(first) === undefined ? [second, first] : [first, second];
      const half = scalarOf(factor) === undefined ? undefined : halfOf(scaled!);
      return half && (scalarOf(factor) === 1 ? half : ops(node.path).Mul(half, factor!));
    }
    default:
      return undefined;
  }
}
