import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Choice } from '../choice/choice.js';
import type { ResolvedModel } from '../config/resolved.js';
import { sourceText } from '../hub/remote-file.js';
import { type Failure, usageFailure } from '../util/failure.js';
import type { Json } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';

/**
 * td.lock, committed beside the config: what the sources were, and what the precision 'auto' became. `td build --frozen` builds from
 * nothing else.
 */
export interface LockFile {
  readonly version: 1;
  readonly models: Readonly<Record<string, LockedModel>>;
  /** By artefact: 'intents/cpu/auto'. Absent where none was chosen. */
  readonly choices?: Readonly<Record<string, LockedChoice>>;
}

export interface LockedChoice {
  readonly basis: ChoiceBasis;
  readonly choice: Choice;
}

/** What a choice was made for. It holds as long as all of it is the same. */
export interface ChoiceBasis {
  /** sha256 of each file of the source and of the data, by its name there; 'calibration' and 'evaluation' for data. */
  readonly files: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, Json>>;
  readonly tools: Readonly<Record<string, string>>;
}

export interface LockedModel {
  /** As in the config; a folder relative to it. */
  readonly source: string;
  /** Of a model on the Hub: what its revision was. */
  readonly commit?: string;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly size: number }>>;
}

export const lockPath = (root: string): string => join(root, 'td.lock');

/** A model's source as td.lock has it. */
export function lockedSource({ source, name }: ResolvedModel, root: string): string {
  if (source.kind === 'hub') return sourceText(source.repository, source.revision);
  return source.kind === 'folder' ? relative(root, source.path).split(sep).join('/') : name;
}

/** undefined where there is none. Fails with 'lock-malformed'. */
export function readLock(root: string): Result<LockFile | undefined, Failure> {
  const path = lockPath(root);
  if (!existsSync(path)) return ok(undefined);
  try {
    const lock = JSON.parse(readFileSync(path, 'utf8')) as LockFile;
    if (lock.version === 1 && typeof lock.models === 'object' && lock.models !== null) return ok(lock);
  } catch {
    // Told below, like any other content that is not a lock.
  }
  return fail(
    usageFailure('lock-malformed', 'td.lock is not a lock file of this version', {
      where: path,
      fix: 'td lock writes a new one',
    }),
  );
}

export const lockMissing = (root: string): Failure =>
  usageFailure('lock-missing', 'there is no td.lock', { where: lockPath(root), fix: 'td lock writes it' });
