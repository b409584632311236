import type { Graph, NodeOutput, Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import type { Failure } from '../util/failure.js';
import { mapped, type Result } from '../util/result.js';
import {
  type IntegerForm,
  type IntegerProductOptions,
  type QuantizedGraph,
  quantizeProducts,
} from './integer-products.js';
import { packAttention } from './packed-attention.js';

export type { QuantizedGraph } from './integer-products.js';

/**
 * Activations as u8 with a scale that is taken from each run's values. An activation that feeds several products (query, key
 * and value) is quantised once, for MatMulIntegerToFloat; any other within DynamicQuantizeMatMul. `form` says it in another way.
 * Failure: 'exclude-unknown'.
 */
export const quantizeInt8Dynamic = (
  graph: Graph,
  { form, ...options }: Int8DynamicOptions,
): Result<QuantizedGraph, Failure> => {
  if (form !== 'packed-attention') return quantizeProducts(graph, formOf(form), options);
  const packed = packAttention(graph, options);
  return mapped(quantizeProducts(packed.graph, formOf(form), options), rest => ({
    ...rest,
    quantized: [...packed.quantized, ...rest.quantized],
  }));
};

export interface Int8DynamicOptions extends IntegerProductOptions {
  /** Another way to write the same (docs/cpu-kernels.md); measured to be faster for some models. */
  readonly form?: 'unshared-activations' | 'packed-attention' | undefined;
}

const formOf = (form: Int8DynamicOptions['form']): IntegerForm => ({
  name: 'int8-dynamic',
  reasonToLeave: () => undefined,
  multiplier() {
    const activations = new Map<Value, readonly NodeOutput[]>();
    return ({ path, x, weight, bias, isShared }) => {
      const op = ops(path);
      if (!isShared || form === 'unshared-activations')
        return op.DynamicQuantizeMatMul(x, weight.values, weight.scales, undefined, bias);
      const activation = activations.get(x) ?? op.DynamicQuantizeLinear(x);
      activations.set(x, activation);
      const [values, scale, zeroPoint] = activation;
      return op.MatMulIntegerToFloat(values!, weight.values, scale!, weight.scales, zeroPoint!, undefined, bias);
    };
  },
});
