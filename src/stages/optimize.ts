import { writeFile } from 'node:fs/promises';
import type { Stage } from '../build/task.js';
import { type Constant, type Graph, nodesOf, valuesReadBy } from '../graph/graph.js';
import type { LoadedModel } from '../onnx/read.js';
import { tensorKey } from '../onnx/tensor-key.js';
import { type Dialect, PIPELINES } from '../passes/pipelines.js';
import { runPipeline } from '../passes/run-pipeline.js';
import { splitDecoder } from '../passes/split-branches.js';
import type { TensorRTClass } from '../targets/tensorrt/support.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { prettyJson } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';
import { checkFinite } from '../weights/materialize.js';
import { type Rewritten, rewriteModels } from './rewrite-models.js';
import { checked } from './typed-precisions.js';

interface OptimizeParams {
  readonly dialect: Dialect;
  /** Whether a merged decoder becomes a file for the first call and one for the others, as TensorRT needs it. */
  readonly split?: boolean;
  /** The TensorRT that takes the result as it is. */
  readonly tensorrt?: TensorRTClass;
}

/** LayerNormalization is an operator from here on. */
const OLDEST_OPSET = 17;

/**
 * params: {dialect, split?, tensorrt?}. in: model, an exported folder; checkpoint, the folder with the weights that it refers to.
 * out: model, a folder with the same model files, the weights of each in one data file; report, what each pass did.
 * Every weight is looked at once. Failures: those of `rewriteModels`, 'weight-not-finite', 'opset-too-old', 'tensorrt-refuses'.
 */
export const optimizeStage: Stage = {
  name: 'optimize',
  async run(context) {
    const { dialect, split = false, tensorrt } = context.params as unknown as OptimizeParams;
    const optimize = ({ graph, opsets }: LoadedModel, path: string): Result<Rewritten, Failure> => {
      const opset = opsets[''] ?? 0;
      if (opset < OLDEST_OPSET) return fail(opsetTooOld(path, opset));
      const finite = checkWeights(graph);
      if (!finite.ok) return finite;
      return checked(runPipeline(graph, PIPELINES[dialect], { opset }), tensorrt, opset);
    };
    const reports = await rewriteModels(context, optimize, split ? splitDecoder : undefined);
    if (!reports.ok) return reports;
    await writeFile(context.out.report!, prettyJson({ dialect, models: reports.value }));
    return ok(undefined);
  },
};

/** Fails with the first weight that holds NaN or infinity. Constants in the graph itself may: masks use -inf. */
function checkWeights(graph: Graph): Result<void, Failure> {
  const checked = new Set<string>();
  for (const { name, tensor } of constantsOf(graph)) {
    if (tensor.data.from === 'bytes' || checked.has(tensorKey(tensor))) continue;
    checked.add(tensorKey(tensor));
    const finite = checkFinite(tensor, name);
    if (!finite.ok) return finite;
  }
  return ok(undefined);
}

function* constantsOf(graph: Graph): Iterable<Constant> {
  for (const { value } of graph.outputs) if (value.kind === 'constant') yield value;
  for (const node of nodesOf(graph)) {
    for (const value of valuesReadBy(node)) if (value.kind === 'constant') yield value;
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.kind === 'graph') yield* constantsOf(attribute.value);
    }
  }
}

const opsetTooOld = (where: string, opset: number): Failure =>
  usageFailure('opset-too-old', 'the model is written in an opset that has no LayerNormalization', {
    where,
    expected: `opset ${OLDEST_OPSET} of ai.onnx or later`,
    found: `opset ${opset}`,
    fix: 'export it again, or convert it: onnx.version_converter.convert_version',
  });
