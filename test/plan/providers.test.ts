import { expect, test } from 'vitest';
import { artefactsOf } from '../../src/config/matrix.js';
import { completeModel } from '../../src/config/model-checks.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { DeployConfig, Target, Triton } from '../../src/config/types.generated.js';
import type { EngineMachine } from '../../src/plan/engine-tasks.js';
import { file } from '../../src/plan/model-folder.js';
import { makePlan } from '../../src/plan/plan.js';

const CONFIG_JSON = {
  model_type: 'bert',
  architectures: ['BertForSequenceClassification'],
  max_position_embeddings: 128,
  id2label: { 0: 'no', 1: 'yes' },
};

function planOf(
  targets: Readonly<Record<string, Target>>,
  triton: Triton = {},
  configJson: Readonly<Record<string, unknown>> = CONFIG_JSON,
) {
  const config: DeployConfig = {
    models: {
      intents: {
        source: './m',
        shapes: { batch: [1, 8, 32], sequence: [16, 64, 128] },
        calibration: { data: './calibration.jsonl' },
      },
    },
    targets,
    triton,
  };
  const resolved = resolveConfig(config, '/project');
  const models = Object.values(resolved.models).map(model => ({
    model: completeModel(configJson, undefined, model),
    folder: {
      configJson,
      weightBytes: 2 ** 20,
      checkpoint: { from: 'files' as const, files: { 'config.json': '/m/config.json' } },
      config: file('/m/config.json'),
      tokenizer: { from: 'files' as const, files: { 'tokenizer.json': '/m/tokenizer.json' } },
    },
  }));
  const machine: EngineMachine = { tools: { device: 'sm_90 NVIDIA H100', tensorrt: '10.9.0' } };
  const machines = new Map(Object.keys(targets).map(name => [name, machine]));
  const plan = makePlan(resolved, models, artefactsOf(resolved), machines);
  const task = (id: string) => plan.tasks.get(id as Parameters<typeof plan.tasks.get>[0])!;
  return { plan, task };
}

const CUDA = { engine: 'onnxruntime', device: 'cuda', gpu: 'sm_90' } as const;

test('TensorRT in ONNX Runtime gets the typed graph, CUDA the one with plain operators for GPUs', () => {
  const { task } = planOf({
    compiled: { ...CUDA, provider: 'tensorrt', precisions: ['fp32', 'fp16', 'int8'] },
    kernels: { ...CUDA, precisions: ['fp16'] },
  });
  const model = (id: string) => task(`intents/${id}/validate`).inputs.model;
  expect(model('compiled/fp32')).toMatchObject({ task: 'intents/tensorrt-10/optimize' });
  expect(model('compiled/fp16')).toMatchObject({ task: 'intents/tensorrt-10-fp16/quantize' });
  expect(model('compiled/int8')).toMatchObject({ task: 'intents/tensorrt-10-int8/quantize' });
  expect(model('kernels/fp16')).toMatchObject({ task: 'intents/onnxruntime-gpu-fp16/quantize' });
  expect(task('intents/tensorrt-10-int8/quantize').params).toMatchObject({ tensorrt: '10' });
});

test('its int8 has tensors of 16 bits beside, whose ranges are measured, too', () => {
  const { task } = planOf({ compiled: { ...CUDA, provider: 'tensorrt', precisions: ['int8'] } });
  expect(task('intents/calibrate').params).toMatchObject({ scope: 'all' });
});

test('it is validated and measured by that provider, where there is one', () => {
  const { task } = planOf({
    compiled: { ...CUDA, provider: 'tensorrt', precisions: ['fp16'] },
    kernels: { ...CUDA, provider: 'cuda', precisions: ['fp16'] },
  });
  for (const [target, provider] of [
    ['compiled', 'tensorrt'],
    ['kernels', 'cuda'],
  ]) {
    expect(task(`intents/${target}/fp16/validate`)).toMatchObject({
      params: { provider },
      tools: { device: 'sm_90 NVIDIA H100' },
      resources: { exclusive: true },
    });
    expect(task(`intents/${target}/benchmark`).params).toMatchObject({ provider, device: 'sm_90 NVIDIA H100' });
  }
});

