import type { TensorDeclaration, TensorValue } from '../runtime/session.js';
import { seededRandom } from '../util/random.js';
import type { ValidationCase } from './cases.js';

/** Each alone, and then all of them together. */
const ROWS = 3;

/**
 * Noise as a speech model's features, float32 [batch, mel bins, frames]: all are of one length, so nothing is padded. Values lie where those of
 * Whisper's log-mel spectrum do, between -1 and 1
 * (https://github.com/huggingface/transformers/blob/main/src/transformers/models/whisper/feature_extraction_whisper.py).
 */
export function speechCases({ name, shape: [, bins, frames] }: TensorDeclaration, seed: number): ValidationCase[] {
  if (typeof bins !== 'number' || typeof frames !== 'number') {
    throw new Error(`the input '${name}' does not say how long its features are`);
  }
  const random = seededRandom(seed);
  const rows = Array.from({ length: ROWS }, () =>
    Float32Array.from({ length: bins * frames }, () => 2 * random.next() - 1),
  );
  const feedsOf = (chosen: readonly Float32Array[]): Readonly<Record<string, TensorValue>> => {
    const data = new Float32Array(chosen.length * bins * frames);
    for (const [row, values] of chosen.entries()) data.set(values, row * values.length);
    return { [name]: { dtype: 'float32', shape: [chosen.length, bins, frames], data } };
  };
  return [...rows.map(row => [row]), rows].map((chosen, index) => ({
    name: `case${index}`,
    mode: 'unpadded',
    feeds: feedsOf(chosen),
  }));
}
