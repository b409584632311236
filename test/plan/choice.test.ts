import { expect, test, vi } from 'vitest';
import type { Plan, TaskId } from '../../src/build/task.js';
import { CHOICE_SCHEMA, type Choice } from '../../src/choice/choice.js';
import type { Mix } from '../../src/choice/mix.js';
import { artefactsOf } from '../../src/config/matrix.js';
import { completeModel } from '../../src/config/model-checks.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { DeployConfig } from '../../src/config/types.generated.js';
import { file, type ModelFolder } from '../../src/plan/model-folder.js';
import { makePlan } from '../../src/plan/plan.js';

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
const AUTO = 'intents/cpu/auto';

function planOf(model: Partial<DeployConfig['models'][string]>, locked?: Mix): Plan {
  const resolved = resolveConfig(
    {
      models: { intents: { source: './m', ...model } },
      targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32', 'auto'] } },
      auto: { maxMinutes: 3 },
    },
    '/project',
  );
  const models = Object.values(resolved.models).map(given => ({
    model: completeModel(CONFIG_JSON, undefined, given),
    folder: FOLDER,
  }));
  const choices = new Map<string, Choice>(locked ? [[AUTO, choiceOf(locked)]] : []);
  return makePlan(resolved, models, artefactsOf(resolved), new Map(), choices);
}

const choiceOf = (mix: Mix): Choice => ({
  schema: CHOICE_SCHEMA,
  artefact: AUTO,
  mix,
  machine: { cpu: 'some CPU', cores: 2, onnxruntime: '1.30.0', threads: 2 },
  points: [],
  candidates: [],
  untried: [],
});

const task = (plan: Plan, name: string) => plan.tasks.get(`${AUTO}/${name}` as TaskId)!;
const calibration = { data: './calibration.jsonl' };
const evaluation = { data: './eval.jsonl', maxDrop: 0.02 };

test('measured: alone on the machine, with what the measurement depends on in its key', () => {
  const choose = task(planOf({ calibration, evaluation }), 'choose');
  expect(choose).toMatchObject({
    params: { artefact: AUTO, task: 'text-classification', metric: 'accuracy', maxDrop: 0.02, maxMinutes: 3 },
    inputs: {
      model: { task: 'intents/onnxruntime-cpu/optimize' },
      reference: { task: 'intents/reference' },
      calibration: { task: 'intents/calibrate' },
    },
    resources: { exclusive: true },
  });
  expect(Object.keys(choose.tools).sort()).toEqual(['cpu', 'machine', 'node', 'onnxruntime', 'tokenizers']);
  expect(task(planOf({ evaluation }), 'choose').inputs.calibration).toBeUndefined();
});

test('locked: nothing is measured, and no machine is in the key; ranges are needed by int8 alone', () => {
  const dynamic = planOf({ calibration, evaluation }, { precision: 'int8-dynamic', exclude: [], reduceRange: true });
  expect(task(dynamic, 'choose')).toMatchObject({
    params: { locked: { mix: { precision: 'int8-dynamic', reduceRange: true } } },
    inputs: {},
    tools: {},
  });
  expect(dynamic.tasks.has('intents/calibrate' as TaskId)).toBe(false);
  const mix: Mix = { precision: 'int8', exclude: [], reduceRange: false, method: 'mse' };
  expect(task(planOf({ calibration }, mix), 'choose').inputs).toMatchObject({
    calibration: { task: 'intents/calibrate' },
  });
});

test('measured or locked, the model is made of the same inputs, so the same mix is the same task', () => {
  const mix: Mix = { precision: 'int8', exclude: [], reduceRange: false, method: 'percentile' };
  const [measured, locked] = [planOf({ calibration, evaluation }), planOf({ calibration, evaluation }, mix)];
  for (const name of ['quantize', 'validate']) expect(task(locked, name)).toEqual(task(measured, name));
  expect(task(measured, 'quantize')).toMatchObject({
    params: {},
    inputs: { model: { task: 'intents/onnxruntime-cpu/optimize' }, mix: { task: `${AUTO}/choose`, output: 'mix' } },
  });
  expect(Object.keys(task(measured, 'validate').inputs).sort()).toEqual(['mix', 'model', 'quantization', 'reference']);
  const delivered = measured.deliveries.find(({ to }) => to === 'models/intents/cpu-auto/choice.json');
  expect(delivered).toMatchObject({ task: `${AUTO}/choose`, output: 'choice', gates: [`${AUTO}/validate`] });
});
