import { describe, expect, test } from 'vitest';
import type { Plan, Task, TaskId } from '../../src/build/task.js';
import { artefactsOf } from '../../src/config/matrix.js';
import { completeModel } from '../../src/config/model-checks.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { DeployConfig } from '../../src/config/types.generated.js';
import { file, type ModelFolder } from '../../src/plan/model-folder.js';
import { makePlan } from '../../src/plan/plan.js';
import { selectStages } from '../../src/plan/select-stages.js';

const CONFIG_JSON = {
  model_type: 'bert',
  architectures: ['BertForSequenceClassification'],
  max_position_embeddings: 128,
  id2label: { 0: 'no', 1: 'yes' },
};
const FOLDER: ModelFolder = {
  configJson: CONFIG_JSON,
  weightBytes: 100 * 2 ** 20,
  checkpoint: {
    from: 'files',
    files: { 'config.json': '/m/config.json', 'model.safetensors': '/m/model.safetensors' },
  },
  config: file('/m/config.json'),
  tokenizer: { from: 'files', files: { 'tokenizer.json': '/m/tokenizer.json' } },
};
const CONFIG: DeployConfig = {
  models: { intents: { source: './m', evaluation: { data: './eval.jsonl' } } },
  targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32', 'int8-dynamic'] } },
};

function planOf(config: DeployConfig = CONFIG): Plan {
  const resolved = resolveConfig(config, '/project');
  const models = Object.values(resolved.models).map(model => ({
    model: completeModel(CONFIG_JSON, undefined, model),
    folder: FOLDER,
  }));
  return makePlan(resolved, models, artefactsOf(resolved));
}

const edges = (task: Task): string[] =>
  Object.values(task.inputs).flatMap(source => (source.from === 'task' ? [source.task as string] : []));

describe('which stage follows which', () => {
  test('one model in two precisions', () => {
    const plan = planOf();
    const graph = Object.fromEntries([...plan.tasks.values()].map(task => [task.id, [...new Set(edges(task))]]));
    expect(graph).toEqual({
      'intents/export': [],
      'intents/reference': ['intents/export'],
      'intents/package': [],
      'intents/onnxruntime-cpu/optimize': ['intents/export'],
      'intents/cpu/fp32/validate': ['intents/onnxruntime-cpu/optimize', 'intents/reference'],
      'intents/cpu/int8-dynamic/quantize': ['intents/onnxruntime-cpu/optimize'],
      'intents/cpu/int8-dynamic/validate': ['intents/cpu/int8-dynamic/quantize', 'intents/reference'],
      'intents/triton': ['intents/onnxruntime-cpu/optimize', 'intents/cpu/int8-dynamic/quantize'],
      'intents/benchmark': ['intents/onnxruntime-cpu/optimize', 'intents/cpu/int8-dynamic/quantize'],
      report: [
        'intents/onnxruntime-cpu/optimize',
        'intents/cpu/fp32/validate',
        'intents/cpu/int8-dynamic/quantize',
        'intents/cpu/int8-dynamic/validate',
        'intents/benchmark',
      ],
      deploy: ['intents/triton', 'intents/onnxruntime-cpu/optimize', 'intents/cpu/int8-dynamic/quantize'],
    });
  });

  test('a second target of the same dialect shares the optimised model', () => {
    const plan = planOf({
      ...CONFIG,
      targets: { ...CONFIG.targets, edge: { engine: 'onnxruntime', precisions: ['fp32'] } },
    });
    expect([...plan.tasks.values()].filter(task => task.stage === 'optimize')).toHaveLength(1);
    expect(plan.tasks.has('intents/edge/fp32/validate' as TaskId)).toBe(true);
  });

  test('inputs only name tasks of the plan, goals too', () => {
    const plan = planOf();
    for (const task of plan.tasks.values())
      for (const edge of edges(task)) expect(plan.tasks.has(edge as TaskId)).toBe(true);
    for (const goal of plan.goals) expect(plan.tasks.has(goal)).toBe(true);
  });

  test('a task without a Triton repository has none, and everything else', () => {
    const plan = planOf({ ...CONFIG, models: { intents: { source: './m', task: 'image-classification' } } });
    const stages = new Set([...plan.tasks.values()].map(task => task.stage));
    const found = ['triton', 'deploy', 'benchmark', 'validate'].map(stage => stages.has(stage));
    expect(found).toEqual([false, false, true, true]);
  });
});

