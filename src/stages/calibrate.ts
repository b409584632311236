import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage, StageContext } from '../build/task.js';
import { readModel } from '../onnx/read.js';
import {
  CALIBRATION_SCHEMA,
  type CalibrationScope,
  type CalibrationTable,
  type CalibrationTexts,
} from '../quantization/calibration/table.js';
import { batchOf } from '../runtime/batch.js';
import { readWritingTokens, type WritingTokens } from '../runtime/generation/writing-tokens.js';
import { decoderPositions, type ModelConfig, readModelConfig } from '../runtime/model-config.js';
import { modelFilesOf } from '../runtime/open-model.js';
import { loadTokenizer, type TextTokenizer } from '../runtime/tokenizer.js';
import type { Failure } from '../util/failure.js';
import { mapped, ok, type Result } from '../util/result.js';
import { noiseCases } from '../validation/noise-cases.js';
import { targetTokens } from '../validation/scored-texts.js';
import { calibrationInput, type EncodedSample, noiseTexts } from './calibration-texts.js';
import { observeEncoderDecoder, type SourceBatch } from './observe-encoder-decoder.js';
import { batchOfFeeds, type ObserveOptions, observeModel } from './observe-model.js';

interface CalibrateParams {
  /** Longest sequence of the deployment. */
  readonly maximumSequence: number;
  /** Texts that are used at most. */
  readonly samples: number;
  readonly seed: number;
  readonly scope: CalibrationScope;
}

/** Tokens of a batch: small texts share one, and one of usual length is enough to use two cores. */
const TOKENS_PER_BATCH = 128;

/** What a tokenizer gives; a model has some of them. */
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'prompt_length'];

/** What models hear or see, for which noise stands in. */
const SENSED: ReadonlySet<string> = new Set(['pixel_values', 'input_features']);

/**
 * Runs texts through the fp32 export and writes what its tensors held, as `table`. Inputs: `model`, `checkpoint`, `tokenizer`,
 * `generationConfig` of a model that writes, and `calibration` or `evaluation` files if there are any. Batches hold texts of one length,
 * so that there is no padding whose values would count. The same texts give the same bytes, whatever the number of threads. Failures:
 * those of `calibrationInput`, `readWritingTokens`, `observeModel` and `observeEncoderDecoder`.
 */
export const calibrateStage: Stage = {
  name: 'calibrate',
  async run(context) {
    const { scope } = context.params as unknown as CalibrateParams;
    const config = await readModelConfig(context.in.checkpoint!);
    if (!config.ok) return config;
    const input = await inputOf(context, config.value);
    if (!input.ok) return input;
    const { texts } = input.value;
    const models = await observe(context, config.value, input.value);
    if (!models.ok) return models;
    const table: CalibrationTable = { schema: CALIBRATION_SCHEMA, texts, scope, models: models.value };
    await writeFile(context.out.table!, `${JSON.stringify(table)}\n`);
    return ok(undefined);
  },
};

interface Input {
  readonly batches: readonly SourceBatch[];
  readonly texts: CalibrationTexts;
  /** Of an encoder-decoder: between which tokens it writes. */
  readonly tokens?: WritingTokens;
}

async function inputOf(context: StageContext, config: ModelConfig): Promise<Result<Input, Failure>> {
  const { maximumSequence, samples, seed } = context.params as unknown as CalibrateParams;
  const [first, second] = modelFilesOf(context.in.model!);
  const model = readModel(join(context.in.model!, first!), { dataFolder: context.in.checkpoint! });
  if (!model.ok) return model;
  const tokens = second === undefined ? undefined : await writingTokens(context);
  if (tokens && !tokens.ok) return tokens;
  const writing = tokens ? { tokens: tokens.value } : {};
  const sensed = model.value.graph.inputs.find(({ name }) => SENSED.has(name));
  if (sensed) {
    const batches = noiseCases({ name: sensed.name, ...sensed.type }, seed).map(({ feeds }) => ({ feeds }));
    return ok({ batches, texts: noiseTexts(batches.length), ...writing });
  }
  const { vocab_size: embeddings } = config;
  const tokenizer = await loadTokenizer(context.in.tokenizer!, embeddings === undefined ? {} : { embeddings });
  if (!tokenizer.ok) return tokenizer;
  const { calibration, evaluation } = context.in;
  const maxLength = Math.min(maximumSequence, tokenizer.value.maxLength);
  const input = await calibrationInput(tokenizer.value, { calibration, evaluation, samples, maxLength, seed });
  if (!input.ok) return input;
  const targetOf = tokens && targetIn(tokenizer.value, tokens.value, maxLength);
  const batches = ofEqualLength(input.value.samples).map(batch => {
    const encodings = batch.map(({ encoding }) => encoding);
    return { feeds: batchOf(encodings, INPUTS), ...(targetOf ? { targets: batch.map(targetOf) } : {}) };
  });
  return ok({ batches, texts: input.value.texts, ...writing });
}

/** The tensors of every file of the model. */
async function observe(
  context: StageContext,
  config: ModelConfig,
  { batches, tokens }: Input,
): Promise<Result<CalibrationTable['models'], Failure>> {
  const options: ObserveOptions = {
    folder: context.in.model!,
    checkpoint: context.in.checkpoint!,
    scratch: context.scratch,
    scope: (context.params as unknown as CalibrateParams).scope,
    step(done, total) {
      context.progress({ done, total, unit: 'runs' });
      return context.signal.aborted;
    },
  };
  if (tokens) return observeEncoderDecoder(batches, { tokens, positions: decoderPositions(config) }, options);
  const [file] = modelFilesOf(context.in.model!) as [string];
  const runs = batches.map(({ feeds }) => batchOfFeeds(feeds));
  return mapped(await observeModel(file, runs, options), tensors => ({ [file]: tensors }));
}

const writingTokens = ({ in: given }: StageContext): Promise<Result<WritingTokens, Failure>> =>
  readWritingTokens(join(given.checkpoint!, 'config.json'), given.generationConfig);

/** The tokens of a sample's target, where it has one. */
const targetIn =
  (tokenizer: TextTokenizer, tokens: WritingTokens, maxLength: number) =>
  ({ target }: EncodedSample): readonly number[] | undefined =>
    target === undefined
      ? undefined
      : targetTokens(tokenizer.encode(target, undefined, { maxLength }).inputIds, tokenizer.languages, tokens);

/** Texts of equal length together, in the order of their first. */
function ofEqualLength(samples: readonly EncodedSample[]): readonly (readonly EncodedSample[])[] {
  const batches: EncodedSample[][] = [];
  const open = new Map<number, EncodedSample[]>();
  for (const sample of samples) {
    const { length } = sample.encoding.inputIds;
    const batch = open.get(length);
    if (batch && (batch.length + 1) * length <= TOKENS_PER_BATCH) {
      batch.push(sample);
      continue;
    }
    const started = [sample];
    open.set(length, started);
    batches.push(started);
  }
  return batches;
}
