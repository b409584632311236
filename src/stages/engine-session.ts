import { join } from 'node:path';
import type { StageContext } from '../build/task.js';
import { selectRows } from '../runtime/generation/cache.js';
import type { OpenedModel } from '../runtime/open-model.js';
import type { Session, Tensors, TensorValue } from '../runtime/session.js';
import { type EngineFacts, readDescription } from '../tensorrt/description.js';
import { rangeOfDim } from '../tensorrt/profiles.js';
import { type EngineRunner, inferOnce, placeEngine } from '../tensorrt/run-engine.js';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type EngineHints, pluginsIn } from './engine.js';

const PLAN = 'model.plan';

/** An engine folder as something that runs trtexec. Failure: 'engine-parts' for a model of several engines. */
export function engineRunner(context: StageContext, folder: string): Result<EngineRunner, Failure> {
  const { engines } = readDescription(folder);
  const facts = engines[PLAN];
  if (!facts) {
    return fail(
      taskFailure('engine-parts', 'a model of several engines cannot be run here', {
        expected: PLAN,
        found: Object.keys(engines).join(', '),
        fix: 'build it for onnxruntime',
      }),
    );
  }
  const { reach, toolchain, timeoutMinutes } = context.hints as unknown as EngineHints;
  const runner: EngineRunner = {
    reach,
    toolchain,
    facts,
    plan: join(folder, PLAN),
    plugins: pluginsIn(context),
    folder: join(context.scratch, 'engine'),
    signal: context.signal,
    timeoutMinutes,
  };
  placeEngine(runner);
  return ok(runner);
}

/**
 * An engine as a session: a process of trtexec for each run. Batches that the engine does not take are cut or filled up, and short texts
 * are padded to its shortest, as the server in front of it does.
 */
export function openEngine(context: StageContext, folder: string): Result<OpenedModel, Failure> {
  const opened = engineRunner(context, folder);
  if (!opened.ok) return opened;
  const runner = opened.value;
  const { facts } = runner;
  const asOnnx = (tensor: EngineFacts['inputs'][number]): EngineFacts['inputs'][number] =>
    tensor.dtype === 'int32' ? { ...tensor, dtype: 'int64' } : tensor;
  const whole: Session = {
    inputs: facts.inputs.map(asOnnx),
    outputs: facts.outputs,
    run: feeds => runInParts(runner, feeds),
    async runTimed() {
      throw new Error('internal error: an engine is timed by trtexec itself, not by a session');
    },
    async release() {},
  };
  return ok({ whole });
}

async function runInParts(runner: EngineRunner, feeds: Tensors): Promise<Result<Tensors, Failure>> {
  const { facts } = runner;
  const [fewest, most] = rangeOfDim(facts.inputs, facts.profiles, 'batch_size') ?? [1, Number.POSITIVE_INFINITY];
  const rows = Object.values(feeds)[0]!.shape[0]!;
  if (rows >= fewest && rows <= most) return runPadded(runner, feeds);
  const parts: Tensors[] = [];
  for (let start = 0; start < rows; start += most) {
    const count = Math.min(most, rows - start);
    // The last row stands in for those that are missing.
    const chosen = Array.from({ length: Math.max(count, fewest) }, (_, row) => start + Math.min(row, count - 1));
    const part = await runPadded(runner, selectRows(feeds, chosen));
    if (!part.ok) return part;
    const kept = Array.from({ length: count }, (_, row) => row);
    parts.push(selectRows(part.value, kept));
  }
  return ok(joinRows(parts));
}

/** Texts padded on the right up to the shortest that the engine takes, and its outputs without the padding. */
async function runPadded(runner: EngineRunner, feeds: Tensors): Promise<Result<Tensors, Failure>> {
  const { inputs, outputs, profiles } = runner.facts;
  const sequence = inputs.find(({ name }) => name === 'input_ids')?.shape[1];
  const length = feeds.input_ids?.shape[1];
  const [shortest] = (typeof sequence === 'string' && rangeOfDim(inputs, profiles, sequence)) || [0];
  if (length === undefined || length >= shortest) return inferOnce(runner, feeds);
  const padded = Object.fromEntries(
    inputs.map(({ name, shape }) => [name, withColumns(feeds[name]!, shape[1] === sequence ? shortest : undefined)]),
  );
  const found = await inferOnce(runner, padded);
  if (!found.ok) return found;
  return ok(
    Object.fromEntries(
      outputs.map(({ name, shape }) => [
        name,
        withColumns(found.value[name]!, shape[1] === sequence ? length : undefined),
      ]),
    ),
  );
}

/** Axis 1 cut off, or filled up with zeros, to `columns`. */
function withColumns(tensor: TensorValue, columns: number | undefined): TensorValue {
  const [rows = 0, before = 0, ...rest] = tensor.shape;
  if (columns === undefined || columns === before) return tensor;
  const width = rest.reduce((product, size) => product * size, 1);
  const shape = [rows, columns, ...rest];
  const copy = <A extends { set(from: A, at: number): void; subarray(start: number, end: number): A }>(
    data: A,
    to: A,
  ): A => {
    for (let row = 0; row < rows; row++) {
      const start = row * before * width;
      to.set(data.subarray(start, start + Math.min(before, columns) * width), row * columns * width);
    }
    return to;
  };
  const size = rows * columns * width;
  if (tensor.dtype === 'float32') return { dtype: 'float32', shape, data: copy(tensor.data, new Float32Array(size)) };
  if (tensor.dtype === 'int64') return { dtype: 'int64', shape, data: copy(tensor.data, new BigInt64Array(size)) };
  throw new Error(`internal error: columns of ${tensor.dtype}`);
}

/** Outputs of parts of a batch, one after another. All are float32. */
function joinRows(parts: readonly Tensors[]): Tensors {
  return Object.fromEntries(
    Object.keys(parts[0]!).map((name): [string, TensorValue] => {
      const tensors = parts.map(part => part[name]!);
      const rows = tensors.reduce((sum, { shape }) => sum + shape[0]!, 0);
      const shape = [rows, ...tensors[0]!.shape.slice(1)];
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      let at = 0;
      for (const tensor of tensors) {
        if (tensor.dtype !== 'float32') throw new Error(`internal error: output '${name}' of ${tensor.dtype}`);
        data.set(tensor.data, at);
        at += tensor.data.length;
      }
      return [name, { dtype: 'float32', shape, data }];
    }),
  );
}
