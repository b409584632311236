import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readModel } from '../../src/onnx/read.js';
import { writeModel } from '../../src/onnx/write.js';
import { readWritingTokens } from '../../src/runtime/generation/writing-tokens.js';
import { DECODER_INPUT, openModel } from '../../src/runtime/open-model.js';
import type { TensorValue } from '../../src/runtime/session.js';
import { referenceStage } from '../../src/stages/reference.js';
import { validateStage } from '../../src/stages/validate.js';
import type { Failure } from '../../src/util/failure.js';
import type { ValidationCase } from '../../src/validation/cases.js';
import { withDecoderInputs } from '../../src/validation/decoder-inputs.js';
import { type Reference, readReference } from '../../src/validation/reference.js';
import type { Validation } from '../../src/validation/verdict.js';
import { compareWriting, type Written, writeCases } from '../../src/validation/writing.js';
import { build } from '../quantization/support.js';
import { int64, numbersOf, rowsOf } from '../support/decoding.js';
import { readReference as readCase, textToTextReferences } from '../support/reference.js';
import { outputsOf, runStage } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const newFolder = temporaryFolders();

interface Made {
  readonly name: string;
  readonly task: string;
  readonly optimized: string;
  readonly int8: string;
  readonly reference: string;
}

async function make(name: string): Promise<Made> {
  const { folder: checkpoint, task } = readCase(name);
  const { exported, optimized, int8 } = await build(checkpoint, task, newFolder());
  const { reference } = await outputsOf(referenceStage, newFolder(), {
    params: { task, sequence: [8, 16, 40], samples: 12, seed: 3 },
    inputs: {
      model: exported,
      checkpoint,
      tokenizer: checkpoint,
      generationConfig: join(checkpoint, 'generation_config.json'),
    },
    outputs: ['reference'],
  });
  return { name, task, optimized, int8, reference: reference! };
}

const validate = ({ name, task, reference }: Made, model: string, precision = 'fp32') =>
  runStage(validateStage, newFolder(), {
    params: { artefact: `${name}/cpu/${precision}`, task, precision },
    inputs: { model, reference },
    outputs: ['validation'],
  });

async function verdictOn(...request: Parameters<typeof validate>): Promise<Validation> {
  const outcome = await validate(...request);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error, null, 1));
  return JSON.parse(readFileSync(outcome.value.validation!, 'utf8')) as Validation;
}

async function failureOn(...request: Parameters<typeof validate>): Promise<Failure> {
  const outcome = await validate(...request);
  if (outcome.ok) throw new Error('validated');
  return outcome.error;
}

