import { setMaxListeners } from 'node:events';
import { type Failure, type FailureKind, interrupted } from '../util/failure.js';
import type { Corruption } from './content-store.js';
import { copyAhead } from './copy-ahead.js';
import { deliver } from './deliver.js';
import { outputsDue } from './delivery-order.js';
import type { BuildEvent, BuildSummary, ReuseLevel } from './events.js';
import { Executor, type Settled } from './executor.js';
import { fileSystemFailure } from './file-system-failure.js';
import { KnownResults } from './known-results.js';
import { readManifest } from './manifest.js';
import { PlanGraph } from './plan-graph.js';
import { recallUpstream } from './recall.js';
import { RunLog } from './run-log.js';
import { openStores, type Stores } from './stores.js';
import type { Plan, TaskId } from './task.js';

export interface BuildOptions {
  readonly plan: Plan;
  /** Folder of the config file; `.td` is kept there. */
  readonly workspace: string;
  readonly cacheDirectory: string;
  readonly outDir: string;
  /** Tasks at a time. */
  readonly jobs: number;
  /** Tasks run together only while the sum of their `resources.memoryMiB` fits. */
  readonly memoryLimitMiB: number;
  /** Go on with what does not depend on a failure. Otherwise nothing new is started after one. */
  readonly keepGoing?: boolean;
  /** Run these again though their results are known ('all': every task of the goals). A new result replaces the old one. */
  readonly force?: 'all' | ReadonlySet<TaskId>;
  /** The plan is a selection of the workspace's: files that other tasks delivered earlier stay in outDir and manifest. */
  readonly partial?: boolean;
  /** Part of every key: set to disown every earlier result. */
  readonly salt?: string;
  /** After a build that ran something, the cache is brought below this size. */
  readonly maxCacheBytes?: number;
  /** Module that exports `loadStage(name: string): Promise<Stage>`; loaded in worker processes only. */
  readonly registry: URL;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
}

export type TaskOutcome =
  | { readonly status: 'run'; readonly milliseconds: number }
  | { readonly status: 'reused'; readonly level: ReuseLevel }
  | { readonly status: 'unneeded' }
  | { readonly status: 'failed'; readonly failure: Failure }
  | { readonly status: 'skipped'; readonly because: TaskId }
  /** The build was interrupted before it was known. */
  | { readonly status: 'unknown' };

export interface BuildOutcome {
  readonly tasks: ReadonlyMap<TaskId, TaskOutcome>;
  /** Failures of tasks in plan order, then of the delivery. */
  readonly failures: readonly Failure[];
  readonly summary: BuildSummary;
  /** Undefined: all goals reached and delivered. Else the kind whose exit code the process gives. */
  readonly failed?: FailureKind;
}

/** Brings outDir to what the plan says, running as little as possible. Expected failures are in the outcome. */
export async function runBuild(options: BuildOptions): Promise<BuildOutcome> {
  const build = new Build(options);
  try {
    return await build.run();
  } finally {
    await build.close();
  }
}

class Build {
  private readonly started = performance.now();
  private readonly log: RunLog;
  private readonly graph: PlanGraph;
  private readonly stores: Stores;
  private readonly known: KnownResults;
  private readonly executor: Executor;
  private readonly signal: AbortSignal;
  private readonly roots: readonly TaskId[];
  private readonly corruptions: Corruption[] = [];
  private readonly written = { delivered: 0, removed: 0, bytes: 0 };

  constructor(private readonly options: BuildOptions) {
    const { plan, workspace, cacheDirectory, salt, force } = options;
    this.log = new RunLog(workspace);
    this.graph = new PlanGraph(plan);
    this.signal = options.signal ?? new AbortController().signal;
    setMaxListeners(0, this.signal); // one for each task that waits or runs: no leak, so no warning of one
    this.stores = openStores(cacheDirectory, workspace, {
      onCorruption: corruption => this.corruptions.push(corruption),
      onDegraded: reason => this.warnReadOnly(reason),
    });
    this.known = new KnownResults(this.graph, this.stores, salt);
    const forced = force === 'all' ? this.graph.closure(this.graph.roots) : [...(force ?? [])];
    this.roots = [...new Set([...this.graph.roots, ...forced])];
    this.executor = new Executor(this.graph, this.known, this.stores, {
      jobs: options.jobs,
      memoryLimitMiB: options.memoryLimitMiB,
      keepGoing: options.keepGoing ?? false,
      force: new Set(forced),
      registry: options.registry,
      signal: this.signal,
      emit: event => this.emit(event),
      makeRoom: () => this.collectGarbage(0),
      onRun: (task, outputs) => copyAhead(plan, options.outDir, task, outputs, this.stores),
    });
  }

  async run(): Promise<BuildOutcome> {
    const { plan } = this.options;
    this.emit({ type: 'plan', run: this.log.id, tasks: plan.tasks.size, goals: plan.goals });
    await this.known.readFiles(this.graph.closure(this.roots), () => this.executor.expectWork());
    await this.executor.settleAll(this.roots);
    const failures = this.signal.aborted ? [] : await this.deliverOutputs();
    await this.executor.close();
    if (!this.signal.aborted) recallUpstream(this.graph, this.known, this.stores, id => this.executor.outcome(id));
    this.tellCorruptions();
    if (this.executor.ran.size > 0) await this.collectGarbage(this.options.maxCacheBytes);
    return this.outcome(failures);
  }

