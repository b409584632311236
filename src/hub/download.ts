import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, type FileHandle, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lock } from '../build/file-lock.js';
import { errorCode, fileSystemFailure } from '../build/file-system-failure.js';
import { environmentFailure, type Failure, interrupted } from '../util/failure.js';
import { formatBytes } from '../util/format.js';
import { makeFolder } from '../util/make-folder.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Asked, cutShort, malformedAnswer, offline, wrongBytes } from './failures.js';
import { hashFor, type RemoteFile, type Revision } from './remote-file.js';
import { type Answer, type Attempt, ask, withRetries } from './request.js';
import type { HubSettings } from './settings.js';

export interface Download {
  readonly revision: Revision;
  readonly file: RemoteFile;
  /** Keeps what has come of files that are not whole yet, by their digests. */
  readonly partials: string;
  /** Where the file goes; replaced if it is there. */
  readonly target: string;
  readonly signal?: AbortSignal;
  /** Bytes of the file that are here. Falls when the download has to start anew. */
  onBytes?(have: number): void;
}

/**
 * Brings one file, whole and verified, or leaves `target` alone. A download that broke off goes on where it ended, in
 * this process or a later one. Failures: those of `failures.ts`, 'disk-full', 'not-writable'.
 */
export async function downloadFile(settings: HubSettings, download: Download): Promise<Result<void, Failure>> {
  const { revision, file, partials, target, signal } = download;
  const asked = { repository: revision.repository, revision: revision.commit, path: file.path };
  if (settings.offline) return fail(offline(asked, 'a file of the model'));
  const partial = join(partials, `${file.digest.hex}.partial`);
  try {
    makeFolder(partials);
    makeFolder(dirname(target));
    const held = await lock(`${partial}.lock`, signal);
    try {
      const space = await enoughSpace(partials, file, await sizeOf(partial));
      if (!space.ok) return space;
      const whole = await withRetries(settings, () => bringOn(settings, download, asked, partial), signal);
      if (whole.ok) await move(partial, target);
      return whole;
    } finally {
      held.release();
    }
  } catch (error) {
    if (signal?.aborted) return fail(interrupted());
    return fail(fileSystemFailure(error, 'keep a downloaded file', partials));
  }
}

/** One attempt: the partial file is longer afterwards, or whole. */
async function bringOn(
  settings: HubSettings,
  { revision, file, signal, onBytes }: Download,
  asked: Asked,
  partial: string,
): Promise<Attempt<void>> {
  const before = await sizeOf(partial);
  const output = await open(partial, before > file.size ? 'w' : 'a');
  try {
    const kept = before > file.size ? 0 : before;
    const state = { have: kept, hash: await hashOfStart(file, partial, kept) };
    if (state.have < file.size) {
      const url = `${settings.endpoint}/${revision.repository}/resolve/${revision.commit}/${encodePath(file.path)}`;
      const headers = { 'accept-encoding': 'identity', ...(kept > 0 ? { range: `bytes=${kept}-` } : {}) };
      const attempt = await ask(settings, url, asked, { headers, ...(signal ? { signal } : {}) });
      if (attempt.status !== 'done') return attempt;
      const start = startOf(attempt.value.response);
      if (start === 0 && kept > 0) {
        await output.truncate(0);
        Object.assign(state, { have: 0, hash: hashFor(file) });
      } else if (start !== kept) {
        attempt.value.end();
        await attempt.value.response.body?.cancel();
        await output.truncate(0);
        return {
          status: 'again',
          failure: malformedAnswer(asked, `bytes from ${start ?? 'nowhere'}, not from ${kept}`),
        };
      }
      const ended = await append(attempt.value, output, state, file, onBytes);
      if (state.have < file.size) {
        const failure = ended ?? cutShort(asked, file.size, state.have);
        return { status: 'again', failure, progressed: state.have > kept };
      }
    }
    onBytes?.(state.have);
    const found = state.hash.digest('hex');
    if (state.have === file.size && found === file.digest.hex) return { status: 'done', value: undefined };
    await output.truncate(0);
    const failure =
      state.have === file.size
        ? wrongBytes(asked, `${digestName(file)} ${file.digest.hex}`, found)
        : wrongBytes(asked, `${file.size} bytes`, 'more');
    // What an earlier attempt left may be what is wrong; bytes that came in one go are the server's.
    return kept > 0 ? { status: 'again', failure } : { status: 'failed', failure };
  } finally {
    await output.close();
  }
}

const digestName = ({ digest: { kind } }: RemoteFile): string => (kind === 'sha256' ? 'sha256' : 'git blob');

/** Writes the body to the end of the file. Gives the failure of the connection; stops at the first byte too many. */
async function append(
  { response, alive, end, broken }: Answer,
  output: FileHandle,
  state: { have: number; readonly hash: Hash },
  { size }: RemoteFile,
  onBytes: Download['onBytes'],
): Promise<Failure | undefined> {
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const piece = await reader?.read().catch((error: unknown) => ({ broken: broken(error) }));
      if (piece && 'broken' in piece) return piece.broken;
      if (!piece || piece.done) return undefined;
      alive();
      await output.write(piece.value);
      state.hash.update(piece.value);
      state.have += piece.value.length;
      if (state.have > size) {
        await reader!.cancel();
        return undefined;
      }
      onBytes?.(state.have);
    }
  } finally {
    end();
  }
}

/** The first byte that the answer holds; undefined when it is none of the file's. */
function startOf({ status, headers }: Response): number | undefined {
  if (status === 200) return 0;
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  return status === 206 && start !== undefined ? Number(start) : undefined;
}

async function hashOfStart(file: RemoteFile, partial: string, length: number): Promise<Hash> {
  const hash = hashFor(file);
  if (length === 0) return hash;
  for await (const chunk of createReadStream(partial, { end: length - 1, highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Told before the hour that the download takes, not after it. */
async function enoughSpace(folder: string, { size }: RemoteFile, have: number): Promise<Result<void, Failure>> {
  const { bavail, bsize } = await statfs(folder);
  const [free, needed] = [bavail * bsize, size - have];
  if (needed <= free) return ok(undefined);
  return fail(
    environmentFailure('disk-full', 'no space left for a download', {
      where: folder,
      expected: `${formatBytes(needed)} free`,
      found: formatBytes(free),
      fix: 'free some space there, or set cache.directory',
    }),
  );
}

/** Renamed where both are on one file system. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    await copyFile(from, to);
    await rm(from);
  }
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
