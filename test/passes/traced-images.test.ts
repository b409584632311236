import { describe, expect, test } from 'vitest';
import { openSession } from '../../src/runtime/session.js';
import { build, countsOf, executed } from '../quantization/support.js';
import { errorsOf } from '../support/exported.js';
import { readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { builtFromTraced, tracedCase, tracedFolder, tracedNames } from './traced-support.js';

const folder = temporaryFolders();

const COUNTED = ['com.microsoft.MultiHeadAttention', 'com.microsoft.Gelu', 'LayerNormalization', 'Softmax', 'Gemm'];

const counted = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(COUNTED.map(operator => [operator, counts[operator] ?? 0]));

test('there is a case', () => expect(tracedNames('images').length).toBeGreaterThan(0));

describe.each(tracedNames('images'))('%s', name => {
  test('gives what PyTorch gives, and is fused and brought into integers like our own export', async () => {
    const at = folder();
    const reference = readReference(tracedCase(name).reference);
    const built = await builtFromTraced(name, at);
    for (const model of [built.imported, built.optimized]) {
      const session = await openSession(model, 'model.onnx', { dataFolder: tracedFolder(name), threads: 1 });
      if (!session.ok) throw new Error(JSON.stringify(session.error));
      const errors = await errorsOf(session.value, reference);
      await session.value.release();
      expect(Object.keys(errors)).toEqual(['logits']);
      expect(errors.logits).toBeLessThanOrEqual(reference.tolerance);
    }
    const own = await build(reference.folder, reference.task, at);
    const counts = counted(countsOf(`${built.optimized}/model.onnx`));
    expect(counts).toEqual(counted(countsOf(`${own.optimized}/model.onnx`)));
    expect(counts['com.microsoft.MultiHeadAttention']).toBeGreaterThan(0);
    const batches = reference.batches.map(({ inputs }) => inputs);
    const { products } = await executed(built.int8, batches, at);
    expect(products).toEqual((await executed(own.int8, batches, at)).products);
    expect(products.integer).toBeGreaterThan(0);
  });
});
