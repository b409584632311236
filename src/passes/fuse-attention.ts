import { isConstant, scalarOf } from '../graph/constants.js';
import { sameDim } from '../graph/dims.js';
import { type Constant, constant, type Graph, type Node, nodesOf, type Value, valuesReadBy } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { intOf, nodePass, type Pass, producer, refused, replaced, type Verdict } from '../graph/pass.js';
import type { Dim, Tensor } from '../graph/tensor.js';
import { type PaddingMask, paddingMaskOf } from './padding-mask.js';
import { permOf } from './remove-no-ops.js';

/**
 * softmax(q · kᵀ · scale + bias + mask) · v over split heads -> com.microsoft.MultiHeadAttention: four transposes, four
 * reshapes, two products and the softmax become one operator, and the biases of q, k and v move into it. The mask is
 * given as [batch, keys] of 0 and 1, which is right for padding on any side; a bias for each pair of positions stays as
 * it is.
 *
 * Found by what is computed, not by how it is written: the scale may be on the scores, on q, on k or on both, as a
 * factor or as a divisor; the key may be transposed at once or in two steps.
 */
export const fuseAttention: Pass = nodePass('fuse-attention', graph => {
  const reads = readsOf(graph);
  return (node, original) => {
    const parts = partsOf(node);
    if (parts === undefined) return undefined;
    if (!isPerm(permOf(parts.merged), [0, 2, 1, 3]))
      return refused('the heads are not merged from [batch, heads, queries, size]');
    const scores = scoresOf(partsOf(original)!.softmax.inputs[0]!);
    if (typeof scores !== 'string' && [scores.query, scores.key].some(split => isReadTwice(split, reads))) {
      return refused('query or key is also multiplied with positions, for which it would be split into heads again');
    }
    return fused(node, parts);
  };
});

/** [batch, heads, queries, size] -> [batch, queries, heads, size] -> [batch, queries, hidden] */
function partsOf(node: Node): Parts | undefined {
  const merged = node.op === 'Reshape' ? producer(node.inputs[0], 'Transpose') : undefined;
  const context = merged && producer(merged.inputs[0], 'MatMul');
  const guarded = context && guardedSoftmax(context.inputs[0]!);
  const softmax = guarded ?? (context && producer(context.inputs[0], 'Softmax'));
  return merged && context && softmax && { merged, context, softmax, isGuarded: guarded !== undefined };
}

interface Parts {
  readonly merged: Node;
  readonly context: Node;
  readonly softmax: Node;
  /** Written with 0 in place of the NaN that a row of -inf gives: torch's scaled_dot_product_attention. */
  readonly isGuarded: boolean;
}

/** Where(IsNaN(softmax), 0, softmax) */
function guardedSoftmax(value: Value): Node | undefined {
  const choice = producer(value, 'Where');
  const [condition, whenNaN, softmax] = choice?.inputs ?? [];
  if (scalarOf(whenNaN) !== 0 || producer(condition, 'IsNaN')?.inputs[0] !== softmax) return undefined;
  return producer(softmax, 'Softmax');
}

function readsOf(graph: Graph): ReadonlyMap<Value, number> {
  const reads = new Map<Value, number>();
  for (const node of nodesOf(graph))
    for (const value of valuesReadBy(node)) reads.set(value, (reads.get(value) ?? 0) + 1);
  return reads;
}

/** Whether something else reads what is split into heads: then the operator saves nothing (docs/cpu-kernels.md). */
function isReadTwice(split: Value, reads: ReadonlyMap<Value, number>): boolean {
  for (let value = split; value.kind === 'output' && value.type.shape.length === 4; value = value.node.inputs[0]!) {
    if (reads.get(value)! > 1) return true;
  }
  return false;
}

/** One of query, key and value, before it was split into heads. */
interface Projection {
  /** [batch, sequence, heads * headSize] */
  readonly value: Value;
  readonly heads: number;
  readonly headSize: number;
  /** What it was multiplied with on the way. */
  readonly scale: number;
}

