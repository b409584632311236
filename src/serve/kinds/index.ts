import type { Kind } from '../model.js';
import { tokenize } from './tokenize.js';

/** The "kind" in td.json -> the work of that model.py. To add one: a file beside this one, and a line here. */
export const KINDS: Readonly<Record<string, Kind>> = {
  tokenize,
};
