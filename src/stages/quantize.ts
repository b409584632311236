import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Stage } from '../build/task.js';
import type { Form } from '../choice/mix.js';
import type { Constant, Graph } from '../graph/graph.js';
import { assertLegal } from '../graph/verify.js';
import {
  type CalibrationTable,
  methodNamed,
  rangesOf,
  readCalibration,
  tensorsOf,
} from '../quantization/calibration/table.js';
import { quantizeInt8Dynamic } from '../quantization/int8-dynamic.js';
import { quantizeInt8Static } from '../quantization/int8-static.js';
import type { QuantizedGraph } from '../quantization/integer-products.js';
import { excludesProduct } from '../quantization/products.js';
import type { RangeTable } from '../quantization/ranges.js';
import { smoothed } from '../quantization/smoothing.js';
import { type BlockRounding, quantizeWeightOnly, WEIGHT_ONLY } from '../quantization/weight-only.js';
import { modelFilesOf } from '../runtime/open-model.js';
import type { Failure } from '../util/failure.js';
import { prettyJson } from '../util/json.js';
import { mapped, ok, type Result } from '../util/result.js';
import { materialize } from '../weights/materialize.js';
import { rangesBeside, readMix } from './mix-folder.js';
import { type Rewritten, rewriteModels } from './rewrite-models.js';
import { explicit, explicitWeights, halfPrecision, type TypedTarget } from './typed-precisions.js';

interface QuantizeParams extends TypedTarget {
  readonly precision: keyof typeof QUANTIZERS;
  readonly reduceRange: boolean;
  /** Paths whose products stay in float32. */
  readonly exclude?: readonly string[];
  /** How ranges are drawn from the calibration: the configuration's `calibration.method`. */
  readonly method?: string;
  /** Of int8-dynamic and int8: how it is written. */
  readonly form?: Form;
  /** Of int8 and int8-dynamic: whether embedding tables have 8 bits, too. */
  readonly embeddings?: boolean;
  /** Of int8-weight and int4-weight: weights of a product that share a scale; the precision's own where absent. */
  readonly blockSize?: BlockRounding['blockSize'];
  /** Of int8: whether outliers of activations go into the weights. */
  readonly smoothing?: boolean;
}

/** What each precision makes of an optimised graph. The report says what was quantised and why the rest was not. */
const QUANTIZERS = {
  fp32: graph => ok({ graph, report: { quantized: [], left: [] } }),
  'int8-dynamic'(graph, { reduceRange, exclude = [], embeddings = false, form }) {
    const result = quantizeInt8Dynamic(graph, { reduceRange, exclude, form });
    return reported(embeddings ? withTables(result) : result);
  },
  int8(graph, { reduceRange, exclude = [], embeddings = false, smoothing = false, form }, ranges, channelsOf) {
    const quantized = (from: Graph, by: RangeTable) => {
      const result = quantizeInt8Static(from, by, {
        reduceRange,
        exclude,
        form: form === 'packed-attention' ? form : undefined,
      });
      return reported(embeddings ? withTables(result) : result);
    };
    if (!smoothing) return quantized(graph, ranges);
    const bytesOf = ({ tensor, name }: Constant) => materialize(tensor, name);
    const smooth = smoothed(graph, { ranges, channelsOf, bytesOf });
    if (!smooth.ok) return smooth;
    const { graph: from, ranges: by, smoothed: names, divided } = smooth.value;
    return mapped(quantized(from, by), ({ graph: made, report }) => ({
      graph: made,
      report: { ...report, smoothed: names, divided },
    }));
  },
  'int8-weight': inBlocks('int8-weight'),
  'int4-weight': inBlocks('int4-weight'),
  fp16: halfPrecision('float16'),
  bf16: halfPrecision('bfloat16'),
  'int8-explicit': explicit('int8'),
  'fp8-explicit': explicit('float8e4m3fn'),
  'int4-explicit': explicitWeights,
} satisfies Record<string, Quantizer>;

type Quantizer = (
  graph: Graph,
  params: QuantizeParams,
  ranges: RangeTable,
  channelsOf: (name: string) => readonly number[] | undefined,
) => Result<Rewritten, Failure>;

