import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSystemFailure } from '../build/file-system-failure.js';
import { writeFileAtomic } from '../util/atomic-file.js';
import { digestOfFile } from '../util/digest.js';
import type { Failure } from '../util/failure.js';
import { type Json, prettyJson } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';
import { readShardIndex } from '../weights/shard-index.js';
import { copyOne, isWhole, placesOf } from './copies.js';
import { downloadFile } from './download.js';
import { type Asked, offline } from './failures.js';
import { folderName, isCommit, type RemoteFile, type Revision, sourceText } from './remote-file.js';
import { commitOf, filesOf } from './repository.js';
import { type Files, metadataFiles, moduleFiles, WEIGHTS_INDEX, weightFiles } from './select-files.js';
import type { HubSettings } from './settings.js';

/** What td.lock says of a model: then nobody is asked what a revision is, or what it holds. */
export interface Pin {
  readonly commit: string;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly size: number }>>;
}

/** A model of the Hub as planning sees it: all but its weights is on the disk. */
export interface Snapshot {
  readonly revision: Revision;
  /** Holds the metadata under the paths that they have in the repository. */
  readonly folder: string;
  readonly metadata: readonly RemoteFile[];
  readonly weights: readonly RemoteFile[];
  /** Where the weights are an ONNX model: its path in the repository. */
  readonly onnx?: string;
  /** The server was asked what a branch or tag is: the next build may get another answer. */
  readonly moving: boolean;
}

export interface SnapshotOptions {
  readonly repository: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  readonly pin?: Pin;
  /** Names of files at the top that are wanted beside config.json: the tokenizer's. */
  readonly known: readonly string[];
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal;
}

/** Where downloads that are not whole yet are kept. */
export const partialsFolder = (cacheDirectory: string): string => join(cacheDirectory, 'hub', 'partial');

/**
 * Brings the metadata of a model to the disk and says what its weights are. With a pin, or a commit seen before, and
 * the files here, nothing is asked. Failures: those of `failures.ts`, of the index and of missing weights.
 */
export async function openSnapshot(
  settings: HubSettings,
  options: SnapshotOptions,
): Promise<Result<Snapshot, Failure>> {
  const { repository, pin, known, cacheDirectory, signal } = options;
  const home = join(cacheDirectory, 'hub', folderName(repository));
  try {
    const commit = await commitFor(settings, options, home);
    if (!commit.ok) return commit;
    const revision = { repository, commit: commit.value.commit };
    const folder = join(home, revision.commit);
    const files = pin ? ok(pinnedFiles(pin)) : await listedFiles(settings, revision, `${folder}.json`, signal);
    if (!files.ok) return files;

    const bring = (wanted: readonly RemoteFile[]) =>
      bringAll(settings, revision, folder, wanted, cacheDirectory, signal);
    const top = metadataFiles(files.value, known);
    const brought = await bring(top);
    if (!brought.ok) return brought;
    const modules = moduleFiles(files.value, readJson(join(folder, 'modules.json')));
    const inside = await bring(modules);
    if (!inside.ok) return inside;

    const index = top.some(({ path }) => path === WEIGHTS_INDEX)
      ? readShardIndex(join(folder, WEIGHTS_INDEX))
      : undefined;
    if (index && !index.ok) return index;
    const configJson = readJson(join(folder, 'config.json'));
    const weights = weightFiles(
      files.value,
      [...(index?.value.keys() ?? [])],
      { where: sourceText(repository, revision.commit), repository },
      typeof configJson === 'object' ? (configJson as Readonly<Record<string, unknown>>) : {},
    );
    if (!weights.ok) return weights;
    const bySha256 = await namedBySha256(weights.value.files, folder, bring);
    if (!bySha256.ok) return bySha256;
    return ok({
      revision,
      folder,
      metadata: [...top, ...modules],
      weights: bySha256.value,
      ...(weights.value.onnx === undefined ? {} : { onnx: weights.value.onnx }),
      moving: commit.value.moving,
    });
  } catch (error) {
    return fail(fileSystemFailure(error, 'keep the files of a model', home));
  }
}

/** Weights that are not in LFS are small, and are brought to be named as all others are. */
async function namedBySha256(
  weights: readonly RemoteFile[],
  folder: string,
  bring: (files: readonly RemoteFile[]) => Promise<Result<void, Failure>>,
): Promise<Result<readonly RemoteFile[], Failure>> {
  const brought = await bring(weights.filter(({ digest }) => digest.kind === 'git'));
  if (!brought.ok) return brought;
  const named = weights.map(async (file): Promise<RemoteFile> => {
    if (file.digest.kind === 'sha256') return file;
    const { digest } = await digestOfFile(join(folder, ...file.path.split('/')));
    return { ...file, digest: { kind: 'sha256', hex: digest } };
  });
  return ok(await Promise.all(named));
}

/** The commit that is meant: pinned, named, or what the server says; offline, what it said last. */
async function commitFor(
  settings: HubSettings,
  { repository, revision, pin, signal }: SnapshotOptions,
  home: string,
): Promise<Result<{ readonly commit: string; readonly moving: boolean }, Failure>> {
  if (pin) return ok({ commit: pin.commit, moving: false });
  if (isCommit(revision)) return ok({ commit: revision, moving: false });
  const memory = join(home, 'revisions', encodeURIComponent(revision));
  const asked: Asked = { repository, revision };
  if (settings.offline) {
    const commit = readText(memory)?.trim();
    return commit && isCommit(commit)
      ? ok({ commit, moving: true })
      : fail(offline(asked, 'the commit of this revision'));
  }
  const commit = await commitOf(settings, asked, signal);
  if (!commit.ok) return commit;
  if (readText(memory) !== `${commit.value}\n`) await writeFileAtomic(memory, `${commit.value}\n`, { durable: false });
  return ok({ commit: commit.value, moving: true });
}

const pinnedFiles = ({ files }: Pin): Files =>
  new Map(
    Object.entries(files).map(([path, { sha256, size }]) => [
      path,
      { path, size, digest: { kind: 'sha256', hex: sha256 } },
    ]),
  );

/** A commit never changes, so its list is asked for once. */
async function listedFiles(
  settings: HubSettings,
  revision: Revision,
  memory: string,
  signal: AbortSignal | undefined,
): Promise<Result<Files, Failure>> {
  let files = readJson(memory) as readonly RemoteFile[] | undefined;
  if (!files) {
    const listed = await filesOf(settings, revision, signal);
    if (!listed.ok) return listed;
    files = listed.value;
    await writeFileAtomic(memory, prettyJson(files as unknown as Json), { durable: false });
  }
  return ok(new Map(files.map(file => [file.path, file])));
}

async function bringAll(
  settings: HubSettings,
  revision: Revision,
  folder: string,
  files: readonly RemoteFile[],
  cacheDirectory: string,
  signal: AbortSignal | undefined,
): Promise<Result<void, Failure>> {
  for (const file of files) {
    const target = join(folder, ...file.path.split('/'));
    if (await isWhole(target, file)) continue;
    if (await copyOne(placesOf(settings, cacheDirectory, revision, file), file, target)) continue;
    const partials = partialsFolder(cacheDirectory);
    const brought = await downloadFile(settings, { revision, file, partials, target, ...(signal ? { signal } : {}) });
    if (!brought.ok) return brought;
  }
  return ok(undefined);
}

/** undefined when it is absent or torn: what needs it says so, or it is made anew. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
