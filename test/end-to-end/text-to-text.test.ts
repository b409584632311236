import {
  AutoModelForSeq2SeqLM,
  AutoModelForSpeechSeq2Seq,
  env,
  type PipelineType,
  pipeline,
  Tensor,
} from '@huggingface/transformers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Benchmark } from '../../src/benchmark/result.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import type { Validation } from '../../src/validation/verdict.js';
import { type ReferenceGeneration, readReference, textToTextReferences } from '../support/reference.js';
import { CONFIG, copyCheckpoint, type Workspace, workspaces } from '../support/td.js';

const make = workspaces();
const names = textToTextReferences();
let workspace: Workspace;

/** What mBART's tokenizer has and @huggingface/transformers does not know; those on the Hub are normalised otherwise. */
const withoutNmt = (tokenizer: { normalizer: { normalizers: { type: string }[] } }): void => {
  const { normalizer } = tokenizer;
  normalizer.normalizers = normalizer.normalizers.filter(({ type }) => type !== 'Nmt');
};

beforeAll(async () => {
  workspace = make.empty();
  for (const name of [...names, 'whisper']) copyCheckpoint(readReference(name).folder, workspace.path(name));
  for (const name of ['mbart', 'mt5']) workspace.edit(`${name}/tokenizer.json`, withoutNmt);
  workspace.edit('bart/config.json', (config: Record<string, unknown>) => {
    config.task_specific_params = { summarization: { prefix: 'great: ', num_beams: 3, max_length: 9, min_length: 5 } };
  });
  const pairs = [
    { text: 'a bad story', target: 'The movie was great' },
    { text: 'I would not see it again.', target: 'the acting was excellent' },
  ];
  workspace.write('eval.jsonl', pairs.map(pair => `${JSON.stringify(pair)}\n`).join(''));
  const models = Object.fromEntries([...names, 'whisper'].map(name => [name, { source: `./${name}` }]));
  Object.assign(models.t5!, { evaluation: { data: './eval.jsonl', maxDrop: 0.5 } });
  workspace.write(CONFIG, {
    models,
    targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32', 'int8-dynamic'] } },
    benchmark: { shapes: [[2, 8]], warmup: 1, runs: 4, minSeconds: 0 },
  });
  const { failures, code } = await workspace.build();
  expect(failures).toEqual([]);
  expect(code).toBe(0);
  env.allowRemoteModels = false;
  env.localModelPath = workspace.path('dist/models');
}, 120_000);

