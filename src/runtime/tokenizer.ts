import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { languagesOf, withSourceLanguage } from './languages.js';
import { withKnownNormalizers } from './normalizers.js';
import { asSentenceTransformer, type TextPurpose } from './sentence-texts.js';
import { type TokenForm, type TokenSpan, tokenSpans } from './token-spans.js';

/** One text, or a pair, as the model reads it. The three lists are equally long. */
export interface Encoding {
  readonly inputIds: readonly number[];
  readonly attentionMask: readonly number[];
  readonly tokenTypeIds: readonly number[];
  /** How many tokens at the beginning are a prompt that was put before the text; none when absent. */
  readonly promptLength?: number;
}

/** What fills the rows of a batch that are shorter than the longest. */
export interface Padding {
  readonly tokenId: number;
  readonly tokenTypeId: number;
}

/** A text, and where each of its tokens lies in it; undefined for tokens that were added. */
export interface LocatedEncoding extends Encoding {
  readonly spans: readonly (TokenSpan | undefined)[];
}

export interface TextTokenizer {
  /** `model_max_length`; Infinity when the tokenizer states none. */
  readonly maxLength: number;
  /** Absent when the tokenizer has no padding token. */
  readonly padding?: Padding;
  /** Every token and its id, special ones included. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Tokens that stand for a language, and their ids; empty for most models. */
  readonly languages: ReadonlyMap<string, number>;
  readonly specialIds: ReadonlySet<number>;
  /**
   * Special tokens are added, and the result is never longer than `maxLength` (the tokenizer's own when absent): of a pair
   * the longer text is cut first, as `truncation=True` does in Python. `purpose` chooses among the prompts of a
   * sentence-transformers model; its default one when absent.
   */
  encode(
    text: string,
    pair?: string,
    options?: { readonly maxLength?: number; readonly purpose?: TextPurpose },
  ): Encoding;
  /** The same of a single text, with the place of each token. */
  locate(text: string, options?: { readonly maxLength?: number }): LocatedEncoding;
  /**
   * Text of token ids; '' of none. `skipSpecial` leaves out special tokens, as `skip_special_tokens=True` does in Python. `cleanUp`:
   * whether spaces before punctuation go, which takes the whole text to decide; what tokenizer_config.json says when absent.
   */
  decode(ids: readonly number[], options?: { readonly skipSpecial?: boolean; readonly cleanUp?: boolean }): string;
}

/** Written by transformers where a tokenizer has no limit: int(1e30). */
const NO_LIMIT = 1e29;

interface TokenizerConfig {
  readonly model_max_length?: number;
  readonly pad_token?: string | { readonly content: string } | null;
  readonly truncation_side?: 'left' | 'right';
  /** Whether decoding removes the spaces before punctuation; absent means no, as in transformers 5. */
  readonly clean_up_tokenization_spaces?: boolean;
}

interface TokenizerJson {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special?: boolean }[];
  readonly padding?: { readonly pad_token?: string; readonly pad_type_id?: number } | null;
  readonly post_processor?: { readonly type: string } | null;
  readonly pre_tokenizer?: unknown;
  readonly model?: { readonly type?: string; readonly continuing_subword_prefix?: string };
}

/**
 * Reads `tokenizer.json` and `tokenizer_config.json`, the files that every fast tokenizer on the Hub has.
 * `embeddings`: rows of the model's embedding table; a token beyond it would make the model fail or read nonsense.
 * `sourceLanguage`: the token of the language that texts are in, where that is not the one in the tokenizer's template.
 */
