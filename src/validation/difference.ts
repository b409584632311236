import type { TensorValue } from '../runtime/session.js';

/** How far an output is from the reference, over all rows of all cases of one mode. */
export interface Difference {
  /** Vectors compared: one per text, or one per token that is not padding. */
  readonly rows: number;
  readonly maxAbs: number;
  readonly meanAbs: number;
  /** Root mean square of the difference over that of the reference: an error in units of the signal. */
  readonly relative: number;
  /** Of the worst row. 1 for rows of one value, which have no direction. */
  readonly cosine: number;
  /** Only for logits of two and more. */
  readonly top1?: Top1;
  /** Values that are not a number, or infinite. */
  readonly notFinite: number;
}

/** Whose largest value is where. */
export interface Top1 {
  /** Rows of the two in which it is at the same place. */
  readonly agree: number;
  readonly rows: number;
  /** By how much the reference's largest value exceeds its second, on average: how decided it is. */
  readonly lead: number;
  /** By how much it exceeds the one that was found in its place, on average over the rows that do not agree. */
  readonly leadWhereChanged?: number;
}

/** Collects rows; the result can be asked for at any time. */
export class DifferenceMeter {
  private rows = 0;
  private elements = 0;
  private maxAbs = 0;
  private sumAbs = 0;
  private sumSquares = 0;
  private sumReferenceSquares = 0;
  private cosine = 1;
  private decided = 0;
  private agree = 0;
  private leads = 0;
  private leadsWhereChanged = 0;
  private notFinite = 0;

  constructor(private readonly countsTop1: boolean) {}

  add(reference: Float32Array, found: Float32Array): void {
    let dot = 0;
    let referenceNorm = 0;
    let foundNorm = 0;
    for (let i = 0; i < reference.length; i++) {
      const expected = reference[i]!;
      const actual = found[i]!;
      if (!Number.isFinite(actual)) {
        this.notFinite++;
        continue;
      }
      const distance = Math.abs(actual - expected);
      this.maxAbs = Math.max(this.maxAbs, distance);
      this.sumAbs += distance;
      this.sumSquares += distance * distance;
      dot += actual * expected;
      referenceNorm += expected * expected;
      foundNorm += actual * actual;
    }
    this.rows++;
    this.elements += reference.length;
    this.sumReferenceSquares += referenceNorm;
    if (reference.length > 1) {
      const norms = Math.sqrt(referenceNorm) * Math.sqrt(foundNorm);
      // Two zero vectors agree; a zero vector and another one do not.
      const cosine = norms > 0 ? dot / norms : referenceNorm === foundNorm ? 1 : 0;
      this.cosine = Math.min(this.cosine, cosine);
      if (this.countsTop1) this.compareLargest(reference, found);
    }
  }

  private compareLargest(reference: Float32Array, found: Float32Array): void {
    this.decided++;
    const [best, chosen] = [indexOfLargest(reference), indexOfLargest(found)];
    let second = -Infinity;
    for (let i = 0; i < reference.length; i++) if (i !== best) second = Math.max(second, reference[i]!);
    this.leads += reference[best]! - second;
    if (chosen === best) this.agree++;
    else this.leadsWhereChanged += reference[best]! - reference[chosen]!;
  }

  result(): Difference {
    return {
      rows: this.rows,
      maxAbs: this.maxAbs,
      meanAbs: this.elements > 0 ? this.sumAbs / this.elements : 0,
      relative: this.sumReferenceSquares > 0 ? Math.sqrt(this.sumSquares / this.sumReferenceSquares) : 0,
      cosine: this.cosine,
      ...(this.decided > 0 ? { top1: this.top1() } : {}),
      notFinite: this.notFinite,
    };
  }

  private top1(): Top1 {
    const changed = this.decided - this.agree;
    return {
      agree: this.agree,
      rows: this.decided,
      lead: this.leads / this.decided,
      ...(changed > 0 ? { leadWhereChanged: this.leadsWhereChanged / changed } : {}),
    };
  }
}

export function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/**
 * The vectors of an output that mean something. Where axis 1 is the sequence, positions whose mask is 0 are left out: a model may
 * put anything there. [batch, n]: one row per text. [batch, sequence, n]: one per token.
 * [batch, sequence]: one per text, over its tokens.
 */
export function* rowsOf(
  output: TensorValue,
  mask: TensorValue | undefined,
  hasSequence: boolean,
): Generator<Float32Array> {
  if (output.dtype !== 'float32') throw new Error(`an output of ${output.dtype} is no score`);
  const [batch = 1, second = 1] = output.shape;
  if (!hasSequence) {
    const width = output.data.length / batch;
    for (let row = 0; row < batch; row++) yield output.data.subarray(row * width, (row + 1) * width);
    return;
  }
  const width = output.data.length / (batch * second);
  const isReal = (row: number, position: number): boolean =>
    mask === undefined || Number(mask.data[row * second + position]) === 1;
  for (let row = 0; row < batch; row++) {
    const real = Array.from({ length: second }, (_, position) => position).filter(position => isReal(row, position));
    if (output.shape.length === 2) {
      yield Float32Array.from(real, position => output.data[row * second + position]!);
      continue;
    }
    for (const position of real) {
      const start = (row * second + position) * width;
      yield output.data.subarray(start, start + width);
    }
  }
}
