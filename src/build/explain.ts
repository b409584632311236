import type { Failure } from '../util/failure.js';
import { canonicalJson, isObject, type Json } from '../util/json.js';
import type { Action } from './action.js';
import type { ReuseLevel } from './events.js';
import type { Cost, StateRecord } from './result.js';
import type { TaskId, Tree } from './task.js';

/** One reason why a task would run, or was not needed to. The field's path is that of the action: 'params.tolerance.fp32'. */
export type Reason =
  /** This workspace has no success of the task to compare with. */
  | { readonly kind: 'never-built' }
  /** A parameter, a tool, the stage's code, the outputs asked for, the salt. Undefined: not there. */
  | {
      readonly kind: 'field';
      readonly field: string;
      readonly before: Json | undefined;
      readonly after: Json | undefined;
    }
  /** A file of an input has other contents. `path` is inside the input, '' for a single file. Digest, undefined: not there. */
  | {
      readonly kind: 'file';
      readonly input: string;
      readonly path: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
      readonly upstream?: TaskId;
    }
  /** An input is another one, but its files then are not known any more. */
  | {
      readonly kind: 'input';
      readonly input: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
    }
  /** An upstream task will run; whether its output changes is not known before. */
  | { readonly kind: 'upstream'; readonly input: string; readonly task: TaskId }
  /** The result is known, but these bytes are not in the cache. */
  | { readonly kind: 'outputs-lost'; readonly outputs: readonly string[] }
  /** The action is the one of the last success, but the cache does not know it any more. */
  | { readonly kind: 'forgotten' }
  /** An upstream task runs, or has run, again; its output is equal, so that nothing changes from here on. */
  | { readonly kind: 'cut-off'; readonly input: string; readonly task: TaskId };

export type TaskForecast =
  | { readonly status: 'reused'; readonly level: ReuseLevel }
  | { readonly status: 'run' }
  /** Runs unless what is upstream comes to the same bytes as before. */
  | { readonly status: 'depends'; readonly on: readonly TaskId[] }
  /** Nobody asks for it. */
  | { readonly status: 'unneeded' }
  /** An input file is missing, for example. */
  | { readonly status: 'blocked'; readonly because: Failure };

export interface TaskExplanation {
  readonly task: TaskId;
  readonly stage: string;
  readonly forecast: TaskForecast;
  readonly reasons: readonly Reason[];
  /** From the last success, where there was one: the price of running it. */
  readonly cost?: Cost;
}

type Inputs = Readonly<Record<string, Tree>>;

/** What distinguishes an action from the last success of the task, field by field. */
export function compareActions(
  before: StateRecord,
  after: { readonly action: Action; readonly inputs: Inputs },
  upstreamOf: (input: string) => TaskId | undefined,
): Reason[] {
  const reasons: Reason[] = [];
  const { inputs: beforeDigests, ...beforeFields } = before.action;
  const { inputs: afterDigests, ...afterFields } = after.action;
  compareJson('', beforeFields as Json, afterFields as Json, reasons);
  for (const input of namesOf(beforeDigests, afterDigests)) {
    if (beforeDigests[input] === afterDigests[input]) continue;
    const [was, is] = [before.inputs[input], after.inputs[input]];
    if (was && is) reasons.push(...compareTrees(input, was, is, upstreamOf(input)));
    else reasons.push({ kind: 'input', input, before: beforeDigests[input], after: afterDigests[input] });
  }
  return reasons;
}

function compareTrees(input: string, before: Tree, after: Tree, upstream: TaskId | undefined): Reason[] {
  return namesOf(before, after)
    .filter(path => before[path]?.digest !== after[path]?.digest)
    .map(path => ({
      kind: 'file',
      input,
      path,
      before: before[path]?.digest,
      after: after[path]?.digest,
      ...(upstream === undefined ? {} : { upstream }),
    }));
}

function compareJson(field: string, before: Json | undefined, after: Json | undefined, reasons: Reason[]): void {
  if (sameJson(before, after)) return;
  if (!isObject(before) || !isObject(after)) {
    reasons.push({ kind: 'field', field, before, after });
    return;
  }
  for (const name of namesOf(before, after)) {
    compareJson(field === '' ? name : `${field}.${name}`, before[name], after[name], reasons);
  }
}

/** The order of keys is none of the action's: its key is made of canonical JSON, and its record is stored as such. */
const sameJson = (a: Json | undefined, b: Json | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b));

const namesOf = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
