import { emptyCache, selectRows } from '../runtime/generation/cache.js';
import { runEncoder } from '../runtime/generation/text-to-text.js';
import type { WritingTokens } from '../runtime/generation/writing-tokens.js';
import { type EncoderDecoderSessions, modelFilesOf, openModel } from '../runtime/open-model.js';
import type { Tensors, TensorValue } from '../runtime/session.js';
import type { Failure } from '../util/failure.js';
import { mapped, ok, type Result } from '../util/result.js';
import { write } from '../validation/writing.js';
import {
  batchOfFeeds,
  type ObservedBatch,
  type ObservedTensors,
  type ObserveOptions,
  observeModel,
} from './observe-model.js';

/** Inputs of the encoder, without padding, and what should be written of each row where that is known. */
export interface SourceBatch {
  readonly feeds: Tensors;
  /** As generation writes them, from decoder_start_token_id on. */
  readonly targets?: readonly (readonly number[] | undefined)[];
}

/** Tokens that are written of a text whose target is not known, at most. */
const WRITTEN_TOKENS = 32;

/**
 * Both files of an encoder-decoder. The decoder reads what it would have written itself, all at once: the targets, or what the fp32
 * export writes when it takes the likeliest token each time. Failures: those of `observeModel` and of running both files.
 * @param positions tokens that the decoder has positions for
 */
export async function observeEncoderDecoder(
  sources: readonly SourceBatch[],
  { tokens, positions }: { readonly tokens: WritingTokens; readonly positions: number },
  options: ObserveOptions,
): Promise<Result<Readonly<Record<string, ObservedTensors>>, Failure>> {
  const [encoderFile, decoderFile] = modelFilesOf(options.folder) as [string, string];
  const encoder = await observeModel(
    encoderFile,
    sources.map(({ feeds }) => batchOfFeeds(feeds)),
    options,
  );
  if (!encoder.ok) return encoder;
  const { folder, checkpoint: dataFolder, threads } = options;
  const settings = { dataFolder, foldConstants: false, spinning: false, ...(threads === undefined ? {} : { threads }) };
  const opened = await openModel(folder, settings);
  if (!opened.ok) return opened;
  try {
    const sessions = opened.value.parts!;
    const calls: ObservedBatch[] = [];
    for (const source of sources) {
      const read = await textsOfDecoder(sessions, source, tokens, positions);
      if (!read.ok) return read;
      calls.push(...byLength(read.value).map(rows => decoderCall(sessions, source, read.value, rows)));
    }
    const decoder = await observeModel(decoderFile, calls, options);
    return mapped(decoder, tensors => ({ [encoderFile]: encoder.value, [decoderFile]: tensors }));
  } finally {
    await opened.value.whole.release();
  }
}

/** What the decoder reads of each row. The last token of a text is written, and not read. */
async function textsOfDecoder(
  sessions: EncoderDecoderSessions,
  { feeds, targets }: SourceBatch,
  tokens: WritingTokens,
  positions: number,
): Promise<Result<readonly (readonly number[])[], Failure>> {
  const beginning = tokens.forced === undefined ? [tokens.start] : [tokens.start, tokens.forced];
  const rows = Object.values(feeds)[0]!.shape[0]!;
  const known = Array.from({ length: rows }, (_, row) => targets?.[row]);
  const isKnown = known.every(target => target !== undefined);
  const written = isKnown ? undefined : await write(sessions, feeds, tokens, { positions, most: WRITTEN_TOKENS });
  if (written && !written.ok) return written;
  return ok(
    known.map((target, row) => {
      const text = target ?? [...beginning, ...(written?.value[row]?.tokens ?? [])];
      return text.slice(0, Math.max(1, text.length - 1)).slice(0, positions);
    }),
  );
}

/** Rows whose texts have the same length, together: so nothing is padded. */
function byLength(texts: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const rows = new Map<number, number[]>();
  for (const [row, { length }] of texts.entries()) rows.set(length, [...(rows.get(length) ?? []), row]);
  return [...rows.values()];
}

/** What the encoder gives is computed each time it is asked for: kept for all texts, it would not fit into memory. */
function decoderCall(
  sessions: EncoderDecoderSessions,
  source: SourceBatch,
  texts: readonly (readonly number[])[],
  rows: readonly number[],
): ObservedBatch {
  const feeds = selectRows(source.feeds, rows);
  const { length } = texts[rows[0]!]!;
  const ids = BigInt64Array.from(
    rows.flatMap(row => texts[row]!),
    BigInt,
  );
  const input_ids: TensorValue = { dtype: 'int64', shape: [rows.length, length], data: ids };
  return {
    rows: rows.length,
    tokens: Math.max(length, batchOfFeeds(feeds).tokens),
    async feeds() {
      const encoded = await runEncoder(sessions, feeds);
      if (!encoded.ok) return encoded;
      return ok({ ...encoded.value, ...emptyCache(sessions.decoder.inputs, rows.length), input_ids });
    },
  };
}
