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
import { ops } from '../graph/ops.js';
import { nodePass, refused, replaced } from '../graph/pass.js';
import type { QuantizedWeight, Tensor } from '../graph/tensor.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import {
  biasedProduct,
  computedBeforehand,
  counted,
  EXCLUDED,
  isBelow,
  reasonToLeave,
  unknownExclusion,
  weightOf,
} from './products.js';

export interface IntegerProductOptions {
  /** Weights within ±64, for CPUs whose u8 x s8 products saturate: x86 without VNNI. */
  readonly reduceRange: boolean;
  /** Paths whose products stay in float32: 'classifier', or 'bert.encoder.layer.11' with all that is below it. */
  readonly exclude?: readonly string[];
}

export interface QuantizedGraph {
  readonly graph: Graph;
  /** Paths of the products that now run on integers. */
  readonly quantized: readonly string[];
  /** Products with a constant weight that stay in float, and why. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

/** A product x · weight + bias whose weight is in int8. */
export interface IntegerProduct {
  readonly path: string;
  /** What it reads now, and what it read in the given graph. */
  readonly x: Value;
  readonly originalX: Value;
  readonly weight: IntegerWeight;
  /** float32 [columns]. */
  readonly bias: Value | undefined;
  /** Other products read the same activation. */
  readonly isShared: boolean;
}

/** An activation as u8, with its scale and its zero point. */
export type RoundedActivation = readonly [values: Value, scale: Value, zeroPoint: Value];

/** Writes down the rounding of `x`; `originalX` is what it was in the given graph. */
export type Rounding = (path: string, x: Value, originalX: Value) => RoundedActivation;

/** MatMulIntegerToFloat, each activation being rounded once, however many products read it. */
export function multiplierOf(rounded: Rounding): (product: IntegerProduct) => Value {
  const activations = new Map<Value, RoundedActivation>();
  return ({ path, x, originalX, weight, bias }) => {
    const activation = activations.get(x) ?? rounded(path, x, originalX);
    activations.set(x, activation);
    const [values, scale, zeroPoint] = activation;
    return ops(path).MatMulIntegerToFloat(values, weight.values, scale, weight.scales, zeroPoint, undefined, bias);
  };
}

/** How a form of quantisation multiplies; made anew for each graph and each branch. */
export interface IntegerForm {
  readonly name: string;
  /** Why this activation must stay in float32, as the given graph has it. */
  reasonToLeave(originalX: Value): string | undefined;
  multiplier(): (product: IntegerProduct) => Value;
}

/**
 * Every product with a constant weight on integers: weights s8, symmetric, one scale per column; how activations become
 * integers is the form's. A bias that is added to the product goes into it. Failure: 'exclude-unknown'.
 */
export function quantizeProducts(
  graph: Graph,
  form: IntegerForm,
  options: IntegerProductOptions,
): Result<QuantizedGraph, Failure> {
  const { exclude = [] } = options;
  const products = [...everyNodeOf(graph)].filter(node => weightOf(node) !== undefined);
  const unknown = unknownExclusion(products, exclude);
  if (unknown) return fail(unknown);

  const quantized: string[] = [];
  const isExcluded = (node: Node): boolean => exclude.some(path => isBelow(node.path, path));
  const beforehand = computedBeforehand(graph);
  const reasonFor = (node: Node, original: Node): string | undefined =>
    isConstant(original.inputs[0]) || beforehand.has(original.inputs[0]!)
      ? 'it depends on weights alone: a session computes it once, when it loads the model'
      : (reasonToLeave(node) ?? form.reasonToLeave(original.inputs[0]!));
  const readers = readersOf(products.filter(node => !isExcluded(node) && reasonFor(node, node) === undefined));
  const reads = counted([...everyNodeOf(graph)].flatMap(node => [...valuesReadBy(node)]));
  const pass = nodePass(form.name, () => {
    const weights = new Map<Tensor, IntegerWeight>();
    const made = new Map<Value, (bias: Value) => Value>();
    const multiply = form.multiplier();

    return (node, original) => {
      const absorbed = node.op === 'Add' ? biasedProduct(node, made) : undefined;
      if (absorbed) return replaced(absorbed);
      const weight = weightOf(node);
      if (weight === undefined) return undefined;
      if (isExcluded(node)) return refused(EXCLUDED);
      const reason = reasonFor(node, original);
      if (reason !== undefined) return refused(reason);
      const [x, , bias] = node.inputs;
      const integer = weights.get(weight.tensor) ?? integerWeight(weight, options.reduceRange);
      weights.set(weight.tensor, integer);
      const originalX = original.inputs[0]!;
      const isShared = (readers.get(originalX) ?? 0) > 1;
      const product = { path: node.path, x: x!, originalX, weight: integer, bias, isShared };
      const result = multiply(product);
      // A product that is also read without the bias would have to be computed twice.
      const isReadOnce = reads.get(original.outputs[0]!) === 1;
      if (bias === undefined && isReadOnce) made.set(result, added => multiply({ ...product, bias: added }));
      quantized.push(node.path);
      return replaced(result);
    };
  });
  const { graph: result, refused: left } = pass.run(graph);
  return ok({ graph: result, quantized, left: left.map(({ path, reason }) => ({ path, reason })) });
}

export interface IntegerWeight {
  /** int8 [K, N]. */
  readonly values: Constant;
  /** float32 [N]. */
  readonly scales: Constant;
}

function integerWeight({ name, tensor }: Constant, reduceRange: boolean): IntegerWeight {
  const of: QuantizedWeight = { weight: tensor, axis: 1, reduceRange };
  const part = (dtype: 'int8' | 'float32', shape: readonly number[], which: 'values' | 'scales'): Constant =>
    constant(
      { dtype, shape, data: { from: 'quantized', of, part: which } },
      `${name}_${which === 'values' ? 'quantized' : 'scale'}`,
    );
  return { values: part('int8', tensor.shape, 'values'), scales: part('float32', [tensor.shape[1]!], 'scales') };
}

/** How many of the products read each activation. */
const readersOf = (products: readonly Node[]): ReadonlyMap<Value, number> =>
  counted(products.map(({ inputs }) => inputs[0]!));
