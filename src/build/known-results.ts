import type { Digest } from '../util/digest.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import {
  type Action,
  type ActionKey,
  actionKey,
  actionOf,
  type PlanKey,
  type PlannedInput,
  planKey,
  resultDigest,
  type TreeDigest,
  treeDigest,
} from './action.js';
import type { ReuseLevel } from './events.js';
import type { PlanGraph } from './plan-graph.js';
import type { ActionRecord, Basis, StateRecord } from './result.js';
import type { Stores } from './stores.js';
import type { FileNode, TaskId, Tree } from './task.js';

/** What a task gives, and how that is known. The trees of `inputs` are there as far as they were looked at. */
export interface Answer extends Omit<StateRecord, 'schema' | 'task'> {
  readonly level: ReuseLevel | 'run';
  /** Rests on a file that changed while it was read: good for this build only, and never recorded by its plan key. */
  readonly unsure: boolean;
}

/** What the workspace keeps of an answer. */
export function stateOf(task: TaskId, answer: Answer): StateRecord {
  const { plan, key, action, inputs, outputs, result, basis, cost } = answer;
  return { schema: 1, task, plan, key, action, inputs, outputs, result, basis, cost };
}

/** Answers without running anything: plan keys from the user's files, results from workspace and cache. */
export class KnownResults {
  private readonly plans = new Map<TaskId, Result<PlanKey, Failure>>();

  constructor(
    private readonly graph: PlanGraph,
    private readonly stores: Stores,
    private readonly salt: string | undefined,
  ) {}

  /** Looks at the user's files that these tasks read. To be done before anything is asked. */
  async readFiles(tasks: Iterable<TaskId>, onMuchToRead?: () => void): Promise<void> {
    const paths: string[] = [];
    for (const id of tasks) {
      for (const source of Object.values(this.graph.task(id).inputs)) {
        if (source.from === 'files') paths.push(...Object.values(source.files));
      }
    }
    await this.stores.files.read(paths, onMuchToRead);
  }

  plan(id: TaskId): Result<PlanKey, Failure> {
    let plan = this.plans.get(id);
    if (!plan) {
      plan = this.computePlan(id);
      this.plans.set(id, plan);
    }
    return plan;
  }

  /** By the plan key: no look at what is upstream. */
  byPlan(id: TaskId, plan: PlanKey): Answer | undefined {
    const state = this.stores.state.get(id);
    if (state?.plan === plan) {
      if (this.stores.state.isDueForTouch(id)) this.stores.actions.touch(state.key, plan);
      return { ...state, level: 'state', unsure: false };
    }
    const deep = this.stores.actions.getDeep(plan);
    const record = deep && this.stores.actions.get(deep.key);
    if (!record) return undefined;
    this.stores.actions.touch(record.key, plan);
    const inputs = this.ownInputs(id);
    return this.answer(plan, record, inputs, deep.basis, 'deep');
  }

  answer(plan: PlanKey, record: ActionRecord, inputs: Answer['inputs'], basis: Basis, level: Answer['level']): Answer {
    const { key, action, outputs, cost } = record;
    return { plan, key, action, inputs, outputs, result: resultDigest(outputs), basis, cost, level, unsure: false };
  }

  /** The action that a task comes to when its upstreams gave these answers; inputs in `without` are left out. */
  action(id: TaskId, upstream: ReadonlyMap<TaskId, Answer>, without: ReadonlySet<string> = new Set()): DerivedAction {
    const task = this.graph.task(id);
    const inputs: Record<string, Tree> = { ...this.ownInputs(id) };
    const basis: Record<PlanKey, Digest> = {};
    let unsure = false;
    for (const { input, task: from, output } of this.graph.upstreams(id)) {
      if (without.has(input)) continue;
      const answer = upstream.get(from)!;
      inputs[input] = answer.outputs[output]!;
      unsure ||= answer.unsure;
      Object.assign(basis, answer.basis);
      basis[answer.plan] = answer.result;
    }
    const digests = Object.entries(inputs).map(([name, tree]): [string, TreeDigest] => [name, treeDigest(tree)]);
    const action = actionOf(task, Object.fromEntries(digests), this.salt);
    return { action, key: actionKey(action), inputs, basis, unsure };
  }

  /** Inputs that are the user's files. */
  private ownInputs(id: TaskId): Readonly<Record<string, Tree>> {
    const trees: [string, Tree][] = [];
    for (const [name, source] of Object.entries(this.graph.task(id).inputs)) {
      if (source.from !== 'files') continue;
      const tree = this.tree(source.files);
      if (tree.ok) trees.push([name, tree.value]);
    }
    return Object.fromEntries(trees);
  }

  private tree(files: Readonly<Record<string, string>>): Result<Tree, Failure> {
    const nodes: [string, FileNode][] = [];
    for (const [inside, path] of Object.entries(files)) {
      const node = this.stores.files.get(path);
      if (!node.ok) return node;
      nodes.push([inside, node.value]);
    }
    return ok(Object.fromEntries(nodes));
  }

  private computePlan(id: TaskId): Result<PlanKey, Failure> {
    const task = this.graph.task(id);
    const inputs: [string, PlannedInput][] = [];
    for (const [name, source] of Object.entries(task.inputs)) {
      if (source.from === 'files') {
        const tree = this.tree(source.files);
        if (!tree.ok) return fail(tree.error);
        inputs.push([name, { tree: treeDigest(tree.value) }]);
      } else {
        const upstream = this.plan(source.task);
        if (!upstream.ok) return upstream;
        inputs.push([name, { plan: upstream.value, output: source.output }]);
      }
    }
    return ok(planKey(task, Object.fromEntries(inputs), this.salt));
  }
}

export interface DerivedAction {
  readonly action: Action;
  readonly key: ActionKey;
  readonly inputs: Readonly<Record<string, Tree>>;
  readonly basis: Basis;
  readonly unsure: boolean;
}
