import type { Source } from '../build/task.js';
import { benchmarkShapes, longestSequence } from '../config/model-checks.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { onMachine } from './engine-tasks.js';
import { file, type ModelFolder } from './model-folder.js';
import { type BuiltArtefact, labelsOf, mixInputs, modelInputs, type PlannedModel, weightsMiB } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';

/** Tasks whose models write tokens one after another. */
export const GENERATING_TASKS: ReadonlySet<string> = new Set([
  'text-generation',
  'text2text-generation',
  'automatic-speech-recognition',
]);

/**
 * All artefacts of one model for the CPU measured together, alone on the machine; or all for one device.
 * @returns the measurements
 */
export function planBenchmark(
  draft: PlanDraft,
  config: ResolvedConfig,
  { model, folder }: PlannedModel,
  built: readonly BuiltArtefact[],
): Source {
  const { warmup, runs, minSeconds, threads } = config.benchmark;
  const data = model.evaluation?.data ?? model.calibration?.data;
  const { artefact: first, device } = built[0]!;
  const id = device ? `${model.name}/${first.target}/benchmark` : `${model.name}/benchmark`;
  draft.add(
    'benchmark',
    id,
    {
      task: model.task,
      artefacts: built.map(({ artefact: { id, target, precision } }) => ({ id, target, precision })),
      shapes: benchmarkShapes(model, config.benchmark).map(shape => [...shape]),
      warmup,
      runs,
      minSeconds,
      ...(threads === undefined ? {} : { threads }),
      seed: config.validation.seed,
      ...(device ? { provider: device.provider, device: device.machine.tools.device ?? device.provider } : {}),
      ...(GENERATING_TASKS.has(model.task) ? positionsOf(folder) : {}),
    },
    {
      ...modelInputs(built),
      ...mixInputs(built),
      tokenizer: folder.tokenizer,
      config: folder.config,
      generationConfig: GENERATING_TASKS.has(model.task) ? folder.generationConfig : undefined,
      data: data === undefined ? undefined : file(data),
    },
    { memoryMiB: 200 + weightsMiB(folder) * (built.length + 1), exclusive: true },
    { ...(device ? onMachine(device.machine) : {}), after: built.map(({ validate }) => validate) },
  );
  for (const { artefact, validate } of built) {
    draft.deliver(
      { task: id, output: 'benchmark', path: `${artefact.target}-${artefact.precision}.json` },
      `models/${artefact.folder}/benchmark.json`,
      [validate],
      labelsOf(artefact),
    );
  }
  return draft.output(id, 'benchmark');
}

function positionsOf({ configJson }: ModelFolder): { positions?: number } {
  const positions = longestSequence(configJson);
  return positions === undefined ? {} : { positions };
}
