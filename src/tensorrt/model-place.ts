import { copyFileSync, linkSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Reach } from './reach.js';

/** Where a network lies in the folder of a run. */
export const MODEL_FOLDER = 'model';

/**
 * Puts the files of a folder where a run sees them. A container or another machine sees that folder alone, and a link to elsewhere
 * would lead nowhere: they get hard links where the file system allows, else copies.
 */
export function placeFiles(reach: Reach, from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) placeFile(reach, join(from, name), join(to, name));
}

export function placeFile(reach: Reach, from: string, to: string): void {
  const source = realpathSync(from);
  if (reach.kind === 'program') {
    symlinkSync(source, to);
    return;
  }
  try {
    linkSync(source, to);
  } catch {
    // Another file system, or one without hard links.
    copyFileSync(source, to);
  }
}
