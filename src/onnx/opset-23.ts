import { scalar } from '../graph/constants.js';
import { sameDim } from '../graph/dims.js';
import { dtypeOfElementType } from '../graph/element-type.js';
import type { Node, Value } from '../graph/graph.js';
import type { Ops } from '../graph/ops.js';
import { intOf, refused, replaced, type Verdict } from '../graph/pass.js';

const floatOf = (node: Node, attribute: string, fallback: number): number => {
  const found = node.attributes[attribute];
  return found?.kind === 'float' ? found.value : fallback;
};

/**
 * Attention of opset 23, softmax(q · kᵀ · scale + mask) · v over [batch, heads, sequence, size], in products and a Softmax:
 * https://onnx.ai/onnx/operators/onnx__Attention.html. A bool mask says which keys are seen. What tracing exporters do not
 * write (caches, packed heads, a soft cap) is refused.
 */
export function loweredAttention(node: Node, op: Ops): Verdict {
  const [query, key, value, mask, ...cache] = node.inputs;
  if (!query || !key || !value) return refused('query, key or value is missing');
  if (cache.some(input => input !== undefined)) return refused('it has a cache');
  if ([query, key, value].some(({ type }) => type.shape.length !== 4)) return refused('its heads are packed');
  if (intOf(node, 'is_causal', 0) !== 0) return refused('it is causal by attribute');
  if (floatOf(node, 'softcap', 0) !== 0) return refused('it has a soft cap');
  const precision = dtypeOfElementType(intOf(node, 'softmax_precision', 0));
  if (precision !== undefined && precision !== query.type.dtype)
    return refused('its softmax has a precision of its own');
  if (!sameDim(query.type.shape[1]!, key.type.shape[1]!)) return refused('several query heads share a key head');
  const size = query.type.shape[3]!;
  if (typeof size !== 'number') return refused('the size of its heads is not known');
  const scale = floatOf(node, 'scale', 1 / Math.sqrt(size));
  const scores = op.Mul(op.MatMul(query, op.Transpose(key, { perm: [0, 1, 3, 2] })), scale);
  const masked = mask ? op.Add(scores, addend(op, mask, scores)) : scores;
  return replaced(op.MatMul(op.Softmax(masked, { axis: -1 }), value));
}

/** The lowest float32 in place of -inf: a row without any key then has no NaN, as the operator's definition has none. */
const LOWEST = -3.4028234663852886e38;

function addend(op: Ops, mask: Value, scores: Value): Value {
  if (mask.type.dtype !== 'bool') return mask;
  const { dtype } = scores.type;
  return op.Where(mask, scalar(dtype, 0), scalar(dtype, LOWEST));
}

/** RMSNormalization of opset 23: x / sqrt(mean(x²) + epsilon) · scale, over the last axis. */
export function loweredRmsNormalization(node: Node, op: Ops): Verdict {
  const [x, scale] = node.inputs;
  if (!x || !scale) return refused('its input or scale is missing');
  const rank = x.type.shape.length;
  const axis = intOf(node, 'axis', -1);
  if (axis !== -1 && axis !== rank - 1) return refused('it normalises over several axes');
  if (x.type.dtype !== 'float32') return refused(`it computes in ${x.type.dtype}`);
  const mean = op.ReduceMean(op.Mul(x, x), { axes: [-1], keepdims: 1 });
  const root = op.Sqrt(op.Add(mean, floatOf(node, 'epsilon', 1e-5)));
  return replaced(op.Mul(op.Div(x, root), scale));
}
