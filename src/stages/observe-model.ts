import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../graph/graph.js';
import { type LoadedModel, readModel } from '../onnx/read.js';
import { writeModel } from '../onnx/write.js';
import { firstCallBranch } from '../passes/split-branches.js';
import {
  groupsOf,
  hasBranches,
  type Observed,
  type ObservedValue,
  observedValues,
} from '../quantization/calibration/observed-values.js';
import { Observer } from '../quantization/calibration/observer.js';
import type { CalibratedTensor, CalibrationScope } from '../quantization/calibration/table.js';
import { firstCall, pastOf } from '../runtime/generation/cache.js';
import { openSession, type Session, type Tensors } from '../runtime/session.js';
import { type Failure, interrupted, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

export interface ObserveOptions {
  /** An exported folder, and the checkpoint that its weights lie in. */
  readonly folder: string;
  readonly checkpoint: string;
  /** An empty folder for the graphs that give away their values. */
  readonly scratch: string;
  readonly scope: CalibrationScope;
  /** Called before each run; true ends the work. */
  readonly step: (done: number, total: number) => boolean;
  /** ONNX Runtime's threads; all cores when absent. */
  readonly threads?: number;
}

/** One run of a model. Nothing of it is padding. */
export interface ObservedBatch {
  readonly rows: number;
  /** Of each row; the longer ones where there are tokens of two kinds. */
  readonly tokens: number;
  /** Inputs that the model does not have are left out, and a decoder's cache is added, empty. Asked once for each group of values. */
  feeds(): Promise<Result<Tensors, Failure>>;
}

/** What tensors held, by their names in the export. */
export type ObservedTensors = Readonly<Record<string, CalibratedTensor>>;

/** Of input_ids [rows, tokens], or of an input with nothing but rows. */
export const batchOfFeeds = (feeds: Tensors): ObservedBatch => {
  const [rows = 1, tokens = 1] = (feeds.input_ids ?? Object.values(feeds)[0])?.shape ?? [];
  return { rows, tokens: feeds.input_ids ? tokens : 1, feeds: async () => ok(feeds) };
};

/**
 * Values that one run hands out, in bytes. What ONNX Runtime holds and what JavaScript has not yet given back come on top: a few
 * times as much.
 */
const BYTES_PER_RUN = 64 * 2 ** 20;

/**
 * What the tensors of one file of the fp32 export hold while batches run through it. All values of a model at once would not fit into
 * memory: they are made outputs of the graph group by group, and every batch runs once for each group, through as much of the graph as
 * the group needs. A decoder whose first call is a branch is run as if that branch were all there is: the other one computes nothing.
 * Failures: those of reading the model, of the feeds and of running it, 'calibration-not-built', 'interrupted'.
 */
export async function observeModel(
  file: string,
  batches: readonly ObservedBatch[],
  options: ObserveOptions,
): Promise<Result<ObservedTensors, Failure>> {
  const { scope, step } = options;
  const model = readWithoutBranches(file, options);
  if (!model.ok) return model;
  const observed = observedValues(model.value.graph, scope);
  const most = (of: (batch: ObservedBatch) => number): number => Math.max(1, ...batches.map(of));
  const longest = most(({ tokens }) => tokens);
  // The largest batch has fewer tokens than most rows times most tokens.
  const rows = most(batch => batch.rows * batch.tokens) / longest;
  const groups = groupsOf(observed.made, rows, longest, BYTES_PER_RUN);
  const tensors: Record<string, CalibratedTensor> = {};
  for (const [index, made] of groups.entries()) {
    const session = await openObserved(options, model.value, made, `observed-${index}-${file}`);
    if (!session.ok) return session;
    try {
      const isStopped = (runs: number): boolean => step(index * batches.length + runs, groups.length * batches.length);
      // What is given is the same for every group.
      const group = { inputs: index === 0 ? observed.inputs : [], made };
      const found = await observeGroup(session.value, group, batches, isStopped);
      if (!found.ok) return found;
      Object.assign(tensors, found.value);
    } finally {
      await session.value.release();
    }
  }
  return ok(withCaches(model.value.graph, tensors));
}

/** What a call gives as its cache is what the next one reads. */
const withCaches = ({ outputs }: Graph, tensors: ObservedTensors): ObservedTensors =>
  Object.fromEntries([
    ...Object.entries(tensors),
    ...outputs.flatMap(({ name }) => {
      const held = tensors[name];
      return held && pastOf(name) !== name ? [[pastOf(name), held] as const] : [];
    }),
  ]);

function readWithoutBranches(file: string, { folder, checkpoint }: ObserveOptions): Result<LoadedModel, Failure> {
  const path = join(folder, file);
  const found = readdirSync(folder).filter(name => name.endsWith('.onnx'));
  if (!found.includes(file)) return fail(notBuilt(folder, file, found.join(', ')));
  const read = readModel(path, { dataFolder: checkpoint });
  if (!read.ok) return read;
  const graph = firstCallBranch(read.value.graph) ?? read.value.graph;
  return hasBranches(graph) ? fail(notBuilt(path, 'no If, Loop or Scan', 'one')) : ok({ ...read.value, graph });
}

async function openObserved(
  { scratch, threads }: ObserveOptions,
  { graph, opsets, irVersion }: LoadedModel,
  group: readonly ObservedValue[],
  file: string,
): Promise<Result<Session, Failure>> {
  const giving: Graph = { inputs: graph.inputs, outputs: group.map(({ name, value }) => ({ name, value })) };
  const written = await writeModel(giving, {
    folder: scratch,
    file,
    opsets,
    irVersion,
    // Weights stay where they are; the session looks them up from the root.
    keepInPlace: path => path.slice(1),
    durable: false,
  });
  if (!written.ok) return written;
  return openSession(scratch, file, {
    dataFolder: '/',
    foldConstants: false,
    spinning: false,
    ...(threads === undefined ? {} : { threads }),
  });
}

async function observeGroup(
  session: Session,
  { inputs, made }: Observed,
  batches: readonly ObservedBatch[],
  isStopped: (runs: number) => boolean,
): Promise<Result<ObservedTensors, Failure>> {
  const all = [...inputs, ...made];
  const observers = all.map(value => new Observer(value));
  const names = new Set(session.inputs.map(({ name }) => name));
  for (const [runs, batch] of batches.entries()) {
    if (isStopped(runs)) return fail(interrupted());
    const given = await batch.feeds();
    if (!given.ok) return given;
    const feeds = Object.fromEntries(Object.entries(given.value).filter(([name]) => names.has(name)));
    const outputs = await session.run(firstCall(session.inputs, feeds));
    if (!outputs.ok) return outputs;
    for (const [index, { name }] of all.entries()) {
      const { dtype, data, shape } = index < inputs.length ? feeds[name]! : outputs.value[name]!;
      if (dtype !== 'float32') throw new Error(`internal error: '${name}' is ${dtype}`);
      observers[index]!.add(data, shape);
    }
  }
  return ok(
    Object.fromEntries(
      all.flatMap(({ name, aliases }, index) => {
        const result = observers[index]!.result();
        // An alias may have its channels elsewhere.
        const { channels: _, ...moved } = result;
        return [[name, result], ...aliases.map((alias): [string, CalibratedTensor] => [alias, moved])] as const;
      }),
    ),
  );
}

const notBuilt = (where: string, expected: string, found: string): Failure =>
  usageFailure('calibration-not-built', 'this version does not calibrate a model of this form', {
    where,
    expected,
    found,
    fix: "choose a precision that needs no calibration: 'int8-dynamic', 'int8-weight' or 'int4-weight'",
  });