function fused(root: Node, { softmax, context, isGuarded }: Parts): Verdict {
  if (intOf(softmax, 'axis', -1) !== -1 && intOf(softmax, 'axis', -1) !== 3)
    return refused('the softmax is not over the keys');
  const scores = scoresOf(softmax.inputs[0]!);
  if (typeof scores === 'string') return refused(scores);
  const query = projectionOf(scores.query, [0, 2, 1, 3]);
  const key = projectionOf(scores.key, [0, 2, 3, 1]);
  const value = projectionOf(context.inputs[1]!, [0, 2, 1, 3]);
  if (query === undefined || key === undefined || value === undefined) {
    return refused('query, key or value is not split into heads from [batch, sequence, hidden]');
  }
  if (key.heads !== query.heads || value.heads !== query.heads) {
    return refused(`${query.heads} query heads and ${key.heads} key heads: they must be as many`);
  }
  if (value.scale !== 1) return refused('the value is scaled');
  const [batch, queries] = query.value.type.shape;
  const output = root.outputs[0]!.type.shape;
  if (output.length !== 3 || !sameDim(output[0]!, batch!) || !sameDim(output[1]!, queries!)) {
    return refused('the heads are not merged into [batch, queries, hidden]');
  }

  const op = ops(root.path);
  const biased = biasesOf([query.value, key.value, value.value]);
  const [q, k, v] = biased?.products ?? [query.value, key.value, value.value];
  const scale = scores.scale * query.scale * key.scale;
  const { mask, biases } = scores;
  // Of padding alone, only a text without any token has such rows, and that has no answer anyway.
  if (isGuarded && biases.length > 0) return refused('a bias may leave a query without any key, which gives 0 there');
  const tokens = mask && op.Cast(mask.tokens, { to: 'int32' });
  const bias = biases.length === 0 ? undefined : biases.reduce((sum, term) => op.Add(sum, term));
  const attended = op.MultiHeadAttention(q!, k, v, biased?.bias, tokens, bias, {
    num_heads: query.heads,
    ...(isDefaultScale(scale, query.headSize) ? {} : { scale }),
    ...(mask ? { mask_filter_value: mask.penalty } : {}),
  });
  return replaced(attended);
}

interface Product {
  /** [batch, heads, queries, size] */
  readonly query: Value;
  /** [batch, heads, size, keys] */
  readonly key: Value;
  readonly scale: number;
  /** [batch, heads, queries, keys] */
  readonly shape: readonly Dim[];
}

interface Scores extends Product {
  readonly mask: PaddingMask | undefined;
  /** What else is added for each query and key: positions relative to each other. */
  readonly biases: readonly Value[];
}

/** Takes q · kᵀ · scale + bias + mask apart, in whatever order it was added up. A string says what else it is. */
function scoresOf(sum: Value): Scores | string {
  const terms = termsOf(sum);
  const found = terms.map(scaledProduct).filter(product => product !== undefined);
  const [product] = found;
  if (product === undefined || found.length > 1) {
    return 'the softmax is not of one product of queries and keys, with a mask or a bias';
  }
  let mask: PaddingMask | undefined;
  const biases: Value[] = [];
  for (const term of terms.filter(other => scaledProduct(other) === undefined)) {
    const read = paddingMaskOf(term);
    if (typeof read === 'string') {
      if (!isBiasOf(product, term)) return read;
      biases.push(term);
    } else if (mask === undefined) mask = read;
    else return 'two padding masks are added to the scores';
  }
  return { ...product, mask, biases };
}

/** The terms of a sum. What was added up before it met scores or mask stays one term: all layers may share it. */
function termsOf(value: Value): readonly Value[] {
  const add = value.type.shape.length === 4 ? producer(value, 'Add') : undefined;
  if (add === undefined) return [value];
  const terms = add.inputs.flatMap(input => termsOf(input!));
  const isKnown = (term: Value) => scaledProduct(term) !== undefined || typeof paddingMaskOf(term) !== 'string';
  return terms.some(isKnown) ? terms : [value];
}

