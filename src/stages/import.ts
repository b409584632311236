import { writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Stage } from '../build/task.js';
import { importModel } from '../imports/import-model.js';
import { writeModel } from '../onnx/write.js';
import { IMPORTED } from '../passes/imported.js';
import { runPipeline } from '../passes/run-pipeline.js';
import { prettyJson } from '../util/json.js';
import { ok } from '../util/result.js';

/** Of weights that stood within the model file itself. No file of the source has this name. */
const DATA_FILE = 'imported.onnx_data';

/**
 * In place of `export`, for a model that others made. params: {task, file, labels?}: the model's path in the folder, and how
 * many classes config.json lists. in: checkpoint, the folder. out: model, a folder with model.onnx, as `export` writes it;
 * interface, how inputs and outputs were called, and what was done.
 * External data stays where it is: the model refers to it. Weights within the model file are copied out of it once.
 */
export const importStage: Stage = {
  name: 'import',
  async run({ params, in: { checkpoint }, out, signal, progress }) {
    const { task, file, labels } = params as { readonly task: string; readonly file: string; readonly labels?: number };
    const path = join(checkpoint!, file);
    const imported = importModel(path, { task, labels });
    if (!imported.ok) return imported;
    const { graph, report } = runPipeline(imported.value.graph, IMPORTED);
    const written = await writeModel(graph, {
      folder: out.model!,
      file: 'model.onnx',
      dataFile: DATA_FILE,
      keepInPlace: data => (data === path ? undefined : relative(checkpoint!, data).split(sep).join('/')),
      durable: false,
      signal,
      progress: (done, total) => progress({ done, total, unit: 'bytes' }),
    });
    if (!written.ok) return written;
    const { opset, producer } = imported.value;
    await writeFile(
      out.interface!,
      prettyJson({ ...imported.value.interface, opset, producer, passes: report.passes }),
    );
    return ok(undefined);
  },
};
