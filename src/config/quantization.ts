import { alternatives, type ConfigPath, type Problem } from './problem.js';
import type { Precision, Quantization, Target } from './types.generated.js';

/** The precisions of onnxruntime on cpu that a setting is about. */
const TAKEN_BY: Readonly<Record<keyof Quantization, readonly Precision[]>> = {
  reduceRange: ['int8', 'int8-dynamic'],
  smoothing: ['int8'],
  embeddings: ['int8', 'int8-dynamic'],
  exclude: ['int8', 'int8-dynamic', 'int8-weight', 'int4-weight'],
  blockSize: ['int8-weight', 'int4-weight'],
};

const namesIn = (settings: Quantization): readonly (keyof Quantization)[] =>
  Object.keys(settings) as (keyof Quantization)[];

/** What of a model's settings a precision of onnxruntime takes. */
export const quantizationFor = (precision: Precision, settings: Quantization = {}): Quantization =>
  Object.fromEntries(
    namesIn(settings)
      .filter(name => TAKEN_BY[name].includes(precision))
      .map(name => [name, settings[name]]),
  );

/** Settings that nothing which is built would take. `path` is that of the settings. */
export function quantizationProblems(
  path: ConfigPath,
  settings: Quantization,
  targets: readonly Target[],
): readonly Problem[] {
  const built = new Set(
    targets.filter(({ engine }) => engine === 'onnxruntime').flatMap(({ precisions }) => precisions),
  );
  return namesIn(settings)
    .filter(name => TAKEN_BY[name]?.every(precision => !built.has(precision)))
    .map(name => ({
      path: [...path, name],
      at: 'key',
      message: `no onnxruntime target builds a precision that takes ${name}`,
      expected: alternatives(TAKEN_BY[name]),
      fix: `remove it, or add ${TAKEN_BY[name][0]} to a target's precisions`,
    }));
}
