import { basename } from 'node:path';
import type { Source } from '../build/task.js';
import type { Artefact } from '../config/matrix.js';
import { benchmarkShapes } from '../config/model-checks.js';
import type { ResolvedConfig, ResolvedTarget } from '../config/resolved.js';
import type { Precision } from '../config/types.generated.js';
import type { Failure } from '../util/failure.js';
import type { Json } from '../util/json.js';
import { file } from './model-folder.js';
import { asList, type BuiltArtefact, labelsOf, type PlannedModel, weightsMiB } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';
import { planTyped, tensorrtClassOf } from './typed-tasks.js';

/** What is known of the machine that builds one target's engines. */
export interface EngineMachine {
  /** Release of TensorRT, GPU, CUDA, as they told themselves, now or when an engine was built last. */
  readonly tools: Readonly<Record<string, string>>;
  /** How its trtexec is reached; absent when it is not. */
  readonly hints?: Json;
  /** Why no engine can be built here. */
  readonly lacks?: Failure;
}

/** Every target with engines was asked for before the plan is made. */
export function machineOf(machines: ReadonlyMap<string, EngineMachine>, target: string): EngineMachine {
  const machine = machines.get(target);
  if (!machine) throw new Error(`internal error: nobody asked where engines of ${target} are built`);
  return machine;
}

export type EngineTarget = Extract<ResolvedTarget, { engine: 'tensorrt' }>;

/** What the config calls a precision of weights alone, and TensorRT a type. */
const ENGINE_PRECISION: Readonly<Partial<Record<Precision, string>>> = { 'int4-weight': 'int4' };

export const enginePrecision = (precision: Precision): string => ENGINE_PRECISION[precision] ?? precision;

/** The engine of one artefact, made of its typed ONNX. */
export function planEngine(
  draft: PlanDraft,
  planned: PlannedModel,
  config: ResolvedConfig,
  artefact: Artefact,
  target: EngineTarget,
  machine: EngineMachine,
): string {
  const { model, folder } = planned;
  const { id, precision } = artefact;
  // Where it is, and how long it may take, cannot change an engine; how it is measured, neither.
  const { timingCache, plugins, profiles, timeoutMinutes, cudaGraphs, ...options } = target.engineOptions;
  const { batch, sequence } = model.shapes;
  const engine = `${id}/engine`;
  const typed = planTyped(draft, planned, config, artefact, tensorrtClassOf(machine.tools));
  draft.add(
    'engine',
    engine,
    {
      precision: enginePrecision(precision),
      options: options as Json,
      sizes: { batch: asList(batch), sequence: asList(sequence) },
      ...(profiles ? { profiles: profiles as unknown as Json } : {}),
    },
    {
      model: draft.output(typed, 'model'),
      timingCache: timingCache === undefined ? undefined : file(timingCache),
      ...pluginInput(target),
    },
    // trtexec holds the weights in its own memory while it builds; kernels are timed, so nothing else may run.
    { memoryMiB: 2000 + 3 * weightsMiB(folder), exclusive: true },
    onMachine(machine),
  );
  return engine;
}

/** Tasks that run an engine depend on the machine as those that build one. */
export const onMachine = ({ tools, hints, lacks }: EngineMachine) => ({
  tools,
  ...(hints === undefined ? {} : { hints }),
  ...(lacks ? { lacks } : {}),
});

const pluginInput = ({ engineOptions: { plugins } }: EngineTarget): Readonly<Record<string, Source>> =>
  plugins === undefined
    ? {}
    : { plugins: { from: 'files', files: Object.fromEntries(plugins.map(path => [basename(path), path])) } };

/** What an engine cannot be run without: its plug-ins; and where it has no weights, the network that they come from. */
export const runInputs = (
  draft: PlanDraft,
  engine: string,
  target: EngineTarget,
): Readonly<Record<string, Source | undefined>> => ({
  ...pluginInput(target),
  weights: isStripped(target) ? draft.input(engine, 'model') : undefined,
});

/** Whether its engines have no weights. Whoever loads one must fill them in. */
export const isStripped = (target: ResolvedTarget): boolean =>
  target.engine === 'tensorrt' && target.engineOptions.stripWeights === true;

/** Its latency, by trtexec on its GPU; apart from the other artefacts, which are measured side by side. */
export function planEngineBenchmark(
  draft: PlanDraft,
  config: ResolvedConfig,
  { model }: PlannedModel,
  { artefact, modelTask, model: engine, validate }: BuiltArtefact,
  machine: EngineMachine,
): Source {
  const target = config.targets[artefact.target] as EngineTarget;
  const { runs, minSeconds } = config.benchmark;
  const { id, precision } = artefact;
  const benchmark = `${id}/benchmark`;
  draft.add(
    'benchmark-engine',
    benchmark,
    {
      artefact: { id, target: target.name, precision },
      shapes: benchmarkShapes(model, config.benchmark).map(shape => [...shape]),
      runs,
      minSeconds,
      seed: config.validation.seed,
      cudaGraphs: target.engineOptions.cudaGraphs ?? true,
    },
    { model: engine, ...runInputs(draft, modelTask, target) },
    { memoryMiB: 1000, exclusive: true },
    { ...onMachine(machine), after: [validate] },
  );
  draft.deliver(
    { task: benchmark, output: 'benchmark', path: `${target.name}-${precision}.json` },
    `models/${artefact.folder}/benchmark.json`,
    [validate],
    labelsOf(artefact),
  );
  return draft.output(benchmark, 'benchmark');
}
