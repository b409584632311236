import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGE_MODEL_RULES } from '../../../src/triton/lint-language-model.js';
import { type Mutation, problem, testMutations, writeWhole } from './support.js';

const vllm =
  (json: string, fields = '') =>
  (folder: string): void => {
    writeWhole(folder, 'm', `name: "m" backend: "vllm" ${fields}`);
    writeFileSync(join(folder, 'm/1/model.json'), json);
  };

const llmApi =
  (yaml: string, fields = '') =>
  (folder: string): void => {
    writeWhole(
      folder,
      'm',
      `name: "m" backend: "python" input { name: "text_input" data_type: TYPE_STRING dims: [ -1 ] }
       output { name: "text_output" data_type: TYPE_STRING dims: [ -1 ] } ${fields}`,
    );
    writeFileSync(join(folder, 'm/1/model.py'), '');
    writeFileSync(join(folder, 'm/1/model.yaml'), yaml);
  };
const DECOUPLED = 'model_transaction_policy { decoupled: true }';
const SERVER = 'triton_config: { max_batch_size: 0, decoupled: true }';

const MUTATIONS: readonly Mutation[] = [
  ['vLLM as it should be', vllm('{"model": "org/chat"}')],
  [
    'no JSON for vLLM',
    vllm('model = org/chat'),
    problem('m', 'vllm-arguments', "model.json of 'm' is not a JSON object", '1/model.json'),
  ],
  [
    'no checkpoint for vLLM',
    vllm('{"dtype": "half"}'),
    problem(
      'm',
      'vllm-arguments',
      "model.json of 'm' does not say which checkpoint to read: 'model' is missing",
      '1/model.json',
    ),
  ],
  [
    'a cache for vLLM',
    vllm('{"model": "org/chat"}', 'response_cache { enable: true }'),
    problem(
      'm',
      'vllm-cache',
      "Response Cache does not currently support model m with 'decoupled' transaction policy. Please disable the response cache.",
    ),
  ],
  ['TensorRT-LLM as it should be', llmApi(`model: org/chat\n${SERVER}\n`, DECOUPLED)],
  ['what a server is to complete', llmApi(`model: org/chat\n${SERVER}\n`)],
  ['a model.yaml of something else', llmApi('threshold: 0.5\n')],
  [
    'no checkpoint for TensorRT-LLM',
    llmApi(`${SERVER}\n`),
    problem(
      'm',
      'llm-api-arguments',
      "model.yaml of 'm' does not say which checkpoint to read: 'model' is missing",
      '1/model.yaml',
    ),
  ],
  [
    'half of what model.py reads',
    llmApi('model: org/chat\ntriton_config: { max_batch_size: 0 }\n'),
    problem('m', 'llm-api-arguments', "triton_config in model.yaml of 'm' must have 'decoupled'", '1/model.yaml'),
  ],
  [
    'model.yaml and config.pbtxt that differ',
    llmApi(`model: org/chat\n${SERVER}\n`, 'max_batch_size: 8 model_transaction_policy { decoupled: false }'),
    problem(
      'm',
      'llm-api-arguments',
      "max_batch_size of 'm' is 0 in model.yaml, but 8 in config.pbtxt",
      '1/model.yaml',
    ),
    problem(
      'm',
      'llm-api-arguments',
      "decoupled of 'm' is true in model.yaml, but false in config.pbtxt",
      '1/model.yaml',
    ),
  ],
  [
    'two instances without GPUs of their own',
    llmApi(`model: org/chat\n${SERVER}\n`, 'instance_group { count: 2 kind: KIND_CPU }'),
    problem('m', 'llm-api-arguments', 'gpu_device_ids parameter required when instance count > 1'),
  ],
];

testMutations(LANGUAGE_MODEL_RULES, MUTATIONS);
