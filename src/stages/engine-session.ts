import { join } from 'node:path';
import type { StageContext } from '../build/task.js';
import { ENCODER_FILE, FIRST_CALL_FILE, WITH_PAST_FILE } from '../onnx/hub-files.js';
import { selectRows } from '../runtime/generation/cache.js';
import { joinedDecoder } from '../runtime/generation/joined-decoder.js';
import { inTurn, type OpenedModel } from '../runtime/open-model.js';
import type { Session, Tensors, TensorValue } from '../runtime/session.js';
import { type EngineFacts, planNameOf, readDescription } from '../tensorrt/description.js';
import { rangeOfDim } from '../tensorrt/profiles.js';
import { type EngineRunner, inferOnce, placeEngine } from '../tensorrt/run-engine.js';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type EngineHints, pluginsIn } from './engine.js';

const PLAN = 'model.plan';

/** The engines of a model: one, or those of an encoder and of the two kinds of a decoder's calls. */
export type EngineFiles =
  | { readonly whole: string }
  | { readonly whole?: never; readonly encoder: string; readonly firstCall: string; readonly withPast: string };

const PARTS = {
  encoder: planNameOf(ENCODER_FILE),
  firstCall: planNameOf(FIRST_CALL_FILE),
  withPast: planNameOf(WITH_PAST_FILE),
} as const;

/** What a folder of engines holds. Failure: 'engine-parts' for anything else than the two. */
export function engineFilesOf(folder: string): Result<EngineFiles, Failure> {
  const { engines } = readDescription(folder);
  if (engines[PLAN]) return ok({ whole: PLAN });
  const names = Object.values(PARTS);
  if (names.every(name => engines[name])) return ok(PARTS);
  return fail(
    taskFailure('engine-parts', 'the engines of this model cannot be run in turn', {
      expected: `${PLAN}, or ${names.join(', ')}`,
      found: Object.keys(engines).join(', '),
      fix: 'build it for onnxruntime',
    }),
  );
}

/** One engine of a folder as something that runs trtexec. */
export function engineRunner(context: StageContext, folder: string, file: string): EngineRunner {
  const { reach, toolchain, timeoutMinutes } = context.hints as unknown as EngineHints;
  const runner: EngineRunner = {
    reach,
    toolchain,
    facts: readDescription(folder).engines[file]!,
    plan: join(folder, file),
    plugins: pluginsIn(context),
    ...(context.in.weights === undefined ? {} : { weights: context.in.weights }),
    folder: join(context.scratch, `run-${file}`),
    signal: context.signal,
    timeoutMinutes,
  };
  placeEngine(runner);
  return runner;
}

/** Engines as the model that they are. Each run is a process of trtexec, or several. Failure: 'engine-parts'. */
export function openEngine(context: StageContext, folder: string): Result<OpenedModel, Failure> {
  const files = engineFilesOf(folder);
  if (!files.ok) return files;
  const open = (file: string): Session => engineSession(engineRunner(context, folder, file));
  if (files.value.whole !== undefined) return ok({ whole: open(files.value.whole) });
  const { encoder, firstCall, withPast } = files.value;
  const first = open(firstCall);
  return ok(inTurn({ encoder: open(encoder), decoder: { ...first, ...joinedDecoder(first, open(withPast)) } }));
}

/** Batches that the engine does not take are cut or filled up, and short texts are padded to its shortest, as the server in front of it does. */
function engineSession(runner: EngineRunner): Session {
  const { facts } = runner;
  const asOnnx = (tensor: EngineFacts['inputs'][number]): EngineFacts['inputs'][number] =>
    tensor.dtype === 'int32' ? { ...tensor, dtype: 'int64' } : tensor;
  return {
    inputs: facts.inputs.map(asOnnx),
    outputs: facts.outputs,
    run: feeds => runInParts(runner, feeds),
    async runTimed() {
      throw new Error('internal error: an engine is timed by trtexec itself, not by a session');
    },
    async release() {},
  };
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
