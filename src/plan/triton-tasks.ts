import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { asList, type BuiltArtefact, labelsOf, modelInputs, type PlannedModel } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';

/** Tasks for which a Triton repository is written. */
export const TRITON_TASKS: ReadonlySet<string> = new Set([
  'text-classification',
  'text-ranking',
  'feature-extraction',
  'sentence-similarity',
  'token-classification',
  'question-answering',
  'fill-mask',
  'zero-shot-classification',
]);

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
        engine: config.targets[target]!.engine,
      })),
      maxBatchSize,
      largestBatch: model.shapes.batch.max,
      dynamicBatching: dynamicBatching ? { ...dynamicBatching } : false,
      sequence: asList(model.shapes.sequence),
      compat,
    },
    { ...modelInputs(built), config: folder.config, tokenizer: folder.tokenizer },
    { memoryMiB: 150 },
  );
  const gates = built.map(({ validate }) => validate);
  draft.deliver({ task: id, output: 'repository' }, repository, gates, { model: model.name });
  for (const { artefact, modelTask } of built) {
    const to = `${repository}/${networkName(artefact, config, compat)}/1`;
    // A server refuses a model without its configuration, so weights come with it or not at all.
    draft.deliver({ task: modelTask, output: 'model' }, to, [...gates, id], labelsOf(artefact));
  }
}

/** The network's folder in the Triton repository; what stands beside it is named by the stage, which calls this one the same. */
function networkName({ name, model, target }: Artefact, { targets }: ResolvedConfig, compat: string): string {
  if (compat !== 'els-rd') return `${name}-model`;
  return `${model}_${targets[target]!.engine === 'tensorrt' ? 'tensorrt' : 'onnx'}_model`;
}
