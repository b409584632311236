import { firstCall } from '../runtime/generation/cache.js';
import { DECODER_INPUT, type EncoderDecoderSessions, type OpenedModel, openModel } from '../runtime/open-model.js';
import type { Session, TensorDeclaration, Tensors, TensorValue } from '../runtime/session.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { decodeInParts, writeInParts } from './cached-decoding.js';
import { noiseCases } from './noise-cases.js';

/** Any words of two texts: what is compared is the same words read in several ways. All vocabularies have these. */
const TEXTS = [
  [3, 4, 5, 6, 7, 8],
  [9, 3, 8, 4, 7, 5],
];

/** Columns of padding. */
const PADDING = 2;

/** Of the largest logit: far above rounding, and far below what another position or a missing mask makes. */
const TOLERANCE = 1e-3;

/** The same words, read in another way than at once. */
interface Reading {
  /** 'in parts, with a cache' */
  readonly how: string;
  read(): Promise<Result<Tensors, Failure>>;
}

/**
 * Runs a model that others made on a few words: at once, in parts with the cache of the part before, and with padding, on
 * the left of a decoder and on the right of an encoder. All must say the same. Generation reads them in all these ways, and a
 * file that was traced for one of them only is wrong in the others. Failures: 'onnx-cache', those of `openModel`.
 */
export async function checkCache(folder: string, dataFolder: string, where: string): Promise<Result<void, Failure>> {
  const opened = await openModel(folder, { dataFolder, foldConstants: false, spinning: false });
  if (!opened.ok) return opened;
  try {
    return await compareReadings(opened.value, where);
  } finally {
    await opened.value.whole.release();
  }
}

async function compareReadings({ whole, parts }: OpenedModel, where: string): Promise<Result<void, Failure>> {
  const { atOnce, others } = parts ? ofEncoderDecoder(whole, parts) : ofDecoder(whole);
  const expected = await atOnce();
  if (!expected.ok) return fail(differs(where, `it cannot be run with an empty cache: ${expected.error.found ?? ''}`));
  for (const { how, read } of others) {
    const found = await read();
    if (!found.ok) return fail(differs(where, `${how}, it cannot be run: ${found.error.found ?? found.error.message}`));
    const { error, largest } = difference(expected.value.logits!, found.value.logits!);
    if (error <= TOLERANCE * largest) continue;
    return fail(differs(where, `${how}, logits of up to ${largest.toPrecision(3)} differ by ${error.toPrecision(3)}`));
  }
  return ok(undefined);
}

const differs = (where: string, found: string): Failure =>
  usageFailure('onnx-cache', 'the model does not say the same with and without a cache or padding', {
    where,
    expected: 'the same logits for words that are read at once, in parts and beside padding',
    found,
    fix: 'export it with dynamic axes and position_ids, as Optimum does, or build it from the checkpoint: a folder with safetensors',
  });

interface Readings {
  atOnce(): Promise<Result<Tensors, Failure>>;
  readonly others: readonly Reading[];
}

function ofDecoder(session: Session): Readings {
  const words = texts({});
  const padded = texts({ left: PADDING });
  return {
    atOnce: () => session.run(firstCall(session.inputs, words)),
    others: [
      { how: 'padded on the left', read: () => session.run(firstCall(session.inputs, padded)) },
      { how: 'in parts, with a cache', read: () => decodeInParts(session, words) },
      { how: 'in parts and padded on the left', read: () => decodeInParts(session, padded) },
    ],
  };
}

function ofEncoderDecoder(whole: Session, parts: EncoderDecoderSessions): Readings {
  const features = whole.inputs.find(({ name }) => name === 'input_features');
  const written = { [DECODER_INPUT]: rows(TEXTS) };
  const words = { ...(features ? soundOf(features) : texts({})), ...written };
  const inParts: Reading = { how: 'in parts, with a cache', read: () => writeInParts(parts, words) };
  const padded = { ...texts({ right: PADDING }), ...written };
  return {
    atOnce: () => whole.run(words),
    others: features ? [inParts] : [inParts, { how: 'padded on the right', read: () => whole.run(padded) }],
  };
}

/** As many rows as there are texts. */
function soundOf({ name, shape }: TensorDeclaration): Tensors {
  const sizes = shape.slice(1).map(Number);
  const [first, second] = noiseCases({ name, dtype: 'float32', shape }, 0).map(({ feeds }) => feeds[name]!.data);
  const data = Float32Array.from([...first!, ...second!], Number);
  return { [name]: { dtype: 'float32', shape: [TEXTS.length, ...sizes], data } };
}

/** The words with columns of padding beside them. */
function texts({ left = 0, right = 0 }: { readonly left?: number; readonly right?: number }): Tensors {
  const beside = (words: readonly number[], filler: number): number[] => [
    ...new Array<number>(left).fill(filler),
    ...words,
    ...new Array<number>(right).fill(filler),
  ];
  return {
    input_ids: rows(TEXTS.map(words => beside(words, words[0]!))),
    attention_mask: rows(TEXTS.map(words => beside(new Array<number>(words.length).fill(1), 0))),
  };
}

const rows = (numbers: readonly (readonly number[])[]): TensorValue => ({
  dtype: 'int64',
  shape: [numbers.length, numbers[0]!.length],
  data: BigInt64Array.from(numbers.flat(), BigInt),
});

/** Of the words' logits, which are the last of each row: NaN counts as a difference. */
function difference(expected: TensorValue, found: TensorValue): { readonly error: number; readonly largest: number } {
  const [count, widthOfRow] = [TEXTS.length, expected.data.length / TEXTS.length];
  let error = 0;
  let largest = 0;
  for (let row = 0; row < count; row++) {
    const end = ((row + 1) * found.data.length) / count;
    for (let at = 0; at < widthOfRow; at++) {
      const value = Number(expected.data[row * widthOfRow + at]);
      const distance = Math.abs(value - Number(found.data[end - widthOfRow + at]));
      error = distance <= error ? error : Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
      largest = Math.max(largest, Math.abs(value));
    }
  }
  return { error, largest };
}
