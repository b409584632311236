import type { CalibrationTexts } from '../quantization/calibration/table.js';
import { readTexts } from '../runtime/samples.js';
import { syntheticTexts } from '../runtime/synthetic-texts.js';
import type { Encoding, TextTokenizer } from '../runtime/tokenizer.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { count } from '../util/format.js';
import { fail, ok, type Result } from '../util/result.js';

interface Settings {
  /** Texts given for calibration, and those of the evaluation; either may be missing. */
  readonly calibration?: string | undefined;
  readonly evaluation?: string | undefined;
  readonly samples: number;
  /** Longer texts are cut. */
  readonly maxLength: number;
  readonly seed: number;
}

/** A text, and what should be written of it where the data say so. */
export interface EncodedSample {
  readonly encoding: Encoding;
  readonly target?: string;
}

/** What runs through the model, and what is to be said about it. */
export interface CalibrationInput {
  readonly samples: readonly EncodedSample[];
  readonly texts: CalibrationTexts;
}

/** Words of a synthetic text at most. */
const SYNTHETIC_WORDS = 32;

/**
 * The texts that ranges are measured on: the first `samples` of the calibration's, else of the evaluation's, else words of the
 * model's own vocabulary. Texts without a token of their own say nothing and do not count. Failures: those of `readTexts`,
 * 'calibration-empty'.
 */
export async function calibrationInput(
  tokenizer: TextTokenizer,
  { calibration, evaluation, samples, maxLength, seed }: Settings,
): Promise<Result<CalibrationInput, Failure>> {
  const file = calibration ?? evaluation;
  const read = file
    ? await readTexts(file, samples)
    : ok(syntheticTexts(tokenizer, { count: samples, words: Math.min(SYNTHETIC_WORDS, maxLength), seed }));
  if (!read.ok) return read;
  const encoded = read.value.map(({ text, textPair, target }): EncodedSample => {
    const encoding = tokenizer.encode(text, textPair, { maxLength });
    return target === undefined ? { encoding } : { encoding, target };
  });
  const used = encoded.filter(({ encoding: { inputIds } }) =>
    inputIds.some(id => id !== tokenizer.padding?.tokenId && !tokenizer.specialIds.has(id)),
  );
  const empty = encoded.length - used.length;
  if (used.length === 0) {
    return fail(
      usageFailure('calibration-empty', 'no text has a token to calibrate with', {
        ...(file ? { where: file } : {}),
        expected: 'texts with words of the model’s language',
        found: `${count(empty, 'text')} of padding and special tokens alone`,
        fix: 'give the model calibration.data: texts as it will see them',
      }),
    );
  }
  const source = calibration ? 'calibration' : evaluation ? 'evaluation' : 'synthetic';
  const warning = warningOf(source, samples, used.length);
  return ok({
    samples: used,
    texts: {
      source,
      asked: samples,
      used: used.length,
      empty,
      tokens: used.reduce((sum, { encoding }) => sum + encoding.inputIds.length, 0),
      ...(warning ? { warning } : {}),
    },
  });
}

/** Of models that hear or see: there are no data for them to be given. */
export const noiseTexts = (used: number): CalibrationTexts => ({
  source: 'noise',
  asked: used,
  used,
  empty: 0,
  tokens: 0,
  warning: 'calibrated on noise in place of images or speech: real ones may reach further',
});

function warningOf(
  source: Exclude<CalibrationTexts['source'], 'noise'>,
  asked: number,
  used: number,
): string | undefined {
  switch (source) {
    case 'synthetic':
      return 'calibrated on random words of the vocabulary: real texts may reach further, so give the model calibration.data';
    case 'evaluation':
      return 'calibrated on texts of the evaluation: its metric may be flattered, so give the model calibration.data';
    case 'calibration':
      return used < asked ? `${asked} texts were asked for, and there are only ${used}` : undefined;
  }
}
