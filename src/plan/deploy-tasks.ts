import type { Source } from '../build/task.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { DEFAULT_IMAGE, LANGUAGE_IMAGES } from '../deploy/deployment.js';
import { type BuiltArtefact, type PlannedModel, sourceOf } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';
import { packageVersionOfThis } from './tools.js';
import { languageBackendOf } from './triton-tasks.js';

/** The files that run the Triton repository of these models elsewhere. */
export function planDeployment(
  draft: PlanDraft,
  config: ResolvedConfig,
  served: readonly { readonly model: PlannedModel; readonly built: readonly BuiltArtefact[] }[],
): void {
  if (served.length === 0) return;
  const built = served.flatMap(each => each.built);
  const inputs: Record<string, Source> = {};
  for (const { model } of served) {
    const { name } = model.model;
    inputs[`repository:${name}`] = draft.output(`${name}/triton`, 'repository');
  }
  for (const { artefact, model } of built) inputs[`model:${artefact.id}`] = model;
  const targets = [...new Set(built.map(({ artefact }) => artefact.target))].map(name => config.targets[name]!);
  const language = served.flatMap(({ model }) => languageBackendOf(config, model) ?? [])[0];
  draft.add(
    'deploy',
    'deploy',
    {
      repository: config.triton.repository,
      image: imageOf(targets, language ? LANGUAGE_IMAGES[language] : DEFAULT_IMAGE),
      gpus: targets.some(({ device }) => device === 'cuda') ? gpusOf(config.triton, language !== undefined) : 0,
      hasTokenizers: language !== undefined,
      completesConfigurations: language === 'vllm',
      version: packageVersionOfThis(),
      models: served.map(({ model, built }) => ({
        name: model.model.name,
        task: model.model.task,
        ...sourceOf(model),
        artefacts: built.map(({ artefact: { id, precision } }) => ({ id, precision })),
      })),
    },
    inputs,
    { memoryMiB: 150 },
  );
  const gates = built.map(({ validate }) => validate);
  draft.deliver({ task: 'deploy', output: 'files' }, 'deploy', gates, {});
}

/** GPUs that one server needs: those that instances are placed on by number, and those that a language model is spread over. */
function gpusOf({ server, backendOptions }: ResolvedConfig['triton'], hasLanguageModel: boolean): number {
  const numbered = Math.max(0, ...(server.instances?.gpus ?? [])) + 1;
  if (!hasLanguageModel) return numbered;
  const { tensor_parallel_size: tensor = 1, pipeline_parallel_size: pipeline = 1 } = backendOptions;
  return Math.max(numbered, Number(tensor) * Number(pipeline));
}

/** That of the engines, which load in no other; else the first that is named. */
function imageOf(targets: readonly ResolvedConfig['targets'][string][], byDefault: string): string {
  const named = targets.filter(({ image }) => image !== undefined);
  return (named.find(({ engine }) => engine === 'tensorrt') ?? named[0])?.image ?? byDefault;
}
