import { readFile } from 'node:fs/promises';
import { type Failure, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';

/** The tokens between which the decoder of an encoder-decoder writes. */
export interface WritingTokens {
  /** decoder_start_token_id; bos_token_id where there is none, as transformers has it. */
  readonly start: number;
  /** forced_bos_token_id: what follows it whatever the model says, for instance a language. */
  readonly forced?: number;
  /** eos_token_id, each of which ends a text. */
  readonly ends: readonly number[];
}

/**
 * Reads them from generation_config.json, and what that does not say from config.json. Failures: 'generation-config-invalid', and
 * 'decoder-start-missing' when neither says what a text begins with.
 */
export async function readWritingTokens(
  config: string,
  generationConfig?: string,
): Promise<Result<WritingTokens, Failure>> {
  const files: Readonly<Record<string, unknown>>[] = [];
  for (const path of generationConfig === undefined ? [config] : [generationConfig, config]) {
    const json = await readObject(path);
    if (!json.ok) return json;
    files.push(json.value);
  }
  const idOf = (name: string): number | undefined =>
    files.map(file => file[name]).find(value => typeof value === 'number');
  const start = idOf('decoder_start_token_id') ?? idOf('bos_token_id');
  if (start === undefined) return fail(startMissing(generationConfig ?? config));
  const forced = idOf('forced_bos_token_id');
  const end = files.map(file => file.eos_token_id).find(value => value !== undefined && value !== null) ?? [];
  return ok({
    start,
    ...(forced === undefined ? {} : { forced }),
    ends: [end].flat().filter(value => typeof value === 'number'),
  });
}

async function readObject(path: string): Promise<Result<Readonly<Record<string, unknown>>, Failure>> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof json === 'object' && json !== null) return ok(json as Readonly<Record<string, unknown>>);
  } catch {
    // Reported below, together with JSON that is not an object.
  }
  return fail(
    usageFailure('generation-config-invalid', 'a configuration of the model is not a JSON object', { where: path }),
  );
}

const startMissing = (where: string): Failure =>
  usageFailure('decoder-start-missing', 'nothing says what the decoder begins to write with', {
    where,
    expected: 'decoder_start_token_id, or bos_token_id',
    found: 'neither, in generation_config.json or config.json',
    fix: 'add "decoder_start_token_id" to config.json, with the value that the model was trained with',
  });
