import { isConstant } from '../graph/constants.js';
import { type Graph, type Node, nodesOf, type Value } from '../graph/graph.js';
import type { HalfFormat } from './half-formats.js';
import type { Masks } from './mask-constants.js';
import { FlowNetwork } from './minimum-cut.js';
import { isFloat, type Observed, PrecisionRules } from './precision-rules.js';

/** Which nodes compute in 16 bits. The tensors that a node makes have its format; casts stand where formats meet. */
export interface PrecisionPlan {
  readonly format: HalfFormat;
  readonly half: ReadonlySet<Node>;
  readonly masks: Masks;
  readonly kept: readonly KeptNode[];
}

/** A node that stays in float32. */
export interface KeptNode {
  readonly node: Node;
  /** The tensor that shows why; absent where the node stays only because its neighbours do. */
  readonly value?: Value;
  /** '|x| up to 81920' */
  readonly reason: string;
}

/**
 * Decides for every node of a float32 graph whether it computes in 16 bits. What a rule keeps in float32 is settled, and so are
 * the products and table lookups that no rule keeps: they are what 16 bits are for. Everything between goes where it costs
 * least: a minimum cut between the two, in which a tensor that several nodes read is cast once, and a node that stays in
 * float32 costs a third of a cast, since it moves twice the bytes. Inputs and outputs of the graph are float32.
 */
export function planPrecision(graph: Graph, format: HalfFormat, observed: Observed): PrecisionPlan {
  const rules = new PrecisionRules(graph, format, observed);
  const nodes = nodesOf(graph).filter(computesFloats);
  const reasons = new Map<Node, { readonly value: Value; readonly reason: string }>();
  for (const node of nodes) {
    const verdict = rules.reasonFor(node);
    if (verdict) reasons.set(node, verdict);
  }
  const float32 = cheapestSides(graph, nodes, node =>
    reasons.has(node) ? 'float32' : isWorthHalf(node) ? 'half' : 'either',
  );
  const kept = nodes
    .filter(node => float32.has(node))
    .map(
      (node): KeptNode => ({
        node,
        ...(reasons.get(node) ?? { reason: 'between tensors in float32: casts would cost more than it gains' }),
      }),
    );
  return { format, half: new Set(nodes.filter(node => !float32.has(node))), masks: rules.masks, kept };
}

/** Shape takes any dtype, and comparisons of integers have no format. */
export const computesFloats = (node: Node): boolean =>
  !INDIFFERENT.has(node.op) &&
  ([...node.inputs].some(input => input !== undefined && isFloat(input)) || node.outputs.some(isFloat));

const INDIFFERENT: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** Reads a weight, or multiplies two activations. */
const isWorthHalf = ({ op, inputs }: Node): boolean =>
  PRODUCTS.has(op) || (op === 'Gather' && isConstant(inputs[0]) && isFloat(inputs[0]));

const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Conv', 'ConvTranspose']);

/** Costs: a cast, a node that computes in float32 without need, and one that is a mere view. */
const CAST = 3000;
const COMPUTED = 1000;
const VIEWED = 1;

const VIEWS: ReadonlySet<string> = new Set(['Flatten', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze']);
const costOf = ({ op }: Node): number => (VIEWS.has(op) ? VIEWED : COMPUTED);

/** The nodes on the side of float32 of the cheapest cut. */
function cheapestSides(
  graph: Graph,
  nodes: readonly Node[],
  sideOf: (node: Node) => 'float32' | 'half' | 'either',
): ReadonlySet<Node> {
  const network = new FlowNetwork();
  const [float32, half] = [network.vertex(), network.vertex()];
  const vertices = new Map<Node, number>(nodes.map(node => [node, network.vertex()]));
  const readers = new Map<Value, Set<number>>();
  const read = (value: Value, reader: number): void => {
    if (isConstant(value) || !isFloat(value)) return;
    readers.set(value, (readers.get(value) ?? new Set()).add(reader));
  };
  for (const node of nodes) {
    const vertex = vertices.get(node)!;
    const side = sideOf(node);
    if (side === 'float32') network.edge(float32, vertex, Number.POSITIVE_INFINITY);
    else network.edge(vertex, half, side === 'half' ? Number.POSITIVE_INFINITY : costOf(node));
    for (const input of node.inputs) if (input) read(input, vertex);
  }
  for (const { value } of graph.outputs) read(value, float32);
  for (const [value, group] of readers) {
    const maker = (value.kind === 'output' ? vertices.get(value.node) : undefined) ?? float32;
    // Made in float32 and read in 16 bits by anyone: one cast.
    const down = network.vertex();
    network.edge(maker, down, CAST);
    // Made in 16 bits and read in float32 by anyone: one cast.
    const up = network.vertex();
    network.edge(up, maker, CAST);
    for (const reader of group) {
      network.edge(down, reader, Number.POSITIVE_INFINITY);
      network.edge(reader, up, Number.POSITIVE_INFINITY);
    }
  }
  const side = network.sourceSide(float32, half);
  return new Set(nodes.filter(node => side.has(vertices.get(node)!)));
}
