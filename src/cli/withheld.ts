import type { BuildOutcome, TaskOutcome } from '../build/build.js';
import type { Plan, TaskId } from '../build/task.js';
import type { Artefact } from '../config/matrix.js';

/**
 * Models whose repository for Triton is not delivered though some of their artefacts are: a repository is one whole, and is linted as one.
 * Each line says whose failure it was, and how to serve the others.
 */
export function withheldRepositories(
  { deliveries }: Pick<Plan, 'deliveries'>,
  artefacts: readonly Artefact[],
  { tasks }: Pick<BuildOutcome, 'tasks'>,
): readonly string[] {
  const lines: string[] = [];
  for (const model of new Set(artefacts.map(artefact => artefact.model))) {
    const repository = deliveries.find(({ task }) => task === `${model}/triton`);
    if (!repository) continue;
    const causes = [...repository.gates, repository.task].flatMap(id => causeOf(id, tasks.get(id)));
    const [cause] = causes;
    if (cause === undefined) continue;
    const valid = artefacts.filter(
      ({ model: of, id }) => of === model && isDone(tasks.get(`${id}/validate` as TaskId)),
    );
    if (valid.length === 0) continue;
    lines.push(
      `${model} is not in the Triton repository: ${cause} failed; without it: td build ${valid.map(({ id }) => id).join(' ')}`,
    );
  }
  return lines;
}

const causeOf = (id: TaskId, outcome: TaskOutcome | undefined): readonly TaskId[] =>
  outcome?.status === 'failed' ? [id] : outcome?.status === 'skipped' ? [outcome.because] : [];

const isDone = (outcome: TaskOutcome | undefined): boolean =>
  outcome !== undefined && ['run', 'reused', 'unneeded'].includes(outcome.status);
