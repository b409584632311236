import { columnsOf, emptyCache, runWithCache } from '../runtime/generation/cache.js';
import { runDecoder, runEncoder, type TextToTextSessions } from '../runtime/generation/text-to-text.js';
import { DECODER_INPUT } from '../runtime/open-model.js';
import type { Session, Tensors, TensorValue } from '../runtime/session.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { ReferenceCase } from './reference.js';

/** Tokens that are read one at a time; those before them in two larger parts. */
const SINGLE_STEPS = 16;

/** Cases that are read once more in parts: a text alone, and a batch whose rows begin at different places. */
export const casesForCache = (cases: readonly ReferenceCase[]): readonly ReferenceCase[] =>
  (['unpadded', 'padded-left'] as const).flatMap(
    mode => cases.find(each => each.mode === mode && partsOf(each.inputs).length > 2) ?? [],
  );

/**
 * The logits of texts that are known, read as generation reads them: a prompt, several tokens after it, then one at a time, each call with
 * the cache of the one before. Must be what one call for everything gives; a fault in the cache or in the positions shows here alone.
 */
export async function decodeInParts(
  session: Pick<Session, 'inputs' | 'run'>,
  texts: Tensors,
): Promise<Result<Tensors, Failure>> {
  const { input_ids: ids, attention_mask: mask } = texts;
  let cache = emptyCache(session.inputs, ids!.shape[0]!);
  return logitsOfParts(texts, async (start, end) => {
    const part = await runWithCache(session, cache, columnsOf(ids!, start, end), columnsOf(mask!, 0, end));
    if (part.ok) cache = part.value.cache;
    return part;
  });
}

/** The same of an encoder-decoder: what the decoder reads comes in parts, the encoder runs once. */
export async function writeInParts(sessions: TextToTextSessions, feeds: Tensors): Promise<Result<Tensors, Failure>> {
  const encoded = await runEncoder(sessions, feeds);
  if (!encoded.ok) return encoded;
  let cache: Tensors | undefined;
  const read = await logitsOfParts(feeds, async (start, end) => {
    const state = { encoded: encoded.value, ...(cache ? { cache } : {}) };
    const part = await runDecoder(sessions, columnsOf(feeds[DECODER_INPUT]!, start, end), state);
    if (part.ok) cache = part.value.cache;
    return part;
  });
  return read.ok ? ok({ last_hidden_state: encoded.value.encoder_hidden_states!, ...read.value }) : read;
}

/** @param read reads columns `start` to `end` of what the decoder reads, after those before */
async function logitsOfParts(
  texts: Tensors,
  read: (start: number, end: number) => Promise<Result<{ readonly logits: TensorValue }, Failure>>,
): Promise<Result<{ readonly logits: TensorValue }, Failure>> {
  const [rows = 0, columns = 0] = decoderInputOf(texts).ids.shape;
  let logits: { shape: number[]; data: Float32Array } | undefined;
  let start = 0;
  for (const count of partsOf(texts)) {
    const part = await read(start, start + count);
    if (!part.ok) return part;
    const { dtype, shape, data } = part.value.logits;
    if (dtype !== 'float32') throw new Error(`logits of ${dtype}`);
    const width = shape[2]!;
    logits ??= { shape: [rows, columns, width], data: new Float32Array(rows * columns * width) };
    for (let row = 0; row < rows; row++) {
      const values = data.subarray(row * count * width, (row + 1) * count * width);
      logits.data.set(values, (row * columns + start) * width);
    }
    start += count;
  }
  return ok({ logits: { dtype: 'float32', ...logits! } });
}

/** What the decoder reads; that of an encoder-decoder has no padding. */
const decoderInputOf = (texts: Tensors): { readonly ids: TensorValue; readonly mask?: TensorValue } =>
  texts[DECODER_INPUT] ? { ids: texts[DECODER_INPUT] } : { ids: texts.input_ids!, mask: texts.attention_mask! };

/** Lengths of the parts. The first one reaches into every row's text: nothing is ever read of padding alone. */
function partsOf(texts: Tensors): number[] {
  const { ids, mask } = decoderInputOf(texts);
  const [rows = 0, columns = 0] = ids.shape;
  const padding = Array.from({ length: rows }, (_, row) =>
    mask ? (mask.data as BigInt64Array).subarray(row * columns, (row + 1) * columns).indexOf(1n) : 0,
  );
  const prompt = Math.max(Math.ceil(columns / 3), Math.max(...padding) + 1);
  const rest = columns - prompt;
  const singles = Math.min(SINGLE_STEPS, Math.floor(rest / 2));
  return [prompt, rest - singles, ...new Array<number>(singles).fill(1)].filter(count => count > 0);
}
