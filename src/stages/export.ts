import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Architecture } from '../architectures/architecture.js';
import { type ExportedModel, exportGraph, findArchitecture } from '../architectures/index.js';
import type { Stage, StageContext } from '../build/task.js';
import { writeModel } from '../onnx/write.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Checkpoint, openCheckpoint } from '../weights/checkpoint.js';

interface Params {
  readonly task: string;
  /** The module in the input `modules` that has the model's architecture. */
  readonly architecture?: string;
}

/**
 * params: {task, architecture?}. in: checkpoint, a model folder; modules, where the architecture is the user's own: its
 * module and those that it imports. out: model, a folder with model.onnx, or with encoder_model.onnx and
 * decoder_model_merged.onnx.
 * Weights that are float32 in the checkpoint stay there: the model refers to its files by their paths there, and nothing
 * but their headers is read. Weights of other types are widened into a data file of each model file.
 */
export const exportStage: Stage = {
  name: 'export',
  async run({ params, in: inputs, out: { model }, signal, progress }) {
    const checkpoint = openCheckpoint(inputs.checkpoint!);
    if (!checkpoint.ok) return checkpoint;
    const exported = await graphsOf(checkpoint.value, params as unknown as Params, inputs);
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

async function graphsOf(
  checkpoint: Checkpoint,
  { task, architecture: entry }: Params,
  { modules }: StageContext['in'],
): Promise<Result<ExportedModel, Failure>> {
  if (entry === undefined) {
    const known = await findArchitecture(checkpoint.configJson, checkpoint.folder);
    return known.ok ? exportGraph(known.value, checkpoint, { task }) : known;
  }
  const { loadPlugIns, plugInThrew } = await import('../architectures/plug-ins.js');
  const name = join(modules!, entry);
  // From where the module really lies, the packages that it imports can be found.
  const loaded = await loadPlugIns([{ name, path: realpathSync(name) }]);
  if (!loaded.ok) return loaded;
  const own: Architecture[] = loaded.value.map(({ architecture }) => architecture);
  const found = await findArchitecture(checkpoint.configJson, checkpoint.folder, own);
  if (!found.ok) return found;
  try {
    return exportGraph(found.value, checkpoint, { task });
  } catch (error) {
    return fail(plugInThrew(error, name));
  }
}
