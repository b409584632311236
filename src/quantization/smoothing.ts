import { isConstant, tensorOf } from '../graph/constants.js';
import {
  type Constant,
  constant,
  everyNodeOf,
  type Graph,
  makeNode,
  type Node,
  type NodeOutput,
  remade,
  type Value,
} from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { nodePass, replaced } from '../graph/pass.js';
import { elementCount, type Tensor } from '../graph/tensor.js';
import { kernels } from '../kernels/index.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import { type ChannelPlace, ChannelPlaces, columnAxis } from './channel-places.js';
import { reasonToLeave, weightOf } from './products.js';
import type { RangeTable, TensorRange } from './ranges.js';

export interface SmoothingOptions {
  readonly ranges: RangeTable;
  /** Largest magnitudes of a tensor's channels, by its name; undefined where they were not measured. */
  channelsOf(name: string): readonly number[] | undefined;
  /** The float32 bytes of a weight. */
  bytesOf(weight: Constant): Result<Uint8Array, Failure>;
}

export interface SmoothedGraph {
  readonly graph: Graph;
  /** Those given, and those of the activations that were scaled. */
  readonly ranges: RangeTable;
  /** Names of the activations that were scaled. */
  readonly smoothed: readonly string[];
  /** Those of them for which it takes an operator. */
  readonly divided: readonly string[];
}

/**
 * Moves outliers from activations into weights, x · W = (x / s) · (s W), s for each channel, where a few channels would otherwise
 * decide the step of all (SmoothQuant, https://arxiv.org/abs/2211.10438). The factors are powers of two, so that in float32
 * nothing changes at all. 1 / s goes into the constants that make x: a normalisation's, a product's before. Where there are none, it is an
 * operator. A weight that several activations are multiplied with stays as it is.
 */
export function smoothed(graph: Graph, options: SmoothingOptions): Result<SmoothedGraph, Failure> {
  const found = smoothingsOf(graph, options);
  if (!found.ok) return found;
  const ranges: Record<string, TensorRange> = { ...options.ranges };
  const scalings = new Map<Node, Scaling[]>();
  const scale = ({ node, input, axis }: ChannelPlace, factors: Float32Array): void => {
    scalings.set(node, [...(scalings.get(node) ?? []), { input, axis, factors }]);
  };
  for (const { name, factors, range, readers, places = [] } of found.value.values()) {
    for (const node of readers) scale({ node, input: 1, axis: 1 - columnAxis(node) }, factors);
    for (const place of places) scale(place, inverse(factors));
    ranges[places.length > 0 ? name : dividedName(name)] = range;
  }
  const pass = nodePass('smoothing', () => {
    const divided = new Map<Value, NodeOutput>();
    const dividedBy = (x: Value, { name, factors }: Smoothing, path: string): NodeOutput => {
      const by = constant(tensorOf('float32', [factors.length], inverse(factors)));
      return named(ops(path).Mul(x, by), dividedName(name));
    };
    return (node, original) => {
      const here = scalings.get(original);
      if (here === undefined) return undefined;
      const inputs = [...node.inputs];
      for (const { input, axis, factors } of here) {
        const value = inputs[input]!;
        inputs[input] = isConstant(value)
          ? multiplied(value, axis, factors)
          : ops(node.path).Mul(value, constant(tensorOf('float32', [factors.length], factors)));
      }
      const x = original.inputs[0]!;
      const smoothing = found.value.get(x);
      if (smoothing?.readers.includes(original) && smoothing.places === undefined) {
        inputs[0] = divided.get(x) ?? dividedBy(node.inputs[0]!, smoothing, node.path);
        divided.set(x, inputs[0]);
      }
      return replaced(...remade(node, { inputs }).outputs);
    };
  });
  const all = [...found.value.values()];
  return ok({
    graph: pass.run(graph).graph,
    ranges,
    smoothed: all.map(({ name }) => name),
    divided: all.filter(({ places }) => places === undefined).map(({ name }) => name),
  });
}

/** What an axis of a constant is multiplied with. */
interface Scaling {
  readonly input: number;
  readonly axis: number;
  readonly factors: Float32Array;
}

interface Smoothing {
  readonly name: string;
  /** The activation is divided by them. */
  readonly factors: Float32Array;
  /** Afterwards. */
  readonly range: TensorRange;
  /** The products. */
  readonly readers: readonly Node[];
  /** Where it is divided; undefined: by an operator of its own. */
  readonly places?: readonly ChannelPlace[];
}

function smoothingsOf(
  graph: Graph,
  { ranges, channelsOf, bytesOf }: SmoothingOptions,
): Result<ReadonlyMap<Value, Smoothing>, Failure> {
  const readers = new Map<Value, Node[]>();
  const activations = new Map<Tensor, Set<Value>>();
  for (const node of everyNodeOf(graph)) {
    const weight = weightOf(node);
    const [x] = node.inputs;
    if (weight === undefined || x === undefined || reasonToLeave(node) !== undefined) continue;
    readers.set(x, [...(readers.get(x) ?? []), node]);
    activations.set(weight.tensor, (activations.get(weight.tensor) ?? new Set()).add(x));
  }
  const channelPlaces = new ChannelPlaces(graph);
  const found = new Map<Value, Smoothing>();
  for (const [x, nodes] of readers) {
    const name = x.kind === 'output' ? x.name : undefined;
    const range = name === undefined ? undefined : ranges[name];
    const channels = name === undefined ? undefined : channelsOf(name);
    const weights = nodes.map(node => weightOf(node)!);
    const [rows] = weights[0]!.tensor.shape;
    if (name === undefined || range === undefined || range.nonFinite > 0) continue;
    if (channels === undefined || channels.length !== rows) continue;
    if (weights.some(({ tensor }) => activations.get(tensor)!.size > 1)) continue;
    const largest = largestOfRows(weights, rows!, bytesOf);
    if (!largest.ok) return largest;
    const places = channelPlaces.of(x, nodes.length);
    const factors = bestFactors(channels, largest.value, range, places ? WORTHWHILE.inConstants : WORTHWHILE.divided);
    if (factors === undefined) continue;
    const after = scaledRange(range, channels, factors);
    found.set(x, { name, factors, range: after, readers: nodes, ...(places ? { places } : {}) });
  }
  return ok(found);
}

