import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { acceleratorsOf, type ExecutionProvider } from '../../src/triton/execution-provider.js';
import { ACCELERATOR_RULES } from '../../src/triton/lint-accelerators.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import type { NamedTensor } from '../../src/triton/repository.js';
import { protocVersion, throughProtoc } from './support.js';
import { runTask, taskModel } from './tasks.js';

const tokens = (name: string): NamedTensor => ({ name, dtype: 'int64', shape: ['batch_size', 'sequence_length'] });
const INPUTS = [tokens('input_ids'), tokens('attention_mask')];
const provider = (name: ExecutionProvider['name'], options: ExecutionProvider['options'] = {}): ExecutionProvider => ({
  name,
  options,
  batch: [2, 8, 32],
  sequence: [16, 64, 128],
});
const PROFILE = {
  trt_profile_min_shapes: 'input_ids:1x1,attention_mask:1x1',
  trt_profile_opt_shapes: 'input_ids:8x64,attention_mask:8x64',
  trt_profile_max_shapes: 'input_ids:32x128,attention_mask:32x128',
};

describe('acceleratorsOf', () => {
  test('CUDA is the server’s own way, and named for its options alone', () => {
    expect(acceleratorsOf(provider('cuda'), INPUTS)).toEqual([]);
    expect(acceleratorsOf(provider('cuda', { gpu_mem_limit: 2 ** 30, use_tf32: false }), INPUTS)).toEqual([
      { name: 'cuda', parameters: { gpu_mem_limit: '1073741824', use_tf32: 'false' } },
    ]);
  });

  test('TensorRT takes no precision but the model’s, and one profile for all shapes', () => {
    expect(acceleratorsOf(provider('tensorrt'), INPUTS)).toEqual([
      { name: 'tensorrt', parameters: { precision_mode: 'FP32', ...PROFILE } },
    ]);
  });

  test('options of both go to the one that they are of, by the name that the backend knows', () => {
    const options = { trt_max_workspace_size: 1024, trt_engine_cache_enable: true, gpu_mem_limit: 7 };
    expect(acceleratorsOf(provider('tensorrt', options), INPUTS)).toEqual([
      {
        name: 'tensorrt',
        parameters: {
          precision_mode: 'FP32',
          ...PROFILE,
          max_workspace_size_bytes: '1024',
          trt_engine_cache_enable: 'true',
        },
      },
      { name: 'cuda', parameters: { gpu_mem_limit: '7' } },
    ]);
  });

  test('a profile of the user’s own replaces the whole one', () => {
    const options = { trt_profile_min_shapes: 'a:1', trt_profile_opt_shapes: 'a:2', trt_profile_max_shapes: 'a:3' };
    expect(acceleratorsOf(provider('tensorrt', options), INPUTS)[0]!.parameters).toEqual({
      precision_mode: 'FP32',
      ...options,
    });
  });

  test('one number a row has one axis; a cache has axes that nobody knows', () => {
    const rows: NamedTensor = { name: 'prompt_length', dtype: 'int64', shape: ['batch_size'] };
    const shapes = acceleratorsOf(provider('tensorrt'), [tokens('input_ids'), rows])[0]!.parameters;
    expect(shapes).toMatchObject({ trt_profile_max_shapes: 'input_ids:32x128,prompt_length:32' });
    const past: NamedTensor = { name: 'past', dtype: 'float32', shape: ['batch_size', 4, 'past_sequence_length', 8] };
    expect(acceleratorsOf(provider('tensorrt'), [...INPUTS, past])[0]!.parameters).toEqual({ precision_mode: 'FP32' });
  });
});

