import { relative, sep } from 'node:path';
import { exportGraph, findArchitecture } from '../architectures/index.js';
import type { Stage } from '../build/task.js';
import { writeModel } from '../onnx/write.js';
import { ok } from '../util/result.js';
import { openCheckpoint } from '../weights/checkpoint.js';

/**
 * params: {task}. in: checkpoint, a model folder. out: model, a folder with model.onnx, or with encoder_model.onnx and
 * decoder_model_merged.onnx.
 * Weights that are float32 in the checkpoint stay there: the model refers to its files by their paths there, and nothing
 * but their headers is read. Weights of other types are widened into a data file of each model file.
 */
export const exportStage: Stage = {
  name: 'export',
  async run({ params, in: { checkpoint: folder }, out: { model }, signal, progress }) {
    const { task } = params as { readonly task: string };
    const checkpoint = openCheckpoint(folder!);
    if (!checkpoint.ok) return checkpoint;
    const architecture = await findArchitecture(checkpoint.value.configJson, checkpoint.value.folder);
    if (!architecture.ok) return architecture;
    const exported = exportGraph(architecture.value, checkpoint.value, { task });
    if (!exported.ok) return exported;
    for (const [file, graph] of Object.entries(exported.value.graphs)) {
      const written = await writeModel(graph, {
        folder: model!,
        file,
        keepInPlace: path => relative(checkpoint.value.folder, path).split(sep).join('/'),
        durable: false,
        signal,
        progress: (done, total) => progress({ done, total, unit: 'bytes' }),
      });
      if (!written.ok) return written;
    }
    return ok(undefined);
  },
};
