import { expect, test } from 'vitest';
import { type SettingsUse, settingsProblems } from '../../src/triton/settings-problems.js';

const DYNAMIC = { maxQueueDelayMicroseconds: 0, preferredBatchSizes: [] };
const USE: SettingsUse = {
  task: 'text-classification',
  batching: { maxBatchSize: 8, dynamic: DYNAMIC },
  server: {},
  artefacts: [{ device: 'cpu', engine: 'onnxruntime' }],
};

test.each<[string, Partial<SettingsUse>, readonly string[]]>([
  ['nothing asked for', {}, []],
  ['no batches', { batching: { maxBatchSize: 0, dynamic: DYNAMIC } }, []],
  [
    'profiles of an engine',
    { server: { instances: { profiles: [0] } }, artefacts: [{ device: 'cuda', engine: 'tensorrt' }] },
    [],
  ],
  [
    'profiles of ONNX Runtime',
    { server: { instances: { profiles: [0] } } },
    ['instance group of model m specifies profile field which is only supported for TensorRT models'],
  ],
  [
    'GPUs of a CPU',
    { server: { instances: { gpus: [1] } } },
    ['instance group of model m has kind KIND_CPU but specifies one or more GPUs'],
  ],
  [
    'a priority beyond the levels',
    { batching: { maxBatchSize: 8, dynamic: { ...DYNAMIC, priorityLevels: 2, defaultPriorityLevel: 3 } } },
    ['default priority level must be in range [1, 2] for m'],
  ],
  [
    'a cache for streams',
    { task: 'text-generation', server: { responseCache: true } },
    [
      "Response Cache does not currently support model m with 'decoupled' transaction policy. Please disable the response cache.",
    ],
  ],
])('%s', (_, changes, expected) => {
  expect(settingsProblems('m', { ...USE, ...changes })).toEqual(expected);
});
