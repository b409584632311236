import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { TritonParams } from '../../src/stages/triton.js';
import { type LanguageModelUse, languageModelFailure } from '../../src/triton/language-model.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { meaningOf, protocVersion, throughProtoc } from './support.js';
import { CPU, runTask, taskModel } from './tasks.js';

const GOLDEN = fileURLToPath(new URL('golden/tensorrt-llm', import.meta.url));
const SOURCE = fileURLToPath(new URL('../../src/triton/python/llm_api.py', import.meta.url));
const HERE = fileURLToPath(new URL('python', import.meta.url));
const PYTHON = process.env.TD_PYTHON ?? 'python3';
const lacking = ['numpy', 'yaml'].filter(name => spawnSync(PYTHON, ['-c', `import ${name}`]).status !== 0);

type Language = NonNullable<TritonParams['languageModel']>;

async function build(languageModel: Language, server: TritonParams['server'] = {}): Promise<string> {
  const { result, repository } = await runTask(taskModel('text-generation'), {
    artefacts: [CPU],
    languageModel,
    server,
  });
  expect(result).toEqual({ ok: true, value: undefined });
  return repository;
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

function parsed(text: string): ModelConfig {
  const config = readModelConfig(text);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return config.value;
}

test('vLLM reads the checkpoint by itself', async () => {
  const engine = { model: 'org/chat', revision: 'abc', gpu_memory_utilization: 0.8 };
  const repository = await build({ backend: 'vllm', engine });
  expect(filesOf(repository)).toEqual(['m/1/model.json', 'm/config.pbtxt']);
  expect(readFileSync(join(repository, 'm/config.pbtxt'), 'utf8')).toBe(
    'name: "m"\nbackend: "vllm"\nversion_policy { latest { num_versions: 1 } }\ninstance_group [ { kind: KIND_MODEL count: 1 } ]\n',
  );
  expect(JSON.parse(readFileSync(join(repository, 'm/1/model.json'), 'utf8'))).toEqual(engine);
});

const LLM_API: Language = {
  backend: 'tensorrt-llm',
  engine: { model: 'org/chat', revision: 'abc', tensor_parallel_size: 2, kv_cache_config: { max_tokens: 4096 } },
};

describe('the LLM-API layout of TensorRT-LLM', () => {
  test('makes the golden repository', async () => {
    const repository = await build(LLM_API);
    expect(readFileSync(join(repository, 'm/1/model.py'))).toEqual(readFileSync(SOURCE));
    rmSync(join(repository, 'm/1/model.py'));
    if (process.env.UPDATE_GOLDEN) cpSync(repository, GOLDEN, { recursive: true });
    expect(filesOf(repository)).toEqual(filesOf(GOLDEN));
    for (const path of filesOf(GOLDEN)) {
      expect(readFileSync(join(repository, path), 'utf8'), path).toBe(readFileSync(join(GOLDEN, path), 'utf8'));
    }
  });

  test('model.yaml has the arguments of LLM(), and says what config.pbtxt says', async () => {
    const repository = await build(LLM_API);
    const yaml = parse(readFileSync(join(repository, 'm/1/model.yaml'), 'utf8'));
    const config = parsed(readFileSync(join(repository, 'm/config.pbtxt'), 'utf8'));
    expect(yaml).toEqual({
      backend: 'pytorch',
      ...LLM_API.engine,
      triton_config: { max_batch_size: 0, decoupled: true },
    });
    expect(config).toMatchObject({ max_batch_size: 0, model_transaction_policy: { decoupled: true } });
  });

  test.skipIf(protocVersion === undefined)(
    `protoc reads the same (${protocVersion ?? 'not installed: skipped'})`,
    async () => {
      const text = readFileSync(join(await build(LLM_API), 'm/config.pbtxt'), 'utf8');
      expect(meaningOf(parsed(throughProtoc(text)))).toEqual(meaningOf(parsed(text)));
    },
  );

  interface Asked {
    readonly inputs: Readonly<Record<string, string | { readonly type: string; readonly data: readonly unknown[] }>>;
    readonly cancelled?: boolean;
  }
  type Response = { error: string; code: string } | Record<string, { dtype: string; data: unknown[] }>;

  /** What model.py says to each of the requests that it gets in one call, with a library that says the words backwards. */
  async function asked(requests: readonly Asked[], engine = LLM_API.engine): Promise<Response[][] | string> {
    const repository = await build({ ...LLM_API, engine });
    const config = parsed(readFileSync(join(repository, 'm/config.pbtxt'), 'utf8'));
    const calls = [
      requests.map(({ inputs, ...rest }) => ({
        ...rest,
        parameters: {},
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [
            name,
            typeof value === 'string' ? [Buffer.from(value, 'latin1').toString('base64')] : value,
          ]),
        ),
      })),
    ];
    const { status, stdout, stderr } = spawnSync(PYTHON, [join(HERE, 'drive_model.py')], {
      input: JSON.stringify([{ model: join(repository, 'm/1'), config, networks: {}, refused: [], calls }]),
      env: { ...process.env, PYTHONPATH: [HERE, join(HERE, 'tensorrt_llm_stand_in')].join(delimiter) },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    const [driven] = JSON.parse(stdout) as [{ initialize: string } | { responses: { stream: Response[] }[][] }];
    return 'initialize' in driven ? driven.initialize : driven.responses[0]!.map(({ stream }) => stream);
  }

  const said = (...texts: string[]): object => ({ text_output: { dtype: 'object', data: texts } });
  const flag = { type: 'bool', data: [true] };

  describe.skipIf(lacking.length > 0)(`model.py${lacking.length > 0 ? `: skipped without ${lacking}` : ''}`, () => {
    test('answers at once, in pieces, with settings and details; one that is refused fails alone', async () => {
      const text_input = 'one two three';
      expect(
        await asked([
          { inputs: { text_input } },
          { inputs: { text_input, streaming: flag } },
          { inputs: { text_input, sampling_param_max_tokens: { type: 'int32', data: [1] } } },
          { inputs: { text_input, sampling_param_best_of: { type: 'int32', data: [2] } } },
          { inputs: { text_input: 'refused' } },
          {
            inputs: {
              text_input,
              sampling_param_stop: 'one',
              return_finish_reason: flag,
              return_stop_reason: flag,
              return_cumulative_logprob: flag,
            },
          },
        ]),
      ).toEqual([
        [said('three two one')],
        [said('three'), said('three two'), said('three two one')],
        [said('three')],
        [said('three two one', 'three two one')],
        [{ error: 'the prompt is too long', code: 'INTERNAL' }],
        [
          {
            ...said('three two'),
            finish_reason: { dtype: 'object', data: ['stop'] },
            stop_reason: { dtype: 'object', data: ['one'] },
            cumulative_logprob: { dtype: 'float32', data: [-1] },
          },
        ],
      ]);
    });

    test('tells a client what is wrong with its request, and that it was cancelled', async () => {
      expect(
        await asked([
          { inputs: {} },
          { inputs: { text_input: 'a\xff' } },
          { inputs: { text_input: 'a', sampling_param_top_k: { type: 'int32', data: [1, 2] } } },
          { inputs: { text_input: 'forever and ever' }, cancelled: true },
        ]),
      ).toEqual([
        [{ error: 'input text_input is missing', code: 'INVALID_ARG' }],
        [{ error: 'text_input: not UTF-8 at byte 1', code: 'INVALID_ARG' }],
        [{ error: 'sampling_param_top_k must be one value', code: 'INVALID_ARG' }],
        [{ error: 'the request was cancelled', code: 'CANCELLED' }],
      ]);
    });

    test('does not load without its checkpoint', async () => {
      expect(await asked([], { model: 'broken' })).toBe('no checkpoint broken');
    });
  });
});

describe('refused before anything is built', () => {
  const use: LanguageModelUse = {
    backend: 'tensorrt-llm',
    engine: { model: 'org/chat' },
    compat: 'none',
    hasGpu: true,
  };

  test('nothing of what is right', () => {
    expect(languageModelFailure('m', use)).toBeUndefined();
    expect(languageModelFailure('m', { ...use, backend: 'vllm', hasGpu: false })).toBeUndefined();
  });

  test.each([
    ['vLLM', 'vllm'],
    ['TensorRT-LLM', 'tensorrt-llm'],
  ] as const)('%s must be told where the checkpoint is', (name, backend) => {
    expect(languageModelFailure('m', { ...use, backend, engine: {} })).toEqual({
      code: 'triton-checkpoint',
      kind: 'usage',
      message: `${name} reads the checkpoint of m by itself, and does not know where it is`,
      where: 'triton.backendOptions',
      expected: 'model, a folder on the server or a name on the Hub',
      fix: "add backendOptions: { model: '/checkpoints/m' }, or take the model from the Hub",
    });
  });

  test.each<[Partial<LanguageModelUse>, string, string]>([
    [{ compat: 'els-rd' }, 'triton.compat', 'the names of els-rd are not those of TensorRT-LLM: m cannot have both'],
    [{ hasGpu: false }, 'triton.backend', 'TensorRT-LLM runs on GPUs, and no target of m has one'],
    [
      { engine: { model: 'org/chat', triton_config: {} } },
      'triton.backendOptions.triton_config',
      'triton_config of model.yaml is not an argument of LLM()',
    ],
  ])('%j', (change, where, message) => {
    expect(languageModelFailure('m', { ...use, ...change })).toMatchObject({
      kind: 'usage',
      code: 'triton-settings',
      where,
      message,
    });
  });
});
