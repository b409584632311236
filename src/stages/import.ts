import { writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Stage, StageContext } from '../build/task.js';
import type { Wanted } from '../imports/conventions.js';
import { importModel } from '../imports/import-model.js';
import { DECODER_FILE, decoderBeside, ENCODER_FILE } from '../onnx/hub-files.js';
import { writeModel } from '../onnx/write.js';
import { IMPORTED } from '../passes/imported.js';
import { runPipeline } from '../passes/run-pipeline.js';
import type { Failure } from '../util/failure.js';
import { type Json, prettyJson } from '../util/json.js';
import { ok, type Result } from '../util/result.js';

interface ImportParams extends Wanted {
  /** The model's path in the checkpoint; of an encoder-decoder, its encoder, beside which the decoder lies. */
  readonly file: string;
}

/** One file of a model: where it is, what it becomes, and where weights go that stand within the file itself. */
interface ModelFile {
  readonly given: string;
  readonly file: string;
  /** No file of the source has this name. */
  readonly dataFile: string;
  readonly part?: 'encoder' | 'decoder';
}

/** Tasks whose models write with a cache. */
const WRITING: ReadonlySet<string> = new Set([
  'text-generation',
  'text2text-generation',
  'automatic-speech-recognition',
]);

/**
 * In place of `export`, for a model that others made. params: {task, file, labels?, image?}: the model's path in the folder,
 * and what config.json says of classes and images. in: checkpoint, the folder. out: model, a folder with model.onnx, or with
 * encoder_model.onnx and decoder_model_merged.onnx, as `export` writes it; interface, how inputs and outputs were called, and
 * what was done; of two files, for each.
 * External data stays where it is: the model refers to it. Weights within the model file are copied out of it once. What
 * writes with a cache is run: 'onnx-cache' where it does not say the same with and without one.
 */
export const importStage: Stage = {
  name: 'import',
  async run(context) {
    const params = context.params as unknown as ImportParams;
    const checkpoint = context.in.checkpoint!;
    const path = join(checkpoint, params.file);
    const files = filesOf(path);
    const done: Record<string, Json> = {};
    for (const file of files) {
      const imported = await importFile(context, params, file);
      if (!imported.ok) return imported;
      done[file.file] = imported.value;
    }
    await writeFile(context.out.interface!, prettyJson(files.length === 1 ? done[files[0]!.file]! : done));
    if (!WRITING.has(params.task)) return ok(undefined);
    // Only here, since no other model is run.
    const { checkCache } = await import('../validation/cache-check.js');
    return checkCache(context.out.model!, checkpoint, path);
  },
};

function filesOf(path: string): readonly ModelFile[] {
  const decoder = decoderBeside(path);
  if (decoder === undefined) return [{ given: path, file: 'model.onnx', dataFile: 'imported.onnx_data' }];
  return [
    { given: path, file: ENCODER_FILE, dataFile: 'imported_encoder.onnx_data', part: 'encoder' },
    { given: decoder, file: DECODER_FILE, dataFile: 'imported_decoder.onnx_data', part: 'decoder' },
  ];
}

/** What is said of one file. */
async function importFile(
  { in: { checkpoint }, out, signal, progress }: StageContext,
  { task, labels, image }: ImportParams,
  { given, file, dataFile, part }: ModelFile,
): Promise<Result<Json, Failure>> {
  const imported = importModel(given, { task, labels, image, part });
  if (!imported.ok) return imported;
  const { graph, report } = runPipeline(imported.value.graph, IMPORTED);
  const written = await writeModel(graph, {
    folder: out.model!,
    file,
    dataFile,
    keepInPlace: data => (data === given ? undefined : relative(checkpoint!, data).split(sep).join('/')),
    durable: false,
    signal,
    progress: (done, total) => progress({ done, total, unit: 'bytes' }),
  });
  if (!written.ok) return written;
  const { interface: found, opset, producer } = imported.value;
  return ok({ ...found, opset, producer, passes: report.passes });
}
