import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { BuildEvent } from './events.js';
import type { Settled } from './executor.js';
import type { Answer } from './known-results.js';
import { isInside, MANIFEST, type ManifestFile, SUMS } from './manifest.js';
import type { Delivery, FileNode, Plan, TaskId } from './task.js';

/** What the output folder is to become. */
export interface DeliveryOrder {
  readonly workspace: string;
  readonly outDir: string;
  /** What the folder must hold, with the entries of files that stay as an earlier build left them. */
  readonly files: readonly ManifestFile[];
  /** Paths among them that this build knows nothing new about: left alone, and listed as before. */
  readonly untouched: ReadonlySet<string>;
  /** Earlier files that go because a gate failed; all others that go are just not delivered any more. */
  readonly withheld: ReadonlySet<string>;
  readonly signal: AbortSignal;
  emit(event: BuildEvent): void;
}

export interface OutputsDue extends Pick<DeliveryOrder, 'files' | 'untouched' | 'withheld'> {
  readonly failures: readonly Failure[];
}

/**
 * What the output folder must hold after a build: the files of deliveries whose task and gates succeeded. What failed,
 * or whose gate failed, goes away. What the build did not get to know stays as it is, and so does, in a partial build,
 * what none of the plan's deliveries is about.
 */
export function outputsDue(
  plan: Plan,
  settled: (id: TaskId) => Settled | undefined,
  earlier: readonly ManifestFile[],
  partial: boolean,
): OutputsDue {
  const files = new Map<string, ManifestFile>();
  const untouched = new Set<string>();
  const withheld = new Set<string>();
  const failures: Failure[] = [];
  const leave = (entry: ManifestFile) => {
    if (files.has(entry.path)) return;
    files.set(entry.path, entry);
    untouched.add(entry.path);
  };

  for (const delivery of plan.deliveries) {
    checkTarget(delivery.to);
    const state = stateOf([delivery.task, ...delivery.gates].map(settled));
    const before = earlier.filter(({ path }) => path === delivery.to || path.startsWith(`${delivery.to}/`));
    if (state === 'undecided') before.forEach(leave);
    if (state === 'failed') for (const { path } of before) withheld.add(path);
    if (state !== 'done') continue;
    const task = settled(delivery.task);
    if (task?.status !== 'done') continue;
    const expanded = filesOf(delivery, task.answer);
    if (!expanded.ok) failures.push(expanded.error);
    for (const [path, node] of expanded.ok ? expanded.value : []) {
      const double = files.get(path);
      if (double && !untouched.has(path))
        throw new Error(`delivered twice: ${path} by ${double.task} and ${delivery.task}`);
      untouched.delete(path);
      files.set(path, entryOf(path, node, delivery, task.answer));
    }
  }
  if (partial) {
    const elsewhere = earlier.filter(entry => !isCovered(entry, plan.deliveries) && !withheld.has(entry.path));
    elsewhere.forEach(leave);
  }
  return { files: [...files.values()], untouched, withheld, failures };
}

/** A task may run only because another needs its outputs: what it delivered earlier is then nobody's business. */
const isCovered = ({ task, path }: ManifestFile, deliveries: readonly Delivery[]): boolean =>
  deliveries.some(({ task: by, to }) => by === task && (path === to || path.startsWith(`${to}/`)));

function stateOf(all: readonly (Settled | undefined)[]): 'done' | 'failed' | 'undecided' {
  if (all.every(settled => settled?.status === 'done')) return 'done';
  const hasFailed = all.some(
    settled => settled?.status === 'failed' || (settled?.status === 'skipped' && !settled.stopped),
  );
  return hasFailed ? 'failed' : 'undecided';
}

function checkTarget(to: string): void {
  if (!isInside(to) || to === MANIFEST || to === SUMS) throw new Error(`not a place in the output folder: ${to}`);
}

const entryOf = (path: string, node: FileNode, { task, labels }: Delivery, answer: Answer): ManifestFile => ({
  path,
  sha256: node.digest,
  size: node.size,
  task,
  action: answer.key,
  labels,
  tools: answer.action.tools,
});

function filesOf(delivery: Delivery, answer: Answer): Result<[string, FileNode][], Failure> {
  const { task, output, from, to } = delivery;
  const tree = answer.outputs[output];
  if (!tree) throw new Error(`no output of ${task}: ${output}`);
  const single = tree[from];
  if (single) return ok([[to, single]]);
  const prefix = from === '' ? '' : `${from}/`;
  const inside = Object.entries(tree).filter(([path]) => path.startsWith(prefix));
  if (inside.length > 0 || from === '') {
    return ok(inside.map(([path, node]) => [`${to}/${path.slice(prefix.length)}`, node]));
  }
  const names = Object.keys(tree);
  return fail(
    taskFailure('delivery-missing', 'a task succeeded without a file that is to be delivered', {
      where: task,
      expected: `${output}/${from}`,
      found: names.slice(0, 10).join(', ') + (names.length > 10 ? ', ...' : ''),
    }),
  );
}
