import type { Choice } from '../choice/choice.js';
import type { Artefact } from '../config/matrix.js';
import { benchmarkShapes, longestSequence } from '../config/model-checks.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { Json } from '../util/json.js';
import { GENERATING_TASKS } from './benchmark-tasks.js';
import { planCalibration } from './calibration-tasks.js';
import { file } from './model-folder.js';
import { type PlannedModel, weightsMiB } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';
import { cpuArithmetic, machineClass, packageVersion, saturatesProducts } from './tools.js';

/** What was chosen before, by the artefact's id: then nothing is measured. */
export type Choices = ReadonlyMap<string, Choice>;

/**
 * What a choice rests on besides the model's files and the data, from the configuration alone: where one of these fields changes, it is
 * made anew. The time that it may take is none of them.
 */
export function choiceSettings(
  { model, folder }: PlannedModel,
  config: ResolvedConfig,
): Readonly<Record<string, Json>> {
  const { warmup, runs, minSeconds, threads } = config.benchmark;
  const { evaluation, calibration } = model;
  const positions = GENERATING_TASKS.has(model.task) ? longestSequence(folder.configJson) : undefined;
  return {
    task: model.task,
    shapes: benchmarkShapes(model, config.benchmark).map(shape => [...shape]),
    warmup,
    runs,
    minSeconds,
    ...(threads === undefined ? {} : { threads }),
    seed: config.validation.seed,
    ...(positions === undefined ? {} : { positions }),
    method: calibration?.method ?? 'percentile',
    ...(model.tolerance.auto === undefined ? {} : { tolerance: model.tolerance.auto }),
    ...(evaluation ? { metric: evaluation.metric, maxDrop: evaluation.maxDrop } : {}),
  };
}

/**
 * The tasks of the precision 'auto': what the model is to be made of, measured or locked, and the model.
 *
 * @param optimize the task whose output 'model' everything is made of
 * @returns the task whose output 'model' is the artefact
 */
export function planChoice(
  draft: PlanDraft,
  planned: PlannedModel,
  config: ResolvedConfig,
  { id }: Artefact,
  { optimize, locked }: { readonly optimize: string; readonly locked: Choice | undefined },
): string {
  const { model, folder } = planned;
  const choose = chooseTask(id);
  const optimized = draft.output(optimize, 'model');
  const weights = weightsMiB(folder);
  if (locked) {
    const calibration = locked.mix.precision === 'int8' ? planCalibration(draft, planned, config) : undefined;
    draft.add('choose', choose, { locked: locked as unknown as Json }, { calibration }, { memoryMiB: 60 });
  } else {
    const data = model.evaluation?.data ?? model.calibration?.data;
    draft.add(
      'choose',
      choose,
      {
        artefact: id,
        ...choiceSettings(planned, config),
        reduceRange: saturatesProducts(cpuArithmetic()),
        maxMinutes: config.auto.maxMinutes,
      },
      {
        model: optimized,
        reference: draft.output(`${model.name}/reference`, 'reference'),
        calibration: model.calibration && planCalibration(draft, planned, config),
        tokenizer: folder.tokenizer,
        config: folder.config,
        generationConfig: GENERATING_TASKS.has(model.task) ? folder.generationConfig : undefined,
        data: data === undefined ? undefined : file(data),
      },
      { memoryMiB: 300 + 6 * weights, exclusive: true },
      {
        tools: {
          onnxruntime: packageVersion('onnxruntime-node'),
          tokenizers: packageVersion('@huggingface/tokenizers'),
          cpu: cpuArithmetic(),
          machine: machineClass(),
          node: process.version,
        },
      },
    );
  }
  const quantize = `${id}/quantize`;
  const inputs = { model: optimized, mix: draft.output(choose, 'mix') };
  draft.add('quantize', quantize, {}, inputs, { memoryMiB: 150 + Math.ceil(weights / 2) });
  return quantize;
}

/** The task that says what an artefact of the precision 'auto' is made of. */
export const chooseTask = (artefact: string): string => `${artefact}/choose`;
