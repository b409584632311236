import { isConstant } from '../graph/constants.js';
import { sameShape } from '../graph/dims.js';
import { type Graph, type Node, nodesOf, type Value } from '../graph/graph.js';
import { producer } from '../graph/pass.js';
import { elementCount } from '../graph/tensor.js';
import { isFloat } from './precision-rules.js';
import { computedBeforehand, reasonToLeave, weightOf } from './products.js';

/** A place where a tensor is quantised and dequantised: before input `index` of `node`. */
export interface Place {
  readonly node: Node;
  readonly index: number;
  readonly kind: 'activation' | 'weight';
}

/** Which operands TensorRT gets quantised, before it is known whether their ranges allow it. */
export interface Placement {
  /** Places that belong together: all of them or none. */
  readonly groups: readonly { readonly path: string; readonly places: readonly Place[] }[];
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

export interface PlacementOptions {
  /** The longest text that the engine takes: beyond 512 tokens attention stays in 16 bits. */
  readonly longestSequence: number;
}

/** Head sizes whose products TensorRT has integer kernels for. */
const HEAD_SIZES = { least: 16, most: 256 } as const;
const LONGEST_INTEGER_ATTENTION = 512;

/**
 * Where TensorRT wants Q/DQ: both operands of every product with a weight; both products of an attention with all their
 * operands, or neither. Never: biases, embeddings, norms, activations, what only moves elements, and the last product
 * before the outputs, which says what the model says. `residualsOf` adds the sums. Without `longestSequence`, products with a weight alone.
 */
export function placementOf(graph: Graph, { longestSequence }: Partial<PlacementOptions>): Placement {
  const groups: { path: string; places: Place[] }[] = [];
  const left: { path: string; reason: string }[] = [];
  const beforehand = computedBeforehand(graph);
  const last = lastProducts(graph);
  for (const node of nodesOf(graph)) {
    if (weightOf(node) !== undefined) {
      const reason = last.has(node)
        ? 'the last product: its few numbers are what the model says'
        : isConstant(node.inputs[0]) || beforehand.has(node.inputs[0]!)
          ? 'it depends on weights alone: the builder computes it'
          : (reasonToLeave(node) ?? vectorReason(node));
      if (reason !== undefined) left.push({ path: node.path, reason });
      else groups.push({ path: node.path, places: [place(node, 0, 'activation'), place(node, 1, 'weight')] });
    } else if (node.op === 'Softmax' && longestSequence !== undefined) {
      const attention = attentionOf(graph, node);
      if (attention === undefined) continue;
      const reason = attentionReason(attention, longestSequence);
      const places = attention.flatMap(product => [place(product, 0, 'activation'), place(product, 1, 'activation')]);
      if (reason !== undefined) left.push({ path: node.path, reason });
      else groups.push({ path: node.path, places });
    }
  }
  return { groups, left };
}

const place = (node: Node, index: number, kind: Place['kind']): Place => ({ node, index, kind });

/** One row at a time is bound by the weights' bytes, and TensorRT has no integer kernel for it. */
function vectorReason({ inputs }: Node): string | undefined {
  const rows = inputs[0]!.type.shape.slice(0, -1);
  const isStatic = rows.every(dim => typeof dim === 'number');
  return isStatic && elementCount(rows as number[]) === 1 ? 'it multiplies one row only' : undefined;
}

/** What may stand between the last product and an output. A sum of two activations is no head any more. */
const AFTER_HEAD: ReadonlySet<string> = new Set([
  'Add',
  'Cast',
  'Div',
  'Gather',
  'Mul',
  'Reshape',
  'Sigmoid',
  'Slice',
  'Softmax',
  'Split',
  'Squeeze',
  'Tanh',
  'Transpose',
]);

/** Keys and values are outputs, too, and read by the calls that follow. */
const CACHE = /^present\./;

/** Products whose result is an output, but for a bias, a scale or a shape: classifiers, and the projection to words. */
function lastProducts(graph: Graph): ReadonlySet<Node> {
  const last = new Set<Node>();
  const stack = graph.outputs.filter(({ name }) => !CACHE.test(name)).map(({ value }) => value);
  while (stack.length > 0) {
    const value = stack.pop()!;
    if (value.kind !== 'output') continue;
    const { node } = value;
    const activations = node.inputs.filter(input => input?.kind === 'output' && isFloat(input));
    if (weightOf(node) !== undefined) last.add(node);
    else if (AFTER_HEAD.has(node.op) && activations.length === 1) stack.push(activations[0]!);
  }
  return last;
}

/** The product of queries and keys that a Softmax is of, and the product of its result and the values. */
function attentionOf(graph: Graph, softmax: Node): readonly [Node, Node] | undefined {
  const scores = upThrough(softmax.inputs[0]!);
  const context = nodesOf(graph).find(
    node => node.op === 'MatMul' && node.inputs[0] !== undefined && softmaxBehind(node.inputs[0]) === softmax,
  );
  return scores && context && [scores, context];
}

const ON_THE_WAY: ReadonlySet<string> = new Set(['Add', 'Div', 'Mul', 'Sub', 'Sum', 'Tanh', 'Where']);

/** From scores up to the product of two activations, through scales, biases and masks. */
function upThrough(scores: Value): Node | undefined {
  const found = new Set<Node>();
  const stack = [scores];
  while (stack.length > 0) {
    const value = stack.pop()!;
    if (value.kind !== 'output' || value.type.shape.length !== 4) continue;
    const { node } = value;
    if (node.op === 'MatMul' && !isConstant(node.inputs[1])) found.add(node);
    else if (ON_THE_WAY.has(node.op)) for (const input of node.inputs) if (input) stack.push(input);
  }
  // Several products, as with positions relative to each other, are not one kernel.
  return found.size === 1 ? [...found][0] : undefined;
}

function softmaxBehind(value: Value): Node | undefined {
  const chosen = producer(value, 'Where');
  if (chosen)
    return chosen.inputs
      .slice(1)
      .map(input => producer(input, 'Softmax'))
      .find(node => node !== undefined);
  return producer(value, 'Softmax');
}

function attentionReason([scores]: readonly [Node, Node], longestSequence: number): string | undefined {
  const headSize = scores.inputs[0]!.type.shape.at(-1)!;
  if (typeof headSize !== 'number') return 'the size of its heads is not known';
  if (headSize < HEAD_SIZES.least || headSize > HEAD_SIZES.most) {
    return `heads of ${headSize}: attention is quantised from ${HEAD_SIZES.least} to ${HEAD_SIZES.most}`;
  }
  return longestSequence > LONGEST_INTEGER_ATTENTION
    ? `texts of up to ${longestSequence} tokens: attention is quantised up to ${LONGEST_INTEGER_ATTENTION}`
    : undefined;
}

/**
 * The residual operand of every sum that a quantised product with a weight ends in: quantised as well, the sum becomes part
 * of the product's kernel. The other operand stays what the product gives. (Scores of attention are added to masks, whose
 * range no integers can stand for.)
 */
export function residualsOf(graph: Graph, quantized: ReadonlySet<Node>): readonly Place[] {
  const places: Place[] = [];
  for (const node of nodesOf(graph)) {
    const [a, b] = node.inputs;
    if (node.op !== 'Add' || a?.kind !== 'output' || b?.kind !== 'output' || !sameShape(a.type.shape, b.type.shape))
      continue;
    const fromProduct = [a, b].map(operand => endsProduct(operand, quantized));
    if (fromProduct[0] === fromProduct[1]) continue;
    places.push(place(node, fromProduct[0] ? 1 : 0, 'activation'));
  }
  return places;
}

/** A quantised product, with its bias or without. */
function endsProduct(value: Value, quantized: ReadonlySet<Node>): boolean {
  if (value.kind !== 'output') return false;
  if (quantized.has(value.node)) return true;
  if (value.node.op !== 'Add') return false;
  const [a, b] = value.node.inputs as [Value, Value];
  const product = isConstant(a) ? b : isConstant(b) ? a : undefined;
  return product?.kind === 'output' && quantized.has(product.node);
}
