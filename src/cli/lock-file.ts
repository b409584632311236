import { openStores } from '../build/stores.js';
import { writeFileAtomic } from '../util/atomic-file.js';
import { type Failure, together, usageFailure } from '../util/failure.js';
import { type Json, prettyJson } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';
import {
  type LockedChoice,
  type LockedModel,
  type LockFile,
  lockedSource,
  lockMissing,
  lockPath,
  readLock,
} from './pins.js';
import type { Project } from './project.js';
import { sourceDigests } from './source-digests.js';

export async function writeLock(project: Project): Promise<Result<string, Failure>> {
  const lock = await lockOf(project);
  if (!lock.ok) return lock;
  const path = lockPath(project.config.root);
  await writeFileAtomic(path, prettyJson(lock.value as unknown as Json));
  return ok(path);
}

/** Every difference between td.lock and the sources as they are now, together. */
export async function checkLock(project: Project): Promise<Result<void, Failure>> {
  const { root } = project.config;
  const locked = readLock(root);
  if (!locked.ok) return locked;
  if (!locked.value) return fail(lockMissing(root));
  const { models } = locked.value;
  const now = await lockOf(project);
  if (!now.ok) return now;
  const differences = Object.entries(now.value.models).flatMap(([name, model]) =>
    modelDifferences(name, models[name], model),
  );
  const [first, ...rest] = differences;
  return first
    ? fail(together('lock-mismatch', 'the sources are not what td.lock says', [first, ...rest]))
    : ok(undefined);
}

function modelDifferences(name: string, locked: LockedModel | undefined, now: LockedModel): Failure[] {
  const fix = 'if the change is meant, td lock pins it';
  if (!locked) return [usageFailure('lock-mismatch', `model '${name}' is not in td.lock`, { fix })];
  if (locked.commit !== now.commit) {
    return [
      usageFailure('lock-mismatch', 'the model is at another commit than td.lock says', {
        where: now.source,
        expected: locked.commit ?? 'no commit',
        found: now.commit ?? 'no commit',
        fix,
      }),
    ];
  }
  const differences: Failure[] = [];
  for (const file of new Set([...Object.keys(locked.files), ...Object.keys(now.files)])) {
    const [before, after] = [locked.files[file], now.files[file]];
    if (before?.sha256 === after?.sha256) continue;
    differences.push(
      usageFailure('lock-mismatch', 'a source file is not what td.lock says', {
        where: `${now.source}/${file}`,
        expected: before ? `sha256 ${before.sha256}` : 'no such file',
        found: after ? `sha256 ${after.sha256}` : 'no such file',
        fix,
      }),
    );
  }
  return differences;
}

async function lockOf(project: Project): Promise<Result<LockFile, Failure>> {
  const stores = openStores(project.cacheDirectory, project.config.root);
  try {
    const models: Record<string, LockedModel> = {};
    for (const { model, folder } of project.models) {
      const files = await sourceDigests(folder, stores.files);
      if (!files.ok) return files;
      models[model.name] = {
        source: lockedSource(model, project.config.root),
        ...(folder.hub ? { commit: folder.hub.revision.commit } : {}),
        files: files.value,
      };
    }
    const kept = stillHolding(project);
    return ok({ version: 1, models, ...(Object.keys(kept).length > 0 ? { choices: kept } : {}) });
  } finally {
    await stores.close();
  }
}

/** Choices are made by builds; pinning the sources again keeps those that still hold. */
function stillHolding({ config, choices }: Project): Readonly<Record<string, LockedChoice>> {
  const locked = readLock(config.root);
  const known = locked.ok ? Object.entries(locked.value?.choices ?? {}) : [];
  return Object.fromEntries(known.filter(([artefact]) => choices.has(artefact)));
}