function inBlocks(precision: keyof typeof WEIGHT_ONLY): Quantizer {
  return (graph, { exclude = [], blockSize }) => {
    const { products, tables } = WEIGHT_ONLY[precision];
    const chosen = blockSize === undefined ? products : { ...products, blockSize };
    return reported(quantizeWeightOnly(graph, { products: chosen, tables, exclude }));
  };
}

/**
 * What of the exclusions concerns each of a model's files. One that concerns none is left for the last, whose quantiser refuses it;
 * those of a mix are known to be right.
 */
function exclusions(
  all: readonly string[] | undefined,
  files: readonly string[],
  { areKnown }: { readonly areKnown: boolean },
): (graph: Graph, file: string) => readonly string[] | undefined {
  const found = new Set<string>();
  return (graph, file) => {
    const here = all?.filter(path => excludesProduct(graph, path)) ?? [];
    for (const path of here) found.add(path);
    const isLast = file === [...files].sort().at(-1);
    return isLast && !areKnown ? all?.filter(path => here.includes(path) || !found.has(path)) : here;
  };
}

/** The embedding tables in 8 bits as well; products that stayed in float32 stay there. */
function withTables(result: Result<QuantizedGraph, Failure>): Result<QuantizedGraph, Failure> {
  if (!result.ok) return result;
  const { graph, quantized, left } = result.value;
  const exclude = left.map(({ path }) => path);
  return mapped(quantizeWeightOnly(graph, { ...WEIGHT_ONLY['int8-weight'], exclude }), tables => ({
    graph: tables.graph,
    quantized: [...quantized, ...tables.quantized],
    left: [...left, ...tables.left.filter(({ path }) => !exclude.includes(path))],
  }));
}

const reported = (result: Result<QuantizedGraph, Failure>) =>
  mapped(result, ({ graph, quantized, left }) => ({ graph, report: { quantized, left } }));

/**
 * params: {precision, reduceRange, exclude?, form?, method?, embeddings?, smoothing?, tensorrt?, longestSequence?}, which may be
 * left to the input `mix`, a folder that `choose` made. in: model, an optimised folder, in the
 * portable dialect for fp16, bf16 and the explicit precisions; calibration, the table of ranges, for precisions that go by
 * one. out: model, a folder with the same model files; report, what was quantised or kept, and why. Failures: those of
 * `rewriteModels`, of `readCalibration` and of the precision's quantiser.
 */
export const quantizeStage: Stage = {
  name: 'quantize',
  async run(context) {
    const mix = context.in.mix === undefined ? undefined : readMix(context.in.mix);
    const params = mix ?? (context.params as unknown as QuantizeParams);
    const quantize: Quantizer = QUANTIZERS[params.precision];
    const ranges = context.in.calibration ?? (mix && rangesBeside(context.in.mix!));
    const table = ranges === undefined ? undefined : readCalibration(ranges);
    if (table && !table.ok) return table;
    const calibration: CalibrationTable | undefined = table?.value;
    const method = methodNamed(params.method ?? 'percentile');
    const excludedIn = exclusions(params.exclude, modelFilesOf(context.in.model!), { areKnown: mix !== undefined });
    const reports = await rewriteModels(context, ({ graph, opsets }, path) => {
      const file = basename(path);
      const ranges = calibration ? rangesOf(calibration, file, method) : {};
      const channelsOf = (name: string) => calibration && tensorsOf(calibration, file)[name]?.channels;
      const exclude = excludedIn(graph, file);
      const quantized = quantize(graph, { ...params, ...(exclude ? { exclude } : {}) }, ranges, channelsOf);
      if (!quantized.ok) return quantized;
      const { graph: made, opsets: raised = opsets } = quantized.value;
      assertLegal(made, params.precision, { opset: raised[''] ?? 0 });
      return quantized;
    });
    if (!reports.ok) return reports;
    await writeFile(
      context.out.report!,
      prettyJson({
        precision: params.precision,
        ...(calibration ? { calibration: { ...calibration.texts, method } } : {}),
        models: reports.value,
      }),
    );
    return ok(undefined);
  },
};
