import type { StageContext } from '../build/task.js';
import type { WritingTokens } from '../runtime/generation/writing-tokens.js';
import { decoderPositions, labelNames, type ModelConfig } from '../runtime/model-config.js';
import type { Session } from '../runtime/session.js';
import type { TextTokenizer } from '../runtime/tokenizer.js';
import { type Failure, interrupted, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { evaluate } from '../validation/evaluation.js';
import { evaluatorFor } from '../validation/metrics/index.js';
import { scoreTexts } from '../validation/perplexity.js';
import type { Reference, ReferenceEvaluation, ReferenceTexts } from '../validation/reference.js';
import { readPredictable, readTargets } from '../validation/scored-texts.js';

export interface EvaluationParams {
  readonly task: string;
  /** Shortest, usual and longest sequence of the deployment. */
  readonly sequence: readonly [number, number, number];
  /** Metric of the evaluation; the task's first when absent. */
  readonly metric?: string;
  /** Names of the labels, for checkpoints whose config.json has none. */
  readonly labels?: readonly string[];
}

/** What the export makes of the input `evaluation`, if there is one. `tokens`: of an encoder-decoder, between which it writes. */
export async function recordEvaluation(
  context: StageContext,
  params: EvaluationParams,
  config: ModelConfig,
  tokenizer: TextTokenizer,
  session: Session,
  tokens: WritingTokens | undefined,
): Promise<Result<Pick<Reference, 'evaluation' | 'texts'>, Failure>> {
  if (!context.in.evaluation) return ok({ evaluation: undefined });
  if (tokens || params.task === 'text-generation') {
    const texts = await runTexts(context, params, config, tokenizer, session, tokens);
    return texts.ok ? ok({ evaluation: undefined, texts: texts.value }) : texts;
  }
  const evaluation = await runEvaluation(context, params, config, tokenizer, session);
  return evaluation.ok ? ok({ evaluation: evaluation.value }) : evaluation;
}

async function runEvaluation(
  context: StageContext,
  { task, metric, labels: givenLabels }: EvaluationParams,
  config: ModelConfig,
  tokenizer: TextTokenizer,
  session: Session,
): Promise<Result<ReferenceEvaluation, Failure>> {
  const known = evaluatorFor(task, metric);
  if (!known.ok) return known;
  const { data, metric: scored } = known.value;
  const { name, rank } = data.output;
  const shape = session.outputs.find(output => output.name === name)?.shape;
  const width = shape?.length === rank ? shape[rank - 1] : undefined;
  const unfit =
    typeof width === 'number'
      ? data.unfit?.(width)
      : {
          message: 'needs an output that this model does not have',
          expected: `an output '${name}' of ${rank} axes`,
          found: session.outputs.map(output => output.name).join(', '),
        };
  if (unfit) return fail(evaluationUnfit(scored.name, unfit));
  const set = await data.read({
    file: context.in.evaluation!,
    tokenizer,
    maxLength: Math.min(tokenizer.maxLength, config.max_position_embeddings ?? Number.POSITIVE_INFINITY),
    width: width as number,
    labels: givenLabels ?? labelNames(config, width as number),
  });
  if (!set.ok) return set;
  const rows = await evaluate(session, set.value, {
    output: data.output,
    padding: tokenizer.padding,
    step(done) {
      context.progress({ done, total: set.value.encodings.length, unit: 'texts' });
      return context.signal.aborted ? interrupted() : undefined;
    },
  });
  return rows.ok ? ok({ set: set.value, rows: rows.value }) : rows;
}

const evaluationUnfit = (
  metric: string,
  { message, expected, found }: { readonly message: string; readonly expected: string; readonly found: string },
): Failure =>
  usageFailure('evaluation-unsupported', `the metric '${metric}' ${message}`, {
    expected,
    found,
    fix: "remove 'evaluation' from this model; its outputs are still compared with the fp32 export",
  });

/** For perplexity: every token of every text, or of what should be written of it, as far as the deployment's longest sequence goes. */
async function runTexts(
  context: StageContext,
  { sequence }: EvaluationParams,
  config: ModelConfig,
  tokenizer: TextTokenizer,
  session: Session,
  tokens: WritingTokens | undefined,
): Promise<Result<ReferenceTexts, Failure>> {
  const file = context.in.evaluation!;
  const maxLength = Math.min(sequence[2], tokenizer.maxLength);
  const texts = tokens
    ? await readTargets(file, tokenizer, tokens, { maxLength, positions: decoderPositions(config) })
    : await readPredictable(file, tokenizer, maxLength);
  if (!texts.ok) return texts;
  const scores = await scoreTexts(session, texts.value, done => {
    context.progress({ done, total: texts.value.encodings.length, unit: 'texts' });
    return context.signal.aborted ? interrupted() : undefined;
  });
  return scores.ok ? ok({ ...texts.value, scores: scores.value }) : scores;
}
