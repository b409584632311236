import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { headOf, TASKS } from '../../src/architectures/tasks.js';
import { build, executed } from '../quantization/support.js';
import { ARCHITECTURES } from '../support/architectures.js';
import { HEAD_VARIANTS, headVariants } from '../support/head-variants.js';
import { largestError, readReference, referenceNames } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();

const VARIANTS = fileURLToPath(new URL('../', import.meta.url));

/** What other tests compare with PyTorch: classifiers as bare models, too. */
const OTHER_VARIANTS = [
  ...readdirSync(join(VARIANTS, 'variants'))
    .filter(name => name.endsWith('_classifier'))
    .map(name => ({ name: `variants/${name}`, heads: ['base', 'sequence-classification'] })),
  { name: 'variants-of-images/vit_base', heads: ['base'] },
];

/** A setting that is not read, or read and not followed, moves the outputs by far more. */
const TOLERANCE = 1e-4;

test('every head of every family has a case that PyTorch made', () => {
  const covered = new Set(headVariants().map(({ modelType, head }) => `${modelType} ${head}`));
  for (const name of referenceNames()) {
    const { modelType, task } = readReference(name);
    const known = TASKS.find(each => each === task);
    if (known) covered.add(`${modelType} ${headOf(known)}`);
  }
  for (const { name, heads } of OTHER_VARIANTS) {
    const { model_type } = JSON.parse(readFileSync(join(VARIANTS, name, 'config.json'), 'utf8'));
    for (const head of heads) covered.add(`${model_type} ${head}`);
  }
  const pairs = ARCHITECTURES.flatMap(({ modelType, heads }) => Object.keys(heads).map(head => `${modelType} ${head}`));
  expect(pairs.filter(pair => !covered.has(pair))).toEqual([]);
});

test.each(headVariants())('$name: what PyTorch gives, exported and optimised', async ({ name, task, batch }) => {
  const checkpoint = join(HEAD_VARIANTS, name);
  const at = folder();
  const { exported, optimized } = await build(checkpoint, task, at);
  for (const model of [exported, optimized]) {
    const { outputs } = await executed(model, [batch.inputs], folder(), model === optimized ? model : checkpoint);
    expect(Object.keys(outputs[0]!)).toEqual(Object.keys(batch.outputs));
    for (const output of Object.keys(batch.outputs)) {
      expect(largestError(batch, output, outputs[0]![output]), output).toBeLessThanOrEqual(TOLERANCE);
    }
  }
});
