import { statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Stage, StageContext } from '../build/task.js';
import { DECODER_FILE, decoderBeside, ENCODER_FILE } from '../onnx/hub-files.js';
import { cacheInputs, firstCall } from '../runtime/generation/cache.js';
import { readWritingTokens, type WritingTokens } from '../runtime/generation/writing-tokens.js';
import { decoderPositions, type ModelConfig, readModelConfig } from '../runtime/model-config.js';
import { inTurn, type OpenedModel, openModel } from '../runtime/open-model.js';
import { renamedSession, type SessionNames } from '../runtime/renamed-session.js';
import { readTexts, type TextSample } from '../runtime/samples.js';
import { openSession, type Session, type TensorDeclaration } from '../runtime/session.js';
import { syntheticTexts } from '../runtime/synthetic-texts.js';
import { loadTokenizer, type Padding, type TextTokenizer } from '../runtime/tokenizer.js';
import { type Failure, interrupted, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { tokenBudgetOf, type ValidationCase, validationCases } from '../validation/cases.js';
import { paddingEffectOf } from '../validation/compare.js';
import { withDecoderInputs } from '../validation/decoder-inputs.js';
import { evaluatorFor } from '../validation/metrics/index.js';
import { noiseCases } from '../validation/noise-cases.js';
import { comparedOutputs, type ReferenceCase, writeReference } from '../validation/reference.js';
import { writeCases } from '../validation/writing.js';
import { type EvaluationParams, recordEvaluation } from './reference-evaluation.js';

interface ReferenceParams extends EvaluationParams {
  /** Texts that are compared at most. */
  readonly samples: number;
  readonly seed: number;
  /** Of an ONNX file that was imported: its path in the checkpoint. */
  readonly onnx?: string;
}

/**
 * Runs the fp32 export once, on inputs that every artefact of the model will be given too, and on the evaluation data.
 * Inputs: `model` (of an ONNX file that others made, its `interface` instead), `checkpoint` (config.json and weights), `tokenizer`, and `generationConfig`, `calibration` and `evaluation` files if there are any.
 */
export const referenceStage: Stage = {
  name: 'reference',
  async run(context) {
    const params = context.params as unknown as ReferenceParams;
    const config = await readModelConfig(context.in.checkpoint!);
    if (!config.ok) return config;
    if (params.task === 'image-classification') return recordImages(context, params);
    const { vocab_size: embeddings } = config.value;
    const loaded = await loadTokenizer(context.in.tokenizer!, embeddings === undefined ? {} : { embeddings });
    if (!loaded.ok) return loaded;
    const model = await openExport(context, params.onnx);
    if (!model.ok) return model;
    const { whole } = model.value;
    try {
      const generates = cacheInputs(whole.inputs).length > 0;
      const tokenizer = generates ? { padding: ANY_TOKEN, ...loaded.value } : loaded.value;
      return await record(context, params, config.value, tokenizer, model.value);
    } finally {
      await whole.release();
    }
  },
};

const SETTINGS = { foldConstants: false, spinning: false } as const;

/** The export; or what others made, as they made it, by the names that the import gave its inputs and outputs. */
async function openExport(
  { in: { model, checkpoint, interface: names } }: StageContext,
  onnx: string | undefined,
): Promise<Result<OpenedModel, Failure>> {
  if (onnx === undefined) return openModel(model!, { ...SETTINGS, dataFolder: checkpoint! });
  const path = join(checkpoint!, onnx);
  const given = JSON.parse(await readFile(names!, 'utf8')) as SessionNames & Readonly<Record<string, SessionNames>>;
  const decoderPath = decoderBeside(path);
  if (decoderPath === undefined) {
    const session = await openRenamed(path, given);
    return session.ok ? ok({ whole: session.value }) : session;
  }
  const encoder = await openRenamed(path, given[ENCODER_FILE]!);
  if (!encoder.ok) return encoder;
  const decoder = await openRenamed(decoderPath, given[DECODER_FILE]!);
  if (decoder.ok) return ok(inTurn({ encoder: encoder.value, decoder: decoder.value }));
  await encoder.value.release();
  return decoder;
}

async function openRenamed(path: string, names: SessionNames): Promise<Result<Session, Failure>> {
  const session = await openSession(dirname(path), basename(path), SETTINGS);
  return session.ok ? ok(renamedSession(session.value, names)) : session;
}

/** Images are of one size, and there are no texts: nothing is tokenised or padded. */
async function recordImages(context: StageContext, params: ReferenceParams): Promise<Result<void, Failure>> {
  if (context.in.evaluation) {
    const evaluator = evaluatorFor(params.task, params.metric);
    if (!evaluator.ok) return evaluator;
  }
  const model = await openExport(context, params.onnx);
  if (!model.ok) return model;
  const { whole } = model.value;
  try {
    const pixels = whole.inputs[0]!;
    if (pixels.shape.slice(1).some(size => typeof size !== 'number')) return fail(sizeOpen(pixels));
    const cases = await runCases(context, whole, noiseCases(pixels, params.seed));
    if (!cases.ok) return cases;
    writeReference(context.out.reference!, {
      task: params.task,
      seed: params.seed,
      padding: undefined,
      outputs: comparedOutputs(whole),
      cases: cases.value,
      paddingEffect: undefined,
      evaluation: undefined,
    });
    return ok(undefined);
  } finally {
    await whole.release();
  }
}

const sizeOpen = ({ name, shape }: TensorDeclaration): Failure =>
  usageFailure('image-size-open', 'the model does not say how large its images are', {
    where: `input '${name}'`,
    expected: '[batch_size, channels, height, width] with numbers for all but the first',
    found: `[${shape.join(', ')}]`,
    fix: 'export it with the sizes of its preprocessor_config.json',
  });

/** Decoders often come without a padding token; since padding is masked, any token will do. */
const ANY_TOKEN: Padding = { tokenId: 0, tokenTypeId: 0 };

async function record(
  context: StageContext,
  params: ReferenceParams,
  config: ModelConfig,
  tokenizer: TextTokenizer,
  { whole: session, parts }: OpenedModel,
): Promise<Result<void, Failure>> {
  const planned = await planCases(context, params, config, tokenizer, session);
  if (!planned.ok) return planned;
  const tokens = parts ? await writingTokens(context) : undefined;
  if (tokens && !tokens.ok) return tokens;
  // What is written is no longer than what is read: an engine has no room for more.
  const positions = Math.min(decoderPositions(config), params.sequence[2]);
  const cases = await runCases(
    context,
    session,
    tokens ? withWritten(planned.value, session, tokens.value, positions) : planned.value,
  );
  if (!cases.ok) return cases;
  const writing = parts && tokens ? await writeCases(parts, planned.value, tokens.value, positions) : undefined;
  if (writing && !writing.ok) return writing;
  const recorded = await recordEvaluation(context, params, config, tokenizer, session, tokens?.value);
  if (!recorded.ok) return recorded;
  const outputs = comparedOutputs(session);
  writeReference(context.out.reference!, {
    task: params.task,
    seed: params.seed,
    padding: tokenizer.padding,
    outputs,
    cases: cases.value,
    paddingEffect: paddingEffectOf(cases.value, outputs),
    ...recorded.value,
    ...(writing ? { writing: writing.value } : {}),
  });
  return ok(undefined);
}

/** The user's texts; words of the tokenizer's own vocabulary when there are none. */
async function textsOf(
  context: StageContext,
  { sequence, samples, seed }: ReferenceParams,
  tokenizer: TextTokenizer,
): Promise<Result<readonly TextSample[], Failure>> {
  const file = context.in.calibration ?? context.in.evaluation;
  if (file) return readTexts(file);
  return ok(syntheticTexts(tokenizer, { count: samples, words: Math.min(32, sequence[2]), seed }));
}

async function planCases(
  context: StageContext,
  params: ReferenceParams,
  config: ModelConfig,
  tokenizer: TextTokenizer,
  session: Session,
): Promise<Result<readonly ValidationCase[], Failure>> {
  const features = session.inputs.find(({ name }) => name === 'input_features');
  if (features) return ok(noiseCases(features, params.seed));
  const texts = await textsOf(context, params, tokenizer);
  if (!texts.ok) return texts;
  const cases = validationCases(tokenizer, texts.value, {
    inputs: session.inputs.map(input => input.name),
    maximumSequence: Math.min(params.sequence[2], tokenizer.maxLength),
    tokenTypes: config.type_vocab_size ?? 0,
    tokenBudget: tokenBudgetOf(await weightBytesOf(context.in.checkpoint!), valuesPerToken(session)),
    samples: params.samples,
  });
  return ok(cases);
}

const writingTokens = ({ in: given }: StageContext): Promise<Result<WritingTokens, Failure>> =>
  readWritingTokens(join(given.checkpoint!, 'config.json'), given.generationConfig);

const withWritten = (
  cases: readonly ValidationCase[],
  session: Session,
  { start, forced }: WritingTokens,
  positions: number,
): readonly ValidationCase[] =>
  withDecoderInputs(cases, {
    beginning: forced === undefined ? [start] : [start, forced],
    vocabulary: Number(session.outputs.find(({ name }) => name === 'logits')!.shape[2]),
    positions,
  });

async function runCases(
  context: StageContext,
  session: Session,
  planned: readonly ValidationCase[],
): Promise<Result<readonly ReferenceCase[], Failure>> {
  const compared = Object.keys(comparedOutputs(session));
  const cases: ReferenceCase[] = [];
  for (const { name, mode, feeds } of planned) {
    if (context.signal.aborted) return fail(interrupted());
    context.progress({ done: cases.length, total: planned.length, unit: 'cases' });
    const run = await session.run(firstCall(session.inputs, feeds));
    if (!run.ok) return run;
    const outputs = Object.fromEntries(compared.map(output => [output, run.value[output]!]));
    const broken = Object.entries(outputs).find(([, { data }]) => data.some(value => Number.isNaN(Number(value))));
    if (broken) {
      return fail(
        usageFailure('reference-not-finite', 'the fp32 export itself gives NaN', {
          where: `output '${broken[0]}', ${mode}`,
          expected: 'finite numbers',
          found: 'NaN',
          fix: 'look for NaN or infinite weights in the checkpoint',
        }),
      );
    }
    cases.push({ name, mode, inputs: feeds, outputs });
  }
  return ok(cases);
}

/** Floating-point values that the compared outputs have for each token. */
function valuesPerToken(session: Session): number {
  const compared = comparedOutputs(session);
  const widths = session.outputs.map(({ name, shape }) =>
    compared[name]?.sequence && !compared[name].written ? Number(shape.at(-1)) : 0,
  );
  return Math.max(1, ...widths.filter(Number.isFinite));
}

/** Everything but descriptions: safetensors, or an ONNX file with its data. */
async function weightBytesOf(checkpoint: string): Promise<number> {
  const names = (await readdir(checkpoint, { recursive: true })).filter(name => !name.endsWith('.json'));
  const files = names.map(name => statSync(join(checkpoint, name))).filter(stat => stat.isFile());
  return files.reduce((sum, { size }) => sum + size, 0);
}
