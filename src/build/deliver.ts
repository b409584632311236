import { randomBytes } from 'node:crypto';
import { rmdirSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Failure, interrupted, usageFailure } from '../util/failure.js';
import { makeFolder } from '../util/make-folder.js';
import { crashPoint } from './crash-points.js';
import type { DeliveryOrder } from './delivery-order.js';
import { type DeliveredFile, DeliveryRecord } from './delivery-record.js';
import { isWithin, look, type Survey, survey, versionOf } from './delivery-survey.js';
import { type FileLock, lock } from './file-lock.js';
import { errorCode, fileSystemFailure, isMissing } from './file-system-failure.js';
import { writeManifest } from './manifest.js';
import { hasSettled, settlingMilliseconds, stampAt } from './stamp.js';
import type { Stores } from './stores.js';
import type { TaskId } from './task.js';

export type DeliveryOutcome =
  | { readonly status: 'done'; readonly delivered: number; readonly removed: number; readonly bytes: number }
  /** The cache lost outputs of these tasks; nothing was changed. */
  | { readonly status: 'lost'; readonly tasks: readonly TaskId[] }
  | { readonly status: 'failed'; readonly failure: Failure };

/** Below this a hard link saves nothing worth sharing an inode for. */
const LINK_BYTES = 1 << 20;

/**
 * Brings the output folder to what it must hold. Everything new is staged beside its place first; only then are files
 * renamed, old ones removed and the manifest written. Files that we did not write are neither replaced nor removed.
 */
export async function deliver(order: DeliveryOrder, stores: Stores): Promise<DeliveryOutcome> {
  const record = new DeliveryRecord(order.workspace, order.outDir);
  let held: FileLock | undefined;
  try {
    const unlocked = await survey(order, record, stores);
    if (unlocked.nothingToDo) return { status: 'done', delivered: 0, removed: 0, bytes: unlocked.bytes };
    held = await lockIfPossible(record, order.signal);
    return await bringAbout(order, record, await survey(order, record, stores), stores);
  } catch (error) {
    if (order.signal.aborted) return { status: 'failed', failure: interrupted() };
    return { status: 'failed', failure: fileSystemFailure(error, 'write the output folder', order.outDir) };
  } finally {
    held?.release();
  }
}

async function bringAbout(
  order: DeliveryOrder,
  record: DeliveryRecord,
  found: Survey,
  stores: Stores,
): Promise<DeliveryOutcome> {
  const { outDir, emit } = order;
  if (found.foreign.length > 0) return { status: 'failed', failure: inTheWay(outDir, found.foreign) };
  makeFolder(outDir);
  if (found.pending !== undefined) await sweep(outDir, found.owned.keys(), found.pending);

  // Announced first: should we die, the next build knows which files, and which temporary ones, are ours.
  const ending = `.td-${randomBytes(4).toString('hex')}`;
  const ours = new Map(found.owned);
  for (const { path, sha256: digest, size } of found.missing) ours.set(path, { digest, size });
  await record.write(ours, ending);
  crashPoint('delivery-announced');

  const place = new Set(found.missing.map(({ path }) => path));
  const inPlaceOf = found.stale.filter(old => [...place].some(path => isWithin(path, old) || isWithin(old, path)));
  let removed = await removeStale(order, found, inPlaceOf, stores);
  let staged: Awaited<ReturnType<typeof stage>>;
  try {
    staged = await stage(outDir, found, ending, stores);
  } catch (error) {
    await sweep(outDir, place, ending); // a full disk needs the space
    throw error;
  }
  if ('lost' in staged) {
    await sweep(outDir, place, ending);
    return { status: 'lost', tasks: staged.lost };
  }
  crashPoint('delivery-staged');
  for (const [index, { path, size, task }] of found.missing.entries()) {
    await rename(temporaryOf(outDir, path, ending), join(outDir, path));
    if (index === 0) crashPoint('delivery-first-file-placed');
    emit({ type: 'delivered', task, path, bytes: size });
    const actual = found.altered.get(path);
    const expected = ours.get(path)!.digest;
    if (actual !== undefined) emit({ type: 'healed', what: 'delivered', path, expected, actual });
  }
  crashPoint('delivery-placed');
  removed += await removeStale(
    order,
    found,
    found.stale.filter(path => !inPlaceOf.includes(path)),
    stores,
  );
  crashPoint('delivery-removed');
  await writeManifest(outDir, order.files);

  await record.write(await stampsOf(order, found));
  crashPoint('delivery-recorded');
  return { status: 'done', delivered: found.missing.length, removed, bytes: found.bytes };
}

