/** The 16-bit formats that a graph can be brought into. */
export type HalfFormat = 'float16' | 'bfloat16';

/** What a format can hold. */
export interface FormatLimits {
  readonly largest: number;
  readonly smallestNormal: number;
  /** Bits of a number that are kept, the leading one included. */
  readonly digits: number;
  /**
   * The largest relative error that rounding the scores of a Softmax may cause in a probability. It is what a user of the
   * format has accepted anyway, in every product: an eighth with the three digits of bfloat16.
   */
  readonly scoreError: number;
  /** Operators of opset 17 that have no form for it, though they have one for float32. */
  readonly lacks: ReadonlySet<string>;
}

export const FORMATS: Readonly<Record<HalfFormat, FormatLimits>> = {
  float16: { largest: 65504, smallestNormal: 2 ** -14, digits: 11, scoreError: 2 ** -5, lacks: new Set() },
  bfloat16: {
    largest: 2 ** 128 - 2 ** 120,
    smallestNormal: 2 ** -126,
    digits: 8,
    scoreError: 2 ** -3,
    lacks: new Set([
      'Conv',
      'ConvTranspose',
      'Cos',
      'CumSum',
      'LeakyRelu',
      'Round',
      'Sin',
      'Softplus',
      'TopK',
      'ArgMax',
      'ArgMin',
      'Range',
      'Floor',
      'LpNormalization',
    ]),
  },
};
