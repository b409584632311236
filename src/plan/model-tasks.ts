import type { Artefact } from '../config/matrix.js';
import { imageSize, labelCount } from '../config/model-checks.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { isEncoderDecoder } from '../onnx/hub-files.js';
import { type Choices, chooseTask } from './choice-tasks.js';
import { deviceOf } from './device-tasks.js';
import { type EngineMachine, machineOf, onMachine, planEngine, runInputs } from './engine-tasks.js';
import { planFetch } from './hub-folder.js';
import { file } from './model-folder.js';
import { asList, type BuiltArtefact, exportTask, labelsOf, type PlannedModel, weightsMiB } from './planned.js';
import { planPrecision } from './precision-tasks.js';
import type { PlanDraft } from './stage-tasks.js';

/** From the checkpoint to the delivered folder of each artefact: export, reference, package, and the tasks of each precision. */
export function planModel(
  draft: PlanDraft,
  planned: PlannedModel,
  config: ResolvedConfig,
  artefacts: readonly Artefact[],
  machines: ReadonlyMap<string, EngineMachine>,
  choices: Choices,
): BuiltArtefact[] {
  const { model, folder } = planned;
  const { name, task } = model;
  if (folder.hub) planFetch(draft, name, folder.hub);
  planExport(draft, planned);
  draft.add(
    'reference',
    `${name}/reference`,
    {
      task,
      sequence: asList(model.shapes.sequence),
      samples: config.validation.samples,
      seed: config.validation.seed,
      ...(model.evaluation ? { metric: model.evaluation.metric } : {}),
      ...(model.labels ? { labels: [...model.labels] } : {}),
      ...(folder.onnx ? { onnx: folder.onnx.file } : {}),
    },
    {
      // What others made is asked as they made it.
      ...(folder.onnx
        ? { interface: draft.output(exportTask(planned), 'interface') }
        : { model: draft.output(exportTask(planned), 'model') }),
      checkpoint: folder.checkpoint,
      tokenizer: folder.tokenizer,
      // What the decoder begins with.
      generationConfig: isEncoderDecoder(task) ? folder.generationConfig : undefined,
      calibration: model.calibration && file(model.calibration.data),
      evaluation: model.evaluation && file(model.evaluation.data),
    },
    { memoryMiB: 200 + weightsMiB(folder) },
  );
  draft.add(
    'package',
    `${name}/package`,
    {},
    {
      config: folder.config,
      tokenizer: folder.tokenizer,
      generationConfig: folder.generationConfig,
      preprocessorConfig: folder.preprocessorConfig,
      modules: folder.modules,
    },
    { memoryMiB: 60 },
  );
  const built = artefacts
    .filter(artefact => artefact.model === name)
    .map(artefact => planArtefact(draft, planned, config, artefact, machines, choices));
  for (const { artefact, modelTask, validate, isEngine } of built) {
    const to = `models/${artefact.folder}`;
    const labels = labelsOf(artefact);
    draft.deliver({ task: `${name}/package`, output: 'folder' }, to, [validate], labels);
    draft.deliver({ task: modelTask, output: 'model' }, isEngine ? to : `${to}/onnx`, [validate], labels);
    draft.deliver({ task: validate, output: 'validation' }, `${to}/validation.json`, [], labels);
    if (artefact.precision === 'auto') {
      draft.deliver({ task: chooseTask(artefact.id), output: 'choice' }, `${to}/choice.json`, [validate], labels);
    }
  }
  return built;
}

/** The model in float32: written from the checkpoint, or read from the ONNX file that is there already. */
function planExport(draft: PlanDraft, planned: PlannedModel): void {
  const { model, folder, architecture } = planned;
  const { task } = model;
  const id = exportTask(planned);
  if (folder.onnx) {
    const image = task === 'image-classification' ? imageSize(folder.configJson) : undefined;
    const params = {
      task,
      file: folder.onnx.file,
      labels: labelCount(folder.configJson),
      ...(image ? { image: [...image] } : {}),
    };
    // What writes is also run, to see that it does with a cache.
    const memoryMiB = isEncoderDecoder(task) || task === 'text-generation' ? 200 + weightsMiB(folder) : 150;
    draft.add('import', id, params, { checkpoint: folder.checkpoint }, { memoryMiB });
    return;
  }
  draft.add(
    'export',
    id,
    { task, ...(architecture ? { architecture: architecture.entry } : {}) },
    { checkpoint: folder.checkpoint, modules: architecture?.files },
    { memoryMiB: 100 },
    { tools: architecture?.packages ?? {} },
  );
}

/** The tasks of one cell of the matrix: the model in its precision, and the gate that it must pass. */
function planArtefact(
  draft: PlanDraft,
  planned: PlannedModel,
  config: ResolvedConfig,
  artefact: Artefact,
  machines: ReadonlyMap<string, EngineMachine>,
  choices: Choices,
): BuiltArtefact {
  const { model, folder } = planned;
  const { precision } = artefact;
  const target = config.targets[artefact.target]!;
  const isEngine = target.engine === 'tensorrt';
  const device = deviceOf(target, machines);
  const machine = isEngine ? machineOf(machines, target.name) : device?.machine;
  const modelTask =
    target.engine === 'tensorrt' && machine
      ? planEngine(draft, planned, config, artefact, target, machine)
      : planPrecision(draft, planned, config, artefact, choices);
  const built = draft.output(modelTask, 'model');
  const mix = precision === 'auto' ? draft.output(chooseTask(artefact.id), 'mix') : undefined;
  const validate = `${artefact.id}/validate`;
  const { evaluation } = model;
  const tolerance = model.tolerance[precision];
  draft.add(
    'validate',
    validate,
    {
      artefact: artefact.id,
      task: model.task,
      precision,
      ...(device ? { provider: device.provider } : {}),
      ...(tolerance === undefined ? {} : { tolerance }),
      ...(evaluation ? { metric: evaluation.metric, maxDrop: evaluation.maxDrop } : {}),
    },
    {
      model: built,
      reference: draft.output(`${model.name}/reference`, 'reference'),
      ...(target.engine === 'tensorrt' ? runInputs(draft, modelTask, target) : {}),
      ...(mix ? { mix, quantization: draft.output(modelTask, 'report') } : {}),
    },
    // A device is for one task at a time: two models may not fit.
    { memoryMiB: 200 + weightsMiB(folder), ...(machine ? { exclusive: true } : {}) },
    machine ? onMachine(machine) : {},
  );
  return {
    artefact,
    modelTask,
    model: built,
    validate,
    ...(mix ? { mix } : {}),
    ...(device ? { device } : {}),
    isEngine,
  };
}
