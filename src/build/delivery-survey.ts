import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { DeliveryOrder } from './delivery-order.js';
import type { DeliveredFile, DeliveryRecord } from './delivery-record.js';
import { type ManifestFile, manifestIsCurrent } from './manifest.js';
import { hasSettled, type Stamp, settlingMilliseconds, stampAt } from './stamp.js';
import type { Stores } from './stores.js';

/** The output folder as it is, compared with what it must hold. */
export interface Survey {
  /** Files that are ours, as far as they are in place. */
  readonly owned: Map<string, DeliveredFile>;
  readonly pending: string | undefined;
  readonly intact: ReadonlyMap<string, DeliveredFile>;
  /** Path -> version of the file that was found intact. */
  readonly versions: Map<string, string>;
  readonly missing: readonly ManifestFile[];
  /** What was found instead of a file of ours. */
  readonly altered: ReadonlyMap<string, string>;
  readonly foreign: readonly string[];
  readonly stale: readonly string[];
  readonly nothingToDo: boolean;
  readonly bytes: number;
}

/** Compares the folder with the order. Files whose stamp is known are not read. */
export async function survey(order: DeliveryOrder, record: DeliveryRecord, stores: Stores): Promise<Survey> {
  const { files: owned, pending } = record.read();
  const wanted = new Set(order.files.map(({ path }) => path));
  const intact = new Map<string, DeliveredFile>();
  const versions = new Map<string, string>();
  const altered = new Map<string, string>();
  const missing: ManifestFile[] = [];
  const foreign: string[] = [];
  let allStampsKnown = true;
  let bytes = 0;
  const stale = [...owned.keys()].filter(path => !wanted.has(path)).sort();
  for (const file of order.files) {
    bytes += file.size;
    if (order.untouched.has(file.path)) continue;
    const { sha256: digest, size } = file;
    const before = owned.get(file.path);
    const found = await look(join(order.outDir, file.path), { digest, size }, before, stores);
    if (found.is === 'intact') {
      intact.set(file.path, { digest, size, ...(found.stamp === undefined ? {} : { stamp: found.stamp }) });
      versions.set(file.path, found.version);
      allStampsKnown &&= before?.stamp !== undefined && before.stamp === found.stamp;
      continue;
    }
    missing.push(file);
    // A folder of files that are ours and go makes room for a file.
    const isOurFolder = stale.some(path => isWithin(path, file.path));
    if (found.is === 'other' && !before && !isOurFolder) foreign.push(file.path);
    else if (before?.digest === digest) altered.set(file.path, found.is === 'other' ? found.actual : 'missing');
  }
  foreign.push(...record.foreignDocuments());
  const isEmpty = order.files.length === 0 && owned.size === 0;
  const isCurrent = missing.length === 0 && stale.length === 0 && pending === undefined && allStampsKnown;
  const nothingToDo = isEmpty || (isCurrent && manifestIsCurrent(order.outDir, order.files));
  return { owned, pending, intact, versions, missing, altered, foreign, stale, nothingToDo, bytes };
}

export type Look =
  | { readonly is: 'absent' }
  /** `stamp`: where it has settled. */
  | { readonly is: 'intact'; readonly version: string; readonly stamp: string | undefined }
  | { readonly is: 'other'; readonly actual: string };

/** What is at a place where a file of ours was or is to be. A known stamp saves reading it. */
export async function look(
  path: string,
  wanted: DeliveredFile,
  before: DeliveredFile | undefined,
  stores: Stores,
): Promise<Look> {
  const stamp = stampAt(path);
  if (!stamp) return exists(path) ? { is: 'other', actual: 'not a regular file' } : { is: 'absent' };
  if (before?.stamp === stamp.text) {
    return before.digest === wanted.digest
      ? { is: 'intact', version: versionOf(stamp), stamp: stamp.text }
      : { is: 'other', actual: before.digest };
  }
  if (stamp.size !== wanted.size) return { is: 'other', actual: `${stamp.size} bytes instead of ${wanted.size}` };
  const now = Date.now();
  const { digest } = await stores.hashes.hash(path, stamp.size);
  if (digest !== wanted.digest) return { is: 'other', actual: digest };
  const isSure = stampAt(path)?.text === stamp.text && hasSettled(stamp, now, settlingMilliseconds(path, stamp));
  return { is: 'intact', version: versionOf(stamp), stamp: isSure ? stamp.text : undefined };
}

/** A stamp without ctime, which renaming and linking change too. */
export const versionOf = (stamp: Stamp | undefined): string => stamp?.text.slice(0, stamp.text.lastIndexOf(':')) ?? '';

/** Whether a path is below a folder. */
export const isWithin = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

const exists = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // something above is no folder: making it will say so
  }
};
