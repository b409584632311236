import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionSettings } from './session.js';

/** The part of choice.json that a session is opened with. */
interface ChosenMix {
  readonly mix: { readonly threads?: number };
}

/** How the sessions of a delivered folder are opened: what 'auto' chose for it, else ONNX Runtime's own way. */
export function chosenSettings(folder: string): Pick<SessionSettings, 'threads'> {
  const path = join(folder, 'choice.json');
  if (!existsSync(path)) return {};
  const { threads } = (JSON.parse(readFileSync(path, 'utf8')) as ChosenMix).mix;
  return threads === undefined ? {} : { threads };
}
