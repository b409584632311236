import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SMALLEST_INTEGER_SIDE } from '../../src/quantization/limits.js';
import type { Tensors } from '../../src/runtime/session.js';
import { build, countsOf, executed } from '../quantization/support.js';
import { ARCHITECTURES, readModelFacts } from '../support/architectures.js';
import { exported, run } from '../support/exported.js';
import {
  imageReferences,
  largestError,
  type ReferenceBatch,
  readReference,
  readTensors,
} from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const VARIANTS = fileURLToPath(new URL('../variants-of-images/', import.meta.url));
const folder = temporaryFolders();
const names = readdirSync(VARIANTS).filter(name => name !== 'README.md');

/** A setting that is not read, or read and not followed, moves the outputs by far more. */
const TOLERANCE = 1e-4;

interface Case {
  readonly checkpoint: string;
  readonly task: string;
  readonly batches: readonly ReferenceBatch[];
}

const variant = (name: string): Case => {
  const checkpoint = join(VARIANTS, name);
  const { pixel_values, ...outputs } = readTensors(join(checkpoint, 'expected.safetensors'));
  const task = outputs.logits ? 'image-classification' : 'feature-extraction';
  return {
    checkpoint,
    task,
    batches: [{ name, note: '', inputs: { pixel_values: pixel_values! }, outputs, present: {} }],
  };
};

const reference = (name: string): Case => {
  const { folder: checkpoint, task, batches } = readReference(name);
  return { checkpoint, task, batches };
};

const cases = new Map<string, Case>([
  ...imageReferences().map(name => [name, reference(name)] as const),
  ...names.map(name => [name, variant(name)] as const),
]);

test('every family of image models has a case, and the variants are found', () => {
  const families = ARCHITECTURES.filter(({ heads }) => heads['image-classification']).map(known => known.modelType);
  expect(imageReferences().map(name => readReference(name).modelType)).toEqual(expect.arrayContaining(families));
  expect(names).toHaveLength(6);
});

describe.each([...cases.keys()])('%s', name => {
  const { checkpoint, task, batches } = cases.get(name)!;
  const config = JSON.parse(readFileSync(join(checkpoint, 'config.json'), 'utf8')) as Record<string, number>;

  const worst = (outputs: readonly Tensors[]): number =>
    Math.max(
      ...batches.flatMap((batch, i) =>
        Object.keys(batch.outputs).map(each => largestError(batch, each, outputs[i]![each])),
      ),
    );

  test('what PyTorch gives: exported, and optimised with one fused attention for each layer', async () => {
    const at = folder();
    const { exported: plain, optimized, int8 } = await build(checkpoint, task, at);
    const inputs = batches.map(batch => batch.inputs);
    const outputs = await executed(plain, inputs, folder(), checkpoint);
    expect(Object.keys(outputs.outputs[0]!)).toEqual(Object.keys(batches[0]!.outputs));
    expect(worst(outputs.outputs)).toBeLessThanOrEqual(TOLERANCE);

    expect(countsOf(join(optimized, 'model.onnx'))['com.microsoft.MultiHeadAttention']).toBe(config.num_hidden_layers);
    const fused = await executed(optimized, inputs, folder());
    expect(worst(fused.outputs)).toBeLessThanOrEqual(TOLERANCE);

    // The patches are a convolution, which stays in float; every product with a weight is on integers
    // but those of a few classes.
    const integers = await executed(int8, inputs, folder());
    const { pooler_output: pooled } = batches[0]!.outputs;
    const head = pooled !== undefined && pooled.shape[1]! >= SMALLEST_INTEGER_SIDE ? 1 : 0;
    expect(integers.products).toEqual({ integer: 6 * config.num_hidden_layers! + head, total: fused.products.total });
    expect(countsOf(join(int8, 'model.onnx')).Conv).toBe(1);
  });

  test('an image of another size is refused', async () => {
    const session = await exported(checkpoint, task, folder());
    const { shape } = batches[0]!.inputs.pixel_values!;
    const wider = [1, shape[1]!, shape[2]!, shape[3]! + 8];
    const data = new Float32Array(wider.reduce((product, size) => product * size, 1));
    const refused = await session.run({ pixel_values: { dtype: 'float32', shape: wider, data } });
    expect(refused.ok).toBe(false);
    await session.release();
  });
});

test('a wrong patch would be seen', async () => {
  const { checkpoint, task, batches } = variant('vit_odd_image');
  const session = await exported(checkpoint, task, folder());
  const { shape, data } = batches[0]!.inputs.pixel_values!;
  const moved = Float32Array.from({ length: data.length }, (_, i) => Number(data[(i + 1) % data.length]));
  const { logits } = await run(session, { pixel_values: { dtype: 'float32', shape, data: moved } });
  expect(largestError(batches[0]!, 'logits', logits)).toBeGreaterThan(100 * TOLERANCE);
  await session.release();
});

test.each([
  ['image_size', [32], 'a number of pixels, or [height, width]', '[32]'],
  ['patch_size', [8, 0], 'a number of pixels, or [height, width]', '[8,0]'],
  ['patch_size', '8', 'a number of pixels, or [height, width]', '"8"'],
  ['hidden_act', 'geluu', expect.stringContaining('one of gelu, '), '"geluu"'],
])('%s = %j is refused', (key, value, expected, found) => {
  const facts = readModelFacts({ model_type: 'vit', [key]: value }, 'image-classification', 'model');
  expect(facts.ok).toBe(false);
  if (!facts.ok) expect(facts.error).toMatchObject({ code: 'model-config', expected, found });
});
