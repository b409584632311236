import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../graph/graph.js';
import { type LoadedModel, readModel } from '../onnx/read.js';
import { writeModel } from '../onnx/write.js';
import {
  groupsOf,
  hasBranches,
  type ObservedValue,
  observedValues,
} from '../quantization/calibration/observed-values.js';
import { Observer } from '../quantization/calibration/observer.js';
import type { CalibratedTensor, CalibrationScope } from '../quantization/calibration/table.js';
import { firstCall } from '../runtime/generation/cache.js';
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
  /** What is run, without padding; inputs that the model does not have are left out, and a decoder's cache is added, empty. */
  readonly batches: readonly Tensors[];
  /** Called before each run; true ends the work. */
  readonly step: (done: number, total: number) => boolean;
  /** ONNX Runtime's threads; all cores when absent. */
  readonly threads?: number;
}

const MODEL = 'model.onnx';

/**
 * Values that one run hands out, in bytes. What ONNX Runtime holds and what JavaScript has not yet given back come on top: a few
 * times as much.
 */
const BYTES_PER_RUN = 64 * 2 ** 20;

/**
 * What the tensors of the fp32 export hold while batches run through it, by name. All values of a model at once would not fit into memory:
 * they are made outputs of the graph group by group, and every batch runs once for each group, through as much of the graph as the
 * group needs. Failures: those of reading the model and running it, 'calibration-not-built', 'interrupted'.
 */
export async function observeModel(
  options: ObserveOptions,
): Promise<Result<Readonly<Record<string, CalibratedTensor>>, Failure>> {
  const { batches, scope, step } = options;
  const model = readWhole(options);
  if (!model.ok) return model;
  const shapes = batches.map(({ input_ids: ids }) => ids?.shape ?? []);
  const most = (axis: number): number => Math.max(1, ...shapes.map(shape => shape[axis] ?? 1));
  // The largest batch has fewer tokens than most rows times most tokens.
  const tokens = Math.max(1, ...shapes.map(shape => shape.reduce((a, b) => a * b, 1)));
  const groups = groupsOf(observedValues(model.value.graph, scope), tokens / most(1), most(1), BYTES_PER_RUN);
  const tensors: Record<string, CalibratedTensor> = {};
  for (const [index, group] of groups.entries()) {
    const session = await openObserved(options, model.value, group, index);
    if (!session.ok) return session;
    try {
      const done = index * batches.length;
      const isStopped = (runs: number): boolean => step(done + runs, groups.length * batches.length);
      const observed = await observeGroup(session.value, group, batches, isStopped);
      if (!observed.ok) return observed;
      Object.assign(tensors, observed.value);
    } finally {
      await session.value.release();
    }
  }
  return ok(tensors);
}

function readWhole({ folder, checkpoint }: ObserveOptions): Result<LoadedModel, Failure> {
  const files = readdirSync(folder).filter(name => name.endsWith('.onnx'));
  const read = files.includes(MODEL) ? readModel(join(folder, MODEL), { dataFolder: checkpoint }) : undefined;
  if (read && !read.ok) return read;
  return read === undefined || hasBranches(read.value.graph) ? fail(notBuilt(folder, files)) : read;
}

async function openObserved(
  { scratch, threads }: ObserveOptions,
  { graph, opsets, irVersion }: LoadedModel,
  group: readonly ObservedValue[],
  index: number,
): Promise<Result<Session, Failure>> {
  const file = `observed-${index}.onnx`;
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
  group: readonly ObservedValue[],
  batches: readonly Tensors[],
  isStopped: (runs: number) => boolean,
): Promise<Result<Readonly<Record<string, CalibratedTensor>>, Failure>> {
  const observers = group.map(value => new Observer(value));
  const inputs = new Set(session.inputs.map(({ name }) => name));
  for (const [runs, batch] of batches.entries()) {
    if (isStopped(runs)) return fail(interrupted());
    const feeds = Object.fromEntries(Object.entries(batch).filter(([name]) => inputs.has(name)));
    const outputs = await session.run(firstCall(session.inputs, feeds));
    if (!outputs.ok) return outputs;
    for (const [index, { name }] of group.entries()) {
      const { dtype, data, shape } = outputs.value[name]!;
      if (dtype !== 'float32') throw new Error(`internal error: '${name}' is ${dtype}`);
      observers[index]!.add(data, shape);
    }
  }
  return ok(
    Object.fromEntries(
      group.flatMap(({ name, aliases }, index) => {
        const result = observers[index]!.result();
        // An alias may have its channels elsewhere.
        const { channels: _, ...moved } = result;
        return [[name, result], ...aliases.map((alias): [string, CalibratedTensor] => [alias, moved])] as const;
      }),
    ),
  );
}

const notBuilt = (folder: string, files: readonly string[]): Failure =>
  usageFailure('calibration-not-built', 'this version calibrates models of one file, without branches', {
    where: folder,
    expected: MODEL,
    found: files.join(', '),
    fix: "choose a precision that needs no calibration: 'int8-dynamic', 'int8-weight' or 'int4-weight'",
  });
