import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, usageFailure } from '../../util/failure.js';
import { nearest } from '../../util/nearest.js';
import { fail, ok, type Result } from '../../util/result.js';
import { batchOf } from '../batch.js';
import { chosenSettings } from '../chosen-settings.js';
import { languageId } from '../languages.js';
import { decoderPositions, type ModelConfig, readModelConfig } from '../model-config.js';
import { openModel } from '../open-model.js';
import { type Encoding, loadTokenizer } from '../tokenizer.js';
import { generatedTexts, type TextGenerator } from './generated-texts.js';
import { folderSettings, type GenerationSettings, readSettings } from './settings.js';
import { textToTextDecoder } from './text-to-text.js';
import { readWritingTokens } from './writing-tokens.js';

/** What transformers' pipelines are told of the texts. */
export interface TextToTextOptions {
  /** An entry of config.json's task_specific_params, 'summarization' for instance: its prefix and its settings. */
  readonly taskParams?: string | undefined;
  /** Put before each text; that of `taskParams`, or of config.json, when absent. */
  readonly prefix?: string | undefined;
  /** Tokens of languages, such as mBART's 'de_DE': what the texts are in, and what is to be written. */
  readonly sourceLanguage?: string | undefined;
  readonly targetLanguage?: string | undefined;
}

/**
 * Opens an artefact folder of an encoder-decoder: config.json, generation_config.json, tokenizer files, onnx/encoder_model.onnx and
 * onnx/decoder_model_merged.onnx. A prompt is the text that something is written of.
 */
export async function openTextToTextGenerator(
  folder: string,
  { taskParams, prefix, sourceLanguage, targetLanguage }: TextToTextOptions = {},
): Promise<Result<TextGenerator, Failure>> {
  const config = await readModelConfig(folder);
  if (!config.ok) return config;
  const own = await settingsFor(folder, config.value, taskParams);
  if (!own.ok) return own;
  const { vocab_size: embeddings } = config.value;
  const loaded = await loadTokenizer(folder, {
    ...(embeddings === undefined ? {} : { embeddings }),
    sourceLanguage,
  });
  if (!loaded.ok) return loaded;
  const tokenizer = loaded.value;
  const target =
    targetLanguage === undefined
      ? undefined
      : languageId(tokenizer.languages, targetLanguage, join(folder, 'tokenizer.json'));
  if (target && !target.ok) return target;
  const generationConfig = join(folder, 'generation_config.json');
  const tokens = await readWritingTokens(
    join(folder, 'config.json'),
    existsSync(generationConfig) ? generationConfig : undefined,
  );
  if (!tokens.ok) return tokens;
  const model = await openModel(join(folder, 'onnx'), chosenSettings(folder));
  if (!model.ok) return model;
  const { whole, parts } = model.value;
  if (!parts) {
    await whole.release();
    return fail(notTwoFiles(join(folder, 'onnx')));
  }

  const before = prefix ?? own.value.prefix;
  const positions = decoderPositions(config.value);
  return ok({
    settings: target ? { ...own.value.settings, forced_bos_token_id: target.value } : own.value.settings,
    async generate(prompts, settings, options = {}) {
      if (prompts.length === 0) return ok([]);
      const encodings = prompts.map(text =>
        tokenizer.encode(before + text, undefined, { maxLength: Number.POSITIVE_INFINITY }),
      );
      const problem = wrongLength(encodings, positions);
      if (problem) return fail(problem);
      // Padding is masked: without a token for it, any will do.
      const padding = tokenizer.padding ?? { tokenId: 0, tokenTypeId: 0 };
      const inputs = batchOf(encodings, ['input_ids', 'attention_mask'], { padding });
      const decoder = await textToTextDecoder(parts, inputs);
      if (!decoder.ok) return decoder;
      const beginnings = prompts.map(() => [tokens.value.start]);
      return generatedTexts(decoder.value, beginnings, tokenizer, settings, { ...options, positions });
    },
    release: () => whole.release(),
  });
}

/** The settings of the folder, and over them those of a task, as transformers' pipelines take them. */
async function settingsFor(
  folder: string,
  { prefix, task_specific_params }: ModelConfig,
  task: string | undefined,
): Promise<Result<{ readonly settings: GenerationSettings; readonly prefix: string }, Failure>> {
  const settings = await folderSettings(folder);
  if (!settings.ok) return settings;
  if (task === undefined) return ok({ settings: settings.value, prefix: prefix ?? '' });
  const all = task_specific_params ?? {};
  const where = `${join(folder, 'config.json')}: task_specific_params`;
  const params = Object.hasOwn(all, task) ? all[task]! : undefined;
  if (!params) {
    const meant = nearest(task, Object.keys(all));
    return fail(
      usageFailure('task-params-unknown', `the model has no parameters for '${task}'`, {
        where,
        expected: Object.keys(all).length > 0 ? `one of ${Object.keys(all).join(', ')}` : 'no name: the model has none',
        found: task,
        ...(meant === undefined ? {} : { fix: `did you mean '${meant}'?` }),
      }),
    );
  }
  const over = readSettings(params, `${where}.${task}`, settings.value);
  if (!over.ok) return over;
  return ok({ settings: over.value, prefix: typeof params.prefix === 'string' ? params.prefix : (prefix ?? '') });
}

/** A text that is too long is an error: what is cut would be missing from what is written. */
function wrongLength(encodings: readonly Encoding[], positions: number): Failure | undefined {
  const index = encodings.findIndex(({ inputIds }) => inputIds.length > positions || inputIds.length === 0);
  if (index < 0) return undefined;
  const { length } = encodings[index]!.inputIds;
  const where = `text ${index + 1}`;
  if (length === 0)
    return usageFailure('prompt-empty', 'the text has no tokens', { where, fix: 'give a text that is not empty' });
  return usageFailure('prompt-too-long', 'the text is longer than the model can read', {
    where,
    expected: `${positions} tokens at most, for which the model has positions`,
    found: `${length} tokens`,
    fix: 'shorten the text, or give its parts one by one',
  });
}

const notTwoFiles = (where: string): Failure =>
  usageFailure('not-an-encoder-decoder', 'the model does not write texts of texts', {
    where,
    expected: 'encoder_model.onnx and decoder_model_merged.onnx',
    found: 'model.onnx',
  });
