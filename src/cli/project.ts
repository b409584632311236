import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plan } from '../build/task.js';
import { loadConfig } from '../config/load.js';
import { type Artefact, artefactsOf, selectArtefacts } from '../config/matrix.js';
import { checkModelAgainstConfig, completeModel } from '../config/model-checks.js';
import { DEFAULTS, resolveConfig } from '../config/resolve.js';
import type { ResolvedConfig, ResolvedModel } from '../config/resolved.js';
import { readModelFolder } from '../plan/model-folder.js';
import { makePlan } from '../plan/plan.js';
import type { PlannedModel } from '../plan/planned.js';
import { selectStages } from '../plan/select-stages.js';
import { type Failure, together, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Arguments } from './arguments.js';
import type { CommandContext } from './command.js';

/** A configuration, what of it was selected, and the plan that follows. */
export interface Project {
  readonly config: ResolvedConfig;
  readonly outDir: string;
  readonly cacheDirectory: string;
  readonly artefacts: readonly Artefact[];
  readonly models: readonly PlannedModel[];
  readonly plan: Plan;
  /** Not all of the configuration was selected, so what is not in the plan is left alone. */
  readonly partial: boolean;
}

/** Loads the config that the arguments name or that stands nearby, and plans what the positionals select. */
export async function openProject(
  given: Arguments,
  context: Pick<CommandContext, 'cwd'>,
  { only = given.list('only'), skip = given.list('skip') }: { only?: readonly string[]; skip?: readonly string[] } = {},
): Promise<Result<Project, Failure>> {
  const path = given.text('config');
  const loaded = await loadConfig({ cwd: context.cwd, ...(path === undefined ? {} : { path }) });
  if (!loaded.ok) return loaded;
  return planProject(loaded.value.resolved, given.positionals, {
    only,
    skip,
    outDir: given.text('out') === undefined ? undefined : resolve(context.cwd, given.text('out')!),
  });
}

/** @param patterns MODEL[/TARGET[/PRECISION]]; none selects everything */
export function planProject(
  config: ResolvedConfig,
  patterns: readonly string[],
  {
    only = [],
    skip = [],
    outDir = config.outDir,
  }: { only?: readonly string[]; skip?: readonly string[]; outDir?: string | undefined },
): Result<Project, Failure> {
  const artefacts = selectArtefacts(artefactsOf(config), patterns);
  if (!artefacts.ok) return artefacts;
  const unavailable = [...unreadSettings(config), ...artefacts.value.flatMap(artefact => notBuilt(config, artefact))];
  if (unavailable.length > 0) {
    return fail(
      together('not-built', 'this version cannot build everything that is declared', unavailable as [Failure]),
    );
  }
  const models: PlannedModel[] = [];
  const failures: Failure[] = [];
  for (const name of new Set(artefacts.value.map(artefact => artefact.model))) {
    const planned = planModelFolder(config.models[name]!);
    if (planned.ok) models.push(planned.value);
    else failures.push(planned.error);
  }
  const [first, ...rest] = failures;
  if (first) return fail(together('models-invalid', `${failures.length} models cannot be built`, [first, ...rest]));

  const plan = selectStages(makePlan(config, models, artefacts.value), { only, skip });
  if (!plan.ok) return plan;
  return ok({
    config,
    outDir,
    cacheDirectory: cacheDirectoryOf(config),
    artefacts: artefacts.value,
    models,
    plan: plan.value,
    partial: patterns.length > 0 || only.length > 0 || skip.length > 0,
  });
}

/** What the schema knows and this version does not read. Ignoring it would be worse than saying so. */
function unreadSettings(config: ResolvedConfig): Failure[] {
  const given = [config.architectures.length > 0 && 'architectures', config.cache.remote && 'cache.remote'];
  return given
    .filter(name => typeof name === 'string')
    .map(name =>
      usageFailure('not-built', `this version does not read the setting '${name}'`, {
        where: name,
        fix: 'remove it from the config',
      }),
    );
}

/** What the schema can declare and this version does not build yet. Said before any work, one by one. */
function notBuilt(config: ResolvedConfig, { id, model, target, precision }: Artefact): Failure[] {
  const { source, exporter } = config.models[model]!;
  const { engine, device } = config.targets[target]!;
  const reasons = [
    source.kind !== 'folder' && `source of kind '${source.kind}'`,
    exporter !== 'td' && `exporter '${exporter}'`,
    engine !== 'onnxruntime' && `engine '${engine}'`,
    device !== 'cpu' && `device '${device}'`,
    precision !== 'fp32' && precision !== 'int8-dynamic' && `precision '${precision}'`,
  ].filter(reason => reason !== false);
  return reasons.map(found =>
    usageFailure('not-built', `${id} cannot be built by this version`, {
      expected: 'a model folder, onnxruntime on cpu, fp32 or int8-dynamic',
      found,
    }),
  );
}

function planModelFolder(model: ResolvedModel): Result<PlannedModel, Failure> {
  if (model.source.kind !== 'folder') throw new Error(`internal error: source of ${model.name} was not checked`);
  const folder = readModelFolder(model.source.path);
  if (!folder.ok) return folder;
  const { configJson, tokenizerConfigJson, sentence } = folder.value;
  const [first, ...rest] = [...checkModelAgainstConfig(configJson, model, sentence), ...missingData(model)];
  if (first)
    return fail(together('model-invalid', `model '${model.name}' does not fit its configuration`, [first, ...rest]));
  const complete = completeModel(configJson, tokenizerConfigJson, model, sentence);
  return ok({ model: complete, folder: folder.value });
}

function missingData({ name, calibration, evaluation }: ResolvedModel): Failure[] {
  const missing = (field: string, path: string | undefined): Failure[] =>
    path === undefined || existsSync(path)
      ? []
      : [
          usageFailure('data-missing', `a data file does not exist`, {
            where: `models.${name}.${field}.data`,
            expected: path,
            found: 'nothing',
            fix: 'paths are relative to the config file',
          }),
        ];
  return [...missing('calibration', calibration?.data), ...missing('evaluation', evaluation?.data)];
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
