import type { Source } from '../build/task.js';
import type { Artefact } from '../config/matrix.js';
import { exportTask, type PlannedModel, weightsMiB } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';

/**
 * The tasks that bring the export into one precision for one target. What several cells of the matrix share, the optimised
 * graph of a dialect, is made once.
 *
 * @returns the id of the task whose output 'model' is the artefact
 */
export function planPrecision(draft: PlanDraft, planned: PlannedModel, { id, precision }: Artefact): string {
  const optimize = planOptimize(draft, planned, 'onnxruntime-cpu');
  if (precision !== 'int8-dynamic') return optimize;
  const quantize = `${id}/quantize`;
  const model = draft.output(optimize, 'model');
  draft.add('quantize', quantize, { precision, reduceRange: false }, { model }, rewriting(planned));
  return quantize;
}

function planOptimize(draft: PlanDraft, planned: PlannedModel, dialect: 'onnxruntime-cpu'): string {
  const { model, folder } = planned;
  const id = `${model.name}/${dialect}/optimize`;
  if (draft.has(id)) return id;
  const exported: Source = draft.output(exportTask(planned), 'model');
  draft.add('optimize', id, { dialect }, { model: exported, checkpoint: folder.checkpoint }, rewriting(planned));
  return id;
}

/** Stages that read every weight once and write it. */
const rewriting = ({ folder }: PlannedModel): { readonly memoryMiB: number } => ({
  memoryMiB: 150 + Math.ceil(weightsMiB(folder) / 2),
});
