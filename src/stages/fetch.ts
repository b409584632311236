import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage } from '../build/task.js';
import { copyOne, placesOf } from '../hub/copies.js';
import { downloadFile } from '../hub/download.js';
import type { RemoteFile, Revision } from '../hub/remote-file.js';
import { hubSettings } from '../hub/settings.js';
import { partialsFolder } from '../hub/snapshot.js';
import type { Failure } from '../util/failure.js';
import { fail, ok } from '../util/result.js';

/** What the weights are: with this in the key, a known result needs neither network nor weights. */
export interface FetchParams {
  readonly files: readonly RemoteFile[];
}

/** Where they can be had. Any other place with the same bytes would do, so it is in no key. */
export interface FetchHints {
  readonly revision: Revision;
  readonly cacheDirectory: string;
}

/** More connections at a time are not faster, and use up the Hub's patience. */
const AT_A_TIME = 4;

/**
 * params: {files}. hints: {revision, cacheDirectory}. in: metadata, the files of the model that are no weights.
 * out: checkpoint, a model folder. Weights that are in the store or in the cache of huggingface_hub are copied, the
 * others downloaded; each is verified. Failures: those of `downloadFile`.
 */
export const fetchStage: Stage = {
  name: 'fetch',
  async run({ params, hints, in: { metadata }, out: { checkpoint }, signal, progress }) {
    const { files } = params as unknown as FetchParams;
    const { revision, cacheDirectory } = hints as unknown as FetchHints;
    const settings = hubSettings();
    await cp(metadata!, checkpoint!, { recursive: true, dereference: true });

    const total = files.reduce((sum, { size }) => sum + size, 0);
    const have = new Map<RemoteFile, number>();
    const tell = (file: RemoteFile, bytes: number): void => {
      have.set(file, bytes);
      progress({ done: [...have.values()].reduce((sum, each) => sum + each, 0), total, unit: 'bytes' });
    };

    const partials = partialsFolder(cacheDirectory);
    const waiting = files.values();
    let failure: Failure | undefined;
    const bring = async (): Promise<void> => {
      for (const file of waiting) {
        if (failure) return;
        const target = join(checkpoint!, ...file.path.split('/'));
        if (await copyOne(placesOf(settings, cacheDirectory, revision, file), file, target)) {
          tell(file, file.size);
          continue;
        }
        const onBytes = (bytes: number): void => tell(file, bytes);
        const brought = await downloadFile(settings, { revision, file, partials, target, signal, onBytes });
        if (!brought.ok) failure ??= brought.error;
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, bring));
    return failure ? fail(failure) : ok(undefined);
  },
};
