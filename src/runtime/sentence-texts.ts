import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import type { TextTokenizer } from './tokenizer.js';

/** How a search model is asked: models trained with two prompts tell a question from what may answer it. */
export type TextPurpose = 'query' | 'document';

/** Names of prompts, as SentenceTransformer.encode_query and encode_document look for them. */
const PROMPT_NAMES: Readonly<Record<TextPurpose, readonly string[]>> = {
  query: ['query'],
  document: ['document', 'passage', 'corpus'],
};

interface SentenceSettings {
  readonly max_seq_length?: number | null;
  readonly do_lower_case?: boolean;
}

interface PromptSettings {
  readonly prompts?: Readonly<Record<string, string>> | null;
  readonly default_prompt_name?: string | null;
}

/** What texts get before them when nobody says what they are for, and whether they become small letters. */
export interface SentencePreparation {
  readonly prompt: string;
  readonly lowerCase: boolean;
}

/** Of a folder without the files of sentence-transformers: nothing, and no. Failures: 'sentence-settings-invalid', 'prompt-unknown'. */
export async function readSentencePreparation(folder: string): Promise<Result<SentencePreparation, Failure>> {
  const settings = await readSentenceSettings(folder);
  if (!settings.ok) return settings;
  const { prompts, name, lowerCase } = settings.value;
  return ok({ prompt: prompts[name ?? ''] ?? '', lowerCase });
}

/**
 * The tokenizer of a sentence-transformers folder: texts get their prompt, small letters and a limit of length as
 * `sentence_bert_config.json` and `config_sentence_transformers.json` say. Without these files it is the tokenizer as it is.
 */
export async function asSentenceTransformer(
  tokenizer: TextTokenizer,
  folder: string,
): Promise<Result<TextTokenizer, Failure>> {
  const settings = await readSentenceSettings(folder);
  if (!settings.ok) return settings;
  const { prompts, name, limit, lowerCase: toLowerCase } = settings.value;
  const maxLength = Math.min(tokenizer.maxLength, limit ?? Number.POSITIVE_INFINITY);
  const inCase = (text: string): string => (toLowerCase ? text.toLowerCase() : text);
  const promptFor = (purpose: TextPurpose | undefined): string => {
    const chosen = purpose && PROMPT_NAMES[purpose].find(candidate => prompts[candidate] !== undefined);
    return prompts[chosen ?? name ?? ''] ?? '';
  };
  /** Tokens before the text, the first special one included. */
  const tokensOf = (prompt: string): number => {
    if (prompt === '') return 0;
    const { inputIds } = tokenizer.encode(inCase(prompt), undefined, { maxLength: Number.POSITIVE_INFINITY });
    return inputIds.length - (tokenizer.specialIds.has(inputIds.at(-1)!) ? 1 : 0);
  };
  return ok({
    ...tokenizer,
    maxLength,
    encode(text, pair, options = {}) {
      const prompt = promptFor(options.purpose);
      const encoding = tokenizer.encode(inCase(prompt + text), pair === undefined ? undefined : inCase(pair), {
        maxLength: options.maxLength ?? maxLength,
      });
      return { ...encoding, promptLength: tokensOf(prompt) };
    },
  });
}

async function readSentenceSettings(folder: string) {
  const settings = await readSettings<SentenceSettings>(join(folder, 'sentence_bert_config.json'));
  if (!settings.ok) return settings;
  const path = join(folder, 'config_sentence_transformers.json');
  const given = await readSettings<PromptSettings>(path);
  if (!given.ok) return given;
  const prompts = given.value.prompts ?? {};
  const name = given.value.default_prompt_name ?? undefined;
  if (name !== undefined && prompts[name] === undefined) {
    return fail(promptUnknown(path, name, Object.keys(prompts)));
  }
  const { max_seq_length: limit, do_lower_case: lowerCase = false } = settings.value;
  return ok({ prompts, name, limit, lowerCase });
}

/** {} when there is no such file. */
async function readSettings<T extends object>(path: string): Promise<Result<Partial<T>, Failure>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return ok({});
  }
  try {
    return ok(JSON.parse(text) as T);
  } catch (error) {
    return fail(
      usageFailure('sentence-settings-invalid', 'settings of the sentence-transformers model are not JSON', {
        where: path,
        found: (error as Error).message,
        fix: 'download the file again',
      }),
    );
  }
}

function promptUnknown(path: string, name: string, known: readonly string[]): Failure {
  const meant = nearest(name, known);
  return usageFailure('prompt-unknown', 'the prompt that texts get is not among the prompts', {
    where: `${path}: default_prompt_name`,
    expected: known.length > 0 ? `one of ${known.join(', ')}` : 'a name in prompts, which has none',
    found: name,
    ...(meant === undefined ? {} : { fix: `did you mean ${meant}?` }),
  });
}
