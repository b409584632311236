import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

/** What running a model takes from its `config.json`. Names as there; fields that a model type does not have are absent. */
export interface ModelConfig {
  readonly vocab_size?: number;
  readonly type_vocab_size?: number;
  readonly max_position_embeddings?: number;
  /** What GPT-2 and its relatives call it. */
  readonly n_positions?: number;
  /** What Whisper calls those of its decoder. */
  readonly max_target_positions?: number;
  readonly problem_type?: 'single_label_classification' | 'multi_label_classification' | 'regression' | null;
  readonly id2label?: Readonly<Record<string, string>>;
  /** What the model wants before every text. */
  readonly prefix?: string | null;
  /** Prefixes and generation settings by the names of pipelines: 'summarization', 'translation_en_to_de'. */
  readonly task_specific_params?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
}

export async function readModelConfig(folder: string): Promise<Result<ModelConfig, Failure>> {
  const path = join(folder, 'config.json');
  try {
    return ok(JSON.parse(await readFile(path, 'utf8')) as ModelConfig);
  } catch (error) {
    return fail(
      usageFailure('config-unreadable', "the model's config.json cannot be read", {
        where: path,
        found: error instanceof Error ? error.message : String(error),
      }),
    );
  }
}

/** Names of the labels in the order of the logits; LABEL_n where the config names none, as transformers calls them. */
export const labelNames = (config: ModelConfig, labels: number): readonly string[] =>
  Array.from({ length: labels }, (_, label) => config.id2label?.[label] ?? `LABEL_${label}`);

/** Tokens that the decoder of an encoder-decoder has positions for; Infinity where they are relative. n_positions is T5's, which has none. */
export const decoderPositions = (config: ModelConfig): number =>
  config.max_target_positions ?? config.max_position_embeddings ?? Number.POSITIVE_INFINITY;
