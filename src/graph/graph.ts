import type { Tensor, TensorType } from './tensor.js';

/**
 * The graph is immutable and compared by identity. What the outputs do not reach does not exist: there is no dead
 * code to remove. Because nothing is mutated, a rewrite that shares an interior value is merely unprofitable, never wrong.
 */
export interface Graph {
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
}

export interface Output {
  readonly name: string;
  readonly value: Value;
}

/** A tensor that flows through the graph. Every value carries its type: quantisers and TensorRT need it on each one. */
export type Value = Input | Constant | NodeOutput;

export interface Input {
  readonly kind: 'input';
  readonly name: string;
  readonly type: TensorType;
}

export interface Constant {
  readonly kind: 'constant';
  /** The weight's name in the checkpoint, or '' for a constant of the graph itself; the writer makes names unique. */
  readonly name: string;
  readonly tensor: Tensor;
  readonly type: TensorType;
}

export interface NodeOutput {
  readonly kind: 'output';
  readonly node: Node;
  readonly index: number;
  readonly type: TensorType;
  /**
   * What the file that it was read from calls it; a value that a pass puts in its place is called the same. So what was
   * measured on one graph is found again in another. Absent: the writer makes one of the node's path and operator.
   */
  readonly name?: string;
}

/** One operator. `op` is the exact ONNX name, so that it can be grepped in the specification. */
export interface Node {
  readonly op: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  /** Where in the model it came from: 'bert.encoder.layer.0.attention.self'. The writer makes node names of it. */
  readonly path: string;
  /** undefined: an optional input that is absent. */
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly NodeOutput[];
}

/** Tagged as in ONNX, so that 1 and 1.0 stay apart and foreign operators survive a round trip. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  /**
   * A branch of If or a body of Loop. The graph is closed: what it takes from outside are inputs of its own,
   * bound by `captures`. (ONNX lets it see outer names instead; the writer does that translation.)
   */
  | { readonly kind: 'graph'; readonly value: Graph; readonly captures: ReadonlyMap<Input, Value> };

/** The only way to make a node. Operators of ours come through `ops.ts`, which infers `types`. */
export function makeNode(
  node: Pick<Node, 'op' | 'domain' | 'path' | 'inputs' | 'attributes'>,
  types: readonly TensorType[],
  names: readonly (string | undefined)[] = [],
): Node {
  const outputs: NodeOutput[] = [];
  const made: Node = { ...node, outputs };
  for (const [index, type] of types.entries()) {
    const name = names[index];
    outputs.push({ kind: 'output', node: made, index, type, ...(name === undefined ? {} : { name }) });
  }
  return made;
}

/** The node with other inputs or attributes: what it gives has the same types and names. */
export const remade = (node: Node, changes: Partial<Pick<Node, 'inputs' | 'attributes'>>): Node =>
  makeNode(
    { ...node, ...changes },
    node.outputs.map(output => output.type),
    node.outputs.map(output => output.name),
  );

/** Calls a value that was just made, and stands for `original` from now on, like it. A value that has a name keeps it. */
export function takeName(value: Value, original: Value): void {
  if (value.kind !== 'output' || original.kind !== 'output') return;
  if (value.name !== undefined || original.name === undefined) return;
  // Nobody compares or looks up values by name, so a graph that holds this one stays what it was.
  (value as { name?: string }).name = original.name;
}

export const constant = (tensor: Tensor, name = ''): Constant => ({
  kind: 'constant',
  name,
  tensor,
  type: { dtype: tensor.dtype, shape: tensor.shape },
});

/** Values that a node reads: its inputs, and what its sub-graphs capture from outside. */
export function* valuesReadBy(node: Node): Iterable<Value> {
  for (const input of node.inputs) if (input) yield input;
  for (const attribute of Object.values(node.attributes)) {
    if (attribute.kind === 'graph') yield* attribute.captures.values();
  }
}

/** The nodes of a graph and, after each that has branches, theirs: for what is counted or looked up, never for an order. */
export function* everyNodeOf(graph: Graph): Iterable<Node> {
  for (const node of nodesOf(graph)) {
    yield node;
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.kind === 'graph') yield* everyNodeOf(attribute.value);
    }
  }
}

/**
 * Every node that the outputs reach, producers before consumers. The order depends on the graph alone.
 * Iterative: a deep model must not end in a stack overflow.
 */
export function nodesOf(graph: Graph): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  const stack: Value[] = graph.outputs.map(output => output.value).reverse();
  while (stack.length > 0) {
    const value = stack[stack.length - 1]!;
    if (value.kind !== 'output' || state.get(value.node) === 'done') {
      stack.pop();
      continue;
    }
    if (state.get(value.node) === 'open') {
      state.set(value.node, 'done');
      order.push(value.node);
      stack.pop();
      continue;
    }
    state.set(value.node, 'open');
    const reads = [...valuesReadBy(value.node)];
    for (let i = reads.length - 1; i >= 0; i--) {
      const read = reads[i]!;
      if (read.kind === 'output' && !state.has(read.node)) stack.push(read);
    }
  }
  return order;
}
