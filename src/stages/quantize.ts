import { writeFile } from 'node:fs/promises';
import type { Stage } from '../build/task.js';
import type { Graph } from '../graph/graph.js';
import { assertLegal } from '../graph/verify.js';
import { quantizeInt8Dynamic } from '../quantization/int8-dynamic.js';
import type { Failure } from '../util/failure.js';
import { type Json, prettyJson } from '../util/json.js';
import { ok, type Result } from '../util/result.js';
import { rewriteModels } from './rewrite-models.js';

interface QuantizeParams {
  readonly precision: keyof typeof QUANTIZERS;
  readonly reduceRange: boolean;
  /** Paths whose products stay in float32. */
  readonly exclude?: readonly string[];
}

/** What each precision makes of an optimised graph. The report says what was quantised and why the rest was not. */
const QUANTIZERS = {
  'int8-dynamic'(graph, { reduceRange, exclude = [] }) {
    const result = quantizeInt8Dynamic(graph, { reduceRange, exclude });
    if (!result.ok) return result;
    const { graph: quantizedGraph, quantized, left } = result.value;
    return ok({ graph: quantizedGraph, report: { quantized, left } as unknown as Json });
  },
} satisfies Record<string, Quantizer>;

type Quantizer = (
  graph: Graph,
  params: QuantizeParams,
) => Result<{ readonly graph: Graph; readonly report: Json }, Failure>;

/**
 * params: {precision, reduceRange, exclude?}. in: model, an optimised folder. out: model, a folder with the same model
 * files; report, which products were quantised and why others were not. Failures: those of `rewriteModels` and of the
 * precision's quantiser.
 */
export const quantizeStage: Stage = {
  name: 'quantize',
  async run(context) {
    const params = context.params as unknown as QuantizeParams;
    const quantize: Quantizer = QUANTIZERS[params.precision];
    const reports = await rewriteModels(context, ({ graph, opsets }) => {
      const quantized = quantize(graph, params);
      if (quantized.ok) assertLegal(quantized.value.graph, params.precision, { opset: opsets[''] ?? 0 });
      return quantized;
    });
    if (!reports.ok) return reports;
    await writeFile(context.out.report!, prettyJson({ precision: params.precision, models: reports.value }));
    return ok(undefined);
  },
};
