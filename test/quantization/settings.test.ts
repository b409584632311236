import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodesOf } from '../../src/graph/graph.js';
import { intOf } from '../../src/graph/pass.js';
import { readModel } from '../../src/onnx/read.js';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import type { Json } from '../../src/util/json.js';
import { readReference } from '../support/reference.js';
import { outputsOf, runStage } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();

async function quantized(name: string, params: Json & object) {
  const { folder: checkpoint, task } = readReference(name);
  const exporting = { params: { task }, inputs: { checkpoint }, outputs: ['model'] };
  const { model } = (await outputsOf(exportStage, folder(), exporting)) as { model: string };
  const optimizing = {
    params: { dialect: 'onnxruntime-cpu' },
    inputs: { model, checkpoint },
    outputs: ['model', 'report'],
  };
  const { model: optimized } = (await outputsOf(optimizeStage, folder(), optimizing)) as { model: string };
  return runStage(quantizeStage, folder(), {
    params: { reduceRange: false, ...params },
    inputs: { model: optimized },
    outputs: ['model', 'report'],
  });
}

test('a block size is that of products; tables keep their own', async () => {
  const done = await quantized('bert_seqcls', { precision: 'int4-weight', blockSize: 16 });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  const model = readModel(join(done.value.model!, 'model.onnx'));
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  const sizes = (op: string) =>
    nodesOf(model.value.graph)
      .filter(node => node.op === op)
      .map(node => intOf(node, 'block_size', 0));
  expect(new Set(sizes('MatMulNBits'))).toEqual(new Set([16]));
  expect(sizes('GatherBlockQuantized')).not.toContain(64);
});

test('what is excluded may be in one of two files', async () => {
  const exclude = ['lm_head', 'model.encoder.layers.0'];
  const done = await quantized('bart', { precision: 'int8-dynamic', exclude });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  const { models } = JSON.parse(readFileSync(done.value.report!, 'utf8')) as {
    models: Record<string, { left: { path: string; reason: string }[] }>;
  };
  const excluded = (file: string): readonly string[] =>
    models[file]!.left.filter(({ reason }) => reason === 'excluded by the configuration').map(({ path }) => path);
  expect(excluded('decoder_model_merged.onnx')).toEqual(['lm_head']);
  expect(excluded('encoder_model.onnx').every(path => path.startsWith('model.encoder.layers.0.'))).toBe(true);
  expect(excluded('encoder_model.onnx').length).toBeGreaterThanOrEqual(4);
});

test('what is in neither of them is refused', async () => {
  const done = await quantized('bart', { precision: 'int8-dynamic', exclude: ['lm_head', 'lm_haed'] });
  expect(done).toMatchObject({ ok: false, error: { code: 'exclude-unknown', where: 'lm_haed' } });
});
