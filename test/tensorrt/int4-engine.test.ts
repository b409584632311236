import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import { outputsOf } from '../support/run-stage.js';
import { engineRig, must, standInSettings } from './support.js';

const settings = standInSettings();
const rig = engineRig();
/** Its products are wide enough for blocks of 64. */
const checkpoint = fileURLToPath(new URL('../../examples/support-intents/model', import.meta.url));
let typed = '';

beforeAll(async () => {
  const at = (name: string) => join(rig.root(), 'int4', name);
  const { model: exported } = await outputsOf(exportStage, at('export'), {
    params: { task: 'text-classification' },
    inputs: { checkpoint },
    outputs: ['model'],
  });
  const { model: portable } = await outputsOf(optimizeStage, at('optimize'), {
    params: { dialect: 'portable', split: true, tensorrt: '10' },
    inputs: { model: exported!, checkpoint },
    outputs: ['model', 'report'],
  });
  const { model } = await outputsOf(quantizeStage, at('quantize'), {
    params: { precision: 'int4-explicit', reduceRange: false, tensorrt: '10' },
    inputs: { model: portable! },
    outputs: ['model', 'report'],
  });
  typed = model!;
});

test('an engine with weights of 4 bits is what it is called', async () => {
  const { layers } = must(await rig.build({ onnxFolder: typed, precision: 'int4' }));
  // Products of two activations, and the classifier, have float16.
  expect(layers.ofProducts.fp16).toBeGreaterThan(0);
  expect(layers.ofProducts.int4! / layers.products).toBeGreaterThan(0.6);
});

test('one whose weights came out as fp32 is none', async () => {
  settings({ FAULT: 'silent-fp32' });
  expect(await rig.failureOf({ onnxFolder: typed, precision: 'int4' })).toMatch(
    /^error: precision-not-built: the engine is called int4, and its layers are not\n {2}expected {2}int4 in \d+ of \d+ layers at least\n/,
  );
});
