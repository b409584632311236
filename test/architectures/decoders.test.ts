import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HubJson, longestSequence } from '../../src/config/model-checks.js';
import { openSession, type Session } from '../../src/runtime/session.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { runStage } from '../quantization/support.js';
import { ARCHITECTURES, readModelFacts } from '../support/architectures.js';
import { emptyCache, generated, joined, numbersOf, rowsOf, step } from '../support/decoding.js';
import { exported } from '../support/exported.js';
import { decoderReferences, largestError, readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();

test('every family of decoders has a case', () => {
  const covered = new Set(decoderReferences().map(name => readReference(name).modelType));
  const decoders = ARCHITECTURES.filter(({ heads }) => heads['causal-language-model']);
  expect(decoders.map(({ modelType }) => modelType).filter(modelType => !covered.has(modelType))).toEqual([]);
});

/** Every decoder whose family can be exported: a new folder is a new case. */
describe.each(decoderReferences())('%s', name => {
  const reference = readReference(name);
  const configJson = JSON.parse(readFileSync(join(reference.folder, 'config.json'), 'utf8')) as HubJson;
  const sessions: Record<string, Session> = {};

  beforeAll(async () => {
    const at = folder();
    sessions.export = await exported(reference.folder, reference.task, at);
    const inputs = { model: join(at, 'model'), checkpoint: reference.folder };
    const outputs = { model: join(at, 'optimized'), report: join(at, 'optimized.json') };
    await runStage(optimizeStage, { dialect: 'onnxruntime-cpu' }, inputs, outputs, at);
    const optimized = await openSession(outputs.model, 'model.onnx', { threads: 1 });
    if (!optimized.ok) throw new Error(JSON.stringify(optimized.error));
    sessions.optimized = optimized.value;
  });
  afterAll(() => Promise.all(Object.values(sessions).map(session => session.release())));

  const forms = ['export', 'optimized'];

  test('takes and gives what decoders on the Hub do', () => {
    const { num_hidden_layers, num_layers, n_layer } = configJson;
    const layers = Number(num_hidden_layers ?? num_layers ?? n_layer);
    const cache = Array.from({ length: layers }, (_, layer) => [
      `present.${layer}.key`,
      `present.${layer}.value`,
    ]).flat();
    // PyTorch's cache forgets what a layer with a window no longer sees: of such layers the case knows nothing.
    expect(cache).toEqual(expect.arrayContaining(Object.keys(reference.batches[0]!.present)));
    for (const form of forms) {
      const { inputs, outputs } = sessions[form]!;
      const past = cache.map(present => present.replace('present', 'past_key_values'));
      expect(inputs.map(input => input.name)).toEqual([...Object.keys(reference.batches[0]!.inputs), ...past]);
      expect(outputs.map(output => output.name)).toEqual(['logits', ...cache]);
      expect(inputs[1]!.shape).toEqual(['batch_size', 'past_sequence_length + sequence_length']);
    }
  });

  test('config.json alone tells how long a text may be', () => {
    const facts = readModelFacts(configJson, reference.task, name);
    expect(facts.ok && facts.value.maxSequence).toBe(longestSequence(configJson));
    const longest = Math.max(...reference.batches.map(({ inputs }) => inputs.input_ids!.shape[1]!));
    expect(longestSequence(configJson) ?? longest).toBeGreaterThanOrEqual(longest);
  });

  test.each(forms)('%s: logits and cache of every batch are those of PyTorch', async form => {
    const session = sessions[form]!;
    expect(reference.batches.map(({ note }) => note)).toContain('batch of 2, padded on the left');
    for (const batch of reference.batches) {
      const [ids, mask] = [rowsOf(batch.inputs.input_ids!), rowsOf(batch.inputs.attention_mask!)];
      const { outputs } = await step(session, ids, mask, emptyCache(session, ids.length));
      const error = largestError(batch, 'logits', outputs.logits);
      if (process.env.SHOW_ERRORS) console.log(name, form, batch.name, error);
      expect(error, batch.note).toBeLessThanOrEqual(reference.tolerance);
      for (const [present, expected] of Object.entries(batch.present)) {
        const found = outputs[present]!;
        expect(found.shape).toEqual(expected.shape);
        const [wanted, got] = [numbersOf(expected), numbersOf(found)];
        const scale = Math.max(1, ...wanted.map(Math.abs));
        const errors = wanted.map((x, i) => Math.abs(x - got[i]!));
        expect(Math.max(...errors) / scale, present).toBeLessThanOrEqual(reference.tolerance);
      }
    }
  });

  test.each(forms)('%s: word by word on the cache, the same logits and the same words', async form => {
    expect(reference.generations.length).toBeGreaterThan(0);
    for (const generation of reference.generations.filter(({ settings }) => settings.num_beams === 1)) {
      const { newIds, largestError: error } = await generated(sessions[form]!, generation);
      expect(newIds, generation.note).toEqual(generation.new_ids);
      expect(error, generation.note).toBeLessThanOrEqual(reference.tolerance);
    }
  });

  test.each(forms)('%s: in two parts as at once, wherever it is cut', async form => {
    const session = sessions[form]!;
    for (const batch of reference.batches) {
      const [ids, mask] = [rowsOf(batch.inputs.input_ids!), rowsOf(batch.inputs.attention_mask!)];
      const length = ids[0]!.length;
      for (const cut of [1, Math.floor(length / 2), length - 1].filter(at => at > 0 && at < length)) {
        const until = (rows: typeof ids) => rows.map(row => row.slice(0, cut));
        const first = await step(session, until(ids), until(mask), emptyCache(session, ids.length));
        const second = await step(
          session,
          ids.map(row => row.slice(cut)),
          mask,
          first.cache,
        );
        const error = largestError(batch, 'logits', joined(first.logits, second.logits));
        expect(error, `${batch.note}, cut at ${cut}`).toBeLessThanOrEqual(reference.tolerance);
      }
    }
  });
});
