import type { Source } from '../build/task.js';
import type { Artefact } from '../config/matrix.js';
import type { CompleteModel } from '../config/model-checks.js';
import type { Range } from '../config/resolved.js';
import type { DevicePlace } from './device-tasks.js';
import type { ModelFolder } from './model-folder.js';
import type { ModuleFiles } from './module-files.js';
import type { TorchExporter } from './torch-tasks.js';

/** A model of the config together with what its folder holds. */
export interface PlannedModel {
  readonly model: CompleteModel;
  readonly folder: ModelFolder;
  /** Where the model's architecture is one of the user's own. */
  readonly architecture?: ModuleFiles;
  /** Where the user's Python exports it. */
  readonly torch?: TorchExporter;
}

/** The task whose output 'model' all artefacts are made of: the model in float32, with the Hub's names. */
export const exportTask = ({ model, folder }: PlannedModel): string =>
  `${model.name}/${folder.onnx ? 'import' : 'export'}`;

/** What one artefact's tasks hand on. */
export interface BuiltArtefact {
  readonly artefact: Artefact;
  readonly modelTask: string;
  readonly model: Source;
  readonly validate: string;
  /** Of the precision 'auto': what it is made of, for those that run it. */
  readonly mix?: Source;
  /** An engine of TensorRT: served and measured in its own way. */
  readonly isEngine: boolean;
  /** A GPU of ONNX Runtime's, where the model is validated and measured. */
  readonly device?: DevicePlace;
}

/** The models of a stage that reads all artefacts: one input each. */
export const modelInputs = (built: readonly BuiltArtefact[]): Record<string, Source> =>
  Object.fromEntries(built.map(({ artefact, model }) => [`model:${artefact.id}`, model]));

/** What artefacts of the precision 'auto' are made of: one input each. */
export const mixInputs = (built: readonly BuiltArtefact[]): Record<string, Source> =>
  Object.fromEntries(built.flatMap(({ artefact, mix }) => (mix ? [[`mix:${artefact.id}`, mix]] : [])));

/** What the manifest says of a file that belongs to one artefact. */
export const labelsOf = ({ model, target, precision }: Artefact): Record<string, string> => ({
  model,
  target,
  precision,
});

/** [min, optimum, max], as stages take it. */
export const asList = ({ min, optimum, max }: Range): number[] => [min, optimum, max];

/** All the model's weight files together, in MiB: what the tasks' memory is estimated from. */
export const weightsMiB = (folder: ModelFolder): number => Math.ceil(folder.weightBytes / 2 ** 20);

/** 'org/name@commit' of a model of the Hub. Where a folder lies on this machine says nothing elsewhere. */
export function sourceOf({ model: { source }, folder }: PlannedModel): { readonly source?: string } {
  if (source.kind !== 'hub' || folder.hub === undefined) return {};
  return { source: `${source.repository}@${folder.hub.revision.commit}` };
}
