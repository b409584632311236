import { DECODER_INPUT } from '../runtime/open-model.js';
import type { Tensors, TensorValue } from '../runtime/session.js';
import { seededRandom } from '../util/random.js';
import { MOST_VALUES, type ValidationCase } from './cases.js';

/** Tokens that the decoder reads of each text: enough for a cache to be used many times. */
const TOKENS = 24;

/**
 * The cases of an encoder with something for the decoder to read: the tokens that its texts begin with, and then the text itself, from its
 * beginning again where it is shorter; for speech, any tokens. Each row has as many, so that nothing of it is padding, alone and in every batch the same.
 */
export function withDecoderInputs(
  cases: readonly ValidationCase[],
  settings: {
    /** decoder_start_token_id, and what is forced after it. */
    readonly beginning: readonly number[];
    /** Tokens that the decoder knows: texts may be in another vocabulary. */
    readonly vocabulary: number;
    /** Tokens that the decoder has positions for. */
    readonly positions: number;
  },
): ValidationCase[] {
  const { beginning, vocabulary, positions } = settings;
  const rows = cases.reduce((sum, { feeds }) => sum + rowsOf(feeds), 0);
  const affordable = Math.floor(MOST_VALUES / vocabulary / rows);
  const length = Math.max(beginning.length + 1, Math.min(TOKENS, positions, affordable));
  return cases.map(each => ({
    ...each,
    feeds: { ...each.feeds, [DECODER_INPUT]: decoderInput(each.feeds, { beginning, vocabulary, length }) },
  }));
}

const rowsOf = (feeds: Tensors): number => Object.values(feeds)[0]!.shape[0]!;

function decoderInput(
  feeds: Tensors,
  { beginning, vocabulary, length }: { beginning: readonly number[]; vocabulary: number; length: number },
): TensorValue {
  const rows = Array.from({ length: rowsOf(feeds) }, (_, row) => {
    const text = feeds.input_ids ? textOf(feeds, row) : anyTokens(row, vocabulary);
    return Array.from(
      { length },
      (_, at) => beginning[at] ?? text[(at - beginning.length) % text.length]! % vocabulary,
    );
  });
  return { dtype: 'int64', shape: [rows.length, length], data: BigInt64Array.from(rows.flat(), BigInt) };
}

function anyTokens(row: number, vocabulary: number): number[] {
  const random = seededRandom(row);
  return Array.from({ length: TOKENS }, () => random.below(vocabulary));
}

/** The tokens of one text, without padding. */
function textOf({ input_ids: ids, attention_mask: mask }: Tensors, row: number): number[] {
  const columns = ids!.shape[1]!;
  const all = Array.from(ids!.data.subarray(row * columns, (row + 1) * columns), Number);
  return mask === undefined ? all : all.filter((_, column) => Number(mask.data[row * columns + column]) === 1);
}
