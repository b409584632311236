import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CalibrationTable } from '../../../src/quantization/calibration/table.js';
import { batchOf } from '../../../src/runtime/batch.js';
import { openSession } from '../../../src/runtime/session.js';
import { loadTokenizer } from '../../../src/runtime/tokenizer.js';
import { calibrateStage } from '../../../src/stages/calibrate.js';
import { exportStage } from '../../../src/stages/export.js';
import { batchOfFeeds, observeModel } from '../../../src/stages/observe-model.js';
import type { Json } from '../../../src/util/json.js';
import { outputsOf, runStage } from '../../support/run-stage.js';
import { temporaryFolders } from '../../support/temporary-folders.js';

const folder = temporaryFolders();
const model = fileURLToPath(new URL('../../../examples/support-intents/model', import.meta.url));
const data = fileURLToPath(new URL('../../../examples/support-intents/data', import.meta.url));
const PARAMS = { maximumSequence: 64, samples: 24, seed: 1, scope: 'integers' };

let exported = '';
beforeAll(async () => {
  const run = { params: { task: 'text-classification' }, inputs: { checkpoint: model }, outputs: ['model'] };
  exported = (await outputsOf(exportStage, folder(), run)).model!;
});

const calibration = join(data, 'calibration.jsonl');

const calibrate = (inputs: Readonly<Record<string, string>>, params: Readonly<Record<string, Json>> = {}) =>
  runStage(calibrateStage, folder(), {
    params: { ...PARAMS, ...params },
    inputs: { model: exported, checkpoint: model, tokenizer: model, ...inputs },
    outputs: ['table'],
  });

async function tableOf(...run: Parameters<typeof calibrate>): Promise<CalibrationTable> {
  const done = await calibrate(...run);
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  return JSON.parse(readFileSync(done.value.table!, 'utf8')) as CalibrationTable;
}

async function failureOf(...run: Parameters<typeof calibrate>) {
  const done = await calibrate(...run);
  if (done.ok) throw new Error('the stage succeeded');
  return done.error;
}

function lines(name: string, objects: readonly Json[]): string {
  const path = join(folder(), name);
  writeFileSync(path, objects.map(object => `${JSON.stringify(object)}\n`).join(''));
  return path;
}

