import { expect, test } from 'vitest';
import type { Tensors } from '../../src/runtime/session.js';
import { exportableReferences, type ReferenceBatch, readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { build, buildCalibrated, executed, withoutPadding } from './support.js';

const folder = temporaryFolders();

/** Root mean square of the difference over that of what is expected, at the positions that the mask keeps. */
function relativeDifference(batches: readonly ReferenceBatch[], outputs: readonly Tensors[]): number {
  let [difference, size] = [0, 0];
  for (const [index, batch] of batches.entries()) {
    const mask = batch.inputs.attention_mask!;
    for (const [name, expected] of Object.entries(batch.outputs)) {
      const perPosition = `${expected.shape.slice(0, 2)}` === `${mask.shape}`;
      const found = outputs[index]![name]!.data;
      for (let i = 0; i < expected.data.length; i++) {
        if (perPosition && mask.data[Math.floor((i * mask.data.length) / expected.data.length)] === 0n) continue;
        difference += (Number(found[i]) - Number(expected.data[i])) ** 2;
        size += Number(expected.data[i]) ** 2;
      }
    }
  }
  return Math.sqrt(difference / size);
}

/** validation/tolerances.ts: what a build allows. These models have random weights and hidden sizes of 32: harder than any that is trained. */
const TOLERANCE = 0.12;

test.each(exportableReferences())('%s in int8, calibrated', async name => {
  const { folder: checkpoint, task, batches } = readReference(name);
  const at = folder();
  await build(checkpoint, task, at);
  const inputs = batches.map(batch => batch.inputs);
  const model = await buildCalibrated(checkpoint, withoutPadding(inputs), at);
  const { outputs, products, counts } = await executed(model, inputs, folder());
  expect(products.integer / products.total).toBeGreaterThanOrEqual(0.95);
  expect(counts.DynamicQuantizeLinear).toBeUndefined();
  expect(counts['com.microsoft.DynamicQuantizeMatMul']).toBeUndefined();
  expect(relativeDifference(batches, outputs)).toBeLessThan(TOLERANCE);
});

test.each([
  'bert.encoder.layer.0.output.LayerNorm/LayerNormalization',
  'bert.encoder.layer.1.attention.self/Reshape_3',
  'bert.pooler/Gather',
])('a scale that is four times too small shows: %s', async tensor => {
  const { folder: checkpoint, task, batches } = readReference('bert_seqcls');
  const at = folder();
  await build(checkpoint, task, at);
  const inputs = batches.map(batch => batch.inputs);
  const model = await buildCalibrated(checkpoint, withoutPadding(inputs), at, {
    fault(tensors) {
      const { min, max, clips: _, ...rest } = tensors[tensor]!;
      return { ...tensors, [tensor]: { ...rest, min: min / 4, max: max / 4 } };
    },
  });
  const { outputs } = await executed(model, inputs, folder());
  expect(relativeDifference(batches, outputs)).toBeGreaterThan(TOLERANCE);
});
