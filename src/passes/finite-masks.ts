import { scalar, scalarOf } from '../graph/constants.js';
import type { Node, Value } from '../graph/graph.js';
import { remade } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { nodePass, type Pass, producer, replaced } from '../graph/pass.js';
import { LOWEST, paddingMaskOf } from './padding-mask.js';

/**
 * Where(IsNaN(p), 0, p) around p = softmax(scores + mask), in which the mask is 0 or -inf -> the softmax of a mask of the
 * lowest finite number, which is never NaN: how this project's exporters mask. The same numbers but for queries that see no
 * key at all, which are padding: these get the mean of all values instead of 0, and nobody reads either. Where the mask has
 * such a number already, there is no NaN to guard against.
 *
 * A mask that is padding alone stays: `fuse-attention` takes it together with what guards it.
 */
export const finiteMasks: Pass = nodePass('finite-masks', () => node => {
  if (node.op !== 'Where' || node.domain !== '') return undefined;
  const [condition, whenNaN, value] = node.inputs;
  const softmax = producer(value, 'Softmax');
  const sum = producer(softmax?.inputs[0], 'Add');
  if (!softmax || !sum || scalarOf(whenNaN) !== 0 || producer(condition, 'IsNaN')?.inputs[0] !== value)
    return undefined;
  const [a, b] = sum.inputs as [Value, Value];
  const [mask, scores] = maskOf(a) ? [maskOf(a), b] : [maskOf(b), a];
  if (mask === undefined || typeof paddingMaskOf(mask.outputs[0]!) !== 'string') return undefined;
  const op = ops(mask.path);
  const penalty = Math.max(scalarOf(mask.inputs[2])!, LOWEST);
  const finite = op.Where(mask.inputs[0]!, mask.inputs[1]!, scalar('float32', penalty));
  return replaced(remade(softmax, { inputs: [ops(sum.path).Add(scores, finite)] }).outputs[0]!);
});

/** Where(seen, 0, penalty) */
function maskOf(value: Value): Node | undefined {
  const choice = producer(value, 'Where');
  const [, seen, hidden] = choice?.inputs ?? [];
  const penalty = scalarOf(hidden);
  return scalarOf(seen) === 0 && penalty !== undefined && penalty < 0 ? choice : undefined;
}
