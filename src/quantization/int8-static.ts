import { scalar, tensorOf } from '../graph/constants.js';
import { constant, type Graph, type Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import type { Failure } from '../util/failure.js';
import type { Result } from '../util/result.js';
import {
  type IntegerProductOptions,
  multiplierOf,
  type QuantizedGraph,
  quantizeProducts,
  type Rounding,
} from './integer-products.js';
import { type PackableForm, quantizePacked } from './packed-attention.js';
import type { RangeTable, TensorRange } from './ranges.js';

/**
 * Activations as u8 with a scale and a zero point that were measured beforehand: QuantizeLinear, then MatMulIntegerToFloat,
 * which gives float32 and adds the bias. Quantise-dequantise pairs around MatMul end as the same operator in a session, but with the bias
 * as an addition of its own; and QLinearMatMul would round every result to 8 bits, too (docs/precision.md). A product whose activation
 * was not calibrated stays in float32. Failure: 'exclude-unknown'.
 *
 * @param ranges of the export, by the names that tensors have there and keep in every dialect
 */
export function quantizeInt8Static(
  graph: Graph,
  ranges: RangeTable,
  { form: written, ...options }: Int8StaticOptions,
): Result<QuantizedGraph, Failure> {
  const outputs = new Map<Value, string>(graph.outputs.map(({ name, value }) => [value, name]));
  const nameOf = (value: Value): string =>
    outputs.get(value) ?? (value.kind === 'output' ? (value.name ?? '') : value.name);
  const rangeOf = (value: Value): TensorRange | undefined => ranges[nameOf(value)];
  const rounded: Rounding = (path, x, originalX) => {
    const grid = gridOf(rangeOf(originalX)!);
    const scale = scalar('float32', grid.scale);
    const zeroPoint = constant(tensorOf('uint8', [], [grid.zeroPoint]));
    return [ops(path).QuantizeLinear(x, scale, zeroPoint), scale, zeroPoint];
  };
  const form: PackableForm = {
    name: 'int8',
    reasonToLeave(x) {
      const range = rangeOf(x);
      if (range === undefined) return `its activation '${nameOf(x)}' was not calibrated`;
      return range.nonFinite > 0 ? `its activation '${nameOf(x)}' holds NaN or infinity` : undefined;
    },
    rounded,
    multiplier: () => multiplierOf(rounded),
  };
  return (written === 'packed-attention' ? quantizePacked : quantizeProducts)(graph, form, options);
}

export interface Int8StaticOptions extends IntegerProductOptions {
  /** Another way to write the same (docs/cpu-kernels.md); measured to be faster for some models. */
  readonly form?: 'packed-attention' | undefined;
}

/** u8 q stands for (q - zeroPoint) scale. */
export interface Grid {
  readonly scale: number;
  readonly zeroPoint: number;
}

const LARGEST = 255;

/** Below, 1 / scale is no finite float32. */
const SMALLEST_SCALE = 2 ** -126;

/**
 * The grid of a tensor, float32. Zero is one of its points, as padding and ReLU ask; where all values are zero, or so small that
 * float32 has no step for them, the step is 1 and they become zero.
 */
export function gridOf({ min, max, clip }: Pick<TensorRange, 'min' | 'max' | 'clip'>): Grid {
  const low = Math.min(0, clip?.low ?? min);
  const high = Math.max(0, clip?.high ?? max);
  const scale = Math.fround((high - low) / LARGEST);
  if (!(scale >= SMALLEST_SCALE)) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.max(0, Math.min(LARGEST, Math.round(-low / scale))) };
}
