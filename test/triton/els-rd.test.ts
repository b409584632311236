import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readInferRequest } from '../../src/kserve/http-body.js';
import type { TritonParams } from '../../src/stages/triton.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { DEMOS, demoBody } from './els-rd-demos.js';
import { runStage } from './intents.js';
import { CPU, H100, runTask, taskModel } from './tasks.js';

const ELS_RD: Partial<TritonParams> = { model: 'test', compat: 'els-rd', maxBatchSize: 0, artefacts: [CPU] };

const configIn = (repository: string, model: string): ModelConfig => {
  const config = readModelConfig(readFileSync(join(repository, model, 'config.pbtxt'), 'utf8'));
  if (!config.ok) throw new Error(config.error.message);
  return config.value;
};

async function repositoryOf(task: string, changes: Partial<TritonParams> = {}): Promise<string> {
  const given = { ...ELS_RD, ...changes };
  const { result, repository } = await (task === 'text-classification'
    ? runStage({ ...given, task })
    : runTask(taskModel(task), given));
  expect(result).toEqual({ ok: true, value: undefined });
  return repository;
}

const bytes = (name: string, dims = [-1]) => ({ name, data_type: 'TYPE_STRING', dims });

/** What the clients of ELS-RD/transformer-deploy ask: names, types, shapes. */
describe('names and forms', () => {
  test.each<[task: string, model: string, inputs: string[], output: object]>([
    ['text-classification', 'test_onnx_inference', ['TEXT'], { name: 'output', data_type: 'TYPE_FP32', dims: [-1, 8] }],
    ['token-classification', 'test_onnx_inference', ['TEXT'], bytes('output')],
    ['question-answering', 'test_onnx_inference', ['QUESTION', 'CONTEXT'], bytes('output')],
    ['text-generation', 'test_onnx_generate', ['TEXT'], bytes('output')],
    ['text2text-generation', 't5_model_generate', ['TEXT'], bytes('OUTPUT_TEXT')],
  ])('%s: %s', async (task, model, inputs, output) => {
    const repository = await repositoryOf(task);
    const config = configIn(repository, model);
    expect(config.max_batch_size).toBe(0);
    expect(config.input).toEqual(inputs.map(name => bytes(name)));
    expect(config.output).toMatchObject([output]);
    expect(config.dynamic_batching).toBeUndefined();
    expect(config.model_transaction_policy).toBeUndefined();
  });

  test('the ensemble: tokenizer and network, newest versions, each tensor by its own name', async () => {
    const repository = await repositoryOf('text-classification');
    const names = ['input_ids', 'attention_mask', 'token_type_ids'];
    const identity = Object.fromEntries(names.map(name => [name, name]));
    expect(configIn(repository, 'test_onnx_inference').ensemble_scheduling!.step).toEqual(
      [
        { model_name: 'test_onnx_tokenize', model_version: -1n, input_map: { TEXT: 'TEXT' }, output_map: identity },
        { model_name: 'test_onnx_model', model_version: -1n, input_map: identity, output_map: { logits: 'output' } },
      ].map(step => ({ ...step, model_version: expect.toSatisfy(version => Number(version) === -1) })),
    );
    const tokenizer = configIn(repository, 'test_onnx_tokenize');
    expect([tokenizer.backend, tokenizer.input]).toEqual(['python', [bytes('TEXT')]]);
    expect(tokenizer.output!.map(({ name, dims }) => [name, dims])).toEqual(names.map(name => [name, [-1, -1]]));
  });

  test.each([
    ['onnx', CPU, 'onnxruntime_onnx', 'KIND_CPU'],
    ['tensorrt', H100, 'tensorrt_plan', 'KIND_GPU'],
  ] as const)('%s: platform and instances', async (engine, artefact, platform, kind) => {
    const server = { instances: { count: 3 } };
    const repository = await repositoryOf('token-classification', { artefacts: [artefact], server });
    const network = configIn(repository, `test_${engine}_model`);
    expect([network.platform, network.max_batch_size]).toEqual([platform, 0]);
    expect(network.instance_group).toMatchObject([{ count: 3, kind }]);
    expect(network.input!.every(({ dims }) => JSON.stringify(dims) === '[-1,-1]')).toBe(true);
  });
});

describe('the bodies of its demonstrations', () => {
  test.each(DEMOS)('$task', async demo => {
    const { task, inputs, output, jsonLength, size } = demo;
    const made = demoBody(demo);
    expect([made.jsonLength, made.body.length]).toEqual([jsonLength, size]);
    const request = readInferRequest(made.body, jsonLength);
    if (!request.ok) throw new Error(request.error);
    const config = configIn(await repositoryOf(task), demo.model.replace('transformer', 'test'));
    for (const { name, shape, datatype, data } of request.value.inputs) {
      const declared = config.input!.find(input => input.name === name)!;
      expect([declared.data_type, datatype, declared.dims!.length]).toEqual(['TYPE_STRING', 'BYTES', shape.length]);
      expect(Buffer.from((data as Uint8Array[])[0]!).toString('utf8')).toBe(inputs[name]);
    }
    expect(request.value.outputs.map(({ name }) => name)).toEqual([output]);
    expect(config.output!.map(({ name }) => name)).toEqual([output]);
  });
});
