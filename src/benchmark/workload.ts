import { batchOf } from '../runtime/batch.js';
import { filledEncoding } from '../runtime/filled-text.js';
import { cacheInputs, firstCall } from '../runtime/generation/cache.js';
import { DECODER_INPUT } from '../runtime/open-model.js';
import type { TextSample } from '../runtime/samples.js';
import type { TensorDeclaration, Tensors } from '../runtime/session.js';
import type { TextTokenizer } from '../runtime/tokenizer.js';
import { seededRandom } from '../util/random.js';

export interface Shape {
  readonly batch: number;
  readonly sequence: number;
}

export interface Workload {
  /** Tokens that a decoder reads before it writes: the rows without padding; of an encoder-decoder, what it begins to write with. */
  readonly prompts: readonly (readonly number[])[];
  /**
   * Tensors of exactly [batch, sequence]; of a decoder the first call, which reads all of them. An encoder-decoder writes one token: its time
   * is that until the first word is there.
   */
  readonly feeds: Tensors;
}

/**
 * Real texts for a batch, as a server has them: the first one is as long as `sequence`, the others have from half of that to all of it and are padded,
 * on the right, or for a decoder on the left, so that all end together.
 */
export function workloadOf(
  tokenizer: TextTokenizer,
  texts: readonly TextSample[],
  inputs: readonly TensorDeclaration[],
  { batch, sequence }: Shape,
  { seed, decoderStart }: { readonly seed: number; readonly decoderStart?: number },
): Workload {
  const generates = cacheInputs(inputs).length > 0;
  // A decoder's padding is masked and may be any token.
  const padding = tokenizer.padding ?? (generates ? { tokenId: 0, tokenTypeId: 0 } : undefined);
  const random = seededRandom(seed);
  const rows = Array.from({ length: batch }, (_, row) => {
    const padded = row > 0 && padding !== undefined;
    const length = padded ? Math.ceil(sequence * (0.5 + random.next() / 2)) : sequence;
    return filledEncoding(tokenizer, texts, length, random.below(texts.length));
  });
  const names = inputs.map(input => input.name);
  const feeds = batchOf(rows, names, { padding, sequence, side: generates ? 'left' : 'right' });
  if (decoderStart !== undefined) return beginning(feeds, batch, decoderStart);
  return { prompts: rows.map(row => row.inputIds), feeds: firstCall(inputs, feeds) };
}

/**
 * The length of what is not a text: frames of a speech model's features [batch, mel bins, frames], which are all it takes; 1 for an
 * image. undefined for models that read texts.
 */
export function fixedLength(inputs: readonly TensorDeclaration[]): number | undefined {
  const noise = noiseInput(inputs);
  return noise?.name === 'pixel_values' ? 1 : noise && Number(noise.shape[2]);
}

/** Noise, since no speech takes longer than another, and no image. An encoder-decoder begins with `decoderStart`. */
export function noiseWorkload(
  inputs: readonly TensorDeclaration[],
  batch: number,
  { seed, decoderStart }: { readonly seed: number; readonly decoderStart?: number },
): Workload {
  const { name, shape } = noiseInput(inputs)!;
  const sizes = [batch, ...shape.slice(1).map(Number)];
  const random = seededRandom(seed);
  const length = sizes.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length }, () => 2 * random.next() - 1);
  const feeds: Tensors = { [name]: { dtype: 'float32', shape: sizes, data } };
  return decoderStart === undefined ? { prompts: [], feeds } : beginning(feeds, batch, decoderStart);
}

const noiseInput = (inputs: readonly TensorDeclaration[]): TensorDeclaration | undefined =>
  inputs.find(({ name }) => name === 'input_features' || name === 'pixel_values');

const beginning = (feeds: Tensors, batch: number, decoderStart: number): Workload => ({
  prompts: Array.from({ length: batch }, () => [decoderStart]),
  feeds: {
    ...feeds,
    [DECODER_INPUT]: { dtype: 'int64', shape: [batch, 1], data: new BigInt64Array(batch).fill(BigInt(decoderStart)) },
  },
});