function scaledProduct(scaled: Value): Product | undefined {
  const { value, scale } = unscaled(scaled);
  const product = producer(value, 'MatMul');
  if (product === undefined || value.type.shape.length !== 4) return undefined;
  return { query: product.inputs[0]!, key: product.inputs[1]!, scale, shape: value.type.shape };
}

/** What the operator takes as attention_bias: [1 or batch, 1 or heads, queries, keys]. */
function isBiasOf(product: Product, { type: { shape } }: Value): boolean {
  const [batch, heads, queries, keys] = product.shape;
  const is = (axis: number, dim: Dim) => shape[axis] !== undefined && sameDim(shape[axis], dim);
  return (
    shape.length === 4 &&
    (shape[0] === 1 || is(0, batch!)) &&
    (shape[1] === 1 || is(1, heads!)) &&
    is(2, queries!) &&
    is(3, keys!)
  );
}

/** Up through multiplications with and divisions by constants. */
function unscaled(value: Value): { readonly value: Value; readonly scale: number } {
  let scale = 1;
  for (;;) {
    const mul = producer(value, 'Mul');
    const div = producer(value, 'Div');
    const [a, b] = (mul ?? div)?.inputs ?? [];
    if (mul && scalarOf(b) !== undefined) scale *= scalarOf(b)!;
    else if (div && scalarOf(b) !== undefined) scale /= scalarOf(b)!;
    else if (mul && scalarOf(a) !== undefined) {
      scale *= scalarOf(a)!;
      value = b!;
      continue;
    } else return { value, scale };
    value = a!;
  }
}

/** Up through scales and transposes to Reshape([batch, sequence, hidden] -> [batch, sequence, heads, size]). */
function projectionOf(split: Value, wanted: readonly number[]): Projection | undefined {
  let perm = [0, 1, 2, 3];
  let total = 1;
  let current = split;
  for (;;) {
    const { value, scale } = unscaled(current);
    total *= scale;
    current = value;
    const transpose = producer(current, 'Transpose');
    if (transpose === undefined) break;
    const inner = permOf(transpose);
    perm = perm.map(axis => inner[axis]!);
    current = transpose.inputs[0]!;
  }
  const reshape = producer(current, 'Reshape');
  if (reshape === undefined || !isPerm(perm, wanted)) return undefined;
  const projected = unscaled(reshape.inputs[0]!);
  const from = projected.value.type.shape;
  const [batch, sequence, heads, headSize] = current.type.shape;
  if (from.length !== 3 || typeof heads !== 'number' || typeof headSize !== 'number') return undefined;
  if (!sameDim(from[0]!, batch!) || !sameDim(from[1]!, sequence!) || from[2] !== heads * headSize) return undefined;
  return { value: projected.value, heads, headSize, scale: total * projected.scale };
}

interface Biased {
  readonly products: readonly Value[];
  readonly bias: Constant;
}

/** The biases of all three as one constant, and the products that they were added to. Undefined unless all have one. */
function biasesOf(projections: readonly Value[]): Biased | undefined {
  const products: Value[] = [];
  const biases: Tensor[] = [];
  for (const projection of projections) {
    const add = producer(projection, 'Add');
    const bias = add?.inputs.find(isConstant);
    const product = add?.inputs.find(input => !isConstant(input));
    if (bias?.tensor.shape.length !== 1 || bias.tensor.shape[0] !== projection.type.shape[2] || !product)
      return undefined;
    products.push(product);
    biases.push(bias.tensor);
  }
  const shape = [biases.reduce((sum, bias) => sum + bias.shape[0]!, 0)];
  return {
    products,
    bias: constant({ dtype: biases[0]!.dtype, shape, data: { from: 'concat', of: biases, axis: 0 } }),
  };
}

/** To the precision of a float32 that was computed in a few steps. */
const isDefaultScale = (scale: number, headSize: number): boolean => Math.abs(scale * Math.sqrt(headSize) - 1) < 1e-6;

const isPerm = (a: readonly number[], b: readonly number[]): boolean => a.every((axis, index) => axis === b[index]);
