import { constants, createReadStream } from 'node:fs';
import { copyFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { blobPath, cacheLayout } from '../build/cache-directory.js';
import { errorCode } from '../build/file-system-failure.js';
import { makeFolder } from '../util/make-folder.js';
import { folderName, hashFor, type RemoteFile, type Revision } from './remote-file.js';
import type { HubSettings } from './settings.js';

/** Where the bytes of a file may lie already: in our own store, and where huggingface_hub keeps what it downloaded. */
export function placesOf(
  settings: Pick<HubSettings, 'localCache'>,
  cacheDirectory: string,
  { repository, commit }: Revision,
  { path, digest }: RemoteFile,
): readonly string[] {
  return [
    ...(digest.kind === 'sha256' ? [blobPath(cacheLayout(cacheDirectory), digest.hex)] : []),
    join(settings.localCache, folderName(repository), 'snapshots', commit, ...path.split('/')),
  ];
}

/** Copies the first of these files that is what it should be; none is trusted without reading it. */
export async function copyOne(places: readonly string[], file: RemoteFile, target: string): Promise<boolean> {
  for (const place of places) {
    try {
      if ((await stat(place)).size !== file.size) continue;
      makeFolder(dirname(target));
      await copyFile(place, target, constants.COPYFILE_FICLONE);
    } catch (error) {
      // Gone, or not for us to read: it is downloaded. What else is wrong shows there, too.
      if (errorCode(error) === undefined) throw error;
      continue;
    }
    if (await isWhole(target, file)) return true;
    await rm(target, { force: true });
  }
  return false;
}

/** Whether a path holds exactly the file's bytes. */
export async function isWhole(path: string, file: RemoteFile): Promise<boolean> {
  try {
    if ((await stat(path)).size !== file.size) return false;
    const hash = hashFor(file);
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
    return hash.digest('hex') === file.digest.hex;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
