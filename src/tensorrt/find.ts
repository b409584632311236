import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { environmentFailure, type Failure } from '../util/failure.js';
import { fail, mapped, ok, type Result } from '../util/result.js';
import type { Reach } from './reach.js';

/** How a target says where its engines are built; at most one of these. */
export interface Place {
  readonly trtexec?: string;
  readonly image?: string;
  readonly command?: readonly string[];
}

/** Folders in which NVIDIA's packages and archives are commonly installed; '*' is any version. */
const INSTALL_FOLDERS = [
  '/usr/src/tensorrt/bin',
  '/opt/tensorrt/bin',
  '/usr/local/tensorrt/bin',
  '/opt/TensorRT*/bin',
  '/usr/local/TensorRT*/bin',
  '~/TensorRT*/bin',
];

/**
 * How trtexec of a place is reached: the path, command or image that the target names; else PATH, then the usual install folders.
 * Failures: 'trtexec-missing', 'container-engine-missing'.
 */
export function findTrtexec(place: Place, environment: NodeJS.ProcessEnv = process.env): Result<Reach, Failure> {
  if (place.command) return ok({ kind: 'command', words: place.command });
  if (place.image) {
    const { image } = place;
    return mapped(findContainerEngine(environment), engine => ({ kind: 'image', image, ...engine }));
  }
  const folders = [...pathFolders(environment), ...installFolders(environment)];
  const found = place.trtexec ? executable(place.trtexec) : firstExecutable('trtexec', folders);
  if (found) {
    const smi = firstExecutable('nvidia-smi', pathFolders(environment));
    return ok({ kind: 'program', trtexec: found, ...(smi ? { smi } : {}) });
  }
  return fail(
    environmentFailure('trtexec-missing', 'trtexec is not installed here', {
      expected: place.trtexec ?? ['PATH', ...INSTALL_FOLDERS].join(', '),
      found: place.trtexec ? 'no such program' : 'none there',
      fix: "install TensorRT, or set the target's image, or its command for another machine",
    }),
  );
}

/** This machine itself, whether or not TensorRT is installed. */
export function programsHere(environment: NodeJS.ProcessEnv = process.env): Reach {
  const smi = firstExecutable('nvidia-smi', pathFolders(environment));
  return { kind: 'program', trtexec: 'trtexec', ...(smi ? { smi } : {}) };
}

export interface ContainerEngine {
  /** Its path. */
  readonly engine: string;
  readonly isPodman: boolean;
}

/** Docker, else Podman. Failure: 'container-engine-missing'. */
export function findContainerEngine(environment: NodeJS.ProcessEnv = process.env): Result<ContainerEngine, Failure> {
  for (const name of ['docker', 'podman']) {
    const engine = firstExecutable(name, pathFolders(environment));
    if (engine) return ok({ engine, isPodman: basename(engine) === 'podman' });
  }
  return fail(
    environmentFailure('container-engine-missing', 'nothing here runs container images', {
      expected: 'docker or podman on PATH',
      found: 'neither',
      fix: "install one, or give the target's trtexec or command instead of an image",
    }),
  );
}

const pathFolders = (environment: NodeJS.ProcessEnv): string[] =>
  (environment.PATH ?? '').split(delimiter).filter(folder => folder !== '');

function installFolders({ TENSORRT_HOME, TRT_HOME }: NodeJS.ProcessEnv): string[] {
  const told = [TENSORRT_HOME, TRT_HOME].flatMap(home => (home ? [join(home, 'bin')] : []));
  return [...told, ...INSTALL_FOLDERS.flatMap(expanded)];
}

/** A folder with '*' in it -> the folders there are, the newest version first. */
function expanded(folder: string): string[] {
  const [before, after] = folder.replace(/^~/, homedir()).split('*') as [string, string?];
  if (after === undefined) return [before];
  const parent = before.slice(0, before.lastIndexOf('/'));
  const prefix = basename(before);
  const versions = (name: string): number[] => (name.match(/\d+/g) ?? []).map(Number);
  const newerFirst = (a: string, b: string): number => {
    const [left, right] = [versions(a), versions(b)];
    const at = left.findIndex((number, index) => number !== right[index]);
    return at < 0 ? 0 : (right[at] ?? 0) - left[at]!;
  };
  return namesIn(parent)
    .filter(name => name.startsWith(prefix))
    .sort(newerFirst)
    .map(name => join(parent, name, after));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

const firstExecutable = (name: string, folders: readonly string[]): string | undefined =>
  folders.map(folder => executable(join(folder, name))).find(path => path !== undefined);

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