  async close(): Promise<void> {
    await this.executor.close();
    await this.stores.close();
    this.log.close();
  }

  /** Delivers what succeeded; outputs that the cache has lost are made again first. */
  private async deliverOutputs(): Promise<readonly Failure[]> {
    const { plan, workspace, outDir, partial } = this.options;
    for (;;) {
      const manifest = readManifest(outDir);
      const settled = (id: TaskId) => this.executor.outcome(id);
      const due = outputsDue(plan, settled, manifest.ok ? manifest.value : [], partial ?? false);
      const emit = (event: BuildEvent) => this.emit(event);
      const outcome = await deliver({ workspace, outDir, ...due, signal: this.signal, emit }, this.stores);
      switch (outcome.status) {
        case 'done':
          this.written.delivered += outcome.delivered;
          this.written.removed += outcome.removed;
          this.written.bytes = outcome.bytes;
          return due.failures;
        case 'failed':
          return [...due.failures, outcome.failure];
        case 'lost':
          await Promise.all(outcome.tasks.map(id => this.executor.heal(id)));
          await this.executor.settleAll(this.roots);
          if (this.signal.aborted) return [];
      }
    }
  }

  private outcome(deliveryFailures: readonly Failure[]): BuildOutcome {
    const tasks = new Map<TaskId, TaskOutcome>();
    for (const id of this.graph.closure(this.roots)) {
      const settled = this.executor.outcome(id);
      tasks.set(id, settled ? this.taskOutcome(id, settled) : { status: this.signal.aborted ? 'unknown' : 'unneeded' });
    }
    const failures = [...[...tasks.values()].flatMap(task => (task.status === 'failed' ? [task.failure] : []))];
    failures.push(...deliveryFailures);
    if (this.signal.aborted) failures.push(interrupted());
    const summary = this.summarise(tasks);
    this.emit({ type: 'summary', summary });
    const kind = failures.some(({ kind }) => kind === 'interrupted') ? 'interrupted' : failures[0]?.kind;
    return { tasks, failures, summary, ...(kind ? { failed: kind } : {}) };
  }

  private taskOutcome(id: TaskId, settled: Settled): TaskOutcome {
    if (settled.status === 'skipped') return { status: 'skipped', because: settled.because };
    if (settled.status !== 'done') return settled;
    const milliseconds = this.executor.ran.get(id);
    if (milliseconds !== undefined) return { status: 'run', milliseconds };
    const { level } = settled.answer;
    return { status: 'reused', level: level === 'run' ? 'action' : level };
  }

  private summarise(tasks: ReadonlyMap<TaskId, TaskOutcome>): BuildSummary {
    const count = (status: TaskOutcome['status']) => [...tasks.values()].filter(task => task.status === status).length;
    let savedMilliseconds = 0;
    for (const [id, { status }] of tasks) {
      const settled = this.executor.outcome(id);
      if (status === 'reused' && settled?.status === 'done') savedMilliseconds += settled.answer.cost.milliseconds;
    }
    return {
      run: count('run'),
      reused: count('reused'),
      unneeded: count('unneeded'),
      failed: count('failed'),
      skipped: count('skipped'),
      ...this.written,
      milliseconds: Math.round(performance.now() - this.started),
      savedMilliseconds,
    };
  }

  private tellCorruptions(): void {
    for (const { path, expected, actual, size } of this.corruptions) {
      if (this.stores.content.has({ digest: expected, size })) {
        this.emit({ type: 'healed', what: 'blob', path, expected, actual });
      } else {
        const message = `a file in the cache was not what its name says, and was put aside: ${path}`;
        this.emit({ type: 'warning', code: 'cache-corrupt', message });
      }
    }
    if (this.stores.state.problem !== undefined) {
      const message = `the workspace cannot be written, so that nothing can be explained later: ${this.stores.state.problem}`;
      this.emit({ type: 'warning', code: 'workspace-read-only', message });
    }
  }

  private warnReadOnly(reason: string): void {
    this.emit({
      type: 'warning',
      code: 'cache-read-only',
      message: `the cache cannot be written, so that new results are not kept: ${reason}`,
      fix: `make ${this.options.cacheDirectory} a folder that this user may write, or set cache.directory`,
    });
  }

  private async collectGarbage(maxBytes: number | undefined): Promise<void> {
    if (this.stores.directory.isDegraded) return;
    try {
      if (maxBytes === undefined) {
        const { sweepLeftovers } = await import('./janitor.js');
        await sweepLeftovers(this.stores.directory.primary);
      } else {
        const { collectGarbage } = await import('./gc.js');
        await collectGarbage(this.options.cacheDirectory, { maxBytes });
      }
    } catch (error) {
      const { message } = fileSystemFailure(error, 'clean up the cache', this.options.cacheDirectory);
      this.emit({ type: 'warning', code: 'cache-clean-up', message });
    }
  }

  private emit(event: BuildEvent): void {
    this.log.write(event);
    this.options.onEvent?.(event);
  }
}
