import { join } from 'node:path';
import type { Source, TaskId } from '../build/task.js';
import { sourceText } from '../hub/remote-file.js';
import { hubSettings } from '../hub/settings.js';
import { openSnapshot, type Pin, type Snapshot } from '../hub/snapshot.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { readConfigJson } from '../weights/checkpoint.js';
import { weightsQuantized } from '../weights/quantized-weights.js';
import { describeFolder, files, METADATA_FILES, type ModelFolder } from './model-folder.js';
import type { PlanDraft } from './stage-tasks.js';

export interface HubFolderOptions {
  /** Name in the config, which names the task. */
  readonly name: string;
  readonly repository: string;
  readonly revision: string;
  readonly pin?: Pin;
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal;
}

/** A model of the Hub as planning needs it: its metadata are files, its checkpoint is what a task will fetch. */
export async function readHubFolder(options: HubFolderOptions): Promise<Result<ModelFolder, Failure>> {
  const { name, repository, cacheDirectory } = options;
  const snapshot = await openSnapshot(hubSettings(), { ...options, known: METADATA_FILES });
  if (!snapshot.ok) return snapshot;
  const { folder, metadata, weights, revision, onnx } = snapshot.value;
  const paths = metadata.map(({ path }) => path);
  const known = (failure: Failure): Failure => ({ ...failure, where: sourceText(repository, revision.commit) });

  const configJson = readConfigJson(folder, paths);
  if (!configJson.ok) return fail(known(configJson.error));
  // An ONNX file has its own weights, whatever it was made from.
  const quantized = onnx === undefined ? weightsQuantized(folder, configJson.value) : undefined;
  if (quantized) return fail(known(quantized));
  const described = describeFolder(folder, configJson.value, {
    weightBytes: weights.reduce((sum, { size }) => sum + size, 0),
  });
  if (!described.ok) return fail(known(described.error));
  const checkpoint: Source = { from: 'task', task: fetchTask(name), output: 'checkpoint' };
  const hub: HubOrigin = { ...snapshot.value, cacheDirectory };
  if (onnx === undefined) return ok({ ...described.value, checkpoint, hub });
  // Pooling is in the graph or it is not: modules that stand beside it are not run again.
  const { modules: _, ...rest } = described.value;
  return ok({ ...rest, checkpoint, hub, onnx: { file: onnx } });
}

const fetchTask = (name: string): TaskId => `${name}/fetch` as TaskId;

/** A model whose weights have to be fetched. */
export interface HubOrigin extends Snapshot {
  readonly cacheDirectory: string;
}

/** The task that brings the weights; the checkpoint of the folder is its output. */
export function planFetch(
  draft: PlanDraft,
  name: string,
  { revision, folder, metadata, weights, cacheDirectory }: HubOrigin,
): void {
  const checkpoint = metadata.map(({ path }) => path).filter(path => !METADATA_FILES.includes(path));
  draft.add(
    'fetch',
    fetchTask(name),
    { files: weights.map(({ path, size, digest: { kind, hex } }) => ({ path, size, digest: { kind, hex } })) },
    {
      metadata: files(
        folder,
        checkpoint.map(path => join(folder, path)),
      ),
    },
    { memoryMiB: 120 },
    { hints: { revision: { ...revision }, cacheDirectory } },
  );
}
