import type { Value } from '../graph/graph.js';
import type { TensorType } from '../graph/tensor.js';

/** Operators whose only output, or first one, has the type of their first input. */
const LIKE_THE_FIRST: ReadonlySet<string> = new Set([
  'Dropout',
  'Elu',
  'Gelu',
  'HardSigmoid',
  'HardSwish',
  'Mish',
  'RMSNormalization',
  'Selu',
  'Softsign',
]);

/**
 * The types of operators of ai.onnx that this project does not write and meets in models of others. Undefined where they
 * must come from the file.
 */
export function foreignTypes(
  {
    op,
    domain,
    inputs,
  }: { readonly op: string; readonly domain: string; readonly inputs: readonly (Value | undefined)[] },
  outputCount: number,
): readonly TensorType[] | undefined {
  const [first, , value] = inputs;
  if (domain !== '' || first === undefined) return undefined;
  const { dtype, shape } = first.type;
  if (LIKE_THE_FIRST.has(op) && outputCount === 1) return [{ dtype, shape }];
  // Its mask.
  if (op === 'Dropout' && outputCount === 2)
    return [
      { dtype, shape },
      { dtype: 'bool', shape },
    ];
  // Of opset 23, over heads: [batch, heads, queries, size].
  if (op === 'Attention' && outputCount === 1 && shape.length === 4 && value?.type.shape.length === 4) {
    return [{ dtype, shape: shape.with(3, value.type.shape[3]!) }];
  }
  return undefined;
}
