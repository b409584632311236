import { resolve } from 'node:path';
import type { Plan } from '../build/task.js';
import { loadConfig } from '../config/load.js';
import { type Artefact, artefactsOf, selectArtefacts } from '../config/matrix.js';
import { DEFAULTS, resolveConfig } from '../config/resolve.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { type Platform, platformOf } from '../config/vocabulary.js';
import { isEncoderDecoder } from '../onnx/hub-files.js';
import type { Choices } from '../plan/choice-tasks.js';
import { DEVICE_PRECISIONS } from '../plan/device-tasks.js';
import type { EngineMachine } from '../plan/engine-tasks.js';
import { makePlan } from '../plan/plan.js';
import type { PlannedModel } from '../plan/planned.js';
import { selectStages } from '../plan/select-stages.js';
import { type Failure, together, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Arguments } from './arguments.js';
import { lockedChoices } from './choices.js';
import type { CommandContext } from './command.js';
import { engineMachines } from './engine-machines.js';
import { precisionProblem } from './engine-precisions.js';
import { openArchitectures } from './open-architectures.js';
import { openModels, type PinUse } from './open-models.js';
import { tritonProblems } from './triton-problems.js';

/** A configuration, what of it was selected, and the plan that follows. */
export interface Project {
  readonly config: ResolvedConfig;
  readonly outDir: string;
  readonly cacheDirectory: string;
  readonly artefacts: readonly Artefact[];
  readonly models: readonly PlannedModel[];
  readonly plan: Plan;
  /** Stages that were named on the command line. */
  readonly stages: { readonly only: readonly string[]; readonly skip: readonly string[] };
  /** Of artefacts of the precision 'auto', what td.lock has and still holds. */
  readonly choices: Choices;
  /** Where the engines of each target are built. */
  readonly machines: ReadonlyMap<string, EngineMachine>;
  /** Not all of the configuration was selected, so what is not in the plan is left alone. */
  readonly partial: boolean;
}

/** Loads the config that the arguments name or that stands nearby, and plans what the positionals select. */
export async function openProject(
  given: Arguments,
  context: Pick<CommandContext, 'cwd' | 'note' | 'signal'>,
  {
    only = given.list('only'),
    skip = given.list('skip'),
    pins,
  }: { only?: readonly string[]; skip?: readonly string[]; pins?: PinUse } = {},
): Promise<Result<Project, Failure>> {
  const path = given.text('config');
  const loaded = await loadConfig({ cwd: context.cwd, ...(path === undefined ? {} : { path }) });
  if (!loaded.ok) return loaded;
  return planProject(loaded.value.resolved, given.positionals, context, {
    only,
    skip,
    ...(pins ? { pins } : {}),
    outDir: given.text('out') === undefined ? undefined : resolve(context.cwd, given.text('out')!),
  });
}

/** @param patterns MODEL[/TARGET[/PRECISION]]; none selects everything */
export async function planProject(
  config: ResolvedConfig,
  patterns: readonly string[],
  { note, signal }: Pick<CommandContext, 'note' | 'signal'>,
  {
    only = [],
    skip = [],
    pins = 'follow',
    outDir = config.outDir,
  }: { only?: readonly string[]; skip?: readonly string[]; pins?: PinUse; outDir?: string | undefined },
): Promise<Result<Project, Failure>> {
  const artefacts = selectArtefacts(artefactsOf(config), patterns);
  if (!artefacts.ok) return artefacts;
  const unavailable = [...unreadSettings(config), ...artefacts.value.flatMap(artefact => notBuilt(config, artefact))];
  if (unavailable.length > 0) {
    return fail(
      together('not-built', 'this version cannot build everything that is declared', unavailable as [Failure]),
    );
  }
  const cacheDirectory = cacheDirectoryOf(config);
  const selected = [...new Set(artefacts.value.map(artefact => artefact.model))].map(name => config.models[name]!);
  const { root } = config;
  const architectures = await openArchitectures(config.architectures, { root, note });
  if (!architectures.ok) return architectures;
  const models = await openModels(selected, {
    root,
    cacheDirectory,
    pins,
    architectures: architectures.value,
    signal,
    note,
  });
  if (!models.ok) return models;

  const uncompiled = artefacts.value.flatMap(artefact => notCompiled(config, models.value, artefact));
  if (uncompiled.length > 0) {
    return fail(
      together('not-built', 'this version cannot build everything that is declared', uncompiled as [Failure]),
    );
  }

  const refused = tritonProblems(config, models.value, artefacts.value);
  if (refused) return fail(refused);

  const machines = await engineMachines(config, artefacts.value, { cacheDirectory, signal });
  const tooOld = await precisionProblem(config, artefacts.value, machines);
  if (tooOld) return fail(tooOld);
  const choices = await lockedChoices(config, models.value, artefacts.value, { cacheDirectory, pins, note });
  if (!choices.ok) return choices;
  const plan = selectStages(makePlan(config, models.value, artefacts.value, machines, choices.value), { only, skip });
  if (!plan.ok) return plan;
  return ok({
    config,
    outDir,
    cacheDirectory,
    artefacts: artefacts.value,
    models: models.value,
    plan: plan.value,
    stages: { only, skip },
    choices: choices.value,
    machines,
    partial: patterns.length > 0 || only.length > 0 || skip.length > 0,
  });
}

