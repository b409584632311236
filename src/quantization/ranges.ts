/** What flowed through one float tensor of a graph, over all texts of a calibration. Every number is finite. */
export interface TensorRange {
  /** Smallest and largest finite value. */
  readonly min: number;
  readonly max: number;
  /** Smallest magnitude that is not zero; 0 when every value is zero. */
  readonly smallestMagnitude: number;
  /** How many values were seen, padding included. */
  readonly elements: number;
  /** How many of them are NaN or infinite: masks of -inf. */
  readonly nonFinite: number;
  /** How many that are not zero lie below 2^-14, the smallest normal float16. */
  readonly belowNormal: number;
  /** How many that are not zero lie at or below 2^-25: stored as float16 they become zero. */
  readonly vanishing: number;
  /** What the calibration's method keeps of min .. max for integers; absent where it keeps all of it. */
  readonly clip?: { readonly low: number; readonly high: number };
}

/** The ranges of one model file, by the name that the tensor has in it and keeps through passes (`NodeOutput.name`). */
export type RangeTable = Readonly<Record<string, TensorRange>>;

/** The largest magnitude that was seen. */
export const absoluteMaximum = ({ min, max }: TensorRange): number => Math.max(-min, max);

/** The largest magnitude that integers have to stand for. */
export const clippedMaximum = ({ min, max, clip }: TensorRange): number =>
  clip === undefined ? Math.max(-min, max) : Math.max(-clip.low, clip.high);