describe('the table', () => {
  test('has what products, residual additions and attention read, and no more unless asked', async () => {
    const { models, texts, scope } = await tableOf({ calibration });
    const names = Object.keys(models['model.onnx']!);
    const layer = 'bert.encoder.layer.0';
    for (const name of [
      'bert.embeddings.LayerNorm/LayerNormalization',
      `${layer}.attention.self.query/Add`,
      `${layer}.attention.self/Softmax`,
      `${layer}.attention.self/Reshape_3`,
      `${layer}.attention.output.dense/Add`,
      `${layer}.intermediate/Mul_1`,
      `${layer}.output.dense/Add`,
    ]) {
      expect(names).toContain(name);
    }
    expect(names).not.toContain(`${layer}.intermediate/Erf`);
    expect({ ...texts, scope }).toMatchObject({
      source: 'calibration',
      asked: 24,
      used: 24,
      empty: 0,
      scope: 'integers',
    });
    expect(texts.warning).toBeUndefined();

    const all = (await tableOf({ calibration }, { scope: 'all' })).models['model.onnx']!;
    expect(Object.keys(all)).toEqual(expect.arrayContaining([...names, `${layer}.intermediate/Erf`, 'logits']));
    // What a session may fuse depends on which values it must give away: the last bits differ.
    for (const name of names) expect(all[name]!.max, name).toBeCloseTo(models['model.onnx']![name]!.max, 4);
  });

  test('is what running every text alone shows', async () => {
    const table = (await tableOf({ calibration })).models['model.onnx']!;
    const tokenizer = await loadTokenizer(model);
    if (!tokenizer.ok) throw new Error(JSON.stringify(tokenizer.error));
    const texts = readFileSync(calibration, 'utf8')
      .split('\n')
      .slice(0, 24)
      .map(line => (JSON.parse(line) as { text: string }).text);
    // The logits of the classifier are in the export as they are: the pooler's activation feeds them.
    const all = (await tableOf({ calibration }, { scope: 'all' })).models['model.onnx']!;
    const session = await openSession(exported, 'model.onnx', { dataFolder: model });
    if (!session.ok) throw new Error(JSON.stringify(session.error));
    const seen: number[] = [];
    for (const text of texts) {
      const feeds = batchOf(
        [tokenizer.value.encode(text, undefined, { maxLength: 64 })],
        session.value.inputs.map(i => i.name),
      );
      const run = await session.value.run(feeds);
      if (!run.ok) throw new Error(JSON.stringify(run.error));
      seen.push(...(run.value.logits!.data as Float32Array));
    }
    await session.value.release();
    expect(all.logits!.elements).toBe(seen.length);
    expect(all.logits!.min).toBeCloseTo(Math.min(...seen), 4);
    expect(all.logits!.max).toBeCloseTo(Math.max(...seen), 4);
    // Attention weights of a text are probabilities of its own tokens alone: a padded column would add zeros.
    expect(table['bert.encoder.layer.0.attention.self/Softmax']!.smallestMagnitude).toBeGreaterThan(0);
    expect(table['bert.encoder.layer.0.attention.self/Softmax']!.min).toBeGreaterThan(0);
  });

  test('has the same bytes with one thread and with two', async () => {
    const tokenizer = await loadTokenizer(model);
    if (!tokenizer.ok) throw new Error(JSON.stringify(tokenizer.error));
    const batch = batchOf(
      [tokenizer.value.encode('my card was charged twice and nobody answers')],
      ['input_ids', 'attention_mask', 'token_type_ids'],
    );
    const [one, two] = await Promise.all(
      [1, 2].map(threads =>
        observeModel('model.onnx', [batch, batch].map(batchOfFeeds), {
          folder: exported,
          checkpoint: model,
          scratch: folder(),
          scope: 'all',
          step: () => false,
          threads,
        }),
      ),
    );
    expect(one!.ok).toBe(true);
    expect(JSON.stringify(one)).toBe(JSON.stringify(two));
  });
});

describe('the texts', () => {
  const one = { text: 'where is my parcel' };

  test.each([
    ['fewer than were asked for', [one, one], '24 texts were asked for, and there are only 2', 2, 0],
    ['some are empty', [one, { text: '' }, { text: '  ' }], '24 texts were asked for, and there are only 1', 1, 2],
  ] as const)('%s', async (_, objects, warning, used, empty) => {
    const { texts } = await tableOf({ calibration: lines('few.jsonl', objects) });
    expect(texts).toMatchObject({ source: 'calibration', asked: 24, used, empty, warning });
  });

  test('those of the evaluation, or words of the vocabulary, with a warning', async () => {
    const evaluation = join(data, 'eval.jsonl');
    const of = async (inputs: Readonly<Record<string, string>>) => (await tableOf(inputs)).texts;
    expect(await of({ calibration, evaluation })).toMatchObject({ source: 'calibration' });
    expect(await of({ evaluation })).toMatchObject({
      source: 'evaluation',
      warning: 'calibrated on texts of the evaluation: its metric may be flattered, so give the model calibration.data',
    });
    expect(await of({})).toMatchObject({
      source: 'synthetic',
      used: 24,
      warning:
        'calibrated on random words of the vocabulary: real texts may reach further, so give the model calibration.data',
    });
  });

  test('none at all is refused', async () => {
    const file = lines('none.jsonl', []);
    expect(await failureOf({ calibration: file })).toMatchObject({ code: 'data-empty', where: file });
  });

  test('nothing but padding and special tokens is refused', async () => {
    const file = lines('padding.jsonl', [{ text: '' }, { text: '[PAD] [PAD] [SEP]' }, { text: ' ' }]);
    expect(await failureOf({ calibration: file })).toEqual({
      code: 'calibration-empty',
      kind: 'usage',
      message: 'no text has a token to calibrate with',
      where: file,
      expected: 'texts with words of the model’s language',
      found: '3 texts of padding and special tokens alone',
      fix: 'give the model calibration.data: texts as it will see them',
    });
  });
});
