import { expect, test } from 'vitest';
import { artefactsOf } from '../../src/config/matrix.js';
import { completeModel } from '../../src/config/model-checks.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { DeployConfig, Precision } from '../../src/config/types.generated.js';
import { file } from '../../src/plan/model-folder.js';
import { makePlan } from '../../src/plan/plan.js';
import { tensorrtClassOf } from '../../src/plan/typed-tasks.js';

const CONFIG_JSON = {
  model_type: 'bert',
  architectures: ['BertForSequenceClassification'],
  max_position_embeddings: 128,
  id2label: { 0: 'no', 1: 'yes' },
};

function planOf(precisions: readonly Precision[], releases: Readonly<Record<string, string>>) {
  const config = {
    models: { intents: { source: './m', calibration: { data: './calibration.jsonl', method: 'entropy' } } },
    targets: Object.fromEntries(
      Object.keys(releases).map(name => [name, { engine: 'tensorrt', gpu: 'sm_90', precisions: [...precisions] }]),
    ),
  } as DeployConfig;
  const resolved = resolveConfig(config, '/project');
  const models = Object.values(resolved.models).map(model => ({
    model: completeModel(CONFIG_JSON, undefined, model),
    folder: {
      configJson: CONFIG_JSON,
      weightBytes: 2 ** 20,
      checkpoint: { from: 'files' as const, files: { 'config.json': '/m/config.json' } },
      config: file('/m/config.json'),
      tokenizer: { from: 'files' as const, files: { 'tokenizer.json': '/m/tokenizer.json' } },
    },
  }));
  const machines = new Map(Object.entries(releases).map(([name, tensorrt]) => [name, { tools: { tensorrt } }]));
  return makePlan(resolved, models, artefactsOf(resolved), machines).tasks;
}

const from = (task: string, output: string) => ({ from: 'task', task, output });

test('an engine is built of the typed ONNX, which targets with the same class of TensorRT share', () => {
  const tasks = planOf(['fp32', 'fp16', 'fp8', 'int8', 'int4-weight'], {
    old: '8.6.1',
    new: '10.3.0 build 26',
    newer: '10.9.0',
  });
  const ids = [...tasks.keys()].filter(id => /optimize|quantize|calibrate/.test(id));
  expect(ids.sort()).toEqual([
    'intents/calibrate',
    'intents/tensorrt-10-fp16/quantize',
    'intents/tensorrt-10-fp8/quantize',
    'intents/tensorrt-10-int4-weight/quantize',
    'intents/tensorrt-10-int8/quantize',
    'intents/tensorrt-10/optimize',
    'intents/tensorrt-8.6-fp16/quantize',
    'intents/tensorrt-8.6-fp8/quantize',
    'intents/tensorrt-8.6-int4-weight/quantize',
    'intents/tensorrt-8.6-int8/quantize',
    'intents/tensorrt-8.6/optimize',
  ]);
  const task = (id: string) => tasks.get(id as Parameters<typeof tasks.get>[0])!;
  expect(task('intents/tensorrt-8.6/optimize').params).toEqual({ dialect: 'portable', split: true, tensorrt: '8.6' });
  expect(task('intents/calibrate').params).toMatchObject({ scope: 'all' });
  expect(task('intents/tensorrt-10-int8/quantize')).toMatchObject({
    params: {
      precision: 'int8-explicit',
      reduceRange: false,
      method: 'entropy',
      tensorrt: '10',
      longestSequence: 128,
    },
    inputs: {
      model: from('intents/tensorrt-10/optimize', 'model'),
      calibration: from('intents/calibrate', 'table'),
    },
  });
  expect(task('intents/tensorrt-10-fp8/quantize').params).toMatchObject({ precision: 'fp8-explicit' });
  expect(task('intents/tensorrt-10-int4-weight/quantize').params).toMatchObject({ precision: 'int4-explicit' });
  expect(task('intents/new/int4-weight/engine').params).toMatchObject({ precision: 'int4' });
  expect(task('intents/new/fp8/engine').params).toMatchObject({ precision: 'fp8' });
  expect(task('intents/old/fp32/engine').inputs.model).toEqual(from('intents/tensorrt-8.6/optimize', 'model'));
  expect(task('intents/newer/fp16/engine').inputs.model).toEqual(from('intents/tensorrt-10-fp16/quantize', 'model'));
});

test.each([
  [{ tensorrt: '8.6.1' }, '8.6'],
  [{ tensorrt: '10.16.2 build 10' }, '10'],
  [{ tensorrt: '11.1.0' }, '11'],
  [{}, '10'],
])('%o reads the graphs of TensorRT %s', (tools, expected) =>
  expect(tensorrtClassOf(tools as Record<string, string>)).toBe(expected),
);
