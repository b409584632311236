import { type BuildOptions, runBuild } from '../build/build.js';
import type { Task } from '../build/task.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import { NOT_BUILT_HERE } from './engine-machines.js';
import { type Project, withArtefacts } from './project.js';

/** Options that both builds have in common. */
export type EngineBuildOptions = Omit<BuildOptions, 'plan' | 'partial' | 'keepGoing' | 'onEvent' | 'force'>;

/** What of a project can be built here, and why the rest cannot. */
export interface Buildable {
  readonly project: Project;
  readonly failures: readonly Failure[];
}

/**
 * Takes out the artefacts whose engines can neither be built here nor are in the cache, after building what they are made of. The
 * other artefacts, their report and their repository are then built as if those had not been asked for.
 */
export async function withoutMissing(
  project: Project,
  options: EngineBuildOptions,
): Promise<Result<Buildable, Failure>> {
  const lacking = [...project.plan.tasks.values()].filter(task => task.lacks);
  if (lacking.length === 0) return ok({ project, failures: [] });
  const plan = { tasks: project.plan.tasks, goals: lacking.map(({ id }) => id), deliveries: [] };
  const { tasks } = await runBuild({ ...options, plan, partial: true, keepGoing: true });
  const missing = new Map<string, Failure>();
  for (const task of lacking) {
    const outcome = tasks.get(task.id);
    if (outcome?.status === 'run' || outcome?.status === 'reused' || outcome?.status === 'unneeded') continue;
    // Something upstream may have failed for a reason of its own, which must not get lost with the artefact.
    const cause = outcome?.status === 'skipped' ? tasks.get(outcome.because) : outcome;
    const failure = cause?.status === 'failed' ? cause.failure : task.lacks!;
    for (const artefact of artefactsOf(project, task)) {
      if (missing.has(artefact)) continue;
      missing.set(artefact, failure.code === NOT_BUILT_HERE ? { ...failure, where: artefact } : failure);
    }
  }
  const left = project.artefacts.filter(({ id }) => !missing.has(id));
  const rest = withArtefacts(project, left);
  if (!rest.ok) return rest;
  return ok({ project: rest.value, failures: [...missing.values()] });
}

/** 'intents/h100/fp16/engine' -> 'intents/h100/fp16'; 'intents/web/benchmark' -> all of 'intents/web'. */
function artefactsOf({ artefacts }: Project, { id }: Task): string[] {
  const own = artefacts.filter(artefact => id.startsWith(`${artefact.id}/`));
  const shared = artefacts.filter(({ model, target }) => id.startsWith(`${model}/${target}/`));
  return (own.length > 0 ? own : shared).map(artefact => artefact.id);
}
