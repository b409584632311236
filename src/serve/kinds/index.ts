import type { Kind } from '../model.js';
import { answers } from './answers.js';
import { entities } from './entities.js';
import { generate } from './generate.js';
import { masks } from './masks.js';
import { tokenize } from './tokenize.js';
import { zeroShot } from './zero-shot.js';

/** The "kind" in td.json -> the work of that model.py. To add one: a file beside this one, and a line here. */
export const KINDS: Readonly<Record<string, Kind>> = {
  tokenize,
  entities,
  answers,
  masks,
  generate,
  'zero-shot': zeroShot,
};
