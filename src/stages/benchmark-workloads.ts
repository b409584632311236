import { fixedLength, noiseWorkload, type Shape, type Workload, workloadOf } from '../benchmark/workload.js';
import type { StageContext } from '../build/task.js';
import { readWritingTokens } from '../runtime/generation/writing-tokens.js';
import type { OpenedModel } from '../runtime/open-model.js';
import { readTexts, type TextSample } from '../runtime/samples.js';
import type { TensorDeclaration } from '../runtime/session.js';
import { syntheticTexts } from '../runtime/synthetic-texts.js';
import { loadTokenizer, type TextTokenizer } from '../runtime/tokenizer.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';

export interface WorkloadParams {
  readonly task: string;
  readonly shapes: readonly (readonly [batch: number, sequence: number])[];
  readonly seed: number;
}

/** Texts that inputs are made from; more would not change a latency. */
const TEXTS = 200;

/**
 * What a model is measured with, for each shape. Inputs of the stage: `tokenizer`, `config`, `generationConfig` if there is one, `data` if
 * there are texts.
 */
export async function workloadsFor(
  context: Pick<StageContext, 'in'>,
  { task, shapes: wanted, seed }: WorkloadParams,
  { whole: { inputs }, parts }: OpenedModel,
): Promise<Result<{ readonly shapes: readonly Shape[]; readonly workloads: readonly Workload[] }, Failure>> {
  const texts = task === 'image-classification' ? undefined : await tokenizedTexts(context, seed);
  if (texts && !texts.ok) return texts;
  const decoderStart = parts ? await decoderStartOf(context) : undefined;
  if (decoderStart && !decoderStart.ok) return decoderStart;
  const shapes = shapesFor(inputs, wanted);
  const workloads = shapes.map(shape => {
    const how = { seed, ...(decoderStart ? { decoderStart: decoderStart.value } : {}) };
    return texts === undefined || fixedLength(inputs) !== undefined
      ? noiseWorkload(inputs, shape.batch, how)
      : workloadOf(texts.value.tokenizer, texts.value.samples, inputs, shape, how);
  });
  return ok({ shapes, workloads });
}

async function decoderStartOf({
  in: { config, generationConfig },
}: Pick<StageContext, 'in'>): Promise<Result<number, Failure>> {
  const tokens = await readWritingTokens(config!, generationConfig);
  return tokens.ok ? ok(tokens.value.start) : tokens;
}

/** Speech has one length, in frames, and an image one size, whatever the shapes say of texts. */
export function shapesFor(inputs: readonly TensorDeclaration[], shapes: WorkloadParams['shapes']): readonly Shape[] {
  const length = fixedLength(inputs);
  if (length === undefined) return shapes.map(([batch, sequence]) => ({ batch, sequence }));
  return [...new Set(shapes.map(([batch]) => batch))].map(batch => ({ batch, sequence: length }));
}

async function tokenizedTexts(
  context: Pick<StageContext, 'in'>,
  seed: number,
): Promise<Result<{ readonly tokenizer: TextTokenizer; readonly samples: readonly TextSample[] }, Failure>> {
  const tokenizer = await loadTokenizer(context.in.tokenizer!);
  if (!tokenizer.ok) return tokenizer;
  const samples = context.in.data
    ? await readTexts(context.in.data, TEXTS)
    : ok(syntheticTexts(tokenizer.value, { count: TEXTS, words: 32, seed }));
  return samples.ok ? ok({ tokenizer: tokenizer.value, samples: samples.value }) : samples;
}
