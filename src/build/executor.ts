import { type Failure, integrityFailure } from '../util/failure.js';
import type { ActionKey, PlanKey } from './action.js';
import { ActionRunner, isIntact, type RunnerOptions } from './action-runner.js';
import { contradictions } from './contradictions.js';
import { errorCode } from './file-system-failure.js';
import { type Answer, type DerivedAction, type KnownResults, stateOf } from './known-results.js';
import { locateInputs } from './locate-inputs.js';
import type { PlanGraph } from './plan-graph.js';
import type { ActionRecord } from './result.js';
import type { Stores } from './stores.js';
import type { TaskId, Tree } from './task.js';

/** Where a task stands at the end. */
export type Settled =
  | { readonly status: 'done'; readonly answer: Answer }
  | { readonly status: 'failed'; readonly failure: Failure }
  /** `stopped`: it could have run, but the build does not go on after a failure. */
  | { readonly status: 'skipped'; readonly because: TaskId; readonly stopped: boolean }
  /** Interrupted before it was known. */
  | { readonly status: 'unknown' };

export interface ExecutorOptions extends RunnerOptions {
  readonly keepGoing: boolean;
  readonly force: ReadonlySet<TaskId>;
  /** A task has run and its result is stored. */
  onRun?(task: TaskId, outputs: Readonly<Record<string, Tree>>): void;
}

/** How often one task's lost outputs are made again before the cache is called unusable. */
const MOST_HEALS = 3;

/**
 * Answers what tasks give, from records where it can, by running them where it must. It starts at what is asked for:
 * a task whose result is known never looks upstream.
 */
export class Executor {
  /** What each task that ran took, in milliseconds. */
  readonly ran = new Map<TaskId, number>();
  private readonly settling = new Map<TaskId, Promise<Settled>>();
  private readonly settled = new Map<TaskId, Settled>();
  /** Results of this build that the cache does not give: of forced tasks, and of tasks whose inputs changed. */
  private readonly own = new Map<ActionKey, { readonly record: ActionRecord; readonly kept: boolean }>();
  private readonly running = new Map<ActionKey, Promise<unknown>>();
  private readonly heals = new Map<TaskId, number>();
  private readonly healing = new Map<TaskId, Promise<Settled>>();
  /** Their records by plan key rest on something that turned out otherwise in this build. */
  private readonly distrusted = new Set<TaskId>();
  private readonly announced = new Set<TaskId>();
  private readonly runner: ActionRunner;
  private firstFailure: TaskId | undefined;

  constructor(
    private readonly graph: PlanGraph,
    private readonly known: KnownResults,
    private readonly stores: Stores,
    private readonly options: ExecutorOptions,
  ) {
    this.runner = new ActionRunner(stores, options);
  }

  /** Settles these tasks and what they need, until all answers rest on the same upstream results. */
  async settleAll(roots: readonly TaskId[]): Promise<void> {
    do await Promise.all(roots.map(id => this.settle(id)));
    while (this.dropContradictions());
  }

  /** Undefined: nobody asked for it. */
  outcome(id: TaskId): Settled | undefined {
    return this.settled.get(id);
  }

  /** Makes the lost outputs of a task again. The answer may then be another one. */
  async heal(id: TaskId): Promise<void> {
    let healing = this.healing.get(id);
    if (!healing) {
      healing = this.healOnce(id).finally(() => this.healing.delete(id));
      this.healing.set(id, healing);
      this.remember(id, healing);
    }
    await healing;
  }

  /** Something has changed: workers start while the rest is found out. */
  expectWork(): void {
    this.runner.startWorkers();
  }

  close(): Promise<void> {
    return this.runner.close();
  }

  private settle(id: TaskId): Promise<Settled> {
    return this.settling.get(id) ?? this.remember(id, this.decide(id));
  }

  private remember(id: TaskId, promise: Promise<Settled>): Promise<Settled> {
    const recorded = promise.then(settled => {
      this.settled.set(id, settled);
      return settled;
    });
    this.settling.set(id, recorded);
    return recorded;
  }

