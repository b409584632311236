import type { TensorDeclaration, TensorValue } from '../runtime/session.js';
import { seededRandom } from '../util/random.js';
import type { ValidationCase } from './cases.js';

/** Each alone, and then all of them together. */
const ROWS = 3;

/**
 * Noise as what a model hears or sees, float32 [batch, ...]: features of speech, pixels. All are of one size, so nothing is padded. Values lie
 * where those of Whisper's log-mel spectrum and of normalised pixels do, between -1 and 1
 * (https://github.com/huggingface/transformers/blob/main/src/transformers/models/whisper/feature_extraction_whisper.py).
 */
export function noiseCases({ name, shape: [, ...sizes] }: TensorDeclaration, seed: number): ValidationCase[] {
  const numbers = sizes.reduce<number>((product, size) => product * Number(size), 1);
  if (Number.isNaN(numbers)) throw new Error(`the input '${name}' does not say how large it is`);
  const random = seededRandom(seed);
  const rows = Array.from({ length: ROWS }, () => Float32Array.from({ length: numbers }, () => 2 * random.next() - 1));
  const feedsOf = (chosen: readonly Float32Array[]): Readonly<Record<string, TensorValue>> => {
    const data = new Float32Array(chosen.length * numbers);
    for (const [row, values] of chosen.entries()) data.set(values, row * numbers);
    return { [name]: { dtype: 'float32', shape: [chosen.length, ...sizes.map(Number)], data } };
  };
  return [...rows.map(row => [row]), rows].map((chosen, index) => ({
    name: `case${index}`,
    mode: 'unpadded',
    feeds: feedsOf(chosen),
  }));
}
