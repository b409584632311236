import { isConstant, scalar, tensorOf } from '../graph/constants.js';
import { type Constant, constant, type Graph, type Node, type Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { intOf, producer } from '../graph/pass.js';
import type { DType, QuantizedWeight, Tensor } from '../graph/tensor.js';
import { applyPlan } from './apply-plan.js';
import { type Place, type PlacementOptions, placementOf, residualsOf } from './explicit-placement.js';
import { type PrecisionPlan, planPrecision } from './precision-plan.js';
import type { Observed } from './precision-rules.js';
import { absoluteMaximum, clippedMaximum } from './ranges.js';

/** What TensorRT's products may be quantised to. */
export type StoredFormat = 'int8' | 'float8e4m3fn';

export interface ExplicitOptions extends PlacementOptions {
  readonly stored: StoredFormat;
  /** false: TensorRT 8.6, whose graph stays in float32 and whose builder chooses where float16 is used. */
  readonly typed: boolean;
}

/** What is asked of weights besides their magnitude. */
export interface ObservedWeights extends Observed {
  /** The largest magnitude of each slice of a weight along an axis. */
  channelMaxima(value: Value, axis: number): Float32Array;
}

export interface ExplicitGraph {
  readonly graph: Graph;
  readonly plan: PrecisionPlan;
  readonly casts: number;
  /** Paths of products and attentions that run on integers or float8. */
  readonly quantized: readonly string[];
  /** Residual sums with a quantised operand. */
  readonly residuals: number;
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

/** The largest value of each format: symmetric, so -128 is not used. */
const LARGEST: Readonly<Record<StoredFormat, number>> = { int8: 127, float8e4m3fn: 448 };

/** Below, float16 has fewer bits for a scale than for any other number. */
const SMALLEST_FLOAT16_SCALE = 2 ** -14;

/**
 * A float32 graph with explicit Q/DQ for TensorRT, the rest in float16: symmetric, activations with one scale for the
 * tensor, weights with one for each column, already quantised. Needs opset 19 where `typed`, 17 otherwise.
 */
export function quantizeExplicitly(graph: Graph, observed: ObservedWeights, options: ExplicitOptions): ExplicitGraph {
  const plan = options.typed ? planPrecision(graph, 'float16', observed) : UNTYPED;
  const scales = new Scales(observed, plan, options);
  const placement = placementOf(graph, options);
  const left = [...placement.left];
  const chosen = new Map<Node, Map<number, Place>>();
  const choose = (place: Place): void => {
    chosen.set(place.node, (chosen.get(place.node) ?? new Map()).set(place.index, place));
  };
  const quantized: string[] = [];
  for (const { path, places } of placement.groups) {
    const reason = places.map(place => scales.reasonAgainst(place)).find(found => found !== undefined);
    if (reason !== undefined) left.push({ path, reason });
    else {
      quantized.push(path);
      for (const place of places) choose(place);
    }
  }
  const weighted = [...chosen].filter(([, places]) => places.get(1)?.kind === 'weight').map(([node]) => node);
  const residuals = residualsOf(graph, new Set(weighted)).filter(place => scales.reasonAgainst(place) === undefined);
  for (const place of residuals) choose(place);

  const writer = new QdqWriter(scales, options.stored);
  const { graph: typed, casts } = applyPlan(graph, plan, (value, original, node, index) => {
    const place = chosen.get(node)?.get(index);
    return place === undefined ? value : writer.through(value, original, place);
  });
  return { graph: typed, plan, casts, quantized, residuals: residuals.length, left };
}

/** Everything in float32. */
const UNTYPED: PrecisionPlan = {
  format: 'float16',
  half: new Set(),
  masks: { constants: new Set(), values: new Set() },
  kept: [],
};

/** The scale of each operand, and why there is none. */
class Scales {
  constructor(
    private readonly observed: ObservedWeights,
    private readonly plan: PrecisionPlan,
    private readonly options: ExplicitOptions,
  ) {}

  reasonAgainst({ node, index, kind }: Place): string | undefined {
    if (this.options.typed && !this.plan.half.has(node)) return 'it stays in float32';
    const value = node.inputs[index]!;
    if (kind === 'activation') {
      const maximum = this.#maximum(value);
      if (maximum === undefined) return 'an operand was not observed';
      if (maximum === 0) return 'an operand was zero throughout';
      return this.#isTooSmall(maximum)
        ? `an operand of at most ${Number(maximum.toPrecision(4))}: its scale is too small`
        : undefined;
    }
    const maxima = this.options.stored === 'int8' ? this.observed.channelMaxima(value, weightAxis(node)) : [];
    // A column of zeros has the scale 1.
    const small = [...maxima].filter(maximum => maximum > 0 && this.#isTooSmall(maximum)).length;
    return small === 0
      ? undefined
      : `${small} of ${maxima.length} columns of the weight have a scale that float16 rounds`;
  }

  activation(value: Value): number {
    return this.#maximum(value)! / LARGEST[this.options.stored];
  }

  weight(value: Value): number {
    return (this.observed.weightMaximum(value) || 1) / LARGEST[this.options.stored];
  }

  /** Probabilities reach 1, whatever the calibration has seen. */
  #maximum(value: Value): number | undefined {
    if (producer(value, 'Softmax')) return 1;
    const range = this.observed.rangeOf(value);
    return range && (this.options.stored === 'int8' ? clippedMaximum(range) : absoluteMaximum(range));
  }

  #isTooSmall(maximum: number): boolean {
    return this.options.typed && maximum / LARGEST[this.options.stored] < SMALLEST_FLOAT16_SCALE;
  }
}

/** The axis of a weight that keeps its own scales: the columns of the product. */
const weightAxis = (node: Node): number => (intOf(node, 'transB', 0) === 0 ? 1 : 0);

/** Makes pairs of QuantizeLinear and DequantizeLinear; what several nodes read has one pair. */
class QdqWriter {
  readonly #made = new Map<Value, Value>();
  readonly #weights = new Map<Tensor, Value>();

  constructor(
    private readonly scales: Scales,
    private readonly stored: StoredFormat,
  ) {}

  /** `value` stands for `original` in the format of the node. */
  through(value: Value, original: Value, place: Place): Value {
    if (place.kind === 'weight' && isConstant(original)) {
      const known = this.#weights.get(original.tensor);
      if (known) return known;
      const made =
        this.stored === 'int8'
          ? integerWeight(original, value.type.dtype, place.node)
          : this.#pair(value, this.scales.weight(original), place.node.path);
      this.#weights.set(original.tensor, made);
      return made;
    }
    const known = this.#made.get(value);
    if (known) return known;
    const path = value.kind === 'output' ? value.node.path : place.node.path;
    const made = this.#pair(value, this.scales.activation(original), path);
    this.#made.set(value, made);
    return made;
  }

  #pair(value: Value, scale: number, path: string): Value {
    const op = ops(path);
    const step = scalar(value.type.dtype, scale);
    const zero = scalar(this.stored, 0);
    return op.DequantizeLinear(op.QuantizeLinear(value, step, zero), step, zero);
  }
}

/** Already quantised, with a scale for each column. */
function integerWeight(original: Constant, dtype: DType, node: Node): Value {
  const axis = weightAxis(node);
  const of: QuantizedWeight = { weight: original.tensor, axis, reduceRange: false };
  const { shape } = original.tensor;
  const part = (name: string, tensor: Tensor): Constant => constant(tensor, `${original.name}_${name}`);
  const values = part('quantized', { dtype: 'int8', shape, data: { from: 'quantized', of, part: 'values' } });
  const exact: Tensor = { dtype: 'float32', shape: [shape[axis]!], data: { from: 'quantized', of, part: 'scales' } };
  const scales = part('scale', dtype === 'float32' ? exact : { ...exact, dtype, data: { from: 'cast', of: exact } });
  const zeros = constant(tensorOf('int8', [shape[axis]!], new Float64Array(shape[axis]!)));
  return ops(node.path).DequantizeLinear(values, scales, zeros, { axis });
}
