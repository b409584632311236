import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Input } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { writeModel } from '../../src/onnx/write.js';
import { exportStage } from '../../src/stages/export.js';
import { referenceStage } from '../../src/stages/reference.js';
import { readReference } from '../../src/validation/reference.js';
import { readReference as readCheckpoint } from '../support/reference.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();

test('a model of images that are of any size is refused: nobody knows what to try it on', async () => {
  const at = folder();
  const checkpoint = join(at, 'checkpoint');
  mkdirSync(checkpoint);
  writeFileSync(join(checkpoint, 'config.json'), '{"model_type": "vit"}');
  const pixels: Input = {
    kind: 'input',
    name: 'pixel_values',
    type: { dtype: 'float32', shape: ['batch_size', 3, 'height', 'width'] },
  };
  const logits = ops('').ReduceMean(pixels, { axes: [2, 3], keepdims: 0 });
  const model = join(at, 'model');
  const graph = { inputs: [pixels], outputs: [{ name: 'logits', value: logits }] };
  const written = await writeModel(graph, { folder: model, file: 'model.onnx', durable: false });
  expect(written.ok).toBe(true);
  const done = await referenceStage.run({
    params: { task: 'image-classification', sequence: [1, 1, 1], samples: 3, seed: 0 },
    in: { model, checkpoint },
    out: { reference: join(at, 'reference') },
    scratch: at,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect(done).toEqual({
    ok: false,
    error: {
      code: 'image-size-open',
      kind: 'usage',
      message: 'the model does not say how large its images are',
      where: "input 'pixel_values'",
      expected: '[batch_size, channels, height, width] with numbers for all but the first',
      found: '[batch_size, 3, height, width]',
      fix: 'export it with the sizes of its preprocessor_config.json',
    },
  });
});

test('nothing that is written is longer than the longest text of the deployment', async () => {
  const at = folder();
  const { folder: checkpoint, task } = readCheckpoint('t5');
  const { model } = await outputsOf(exportStage, join(at, 'export'), {
    params: { task },
    inputs: { checkpoint },
    outputs: ['model'],
  });
  const lengths = async (longest: number) => {
    const outputs = await outputsOf(referenceStage, join(at, `${longest}`), {
      params: { task, sequence: [4, 6, longest], samples: 3, seed: 0 },
      inputs: { model: model!, checkpoint, tokenizer: checkpoint },
      outputs: ['reference'],
    });
    const reference = readReference(outputs.reference!);
    if (!reference.ok) throw new Error(JSON.stringify(reference.error));
    const { cases, writing } = reference.value;
    const texts = writing!.cases.flatMap(each => each.texts);
    // What it begins with stands before what is written.
    const written = texts.map(({ tokens }) => tokens.length + 1);
    return [cases[0]!.inputs.decoder_input_ids!.shape[1], Math.max(...written) <= longest + 1, writing!.positions];
  };
  expect(await lengths(8)).toEqual([8, true, 8]);
  expect(await lengths(64)).toEqual([24, true, 64]);
});
