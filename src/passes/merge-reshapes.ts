import { integers } from '../graph/constants.js';
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
  if (!keepsLast) return undefined;
  const op = ops(node.path);
  const to = node.outputs[0]!.type.shape;
  if (sameShape(swapped, to)) return replaced(op.Transpose(source, { perm: lastSwapped(from.length) }));
  // Other axes in front: these first, then the two are transposed.
  const isTransposed = to.length > 2 && sameShape(swapped.slice(-2), to.slice(-2));
  if (!isTransposed || knownIntegers(node.inputs[1]!)?.includes(0) !== false) return undefined;
  const lengths = op.Gather(node.inputs[1]!, integers(lastSwapped(to.length)), { axis: 0 });
  return replaced(op.Transpose(op.Reshape(source, lengths), { perm: lastSwapped(to.length) }));
}

/** 0, 1, …, rank - 1, rank - 2 */
const lastSwapped = (rank: number): number[] => [
  ...Array.from({ length: rank - 2 }, (_, axis) => axis),
  rank - 1,
  rank - 2,
];
