import type { Plan, Source } from '../build/task.js';
import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { planBenchmark } from './benchmark-tasks.js';
import { type Choices, chooseTask } from './choice-tasks.js';
import { planDeployment } from './deploy-tasks.js';
import { type EngineMachine, isStripped, machineOf, planEngineBenchmark } from './engine-tasks.js';
import { planModel } from './model-tasks.js';
import { type BuiltArtefact, type PlannedModel, sourceOf } from './planned.js';
import { PlanDraft } from './stage-tasks.js';
import { planTrace } from './torch-tasks.js';
import { planTriton, TRITON_TASKS } from './triton-tasks.js';

/**
 * Turns a checked configuration into tasks: the one place that knows which stage follows which.
 *
 *     export -> optimize -> quantize -> validate -> benchmark -> report
 *        \-> reference ------------------^   \-> triton -> deploy
 *
 * and for an engine of TensorRT  export -> optimize -> engine -> validate -> benchmark-engine.
 *
 * @param artefacts the selected cells of the matrix models x targets x precisions
 * @param machines of each target with engines, what is known of where they are built
 * @param choices what artefacts of the precision 'auto' are made of, as far as that is settled
 */
export function makePlan(
  config: ResolvedConfig,
  models: readonly PlannedModel[],
  artefacts: readonly Artefact[],
  machines: ReadonlyMap<string, EngineMachine> = new Map(),
  choices: Choices = new Map(),
): Plan {
  const draft = new PlanDraft();
  const reported: Record<string, Source> = {};
  const served: { readonly model: PlannedModel; readonly built: readonly BuiltArtefact[] }[] = [];
  const planned = models
    .filter(({ model }) => artefacts.some(artefact => artefact.model === model.name))
    .map(model => (model.torch ? planTrace(draft, model, model.torch) : model));
  for (const model of planned) {
    const built = planModel(draft, model, config, artefacts, machines, choices);
    const engines = built.filter(({ isEngine }) => isEngine);
    const models = built.filter(({ isEngine }) => !isEngine);
    // Triton has no WebGPU, and fills in no weights.
    const forTriton = built.filter(
      ({ device, artefact }) => device?.provider !== 'webgpu' && !isStripped(config.targets[artefact.target]!),
    );
    if (forTriton.length > 0 && TRITON_TASKS.has(model.model.task)) {
      planTriton(draft, config, model, forTriton);
      served.push({ model, built: forTriton });
    }
    for (const { artefact, model: folder, validate } of built) {
      reported[`model:${artefact.id}`] = folder;
      reported[`validation:${artefact.id}`] = draft.output(validate, 'validation');
      if (artefact.precision === 'auto') {
        reported[`choice:${artefact.id}`] = draft.output(chooseTask(artefact.id), 'choice');
      }
    }
    const calibrate = `${model.model.name}/calibrate`;
    if (draft.has(calibrate)) reported[`calibration:${model.model.name}`] = draft.output(calibrate, 'table');
    const onCpu = models.filter(({ device }) => device === undefined);
    if (onCpu.length > 0) reported[`benchmark:${model.model.name}`] = planBenchmark(draft, config, model, onCpu);
    for (const target of new Set(models.filter(({ device }) => device).map(({ artefact }) => artefact.target))) {
      const there = models.filter(({ artefact }) => artefact.target === target);
      const measured = planBenchmark(draft, config, model, there);
      for (const { artefact } of there) reported[`benchmark:${artefact.id}`] = measured;
    }
    for (const engine of engines) {
      const machine = machineOf(machines, engine.artefact.target);
      reported[`benchmark:${engine.artefact.id}`] = planEngineBenchmark(draft, config, model, engine, machine);
    }
  }
  draft.add(
    'report',
    'report',
    {
      models: planned.map(model => ({ name: model.model.name, task: model.model.task, ...sourceOf(model) })),
      artefacts: artefacts.map(({ id, model, target, precision }) => ({ id, model, target, precision })),
    },
    reported,
    { memoryMiB: 300 },
  );
  for (const name of ['report.json', 'report.md', 'report.html']) {
    draft.deliver({ task: 'report', output: 'report', path: name }, name, [], {});
  }
  for (const { model } of planned) {
    const card = { task: 'report', output: 'report', path: `cards/${model.name}.md` };
    draft.deliver(card, `deploy/models/${model.name}/MODEL_CARD.md`, [], { model: model.name });
  }
  planDeployment(draft, config, served);
  return draft.finish();
}
