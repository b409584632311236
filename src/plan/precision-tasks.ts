import type { Source } from '../build/task.js';
import type { Artefact } from '../config/matrix.js';
import { quantizationFor } from '../config/quantization.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { Json } from '../util/json.js';
import { planCalibration } from './calibration-tasks.js';
import { type Choices, planChoice } from './choice-tasks.js';
import { DEVICE_PRECISIONS } from './device-tasks.js';
import { exportTask, type PlannedModel, weightsMiB } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';
import { cpuArithmetic, saturatesProducts } from './tools.js';
import { planTyped, tensorrtClassOf } from './typed-tasks.js';

/**
 * The tasks that bring the export into one precision for one target. What several cells of the matrix share, the optimised
 * graph of a dialect, is made once.
 *
 * @returns the id of the task whose output 'model' is the artefact
 */
export function planPrecision(
  draft: PlanDraft,
  planned: PlannedModel,
  config: ResolvedConfig,
  artefact: Artefact,
  choices: Choices,
): string {
  const { id, precision } = artefact;
  const target = config.targets[artefact.target]!;
  // TensorRT takes operators of ai.onnx only, and a precision only from the types in the model.
  if (target.engine === 'onnxruntime' && target.provider === 'tensorrt') {
    return planTyped(draft, planned, config, artefact, tensorrtClassOf({}));
  }
  if (target.device !== 'cpu') return planForDevices(draft, planned, config, precision);
  const optimize = planOptimize(draft, planned, 'onnxruntime-cpu');
  if (precision === 'auto') {
    return planChoice(draft, planned, config, artefact, { optimize, locked: choices.get(id) });
  }
  if (!QUANTIZED.has(precision) && precision !== 'int8') return optimize;
  const quantize = `${id}/quantize`;
  const model = draft.output(optimize, 'model');
  const settings = quantizationFor(precision, planned.model.quantization);
  const reduceRange = settings.reduceRange ?? saturatesProducts(cpuArithmetic());
  const method = planned.model.calibration?.method ?? 'percentile';
  const calibration = precision === 'int8' ? planCalibration(draft, planned, config) : undefined;
  const params = {
    precision,
    ...(settings as { readonly [name: string]: Json }),
    reduceRange,
    ...(calibration ? { method } : {}),
  };
  draft.add('quantize', quantize, params, { model, calibration }, rewriting(planned));
  return quantize;
}

/** The model of all GPUs: their providers differ in how they fuse it, not in what they take. */
function planForDevices(
  draft: PlanDraft,
  planned: PlannedModel,
  config: ResolvedConfig,
  precision: Artefact['precision'],
): string {
  const dialect = 'onnxruntime-gpu';
  const optimize = planOptimize(draft, planned, dialect);
  if (!DEVICE_PRECISIONS.has(precision)) return optimize;
  const quantize = `${planned.model.name}/${dialect}-${precision}/quantize`;
  if (draft.has(quantize)) return quantize;
  const model = draft.output(optimize, 'model');
  const calibration = precision === 'fp16' ? planCalibration(draft, planned, config) : undefined;
  draft.add('quantize', quantize, { precision, reduceRange: false }, { model, calibration }, rewriting(planned));
  return quantize;
}

/** Precisions that are made of the optimised graph and need no data. */
const QUANTIZED: ReadonlySet<string> = new Set(['int8-dynamic', 'int8-weight', 'int4-weight']);

type Dialect = 'onnxruntime-cpu' | 'onnxruntime-gpu';

function planOptimize(draft: PlanDraft, planned: PlannedModel, dialect: Dialect): string {
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
