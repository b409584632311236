import type { Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { intOf, nodePass, type Pass, replaced } from '../graph/pass.js';

/**
 * Writes what parsers of ONNX know for floats only in a form that they know for integers, too. TensorRT's tables list
 * CumSum and Clip for floats. Sums of flags are exact in float32 up to 2^24, which is far more than a text is long.
 */
export const parserTypes: Pass = nodePass('parser-types', () => node => {
  const [x, second, third] = node.inputs;
  if (node.domain !== '' || x === undefined || !INTEGERS.has(x.type.dtype)) return undefined;
  const op = ops(node.path);
  if (node.op === 'CumSum') {
    const attributes = { exclusive: intOf(node, 'exclusive', 0), reverse: intOf(node, 'reverse', 0) };
    const sums = op.CumSum(op.Cast(x, { to: 'float32' }), second!, attributes);
    return replaced(op.Cast(sums, { to: x.type.dtype }));
  }
  if (node.op !== 'Clip') return undefined;
  // In this order, as Clip has it where the bounds contradict each other: the upper one wins.
  const raised: Value = second === undefined ? x : op.Max([x, second]);
  return replaced(third === undefined ? raised : op.Min([raised, third]));
});

const INTEGERS: ReadonlySet<string> = new Set(['int64', 'int32']);