/** The same project for some of its artefacts; what it delivered of the others is left alone. */
export function withArtefacts(project: Project, artefacts: readonly Artefact[]): Result<Project, Failure> {
  const { config, models, machines, choices, stages } = project;
  const nothing: Plan = { tasks: new Map(), goals: [], deliveries: [] };
  const plan =
    artefacts.length === 0 ? ok(nothing) : selectStages(makePlan(config, models, artefacts, machines, choices), stages);
  return plan.ok ? ok({ ...project, artefacts, plan: plan.value, partial: true }) : plan;
}

/** What the schema knows and this version does not read. Ignoring it would be worse than saying so. */
function unreadSettings(config: ResolvedConfig): Failure[] {
  const given = config.cache.remote ? ['cache.remote'] : [];
  return given.map(name =>
    usageFailure('not-built', `this version does not read the setting '${name}'`, {
      where: name,
      fix: 'remove it from the config',
    }),
  );
}

/** Precisions that can be built, by what executes them. */
const BUILT: Readonly<Record<Platform, ReadonlySet<string>>> = {
  cpu: new Set(['fp32', 'int8', 'int8-dynamic', 'int8-weight', 'int4-weight', 'auto']),
  cuda: new Set(['fp32', ...DEVICE_PRECISIONS]),
  webgpu: new Set(['fp32', ...DEVICE_PRECISIONS]),
  'cuda-tensorrt': new Set(['fp32', 'fp16', 'int8']),
  tensorrt: new Set(['fp32', 'fp16', 'bf16', 'fp8', 'int8', 'int4-weight']),
};

/** What the schema can declare and this version does not build yet. Said before any work, one by one. */
function notBuilt(config: ResolvedConfig, { id, target, precision }: Artefact): Failure[] {
  const platform = platformOf(config.targets[target]!);
  if (BUILT[platform].has(precision)) return [];
  return [
    usageFailure('not-built', `${id} cannot be built by this version`, {
      expected: `${platform === 'tensorrt' ? platform : `onnxruntime on ${platform}`}, ${[...BUILT[platform]].join(', ')}`,
      found: `precision '${precision}'`,
    }),
  ];
}

/** ONNX Runtime reads a decoder of an encoder's from one file with both kinds of calls, which TensorRT does not take. */
function notCompiled(config: ResolvedConfig, models: readonly PlannedModel[], artefact: Artefact): Failure[] {
  const task = models.find(({ model }) => model.name === artefact.model)!.model.task;
  if (platformOf(config.targets[artefact.target]!) !== 'cuda-tensorrt' || !isEncoderDecoder(task)) return [];
  return [
    usageFailure('not-built', `${artefact.id} cannot be built by this version`, {
      expected: "for provider: 'tensorrt', a task whose model is one file",
      found: `'${task}'`,
      fix: "use provider: 'cuda', or engine: 'tensorrt'",
    }),
  ];
}

/** The environment wins, so that a CI job can move the cache without touching the config. */
const cacheDirectoryOf = (config: ResolvedConfig): string =>
  process.env.TD_CACHE_DIRECTORY ? resolve(process.env.TD_CACHE_DIRECTORY) : config.cache.directory;

/** For commands that work without a config, too. */
export async function cacheDirectory(given: Arguments, context: Pick<CommandContext, 'cwd'>): Promise<string> {
  const path = given.text('config');
  const loaded = await loadConfig({ cwd: context.cwd, ...(path === undefined ? {} : { path }) });
  const config = loaded.ok
    ? loaded.value.resolved
    : resolveConfig({ models: {}, targets: {}, cache: DEFAULTS.cache }, context.cwd);
  return cacheDirectoryOf(config);
}
