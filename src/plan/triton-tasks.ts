import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { asList, type BuiltArtefact, labelsOf, modelInputs, type PlannedModel } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';

/** Tasks for which a Triton repository is written. */
export const TRITON_TASKS: ReadonlySet<string> = new Set(['text-classification']);

/** The model repository of one model, linted, and the weights beside it. */
export function planTriton(
  draft: PlanDraft,
  config: ResolvedConfig,
  { model, folder }: PlannedModel,
  built: readonly BuiltArtefact[],
): void {
  const { maxBatchSize = model.shapes.batch.max, dynamicBatching, repository, compat } = config.triton;
  const id = `${model.name}/triton`;
  draft.add(
    'triton',
    id,
    {
      model: model.name,
      task: model.task,
      artefacts: built.map(({ artefact: { id, target, precision } }) => ({
        id,
        target,
        precision,
        device: config.targets[target]!.device,
      })),
      maxBatchSize,
      dynamicBatching: dynamicBatching ? { ...dynamicBatching } : false,
      sequence: asList(model.shapes.sequence),
      compat,
    },
    { ...modelInputs(built), config: folder.config, tokenizer: folder.tokenizer },
    { memoryMiB: 150 },
  );
  const gates = built.map(({ validate }) => validate);
  draft.deliver({ task: id, output: 'repository' }, repository, gates, { model: model.name });
  for (const { artefact, modelTask, validate } of built) {
    const to = `${repository}/${tritonModelName(artefact)}/1`;
    draft.deliver({ task: modelTask, output: 'model' }, to, [validate], labelsOf(artefact));
  }
}

/** The engine model's folder in the Triton repository; the tokenizer and the ensemble beside it are named by the stage. */
const tritonModelName = ({ name }: Artefact): string => `${name}-model`;
