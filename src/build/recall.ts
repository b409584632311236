import { treeDigest } from './action.js';
import type { Settled } from './executor.js';
import { type Answer, type KnownResults, stateOf } from './known-results.js';
import type { PlanGraph } from './plan-graph.js';
import type { Basis } from './result.js';
import type { Stores } from './stores.js';
import type { TaskId, Tree } from './task.js';

/**
 * A result that the cache knows by its plan key is taken without a look upstream. What is upstream of it may then stand in
 * the workspace's state as an earlier build left it: after a change and its revert, as the change did. This writes down
 * what the result really rests on, so that an explanation compares with this build. `outcome` is how each task settled.
 */
export function recallUpstream(
  graph: PlanGraph,
  known: KnownResults,
  { state }: Stores,
  outcome: (id: TaskId) => Settled | undefined,
): void {
  const recalled = new Map<TaskId, Answer | undefined>();

  const answerOf = (id: TaskId, basis: Basis): Answer | undefined => {
    const settled = outcome(id);
    if (settled) return settled.status === 'done' ? settled.answer : undefined;
    if (!recalled.has(id)) {
      const plan = known.plan(id);
      const answer = plan.ok ? known.byPlan(id, plan.value) : undefined;
      const holds = answer !== undefined && basis[answer.plan] === answer.result;
      recalled.set(id, holds ? answer : undefined);
      if (holds) recall(id, answer);
    }
    return recalled.get(id);
  };

  const recall = (id: TaskId, answer: Answer): void => {
    const inputs: Record<string, Tree> = { ...answer.inputs };
    for (const { input, task, output } of graph.upstreams(id)) {
      const tree = answerOf(task, answer.basis)?.outputs[output];
      if (tree !== undefined && treeDigest(tree) === answer.action.inputs[input]) inputs[input] = tree;
    }
    if (answer.level === 'state') return;
    state.put({ ...stateOf(id, answer), inputs });
  };

  for (const id of graph.plan.tasks.keys()) {
    const settled = outcome(id);
    if (settled?.status === 'done' && settled.answer.level === 'deep' && !settled.answer.unsure)
      recall(id, settled.answer);
  }
}
