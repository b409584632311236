import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Input } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { writeModel } from '../../src/onnx/write.js';
import { referenceStage } from '../../src/stages/reference.js';
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
