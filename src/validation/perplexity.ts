import { batchOf } from '../runtime/batch.js';
import { firstCall } from '../runtime/generation/cache.js';
import { indexOfLargest, logSoftmax } from '../runtime/generation/logits.js';
import { DECODER_INPUT } from '../runtime/open-model.js';
import type { Session, Tensors, TensorValue } from '../runtime/session.js';
import type { Encoding } from '../runtime/tokenizer.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { bootstrap } from '../util/statistics.js';
import { mcNemarProbability } from './intervals.js';
import type { MetricComparison } from './metric-verdict.js';

/** What a language model makes of texts: for every token but the first of each text, one after another. */
export interface TokenScores {
  /** Minus the logarithm of the probability that the model gives the token. */
  readonly losses: Float32Array;
  /** The token that it finds likeliest. */
  readonly predicted: Int32Array;
}

export interface ScoredTexts {
  /** What is predicted, token after token. */
  readonly encodings: readonly Encoding[];
  /** Of an encoder-decoder, what each of them is written of. */
  readonly sources?: readonly Encoding[];
}

/** Texts, each on its own: a batch would only add padding, and logits are large. */
export async function scoreTexts(
  session: Session,
  { encodings, sources }: ScoredTexts,
  /** Called before each text with the texts done so far; a failure it returns ends the scoring. */
  step: (done: number) => Failure | undefined,
): Promise<Result<TokenScores, Failure>> {
  const losses: number[] = [];
  const predicted: number[] = [];
  for (const [done, text] of encodings.entries()) {
    const stop = step(done);
    if (stop) return fail(stop);
    const run = await session.run(feedsOf(session, text, sources?.[done]));
    if (!run.ok) return run;
    const logits = run.value.logits;
    if (logits?.dtype !== 'float32') throw new Error("a language model without float32 'logits'");
    const width = logits.shape[2]!;
    for (const [position, token] of text.inputIds.slice(1).entries()) {
      const scores = logits.data.subarray(position * width, (position + 1) * width);
      losses.push(-logSoftmax(scores)[token]!);
      predicted.push(indexOfLargest(scores));
    }
  }
  return ok({ losses: Float32Array.from(losses), predicted: Int32Array.from(predicted) });
}

function feedsOf(session: Session, text: Encoding, source: Encoding | undefined): Tensors {
  const inputs = ['input_ids', 'attention_mask'];
  if (!source) return firstCall(session.inputs, batchOf([text], inputs));
  return { ...batchOf([source], inputs), [DECODER_INPUT]: batchOf([text], inputs).input_ids! };
}

/**
 * Perplexity, exp(mean loss), of an artefact and of the export. Lower is better, so the drop is how much it rises, as a share:
 * artefact / reference - 1. Samples, lost and won count tokens; intervals come from drawing whole texts anew.
 */
export function comparePerplexity(
  texts: readonly Encoding[],
  reference: TokenScores,
  artefact: TokenScores,
  seed: number,
): MetricComparison {
  const before = lossesPerText(texts, reference.losses);
  const after = lossesPerText(texts, artefact.losses);
  const rise = (indices?: ArrayLike<number>): number => perplexity(after, indices) / perplexity(before, indices) - 1;
  let lost = 0;
  let won = 0;
  for (const [index, token] of texts.flatMap(text => text.inputIds.slice(1)).entries()) {
    const was = reference.predicted[index] === token;
    const is = artefact.predicted[index] === token;
    if (was && !is) lost++;
    if (!was && is) won++;
  }
  const estimate = (value: (indices?: ArrayLike<number>) => number) => ({
    value: value(),
    interval: bootstrap(texts.length, value, { seed }),
  });
  return {
    metric: 'perplexity',
    samples: reference.losses.length,
    reference: estimate(indices => perplexity(before, indices)),
    artefact: estimate(indices => perplexity(after, indices)),
    drop: estimate(rise),
    lost,
    won,
    probability: mcNemarProbability(lost, won),
  };
}

interface TextLoss {
  readonly sum: number;
  readonly tokens: number;
}

function lossesPerText(texts: readonly Encoding[], losses: Float32Array): TextLoss[] {
  let start = 0;
  return texts.map(({ inputIds }) => {
    const tokens = inputIds.length - 1;
    const sum = losses.subarray(start, start + tokens).reduce((total, loss) => total + loss, 0);
    start += tokens;
    return { sum, tokens };
  });
}

/** Over the texts `indices`, with repetitions; over all of them when absent. */
function perplexity(texts: readonly TextLoss[], indices?: ArrayLike<number>): number {
  let sum = 0;
  let tokens = 0;
  const size = indices?.length ?? texts.length;
  for (let i = 0; i < size; i++) {
    const text = texts[indices ? indices[i]! : i]!;
    sum += text.sum;
    tokens += text.tokens;
  }
  return Math.exp(sum / tokens);
}

/** For a reference's file, and back. */
export const tokenScoreTensors = ({ losses, predicted }: TokenScores): Tensors => ({
  'evaluation.losses': { dtype: 'float32', shape: [losses.length], data: losses },
  'evaluation.predicted': { dtype: 'int32', shape: [predicted.length], data: predicted },
});

export function tokenScoresOf(tensors: Readonly<Record<string, TensorValue>>): TokenScores | undefined {
  const losses = tensors['evaluation.losses'];
  const predicted = tensors['evaluation.predicted'];
  if (losses?.dtype !== 'float32' || predicted?.dtype !== 'int32') return undefined;
  return { losses: losses.data, predicted: predicted.data };
}
