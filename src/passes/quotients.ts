import { scalarOf } from '../graph/constants.js';
import type { Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { nodePass, type Pass, producer, replaced } from '../graph/pass.js';

/**
 * x · (1 / root) as x / root: torch's rsqrt, in the form of a root mean square norm that ONNX Runtime knows. Rounded once
 * instead of twice.
 */
export const quotients: Pass = nodePass('quotients', () => node => {
  if (node.op !== 'Mul' || node.domain !== '') return undefined;
  const [a, b] = node.inputs as [Value, Value];
  const [root, x] = rootOf(a) ? [rootOf(a), b] : [rootOf(b), a];
  return root && replaced(ops(node.path).Div(x, root));
});

/** The square root of which a value is the inverse. */
function rootOf(value: Value): Value | undefined {
  const division = producer(value, 'Div');
  const reciprocal = producer(value, 'Reciprocal');
  const root = scalarOf(division?.inputs[0]) === 1 ? division?.inputs[1] : reciprocal?.inputs[0];
  return producer(root, 'Sqrt') && root;
}
