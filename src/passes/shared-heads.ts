import { integers, scalarOf } from '../graph/constants.js';
import { productOfDims, sameDim, sameShape } from '../graph/dims.js';
import type { Value } from '../graph/graph.js';
import { knownIntegers } from '../graph/known-integers.js';
import { type Ops, ops } from '../graph/ops.js';
import { nodePass, type Pass, producer, replaced } from '../graph/pass.js';
import { permOf } from './remove-no-ops.js';

/**
 * A product with keys or values that several heads share, as transformers' repeat_kv copies them for each of these heads:
 * what is multiplied with them becomes rows of one product instead, and nothing is copied (docs/cpu-kernels.md). The same numbers.
 */
export const sharedHeads: Pass = nodePass('shared-heads', () => node => {
  const [left, right] = node.inputs;
  if (node.op !== 'MatMul' || node.domain !== '' || left?.type.shape.length !== 4) return undefined;
  const op = ops(node.path);
  const shared = withoutCopies(op, right!);
  if (shared === undefined) return undefined;
  const heads = left.type.shape[1];
  const groups = shared.type.shape[1];
  if (typeof heads !== 'number' || typeof groups !== 'number') return undefined;
  const rows = op.Concat([integers([0, groups, -1]), lengthOf(op, left, 3)], { axis: 0 });
  const product = op.MatMul(op.Reshape(left, rows), shared);
  return replaced(
    op.Reshape(product, op.Concat([integers([0, heads]), lengthOf(op, left, 2), integers([-1])], { axis: 0 })),
  );
});

/** int64 [1] */
function lengthOf(op: Ops, value: Value, axis: number): Value {
  const length = value.type.shape[axis]!;
  return typeof length === 'number' ? integers([length]) : op.Shape(value, { start: axis, end: axis + 1 });
}

/** The same for the heads that are there once, up through a scale and a transpose of the last two axes. */
function withoutCopies(op: Ops, value: Value): Value | undefined {
  const product = producer(value, 'Mul');
  if (product) {
    const [a, b] = product.inputs as [Value, Value];
    const [scale, scaled] = scalarOf(a) === undefined ? [b, a] : [a, b];
    const shared = scalarOf(scale) === undefined ? undefined : withoutCopies(op, scaled);
    return shared && op.Mul(shared, scale);
  }
  const transpose = producer(value, 'Transpose');
  if (transpose) {
    if (permOf(transpose).join() !== '0,1,3,2') return undefined;
    const shared = withoutCopies(op, transpose.inputs[0]!);
    return shared && op.Transpose(shared, { perm: [0, 1, 3, 2] });
  }
  return copiedHeads(value);
}

/** [batch, groups, length, size] that a value has once for each head of a group: [batch, groups · heads, length, size]. */
function copiedHeads(value: Value): Value | undefined {
  const expanded = producer(value, 'Reshape')?.inputs[0];
  const unsqueezed = producer(expanded, 'Expand')?.inputs[0];
  const unsqueeze = producer(unsqueezed, 'Unsqueeze');
  const [source, axes] = unsqueeze?.inputs ?? [];
  if (!expanded || !source || !axes || source.type.shape.length !== 4 || knownIntegers(axes)?.join() !== '2') {
    return undefined;
  }
  const [batch, groups, length, size] = source.type.shape;
  const [, , copies, ...rest] = expanded.type.shape;
  const isCopied = sameShape([...expanded.type.shape.slice(0, 2), ...rest], [batch!, groups!, length!, size!]);
  const heads = productOfDims([groups!, copies!]);
  const isMerged = sameShape(value.type.shape, [batch!, heads, length!, size!]);
  return isCopied && isMerged && !sameDim(copies!, 1) ? source : undefined;
}
