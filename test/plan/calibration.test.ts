import { expect, test, vi } from 'vitest';
import type { Plan, TaskId } from '../../src/build/task.js';
import { artefactsOf } from '../../src/config/matrix.js';
import { completeModel } from '../../src/config/model-checks.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { DeployConfig } from '../../src/config/types.generated.js';
import { file, type ModelFolder } from '../../src/plan/model-folder.js';
import { makePlan } from '../../src/plan/plan.js';
import { cpuArithmetic, saturatesProducts } from '../../src/plan/tools.js';

// The code of stages is digested when the package is built; this file's subject is what follows what.
vi.mock('../../src/plan/stage-code.js', () => ({ stageCode: (stage: string) => stage }));

const CONFIG_JSON = { architectures: ['BertForSequenceClassification'], max_position_embeddings: 128 };
const FOLDER: ModelFolder = {
  configJson: CONFIG_JSON,
  weightBytes: 4e6,
  checkpoint: {
    from: 'files',
    files: { 'config.json': '/m/config.json', 'model.safetensors': '/m/model.safetensors' },
  },
  config: file('/m/config.json'),
  tokenizer: { from: 'files', files: { 'tokenizer.json': '/m/tokenizer.json' } },
};

function planOf(model: DeployConfig['models'][string], targets: DeployConfig['targets']): Plan {
  const resolved = resolveConfig({ models: { intents: model }, targets }, '/project');
  const models = Object.values(resolved.models).map(given => ({
    model: completeModel(CONFIG_JSON, undefined, given),
    folder: FOLDER,
  }));
  return makePlan(resolved, models, artefactsOf(resolved));
}

const CPU: DeployConfig['targets'] = {
  cpu: { engine: 'onnxruntime', precisions: ['fp32', 'int8', 'int8-dynamic'] },
};
const calibration = { data: './calibration.jsonl', samples: 100, method: 'mse' } as const;
const evaluation = { data: './eval.jsonl' };
const task = (plan: Plan, id: string) => plan.tasks.get(id as TaskId)!;

test('one table of ranges for all targets', () => {
  const plan = planOf(
    { source: './m', calibration, evaluation },
    { ...CPU, edge: { engine: 'onnxruntime', precisions: ['int8'] } },
  );
  const calibrations = [...plan.tasks.values()].filter(({ stage }) => stage === 'calibrate');
  expect(calibrations.map(({ id }) => id)).toEqual(['intents/calibrate']);
  expect(calibrations[0]).toMatchObject({
    params: { maximumSequence: 128, samples: 100, seed: 0, scope: 'integers' },
    inputs: {
      model: { from: 'task', task: 'intents/export', output: 'model' },
      calibration: file('/project/calibration.jsonl'),
    },
  });
  // The texts of the evaluation are another matter where there are others.
  expect(calibrations[0]!.inputs.evaluation).toBeUndefined();
  for (const target of ['cpu', 'edge']) {
    expect(task(plan, `intents/${target}/int8/quantize`)).toMatchObject({
      params: { precision: 'int8', method: 'mse', reduceRange: saturatesProducts(cpuArithmetic()) },
      inputs: {
        model: { task: 'intents/onnxruntime-cpu/optimize' },
        calibration: { from: 'task', task: 'intents/calibrate', output: 'table' },
      },
    });
  }
});

test('a precision that needs no ranges does not wait for them', () => {
  const plan = planOf({ source: './m', calibration }, { cpu: { engine: 'onnxruntime', precisions: ['int8-dynamic'] } });
  expect([...plan.tasks.values()].filter(({ stage }) => stage === 'calibrate')).toEqual([]);
  expect(task(plan, 'intents/cpu/int8-dynamic/quantize').inputs.calibration).toBeUndefined();
});

test('without texts for it, those of the evaluation are taken, and else none', () => {
  const inputs = (model: DeployConfig['models'][string]) => task(planOf(model, CPU), 'intents/calibrate').inputs;
  expect(inputs({ source: './m', evaluation }).evaluation).toEqual(file('/project/eval.jsonl'));
  expect(Object.keys(inputs({ source: './m' }))).toEqual(['model', 'checkpoint', 'tokenizer']);
  expect(task(planOf({ source: './m' }, CPU), 'intents/cpu/int8/quantize').params).toMatchObject({
    method: 'percentile',
  });
});

test('each precision gets the settings that it takes', () => {
  const quantization = {
    reduceRange: true,
    smoothing: true,
    embeddings: true,
    exclude: ['classifier'],
    blockSize: 64,
  } satisfies DeployConfig['models'][string]['quantization'];
  const precisions = ['fp32', 'int8', 'int8-dynamic', 'int8-weight', 'int4-weight'] as const;
  const plan = planOf({ source: './m', quantization }, { cpu: { engine: 'onnxruntime', precisions: [...precisions] } });
  const paramsOf = (precision: string) => task(plan, `intents/cpu/${precision}/quantize`)?.params;
  const { reduceRange, smoothing, embeddings, exclude, blockSize } = quantization;
  const own = saturatesProducts(cpuArithmetic());
  expect(precisions.map(paramsOf)).toEqual([
    undefined,
    { precision: 'int8', reduceRange, smoothing, embeddings, exclude, method: 'percentile' },
    { precision: 'int8-dynamic', reduceRange, embeddings, exclude },
    { precision: 'int8-weight', reduceRange: own, exclude, blockSize },
    { precision: 'int4-weight', reduceRange: own, exclude, blockSize },
  ]);
});

test.each([
  ['x64 avx2', true],
  ['x64 avx512f avx2', true],
  ['x64', true],
  ['x64 avx512_vnni avx512f avx2', false],
  ['x64 avx_vnni avx2', false],
  ['x64 amx_int8 avx512f avx2', false],
  ['arm64 asimddp', false],
  ['arm64', false],
])('%s: products of u8 and s8 saturate: %s', (arithmetic, saturates) => {
  expect(saturatesProducts(arithmetic)).toBe(saturates);
});
