import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage, StageContext } from '../../src/build/task.js';
import { readModel } from '../../src/onnx/read.js';
import { operatorCounts } from '../../src/passes/run-pipeline.js';
import { CALIBRATION_SCHEMA } from '../../src/quantization/calibration/table.js';
import { integerMatMuls } from '../../src/quantization/proof.js';
import { readWritingTokens } from '../../src/runtime/generation/writing-tokens.js';
import { decoderPositions, readModelConfig } from '../../src/runtime/model-config.js';
import { modelFilesOf } from '../../src/runtime/open-model.js';
import { openSession, type Tensors, type TensorValue } from '../../src/runtime/session.js';
import { exportStage } from '../../src/stages/export.js';
import { observeEncoderDecoder } from '../../src/stages/observe-encoder-decoder.js';
import {
  batchOfFeeds,
  type ObservedTensors,
  type ObserveOptions,
  observeModel,
} from '../../src/stages/observe-model.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import type { Failure } from '../../src/util/failure.js';
import type { Json } from '../../src/util/json.js';
import type { Result } from '../../src/util/result.js';

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

/** The rows of batches without their padding: what a calibration runs. Inputs are int64 [batch, sequence], or [batch]. */
export function withoutPadding(batches: readonly Tensors[]): Tensors[] {
  return batches.flatMap(batch => {
    const { shape, data: mask } = batch.attention_mask!;
    const [rows = 0, columns = 0] = shape;
    return Array.from({ length: rows }, (_, row): Tensors => {
      const kept = Array.from({ length: columns }, (_, column) => row * columns + column).filter(at => mask[at] === 1n);
      return Object.fromEntries(
        Object.entries(batch).map(([name, value]): [string, TensorValue] => {
          const places = value.shape.length === 1 ? [row] : kept;
          const data = BigInt64Array.from(places, at => (value.data as BigInt64Array)[at]!);
          return [name, { dtype: 'int64', shape: value.shape.length === 1 ? [1] : [1, kept.length], data }];
        }),
      );
    });
  });
}

/** export -> optimize -> calibrate on these inputs -> quantize to int8, in `folder`, which `build` has filled; the model's folder. */
export async function buildCalibrated(
  checkpoint: string,
  batches: readonly Tensors[],
  folder: string,
  {
    method = 'percentile',
    reduceRange = false,
    smoothing = false,
    fault = tensors => tensors,
  }: {
    method?: string;
    reduceRange?: boolean;
    smoothing?: boolean;
    fault?: (tensors: ObservedTensors, file: string) => ObservedTensors;
  } = {},
): Promise<string> {
  const at = (name: string) => join(folder, name);
  const options = {
    folder: at('exported'),
    checkpoint,
    scratch: at('observed'),
    scope: 'integers',
    step: () => false,
  } as const;
  const models = await observed(batches, options);
  const texts = { source: 'calibration', asked: 1, used: 1, empty: 0, tokens: 1 };
  const table = {
    schema: CALIBRATION_SCHEMA,
    texts,
    scope: 'integers',
    models: Object.fromEntries(Object.entries(models).map(([file, tensors]) => [file, fault(tensors, file)])),
  };
  writeFileSync(at('calibration.json'), JSON.stringify(table));
  const inputs = { model: at('optimized'), calibration: at('calibration.json') };
  const out = { model: at('static'), report: at('static.json') };
  await runStage(quantizeStage, { precision: 'int8', reduceRange, method, smoothing }, inputs, out, folder);
  return out.model;
}

/** An encoder-decoder is run on what it writes of the inputs itself. */
async function observed(
  batches: readonly Tensors[],
  options: ObserveOptions,
): Promise<Readonly<Record<string, ObservedTensors>>> {
  const { folder, checkpoint } = options;
  if (modelFilesOf(folder).length === 1) {
    const file = 'model.onnx';
    return { [file]: unwrap(await observeModel(file, batches.map(batchOfFeeds), options)) };
  }
  const tokens = unwrap(await readWritingTokens(join(checkpoint, 'config.json')));
  const positions = decoderPositions(unwrap(await readModelConfig(checkpoint)));
  const sources = batches.map(feeds => ({ feeds }));
  return unwrap(await observeEncoderDecoder(sources, { tokens, positions }, options));
}

function unwrap<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
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