export async function loadTokenizer(
  folder: string,
  {
    embeddings = Number.POSITIVE_INFINITY,
    sourceLanguage,
  }: { readonly embeddings?: number; readonly sourceLanguage?: string | undefined } = {},
): Promise<Result<TextTokenizer, Failure>> {
  const path = join(folder, 'tokenizer.json');
  const read = await readJsonObject(
    path,
    'save it with transformers: AutoTokenizer.from_pretrained(...).save_pretrained(...)',
  );
  if (!read.ok) return read;
  const json =
    sourceLanguage === undefined ? read : withSourceLanguage<TokenizerJson>(read.value, sourceLanguage, path);
  if (!json.ok) return json;
  const config = await readJsonObject(
    join(folder, 'tokenizer_config.json'),
    'copy it from where tokenizer.json came from; `{}` will do when there is none',
  );
  if (!config.ok) return config;
  const loaded = tokenizerOf(json.value, config.value, path, embeddings);
  return loaded.ok ? asSentenceTransformer(loaded.value, folder) : loaded;
}

/** Reads a tokenizer.json that stands alone, with what its tokenizer_config.json would say. */
export async function loadTokenizerFile(
  path: string,
  config: { readonly model_max_length: number; readonly truncation_side: 'left' | 'right' },
): Promise<Result<TextTokenizer, Failure>> {
  const json = await readJsonObject(path, 'copy it from the checkpoint');
  return json.ok ? tokenizerOf(json.value, config, path, Number.POSITIVE_INFINITY) : json;
}

function tokenizerOf(json: object, config: object, path: string, embeddings: number): Result<TextTokenizer, Failure> {
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(withKnownNormalizers(json), config);
  } catch (error) {
    return fail(
      usageFailure('tokenizer-invalid', 'the tokenizer cannot be built', {
        where: path,
        found: error instanceof Error ? error.message : String(error),
        fix: 'save the tokenizer again with a current transformers',
      }),
    );
  }
  return withVocabulary(tokenizer, json as TokenizerJson, config as TokenizerConfig, path, embeddings);
}

async function readJsonObject(path: string, fix: string): Promise<Result<object, Failure>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return fail(
      usageFailure('tokenizer-missing', 'a tokenizer file is missing', { where: path, found: 'no such file', fix }),
    );
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok(value);
  } catch {
    // Reported below, together with JSON that is not an object.
  }
  return fail(
    usageFailure('tokenizer-invalid', 'a tokenizer file is not a JSON object', {
      where: path,
      expected: 'a JSON object',
      found: text.length === 0 ? 'an empty file' : `${JSON.stringify(text.slice(0, 40))}${text.length > 40 ? '…' : ''}`,
      fix,
    }),
  );
}

