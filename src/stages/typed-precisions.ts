import type { Graph, Value } from '../graph/graph.js';
import { raiseOpset } from '../passes/raise-opset.js';
import { applyPlan } from '../quantization/apply-plan.js';
import { type ExplicitGraph, quantizeExplicitly, type StoredFormat } from '../quantization/explicit-quantization.js';
import { INT4_BLOCK, quantizeWeightsExplicitly } from '../quantization/explicit-weights.js';
import type { HalfFormat } from '../quantization/half-formats.js';
import { planPrecision } from '../quantization/precision-plan.js';
import { explicitReport, precisionReport, rangesByValue } from '../quantization/precision-report.js';
import type { RangeTable } from '../quantization/ranges.js';
import { lintForTensorRT } from '../targets/tensorrt/lint.js';
import type { TensorRTClass } from '../targets/tensorrt/support.js';
import { type Failure, taskFailure, usageFailure } from '../util/failure.js';
import { count } from '../util/format.js';
import type { Json } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';
import { largestMagnitudes } from '../weights/magnitudes.js';
import type { Rewritten } from './rewrite-models.js';

/** What a typed graph is for. */
export interface TypedTarget {
  /** The TensorRT that builds an engine of it; absent for other runtimes. */
  readonly tensorrt?: TensorRTClass;
  /** The longest text that the model is deployed for, in tokens. */
  readonly longestSequence?: number;
}

/** The float32 graph with tensors of 16 bits where their ranges allow it. Failures: 'tensorrt-refuses', those of reading weights. */
export const halfPrecision =
  (format: HalfFormat) =>
  (graph: Graph, { tensorrt }: TypedTarget, table: RangeTable): Result<Rewritten, Failure> =>
    readingWeights(weights => {
      const ranges = rangesByValue(graph, table);
      const plan = planPrecision(graph, format, { rangeOf: value => ranges.get(value), ...weights });
      const { graph: typed, casts } = applyPlan(graph, plan);
      const report = precisionReport(graph, plan, casts, ranges) as unknown as Json;
      return checked({ graph: typed, report }, tensorrt, 17);
    });

/** ONNX has float16 scales from opset 19 on, which IR version 9 belongs to. */
const TYPED = { opsets: { '': 19 }, irVersion: 9 } as const;

/** Explicit Q/DQ for TensorRT. Failures: 'float8-unsupported', 'tensorrt-refuses', those of reading weights. */
export const explicit =
  (stored: StoredFormat) =>
  (graph: Graph, target: TypedTarget, table: RangeTable): Result<Rewritten, Failure> => {
    const { tensorrt = '10', longestSequence = 512 } = target;
    if (stored === 'float8e4m3fn' && tensorrt === '8.6') return fail(float8Unsupported(tensorrt));
    return readingWeights(weights => {
      const ranges = rangesByValue(graph, table);
      const typed = tensorrt !== '8.6';
      const options = { stored, typed, longestSequence };
      const made = quantizeExplicitly(graph, { rangeOf: value => ranges.get(value), ...weights }, options);
      const report = explicitReport(graph, made, ranges) as unknown as Json;
      if (!typed) return checked({ graph: made.graph, report }, tensorrt, 17);
      return checked({ graph: raiseOpset.run(made.graph).graph, report, ...TYPED }, tensorrt, TYPED.opsets['']);
    });
  };

/** int4 and blocks are of opset 21, which IR version 10 belongs to. */
const BLOCKS = { opsets: { '': 21 }, irVersion: 10 } as const;

/** Weights of 4 bits for TensorRT. Failures: 'int4-unsupported', 'quantized-nothing', 'tensorrt-refuses', those of reading weights. */
export function explicitWeights(
  graph: Graph,
  { tensorrt = '10' }: TypedTarget,
  table: RangeTable,
): Result<Rewritten, Failure> {
  if (tensorrt === '8.6') return fail(int4Unsupported(tensorrt));
  return readingWeights(weights => {
    const ranges = rangesByValue(graph, table);
    const made = quantizeWeightsExplicitly(graph, { rangeOf: value => ranges.get(value), ...weights });
    if (made.quantized.length === 0) return fail(nothingQuantized(made));
    const report = explicitReport(graph, made, ranges) as unknown as Json;
    return checked({ graph: raiseOpset.run(made.graph).graph, report, ...BLOCKS }, tensorrt, BLOCKS.opsets['']);
  });
}

/** What TensorRT would refuse is said before a GPU is needed. */
export function checked(
  made: Rewritten,
  tensorrt: TensorRTClass | undefined,
  opset: number,
): Result<Rewritten, Failure> {
  const refusals = tensorrt === undefined ? [] : lintForTensorRT(made.graph, tensorrt, opset);
  const [first] = refusals;
  if (first === undefined) return ok(made);
  return fail(
    taskFailure(
      'tensorrt-refuses',
      `TensorRT ${tensorrt} would refuse the model in ${count(refusals.length, 'place')}`,
      {
        where: first.where,
        expected: 'operators, dtypes and forms of the tables of its ONNX parser',
        found: first.problem,
      },
    ),
  );
}

interface Weights {
  weightMaximum(value: Value): number;
  channelMaxima(value: Value, axis: number): Float32Array;
}

/** A weight that cannot be read ends the work: planning knows no failures. */
class Unreadable extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

function readingWeights(work: (weights: Weights) => Result<Rewritten, Failure>): Result<Rewritten, Failure> {
  const maxima = new Map<string, Float32Array>();
  const names = new Map<object, number>();
  const read = (value: Value, axis?: number): Float32Array => {
    if (value.kind !== 'constant') return new Float32Array(1);
    if (!names.has(value.tensor)) names.set(value.tensor, names.size);
    const key = `${names.get(value.tensor)} ${axis}`;
    const known = maxima.get(key);
    if (known) return known;
    const result = largestMagnitudes(value.tensor, value.name, axis);
    if (!result.ok) throw new Unreadable(result.error);
    maxima.set(key, result.value);
    return result.value;
  };
  try {
    return work({ weightMaximum: value => read(value)[0]!, channelMaxima: read });
  } catch (error) {
    if (error instanceof Unreadable) return fail(error.failure);
    throw error;
  }
}

const nothingQuantized = ({ left }: ExplicitGraph): Failure =>
  taskFailure('quantized-nothing', 'no product of the model can have weights of 4 bits', {
    expected: `a weight whose columns are made of whole blocks of ${INT4_BLOCK}`,
    found: [...new Set(left.map(({ reason }) => reason))].join('; ') || 'no product with a weight',
    fix: 'choose fp16 or int8',
  });

const int4Unsupported = (tensorrt: TensorRTClass): Failure =>
  usageFailure('int4-unsupported', 'this target has no weights of 4 bits', {
    expected: 'TensorRT 10 or later: the parser of 8.6 knows neither int4 nor blocks',
    found: `TensorRT ${tensorrt}`,
    fix: 'choose int8 or fp16, or an image with a newer release',
  });

const float8Unsupported = (tensorrt: TensorRTClass): Failure =>
  usageFailure('float8-unsupported', 'this TensorRT has no products of float8', {
    expected: 'TensorRT 10 or later',
    found: `TensorRT ${tensorrt}`,
    fix: 'choose int8 or fp16',
  });
