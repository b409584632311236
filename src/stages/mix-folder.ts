import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mix } from '../choice/mix.js';
import { prettyJson } from '../util/json.js';

const MIX = 'mix.json';
const RANGES = 'calibration.json';

/**
 * What a quantiser needs to make a mix, and nothing else: mix.json, and for int8 the table of ranges. However the mix came about, measured
 * or locked, the bytes are the same, and so is everything that is made of them.
 */
export async function writeMixFolder(folder: string, mix: Mix, calibration: string | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, MIX), prettyJson(mix));
  if (mix.precision === 'int8') await copyFile(calibration!, join(folder, RANGES));
}

export const readMix = (folder: string): Mix => JSON.parse(readFileSync(join(folder, MIX), 'utf8')) as Mix;

/** The table of ranges that lies in the folder of a mix, if it needs one. */
export function rangesBeside(folder: string): string | undefined {
  const path = join(folder, RANGES);
  return existsSync(path) ? path : undefined;
}
