import { join } from 'node:path';
import type { Failure } from '../../util/failure.js';
import { ok, type Result } from '../../util/result.js';
import { chosenSettings } from '../chosen-settings.js';
import { readModelConfig } from '../model-config.js';
import { openSession } from '../session.js';
import { loadTokenizer } from '../tokenizer.js';
import { generatedTexts, type TextGenerator } from './generated-texts.js';
import { sessionDecoder } from './session-decoder.js';
import { folderSettings } from './settings.js';

/**
 * Opens an artefact folder: config.json, generation_config.json, tokenizer files, onnx/model.onnx. Chat templates are not applied: a prompt is
 * read as it stands.
 */
export async function openTextGenerator(folder: string): Promise<Result<TextGenerator, Failure>> {
  const config = await readModelConfig(folder);
  if (!config.ok) return config;
  const settings = await folderSettings(folder);
  if (!settings.ok) return settings;
  const { vocab_size: embeddings, max_position_embeddings, n_positions } = config.value;
  const loaded = await loadTokenizer(folder, embeddings === undefined ? {} : { embeddings });
  if (!loaded.ok) return loaded;
  const tokenizer = loaded.value;
  const session = await openSession(join(folder, 'onnx'), 'model.onnx', chosenSettings(folder));
  if (!session.ok) return session;
  const decoder = sessionDecoder(session.value, join(folder, 'onnx/model.onnx'));
  if (!decoder.ok) {
    await session.value.release();
    return decoder;
  }

  return ok({
    settings: settings.value,
    generate(prompts, settings, options = {}) {
      // A prompt that is too long is an error: a silent cut would lose its end, which is what the text continues.
      const encoded = prompts.map(
        prompt => tokenizer.encode(prompt, undefined, { maxLength: Number.POSITIVE_INFINITY }).inputIds,
      );
      const positions = max_position_embeddings ?? n_positions;
      return generatedTexts(decoder.value, encoded, tokenizer, settings, { ...options, positions });
    },
    release: () => session.value.release(),
  });
}
