import { isConstant, tensorOf } from '../graph/constants.js';
import { type Constant, constant, everyNodeOf, type Graph, type Node, valuesReadBy } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { nodePass, producer, refused, replaced } from '../graph/pass.js';
import type { QuantizedWeight, Tensor } from '../graph/tensor.js';
import type { Failure } from '../util/failure.js';
import { mapped, type Result } from '../util/result.js';
import {
  type IntegerForm,
  type IntegerProductOptions,
  type QuantizedGraph,
  quantizeProducts,
  type Rounding,
} from './integer-products.js';
import { counted, isBelow, reasonToLeave, weightOf } from './products.js';

/** A form of quantisation whose activations can be given to attention, too. */
export interface PackableForm extends IntegerForm {
  readonly rounded: Rounding;
}

/** As `quantizeProducts`, after attention has taken its products in. Failure: 'exclude-unknown'. */
export function quantizePacked(
  graph: Graph,
  form: PackableForm,
  options: IntegerProductOptions,
): Result<QuantizedGraph, Failure> {
  const packed = packAttention(graph, form, options);
  return mapped(quantizeProducts(packed.graph, form, options), rest => ({
    ...rest,
    quantized: [...packed.quantized, ...rest.quantized],
  }));
}

/**
 * Attention whose query, key and value are products of one activation -> com.microsoft.QAttention, which has those products as one, on
 * integers. Where one of the three must stay in float32, is read elsewhere or has another width, all of them stay what they are.
 */
function packAttention(
  graph: Graph,
  form: PackableForm,
  { reduceRange, exclude = [] }: IntegerProductOptions,
): Pick<QuantizedGraph, 'graph' | 'quantized'> {
  const quantized: string[] = [];
  const pass = nodePass('packed-attention', within => {
    const reads = counted([...everyNodeOf(within)].flatMap(each => [...valuesReadBy(each)]));
    return (node, original) => {
      if (node.op !== 'MultiHeadAttention') return undefined;
      const [query, key, value, bias, mask, ...others] = node.inputs;
      const products: readonly (Node | undefined)[] = [query, key, value].map(input => producer(input, 'MatMul'));
      if (!isPackable(products) || !isConstant(bias) || others.some(input => input !== undefined)) {
        return refused('query, key and value are not products of one activation, with their biases in attention');
      }
      if (products.some(product => exclude.some(path => isBelow(product.path, path)))) {
        return refused('one of its products is excluded by the configuration');
      }
      if (original.inputs.slice(0, 3).some(input => reads.get(input!) !== 1)) {
        return refused('query, key or value is read elsewhere, too');
      }
      const originalX = producer(original.inputs[0], 'MatMul')!.inputs[0]!;
      const reason = form.reasonToLeave(originalX);
      if (reason !== undefined) return refused(reason);
      const op = ops(node.path);
      const weight = packedWeight(products);
      const of: QuantizedWeight = { weight, axis: 1, reduceRange };
      const [, columns] = weight.shape as [number, number];
      const name = `${node.path}.qkv.weight`;
      const values = constant(
        { dtype: 'int8', shape: weight.shape, data: { from: 'quantized', of, part: 'values' } },
        `${name}_quantized`,
      );
      const scales = constant(
        { dtype: 'float32', shape: [columns], data: { from: 'quantized', of, part: 'scales' } },
        `${name}_scale`,
      );
      const zeros = constant(tensorOf('int8', [columns], new Int8Array(columns)));
      const [rounded, scale, zeroPoint] = form.rounded(node.path, products[0].inputs[0]!, originalX);
      const { num_heads: heads, mask_filter_value: filter, scale: factor } = node.attributes;
      quantized.push(...products.map(({ path }) => path));
      return replaced(
        op.QAttention(rounded, values, bias, scale, scales, mask, zeroPoint, zeros, {
          num_heads: heads!.value as number,
          ...(filter ? { mask_filter_value: filter.value as number } : {}),
          ...(factor ? { scale: factor.value as number } : {}),
        }),
      );
    };
  });
  return { graph: pass.run(graph).graph, quantized };
}

/** Three products with weights of one shape, of one activation. */
function isPackable(products: readonly (Node | undefined)[]): products is readonly [Node, Node, Node] {
  const [query, ...rest] = products;
  if (query === undefined || weightOf(query) === undefined || reasonToLeave(query) !== undefined) return false;
  const shape = weightOf(query)!.tensor.shape.join();
  return rest.every(
    product =>
      product !== undefined &&
      product.inputs[0] === query.inputs[0] &&
      weightOf(product)?.tensor.shape.join() === shape &&
      reasonToLeave(product) === undefined,
  );
}

/** [D, 3 N] */
function packedWeight(products: readonly Node[]): Tensor {
  const tensors = products.map(product => (weightOf(product) as Constant).tensor);
  const [rows, columns] = tensors[0]!.shape as [number, number];
  return { dtype: 'float32', shape: [rows, 3 * columns], data: { from: 'concat', of: tensors, axis: 1 } };
}