  private async healOnce(id: TaskId): Promise<Settled> {
    const heals = (this.heals.get(id) ?? 0) + 1;
    this.heals.set(id, heals);
    if (heals <= MOST_HEALS) return this.derive(id, true);
    return this.fail(
      id,
      integrityFailure('cache-unstable', 'stored outputs of a task vanish or change again and again', {
        where: id,
        fix: `check the disk of ${this.stores.directory.path}, or use another cache directory`,
      }),
    );
  }

  private async decide(id: TaskId): Promise<Settled> {
    if (this.options.signal.aborted) return { status: 'unknown' };
    const obstacle = await this.obstacle(this.graph.gates(id));
    if (obstacle) return this.skip(id, obstacle);
    const plan = this.known.plan(id);
    if (!plan.ok) {
      const upstream = await this.obstacle(this.graph.upstreams(id).map(({ task }) => task));
      return upstream ? this.skip(id, upstream) : this.fail(id, plan.error);
    }
    if (!this.options.force.has(id) && !this.distrusted.has(id)) {
      const answer = this.known.byPlan(id, plan.value);
      if (answer) return this.reuse(id, answer);
    }
    return this.derive(id, false);
  }

  /** The first of these tasks that did not succeed. */
  private async obstacle(ids: readonly TaskId[]): Promise<{ id: TaskId; settled: Settled } | undefined> {
    const all = await Promise.all(ids.map(id => this.settle(id)));
    const index = all.findIndex(({ status }) => status !== 'done');
    return index < 0 ? undefined : { id: ids[index]!, settled: all[index]! };
  }

  /** By the contents of the inputs: what upstream gave decides. `intact`: an answer whose bytes are all there. */
  private async derive(id: TaskId, intact: boolean): Promise<Settled> {
    for (;;) {
      const upstreams = this.graph.upstreams(id).map(({ task }) => task);
      const answers = new Map<TaskId, Answer>();
      for (const [index, settled] of (await Promise.all(upstreams.map(from => this.settle(from)))).entries()) {
        if (settled.status !== 'done') return this.skip(id, { id: upstreams[index]!, settled });
        answers.set(upstreams[index]!, settled.answer);
      }
      const plan = this.known.plan(id);
      if (!plan.ok) return this.fail(id, plan.error);
      const derived = this.known.action(id, answers);
      const record = await this.findRecord(id, derived.key, intact);
      if (record) return this.adopt(id, plan.value, derived, record, 'action');

      // Another task may be the same action.
      const other = this.running.get(derived.key);
      if (other) {
        await other;
        continue;
      }
      const execution = this.execute(id, plan.value, derived, intact).finally(() => this.running.delete(derived.key));
      this.running.set(derived.key, execution);
      const settled = await execution;
      if (settled !== 'inputs-lost') return settled;
    }
  }

  private async findRecord(id: TaskId, key: ActionKey, intact: boolean): Promise<ActionRecord | undefined> {
    const own = this.own.get(key)?.record;
    const record = own ?? (this.options.force.has(id) ? undefined : this.stores.actions.get(key));
    return record && (!intact || (await isIntact(this.stores, record.outputs))) ? record : undefined;
  }

  private async execute(
    id: TaskId,
    plan: PlanKey,
    derived: DerivedAction,
    intact: boolean,
  ): Promise<Settled | 'inputs-lost'> {
    const { lacks } = this.graph.task(id);
    if (lacks) return this.lack(id, lacks);
    const isStopped = () => this.firstFailure !== undefined && !this.options.keepGoing;
    if (isStopped()) return this.stop(id);
    const task = this.graph.task(id);
    const inputs = await locateInputs(task, derived, this.stores.content);
    if ('lost' in inputs) {
      await Promise.all(inputs.lost.map(upstream => this.heal(upstream)));
      return 'inputs-lost';
    }
    const cost = this.stores.state.get(id)?.cost;
    this.options.emit({ type: 'queued', task: id, ...(cost ? { milliseconds: cost.milliseconds } : {}) });
    const outcome = await this.runner.run({
      task,
      derived,
      inputs: inputs.paths,
      forced: this.options.force.has(id),
      findRecord: () => this.findRecord(id, derived.key, intact),
      isStopped,
      onFailure: () => {
        this.firstFailure ??= id;
      },
      inputsAreIntact: async () => 'paths' in (await locateInputs(task, derived, this.stores.content)),
    });
    switch (outcome.status) {
      case 'failed':
        return this.fail(id, outcome.failure);
      case 'stopped':
        return this.stop(id);
      case 'interrupted':
        return { status: 'unknown' };
      case 'inputs-lost':
        return outcome.status;
      case 'found':
        return this.adopt(id, plan, derived, outcome.record, 'action');
      case 'ran': {
        const { record, kept } = outcome;
        this.ran.set(id, record.cost.milliseconds);
        this.options.onRun?.(id, record.outputs);
        if (!kept || this.options.force.has(id)) this.own.set(derived.key, { record, kept });
        return this.adopt(id, plan, derived, record, 'run');
      }
    }
  }