function openReference({ reference }: Made): Reference {
  const read = readReference(reference);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

const TEXT_MODES = ['unpadded', 'padded-right', 'padded-left', 'single-token', 'maximum-length', 'with-cache'];

describe.each([...textToTextReferences(), 'whisper'])('%s', name => {
  let made: Made;
  beforeAll(async () => {
    made = await make(name);
  });
  const modes = name === 'whisper' ? ['unpadded', 'with-cache'] : TEXT_MODES;

  test('fp32: both outputs in every mode, with the cache too, and the same tokens written', async () => {
    const { outputs, writing, integerMatMuls } = await verdictOn(made, made.optimized);
    expect(Object.keys(outputs)).toEqual(['last_hidden_state', 'logits']);
    for (const { all, modes: found } of Object.values(outputs)) {
      expect(Object.keys(found)).toEqual(modes);
      expect(all.maxAbs).toBeLessThan(1e-4);
    }
    const { top1 } = outputs.logits!.all;
    expect(top1!.agree).toBe(top1!.rows);
    expect(outputs.logits!.modes['with-cache']!.rows).toBeGreaterThanOrEqual(24);
    expect(writing!.equal).toBe(writing!.tokens);
    expect(writing!.differing).toBe(0);
    expect(writing!.tokens).toBeGreaterThanOrEqual(writing!.texts);
    expect(integerMatMuls).toBeUndefined();
  });

  test('int8: integers are proven in both files, and what is written is counted', async () => {
    const { integerMatMuls, writing } = await verdictOn(made, made.int8, 'int8-dynamic');
    const { files, ...all } = integerMatMuls!;
    expect(Object.keys(files!)).toEqual(['encoder_model.onnx', 'decoder_model_merged.onnx']);
    // Two layers: four products of attention in the encoder, eight in the decoder, the feed-forward ones, and the logits.
    const [encoder, decoder] = Object.values(files!);
    expect(encoder!.total).toBeGreaterThanOrEqual(12);
    expect(decoder!.total).toBeGreaterThanOrEqual(21);
    for (const { integer, total } of Object.values(files!)) expect(integer).toBe(total);
    expect(all.total).toBe(encoder!.total + decoder!.total);
    expect(writing!.equal).toBeLessThanOrEqual(writing!.tokens);
    expect(writing!.differing).toBeUndefined();
  });

  test('the decoder reads what generation gives it first', () => {
    const { start, forced } = openReference(made).writing!.tokens;
    for (const { inputs } of openReference(made).cases) {
      const rows = rowsOf(inputs[DECODER_INPUT]!);
      for (const row of rows) expect(row.slice(0, 2)).toEqual([start, forced ?? row[1]]);
      expect(rows[0]!.length).toBe(24);
    }
    expect(forced !== undefined).toBe(name === 'mbart');
  });
});

describe('a fault', () => {
  let made: Made;
  beforeAll(async () => {
    made = await make('t5');
  });

  /** The optimised model with two outputs of its decoder exchanged. */
  async function withExchanged(first: string, second: string): Promise<string> {
    const faulty = newFolder();
    cpSync(made.optimized, faulty, { recursive: true });
    const file = 'decoder_model_merged.onnx';
    const model = readModel(join(made.optimized, file));
    if (!model.ok) throw new Error(model.error.message);
    const { graph } = model.value;
    const outputOf = (name: string) => graph.outputs.find(output => output.name === name)!.value;
    const exchanged = { [first]: outputOf(second), [second]: outputOf(first) };
    const outputs = graph.outputs.map(output => ({ ...output, value: exchanged[output.name] ?? output.value }));
    const written = await writeModel({ ...graph, outputs }, { folder: faulty, file, durable: false });
    if (!written.ok) throw new Error(written.error.message);
    return faulty;
  }

  test.each([
    ['keys and values of the tokens written', 'present.0.decoder.key', 'present.0.decoder.value'],
    ['keys and values of the text read', 'present.1.encoder.key', 'present.1.encoder.value'],
    ['layers', 'present.0.decoder.key', 'present.1.decoder.key'],
  ])('%s exchanged in the cache: seen with the cache alone, and in what is written', async (_, first, second) => {
    const failure = await failureOn(made, await withExchanged(first, second));
    expect(failure).toMatchObject({ code: 'validation-failed', where: 't5/cpu/fp32' });
    expect(failure.expected).toContain('logits: largest difference at most 0.000100');
    expect(failure.expected).not.toContain('last_hidden_state');
    const modes = failure.details!.filter(line => line.startsWith('logits, ')).map(line => line.split(/ {2,}/));
    for (const [mode, error] of modes) {
      if (mode === 'logits, with-cache') expect(Number(error)).toBeGreaterThan(1e-2);
      else expect(Number(error)).toBeLessThan(1e-4);
    }
  });

  /** One file of the optimised model, the other of the quantised one. */
  function mixed(optimizedFile: string): string {
    const folder = newFolder();
    cpSync(made.int8, folder, { recursive: true });
    for (const file of [optimizedFile, `${optimizedFile}_data`]) cpSync(join(made.optimized, file), join(folder, file));
    return folder;
  }

  test.each([
    ['encoder_model.onnx', '0 of 12'],
    ['decoder_model_merged.onnx', '0 of 21'],
  ])('int8 whose %s is not: named', async (file, found) => {
    expect(await failureOn(made, mixed(file), 'int8-dynamic')).toMatchObject({
      code: 'not-quantized',
      where: `t5/cpu/int8-dynamic: ${file}`,
      found: `${found} in the graph that ONNX Runtime executes`,
    });
  });

  test('fp32 whose encoder is int8: the encoder shows', async () => {
    const failure = await failureOn(made, mixed('decoder_model_merged.onnx'));
    expect(failure.expected).toContain('last_hidden_state: largest difference at most 0.000100');
    expect(failure.details!.at(-1)).toMatch(/^written: \d+ of 64 tokens are the export's$/);
  });
});

describe('texts that are written', () => {
  test.each(textToTextReferences())('%s: alone and in a batch, those that PyTorch writes', async name => {
    const { folder, task, generations } = readCase(name);
    const { optimized } = await build(folder, task, newFolder());
    const opened = await openModel(optimized, { threads: 1 });
    if (!opened.ok) throw new Error(opened.error.message);
    const runs = generations.filter(({ note }) => /^greedy, (one text|batch)/.test(note));
    const modes = ['unpadded', 'padded-right'] as const;
    const cases = runs.map(({ input_ids, attention_mask }, index) => ({
      name: `case${index}`,
      mode: modes[index]!,
      feeds: { input_ids: int64(input_ids), attention_mask: int64(attention_mask) },
    }));
    const tokens = await readWritingTokens(join(folder, 'config.json'), join(folder, 'generation_config.json'));
    if (!tokens.ok) throw new Error(tokens.error.message);
    const written = await writeCases(opened.value.parts!, cases, tokens.value, 40);
    await opened.value.whole.release();
    if (!written.ok) throw new Error(written.error.message);
    expect(written.value.cases.map(({ texts }) => texts.length)).toEqual([1, 2]);
    for (const [index, { new_ids, smallest_top1_top2_gap: gap }] of runs.entries()) {
      for (const [row, { tokens: found, leads }] of written.value.cases[index]!.texts.entries()) {
        // The first is forced where a language is; the last may be, since BART's texts of greatest length are ended.
        const expected = new_ids[row]!.slice(tokens.value.forced === undefined ? 0 : 1, 11);
        expect(found.slice(0, expected.length)).toEqual(expected);
        expect(found.length).toBe(leads.length);
        expect(Math.min(...leads.slice(0, expected.length))).toBeGreaterThan(gap! - 1e-4);
      }
    }
  });

  const text = (tokens: number[], leads = tokens.map(() => 1)): Written => ({ tokens, leads });

  test.each([
    ['the same', text([4, 5, 6]), text([4, 5, 6]), { tokens: 3, equal: 3, differing: 0 }],
    ['one other', text([4, 5, 6]), text([4, 7, 6]), { tokens: 3, equal: 2, differing: 1 }],
    ['one other, after a tie', text([4, 5, 6], [1, 1e-5, 1]), text([4, 7, 8]), { tokens: 3, equal: 1, differing: 0 }],
    ['one other, before a tie', text([4, 5, 6], [1, 1, 1e-5]), text([4, 7, 8]), { tokens: 3, equal: 1, differing: 1 }],
    ['twice the limit is no tie', text([4], [2.1e-4]), text([5]), { tokens: 1, equal: 0, differing: 1 }],
    ['ends before', text([4, 5, 6]), text([4, 5]), { tokens: 3, equal: 2, differing: 1 }],
    ['goes on', text([4, 5]), text([4, 6, 6]), { tokens: 2, equal: 1, differing: 1 }],
  ])('%s', (_, reference, found, expected) => {
    expect(compareWriting([reference], [found], 1e-4)).toEqual({ texts: 1, ...expected });
  });

  test('without a limit of the logits nothing can be called a tie, nor a fault', () => {
    expect(compareWriting([text([4, 5])], [text([4, 6])])).toEqual({ texts: 1, tokens: 2, equal: 1 });
  });
});

describe('what the decoder reads', () => {
  const caseOf = (rows: readonly (readonly number[])[], padded?: 'left' | 'right'): ValidationCase => {
    const longest = Math.max(...rows.map(row => row.length));
    const fill = (row: readonly number[], value: number, text: readonly number[]) => {
      const missing = new Array<number>(longest - row.length).fill(value);
      return padded === 'left' ? [...missing, ...text] : [...text, ...missing];
    };
    return {
      name: 'case',
      mode: 'unpadded',
      feeds: {
        input_ids: int64(rows.map(row => fill(row, 99, row))),
        attention_mask: int64(
          rows.map(row =>
            fill(
              row,
              0,
              row.map(() => 1),
            ),
          ),
        ),
      },
    };
  };
  const read = ({ feeds }: ValidationCase): readonly number[] => numbersOf(feeds[DECODER_INPUT] as TensorValue);
  const settings = { beginning: [2], vocabulary: 50, positions: 100 };

  test('where texts begin, then the text, and again', () => {
    const [found] = withDecoderInputs([caseOf([[7, 8, 9]])], { ...settings, beginning: [2, 3], positions: 7 });
    expect(read(found!)).toEqual([2, 3, 7, 8, 9, 7, 8]);
  });

  test('tokens that it does not know are others', () => {
    expect(read(withDecoderInputs([caseOf([[7, 58]])], { ...settings, positions: 3 })[0]!)).toEqual([2, 7, 8]);
  });

  test('a large vocabulary leaves fewer tokens, never none', () => {
    const lengthFor = (vocabulary: number) =>
      read(withDecoderInputs([caseOf([[7]])], { ...settings, vocabulary })[0]!).length;
    expect([lengthFor(250_000), lengthFor(4e6), lengthFor(1e9)]).toEqual([24, 8, 2]);
  });

  test('a text has the same, alone and in any batch', () => {
    const texts = fc.array(fc.array(fc.integer({ min: 1, max: 49 }), { minLength: 1, maxLength: 30 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(texts, fc.constantFrom('left', 'right'), (rows, side) => {
        const alone = withDecoderInputs(
          rows.map(row => caseOf([row])),
          settings,
        );
        const [batch] = withDecoderInputs([caseOf(rows, side)], settings);
        expect(read(batch!)).toEqual(alone.flatMap(read));
      }),
    );
  });
});