/** The largest magnitude in each row of weights [K, N]. */
function largestOfRows(
  weights: readonly Constant[],
  rows: number,
  bytesOf: SmoothingOptions['bytesOf'],
): Result<Float32Array, Failure> {
  const all = new Float32Array(rows);
  const one = new Float32Array(rows);
  for (const weight of weights) {
    const bytes = bytesOf(weight);
    if (!bytes.ok) return bytes;
    kernels().absmax(bytes.value, 1, rows, weight.tensor.shape[1]!, one);
    for (const [row, magnitude] of one.entries()) all[row] = Math.max(all[row]!, magnitude);
  }
  return ok(all);
}

/** How much of a channel's size goes into the weights. */
const SHARES = [0.25, 0.5, 0.75, 1];

/**
 * What may be left of the expected error: an operator must halve it, and constants cost nothing, but the error is only expected.
 */
const WORTHWHILE = { divided: 0.5, inConstants: 0.8 };

/** Channels and rows below this share of the largest count as that large: what is nearly zero needs no factor of its own. */
const FLOOR = 2 ** -12;

/** Powers of two for which the expected error is smallest, or undefined where it is not worth it. */
export function bestFactors(
  channels: ArrayLike<number>,
  rows: ArrayLike<number>,
  range: Pick<TensorRange, 'min' | 'max' | 'clip'>,
  worthwhile: number = WORTHWHILE.divided,
): Float32Array | undefined {
  const [x, w] = [channels, rows].map(floored) as [Float64Array, Float64Array];
  const ones = new Float32Array(x.length).fill(1);
  const { low, high } = range.clip ?? { low: range.min, high: range.max };
  let best: Float32Array | undefined;
  let least = worthwhile * expectedError(x, w, ones, Math.max(high, 0) - Math.min(low, 0));
  for (const share of SHARES) {
    const factors = ones.map((_, k) => 2 ** Math.round(Math.log2(x[k]! ** share / w[k]! ** (1 - share))));
    const { min, max } = scaledRange(range, channels, factors);
    const error = expectedError(x, w, factors, max - min);
    if (error < least) [best, least] = [factors, error];
  }
  return best;
}

function floored(magnitudes: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(magnitudes);
  const floor = values.reduce((a, b) => Math.max(a, b), 0) * FLOOR || 1;
  return values.map(magnitude => Math.max(magnitude, floor));
}

/**
 * In proportion to the mean squared error of a product: what rounding activations does, with steps of span / 255 each times its
 * weight, and what rounding weights does, each times its activation.
 */
function expectedError(x: Float64Array, w: Float64Array, factors: Float32Array, span: number): number {
  let [weights, activations, largestWeight] = [0, 0, 0];
  for (const [k, s] of factors.entries()) {
    weights += (s * w[k]!) ** 2;
    activations += (x[k]! / s) ** 2;
    largestWeight = Math.max(largestWeight, s * w[k]!);
  }
  return (span / 255) ** 2 * weights + (largestWeight / 127) ** 2 * activations;
}

/** Of a channel only its largest magnitude is known. */
function scaledRange<R extends Pick<TensorRange, 'min' | 'max' | 'clip'>>(
  { clip: _, ...range }: R,
  channels: ArrayLike<number>,
  factors: Float32Array,
): Omit<R, 'clip'> {
  const largest = factors.reduce((most, factor, k) => Math.max(most, channels[k]! / factor), 0);
  return { ...range, min: range.min < 0 ? -largest : 0, max: range.max > 0 ? largest : 0 } as Omit<R, 'clip'>;
}

const inverse = (factors: Float32Array): Float32Array => factors.map(factor => 1 / factor);

function multiplied({ name, tensor }: Constant, axis: number, factors: Float32Array): Constant {
  const isVector = elementCount(tensor.shape) === factors.length;
  const scaled = isVector ? scaledVector(tensor, factors) : scaledMatrix(tensor, axis, factors);
  return constant(scaled, `${name}_smoothed`);
}

const scaledMatrix = (tensor: Tensor, axis: number, factors: Float32Array): Tensor =>
  axis === 0
    ? { dtype: 'float32', shape: tensor.shape, data: { from: 'scaled', of: tensor, factors } }
    : transposed(scaledMatrix(transposed(tensor), 0, factors));

function scaledVector(tensor: Tensor, factors: Float32Array): Tensor {
  const column: Tensor = { dtype: 'float32', shape: [factors.length, 1], data: { from: 'reshape', of: tensor } };
  return { dtype: 'float32', shape: tensor.shape, data: { from: 'reshape', of: scaledMatrix(column, 0, factors) } };
}

/** A weight that is a view of its transposition, as most are, is that. */
const transposed = (tensor: Tensor): Tensor =>
  tensor.data.from === 'transpose'
    ? tensor.data.of
    : {
        dtype: 'float32',
        shape: [...tensor.shape].reverse(),
        data: { from: 'transpose', of: tensor, perm: [1, 0] },
      };

const dividedName = (name: string): string => `${name}/smoothed`;

const named = (value: NodeOutput, name: string): NodeOutput => makeNode(value.node, [value.type], [name]).outputs[0]!;
