import { writeFile } from 'node:fs/promises';
import type { Stage } from '../build/task.js';
import { CALIBRATION_SCHEMA, type CalibrationScope, type CalibrationTable } from '../quantization/calibration/table.js';
import { batchOf } from '../runtime/batch.js';
import { readModelConfig } from '../runtime/model-config.js';
import { type Encoding, loadTokenizer } from '../runtime/tokenizer.js';
import { ok } from '../util/result.js';
import { calibrationInput } from './calibration-texts.js';
import { observeModel } from './observe-model.js';

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

/**
 * Runs texts through the fp32 export and writes what its tensors held, as `table`. Inputs: `model`, `checkpoint`, `tokenizer`,
 * and `calibration` or `evaluation` files if there are any. Batches hold texts of one length, so that there is no padding whose
 * values would count. The same texts give the same bytes, whatever the number of threads. Failures: those of `calibrationInput`
 * and `observeModel`.
 */
export const calibrateStage: Stage = {
  name: 'calibrate',
  async run(context) {
    const { maximumSequence, samples, seed, scope } = context.params as unknown as CalibrateParams;
    const { model, checkpoint, calibration, evaluation } = context.in;
    const config = await readModelConfig(checkpoint!);
    if (!config.ok) return config;
    const { vocab_size: embeddings } = config.value;
    const tokenizer = await loadTokenizer(context.in.tokenizer!, embeddings === undefined ? {} : { embeddings });
    if (!tokenizer.ok) return tokenizer;
    const maxLength = Math.min(maximumSequence, tokenizer.value.maxLength);
    const input = await calibrationInput(tokenizer.value, { calibration, evaluation, samples, maxLength, seed });
    if (!input.ok) return input;
    const tensors = await observeModel({
      folder: model!,
      checkpoint: checkpoint!,
      scratch: context.scratch,
      scope,
      batches: batchesOf(input.value.encodings).map(batch => batchOf(batch, INPUTS)),
      step(done, total) {
        context.progress({ done, total, unit: 'runs' });
        return context.signal.aborted;
      },
    });
    if (!tensors.ok) return tensors;
    const table: CalibrationTable = {
      schema: CALIBRATION_SCHEMA,
      texts: input.value.texts,
      scope,
      models: { 'model.onnx': tensors.value },
    };
    await writeFile(context.out.table!, `${JSON.stringify(table)}\n`);
    return ok(undefined);
  },
};

/** Texts of equal length together, in the order of their first. */
function batchesOf(encodings: readonly Encoding[]): readonly (readonly Encoding[])[] {
  const batches: Encoding[][] = [];
  const open = new Map<number, Encoding[]>();
  for (const encoding of encodings) {
    const { length } = encoding.inputIds;
    const batch = open.get(length);
    if (batch && (batch.length + 1) * length <= TOKENS_PER_BATCH) {
      batch.push(encoding);
      continue;
    }
    const started = [encoding];
    open.set(length, started);
    batches.push(started);
  }
  return batches;
}
