import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModel } from '../../src/runtime/open-model.js';
import type { Encoding } from '../../src/runtime/tokenizer.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import { exportStage } from '../../src/stages/export.js';
import { scoreTexts } from '../../src/validation/perplexity.js';
import { readTargets, targetTokens } from '../../src/validation/scored-texts.js';
import { rowsOf } from '../support/decoding.js';
import { readReference } from '../support/reference.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const newFolder = temporaryFolders();

describe('the tokens of a target, as generation writes them', () => {
  const languages = new Map([
    ['en_XX', 242],
    ['de_DE', 241],
  ]);

  test.each([
    ['T5', [7, 8, 1], new Map(), { start: 0 }, [0, 7, 8, 1]],
    ['BART, whose texts begin with a token of their own', [0, 7, 8, 2], new Map(), { start: 2 }, [2, 0, 7, 8, 2]],
    ['BART for summaries, which forces it', [0, 7, 8, 2], new Map(), { start: 2, forced: 0 }, [2, 0, 7, 8, 2]],
    [
      'mBART: the language of the source is not that of the target',
      [7, 8, 2, 242],
      languages,
      { start: 2, forced: 241 },
      [2, 241, 7, 8, 2],
    ],
    ['mBART that is told no language', [7, 8, 2, 242], languages, { start: 241 }, [241, 7, 8, 2]],
  ])('%s', (_, template, known, tokens, expected) => {
    expect(targetTokens(template, known, tokens)).toEqual(expected);
  });
});

async function tokenizerOf(name: string) {
  const loaded = await loadTokenizer(readReference(name).folder);
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}

function fileOf(...lines: readonly unknown[]): string {
  const file = join(newFolder(), 'data.jsonl');
  writeFileSync(file, lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

describe('evaluation data of an encoder-decoder', () => {
  test('texts and targets, each cut to its length', async () => {
    const tokenizer = await tokenizerOf('t5');
    const file = fileOf(
      { text: 'one text', target: 'another', id: 4 },
      { text: 'word '.repeat(40), target: 'word '.repeat(40) },
    );
    const found = await readTargets(file, tokenizer, { start: 0, ends: [1] }, { maxLength: 20, positions: 14 });
    if (!found.ok) throw new Error(JSON.stringify(found.error));
    const { sources, encodings } = found.value;
    expect(sources![0]).toEqual(tokenizer.encode('one text'));
    expect(encodings[0]!.inputIds).toEqual([0, ...tokenizer.encode('another').inputIds]);
    expect([sources![1]!.inputIds.length, encodings[1]!.inputIds.length]).toEqual([20, 13]);
  });

  test('lines without one of them are named', async () => {
    const tokenizer = await tokenizerOf('t5');
    const file = fileOf({ text: 'a', target: 'b' }, { text: 'a', traget: 'b' }, { text: 1 });
    const found = await readTargets(file, tokenizer, { start: 0, ends: [] }, { maxLength: 20, positions: 20 });
    expect(found).toMatchObject({
      error: {
        code: 'data-invalid',
        causes: [
          {
            where: `${file}:2`,
            message: "the field 'target' is missing",
            expected: 'a string',
            found: 'the fields text, traget',
            fix: "rename 'traget' to 'target'",
          },
          { where: `${file}:3`, message: "the field 'text' has the wrong type", expected: 'a string', found: '1' },
          { where: `${file}:3`, message: "the field 'target' is missing", found: 'the fields text' },
        ],
      },
    });
  });
});

test.each(['t5', 'bart', 'mbart'])('%s: the loss of each token is that of the logits of PyTorch', async name => {
  const { folder: checkpoint, task, batches } = readReference(name);
  const { model } = await outputsOf(exportStage, newFolder(), {
    params: { task },
    inputs: { checkpoint },
    outputs: ['model'],
  });
  const opened = await openModel(model!, { dataFolder: checkpoint, threads: 1 });
  if (!opened.ok) throw new Error(opened.error.message);
  const textOf = (inputIds: readonly number[]): Encoding => ({
    inputIds,
    attentionMask: inputIds.map(() => 1),
    tokenTypeIds: [],
  });
  const alone = batches.filter(({ inputs }) => inputs.input_ids!.shape[0] === 1);
  expect(alone.length).toBeGreaterThan(1);
  const texts = {
    sources: alone.map(({ inputs }) => textOf(rowsOf(inputs.input_ids!)[0]!)),
    encodings: alone.map(({ inputs }) => textOf(rowsOf(inputs.decoder_input_ids!)[0]!)),
  };
  const found = await scoreTexts(opened.value.whole, texts, () => undefined);
  await opened.value.whole.release();
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  const expected = alone.flatMap(({ outputs }, text) => {
    const { data, shape } = outputs.logits!;
    const width = shape[2]!;
    return texts.encodings[text]!.inputIds.slice(1).map((token, position) => {
      const logits = Array.from(data.slice(position * width, (position + 1) * width), Number);
      const largest = Math.max(...logits);
      const sum = logits.reduce((total, value) => total + Math.exp(value - largest), 0);
      return { loss: largest + Math.log(sum) - logits[token]!, predicted: logits.indexOf(largest) };
    });
  });
  expect(Array.from(found.value.predicted)).toEqual(expected.map(({ predicted }) => predicted));
  for (const [index, { loss }] of expected.entries()) expect(found.value.losses[index]).toBeCloseTo(loss, 3);
});
