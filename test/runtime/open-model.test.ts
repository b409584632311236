import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { DECODER_INPUT, modelFilesOf, openModel } from '../../src/runtime/open-model.js';
import { exportStage } from '../../src/stages/export.js';
import { largestError, readReference } from '../support/reference.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const newFolder = temporaryFolders();
const folders: Record<string, string> = {};

beforeAll(async () => {
  for (const name of ['bart', 'gpt2']) {
    const { folder: checkpoint, task } = readReference(name);
    const request = { params: { task }, inputs: { checkpoint }, outputs: ['model'] };
    folders[name] = (await outputsOf(exportStage, newFolder(), request)).model!;
  }
});

const open = (name: string, folder = folders[name]!) =>
  openModel(folder, { dataFolder: readReference(name).folder, threads: 1 });

test('one file is the model', async () => {
  expect(modelFilesOf(folders.gpt2!)).toEqual(['model.onnx']);
  const model = await open('gpt2');
  if (!model.ok) throw new Error(model.error.message);
  expect(model.value.parts).toBeUndefined();
  expect(model.value.whole.outputs.map(({ name }) => name)).toContain('present.0.key');
  await model.value.whole.release();
});

test('two files are run in turn: what PyTorch gives for both', async () => {
  expect(modelFilesOf(folders.bart!)).toEqual(['encoder_model.onnx', 'decoder_model_merged.onnx']);
  const model = await open('bart');
  if (!model.ok) throw new Error(model.error.message);
  const { whole } = model.value;
  expect(whole.inputs.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['input_ids', 'batch_size', 'encoder_sequence_length'],
    ['attention_mask', 'batch_size', 'encoder_sequence_length'],
    [DECODER_INPUT, 'batch_size', 'decoder_sequence_length'],
  ]);
  expect(whole.outputs.map(({ name }) => name)).toEqual(['last_hidden_state', 'logits']);
  const { batches, tolerance } = readReference('bart');
  for (const batch of batches) {
    const found = await whole.run(batch.inputs);
    if (!found.ok) throw new Error(JSON.stringify(found.error));
    const { last_hidden_state: hidden, logits } = found.value;
    expect(largestError(batch, 'encoder_last_hidden_state', hidden)).toBeLessThanOrEqual(tolerance);
    expect(largestError({ ...batch, inputs: {} }, 'logits', logits)).toBeLessThanOrEqual(tolerance);
  }
  let time = 0;
  expect(await whole.runTimed(batches[0]!.inputs, () => (time += 5))).toEqual({ ok: true, value: 5 });
  expect(await whole.run({ input_ids: batches[0]!.inputs.input_ids! })).toMatchObject({
    ok: false,
    error: { code: 'feed-invalid', message: "the input 'attention_mask' is not given" },
  });
  await whole.release();
});

test('an encoder without its decoder', async () => {
  const folder = newFolder();
  cpSync(folders.bart!, folder, { recursive: true });
  rmSync(join(folder, 'decoder_model_merged.onnx'));
  expect(await open('bart', folder)).toMatchObject({
    error: { code: 'model-unreadable', where: join(folder, 'decoder_model_merged.onnx') },
  });
});
