import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { integerMatMuls } from '../../src/quantization/proof.js';
import { firstCall } from '../../src/runtime/generation/cache.js';
import { modelFilesOf, openModel } from '../../src/runtime/open-model.js';
import type { Tensors } from '../../src/runtime/session.js';
import type { ObservedTensors } from '../../src/stages/observe-model.js';
import { TOLERANCES } from '../../src/validation/tolerances.js';
import { numbersOf } from '../support/decoding.js';
import { run } from '../support/exported.js';
import {
  decoderReferences,
  type ReferenceBatch,
  type ReferenceCase,
  readReference,
  textToTextReferences,
} from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { build, buildCalibrated, withoutPadding } from './support.js';

const folder = temporaryFolders();

/** All models that write: decoders, encoder-decoders of texts, and of speech. */
const NAMES = [...decoderReferences(), ...textToTextReferences(), 'whisper'];

/**
 * Root mean square of the difference over that of what is expected, of everything that the model says. Padding is left out, except of
 * what is written, which has none.
 */
function relativeDifference(batches: readonly ReferenceBatch[], found: readonly Tensors[]): number {
  let [difference, size] = [0, 0];
  for (const [index, { inputs, outputs }] of batches.entries()) {
    for (const [name, expected] of Object.entries(outputs)) {
      const isWritten = inputs.decoder_input_ids !== undefined && name === 'logits';
      const mask = isWritten || !inputs.attention_mask ? [1] : numbersOf(inputs.attention_mask);
      const values = numbersOf(found[index]![name]!);
      for (const [i, value] of numbersOf(expected).entries()) {
        if (mask[Math.floor((i * mask.length) / expected.data.length)] === 0) continue;
        difference += (values[i]! - value) ** 2;
        size += value ** 2;
      }
    }
  }
  return Math.sqrt(difference / size);
}

/** What a calibration runs: the inputs of a decoder or of an encoder, without padding. */
function calibrationOf({ batches }: ReferenceCase): readonly Tensors[] {
  return batches.flatMap(({ inputs: { input_ids, attention_mask, input_features } }) =>
    input_features
      ? [{ input_features }]
      : withoutPadding([{ input_ids: input_ids!, attention_mask: attention_mask! }]),
  );
}

async function int8Of(name: string, fault?: (tensors: ObservedTensors, file: string) => ObservedTensors) {
  const reference = readReference(name);
  const [at, executedFolder] = [folder(), folder()];
  await build(reference.folder, reference.task, at);
  const model = await buildCalibrated(reference.folder, calibrationOf(reference), at, fault ? { fault } : {});
  const opened = await openModel(model, { threads: 1, executedFolder });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { whole } = opened.value;
  const names = new Set(whole.inputs.map(input => input.name));
  const outputs: Tensors[] = [];
  for (const { inputs } of reference.batches) {
    const given = Object.fromEntries(Object.entries(inputs).filter(([input]) => names.has(input)));
    const { logits, last_hidden_state: encoded } = await run(whole, firstCall(whole.inputs, given));
    outputs.push({ logits: logits!, ...(encoded ? { encoder_last_hidden_state: encoded } : {}) });
  }
  await whole.release();
  const products = modelFilesOf(model).map(file => {
    const count = integerMatMuls(readFileSync(join(executedFolder, file)));
    if (!count.ok) throw new Error(JSON.stringify(count.error));
    return count.value;
  });
  return { difference: relativeDifference(reference.batches, outputs), products };
}

/** validation/tolerances.ts: what a build allows. These models have random weights. Found were 0.02 to 0.07 (decoders) and 0.03 to 0.095. */
const TOLERANCE = TOLERANCES.int8!.relative!;

test.each(NAMES)('%s in int8, calibrated on what it reads and writes', async name => {
  const { difference, products } = await int8Of(name);
  for (const { integer, total } of products) expect(integer / total).toBeGreaterThanOrEqual(0.95);
  expect(difference).toBeLessThan(TOLERANCE);
});

const [ENCODER, DECODER] = ['encoder_model.onnx', 'decoder_model_merged.onnx'];

test.each([
  ['llama', 'model.onnx', /^model\.norm\/Mul(_1)?$/],
  ['bart', ENCODER, /layers\.1\.self_attn_layer_norm\/LayerNormalization$/],
  ['bart', DECODER, /^encoder_hidden_states$/],
  ['t5', DECODER, /^encoder_hidden_states$/],
  ['whisper', DECODER, /decoder\.layer_norm\/LayerNormalization$/],
])('a scale that is four times too small shows: %s, %s, %s', async (name, faulty, tensor) => {
  const narrowed: string[] = [];
  const { difference } = await int8Of(name, (tensors, file) => {
    if (file !== faulty) return tensors;
    const changed = Object.keys(tensors).filter(key => tensor.test(key));
    narrowed.push(...changed);
    const { min, max, clips: _, ...rest } = tensors[changed[0]!] ?? { min: 0, max: 0 };
    return { ...tensors, [changed[0]!]: { ...rest, min: min / 4, max: max / 4 } as ObservedTensors[string] };
  });
  expect(narrowed).toHaveLength(1);
  expect(difference).toBeGreaterThan(TOLERANCE);
});
