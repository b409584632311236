import { batchOf, type PaddingSide } from '../runtime/batch.js';
import { filledEncoding, firstTokens } from '../runtime/filled-text.js';
import type { TextSample } from '../runtime/samples.js';
import type { Tensors } from '../runtime/session.js';
import type { Encoding, TextTokenizer } from '../runtime/tokenizer.js';

/** What about its input a case is there to test. */
export type CaseMode =
  | 'unpadded'
  | 'padded-right'
  | 'padded-left'
  | 'single-token'
  | 'maximum-length'
  /** Of decoders: what was compared in one call, read once more in several, each with the cache of the one before. */
  | 'with-cache';

export interface ValidationCase {
  readonly name: string;
  readonly mode: CaseMode;
  /** int64 [batch, sequence] each. */
  readonly feeds: Tensors;
}

export interface CaseSettings {
  /** Names of the model's inputs. */
  readonly inputs: readonly string[];
  /** Longest sequence of the deployment. */
  readonly maximumSequence: number;
  /** Kinds of token types the model knows: pairs of texts are added when there are two. */
  readonly tokenTypes: number;
  /** Tokens, padding included, that all cases together may have. */
  readonly tokenBudget: number;
  /** Texts that are used at most. */
  readonly samples: number;
}

/** Texts of a batch: three lengths make padding of two different amounts. */
const ROWS = 3;
/** Tokens of a short message or a sentence; longer ones are possible, and then fewer groups fit. */
const USUAL_TOKENS = 48;
/** Share of the budget that may go to one row of maximum length. */
const MAXIMUM_LENGTH_SHARE = 0.35;

/** Values of all outputs that a reference may hold: 128 MiB. */
export const MOST_VALUES = 2 ** 25;

/**
 * Tokens that a validation may spend: about 0.3 s on two cores, whatever the model's size, and no more than fit into a reference when there
 * are `valuesPerToken` of them, as with a large vocabulary.
 */
export const tokenBudgetOf = (weightBytes: number, valuesPerToken = 1): number =>
  Math.round(Math.min(6000, MOST_VALUES / valuesPerToken, Math.max(150, 1.6e11 / weightBytes)));

/**
 * Inputs that show what goes wrong in conversions: the same texts alone, padded on the right and padded on the left, a single
 * token, and one row of maximum length if the budget allows. Texts are taken from all over `texts`; there must be one.
 */
export function validationCases(
  tokenizer: TextTokenizer,
  texts: readonly TextSample[],
  settings: CaseSettings,
): ValidationCase[] {
  const pairs = settings.tokenTypes > 1 && settings.inputs.includes('token_type_ids');
  const longest = settings.maximumSequence <= settings.tokenBudget * MAXIMUM_LENGTH_SHARE;
  const budget = settings.tokenBudget - (longest ? settings.maximumSequence : 0);
  // Every text runs three times: alone, padded right, padded left.
  const cap = Math.max(4, Math.min(settings.maximumSequence, Math.floor(budget / (3 * ROWS))));

  const affordable = Math.floor(budget / (3 * ROWS * Math.min(cap, USUAL_TOKENS)));
  const groups = Math.max(1, Math.min(affordable, Math.floor(settings.samples / ROWS)));
  const encodings = spread(texts, groups * ROWS).map((sample, index, chosen) => {
    const next = chosen[(index + 1) % chosen.length]!;
    const pair = sample.textPair ?? (pairs && index % 2 === 1 ? next.text : undefined);
    // Texts that are all cut at the same length would need no padding.
    const maxLength = Math.min(cap, Math.max(4, Math.ceil(cap * (1 - 0.25 * (index % ROWS)))));
    return tokenizer.encode(sample.text, pair, { maxLength });
  });

  const cases: ValidationCase[] = [];
  const add = (mode: CaseMode, rows: readonly Encoding[], side: PaddingSide = 'right'): void => {
    const feeds = batchOf(rows, settings.inputs, { padding: tokenizer.padding, side });
    cases.push({ name: `case${cases.length}`, mode, feeds });
  };
  for (let group = 0; group < groups; group++) {
    const rows = encodings.slice(group * ROWS, (group + 1) * ROWS);
    for (const row of rows) add('unpadded', [row]);
    if (!tokenizer.padding) continue;
    add('padded-right', rows);
    add('padded-left', rows, 'left');
  }
  add('single-token', [firstTokens(encodings[0]!, 1)]);
  if (longest) add('maximum-length', [filledEncoding(tokenizer, texts, settings.maximumSequence)]);
  return cases;
}

/** `count` of `samples` at equal distances; repeated when there are fewer. */
export const spread = <T>(samples: readonly T[], count: number): T[] =>
  Array.from({ length: count }, (_, i) =>
    samples.length >= count ? samples[Math.floor((i * samples.length) / count)]! : samples[i % samples.length]!,
  );
