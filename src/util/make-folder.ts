import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, where they are missing. For folders that users choose: `mkdirSync` with
 * `recursive` never returns where a file system answers "no such file" to every new name, as /proc does. Throws the
 * operating system's error about the first path that could not be made.
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isFolder(path)) throw error; // else another process was faster
  }
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