  private async adopt(
    id: TaskId,
    plan: PlanKey,
    derived: DerivedAction,
    record: ActionRecord,
    level: 'action' | 'run',
  ): Promise<Settled> {
    const unsure = derived.unsure || this.own.get(record.key)?.kept === false;
    const answer: Answer = { ...this.known.answer(plan, record, derived.inputs, derived.basis, level), unsure };
    if (level === 'action') this.stores.actions.touch(record.key, plan);
    if (!unsure) await this.putDeep(answer);
    return level === 'run' ? this.done(id, answer) : this.reuse(id, answer);
  }

  private async putDeep({ plan, key, basis }: Answer): Promise<void> {
    try {
      const work = this.stores.directory.workFolder();
      if (work.ok) await this.stores.actions.putDeep({ schema: 1, plan, key, basis });
    } catch (error) {
      // Without it the next build looks upstream: slower, not wrong.
      if (errorCode(error) === undefined) throw error;
    }
  }

  private reuse(id: TaskId, answer: Answer): Settled {
    if (!this.announced.has(id) && !this.ran.has(id) && answer.level !== 'run') {
      this.announced.add(id);
      const { level, key: action, cost } = answer;
      this.options.emit({ type: 'reused', task: id, level, action, milliseconds: cost.milliseconds });
    }
    return this.done(id, answer);
  }

  private done(id: TaskId, answer: Answer): Settled {
    if (answer.level !== 'state' && !answer.unsure) this.stores.state.put(stateOf(id, answer));
    return { status: 'done', answer };
  }

  private fail(id: TaskId, failure: Failure): Settled {
    if (failure.kind === 'interrupted') return { status: 'unknown' };
    this.firstFailure ??= id;
    this.options.emit({ type: 'failed', task: id, failure });
    return { status: 'failed', failure };
  }

  /** The machine is not the one for it: no reason for anything else to stop. */
  private lack(id: TaskId, failure: Failure): Settled {
    this.options.emit({ type: 'failed', task: id, failure });
    return { status: 'failed', failure };
  }

  private stop(id: TaskId): Settled {
    const because = this.firstFailure!;
    this.options.emit({ type: 'skipped', task: id, because });
    return { status: 'skipped', because, stopped: true };
  }

  private skip(id: TaskId, obstacle: { id: TaskId; settled: Settled }): Settled {
    const { settled } = obstacle;
    if (settled.status === 'unknown') return settled;
    const skipped: Settled =
      settled.status === 'skipped' ? settled : { status: 'skipped', because: obstacle.id, stopped: false };
    if (skipped.status === 'skipped') this.options.emit({ type: 'skipped', task: id, because: skipped.because });
    return skipped;
  }

  /**
   * Two answers must not rest on different results of the same upstream. One that does is forgotten and derived anew
   * from what upstream really gave; true when there was one.
   */
  private dropContradictions(): boolean {
    const answers = new Map<TaskId, Answer>();
    for (const [id, settled] of this.settled) if (settled.status === 'done') answers.set(id, settled.answer);
    const wrong = contradictions(answers);
    for (const id of wrong) {
      this.distrusted.add(id);
      this.settling.delete(id);
      this.settled.delete(id);
    }
    return wrong.size > 0;
  }
}