const VERDICTS = ['intents/cpu/fp32/validate', 'intents/cpu/int8-dynamic/validate'];

describe('what is delivered', () => {
  test('models only behind their gate', () => {
    const { deliveries } = planOf();
    const models = deliveries.filter(({ to }) => to.includes('onnx') || to.endsWith('-model/1'));
    expect(models.map(({ to, gates }) => [to, gates])).toEqual([
      ['models/intents/cpu-fp32/onnx', ['intents/cpu/fp32/validate']],
      ['models/intents/cpu-int8-dynamic/onnx', ['intents/cpu/int8-dynamic/validate']],
      ['triton/intents-cpu-fp32-model/1', [...VERDICTS, 'intents/triton']],
      ['triton/intents-cpu-int8-dynamic-model/1', [...VERDICTS, 'intents/triton']],
    ]);
  });
});

test('a tolerance is passed on only when it was given', () => {
  const params = (plan: Plan) => plan.tasks.get('intents/cpu/fp32/validate' as TaskId)!.params;
  expect(params(planOf())).not.toHaveProperty('tolerance');
  const strict = { ...CONFIG, models: { intents: { ...CONFIG.models.intents!, tolerance: { fp32: 1e-5 } } } };
  expect(params(planOf(strict))).toMatchObject({ tolerance: 1e-5, metric: 'accuracy', maxDrop: 0.01 });
});

describe('--only and --skip', () => {
  const select = (only: string[], skip: string[]) => selectStages(planOf(), { only, skip });

  test('skip takes the stage out, and the report makes do', () => {
    const selected = select([], ['benchmark']);
    if (!selected.ok) throw new Error(selected.error.message);
    const { tasks, deliveries, goals } = selected.value;
    expect(tasks.has('intents/benchmark' as TaskId)).toBe(false);
    expect(Object.keys(tasks.get('report' as TaskId)!.inputs)).not.toContain('benchmark:intents');
    expect(goals).not.toContain('intents/benchmark');
    expect(deliveries.map(({ to }) => to)).not.toContain('models/intents/cpu-fp32/benchmark.json');
  });

  test('skipping validate opens its gates', () => {
    const selected = select([], ['validate', 'reference']);
    if (!selected.ok) throw new Error(selected.error.message);
    expect(new Set(selected.value.deliveries.flatMap(({ gates }) => gates))).toEqual(new Set(['intents/triton']));
    expect(selected.value.tasks.get('intents/benchmark' as TaskId)!.after).toBeUndefined();
  });

  test.each([
    { only: [], skip: ['triton'], kept: 0 },
    { only: ['optimize', 'quantize'], skip: [], kept: 0 },
    { only: ['triton'], skip: [], kept: 3 },
  ])('a Triton repository comes whole or not at all: only $only, skip $skip', ({ only, skip, kept }) => {
    const selected = select(only, skip);
    if (!selected.ok) throw new Error(selected.error.message);
    expect(selected.value.deliveries.filter(({ to }) => to.startsWith('triton'))).toHaveLength(kept);
  });

  test('only makes the stage the goal', () => {
    const selected = select(['quantize'], []);
    if (!selected.ok) throw new Error(selected.error.message);
    expect(selected.value.goals).toEqual(['intents/cpu/int8-dynamic/quantize']);
    expect(selected.value.deliveries.every(({ task }) => task === 'intents/cpu/int8-dynamic/quantize')).toBe(true);
  });

  test('what something else reads cannot be skipped', () => {
    expect(select([], ['optimize'])).toMatchObject({
      ok: false,
      error: {
        code: 'stage-needed',
        message:
          'intents/cpu/fp32/validate reads what intents/onnxruntime-cpu/optimize makes, so that cannot be skipped',
        fix: 'skip validate too, or skip neither',
      },
    });
  });

  test('an unknown stage names the nearest', () => {
    expect(select([], ['benchmrk'])).toMatchObject({
      ok: false,
      error: { code: 'unknown-stage', where: '--skip', fix: "did you mean 'benchmark'?" },
    });
  });
});