/** Puts verified bytes beside each place. A big content that is there already is linked to instead of written again. */
async function stage(
  outDir: string,
  found: Survey,
  ending: string,
  stores: Stores,
): Promise<{ lost: TaskId[] } | { staged: true }> {
  const written = new Map<string, string>();
  for (const [path, { digest, stamp, size }] of found.intact) {
    if (stamp !== undefined && size >= LINK_BYTES) written.set(digest, join(outDir, path));
  }
  const lost = new Set<TaskId>();
  for (const { path, sha256: digest, size, task } of found.missing) {
    const target = temporaryOf(outDir, path, ending);
    makeFolder(dirname(target));
    const first = written.get(digest);
    if (first !== undefined && (await linked(first, target))) {
      found.versions.set(path, versionOf(stampAt(target)));
      continue;
    }
    if (!(await stores.content.copyTo({ digest, size }, target))) lost.add(task);
    else {
      found.versions.set(path, versionOf(stampAt(target)));
      if (size >= LINK_BYTES) written.set(digest, target);
    }
  }
  return lost.size > 0 ? { lost: [...lost] } : { staged: true };
}

async function linked(first: string, target: string): Promise<boolean> {
  try {
    await link(first, target);
    return true;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false; // no hard links here, or another file system below the folder
  }
}

/** Removes earlier files, but none that somebody has changed since: that one is not ours any more. */
async function removeStale(
  order: DeliveryOrder,
  found: Survey,
  paths: readonly string[],
  stores: Stores,
): Promise<number> {
  let removed = 0;
  for (const path of paths) {
    const at = join(order.outDir, path);
    const before = found.owned.get(path)!;
    const now = await look(at, before, before, stores);
    if (now.is === 'other') {
      const message = `${at} is not delivered any more, but was changed since: it is left there`;
      order.emit({ type: 'warning', code: 'changed-file-left', message, fix: 'remove it yourself' });
      continue;
    }
    if (now.is === 'absent') continue;
    await rm(at, { force: true });
    removeEmptyFolders(order.outDir, dirname(path));
    const reason = order.withheld.has(path) ? 'gate-failed' : 'not-delivered-any-more';
    order.emit({ type: 'removed', path, reason });
    removed++;
  }
  return removed;
}

function removeEmptyFolders(outDir: string, folder: string): void {
  for (let inside = folder; inside !== '.'; inside = dirname(inside)) {
    try {
      rmdirSync(join(outDir, inside));
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return;
    }
  }
}

/** Stamps of all delivered files, taken when no later change can hide behind them. */
async function stampsOf(order: DeliveryOrder, found: Survey): Promise<Map<string, DeliveredFile>> {
  const { outDir } = order;
  const files = order.files.map(file => ({ ...file, first: stampAt(join(outDir, file.path)) }));
  const newest = files.map(({ first }) => first).filter(first => first !== undefined);
  const margin = newest[0] ? settlingMilliseconds(outDir, newest[0]) : 0;
  const wait = margin - (Date.now() - Math.max(0, ...newest.map(({ changedAt }) => changedAt))) + 1;
  if (margin < 100 && wait > 0) await sleep(Math.min(wait, margin));
  const now = Date.now();
  return new Map(
    files.map(({ path, sha256: digest, size, first }): [string, DeliveredFile] => {
      if (order.untouched.has(path)) return [path, found.owned.get(path) ?? { digest, size }];
      const again = stampAt(join(outDir, path));
      const isOurs = first && again?.text === first.text && versionOf(again) === found.versions.get(path);
      const isSure = isOurs && hasSettled(again, now, margin);
      return [path, { digest, size, ...(isSure ? { stamp: again.text } : {}) }];
    }),
  );
}

const temporaryOf = (outDir: string, path: string, ending: string): string =>
  join(outDir, dirname(path), `.${basename(path)}${ending}`);

/** Removes what was staged, and the folders that were made for it alone. */
async function sweep(outDir: string, paths: Iterable<string>, ending: string): Promise<void> {
  for (const path of paths) {
    try {
      await rm(temporaryOf(outDir, path, ending), { force: true });
      removeEmptyFolders(outDir, dirname(path));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

async function lockIfPossible(record: DeliveryRecord, signal: AbortSignal): Promise<FileLock | undefined> {
  try {
    makeFolder(dirname(record.lockPath));
    return await lock(record.lockPath, signal);
  } catch (error) {
    if (signal.aborted || errorCode(error) === undefined) throw error;
    return undefined;
  }
}

function inTheWay(outDir: string, paths: readonly string[]): Failure {
  return usageFailure('output-in-the-way', 'files that no build has written are in the way of the outputs', {
    where: outDir,
    found: paths.toSorted().slice(0, 5).join(', ') + (paths.length > 5 ? `, and ${paths.length - 5} more` : ''),
    fix: 'move them away, remove them, or choose another outDir',
  });
}
