/** How far an artefact of a precision may be from the fp32 export. Limits that are absent are not applied. */
export interface Tolerance {
  /** Largest absolute difference of any value. */
  readonly maxAbs?: number;
  /** Root mean square of the difference over that of the reference, over all values of an output. */
  readonly relative?: number;
  /** Share of rows whose largest logit stays the largest. Applied from `TOP1_ROWS` rows on. */
  readonly top1?: number;
}

/** With fewer rows one near tie would decide. */
export const TOP1_ROWS = 100;

/** The numbers, each with its reason. A model's `tolerance` in the configuration takes the place of a whole line, as `maxAbs`. */
export const TOLERANCES: Readonly<Record<string, Tolerance>> = {
  // The contract's figure. Reordered float32 sums differ by about 1e-6 on logits of size 10; wrong mathematics differs by far more.
  fp32: { maxAbs: 1e-4 },
  // 11 binary digits. Measured on a software GPU: reference cases, whose weights are random, 0.001 to 0.013. Decoders that a
  // provider computed wrongly gave 0.25 and 0.48.
  fp16: { relative: 0.03, top1: 0.98 },
  // 8 binary digits: eight times the rounding.
  bf16: { relative: 0.12, top1: 0.95 },
  // Activations have 8 bits, so each product is off by about half a percent. Logits have no common scale, hence a relative limit.
  // Measured: a trained classifier of 4 layers 0.003; BERT-base with random weights, whose logits are small differences of
  // large numbers, 0.09. A matrix of the last layer lost or out of order gives 0.15 to 0.4. Smaller faults, such as a doubled scale
  // early in a model, hide below the limit: to find those is what `evaluation` is for.
  'int8-dynamic': { relative: 0.12, top1: 0.95 },
  // 4 binary digits, of activations and of weights. Measured: trained models 0.014 to 0.051, of which more than 0.99 of the choices
  // stay; the reference cases, whose random weights are harder, 0.06 to 0.42. Ranges a tenth of what they should be give more than 0.5.
  fp8: { relative: 0.5, top1: 0.9 },
  // The same 8 bits, with ranges that were measured beforehand. Measured: trained models of 3 and 4 layers 0.003 to 0.005; the
  // reference cases, whose random weights are harder, 0.015 to 0.106. The range of one activation taken four times too small gives 0.15 to 0.3.
  int8: { relative: 0.12, top1: 0.95 },
  // Weights alone are rounded, and activations to 8 bits in blocks of a product. Measured: trained models 0.003 to 0.006; tiny
  // checkpoints with random weights up to 0.08. Halves of bytes in the wrong order, or another zero point, give 0.5 to 3.7.
  'int8-weight': { relative: 0.12, top1: 0.95 },
  // Weights have 16 values in a block of 32. Measured: trained models 0.01 to 0.03, of which 0.97 to 1 of the choices stay; random
  // weights up to 0.51, and more where few logits are small differences of large numbers. Wrong halves give 0.5 to 1.9: this limit
  // finds models that are broken, and `evaluation` says what four bits cost.
  'int4-weight': { relative: 0.55, top1: 0.8 },
};

/**
 * A language model chooses among a whole vocabulary, where several words are often nearly as likely: fewer of its choices stay when values
 * change a little. Measured: a small GPT-2 with random weights, whose relative difference is 0.03, keeps 0.946 of them; an
 * encoder-decoder, where the encoder's difference adds to the decoder's, keeps 0.88 (Marian, random weights).
 */
const TOP1_OF_WORDS: Readonly<Record<string, number>> = {
  'text-generation': 0.9,
  'text2text-generation': 0.85,
  'automatic-speech-recognition': 0.85,
};

/** `maxAbs` is the configuration's own limit, if there is one. */
export function toleranceFor(precision: string, maxAbs: number | undefined, task?: string): Tolerance {
  if (maxAbs !== undefined) return { maxAbs };
  const tolerance = TOLERANCES[precision];
  if (!tolerance) throw new Error(`no tolerance for the precision '${precision}'`);
  const top1 = TOP1_OF_WORDS[task ?? ''];
  if (top1 === undefined || tolerance.top1 === undefined) return tolerance;
  return { ...tolerance, top1: Math.min(top1, tolerance.top1) };
}
