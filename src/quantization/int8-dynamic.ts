import type { Graph, NodeOutput, Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import type { Failure } from '../util/failure.js';
import type { Result } from '../util/result.js';
import {
  type IntegerForm,
  type IntegerProductOptions,
  type QuantizedGraph,
  quantizeProducts,
} from './integer-products.js';

export type { QuantizedGraph } from './integer-products.js';

/**
 * Activations as u8 with a scale that is taken from each run's values. An activation that feeds several products (query, key
 * and value) is quantised once, for MatMulIntegerToFloat; any other within DynamicQuantizeMatMul. Failure: 'exclude-unknown'.
 */
export const quantizeInt8Dynamic = (graph: Graph, options: IntegerProductOptions): Result<QuantizedGraph, Failure> =>
  quantizeProducts(graph, DYNAMIC, options);

const DYNAMIC: IntegerForm = {
  name: 'int8-dynamic',
  reasonToLeave: () => undefined,
  multiplier() {
    const activations = new Map<Value, readonly NodeOutput[]>();
    return ({ path, x, weight, bias, isShared }) => {
      const op = ops(path);
      if (!isShared) return op.DynamicQuantizeMatMul(x, weight.values, weight.scales, undefined, bias);
      const activation = activations.get(x) ?? op.DynamicQuantizeLinear(x);
      activations.set(x, activation);
      const [values, scale, zeroPoint] = activation;
      return op.MatMulIntegerToFloat(values!, weight.values, scale!, weight.scales, zeroPoint!, undefined, bias);
    };
  },
};
