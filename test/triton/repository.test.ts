import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { lengthBuckets } from '../../src/triton/repository.js';
import { tokenInputs } from '../../src/triton/token-inputs.js';
import { EXAMPLE, INTENTS, PARAMS, runStage } from './intents.js';
import { meaningOf, protocVersion, throughProtoc } from './support.js';
import { CPU, H100 } from './tasks.js';

const GOLDEN = fileURLToPath(new URL('golden/intents', import.meta.url));

/** Copied from elsewhere in this repository: compared with the original instead. */
const COPIES: Readonly<Record<string, string>> = {
  'intents-tokenize/1/model.py': fileURLToPath(new URL('../../src/triton/python/tokenize.py', import.meta.url)),
  'intents-tokenize/1/td_texts.py': fileURLToPath(new URL('../../src/triton/python/td_texts.py', import.meta.url)),
  'intents-tokenize/1/tokenizer.json': join(EXAMPLE, 'tokenizer.json'),
};

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

const configsOf = (repository: string): [string, string][] =>
  filesOf(repository)
    .filter(path => path.endsWith('.pbtxt'))
    .map(path => [path, readFileSync(join(repository, path), 'utf8')]);

function parsed(text: string) {
  const config = readModelConfig(text);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return config.value;
}

describe('the example', () => {
  test('makes the golden repository', async () => {
    const { result, repository } = await runStage();
    expect(result).toEqual({ ok: true, value: undefined });
    for (const [path, original] of Object.entries(COPIES)) {
      expect(readFileSync(join(repository, path))).toEqual(readFileSync(original));
      rmSync(join(repository, path));
    }
    if (process.env.UPDATE_GOLDEN) {
      rmSync(GOLDEN, { recursive: true, force: true });
      mkdirSync(GOLDEN, { recursive: true });
      cpSync(repository, GOLDEN, { recursive: true });
    }
    expect(filesOf(repository)).toEqual(filesOf(GOLDEN));
    for (const path of filesOf(GOLDEN)) {
      expect(readFileSync(join(repository, path), 'latin1'), path).toBe(readFileSync(join(GOLDEN, path), 'latin1'));
    }
  });

  test('warms the server up with a row of real tokens and a mask of ones', () => {
    const row = (name: string) => {
      const bytes = readFileSync(join(GOLDEN, 'intents-cpu-fp32-model/warmup', name));
      return Array.from(
        new BigInt64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
        Number,
      );
    };
    const ids = row('input_ids-64');
    expect(ids.length).toBe(64);
    expect([ids[0], ids.at(-1)]).toEqual([2, 3]);
    expect(ids.slice(1, -1).every(id => id > 4 && id < 4000)).toBe(true);
    expect(new Set(ids).size).toBeGreaterThan(10);
    expect(row('attention_mask-128')).toEqual(Array(128).fill(1));
    expect(row('token_type_ids-64')).toEqual(Array(64).fill(0));
  });
});

test.skipIf(protocVersion === undefined)(
  `protoc takes every generated config and reads the same in it (${protocVersion ?? 'not installed: skipped'})`,
  async () => {
    for (const changes of [{}, { maxBatchSize: 0 }, { dynamicBatching: { maxQueueDelayMicroseconds: 200 } }]) {
      const { repository } = await runStage(changes);
      expect(configsOf(repository).length).toBe(5);
      for (const [path, text] of configsOf(repository)) {
        expect(meaningOf(parsed(throughProtoc(text))), path).toEqual(meaningOf(parsed(text)));
      }
    }
  },
);

describe('parameters', () => {
  const config = async (changes: Parameters<typeof runStage>[0], name: string, network = INTENTS) => {
    const { result, repository } = await runStage(changes, network);
    expect(result.ok).toBe(true);
    return parsed(readFileSync(join(repository, name, 'config.pbtxt'), 'utf8'));
  };

  test('max_batch_size 0: shapes carry the batch, nothing is joined, and [1] is a legal request', async () => {
    const network = await config({ maxBatchSize: 0 }, 'intents-cpu-fp32-model');
    expect(network.input!.map(input => input.dims)).toEqual([
      [-1, -1],
      [-1, -1],
      [-1, -1],
    ]);
    expect(network.output).toEqual([
      { name: 'logits', data_type: 'TYPE_FP32', dims: [-1, 8], label_filename: 'labels.txt' },
    ]);
    expect(network.dynamic_batching).toBeUndefined();
    expect(network.model_warmup!.map(sample => [sample.batch_size, sample.inputs!.input_ids!.dims])).toEqual([
      [1, [1, 64]],
      [1, [1, 128]],
    ]);
    expect((await config({ maxBatchSize: 0 }, 'intents-cpu-fp32')).input).toEqual([
      { name: 'TEXT', data_type: 'TYPE_STRING', dims: [-1] },
    ]);
  });

  test('dynamic batching', async () => {
    expect((await config({ dynamicBatching: false }, 'intents-tokenize')).dynamic_batching).toBeUndefined();
    const details = { maxQueueDelayMicroseconds: 200, preferredBatchSizes: [8, 64] };
    expect((await config({ dynamicBatching: details }, 'intents-cpu-fp32-model')).dynamic_batching).toEqual({
      max_queue_delay_microseconds: 200,
      preferred_batch_size: [8],
    });
  });

  test('one warm-up sample where the usual and the largest request are the same', async () => {
    const network = await config({ maxBatchSize: 1, sequence: [16, 64, 64] }, 'intents-cpu-fp32-model');
    expect(network.model_warmup!.map(sample => sample.name)).toEqual(['1x64']);
  });

  test('types and inputs are those of the network', async () => {
    const network = {
      inputs: INTENTS.inputs.slice(0, 2).map(input => ({ ...input, dtype: 'int32' as const })),
      outputs: INTENTS.outputs,
    };
    const tokenizer = await config({}, 'intents-tokenize', network);
    expect(tokenizer.output).toEqual([
      { name: 'input_ids', data_type: 'TYPE_INT32', dims: [-1] },
      { name: 'attention_mask', data_type: 'TYPE_INT32', dims: [-1] },
    ]);
  });

  test.each<[readonly [number, number, number], number[]]>([
    [
      [16, 64, 128],
      [16, 32, 64, 128],
    ],
    [
      [1, 128, 512],
      [8, 16, 32, 64, 128, 256, 512],
    ],
    [
      [10, 50, 100],
      [10, 20, 40, 50, 80, 100],
    ],
    [[64, 64, 64], [64]],
    [
      [1, 4, 5],
      [4, 5],
    ],
  ])('length buckets of %j', (sequence, expected) => {
    expect(lengthBuckets(sequence)).toEqual(expected);
  });
});

