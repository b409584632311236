import type { Source } from '../build/task.js';
import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { Precision } from '../config/types.generated.js';
import { planCalibration } from './calibration-tasks.js';
import { exportTask, type PlannedModel, weightsMiB } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';

/** Releases of TensorRT that read the same graphs. */
export type TensorRTClass = '8.6' | '10' | '11';

/** From what a machine tells of itself ('10.3.0'). One that tells nothing is taken for TensorRT 10: the same graph suits 11. */
export function tensorrtClassOf(tools: Readonly<Record<string, string>>): TensorRTClass {
  const major = Number.parseInt(tools.tensorrt ?? '10', 10);
  if (major < 9) return '8.6';
  return major < 11 ? '10' : '11';
}

/** The quantiser that brings a portable graph into a precision; what is not listed is the portable graph itself. */
const QUANTIZER: Readonly<Partial<Record<Precision, string>>> = {
  fp16: 'fp16',
  bf16: 'bf16',
  fp8: 'fp8-explicit',
  int8: 'int8-explicit',
  'int4-weight': 'int4-explicit',
};

/**
 * The tasks that bring the export into the typed ONNX of one precision for TensorRT. The portable graph is made once for
 * each class of TensorRT, and so is the typed one: targets share them, whatever their GPUs.
 *
 * @returns the id of the task whose output 'model' is what an engine is built of
 */
export function planTyped(
  draft: PlanDraft,
  planned: PlannedModel,
  config: ResolvedConfig,
  { precision }: Pick<Artefact, 'precision'>,
  tensorrt: TensorRTClass,
): string {
  const { model, folder } = planned;
  const portable = `${model.name}/tensorrt-${tensorrt}/optimize`;
  if (!draft.has(portable)) {
    const exported: Source = draft.output(exportTask(planned), 'model');
    const params = { dialect: 'portable', split: true, tensorrt };
    draft.add('optimize', portable, params, { model: exported, checkpoint: folder.checkpoint }, rewriting(planned));
  }
  const quantizer = QUANTIZER[precision];
  if (quantizer === undefined) return portable;
  const typed = `${model.name}/tensorrt-${tensorrt}-${precision}/quantize`;
  if (draft.has(typed)) return typed;
  draft.add(
    'quantize',
    typed,
    {
      precision: quantizer,
      reduceRange: false,
      method: model.calibration?.method ?? 'percentile',
      tensorrt,
      longestSequence: model.shapes.sequence.max,
    },
    { model: draft.output(portable, 'model'), calibration: planCalibration(draft, planned, config) },
    rewriting(planned),
  );
  return typed;
}

/** Stages that read every weight once and write it. */
const rewriting = ({ folder }: PlannedModel): { readonly memoryMiB: number } => ({
  memoryMiB: 150 + Math.ceil(weightsMiB(folder) / 2),
});
