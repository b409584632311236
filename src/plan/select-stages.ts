import type { Delivery, Plan, Source, Task, TaskId } from '../build/task.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import { STAGES } from './stage-tasks.js';

/**
 * The part of a plan that `--only` and `--skip` leave. `only` makes these stages the goals, and what they need stays;
 * `skip` takes stages out, which is refused when something that stays reads what they make.
 */
export function selectStages(
  plan: Plan,
  { only, skip }: { readonly only: readonly string[]; readonly skip: readonly string[] },
): Result<Plan, Failure> {
  for (const [option, names] of [
    ['--only', only],
    ['--skip', skip],
  ] as const) {
    const unknown = names.find(name => !(STAGES as readonly string[]).includes(name));
    if (unknown !== undefined) return fail(unknownStage(option, unknown));
  }
  // What is deployed is the repository.
  const skipped = skip.includes('triton') ? [...skip, 'deploy'] : skip;
  const stays = (id: TaskId): boolean => !skipped.includes(plan.tasks.get(id)!.stage);
  const tasks = new Map<TaskId, Task>();
  for (const task of plan.tasks.values()) {
    if (!stays(task.id)) continue;
    const inputs = withoutSkipped(task, stays);
    if (!inputs.ok) return inputs;
    const { after, ...rest } = task;
    const gates = after?.filter(stays) ?? [];
    tasks.set(task.id, { ...rest, inputs: inputs.value, ...(gates.length > 0 ? { after: gates } : {}) });
  }
  const isGoal = (id: TaskId): boolean => tasks.has(id) && (only.length === 0 || only.includes(tasks.get(id)!.stage));
  return ok({
    tasks,
    goals: (only.length === 0 ? plan.goals : [...tasks.keys()]).filter(isGoal),
    deliveries: plan.deliveries
      .filter(delivery => isGoal(wholeOf(delivery, plan)))
      .map(delivery => ({ ...delivery, gates: delivery.gates.filter(stays) })),
  });
}

/**
 * The task that a delivery is asked for with: its own, or that of the whole which it is a part of, as weights are of a
 * Triton repository. A verdict is a gate too, and nobody's whole.
 */
const wholeOf = ({ task, gates }: Delivery, plan: Plan): TaskId =>
  gates.find(gate => plan.tasks.get(gate)!.stage !== 'validate') ?? task;

/** A report is made of whatever there is; every other stage needs all its inputs. */
function withoutSkipped(task: Task, stays: (id: TaskId) => boolean): Result<Readonly<Record<string, Source>>, Failure> {
  const inputs: Record<string, Source> = {};
  for (const [name, source] of Object.entries(task.inputs)) {
    if (source.from === 'files' || stays(source.task)) {
      inputs[name] = source;
    } else if (task.stage !== 'report') {
      return fail(
        usageFailure('stage-needed', `${task.id} reads what ${source.task} makes, so that cannot be skipped`, {
          where: '--skip',
          fix: `skip ${task.stage} too, or skip neither`,
        }),
      );
    }
  }
  return ok(inputs);
}

function unknownStage(option: string, name: string): Failure {
  const meant = nearest(name, STAGES);
  return usageFailure('unknown-stage', `there is no stage '${name}'`, {
    where: option,
    expected: `one of ${STAGES.join(', ')}`,
    ...(meant ? { fix: `did you mean '${meant}'?` } : {}),
  });
}
