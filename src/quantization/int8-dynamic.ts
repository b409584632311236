import type { Graph } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import type { Failure } from '../util/failure.js';
import type { Result } from '../util/result.js';
import {
  type IntegerProductOptions,
  multiplierOf,
  type QuantizedGraph,
  quantizeProducts,
  type Rounding,
} from './integer-products.js';
import { type PackableForm, quantizePacked } from './packed-attention.js';

export type { QuantizedGraph } from './integer-products.js';

/**
 * Activations as u8 with a scale that is taken from each run's values. An activation that feeds several products (query, key
 * and value) is quantised once, for MatMulIntegerToFloat; any other within DynamicQuantizeMatMul. `form` says it in another way.
 * Failure: 'exclude-unknown'.
 */
export const quantizeInt8Dynamic = (
  graph: Graph,
  { form, ...options }: Int8DynamicOptions,
): Result<QuantizedGraph, Failure> =>
  (form === 'packed-attention' ? quantizePacked : quantizeProducts)(graph, formOf(form), options);

export interface Int8DynamicOptions extends IntegerProductOptions {
  /** Another way to write the same (docs/cpu-kernels.md); measured to be faster for some models. */
  readonly form?: 'unshared-activations' | 'packed-attention' | undefined;
}

const rounded: Rounding = (path, x) => {
  const [values, scale, zeroPoint] = ops(path).DynamicQuantizeLinear(x);
  return [values!, scale!, zeroPoint!];
};

const formOf = (form: Int8DynamicOptions['form']): PackableForm => ({
  name: 'int8-dynamic',
  reasonToLeave: () => undefined,
  rounded,
  multiplier() {
    const shared = multiplierOf(rounded);
    return product => {
      const { path, x, weight, bias, isShared } = product;
      if (isShared && form !== 'unshared-activations') return shared(product);
      return ops(path).DynamicQuantizeMatMul(x, weight.values, weight.scales, undefined, bias);
    };
  },
});
