import { indexOfLargest } from '../runtime/generation/logits.js';
import { type TextToTextSessions, textToTextDecoder } from '../runtime/generation/text-to-text.js';
import type { WritingTokens } from '../runtime/generation/writing-tokens.js';
import type { Tensors } from '../runtime/session.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { ValidationCase } from './cases.js';

/** What the fp32 export writes of some of the reference's cases. */
export interface ReferenceWriting {
  readonly tokens: WritingTokens;
  /** Tokens that the decoder has positions for; null where nothing limits them. */
  readonly positions: number | null;
  readonly cases: readonly { readonly name: string; readonly texts: readonly Written[] }[];
}

/** Tokens that are written of each text, unless it ends before. */
const TOKENS = 16;

/** What an encoder-decoder writes of one text when it takes the likeliest token each time. */
export interface Written {
  /** The end token included where one was reached. */
  readonly tokens: readonly number[];
  /** For each of them, by how much its logit is above the second largest. */
  readonly leads: readonly number[];
}

/**
 * Greedy search, with no setting but where texts begin and end, so that what differs is the model's doing.
 * @param inputs those of the encoder, among others
 * @param positions tokens that the decoder has positions for
 * @param most tokens that are written of each text, unless it ends before
 */
export async function write(
  sessions: TextToTextSessions,
  inputs: Tensors,
  { start, forced, ends }: WritingTokens,
  { positions, most }: { readonly positions: number; readonly most: number },
): Promise<Result<readonly Written[], Failure>> {
  const decoder = await textToTextDecoder(sessions, inputs);
  if (!decoder.ok) return decoder;
  const beginning = forced === undefined ? [start] : [start, forced];
  const rows = Object.values(inputs)[0]!.shape[0]!;
  const texts = Array.from({ length: rows }, () => ({ tokens: [] as number[], leads: [] as number[] }));
  let step = await decoder.value.start(texts.map(() => beginning));
  // Texts that are over go on beside the others, unseen: a text's place in the batch never changes.
  for (let length = beginning.length; ; length++) {
    if (!step.ok) return step;
    const chosen = step.value.logits.map(indexOfLargest);
    for (const [row, text] of texts.entries()) {
      if (ends.includes(text.tokens.at(-1)!)) continue;
      const logits = step.value.logits[row]!;
      text.tokens.push(chosen[row]!);
      text.leads.push(logits[chosen[row]!]! - largestBut(logits, chosen[row]!));
    }
    const done = texts.every(({ tokens }) => tokens.length >= most || ends.includes(tokens.at(-1)!));
    if (done || length >= positions) return ok(texts);
    step = await decoder.value.next(step.value.state, chosen);
  }
}

function largestBut(values: Float32Array, index: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (i !== index && values[i]! > largest) largest = values[i]!;
  return largest;
}

/** What is written of a text alone and of a batch. */
export async function writeCases(
  sessions: TextToTextSessions,
  cases: readonly ValidationCase[],
  tokens: WritingTokens,
  positions: number,
): Promise<Result<ReferenceWriting, Failure>> {
  const written: ReferenceWriting['cases'][number][] = [];
  for (const mode of ['unpadded', 'padded-right'] as const) {
    const chosen = cases.find(each => each.mode === mode);
    if (!chosen) continue;
    const texts = await write(sessions, chosen.feeds, tokens, { positions, most: TOKENS });
    if (!texts.ok) return texts;
    written.push({ name: chosen.name, texts: texts.value });
  }
  return ok({ tokens, positions: Number.isFinite(positions) ? positions : null, cases: written });
}

/** What an artefact writes of the same cases, beside it. `maxAbs`: as `compareWriting` takes it. */
export async function writeAgain(
  sessions: TextToTextSessions,
  cases: readonly { readonly name: string; readonly inputs: Tensors }[],
  { tokens, positions, cases: written }: ReferenceWriting,
  maxAbs: number | undefined,
): Promise<Result<WritingComparison, Failure>> {
  const found: Written[] = [];
  for (const { name } of written) {
    const { inputs } = cases.find(each => each.name === name)!;
    const texts = await write(sessions, inputs, tokens, {
      positions: positions ?? Number.POSITIVE_INFINITY,
      most: TOKENS,
    });
    if (!texts.ok) return texts;
    found.push(...texts.value);
  }
  return ok(
    compareWriting(
      written.flatMap(({ texts }) => texts),
      found,
      maxAbs,
    ),
  );
}

/** Texts that an artefact writes, beside those of the fp32 export. */
export interface WritingComparison {
  readonly texts: number;
  /** Tokens that the export writes, and of those the ones that the artefact has at the same place. */
  readonly tokens: number;
  readonly equal: number;
  /**
   * Texts whose first other token is no tie of the export: its own was more above all others than twice the largest difference that the
   * artefact's logits may have. Absent where those have no such limit.
   */
  readonly differing?: number;
}

/** @param maxAbs largest difference that a logit may have, if there is such a limit */
export function compareWriting(
  reference: readonly Written[],
  found: readonly Written[],
  maxAbs?: number,
): WritingComparison {
  let equal = 0;
  let differing = 0;
  for (const [index, { tokens, leads }] of reference.entries()) {
    const others = found[index]!.tokens;
    equal += tokens.filter((token, at) => others[at] === token).length;
    const at = tokens.findIndex((token, place) => others[place] !== token);
    if (at >= 0 && leads[at]! > 2 * (maxAbs ?? 0)) differing++;
  }
  return {
    texts: reference.length,
    tokens: reference.reduce((sum, { tokens }) => sum + tokens.length, 0),
    equal,
    ...(maxAbs === undefined ? {} : { differing }),
  };
}
