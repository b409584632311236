import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TritonParams } from '../../src/stages/triton.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { protocVersion, throughProtoc } from './support.js';
import { CPU, H100, runTask, taskModel } from './tasks.js';

const NETWORK = 'm-cpu-fp32-model';
const CLIENT = 'm-cpu-fp32';
const ENGINE = 'm-h100-fp16-model';

async function configs(changes: Partial<TritonParams>, task = 'token-classification') {
  const { result, repository, models } = await runTask(taskModel(task), { artefacts: [CPU, H100], ...changes });
  const read = (name: string): ModelConfig => {
    const text = readFileSync(join(repository, name, 'config.pbtxt'), 'utf8');
    if (protocVersion !== undefined) throughProtoc(text);
    const config = readModelConfig(text);
    if (!config.ok) throw new Error(config.error.message);
    return config.value;
  };
  return { result, read, models };
}

const DYNAMIC = { maxQueueDelayMicroseconds: 100, preferredBatchSizes: [2, 4] };

/** Each setting, the model that it is about, and what its configuration then says. */
const SETTINGS: readonly (readonly [
  title: string,
  Partial<TritonParams>,
  model: string,
  Readonly<Record<string, unknown>>,
])[] = [
  [
    'instances',
    { server: { instances: { count: 2, kind: 'gpu', gpus: [0, 1] } } },
    NETWORK,
    { instance_group: [{ kind: 'KIND_GPU', count: 2, gpus: [0n, 1n].map(Number) }] },
  ],
  [
    'profiles: those that the engine has',
    {},
    ENGINE,
    { instance_group: [{ kind: 'KIND_GPU', count: 1, profile: ['0', '1'] }] },
  ],
  [
    'the rate limiter',
    {
      server: {
        instances: { rateLimiter: { resources: [{ name: 'memory', count: 4, global: true }], priority: 2 } },
      },
    },
    NETWORK,
    {
      instance_group: [
        {
          kind: 'KIND_CPU',
          count: 1,
          rate_limiter: { resources: [{ name: 'memory', global: true, count: 4 }], priority: 2 },
        },
      ],
    },
  ],
  [
    'instances of Python models',
    { server: { pythonInstances: 3 } },
    CLIENT,
    { instance_group: [{ kind: 'KIND_CPU', count: 3 }] },
  ],
  [
    'threads',
    { server: { threads: { intraOp: 4, interOp: 2, parallel: true } } },
    NETWORK,
    {
      parameters: {
        intra_op_thread_count: { string_value: '4' },
        inter_op_thread_count: { string_value: '2' },
        execution_mode: { string_value: '1' },
      },
    },
  ],
  ['threads of an engine', { server: { threads: { intraOp: 4 } } }, ENGINE, { parameters: undefined }],
  ['the response cache', { server: { responseCache: true } }, CLIENT, { response_cache: { enable: true } }],
  ['the response cache of a network', { server: { responseCache: true } }, NETWORK, { response_cache: undefined }],
  [
    'two versions',
    { server: { versionPolicy: { latest: 2 } } },
    NETWORK,
    { version_policy: { latest: { num_versions: 2 } } },
  ],
  ['all versions', { server: { versionPolicy: { all: true } } }, CLIENT, { version_policy: { all: {} } }],
  [
    'a version by its number',
    { server: { versionPolicy: { specific: [1] } } },
    NETWORK,
    { version_policy: { specific: { versions: [1n] } } },
  ],
  [
    'execution accelerators',
    {
      server: {
        accelerators: {
          gpu: [{ name: 'tensorrt', parameters: { precision_mode: 'FP16' } }],
          cpu: [{ name: 'openvino' }],
        },
      },
    },
    NETWORK,
    {
      optimization: {
        execution_accelerators: {
          gpu_execution_accelerator: [{ name: 'tensorrt', parameters: { precision_mode: 'FP16' } }],
          cpu_execution_accelerator: [{ name: 'openvino' }],
        },
      },
    },
  ],
  [
    'priorities and queues',
    {
      dynamicBatching: {
        ...DYNAMIC,
        priorityLevels: 2,
        defaultPriorityLevel: 2,
        queuePolicy: { timeoutMicroseconds: 5000, timeoutAction: 'delay', allowTimeoutOverride: true, maxSize: 9 },
        priorityQueuePolicies: { 1: { maxSize: 3 } },
      },
    },
    NETWORK,
    {
      dynamic_batching: {
        preferred_batch_size: [2, 4],
        max_queue_delay_microseconds: 100n,
        priority_levels: 2n,
        default_priority_level: 2n,
        default_queue_policy: {
          timeout_action: 'DELAY',
          default_timeout_microseconds: 5000n,
          allow_timeout_override: true,
          max_queue_size: 9,
        },
        priority_queue_policy: { 1: { max_queue_size: 3 } },
      },
    },
  ],
];

/** Numbers of 64 bits are read as BigInt or number; here only their value matters. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? null, (_, member) => (typeof member === 'bigint' ? Number(member) : member)));

describe('settings', () => {
  test.each(SETTINGS)('%s', async (_, changes, model, expected) => {
    const { result, read } = await configs(changes);
    expect(result).toEqual({ ok: true, value: undefined });
    const config = read(model) as Readonly<Record<string, unknown>>;
    for (const [field, value] of Object.entries(expected)) expect(plain(config[field]), field).toEqual(plain(value));
  });

  test('checksums are those of the files', async () => {
    const { result, read, models } = await configs({ artefacts: [CPU], server: { checksum: true } });
    expect(result.ok).toBe(true);
    const bytes = readFileSync(join(models['m/cpu-fp32']!, 'model.onnx'));
    expect(read(NETWORK).model_repository_agents).toEqual({
      agents: [{ name: 'checksum', parameters: { 'MD5:1/model.onnx': createHash('md5').update(bytes).digest('hex') } }],
    });
  });

  /** Combinations that a server refuses, and its words. */
  test.each<[string, Partial<TritonParams>, string]>([
    [
      'GPUs for a kind that has none',
      { artefacts: [CPU], server: { instances: { kind: 'cpu', gpus: [0] } } },
      'instance group of model m-cpu-fp32-model has kind KIND_CPU but specifies one or more GPUs',
    ],
    [
      'profiles of what is no engine',
      { artefacts: [CPU], server: { instances: { profiles: [0] } } },
      'instance group of model m-cpu-fp32-model specifies profile field which is only supported for TensorRT models',
    ],
    [
      'priorities without a usual one',
      { artefacts: [CPU], dynamicBatching: { ...DYNAMIC, priorityLevels: 2 } },
      'default priority level must be in range [1, 2] for m-cpu-fp32',
    ],
    [
      'order and waiting',
      {
        artefacts: [CPU],
        dynamicBatching: { ...DYNAMIC, preserveOrdering: true, queuePolicy: { timeoutAction: 'delay' } },
      },
      "Queue policy can not have DELAY as timeout action when 'preserve_ordering' is true for m-cpu-fp32",
    ],
  ])('%s', async (_, changes, message) => {
    const { result } = await configs(changes);
    if (result.ok) throw new Error('taken');
    const all = [result.error, ...(result.error.causes ?? [])].map(failure => failure.message);
    expect(all).toContain(message);
  });

  test('a cache for answers that come in pieces', async () => {
    const { result } = await configs({ artefacts: [CPU], server: { responseCache: true } }, 'text-generation');
    expect(result).toMatchObject({
      ok: false,
      error: {
        message:
          "Response Cache does not currently support model m-cpu-fp32 with 'decoupled' transaction policy. Please disable the response cache.",
      },
    });
  });
});
