import { describe, expect, test } from 'vitest';
import type { TaskId } from '../../src/build/task.js';
import { failureText } from '../../src/cli/failure-text.js';
import { planProject } from '../../src/cli/project.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { readReference } from '../support/reference.js';

const CPU = { engine: 'onnxruntime' as const, precisions: ['fp32' as const] };

type Config = Parameters<typeof resolveConfig>[0];

function planned(name: string, target: Config['targets'][string] = CPU, others: Partial<Config> = {}) {
  const { folder } = readReference(name);
  const config = {
    models: { [name]: { source: folder } },
    targets: { here: target },
    ...others,
  };
  const { signal } = new AbortController();
  return planProject(resolveConfig(config, '/'), [], { signal, note() {} }, {});
}

test.each([
  ['t5', 'text2text-generation'],
  ['whisper', 'automatic-speech-recognition'],
  ['bart_seqcls', 'text-classification'],
])('an encoder-decoder is planned for what its head does: %s', async (name, task) => {
  const outcome = await planned(name);
  expect(outcome.ok && outcome.value.models[0]!.model.task).toBe(task);
});

test('one that writes is refused for TensorRT before any work', async () => {
  const outcome = await planned('t5', {
    engine: 'onnxruntime',
    device: 'cuda',
    provider: 'tensorrt',
    precisions: ['fp32'],
  });
  expect(
    outcome.ok ? '' : failureText(outcome.error),
  ).toBe(`error: not-built: t5/here/fp32 cannot be built by this version
  expected  for provider: 'tensorrt', a task whose model is one file
  found     'text2text-generation'
  fix       use provider: 'cuda', or engine: 'tensorrt'`);
});

describe('one that writes, for TensorRT', () => {
  const H100: Config['targets'][string] = { engine: 'tensorrt', gpu: 'sm_90', precisions: ['int8'] };
  const networks = async (others: Partial<Config> = {}) => {
    const outcome = await planned('t5', H100, others);
    if (!outcome.ok) throw new Error(failureText(outcome.error));
    return outcome.value.plan.deliveries
      .filter(({ task, to }) => task === 't5/here/int8/engine' && to.startsWith('triton/'))
      .map(({ from, to }) => [to, from]);
  };

  test('each kind of call is a network of the server, with its own engine alone', async () => {
    const each = (name: string, file: string) =>
      [file, 'engine.json'].map(path => [`triton/t5-here-int8-${name}/1/${path}`, path]);
    expect(await networks()).toEqual([
      ...each('encoder', 'encoder_model.plan'),
      ...each('decoder', 'decoder_model.plan'),
      ...each('decoder-with-past', 'decoder_with_past_model.plan'),
    ]);
    const names = await networks({ triton: { compat: 'els-rd' } });
    expect(names.map(([to]) => to!.split('/')[1])).toContain('t5_tensorrt_decoder_with_past_model');
  });

  test('one task builds all engines, of the graphs that the decoder was split into', async () => {
    const outcome = await planned('t5', H100);
    if (!outcome.ok) throw new Error(failureText(outcome.error));
    const { tasks } = outcome.value.plan;
    expect(tasks.get('t5/tensorrt-10/optimize' as TaskId)!.params).toMatchObject({ dialect: 'portable', split: true });
    expect(tasks.get('t5/here/int8/engine' as TaskId)!.params).toMatchObject({ precision: 'int8' });
    expect(tasks.get('t5/here/int8/engine' as TaskId)!.lacks).toMatchObject({ code: 'not-built-here' });
  });
});

test('what a backend of language models cannot do is refused before any work', async () => {
  const outcome = await planned('gpt2', CPU, {
    triton: { backend: 'tensorrt-llm', backendOptions: { model: '/checkpoints/gpt2' } },
  });
  expect(
    outcome.ok ? '' : failureText(outcome.error),
  ).toBe(`error: triton-settings: TensorRT-LLM runs on GPUs, and no target of gpt2 has one
  where     triton.backend
  fix       add a target with device: 'cuda', or choose backend: 'onnx'`);
  const unused = await planned('bart_seqcls', CPU, { triton: { backend: 'vllm' } });
  expect(
    unused.ok ? '' : failureText(unused.error),
  ).toBe(`error: triton-settings: backend 'vllm' runs text-generation, and no model does that
  where     triton.backend
  found     bart_seqcls: text-classification
  fix       remove backend`);
  const vllm = await planned('gpt2', CPU, {
    triton: { backend: 'vllm', backendOptions: { model: '/checkpoints/gpt2' } },
  });
  if (!vllm.ok) throw new Error(failureText(vllm.error));
  const { tasks } = vllm.value.plan;
  expect(tasks.get('gpt2/triton' as TaskId)!.params).toMatchObject({
    languageModel: { backend: 'vllm', engine: { model: '/checkpoints/gpt2' } },
  });
  expect(tasks.get('deploy' as TaskId)!.params).toMatchObject({
    image: 'nvcr.io/nvidia/tritonserver:26.06-vllm-python-py3',
    hasTokenizers: true,
    completesConfigurations: true,
  });
});
