import { sameDim, sameShape } from '../graph/dims.js';
import type { Node, Value } from '../graph/graph.js';
import { knownIntegers } from '../graph/known-integers.js';
import { ops } from '../graph/ops.js';
import { nodePass, type Pass, producer, replaced, type Verdict } from '../graph/pass.js';
import type { Dim } from '../graph/tensor.js';
import { permOf } from './remove-no-ops.js';

/**
 * Makes one Reshape of two in a row, and one Transpose of a Transpose between two: torch's exporter transposes the keys of
 * scaled_dot_product_attention as [batch · heads, sequence, size].
 */
export const mergeReshapes: Pass = nodePass('merge-reshapes', () => node => {
  if (node.op !== 'Reshape' || node.domain !== '') return undefined;
  return transposed(node) ?? reshapedOnce(node);
});

function reshapedOnce(node: Node): Verdict {
  const [data, shape] = node.inputs as [Value, Value];
  const before = producer(data, 'Reshape') ?? producer(data, 'Flatten');
  // A 0 copies a length of what stands in between.
  const lengths = knownIntegers(shape);
  if (before === undefined || lengths === undefined || lengths.includes(0)) return undefined;
  return replaced(ops(node.path).Reshape(before.inputs[0]!, shape));
}

/** [.., rows, columns] -> [n, rows, columns] -> [n, columns, rows] -> [.., columns, rows] */
function transposed(node: Node): Verdict {
  const between = producer(node.inputs[0], 'Transpose');
  const before = between && producer(between.inputs[0], 'Reshape');
  const source = before?.inputs[0];
  if (!between || !before || !source || permOf(between).join() !== '0,2,1') return undefined;
  const from = source.type.shape;
  const flat = before.outputs[0]!.type.shape;
  const swapped: Dim[] = [...from.slice(0, -2), ...from.slice(-2).reverse()];
  const keepsLast = from.length > 2 && [1, 2].every(back => sameDim(from.at(-back)!, flat.at(-back)!));
  if (!keepsLast || !sameShape(swapped, node.outputs[0]!.type.shape)) return undefined;
  const perm = from.map((_, axis) => axis);
  const rank = from.length;
  return replaced(ops(node.path).Transpose(source, { perm: [...perm.slice(0, -2), rank - 1, rank - 2] }));
}
