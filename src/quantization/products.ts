import { isConstant } from '../graph/constants.js';
import {
  type Constant,
  constant,
  everyNodeOf,
  type Graph,
  type Node,
  type Value,
  valuesReadBy,
} from '../graph/graph.js';
import { intOf } from '../graph/pass.js';
import type { Tensor } from '../graph/tensor.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { SMALLEST_INTEGER_SIDE } from './limits.js';

/** The weight of a product as [K, N]; undefined for other nodes and for products of two activations. */
export function weightOf(node: Node): Constant | undefined {
  const weight = node.inputs[1];
  if (!PRODUCTS.has(`${node.domain}:${node.op}`) || !isConstant(weight) || weight.tensor.shape.length !== 2)
    return undefined;
  if (intOf(node, 'transB', 0) === 0) return weight;
  const cached = transposed.get(weight.tensor);
  if (cached) return cached;
  const [rows, columns] = weight.tensor.shape as [number, number];
  const swapped = constant(
    {
      dtype: weight.tensor.dtype,
      shape: [columns, rows],
      data: { from: 'transpose', of: weight.tensor, perm: [1, 0] },
    },
    weight.name,
  );
  transposed.set(weight.tensor, swapped);
  return swapped;
}

const PRODUCTS: ReadonlySet<string> = new Set([':MatMul', ':Gemm', 'com.microsoft:FusedMatMul']);

/** One transposed view of each weight, so that a weight used twice stays one. */
const transposed = new WeakMap<Tensor, Constant>();

/** Said of products that a configuration or a mix leaves in float32. */
export const EXCLUDED = 'excluded by the configuration';

/** Why a product with a constant weight is not worth quantising, or cannot be. */
export function reasonToLeave(node: Node): string | undefined {
  const { tensor } = weightOf(node)!;
  if (tensor.dtype !== 'float32') return `the weight is ${tensor.dtype}`;
  const smallest = Math.min(...tensor.shape);
  if (smallest < SMALLEST_INTEGER_SIDE) {
    return `the weight is ${tensor.shape.join(' x ')}: below ${SMALLEST_INTEGER_SIDE} quantising costs more than it gains`;
  }
  const factors = ['alpha', 'beta'].map(name => node.attributes[name]?.value ?? 1);
  if (factors.some(factor => factor !== 1)) return 'the product is scaled by alpha or beta';
  if (intOf(node, 'transA', 0) !== 0) return 'the activation is transposed';
  const bias = node.inputs[2];
  if (bias !== undefined && !isBias(bias, tensor.shape[1]!)) return 'what is added is not one constant per column';
  return undefined;
}

export const isBias = (value: Value, columns: number): boolean =>
  isConstant(value) && value.tensor.shape.length === 1 && value.tensor.shape[0] === columns;

/** The product with the bias that this Add adds to it, if one of its operands is such a product. */
export function biasedProduct(add: Node, made: ReadonlyMap<Value, (bias: Value) => Value>): Value | undefined {
  const [a, b] = add.inputs as [Value, Value];
  for (const [product, bias] of [
    [a, b],
    [b, a],
  ] as const) {
    const columns = product.type.shape.at(-1);
    if (typeof columns === 'number' && isBias(bias, columns)) {
      const biased = made.get(product)?.(bias);
      if (biased) return biased;
    }
  }
  return undefined;
}

/** What nodes compute of weights alone: embeddings of positions, projected. */
export function computedBeforehand(graph: Graph): ReadonlySet<Value> {
  const values = new Set<Value>();
  for (const node of everyNodeOf(graph)) {
    const isKnown = [...valuesReadBy(node)].every(input => isConstant(input) || values.has(input));
    if (isKnown) for (const output of node.outputs) values.add(output);
  }
  return values;
}

/** How often each value occurs. */
export function counted(values: readonly Value[]): ReadonlyMap<Value, number> {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Whether a path is the other one, or further down. */
export const isBelow = (path: string, ancestor: string): boolean =>
  path === ancestor || path.startsWith(`${ancestor}.`);

/** Whether a product with a weight, or a table, is at this path or below it. */
export const excludesProduct = (graph: Graph, path: string): boolean =>
  [...everyNodeOf(graph)].some(
    node => isBelow(node.path, path) && (weightOf(node) !== undefined || node.op === 'Gather'),
  );

/** An exclusion that excludes nothing is a mistake in the configuration. */
export function unknownExclusion(products: readonly Node[], exclude: readonly string[]): Failure | undefined {
  const paths = products.map(node => node.path);
  const unknown = exclude.find(excluded => !paths.some(path => isBelow(path, excluded)));
  if (unknown === undefined) return undefined;
  const close = nearest(unknown, paths);
  return usageFailure('exclude-unknown', 'no matrix product with a weight is at a path that is to be excluded', {
    where: unknown,
    expected: 'the path of a product, or the beginning of one',
    found: close === undefined ? 'nothing like it' : `${close} is the nearest`,
  });
}
