import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSentencePreparation } from '../runtime/sentence-texts.js';
import { loadTokenizer, type TextTokenizer } from '../runtime/tokenizer.js';
import { type Batching, lengthBuckets, type TokenizerFacts, type WarmupText } from '../triton/repository.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

/** Tokens of a text. */
export type SequenceRange = readonly [min: number, optimum: number, max: number];

/** Its tokens, as often as needed, warm the server up: real ids, not zeros. */
const WARMUP_TEXT = 'The quick brown fox jumps over the lazy dog, and nobody knows why it did so again this morning. ';

interface TokenizerConfigJson {
  readonly padding_side?: 'left' | 'right';
  readonly truncation_side?: 'left' | 'right';
  readonly mask_token?: string | { readonly content: string } | null;
}

interface TokenizerJson {
  readonly model?: { readonly type?: string; readonly continuing_subword_prefix?: string };
}

/** What tokenizer.json and its neighbours say, with texts cut to the longest sequence. Fails without a padding token ('tokenizer-padding'). */
export async function tokenizerFacts(
  folder: string,
  [min, optimum, max]: SequenceRange,
  isGenerator: boolean,
): Promise<Result<{ text: TextTokenizer; facts: TokenizerFacts }, Failure>> {
  const text = await loadTokenizer(folder);
  if (!text.ok) return text;
  const { maxLength: longest } = text.value;
  // A generator masks what is padded: any token will do.
  const padding = text.value.padding ?? (isGenerator ? { tokenId: 0, tokenTypeId: 0 } : undefined);
  if (padding === undefined) {
    return fail(
      usageFailure('tokenizer-padding', 'the tokenizer has no padding token', {
        where: join(folder, 'tokenizer_config.json'),
        expected: 'pad_token',
        fix: 'set tokenizer.pad_token and save the tokenizer again',
      }),
    );
  }
  const maxLength = Math.min(max, longest);
  const config = JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8')) as TokenizerConfigJson;
  const { padding_side: paddingSide = 'right', truncation_side: truncationSide = 'right' } = config;
  const tokenizerJson = await readFile(join(folder, 'tokenizer.json'));
  const { model } = JSON.parse(tokenizerJson.toString('utf8')) as TokenizerJson;
  const maskToken = typeof config.mask_token === 'string' ? config.mask_token : config.mask_token?.content;
  const maskId = maskToken === undefined ? undefined : text.value.vocabulary.get(maskToken);
  const preparation = await readSentencePreparation(folder);
  if (!preparation.ok) return preparation;
  const { prompt, lowerCase } = preparation.value;
  const facts: TokenizerFacts = {
    maxLength,
    buckets: lengthBuckets([Math.min(min, maxLength), Math.min(optimum, maxLength), maxLength]),
    padTokenId: padding.tokenId,
    padTokenTypeId: padding.tokenTypeId,
    paddingSide,
    truncationSide,
    prompt: { text: prompt, length: text.value.encode('').promptLength ?? 0 },
    lowerCase,
    continuation: model?.type === 'WordPiece' ? (model.continuing_subword_prefix ?? '##') : null,
    ...(maskToken !== undefined && maskId !== undefined ? { mask: { token: maskToken, id: maskId } } : {}),
    tokenizerJson,
  };
  return ok({ text: text.value, facts });
}

/** One text of the usual length, and the largest batch of the longest ones, for which the server takes all its memory. */
export function warmupTexts(
  tokenizer: TextTokenizer,
  buckets: readonly number[],
  [, optimum]: SequenceRange,
  { maxBatchSize }: Batching,
): WarmupText[] {
  const longest = buckets.at(-1)!;
  const usual = Math.min(optimum, longest);
  const largestBatch = Math.max(1, maxBatchSize);
  const samples = [{ batchSize: largestBatch, length: longest }];
  if (largestBatch > 1 || usual < longest) samples.unshift({ batchSize: 1, length: usual });
  return samples.map(({ batchSize, length }) => {
    // Every word gives a token at least.
    const encoding = tokenizer.encode(WARMUP_TEXT.repeat(1 + length / 10), undefined, { maxLength: length });
    return { batchSize, inputIds: encoding.inputIds, tokenTypeIds: encoding.tokenTypeIds };
  });
}