const infer = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await workspace.td(['infer', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};

describe('what is built', () => {
  test.each(names)('%s: two models with their weights, and verdicts on both', name => {
    const files = ['encoder_model.onnx', 'decoder_model_merged.onnx'];
    for (const precision of ['fp32', 'int8-dynamic']) {
      const folder = `dist/models/${name}/cpu-${precision}`;
      const withData = files.flatMap(file => [file, `${file}_data`]).sort();
      expect(workspace.files(`${folder}/onnx`)).toEqual(withData);
      expect(workspace.files(folder)).toContain('generation_config.json');
      const { outputs, writing, integerMatMuls } = workspace.json<Validation>(`${folder}/validation.json`);
      expect(Object.keys(outputs)).toEqual(['last_hidden_state', 'logits']);
      expect(writing!.tokens).toBeGreaterThan(0);
      if (precision === 'fp32') expect(writing!.equal).toBe(writing!.tokens);
      else expect(Object.keys(integerMatMuls!.files!)).toEqual(files);
      const { results } = workspace.json<Benchmark>(`${folder}/benchmark.json`);
      expect(results[0]!.decoding!.tokens).toBe(16);
    }
  });

  test('a speech model comes with what prepares speech', () => {
    const folder = 'dist/models/whisper/cpu-int8-dynamic';
    expect(workspace.json(`${folder}/preprocessor_config.json`)).toEqual(
      workspace.json('whisper/preprocessor_config.json'),
    );
    expect(workspace.json<Validation>(`${folder}/validation.json`).writing!.tokens).toBeGreaterThan(0);
  });

  test('with texts and what should be written of them: perplexity', () => {
    const evaluationOf = (precision: string) =>
      workspace.json<Validation>(`dist/models/t5/cpu-${precision}/validation.json`).evaluation!;
    const [exact, rough] = [evaluationOf('fp32'), evaluationOf('int8-dynamic')];
    expect(exact.metric).toBe('perplexity');
    expect(exact.samples).toBeGreaterThan(20);
    // Random weights: about as good as a guess among 276 tokens.
    expect(exact.reference.value).toBeGreaterThan(100);
    expect(Math.abs(exact.drop.value)).toBeLessThan(1e-5);
    expect(rough.reference).toEqual(exact.reference);
    expect(Math.abs(rough.drop.value)).toBeGreaterThan(1e-5);
  });

  test('the report has both', () => {
    const report = workspace.read('dist/report.md');
    expect(report).toContain('## t5');
    expect(report).toContain('perplexity');
    expect(report).toContain('generated tokens/s');
  });
});

describe('td infer', () => {
  /** PyTorch's runs that a text and the options of the command can ask for. */
  async function askable(name: string) {
    const { folder, generations } = readReference(name);
    const tokenizer = await loadTokenizer(folder);
    if (!tokenizer.ok) throw new Error(tokenizer.error.message);
    const { encode, decode } = tokenizer.value;
    const plain = generations.filter(({ note }) => /^(greedy, one text|beam search)$/.test(note));
    return plain.flatMap(run => {
      const rows = run.input_ids.map(ids => decode(ids, { skipSpecial: true }));
      const fits = rows.every((text, row) => `${encode(text).inputIds}` === `${run.input_ids[row]}`);
      return fits ? [{ run, texts: rows, decode }] : [];
    });
  }

  test.each(names)('%s writes what PyTorch writes, greedily and by beams', async name => {
    const runs = await askable(name);
    expect(runs.map(({ run }) => run.settings.num_beams)).toContain(4);
    expect(runs.map(({ run }) => run.settings.num_beams)).toContain(1);
    for (const { run, texts, decode } of runs) {
      const { num_beams, max_new_tokens, pad_token_id } = run.settings;
      const request = [...texts, '--max-new-tokens', `${max_new_tokens}`, '--beams', `${num_beams}`];
      const lines = (await infer(`${name}/cpu/fp32`, ...request, '--json')).trim().split('\n');
      const found = lines.map(
        line => JSON.parse(line) as { text: string; generated: { tokens: number[]; text: string } },
      );
      expect(found.map(({ text }) => text)).toEqual(texts);
      for (const [row, { generated }] of found.entries()) {
        const expected = run.new_ids[row]!;
        expect(generated.tokens, run.note).toEqual(expected.slice(0, generated.tokens.length));
        expect(expected.slice(generated.tokens.length).every(token => token === pad_token_id)).toBe(true);
        expect(generated.text).toBe(decode(generated.tokens, { skipSpecial: true }));
      }
      // Printed as it comes, a text keeps the spaces before punctuation that these tokenizers remove from a whole one.
      const printed = found.map(({ generated }) => `${name}/cpu/fp32  ${generated.text}\n`).join('');
      if (name !== 'mt5' && name !== 'mbart') expect(await infer(`${name}/cpu/fp32`, ...request)).toBe(printed);
    }
  });

  test("a task's parameters: prefix, beams and lengths; an option comes first", async () => {
    const text = 'The movie was great';
    const asked = JSON.parse(await infer('bart/cpu/fp32', text, '--task-params', 'summarization', '--json'));
    const same = ['--prefix', 'great: ', '--beams', '3', '--max-new-tokens', '8', '--json'];
    const spelt = JSON.parse(await infer('bart/cpu/fp32', text, ...same));
    expect(asked.generated.score).toBeDefined();
    expect(asked).toEqual(spelt);
    const without = JSON.parse(await infer('bart/cpu/fp32', text, ...same.slice(2)));
    const empty = ['--task-params', 'summarization', '--prefix', '', '--json'];
    expect(JSON.parse(await infer('bart/cpu/fp32', text, ...empty))).toEqual(without);
    expect(without.generated.score).not.toBe(spelt.generated.score);
    const greedy = JSON.parse(
      await infer('bart/cpu/fp32', text, '--task-params', 'summarization', '--beams', '1', '--json'),
    );
    expect(greedy.generated.score).toBeUndefined();
  });

  test('languages: the token of the texts, and the first that is written', async () => {
    const tokensOf = async (...options: string[]): Promise<number[]> =>
      JSON.parse(await infer('mbart/cpu/fp32', 'Once upon a time', '--max-new-tokens', '6', '--json', ...options))
        .generated.tokens;
    const [german, french] = [241, 243];
    expect((await tokensOf())[0]).toBe(german);
    expect((await tokensOf('--target-language', 'fr_XX'))[0]).toBe(french);
    expect(await tokensOf('--source-language', 'en_XX')).toEqual(await tokensOf());
    expect(await tokensOf('--source-language', 'fr_XX')).not.toEqual(await tokensOf());
  });

  test.each([
    [
      ['mbart/cpu/fp32', '--source-language', 'fr_FR'],
      "the tokenizer has no such language\n  where     <dir>/project/dist/models/mbart/cpu-fp32/tokenizer.json\n  expected  one of de_DE, en_XX, fr_XX\n  found     fr_FR\n  fix       did you mean 'fr_XX'?",
    ],
    [['t5/cpu/fp32', '--target-language', 'de_DE'], 'expected  no language: the tokenizer has no tokens for any'],
    [
      ['bart/cpu/fp32', '--task-params', 'summarisation'],
      "the model has no parameters for 'summarisation'\n  where     <dir>/project/dist/models/bart/cpu-fp32/config.json: task_specific_params\n  expected  one of summarization\n  found     summarisation\n  fix       did you mean 'summarization'?",
    ],
    [['t5/cpu/fp32', '--beams', '0'], '--beams is not a whole number of at least 1'],
    [['t5/cpu/fp32', '--beams', '2', '--temperature', '1'], 'beams are not sampled'],
    [['whisper/cpu/fp32'], "td infer does not know how to present 'automatic-speech-recognition' yet"],
  ])('%j is refused', async ([model, ...options], message) => {
    const { code, stdout, stderr } = await workspace.td(['infer', model!, 'Hello', ...options]);
    expect([code, stdout]).toEqual([2, '']);
    expect(workspace.normal(stderr)).toContain(message);
  });

  test('a text that is longer than the positions of the model is refused; relative positions have no end', async () => {
    const text = 'word '.repeat(50);
    const { code, stderr } = await workspace.td(['infer', 'bart/cpu/fp32', text]);
    expect(code).toBe(2);
    expect(stderr).toContain('expected  48 tokens at most, for which the model has positions');
    expect(await infer('t5/cpu/fp32', text)).toMatch(/^t5\/cpu\/fp32 {2}/);
  });
});

describe('@huggingface/transformers', () => {
  const TEXT = 'Once upon a time there was a bear';
  const tasks: readonly [name: string, task: PipelineType, key: string, languages: readonly string[]][] = [
    ['t5', 'text2text-generation', 'generated_text', []],
    ['t5_v11', 'text2text-generation', 'generated_text', []],
    ['mt5', 'text2text-generation', 'generated_text', []],
    ['bart', 'text2text-generation', 'generated_text', []],
    ['marian', 'translation', 'translation_text', []],
    ['mbart', 'translation', 'translation_text', ['fr_XX', 'de_DE']],
  ];

  test.each(tasks)(
    '%s: its pipeline for %s gives the text of td infer, in both precisions',
    async (name, task, key, languages) => {
      for (const precision of ['fp32', 'int8-dynamic']) {
        const run = (await pipeline(task, `${name}/cpu-${precision}`)) as unknown as Pipeline;
        const [src_lang, tgt_lang] = languages;
        const found = await run(TEXT, { max_new_tokens: 12, ...(src_lang ? { src_lang, tgt_lang: tgt_lang! } : {}) });
        const options = src_lang ? ['--source-language', src_lang, '--target-language', tgt_lang!] : [];
        const request = [`${name}/cpu/${precision}`, TEXT, '--max-new-tokens', '12', '--json', ...options];
        const { generated } = JSON.parse(await infer(...request)) as { generated: { text: string } };
        expect(found[0]![key]).toBe(generated.text);
        await run.dispose();
      }
    },
  );

  test('the parameters of a task: its prefix', async () => {
    const run = (await pipeline('summarization', 'bart/cpu-fp32')) as unknown as Pipeline;
    const [found] = await run(TEXT, { max_new_tokens: 12 });
    const request = ['bart/cpu/fp32', TEXT, '--max-new-tokens', '12', '--json'];
    const textOf = async (...options: string[]): Promise<string> =>
      JSON.parse(await infer(...request, ...options)).generated.text;
    expect(found!.summary_text).toBe(await textOf('--task-params', 'summarization', '--beams', '1'));
    expect(found!.summary_text).not.toBe(await textOf());
    await run.dispose();
  });

  const tensor = (rows: readonly (readonly number[])[]): Tensor =>
    new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length]);
  const greedyRuns = (name: string): readonly ReferenceGeneration[] =>
    readReference(name).generations.filter(({ settings }) => settings.num_beams === 1);

  test.each(names)('%s: its generate() gives the tokens of PyTorch', async name => {
    const model = await AutoModelForSeq2SeqLM.from_pretrained(`${name}/cpu-fp32`);
    for (const { input_ids, attention_mask, settings, new_ids, note } of greedyRuns(name)) {
      const { max_new_tokens, eos_token_id } = settings;
      const request = {
        inputs: tensor(input_ids),
        attention_mask: tensor(attention_mask),
        max_new_tokens,
        eos_token_id,
      };
      const generated = (await model.generate(request as Parameters<typeof model.generate>[0])) as Tensor;
      const rows = generated.tolist().map((row: bigint[]) => row.slice(1).map(Number));
      expect(rows, note).toEqual(new_ids);
    }
    await model.dispose();
  });

  test('whisper: its class hears what PyTorch hears', async () => {
    const model = await AutoModelForSpeechSeq2Seq.from_pretrained('whisper/cpu-fp32');
    const { batches, tolerance } = readReference('whisper');
    for (const { inputs, outputs, note } of batches) {
      const { data, shape } = inputs.input_features!;
      const ids = inputs.decoder_input_ids!;
      const { logits } = (await model({
        input_features: new Tensor('float32', data as Float32Array, [...shape]),
        decoder_input_ids: new Tensor('int64', ids.data as BigInt64Array, [...ids.shape]),
      })) as { logits: { data: Float32Array } };
      const expected = outputs.logits!.data as Float32Array;
      const errors = Array.from(expected, (value, index) => Math.abs(value - logits.data[index]!));
      expect(Math.max(...errors), note).toBeLessThanOrEqual(tolerance);
    }
    await model.dispose();
  });
});

type Pipeline = ((text: string, options: object) => Promise<Record<string, string>[]>) & { dispose(): Promise<void> };
