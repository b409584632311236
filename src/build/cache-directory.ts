import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../util/failure.js';
import { makeFolder } from '../util/make-folder.js';
import { fail, ok, type Result } from '../util/result.js';
import { fileSystemFailure, isDiskFull } from './file-system-failure.js';
import { isRunning, type ProcessIdentity, thisProcess } from './process-identity.js';

/** Where things lie in a cache directory. Its files name no place and no user: the folder may be moved or shared. */
export interface CacheLayout {
  readonly root: string;
  /** Bytes by their sha256, read-only files. */
  readonly cas: string;
  /** Action key -> what it gave. */
  readonly ac: string;
  /** Plan key -> action key. */
  readonly deep: string;
  /** Results that differ from the one that is kept: `<action key>/<result digest>.json`. */
  readonly obs: string;
  /** One folder per running process. */
  readonly tmp: string;
  /** Bytes that were not what their name says; kept for a look. */
  readonly quarantine: string;
  readonly locks: string;
  readonly pins: string;
  readonly verified: string;
  readonly stat: string;
}

export function cacheLayout(cacheDirectory: string): CacheLayout {
  const root = join(cacheDirectory, 'v1');
  const at = (name: string) => join(root, name);
  return {
    root,
    cas: at('cas'),
    ac: at('ac'),
    deep: at('deep'),
    obs: at('obs'),
    tmp: at('tmp'),
    quarantine: at('quarantine'),
    locks: at('locks'),
    pins: at('pins'),
    verified: at('verified.v1'),
    stat: at('stat.v1'),
  };
}

export const blobPath = (layout: CacheLayout, digest: string): string => join(layout.cas, digest.slice(0, 2), digest);

export const recordPath = (folder: string, key: string): string => join(folder, key.slice(0, 2), `${key}.json`);

/**
 * The cache directory as one build uses it. Nothing is created before something has to be written. If it then turns
 * out that the directory takes nothing, its contents are still read, and what is new lives in a temporary folder that
 * goes away with the build.
 */
export class CacheDirectory {
  readonly primary: CacheLayout;
  private overlay: CacheLayout | undefined;
  private overlayFolder: string | undefined;
  private session: string | undefined;

  constructor(
    readonly path: string,
    private readonly onDegraded: (reason: string) => void = () => undefined,
  ) {
    this.primary = cacheLayout(path);
  }

  /** Looked through in this order. */
  get readable(): readonly CacheLayout[] {
    return this.overlay ? [this.overlay, this.primary] : [this.primary];
  }

  get writable(): CacheLayout {
    return this.overlay ?? this.primary;
  }

  /** The cache cannot be written: other processes do not see what this one makes. */
  get isDegraded(): boolean {
    return this.overlay !== undefined;
  }

  /** This process's own folder, on the file system of the content store. Made when first asked for. */
  workFolder(): Result<string, Failure> {
    if (this.session !== undefined) return ok(this.session);
    try {
      this.session = this.createSession(this.primary);
    } catch (error) {
      const failure = fileSystemFailure(error, 'write the cache', this.primary.root);
      if (isDiskFull(error)) return fail(failure);
      try {
        this.overlayFolder = mkdtempSync(join(tmpdir(), 'transformer-deploy-'));
        this.overlay = cacheLayout(this.overlayFolder);
        this.session = this.createSession(this.overlay);
      } catch (second) {
        return fail(fileSystemFailure(second, 'write the temporary folder', tmpdir()));
      }
      this.onDegraded(failure.found ?? failure.message);
    }
    return ok(this.session);
  }

  async close(): Promise<void> {
    if (this.session !== undefined) await rm(this.session, { recursive: true, force: true });
    if (this.overlayFolder !== undefined) await rm(this.overlayFolder, { recursive: true, force: true });
    this.session = undefined;
  }

  private createSession(layout: CacheLayout): string {
    for (const folder of [layout.cas, layout.ac, layout.deep, layout.tmp, layout.quarantine, layout.locks]) {
      makeFolder(folder);
    }
    accessSync(layout.cas, constants.W_OK);
    const session = join(layout.tmp, sessionName(thisProcess()));
    mkdirSync(session);
    return session;
  }
}

const sessionName = ({ host, pid, startTime }: ProcessIdentity): string =>
  `${host}-${pid}-${startTime}-${randomBytes(4).toString('hex')}`;

/** Whether the process that owns this folder under `tmp` runs; undefined when it is on another machine. */
export function sessionIsRunning(name: string): boolean | undefined {
  const parts = name.split('-');
  if (parts.length < 4) return undefined;
  const [pid, startTime] = parts.slice(-3) as [string, string];
  const here = thisProcess();
  const host = parts.slice(0, -3).join('-');
  return host === here.host ? isRunning({ ...here, pid: Number(pid), startTime }) : undefined;
}
