import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StageContext } from '../build/task.js';
import type { Graph } from '../graph/graph.js';
import type { Opsets } from '../onnx/encode.js';
import { type LoadedModel, readModel } from '../onnx/read.js';
import { writeModel } from '../onnx/write.js';
import { type Failure, usageFailure } from '../util/failure.js';
import type { Json } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';

/** What a stage makes of one model, and what it has to say about it. */
export interface Rewritten {
  readonly graph: Graph;
  readonly report: Json;
  /** Where they are others than those of the model that was read. */
  readonly opsets?: Opsets;
  readonly irVersion?: number;
}

/**
 * Rewrites every model file of the input `model` (some architectures have an encoder and a decoder) into the output
 * folder `model`. Weights that are not beside the model are looked for in the input `checkpoint`, if there is one.
 * `split` may make several files of one. Returns the reports by file name. Failures: 'model-missing', those of `readModel`, of `rewrite` and of `writeModel`.
 */
export async function rewriteModels(
  context: StageContext,
  rewrite: (model: LoadedModel, path: string) => Result<Rewritten, Failure>,
  split: (graph: Graph) => Readonly<Record<string, Graph>> | undefined = () => undefined,
): Promise<Result<Readonly<Record<string, Json>>, Failure>> {
  const folder = context.in.model!;
  const { checkpoint } = context.in;
  const files = readdirSync(folder)
    .filter(name => name.endsWith('.onnx'))
    .sort();
  if (files.length === 0) {
    return fail(usageFailure('model-missing', 'the folder has no model', { where: folder, expected: '*.onnx' }));
  }
  const reports: Record<string, Json> = {};
  for (const file of files) {
    const path = join(folder, file);
    const model = readModel(path, checkpoint === undefined ? {} : { dataFolder: checkpoint });
    if (!model.ok) return model;
    for (const [part, graph] of Object.entries(split(model.value.graph) ?? { [file]: model.value.graph })) {
      const rewritten = rewrite({ ...model.value, graph }, path);
      if (!rewritten.ok) return rewritten;
      const { metadata, name } = model.value;
      const { opsets = model.value.opsets, irVersion = model.value.irVersion } = rewritten.value;
      const written = await writeModel(rewritten.value.graph, {
        folder: context.out.model!,
        file: part,
        name,
        opsets: { ...opsets, 'com.microsoft': opsets['com.microsoft'] ?? 1 },
        irVersion,
        metadata,
        durable: false,
        signal: context.signal,
        progress: (done, total) => context.progress({ done, total, unit: 'bytes' }),
      });
      if (!written.ok) return written;
      reports[part] = rewritten.value.report;
    }
  }
  return ok(reports);
}
