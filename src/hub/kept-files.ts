import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isLocked } from '../build/file-lock.js';
import { isMissing } from '../build/file-system-failure.js';
import { partialsFolder } from './snapshot.js';

/** What lies in the cache beside the results of builds, because the Hub was asked. */
export interface HubFiles {
  /** Configurations, tokenizers, lists of files: without them the Hub would be asked again. Never the weights. */
  readonly metadataBytes: number;
  /** Downloads that broke off and would go on where they ended. */
  readonly partialBytes: number;
}

export function hubFiles(cacheDirectory: string): HubFiles {
  const partials = partialsFolder(cacheDirectory);
  const partialBytes = bytesBelow(partials);
  return { metadataBytes: bytesBelow(join(cacheDirectory, 'hub')) - partialBytes, partialBytes };
}

/**
 * Removes downloads that broke off and that nobody goes on with.
 * @param maxAgeMilliseconds those that were written to since then stay
 * @returns the bytes that went, or would go
 */
export function removePartials(
  cacheDirectory: string,
  { maxAgeMilliseconds, dryRun }: { readonly maxAgeMilliseconds: number; readonly dryRun: boolean },
): number {
  const folder = partialsFolder(cacheDirectory);
  let bytes = 0;
  for (const path of filesBelow(folder)) {
    const stat = statSync(path, { throwIfNoEntry: false });
    const isOld = stat !== undefined && Date.now() - stat.mtimeMs > maxAgeMilliseconds;
    if (!path.endsWith('.partial') || !isOld || isLocked(`${path}.lock`)) continue;
    bytes += stat.size;
    if (!dryRun) rmSync(path, { force: true });
  }
  return bytes;
}

const bytesBelow = (folder: string): number =>
  filesBelow(folder).reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);

function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
