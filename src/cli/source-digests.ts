import { join } from 'node:path';
import type { Stores } from '../build/stores.js';
import type { Source } from '../build/task.js';
import type { ModelFolder } from '../plan/model-folder.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { LockedModel } from './pins.js';

/** Every file of a model's source with its sha256, by name. What is not here yet, weights of the Hub, is what the Hub says of it. */
export async function sourceDigests(
  folder: ModelFolder,
  digests: Stores['files'],
): Promise<Result<LockedModel['files'], Failure>> {
  const paths = { ...sourceFiles(folder), ...filesOf(folder.tokenizer) };
  await digests.read(Object.values(paths));
  const files: Record<string, { sha256: string; size: number }> = {};
  for (const [name, path] of Object.entries(paths)) {
    const file = digests.get(path);
    if (!file.ok) return file;
    files[name] = { sha256: file.value.digest, size: file.value.size };
  }
  for (const { path, size, digest } of folder.hub?.weights ?? []) files[path] = { sha256: digest.hex, size };
  return ok(Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** What is on the disk of a model's source, by the names that it has there. */
const sourceFiles = ({ hub, checkpoint }: ModelFolder): Readonly<Record<string, string>> =>
  hub ? Object.fromEntries(hub.metadata.map(({ path }) => [path, join(hub.folder, path)])) : filesOf(checkpoint);

const filesOf = (source: Source): Readonly<Record<string, string>> => (source.from === 'files' ? source.files : {});
