import { isConstant } from '../graph/constants.js';
import { everyNodeOf, type Graph, type Node, type Value, valuesReadBy } from '../graph/graph.js';
import { intOf } from '../graph/pass.js';
import type { Tensor } from '../graph/tensor.js';
import { computedBeforehand, counted, weightOf } from './products.js';

/** A constant that a node reads, or what was computed of constants alone, and its axis along which the channels of the activation lie. */
export interface ChannelPlace {
  readonly node: Node;
  readonly input: number;
  readonly axis: number;
}

/** Finds the constants that an activation's channels can be scaled by. */
export class ChannelPlaces {
  readonly #reads: ReadonlyMap<Value, number>;
  readonly #weights = new Map<Tensor, number>();
  readonly #beforehand: ReadonlySet<Value>;

  constructor(graph: Graph) {
    const nodes = [...everyNodeOf(graph)];
    this.#reads = counted([...nodes.flatMap(node => [...valuesReadBy(node)]), ...outputsOf(graph, nodes)]);
    this.#beforehand = computedBeforehand(graph);
    for (const { tensor } of nodes.map(weightOf).filter(weight => weight !== undefined)) {
      this.#weights.set(tensor, (this.#weights.get(tensor) ?? 0) + 1);
    }
  }

  /**
   * The constants whose channels, multiplied with powers of two, multiply those of `value`, exactly: scale and bias of a normalisation,
   * columns and bias of a product, also through operators that hand factors on. undefined: there are none, or something besides the `readers`
   * would see the difference, or a weight is used elsewhere, too.
   */
  of(value: Value, readers = 1): readonly ChannelPlace[] | undefined {
    if (value.kind !== 'output' || value.index !== 0 || this.#reads.get(value) !== readers) return undefined;
    const channels = value.type.shape.at(-1);
    if (typeof channels !== 'number' || value.type.dtype !== 'float32') return undefined;
    const { node } = value;
    const vectors = NORMALIZATIONS[node.op];
    if (vectors) return this.#vectorsAt(node, vectors, channels);
    if (weightOf(node)) return this.#ofProduct(node, channels);
    const [first, second] = node.inputs;
    switch (node.op) {
      case 'Relu':
        return this.of(first!);
      case 'Add':
        return this.#ofSum(node, first!, second!, 0, channels) ?? this.#ofSum(node, second!, first!, 1, channels);
      case 'Mul':
        return this.#ofFactor(node, 0, channels) ?? this.#ofFactor(node, 1, channels);
      default:
        return undefined;
    }
  }

  #ofProduct(node: Node, channels: number): readonly ChannelPlace[] | undefined {
    if (this.#weights.get(weightOf(node)!.tensor) !== 1) return undefined;
    const bias = this.#vectorsAt(node, [2], channels);
    return bias && [{ node, input: 1, axis: columnAxis(node) }, ...bias];
  }

  /** Both of what is added: a vector, and an activation that has places of its own. */
  #ofSum(node: Node, vector: Value, other: Value, input: number, channels: number) {
    const added = this.#isFixed(vector) ? this.#vectorsAt(node, [input], channels) : undefined;
    const before = added && spans(other, channels) ? this.of(other) : undefined;
    return before && [...before, ...added!];
  }

  /** One of what is multiplied: a vector, or an activation that has places of its own. */
  #ofFactor(node: Node, input: number, channels: number): readonly ChannelPlace[] | undefined {
    const factor = node.inputs[input]!;
    if (this.#isFixed(factor)) return this.#vectorsAt(node, [input], channels);
    return spans(factor, channels) ? this.of(factor) : undefined;
  }

  #isFixed(value: Value): boolean {
    return isConstant(value) || this.#beforehand.has(value);
  }

  /** undefined: one of the inputs that are there is not fixed, with one number for each channel. */
  #vectorsAt(node: Node, inputs: readonly number[], channels: number): readonly ChannelPlace[] | undefined {
    const present = inputs.filter(input => node.inputs[input] !== undefined);
    const isVector = (value: Value): boolean => {
      const { dtype, shape } = value.type;
      const leading = shape.slice(0, -1);
      return this.#isFixed(value) && dtype === 'float32' && spans(value, channels) && leading.every(dim => dim === 1);
    };
    if (!present.every(input => isVector(node.inputs[input]!))) return undefined;
    return present.map(input => ({ node, input, axis: node.inputs[input]!.type.shape.length - 1 }));
  }
}

/** The axis of a product's weight along which its columns lie, as the graph holds it. */
export const columnAxis = (product: Node): number => (intOf(product, 'transB', 0) === 0 ? 1 : 0);

/** Inputs of scale and bias; what else such a node gives does not depend on them. */
const NORMALIZATIONS: Readonly<Record<string, readonly number[]>> = {
  LayerNormalization: [1, 2],
  SimplifiedLayerNormalization: [1],
  SkipLayerNormalization: [2, 3],
  SkipSimplifiedLayerNormalization: [2],
};

const spans = ({ type }: Value, channels: number): boolean => type.shape.at(-1) === channels;

/** Outputs of the graph and of every branch: somebody reads them, too. */
const outputsOf = (graph: Graph, nodes: readonly Node[]): readonly Value[] =>
  [
    graph,
    ...nodes.flatMap(({ attributes }) =>
      Object.values(attributes).flatMap(attribute => (attribute.kind === 'graph' ? [attribute.value] : [])),
    ),
  ].flatMap(({ outputs }) => outputs.map(({ value }) => value));
