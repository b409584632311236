import { readFile } from 'node:fs/promises';
import { readSettings } from '../runtime/generation/settings.js';
import { readWritingTokens } from '../runtime/generation/writing-tokens.js';
import { decoderPositions, type ModelConfig } from '../runtime/model-config.js';
import type { GenerationFacts } from '../triton/repository.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';

/**
 * How a model writes by itself: generation_config.json, and what that does not say from config.json. The server searches no beams: a text
 * is written token by token, as it is streamed. Failures: those of `readSettings` and `readWritingTokens`.
 */
export async function generationFacts(
  task: string,
  configFile: string,
  generationConfigFile: string | undefined,
): Promise<Result<GenerationFacts, Failure>> {
  const config = JSON.parse(await readFile(configFile, 'utf8')) as ModelConfig;
  const given = JSON.parse(await readFile(generationConfigFile ?? configFile, 'utf8')) as Record<string, unknown>;
  const settings = readSettings(
    { ...given, num_beams: 1, num_return_sequences: 1 },
    generationConfigFile ?? configFile,
  );
  if (!settings.ok) return settings;
  const facts = { settings: settings.value, prefix: config.prefix ?? '' };
  if (task === 'text-generation') {
    const positions = config.max_position_embeddings ?? config.n_positions;
    return ok({ ...facts, ...(positions === undefined ? {} : { positions }) });
  }
  const tokens = await readWritingTokens(configFile, generationConfigFile);
  if (!tokens.ok) return tokens;
  const positions = decoderPositions(config);
  return ok({
    ...facts,
    startTokenId: tokens.value.start,
    ...(Number.isFinite(positions) ? { positions } : {}),
  });
}