describe('the repository of an artefact for TensorRT in ONNX Runtime', () => {
  const T4 = {
    id: 'm/t4-fp16',
    target: 't4',
    precision: 'fp16',
    device: 'cuda',
    engine: 'onnxruntime',
    provider: provider('tensorrt', {
      trt_engine_cache_enable: true,
      trt_engine_cache_path: '/var/cache/tensorrt',
      gpu_mem_limit: 4294967296,
    }),
  } as const;

  test('says so in its configuration, which the linter accepts', async () => {
    const server = { accelerators: { gpu: [{ name: 'tensorrt', parameters: { trt_dla_core: '1' } }] } };
    const { result, repository } = await runTask(taskModel('token-classification'), { artefacts: [T4], server });
    expect(result).toEqual({ ok: true, value: undefined });
    const text = readFileSync(join(repository, 'm-t4-fp16-model', 'config.pbtxt'), 'utf8');
    if (protocVersion !== undefined) throughProtoc(text);
    expect(/^optimization[\s\S]*?^}/m.exec(text)?.[0]).toMatchInlineSnapshot(`
      "optimization {
        execution_accelerators {
          gpu_execution_accelerator [
            {
              name: "tensorrt"
              parameters { key: "precision_mode" value: "FP32" }
              parameters { key: "trt_engine_cache_enable" value: "true" }
              parameters { key: "trt_engine_cache_path" value: "/var/cache/tensorrt" }
              parameters {
                key: "trt_profile_max_shapes"
                value: "input_ids:32x128,attention_mask:32x128,token_type_ids:32x128"
              }
              parameters {
                key: "trt_profile_min_shapes"
                value: "input_ids:1x1,attention_mask:1x1,token_type_ids:1x1"
              }
              parameters {
                key: "trt_profile_opt_shapes"
                value: "input_ids:8x64,attention_mask:8x64,token_type_ids:8x64"
              }
            },
            { name: "cuda" parameters { key: "gpu_mem_limit" value: "4294967296" } }
          ]
        }
      }"
    `);
    expect(text).toContain('kind: KIND_AUTO');
  });
});

describe('lint', () => {
  const GOOD: ModelConfig = {
    backend: 'onnxruntime',
    input: [{ name: 'input_ids' }, { name: 'attention_mask' }],
    optimization: {
      execution_accelerators: { gpu_execution_accelerator: acceleratorsOf(provider('tensorrt'), INPUTS) },
    },
  };
  const withGpu = (name: string, parameters: Record<string, string> = {}, backend = 'onnxruntime'): ModelConfig => ({
    ...GOOD,
    backend,
    optimization: { execution_accelerators: { gpu_execution_accelerator: [{ name, parameters }] } },
  });

  const findings = (config: ModelConfig): string[] =>
    ACCELERATOR_RULES.flatMap(({ id, check }) => {
      const model = {
        name: 'm',
        config,
        backend: 'onnxruntime',
        isCompleted: false,
        arguments: new Map(),
        files: new Map(),
        versions: [1],
        labels: new Map(),
        networks: new Map(),
      };
      return [...check(model, new Map())].map(found => `${id}: ${typeof found === 'string' ? found : found.message}`);
    });

  test.each<[string, ModelConfig, readonly string[]]>([
    ['what is written here', GOOD, []],
    ['no accelerator', { backend: 'onnxruntime' }, []],
    ['another backend', withGpu('xla', {}, 'tensorrt'), []],
    ['any option of CUDA', withGpu('cuda', { sdpa_kernel: '1' }), []],
    [
      'a provider that the backend has not',
      withGpu('migraphx'),
      ["execution-accelerator: unknown Execution Accelerator 'migraphx' is requested"],
    ],
    [
      'a provider of the CPU on GPUs',
      withGpu('openvino'),
      ["execution-accelerator: unknown Execution Accelerator 'openvino' is requested"],
    ],
    [
      'a provider of GPUs on the CPU',
      {
        ...GOOD,
        optimization: { execution_accelerators: { cpu_execution_accelerator: [{ name: 'tensorrt' }] } },
      },
      ["execution-accelerator: unknown Execution Accelerator 'tensorrt' is requested"],
    ],
    [
      'ONNX Runtime’s name of a parameter',
      withGpu('tensorrt', { trt_max_workspace_size: '1' }),
      [
        "accelerator-parameter: unknown parameter 'trt_max_workspace_size' is provided for TensorRT Execution Accelerator; did you mean 'max_workspace_size_bytes'?",
      ],
    ],
    [
      'a slip of the pen',
      withGpu('tensorrt', { trt_engine_cache_enabled: 'true' }),
      [
        "accelerator-parameter: unknown parameter 'trt_engine_cache_enabled' is provided for TensorRT Execution Accelerator; did you mean 'trt_engine_cache_enable'?",
      ],
    ],
    [
      'a precision that is none',
      withGpu('tensorrt', { precision_mode: 'fp16' }),
      ["accelerator-parameter: unsupported precision mode 'fp16' is requested"],
    ],
    [
      'a profile without its largest shapes and without an input',
      withGpu('tensorrt', {
        trt_profile_min_shapes: 'input_ids:1x1',
        trt_profile_opt_shapes: 'input_ids:1x1,attention_mask:1x1',
      }),
      [
        'accelerator-profile: a profile of TensorRT needs trt_profile_min_shapes, trt_profile_opt_shapes, trt_profile_max_shapes; there is no trt_profile_max_shapes',
        "accelerator-profile: trt_profile_min_shapes has no shape for the input 'attention_mask'",
      ],
    ],
  ])('%s', (_, config, expected) => {
    expect(findings(config)).toEqual(expected);
  });
});
