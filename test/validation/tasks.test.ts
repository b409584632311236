import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exportStage } from '../../src/stages/export.js';
import { referenceStage } from '../../src/stages/reference.js';
import { validateStage } from '../../src/stages/validate.js';
import { readReference } from '../../src/validation/reference.js';
import type { Validation } from '../../src/validation/verdict.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const checkpoints = fileURLToPath(new URL('../reference', import.meta.url));
const newFolder = temporaryFolders();

/** Outputs of the export -> whether their axis 1 is the sequence. */
const OUTPUTS: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  'text-classification': { logits: false },
  'text-ranking': { logits: false },
  'token-classification': { logits: true },
  'question-answering': { start_logits: true, end_logits: true },
  'fill-mask': { logits: true },
  'text-generation': { logits: true },
  'feature-extraction': { last_hidden_state: true, pooler_output: false },
  'sentence-similarity': { last_hidden_state: true, sentence_embedding: false },
};

for (const name of readdirSync(checkpoints)) {
  const checkpoint = join(checkpoints, name);
  const { task } = JSON.parse(readFileSync(join(checkpoint, 'meta.json'), 'utf8')) as { task: string };
  // An encoder-decoder is two models, and images have neither padding nor lengths: they have tests of their own.
  if (['text2text-generation', 'automatic-speech-recognition', 'image-classification'].includes(task)) continue;

  test(`${name}: ${task} is compared on every output and in every mode`, async () => {
    const { model } = await outputsOf(exportStage, newFolder(), {
      params: { task },
      inputs: { checkpoint },
      outputs: ['model'],
    });
    const { reference } = await outputsOf(referenceStage, newFolder(), {
      params: { task, sequence: [8, 16, 32], samples: 12, seed: 1 },
      inputs: { model: model!, checkpoint, tokenizer: checkpoint },
      outputs: ['reference'],
    });
    const read = readReference(reference!);
    if (!read.ok) throw new Error(read.error.message);
    // A checkpoint without a pooler has one output less.
    expect(OUTPUTS[task]).toMatchObject(
      Object.fromEntries(Object.entries(read.value.outputs).map(([output, { sequence }]) => [output, sequence])),
    );
    expect(Object.keys(read.value.outputs).length).toBeGreaterThan(0);
    expect(read.value.paddingEffect).toBeLessThan(1e-4);

    const artefact = join(newFolder(), 'artefact');
    cpSync(model!, artefact, { recursive: true });
    for (const file of readdirSync(checkpoint, { recursive: true, encoding: 'utf8' })) {
      if (/(^|\/)model.*\.safetensors$/.test(file)) cpSync(join(checkpoint, file), join(artefact, file));
    }
    const { validation } = await outputsOf(validateStage, newFolder(), {
      params: { artefact: name, task, precision: 'fp32' },
      inputs: { model: artefact, reference: reference! },
      outputs: ['validation'],
    });
    const verdict = JSON.parse(readFileSync(validation!, 'utf8')) as Validation;
    for (const output of Object.values(verdict.outputs)) {
      expect(Object.keys(output.modes)).toEqual([
        'unpadded',
        'padded-right',
        'padded-left',
        'single-token',
        'maximum-length',
        ...(task === 'text-generation' ? ['with-cache'] : []),
      ]);
      expect(output.all.rows).toBeGreaterThan(20);
    }
  });
}