function withVocabulary(
  tokenizer: Tokenizer,
  json: TokenizerJson,
  config: TokenizerConfig,
  path: string,
  embeddings: number,
): Result<TextTokenizer, Failure> {
  const vocabulary = tokenizer.get_vocab();
  const outside = [...vocabulary].filter(([, id]) => id >= embeddings);
  if (outside.length > 0) {
    const [token, id] = outside[0]!;
    return fail(
      usageFailure('tokenizer-too-large', 'the tokenizer knows tokens that the model does not', {
        where: path,
        expected: `ids below ${embeddings} (vocab_size in config.json)`,
        found: `${outside.length === 1 ? '1 token' : `${outside.length} tokens`} beyond, the first is '${token}' with id ${id}`,
        fix: 'use the tokenizer that the model was trained with, or resize the embeddings',
      }),
    );
  }
  const { model, post_processor: postProcessor } = tokenizer;
  const unknownId = model?.unk_token_id;
  const idOf = (token: string): number => {
    const id = tokenizer.token_to_id(token) ?? unknownId;
    if (id === undefined) throw new Error(`the tokenizer has neither an id for '${token}' nor an unknown token`);
    return id;
  };
  // The library leaves truncation to its callers, so special tokens are added here, after it.
  const split = (text: string): string[] => tokenizer.tokenize(text, { add_special_tokens: false });
  // ByteLevel only moves offsets; the library would lose the second text there.
  const addsTokens = postProcessor && json.post_processor?.type !== 'ByteLevel';
  const finish = (first: string[], second?: string[]) => {
    if (addsTokens) return postProcessor.post_process(first, second ?? null, true);
    const types = [...first.map(() => 0), ...(second ?? []).map(() => 1)];
    return { tokens: [...first, ...(second ?? [])], token_type_ids: types };
  };
  // RoBERTa's has one type for both texts of a pair; the library counts them apart.
  const oneType = json.post_processor?.type === 'RobertaProcessing';
  const specials = { single: finish([]).tokens.length, pair: finish([], []).tokens.length };
  /** Special tokens before a text. */
  const before = Math.max(0, finish([TEXT]).tokens.indexOf(TEXT));
  const form = formOf(tokenizer, json);
  const stated = config.model_max_length ?? NO_LIMIT;
  const maxLength = stated < NO_LIMIT ? stated : Number.POSITIVE_INFINITY;

  const padToken = typeof config.pad_token === 'string' ? config.pad_token : config.pad_token?.content;
  const padName = padToken ?? json.padding?.pad_token;
  const padId = padName === undefined ? undefined : tokenizer.token_to_id(padName);

  const specialIds = new Set((json.added_tokens ?? []).filter(token => token.special).map(token => token.id));

  return ok({
    maxLength,
    ...(padId === undefined ? {} : { padding: { tokenId: padId, tokenTypeId: json.padding?.pad_type_id ?? 0 } }),
    vocabulary,
    languages: languagesOf(json),
    specialIds,
    encode(text, pair, options = {}) {
      const limit = options.maxLength ?? maxLength;
      const first = split(text);
      const second = pair === undefined ? undefined : split(pair);
      const room = Math.max(0, limit - (second ? specials.pair : specials.single));
      const [firstLength, secondLength] = longestFirst(first.length, second?.length ?? 0, room);
      const { tokens, token_type_ids: types } = finish(
        cut(first, firstLength, config.truncation_side),
        second && cut(second, secondLength, config.truncation_side),
      );
      return {
        inputIds: tokens.map(idOf),
        attentionMask: tokens.map(() => 1),
        tokenTypeIds: oneType || types === undefined ? tokens.map(() => 0) : types,
      };
    },
    locate(text, options = {}) {
      const all = split(text);
      const room = Math.max(0, (options.maxLength ?? maxLength) - specials.single);
      const spans = cut(tokenSpans(text, all, form), Math.min(all.length, room), config.truncation_side);
      const encoding = this.encode(text, undefined, options);
      return { ...encoding, spans: encoding.inputIds.map((_, position) => spans[position - before]) };
    },
    decode(ids, { skipSpecial = false, cleanUp = config.clean_up_tokenization_spaces ?? false } = {}) {
      const shown = skipSpecial ? ids.filter(id => !specialIds.has(id)) : [...ids];
      // The library wants at least one token.
      return shown.length === 0 ? '' : tokenizer.decode(shown, { clean_up_tokenization_spaces: cleanUp });
    },
  });
}

/** Stands for a token where only its place matters. */
const TEXT = '\u0000';

function formOf({ normalizer, model }: Tokenizer, json: TokenizerJson): TokenForm {
  const isBytes = JSON.stringify(json.pre_tokenizer ?? null).includes('"ByteLevel"');
  return {
    kind: json.model?.type === 'WordPiece' ? 'word-pieces' : isBytes ? 'bytes' : 'pieces',
    continuation: json.model?.continuing_subword_prefix ?? '##',
    unknownToken: model?.unk_token,
    normalize: text => normalizer?.normalize(text) ?? text,
  };
}

/** How many tokens of each text stay so that both fit into `room`: the longer one is cut first. */
function longestFirst(first: number, second: number, room: number): [first: number, second: number] {
  if (first + second <= room) return [first, second];
  const half = Math.floor(room / 2);
  if (Math.min(first, second) <= half) {
    return first <= second ? [first, room - first] : [room - second, second];
  }
  return first <= second ? [half, room - half] : [room - half, half];
}

const cut = <T>(tokens: T[], length: number, side: 'left' | 'right' = 'right'): T[] =>
  side === 'left' ? tokens.slice(tokens.length - length) : tokens.slice(0, length);