describe('refusals', () => {
  const tensor = INTENTS.inputs[0]!;
  const configWith = (changes: object): string => {
    const file = join(tmpdir(), `td-triton-config-${process.pid}.json`);
    writeFileSync(
      file,
      JSON.stringify({ ...JSON.parse(readFileSync(join(EXAMPLE, 'config.json'), 'utf8')), ...changes }),
    );
    return file;
  };

  test.each<[string, Parameters<typeof runStage>, object]>([
    [
      'a task without text',
      [{ task: 'image-classification' }],
      {
        code: 'triton-task',
        kind: 'usage',
        message: 'there is no Triton repository for the task image-classification yet',
        expected:
          'text-classification, text-ranking, feature-extraction, sentence-similarity, token-classification, question-answering, fill-mask, zero-shot-classification, text-generation, text2text-generation',
        found: 'image-classification',
        fix: "did you mean 'text-classification'?",
      },
    ],
    [
      'two artefacts of one engine with names that know engines only',
      [{ compat: 'els-rd' }],
      {
        code: 'triton-compat',
        kind: 'usage',
        message: 'the names of els-rd do not tell these artefacts apart',
        where: 'triton.compat',
        expected: 'one artefact for onnxruntime',
        found: 'intents/cpu-fp32, intents/gpu-int8-dynamic',
        fix: 'build one target in one precision for each engine, or remove compat',
      },
    ],
    [
      'two artefacts where what clients call has one name',
      [{ compat: 'els-rd', task: 'text2text-generation', artefacts: [CPU, H100] }],
      {
        code: 'triton-compat',
        kind: 'usage',
        message: 'the names of els-rd do not tell these artefacts apart',
        where: 'triton.compat',
        expected: 'one artefact',
        found: 'm/cpu-fp32, m/h100-fp16',
        fix: 'build one target in one precision, or remove compat',
      },
    ],
    [
      'an input that no tokenizer gives',
      [{}, { ...INTENTS, inputs: [tensor, { ...tensor, name: 'position_ids' }] }],
      {
        code: 'triton-input-unknown',
        kind: 'usage',
        message: "the network needs 'position_ids', which no tokenizer gives",
        where: 'intents/cpu-fp32',
        expected: 'input_ids, attention_mask, token_type_ids, prompt_length',
        found: 'position_ids',
      },
    ],
    [
      'token ids that are no integers',
      [{}, { ...INTENTS, inputs: [{ ...tensor, dtype: 'float32' }] }],
      {
        code: 'triton-input-type',
        kind: 'usage',
        message: "one tokenizer cannot serve 'input_ids' in this type",
        where: 'intents/cpu-fp32',
        expected: 'int64 or int32',
        found: 'float32',
      },
    ],
    [
      'no logits',
      [{}, { ...INTENTS, outputs: [{ ...INTENTS.outputs[0]!, name: 'scores' }] }],
      {
        code: 'triton-output-missing',
        kind: 'usage',
        message: 'a text classifier must have the output logits',
        where: 'intents/cpu-fp32',
        expected: 'logits',
        found: 'scores',
      },
    ],
    [
      'labels that do not fit',
      [{}, INTENTS, { config: configWith({ id2label: { 0: 'a', 1: 'b' } }) }],
      {
        code: 'triton-labels',
        kind: 'usage',
        message: 'config.json does not name every column of logits',
        where: 'intents/cpu-fp32: id2label',
        expected: '8 labels',
        found: '2',
      },
    ],
    [
      'a fixed batch dimension, found by the linter',
      [
        { artefacts: PARAMS.artefacts.slice(0, 1) },
        { ...INTENTS, outputs: [{ ...INTENTS.outputs[0]!, shape: [1, 8] }] },
      ],
      {
        code: 'triton-lint',
        kind: 'task',
        message:
          "model 'intents-cpu-fp32-model', output 'logits': for the model to support batching the first dimension must be -1; shape expected by the model is [1,8]",
        where: 'intents-cpu-fp32-model/config.pbtxt',
        details: ['rule: network-batch-dimension'],
      },
    ],
  ])('%s', async (_, run, error) => {
    expect((await runStage(...run)).result).toEqual({ ok: false, error });
  });

  test('two artefacts that need other types', () => {
    const narrow = { ...INTENTS, inputs: INTENTS.inputs.map(input => ({ ...input, dtype: 'int32' as const })) };
    const result = tokenInputs(
      PARAMS.artefacts.map((artefact, i) => ({ ...artefact, networks: { 'model.onnx': i === 0 ? INTENTS : narrow } })),
    );
    expect(result.ok ? undefined : result.error).toMatchObject({
      where: 'intents/gpu-int8-dynamic',
      expected: "int64, as in the model's other artefacts",
      found: 'int32',
    });
  });
});
