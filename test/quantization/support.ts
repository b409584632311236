import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage, StageContext } from '../../src/build/task.js';
import { readModel } from '../../src/onnx/read.js';
import { operatorCounts } from '../../src/passes/run-pipeline.js';
import { integerMatMuls } from '../../src/quantization/proof.js';
import { openSession, type Tensors } from '../../src/runtime/session.js';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import type { Json } from '../../src/util/json.js';

/** Runs a stage as a worker would, and throws its failure. */
export async function runStage(
  stage: Stage,
  params: Json,
  inputs: StageContext['in'],
  out: StageContext['out'],
  scratch: string,
): Promise<void> {
  const done = await stage.run({
    params,
    in: inputs,
    out,
    scratch,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
}

/** The folders of the three models that come of a checkpoint. */
export interface Built {
  readonly exported: string;
  readonly optimized: string;
  readonly int8: string;
}

/** export -> optimize -> quantize, in `folder`. Reports lie beside the models, with '.json' after their names. */
export async function build(
  checkpoint: string,
  task: string,
  folder: string,
  quantize: { reduceRange?: boolean; exclude?: readonly string[] } = {},
): Promise<Built> {
  const at = (name: string) => join(folder, name);
  const out = (name: string) => ({ model: at(name), report: at(`${name}.json`) });
  await runStage(exportStage, { task }, { checkpoint }, { model: at('exported') }, folder);
  const optimizing = { model: at('exported'), checkpoint };
  await runStage(optimizeStage, { dialect: 'onnxruntime-cpu' }, optimizing, out('optimized'), folder);
  const params = { precision: 'int8-dynamic', reduceRange: false, ...quantize };
  await runStage(quantizeStage, params, { model: at('optimized') }, out('int8'), folder);
  return { exported: at('exported'), optimized: at('optimized'), int8: at('int8') };
}

/** Operators of a model file, as it is written or as ONNX Runtime has rewritten it. */
export function countsOf(file: string, dataFolder?: string): Readonly<Record<string, number>> {
  const model = readModel(file, dataFolder === undefined ? {} : { dataFolder });
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  return operatorCounts(model.value.graph);
}

/**
 * What a session with default settings makes of a model: its outputs for each batch, and the graph that it executes,
 * which is left in `folder`.
 */
export async function executed(model: string, batches: readonly Tensors[], folder: string, dataFolder = model) {
  const optimizedModelFile = join(folder, 'executed.onnx');
  const session = await openSession(model, 'model.onnx', { threads: 1, optimizedModelFile, dataFolder });
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  const outputs: Tensors[] = [];
  for (const batch of batches) {
    const result = await session.value.run(batch);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    outputs.push(result.value);
  }
  await session.value.release();
  const proof = integerMatMuls(readFileSync(optimizedModelFile));
  if (!proof.ok) throw new Error(JSON.stringify(proof.error));
  return {
    outputs,
    products: proof.value,
    // Only where asked for: ONNX Runtime's own operators for convolutions cannot be read.
    get counts() {
      return countsOf(optimizedModelFile, '/');
    },
  };
}
