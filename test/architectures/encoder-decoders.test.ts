import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TensorValue } from '../../src/runtime/session.js';
import { build, countsOf } from '../quantization/support.js';
import { ARCHITECTURES } from '../support/architectures.js';
import { int64, joined, numbersOf, rowsOf } from '../support/decoding.js';
import { largestError, type ReferenceBatch, readReference, textToTextReferences } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { decoderStep, encoded, generated, openTextToText, type TextToText } from '../support/text-to-text.js';

const folder = temporaryFolders();

test('every family of encoder-decoders has a case', () => {
  const covered = new Set(textToTextReferences().map(name => readReference(name).modelType));
  const families = ARCHITECTURES.filter(({ heads }) => heads['conditional-generation']).map(known => known.modelType);
  expect(families.filter(modelType => !covered.has(modelType))).toEqual([]);
});

/** The encoder's tokens are masked, the decoder's are not. */
const logitsError = (batch: ReferenceBatch, found: TensorValue): number =>
  largestError({ ...batch, inputs: {} }, 'logits', found);

/** Every encoder-decoder whose family can be exported: a new folder is a new case. */
describe.each(textToTextReferences())('%s', name => {
  const reference = readReference(name);
  const models: Record<string, TextToText> = {};
  let built: Awaited<ReturnType<typeof build>>;

  beforeAll(async () => {
    built = await build(reference.folder, reference.task, folder());
    models.export = await openTextToText(built.exported, reference.folder);
    models.optimized = await openTextToText(built.optimized);
    models.int8 = await openTextToText(built.int8);
  });
  afterAll(() =>
    Promise.all(Object.values(models).flatMap(({ encoder, decoder }) => [encoder.release(), decoder.release()])),
  );

  const encode = (model: TextToText, { inputs }: ReferenceBatch) =>
    encoded(model, inputs.input_ids!, inputs.attention_mask!);

  const forms = ['export', 'optimized'];

  test('takes and gives what encoder-decoders on the Hub do', () => {
    const vocabulary = reference.batches[0]!.outputs.logits!.shape[2]!;
    for (const form of forms) {
      const { encoder, decoder } = models[form]!;
      expect(encoder.inputs.map(input => input.name)).toEqual(['input_ids', 'attention_mask']);
      expect(encoder.outputs.map(output => output.name)).toEqual(['last_hidden_state']);
      const cached = [0, 1].flatMap(layer =>
        ['decoder', 'encoder'].flatMap(side => ['key', 'value'].map(what => `${layer}.${side}.${what}`)),
      );
      expect(decoder.inputs.map(input => input.name)).toEqual([
        'input_ids',
        'encoder_attention_mask',
        'encoder_hidden_states',
        ...cached.map(suffix => `past_key_values.${suffix}`),
        'use_cache_branch',
      ]);
      expect(decoder.outputs.map(output => output.name)).toEqual([
        'logits',
        ...cached.map(suffix => `present.${suffix}`),
      ]);
      const shapes = Object.fromEntries(
        [...decoder.inputs, ...decoder.outputs].map(({ name: at, shape }) => [at, shape]),
      );
      expect(shapes['past_key_values.0.decoder.key']!.toSpliced(1, 1).toSpliced(2, 1)).toEqual([
        'batch_size',
        'past_decoder_sequence_length',
      ]);
      expect(shapes['past_key_values.1.encoder.value']![2]).toBe('encoder_sequence_length_out');
      expect(shapes['present.1.encoder.value']![2]).toBe('encoder_sequence_length');
      expect(shapes['present.0.decoder.key']![2]).toBe('decoder_sequence_length + past_decoder_sequence_length');
      expect(shapes.logits).toEqual(['batch_size', 'decoder_sequence_length', vocabulary]);
      expect(shapes.use_cache_branch).toEqual([1]);
    }
  });

  test.each(forms)('%s: hidden states and logits of every batch are those of PyTorch', async form => {
    const model = models[form]!;
    expect(reference.batches.map(({ note }) => note)).toContain('batch of 3, encoder input padded on the right');
    for (const batch of reference.batches) {
      const source = await encode(model, batch);
      const { logits } = await decoderStep(model, batch.inputs.decoder_input_ids!, source);
      const errors = [largestError(batch, 'encoder_last_hidden_state', source.hidden), logitsError(batch, logits)];
      if (process.env.SHOW_ERRORS) console.log(name, form, batch.name, errors);
      expect(Math.max(...errors), batch.note).toBeLessThanOrEqual(reference.tolerance);
    }
  });

  test('padding that is read as text would be seen, by the encoder and by the decoder', async () => {
    const model = models.export!;
    const batch = reference.batches.find(({ note }) => note.includes('padded'))!;
    const { hidden } = await encode(model, batch);
    const all = int64(rowsOf(batch.inputs.attention_mask!).map(row => row.map(() => 1)));
    const wrong = await decoderStep(model, batch.inputs.decoder_input_ids!, { hidden, mask: all });
    expect(logitsError(batch, wrong.logits)).toBeGreaterThan(100 * reference.tolerance);
    const { hidden: wrongHidden } = await encoded(model, batch.inputs.input_ids!, all);
    expect(largestError(batch, 'encoder_last_hidden_state', wrongHidden)).toBeGreaterThan(100 * reference.tolerance);
  });

  test.each(forms)('%s: word by word on the cache, the same logits and the same words', async form => {
    const greedy = reference.generations.filter(({ settings }) => settings.num_beams === 1);
    expect(greedy.map(({ note }) => note)).toContain('greedy, batch of 2 padded on the right');
    for (const generation of greedy) {
      const { newIds, largestError: error } = await generated(models[form]!, generation);
      expect(newIds, generation.note).toEqual(generation.new_ids);
      expect(error, generation.note).toBeLessThanOrEqual(reference.tolerance);
    }
  });

  test.each(forms)('%s: in two parts as at once, and the encoder is not asked again', async form => {
    const model = models[form]!;
    for (const batch of reference.batches) {
      const source = await encode(model, batch);
      const ids = rowsOf(batch.inputs.decoder_input_ids!);
      const length = ids[0]!.length;
      for (const cut of [1, Math.floor(length / 2), length - 1].filter(at => at > 0 && at < length)) {
        const first = await decoderStep(model, int64(ids.map(row => row.slice(0, cut))), source);
        const zeros = { ...source.hidden, data: new Float32Array(source.hidden.data.length) } as TensorValue;
        const rest = int64(ids.map(row => row.slice(cut)));
        const second = await decoderStep(model, rest, { ...source, hidden: zeros }, first.cache);
        const error = logitsError(batch, joined(first.logits, second.logits));
        expect(error, `${batch.note}, cut at ${cut}`).toBeLessThanOrEqual(reference.tolerance);
        for (const [at, value] of Object.entries(second.cache)) {
          if (at.includes('encoder')) expect(value).toEqual(first.cache[at]);
          else expect(value.shape[2]).toBe(length);
        }
      }
    }
  });

  test('an export refers to the checkpoint; optimised, each file has its weights beside it, transposed once', () => {
    const files = ['decoder_model_merged.onnx', 'encoder_model.onnx'];
    const withData = files.flatMap(file => [file, `${file}_data`]);
    // Marian's positions are computed: no checkpoint has them.
    expect(readdirSync(built.exported)).toEqual(reference.modelType === 'marian' ? withData : files);
    expect(readdirSync(built.optimized)).toEqual(withData);
    const layers = 2;
    const encoder = countsOf(join(built.optimized, 'encoder_model.onnx'));
    expect(encoder['com.microsoft.MultiHeadAttention']).toBe(layers);
    const decoder = countsOf(join(built.optimized, 'decoder_model_merged.onnx'));
    expect(decoder.If).toBe(1);
    // Only heads are turned: query, key, value, kᵀ and back for both attentions; and the table of relative positions.
    const hasRelativePositions = reference.modelType.endsWith('t5');
    expect(decoder.Transpose).toBe(10 * layers + (hasRelativePositions ? 1 : 0));
    expect(encoder.Transpose).toBe(hasRelativePositions ? 1 : undefined);
  });

  test('int8: every product with a weight, those in the branch too, and it still points the same way', async () => {
    const { models: reports } = JSON.parse(readFileSync(`${built.int8}.json`, 'utf8')) as QuantizationReport;
    const { quantized, left } = reports['decoder_model_merged.onnx']!;
    expect(left).toEqual([]);
    expect(quantized.filter(path => /(EncDecAttention|encoder_attn)\.[kv](_proj)?$/.test(path))).toHaveLength(4);
    expect(quantized).toHaveLength(1 + 2 * (8 + (quantized.some(path => path.endsWith('wi_1')) ? 3 : 2)));
    for (const batch of reference.batches) {
      const source = await encode(models.int8!, batch);
      const first = await decoderStep(models.int8!, batch.inputs.decoder_input_ids!, source);
      expect(cosine(first.logits, batch.outputs.logits!), batch.note).toBeGreaterThan(0.98);
    }
  });
});

interface QuantizationReport {
  readonly models: Readonly<
    Record<string, { readonly quantized: readonly string[]; readonly left: readonly unknown[] }>
  >;
}

function cosine(a: TensorValue, b: TensorValue): number {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  const dot = (left: readonly number[], right: readonly number[]) =>
    left.reduce((sum, value, i) => sum + value * right[i]!, 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}
