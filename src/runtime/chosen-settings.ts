import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Provider, SessionSettings } from './session.js';

/** The part of choice.json that a session is opened with. */
interface ChosenMix {
  readonly mix: { readonly threads?: number };
}

/** The part of validation.json that says where a model for a GPU was found to run. */
interface Validated {
  readonly placement?: { readonly provider: Provider };
}

/** How the sessions of a delivered folder are opened: what 'auto' chose for it and where it was validated, else ONNX Runtime's own way. */
export function chosenSettings(folder: string): Pick<SessionSettings, 'threads' | 'provider'> {
  const threads = read<ChosenMix>(join(folder, 'choice.json'))?.mix.threads;
  const provider = read<Validated>(join(folder, 'validation.json'))?.placement?.provider;
  return { ...(threads === undefined ? {} : { threads }), ...(provider === undefined ? {} : { provider }) };
}

/** undefined: there is no such file. */
const read = <T>(path: string): T | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
