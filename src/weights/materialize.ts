import { numbersOf } from '../graph/elements.js';
import type { Tensor } from '../graph/tensor.js';
import { kernels } from '../kernels/index.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { nonFiniteNumbers } from './cast.js';
import { Evaluation, notFinite } from './evaluation.js';

/**
 * The bytes of a symbolic tensor, little-endian and row-major, in memory of their own that is aligned for any element.
 * `name` is used in messages: 'weight-not-finite' (a quantised weight with NaN or infinity), 'weight-overflow' (a cast
 * that would make an infinity), 'weight-file-missing', '-truncated', '-changed', '-unreadable'.
 */
export function materialize(tensor: Tensor, name = 'a constant'): Result<Uint8Array, Failure> {
  return evaluating(evaluation => {
    const whole = evaluation.whole(tensor, name);
    if (!whole.ok) return whole;
    // Not slice(): that of a Buffer copies nothing.
    const bytes = new Uint8Array(whole.value.bytes);
    whole.value.release();
    return ok(bytes);
  });
}

/** How many elements are NaN or infinite, at the speed of memory; 0 for integers. */
export function countNonFinite(tensor: Tensor, name = 'a constant'): Result<number, Failure> {
  return evaluating(evaluation => countIn(evaluation, tensor, name));
}

/** Fails with 'weight-not-finite' when a tensor holds NaN or infinity. */
export function checkFinite(tensor: Tensor, name: string): Result<void, Failure> {
  const counted = countNonFinite(tensor, name);
  if (!counted.ok) return counted;
  return counted.value === 0 ? ok(undefined) : fail(notFinite(tensor, name, counted.value));
}

function countIn(evaluation: Evaluation, tensor: Tensor, name: string): Result<number, Failure> {
  const { data, dtype } = tensor;
  // Moving elements does not change them.
  if (data.from === 'transpose' || data.from === 'reshape') return countIn(evaluation, data.of, name);
  if (!['float64', 'float32', 'float16', 'bfloat16'].includes(dtype)) return ok(0);
  let nonFinite = 0;
  for (const piece of evaluation.pieces(tensor, name)) {
    if (!piece.ok) return piece;
    const { bytes } = piece.value;
    nonFinite +=
      dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16'
        ? kernels().countNonFinite(bytes, dtype)
        : nonFiniteNumbers(numbersOf(dtype, bytes));
    piece.value.release();
  }
  return ok(nonFinite);
}

function evaluating<T>(work: (evaluation: Evaluation) => Result<T, Failure>): Result<T, Failure> {
  const evaluation = new Evaluation();
  try {
    const result = work(evaluation);
    const unchanged = evaluation.files.checkUnchanged();
    return unchanged.ok ? result : unchanged;
  } finally {
    evaluation.close();
  }
}
