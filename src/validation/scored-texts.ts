import type { WritingTokens } from '../runtime/generation/writing-tokens.js';
import { readTexts } from '../runtime/samples.js';
import { readTextsWithTargets } from '../runtime/target-samples.js';
import type { Encoding, TextTokenizer } from '../runtime/tokenizer.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { ScoredTexts } from './perplexity.js';

/** Evaluation data of a language model: texts of two tokens and more, since the others have nothing to predict. Longer ones are cut. */
export async function readPredictable(
  file: string,
  tokenizer: TextTokenizer,
  maxLength: number,
): Promise<Result<ScoredTexts, Failure>> {
  const samples = await readTexts(file);
  if (!samples.ok) return samples;
  const texts = samples.value.map(({ text }) => tokenizer.encode(text, undefined, { maxLength }));
  const encodings = texts.filter(text => text.inputIds.length > 1);
  if (encodings.length > 0) return ok({ encodings });
  return fail(
    usageFailure('data-too-short', 'the evaluation data has no text of two tokens', {
      where: file,
      expected: 'texts: perplexity is measured on every token but the first',
      found: `${texts.length} texts of one token or none`,
    }),
  );
}

/** Evaluation data of an encoder-decoder: texts, and what should be written of them. Longer ones are cut. */
export async function readTargets(
  file: string,
  tokenizer: TextTokenizer,
  tokens: WritingTokens,
  { maxLength, positions }: { readonly maxLength: number; readonly positions: number },
): Promise<Result<ScoredTexts, Failure>> {
  const samples = await readTextsWithTargets(file);
  if (!samples.ok) return samples;
  // What is put in front takes two positions at most.
  const targetLength = Math.min(maxLength, positions - 2);
  return ok({
    sources: samples.value.map(({ text }) => tokenizer.encode(text, undefined, { maxLength })),
    encodings: samples.value.map(({ target }) => {
      const { inputIds } = tokenizer.encode(target, undefined, { maxLength: targetLength });
      return wholeText(targetTokens(inputIds, tokenizer.languages, tokens));
    }),
  });
}

/**
 * The tokens of a target as generation writes them. The tokenizer's template is that of sources: its language is left out, and the one that is
 * forced stands in front.
 */
export function targetTokens(
  template: readonly number[],
  languages: ReadonlyMap<string, number>,
  { start, forced }: Pick<WritingTokens, 'start' | 'forced'>,
): readonly number[] {
  const ofLanguages = new Set(languages.values());
  const text = template.filter(id => !ofLanguages.has(id));
  return forced === undefined || text[0] === forced ? [start, ...text] : [start, forced, ...text];
}

const wholeText = (inputIds: readonly number[]): Encoding => ({
  inputIds,
  attentionMask: inputIds.map(() => 1),
  tokenTypeIds: inputIds.map(() => 0),
});
