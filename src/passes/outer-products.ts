import { sameShape } from '../graph/dims.js';
import type { Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { nodePass, type Pass, producer, replaced } from '../graph/pass.js';

/**
 * A matrix product over one element, [.., rows, 1] · [.., 1, columns], as the multiplication that it is: transformers computes
 * the angles of rotary positions so. A product of angles is no product of a layer, and must not be brought into integers.
 */
export const outerProducts: Pass = nodePass('outer-products', () => node => {
  if (node.op !== 'MatMul' || node.domain !== '') return undefined;
  const [a, b] = node.inputs as [Value, Value];
  if (a.type.shape.length < 2 || b.type.shape.length < 2 || a.type.shape.at(-1) !== 1 || b.type.shape.at(-2) !== 1) {
    return undefined;
  }
  const op = ops(node.path);
  const wanted = node.outputs[0]!.type.shape;
  const product = op.Mul(notExpanded(a), notExpanded(b));
  if (sameShape(product.type.shape, wanted)) return replaced(product);
  const whole = op.Mul(a, b);
  return sameShape(whole.type.shape, wanted) ? replaced(whole) : undefined;
});

/** A multiplication repeats along axes of length 1 by itself. */
const notExpanded = (value: Value): Value => producer(value, 'Expand')?.inputs[0] ?? value;
