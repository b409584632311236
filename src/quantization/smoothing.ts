import { tensorOf } from '../graph/constants.js';
import {
  type Constant,
  constant,
  everyNodeOf,
  type Graph,
  makeNode,
  type Node,
  type NodeOutput,
  type Value,
} from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { nodePass, replaced } from '../graph/pass.js';
import type { Tensor } from '../graph/tensor.js';
import { kernels } from '../kernels/index.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
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
}

/**
 * Moves outliers from activations into weights, x · W = (x / s) · (s W), s for each channel, where a few channels would otherwise
 * decide the step of all (SmoothQuant, https://arxiv.org/abs/2211.10438). The factors are powers of two, so that in float32
 * nothing changes at all. Only where the error that is to be expected halves at least: it costs an operator. A weight that
 * several activations are multiplied with stays as it is.
 */
export function smoothed(graph: Graph, options: SmoothingOptions): Result<SmoothedGraph, Failure> {
  const factors = factorsOf(graph, options);
  if (!factors.ok) return factors;
  const ranges: Record<string, TensorRange> = { ...options.ranges };
  const pass = nodePass('smoothing', () => {
    const scaled = new Map<Value, NodeOutput>();
    return (node, original) => {
      const x = original.inputs[0];
      const found = x && factors.value.get(x);
      const weight = weightOf(node);
      if (found === undefined || weight === undefined || reasonToLeave(node) !== undefined) return undefined;
      const op = ops(node.path);
      const divided =
        scaled.get(x!) ?? named(op.Mul(node.inputs[0]!, inverse(found.factors)), `${found.name}/smoothed`);
      scaled.set(x!, divided);
      ranges[divided.name!] = found.range;
      const product = op.MatMul(divided, multiplied(weight, found.factors));
      const bias = node.inputs[2];
      return replaced(bias === undefined ? product : op.Add(product, bias));
    };
  });
  const names = [...factors.value.values()].map(({ name }) => name);
  return ok({ graph: pass.run(graph).graph, ranges, smoothed: names });
}

interface Smoothing {
  readonly name: string;
  readonly factors: Float32Array;
  readonly range: TensorRange;
}

function factorsOf(
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
    const factors = bestFactors(channels, largest.value, range);
    if (factors) found.set(x, { name, factors, range: scaledRange(range, channels, factors) });
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

/** What smoothing must save of the expected error. */
const WORTHWHILE = 0.5;

/** Channels and rows below this share of the largest count as that large: what is nearly zero needs no factor of its own. */
const FLOOR = 2 ** -12;

/** Powers of two for which the expected error is smallest, or undefined where it is not worth it. */
export function bestFactors(
  channels: ArrayLike<number>,
  rows: ArrayLike<number>,
  range: Pick<TensorRange, 'min' | 'max' | 'clip'>,
): Float32Array | undefined {
  const [x, w] = [channels, rows].map(floored) as [Float64Array, Float64Array];
  const ones = new Float32Array(x.length).fill(1);
  const { low, high } = range.clip ?? { low: range.min, high: range.max };
  let best: Float32Array | undefined;
  let least = WORTHWHILE * expectedError(x, w, ones, Math.max(high, 0) - Math.min(low, 0));
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

const inverse = (factors: Float32Array): Constant =>
  constant(
    tensorOf(
      'float32',
      [factors.length],
      factors.map(factor => 1 / factor),
    ),
  );

const multiplied = ({ name, tensor }: Constant, factors: Float32Array): Constant =>
  constant(
    { dtype: 'float32', shape: tensor.shape, data: { from: 'scaled', of: tensor, factors } },
    `${name}_smoothed`,
  );

const named = (value: NodeOutput, name: string): NodeOutput => makeNode(value.node, [value.type], [name]).outputs[0]!;
