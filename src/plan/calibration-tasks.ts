import type { Source } from '../build/task.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { Precision } from '../config/types.generated.js';
import { platformOf } from '../config/vocabulary.js';
import { isEncoderDecoder } from '../onnx/hub-files.js';
import { file } from './model-folder.js';
import { exportTask, type PlannedModel, weightsMiB } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';

/** Texts that are run where the configuration names no calibration data. */
const SAMPLES = 256;

/** Beside the weights: what one run gives away, a few times. */
const MEMORY_MIB = 450;

/**
 * Whether some target has tensors of 16 bits, whose every range counts: as every lower precision of TensorRT has, be it an engine of its own
 * or ONNX Runtime's provider.
 */
const asksForAll = ({ targets }: ResolvedConfig): boolean =>
  Object.values(targets).some(target => {
    const isTyped = ['tensorrt', 'cuda-tensorrt'].includes(platformOf(target));
    return target.precisions.some(precision => HALVES.has(precision) || (isTyped && precision !== 'fp32'));
  });

const HALVES: ReadonlySet<Precision> = new Set(['fp16', 'bf16']);

/**
 * What the tensors of the export hold: measured once for each model and shared by all targets and precisions.
 *
 * @returns the table
 */
export function planCalibration(draft: PlanDraft, planned: PlannedModel, config: ResolvedConfig): Source {
  const { model, folder } = planned;
  const id = `${model.name}/calibrate`;
  if (!draft.has(id)) {
    draft.add(
      'calibrate',
      id,
      {
        maximumSequence: model.shapes.sequence.max,
        samples: model.calibration?.samples ?? SAMPLES,
        seed: config.validation.seed,
        scope: asksForAll(config) ? 'all' : 'integers',
      },
      {
        model: draft.output(exportTask(planned), 'model'),
        checkpoint: folder.checkpoint,
        tokenizer: folder.tokenizer,
        generationConfig: isEncoderDecoder(model.task) ? folder.generationConfig : undefined,
        calibration: model.calibration && file(model.calibration.data),
        evaluation: model.calibration === undefined ? model.evaluation && file(model.evaluation.data) : undefined,
      },
      { memoryMiB: MEMORY_MIB + weightsMiB(folder) },
    );
  }
  return draft.output(id, 'table');
}
