import { availableParallelism, totalmem } from 'node:os';
import { type BuildOptions, type BuildOutcome, runBuild } from '../build/build.js';
import type { Plan, TaskId } from '../build/task.js';
import { EXIT_CODES, type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Arguments, numberProblem, type Options } from './arguments.js';
import type { CommandContext } from './command.js';
import { NOT_BUILT_HERE } from './engine-machines.js';
import type { Buildable, EngineBuildOptions } from './missing-engines.js';
import type { Project } from './project.js';
import { makeReporter } from './reporters/make-reporter.js';
import { REPORTERS, type ReporterName } from './reporters/reporter.js';

/** Options of every command that builds. */
export const BUILD_OPTIONS: Options = {
  jobs: { type: 'string', short: 'j', placeholder: 'N', help: 'tasks at a time (default: one per core)' },
  'keep-going': { type: 'boolean', short: 'k', help: 'after a failure, go on with what does not depend on it' },
  force: { type: 'boolean', short: 'f', help: 'run again what is already known' },
  'allow-missing-hardware': {
    type: 'boolean',
    help: 'leave out what only another machine can build or measure, instead of failing',
  },
  reporter: { type: 'string', placeholder: REPORTERS.join('|'), help: 'how progress is shown (default: auto)' },
  json: { type: 'boolean', help: 'one event per line on stdout; the same as --reporter json' },
};

/** A part of the machine's memory, so that the system and its page cache keep some. */
const MEMORY_SHARE = 0.75;

/**
 * Builds a project's plan and shows it.
 * @param force these tasks run again though they are known; `--force` means all of the plan's
 */
export async function buildProject(
  project: Project,
  given: Arguments,
  context: CommandContext,
  force?: ReadonlySet<TaskId>,
): Promise<Result<BuildOutcome, Failure>> {
  const reporterName = reporterOf(given);
  if (!reporterName.ok) return reporterName;
  const invalid = numberProblem(given, 'jobs', 1);
  if (invalid) return fail(invalid);

  const lacking = await kernelsFailure();
  if (lacking) return fail(lacking);

  const options = {
    workspace: project.config.root,
    cacheDirectory: project.cacheDirectory,
    maxCacheBytes: project.config.cache.maxBytes,
    outDir: project.outDir,
    jobs: given.number('jobs') ?? availableParallelism(),
    memoryLimitMiB: Math.floor((totalmem() * MEMORY_SHARE) / 2 ** 20),
    registry: new URL('../stages/index.js', import.meta.url),
    signal: context.signal,
  };
  const buildable = await buildableHere(project, options);
  if (!buildable.ok) return buildable;
  const { plan, partial } = buildable.value.project;
  const missing = buildable.value.failures;
  const excused = given.flag('allow-missing-hardware') ? missing.filter(({ code }) => code === NOT_BUILT_HERE) : [];
  for (const { message, where } of speaksToPeople(given) ? excused : []) context.note(`${where}: ${message}\n`);

  const reporter = await makeReporter(reporterName.value, plan);
  const outcome = await runBuild({
    ...options,
    plan,
    partial,
    keepGoing: given.flag('keep-going'),
    ...forced(plan, given.flag('force') ? 'all' : force),
    onEvent: event => reporter.event(event),
  });
  const failures = [...outcome.failures, ...missing.filter(failure => !excused.includes(failure))];
  await reporter.close(failures);
  const kind = outcome.failed ?? failures[0]?.kind;
  return ok({ ...outcome, failures, ...(kind ? { failed: kind } : {}) });
}

/** Nothing is loaded for projects that need no other machine. */
async function buildableHere(project: Project, options: EngineBuildOptions): Promise<Result<Buildable, Failure>> {
  if (![...project.plan.tasks.values()].some(({ lacks }) => lacks)) return ok({ project, failures: [] });
  return (await import('./missing-engines.js')).withoutMissing(project, options);
}

/** What this machine cannot run again is not forced. */
function forced(plan: Plan, force: BuildOptions['force']): Pick<BuildOptions, 'force'> {
  if (!force) return {};
  const wanted = [...plan.tasks.values()].filter(task => !task.lacks && (force === 'all' || force.has(task.id)));
  return wanted.length === plan.tasks.size ? { force: 'all' } : { force: new Set(wanted.map(({ id }) => id)) };
}

/** Whether lines for people are wanted beside the reporter's. */
export const speaksToPeople = (given: Arguments): boolean =>
  !given.flag('json') && !['json', 'silent'].includes(given.text('reporter') ?? 'auto');

/** Only a demand for certain kernels can fail; without one there always are some, and nothing need be loaded here. */
async function kernelsFailure(): Promise<Failure | undefined> {
  if (!process.env.TD_KERNELS) return undefined;
  return (await import('../kernels/index.js')).kernelsInUse().failure;
}

export const exitCodeOf = (outcome: BuildOutcome): number => (outcome.failed ? EXIT_CODES[outcome.failed] : 0);

function reporterOf(given: Arguments): Result<ReporterName, Failure> {
  if (given.flag('json')) return ok('json');
  const name = given.text('reporter') ?? 'auto';
  if ((REPORTERS as readonly string[]).includes(name)) return ok(name as ReporterName);
  const meant = nearest(name, REPORTERS);
  return fail(
    usageFailure('invalid-option', `there is no reporter '${name}'`, {
      where: '--reporter',
      expected: REPORTERS.join(', '),
      ...(meant ? { fix: `did you mean '${meant}'?` } : {}),
    }),
  );
}