test('the repository is told of the provider, its options and the shapes that they follow from', () => {
  const { task } = planOf({
    compiled: {
      ...CUDA,
      provider: 'tensorrt',
      precisions: ['fp16'],
      providerOptions: { trt_engine_cache_enable: true },
    },
    limited: { ...CUDA, precisions: ['fp16'], providerOptions: { gpu_mem_limit: 1024 } },
    kernels: { ...CUDA, precisions: ['fp16'] },
  });
  const { artefacts } = task('intents/triton').params as { artefacts: { target: string; provider?: object }[] };
  const shapes = { batch: [1, 8, 32], sequence: [16, 64, 128] };
  expect(artefacts.map(({ target, provider }) => [target, provider])).toEqual([
    ['compiled', { name: 'tensorrt', options: { trt_engine_cache_enable: true }, ...shapes }],
    ['limited', { name: 'cuda', options: { gpu_mem_limit: 1024 }, ...shapes }],
    ['kernels', undefined],
  ]);
});

test('engines of joined targets are files of one model, each named after its GPU', () => {
  const engine = (gpu: string): Target => ({ engine: 'tensorrt', gpu, precisions: ['fp16'] });
  const { plan, task } = planOf(
    { a100: engine('sm_80'), h100: engine('sm_90'), l4: engine('sm_89'), next: engine('sm_120') },
    { joinTargets: { gpus: ['a100', 'h100', 'next'] } },
  );
  const { artefacts } = task('intents/triton').params as { artefacts: { target: string; joined?: object }[] };
  expect(artefacts.map(({ target, joined }) => [target, joined])).toEqual([
    ['a100', { target: 'gpus', computeCapability: '8.0', suffix: '_sm80' }],
    ['h100', { target: 'gpus', computeCapability: '9.0', suffix: '_sm90' }],
    ['l4', undefined],
    ['next', { target: 'gpus', computeCapability: '12.0', suffix: '_sm120' }],
  ]);
  const placed = plan.deliveries.filter(({ to }) => to.startsWith('triton/'));
  expect(placed.map(({ task, from, to }) => [task, from, to])).toEqual([
    ['intents/a100/fp16/engine', 'model.plan', 'triton/intents-gpus-fp16-model/1/model_sm80.plan'],
    ['intents/h100/fp16/engine', 'model.plan', 'triton/intents-gpus-fp16-model/1/model_sm90.plan'],
    ['intents/l4/fp16/engine', '', 'triton/intents-l4-fp16-model/1'],
    ['intents/next/fp16/engine', 'model.plan', 'triton/intents-gpus-fp16-model/1/model_sm120.plan'],
  ]);
  // The description of all of them, and the configuration, stand in no way without what they describe.
  for (const { gates } of placed) expect(gates).toContain('intents/next/fp16/validate');
});

test('a server asks for as many GPUs as its instances are placed on, or its language model is spread over', () => {
  const targets = { gpu: { ...CUDA, precisions: ['fp16' as const] } };
  const llama = { model_type: 'llama', architectures: ['LlamaForCausalLM'], max_position_embeddings: 128 };
  const spread = { tensor_parallel_size: 4, pipeline_parallel_size: 2 };
  const asked = (...of: Parameters<typeof planOf>) => planOf(...of).task('deploy').params;
  expect(asked(targets)).toMatchObject({ gpus: 1 });
  expect(asked(targets, { instances: { gpus: [0, 2] } })).toMatchObject({ gpus: 3 });
  expect(asked(targets, { backend: 'vllm', backendOptions: spread }, llama)).toMatchObject({ gpus: 8 });
  expect(asked({ cpu: { engine: 'onnxruntime', precisions: ['fp32'] } })).toMatchObject({ gpus: 0 });
});
