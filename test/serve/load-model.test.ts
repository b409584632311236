import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FindModel } from '../../src/serve/ensemble.js';
import { Ensemble } from '../../src/serve/ensemble.js';
import { loadVersion } from '../../src/serve/load-model.js';
import { serveError } from '../../src/serve/model.js';
import { CachedModel } from '../../src/serve/response-cache.js';
import { SequenceModel } from '../../src/serve/sequences.js';
import { singleAnswer } from '../../src/serve/served-version.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { fail, ok } from '../../src/util/result.js';
import { PARAMS, runStage } from '../triton/intents.js';
import { COUNTER, counter, ECHO, echo, modelOf } from './support.js';

const models = [modelOf(ECHO, echo()), modelOf(COUNTER, counter())];
const find: FindModel = name => {
  const model = models.find(({ facts }) => facts.name === name);
  return model ? ok(model) : fail(serveError('NOT_FOUND', name));
};
const context = { call: async () => fail(serveError('INTERNAL', 'no other models here')) };
const load = (config: ModelConfig, folder = '/models/m') =>
  loadVersion({ name: 'm', version: 1, folder, config: { ...config, name: 'm' } }, find, context);

const ensembleOf = (model: string): ModelConfig => ({
  platform: 'ensemble',
  ensemble_scheduling: { step: [{ model_name: model, model_version: -1, input_map: {}, output_map: {} }] },
});

test('an ensemble keeps its answers where its configuration says so', async () => {
  const plain = await load(ensembleOf('echo'));
  const keeping = await load({ ...ensembleOf('echo'), response_cache: { enable: true } });
  expect(plain.ok && plain.value).toBeInstanceOf(Ensemble);
  expect(keeping.ok && keeping.value).toBeInstanceOf(CachedModel);
});

test.each<[string, ModelConfig]>([
  ["the decoupled model 'counter' as a step of an ensemble", ensembleOf('counter')],
  ['sequence_batching.iterative_sequence', { backend: 'python', sequence_batching: { iterative_sequence: true } }],
  [
    'model_warmup of sequences',
    { backend: 'python', sequence_batching: { direct: {} }, model_warmup: [{ name: 'w', batch_size: 1 }] },
  ],
  ['batch_input', { backend: 'onnxruntime', batch_input: [{ target_name: ['n'] }] }],
  ['batch_output', { backend: 'onnxruntime', batch_output: [{ target_name: ['n'] }] }],
  ['allow_ragged_batch', { backend: 'onnxruntime', input: [{ name: 'x', allow_ragged_batch: true }] }],
  ["backend 'vllm'", { backend: 'vllm' }],
])('refused, not ignored: %s', async (found, config) => {
  expect(await load(config)).toEqual({
    ok: false,
    error: {
      code: 'model-not-served',
      kind: 'usage',
      message: `td serve does not do what this model needs: ${found}`,
      where: '/models/m',
      fix: 'serve it with Triton',
    },
  });
});

test('a model of sequences and one with other shapes within are loaded as such', async () => {
  const { repository } = await runStage({ artefacts: PARAMS.artefacts.slice(0, 1) });
  const folder = join(repository, 'intents-tokenize');
  const read = readModelConfig(readFileSync(join(folder, 'config.pbtxt'), 'utf8'));
  if (!read.ok) throw new Error(read.error.message);
  const control = { kind: 'CONTROL_SEQUENCE_START', int32_false_true: [0, 1] } as const;
  const { dynamic_batching: _, ...config } = read.value;
  const loaded = await load(
    {
      ...config,
      sequence_batching: { control_input: [{ name: 'START', control: [control] }] },
      output: config.output!.map(output => ({ ...output, dims: [1, -1], reshape: { shape: [-1] } })),
    },
    folder,
  );
  if (!loaded.ok) throw new Error(loaded.error.message);
  expect(loaded.value).toBeInstanceOf(SequenceModel);
  const answer = await singleAnswer(
    loaded.value.answers({
      parameters: { sequence_id: 1, sequence_start: true, sequence_end: true },
      inputs: [{ name: 'TEXT', datatype: 'BYTES', shape: [1, 1], data: [new TextEncoder().encode('where')] }],
      outputs: ['input_ids'],
      signal: new AbortController().signal,
    }),
  );
  expect(answer.ok && answer.value.outputs.map(({ name, shape }) => [name, shape.length])).toEqual([['input_ids', 3]]);
  await loaded.value.close();
});
