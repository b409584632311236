import type { TorchVersions } from '../torch/probe.js';
import { type PlannedModel, weightsMiB } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';

/** The Python that traces a model, where `exporter` is 'torch'. */
export interface TorchExporter {
  readonly python: string;
  readonly versions: TorchVersions;
}

/** What Python, PyTorch and Transformers take before they hold a weight. */
const LIBRARIES_MIB = 1200;

/** Plans the tracing of a model; what comes of it is a model that others made, and is imported like one. */
export function planTrace(draft: PlanDraft, planned: PlannedModel, { python, versions }: TorchExporter): PlannedModel {
  const { model, folder } = planned;
  const id = `${model.name}/export-torch`;
  draft.add(
    'export-torch',
    id,
    { task: model.task },
    { checkpoint: folder.checkpoint },
    { memoryMiB: LIBRARIES_MIB + 4 * weightsMiB(folder) },
    { tools: versions, hints: { python } },
  );
  // Modules of sentence-transformers are not traced, so they are not delivered.
  const { modules: _, ...rest } = folder;
  return { ...planned, folder: { ...rest, checkpoint: draft.output(id, 'model'), onnx: { file: 'model.onnx' } } };
}
