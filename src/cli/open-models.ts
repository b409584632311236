import { statSync } from 'node:fs';
import { checkModelAgainstConfig, completeModel } from '../config/model-checks.js';
import type { ResolvedModel } from '../config/resolved.js';
import { sourceText } from '../hub/remote-file.js';
import type { Pin } from '../hub/snapshot.js';
import { readHubFolder } from '../plan/hub-folder.js';
import { type ModelFolder, readModelFolder } from '../plan/model-folder.js';
import { onnxFileOf, readOnnxFolder } from '../plan/onnx-folder.js';
import type { PlannedModel } from '../plan/planned.js';
import { type Failure, together, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { OwnArchitectures } from './open-architectures.js';
import { openTorch } from './open-torch.js';
import { type LockFile, lockedSource, lockMissing, readLock } from './pins.js';

/** What td.lock means for models of the Hub: it is followed where it has them, it must have them, or it is not looked at. */
export type PinUse = 'follow' | 'require' | 'ignore';

export interface OpenOptions {
  /** Folder of the config. */
  readonly root: string;
  readonly cacheDirectory: string;
  readonly pins: PinUse;
  /** The user's own, by model type. */
  readonly architectures: OwnArchitectures;
  readonly signal?: AbortSignal;
  /** Told of what the result depends on and the config does not fix. */
  note(text: string): void;
}

/** Looks at the sources of models: what files there are, and whether they fit the configuration. All failures together. */
export async function openModels(
  models: readonly ResolvedModel[],
  options: OpenOptions,
): Promise<Result<readonly PlannedModel[], Failure>> {
  const lock = lockFor(models, options);
  if (!lock.ok) return lock;
  const opened = await Promise.all(models.map(model => openModel(model, lock.value, options)));
  const failures = opened.flatMap(each => (each.ok ? [] : [each.error]));
  const [first, ...rest] = failures;
  if (first) return fail(together('models-invalid', `${failures.length} models cannot be built`, [first, ...rest]));
  return ok(opened.flatMap(each => (each.ok ? [each.value] : [])));
}

/** Folders are what they are: only models of the Hub are looked up. */
function lockFor(models: readonly ResolvedModel[], { root, pins }: OpenOptions): Result<LockFile | undefined, Failure> {
  if (pins === 'ignore' || models.every(({ source }) => source.kind !== 'hub')) return ok(undefined);
  const lock = readLock(root);
  return lock.ok && lock.value === undefined && pins === 'require' ? fail(lockMissing(root)) : lock;
}

async function openModel(
  model: ResolvedModel,
  lock: LockFile | undefined,
  options: OpenOptions,
): Promise<Result<PlannedModel, Failure>> {
  const folder = await openFolder(model, lock, options);
  if (!folder.ok) return folder;
  const { configJson, tokenizerConfigJson, sentence } = folder.value;
  const [first, ...rest] = [...checkModelAgainstConfig(configJson, model, sentence), ...missingData(model)];
  if (first)
    return fail(together('model-invalid', `model '${model.name}' does not fit its configuration`, [first, ...rest]));
  const architecture = options.architectures.get(`${configJson.model_type}`);
  const complete = completeModel(configJson, tokenizerConfigJson, model, sentence);
  const torch = model.exporter === 'torch' ? await openTorch(complete, folder.value) : undefined;
  if (torch && !torch.ok) return torch;
  return ok({
    model: complete,
    folder: folder.value,
    ...(architecture ? { architecture } : {}),
    ...(torch ? { torch: torch.value } : {}),
  });
}

async function openFolder(
  model: ResolvedModel,
  lock: LockFile | undefined,
  { root, cacheDirectory, pins, signal, note }: OpenOptions,
): Promise<Result<ModelFolder, Failure>> {
  const { name, source } = model;
  if (source.kind !== 'hub') {
    const onnx = source.kind === 'onnx' ? source.path : onnxFileOf(source.path);
    return onnx === undefined ? readModelFolder(source.path, model.tokenizer) : readOnnxFolder(onnx, model.tokenizer);
  }
  if (model.tokenizer !== undefined) return fail(tokenizerOfHub(model));
  const { repository, revision } = source;
  const pin = pinOf(model, lock, root);
  if (!pin && pins === 'require') return fail(notPinned(model, lock, root));
  const folder = await readHubFolder({
    name,
    repository,
    revision,
    cacheDirectory,
    ...(pin ? { pin } : {}),
    ...(signal ? { signal } : {}),
  });
  if (folder.ok && folder.value.hub?.moving && pins === 'follow') {
    const { commit } = folder.value.hub.revision;
    note(`${name}: ${sourceText(repository, revision)} is ${commit} now and may be another later; td lock pins it\n`);
  }
  return folder;
}

/** A lock that was written for another source says nothing of this one. */
function pinOf(model: ResolvedModel, lock: LockFile | undefined, root: string): Pin | undefined {
  const locked = lock?.models[model.name];
  if (locked?.commit === undefined || locked.source !== lockedSource(model, root)) return undefined;
  return { commit: locked.commit, files: locked.files };
}

const tokenizerOfHub = ({ name, tokenizer }: ResolvedModel): Failure =>
  usageFailure('tokenizer-unread', 'the tokenizer of a model on the Hub is the one that lies with it', {
    where: `models.${name}.tokenizer`,
    found: `'${tokenizer}'`,
    fix: 'remove tokenizer, or build from a folder',
  });

const notPinned = (model: ResolvedModel, lock: LockFile | undefined, root: string): Failure =>
  usageFailure('lock-mismatch', `model '${model.name}' is not pinned by td.lock`, {
    expected: lockedSource(model, root),
    found: lock?.models[model.name]?.source ?? 'nothing',
    fix: 'if the change is meant, td lock pins it',
  });

function missingData({ name, calibration, evaluation }: ResolvedModel): Failure[] {
  const missing = (field: string, path: string | undefined): Failure[] => {
    const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    if (path === undefined || found?.isFile()) return [];
    return [
      usageFailure('data-missing', 'a data file does not exist', {
        where: `models.${name}.${field}.data`,
        expected: path,
        found: found === undefined ? 'nothing' : found.isDirectory() ? 'a folder' : 'no regular file',
        fix: 'paths are relative to the config file',
      }),
    ];
  };
  return [...missing('calibration', calibration?.data), ...missing('evaluation', evaluation?.data)];
}
