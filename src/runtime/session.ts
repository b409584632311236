import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Dim } from '../graph/tensor.js';
import { relocateExternalData } from '../onnx/relocate.js';
import { environmentFailure, type Failure, taskFailure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';

/** A dense tensor outside a session. `data` is row-major and as long as the product of `shape`. */
export type TensorValue =
  | { readonly dtype: 'int64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  | { readonly dtype: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'bool'; readonly shape: readonly number[]; readonly data: Uint8Array };

export type Tensors = Readonly<Record<string, TensorValue>>;

/** An input or output as the model declares it; symbolic dimensions by name. */
export interface TensorDeclaration {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly Dim[];
}

/**
 * What runs the operators that it has kernels for; the CPU runs the others. TensorRT hands on to CUDA what it does not take.
 */
export type Provider = 'cpu' | 'cuda' | 'tensorrt' | 'webgpu';

const PROVIDERS: Readonly<Record<Provider, readonly Provider[]>> = {
  cpu: ['cpu'],
  cuda: ['cuda', 'cpu'],
  tensorrt: ['tensorrt', 'cuda', 'cpu'],
  webgpu: ['webgpu', 'cpu'],
};

export interface SessionSettings {
  /** The CPU unless given. */
  readonly provider?: Provider;
  /** Where external data lies that is not beside the model. The fp32 export reads the checkpoint's. */
  readonly dataFolder?: string;
  /** Intra-operator threads; all cores when absent. */
  readonly threads?: number;
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all';
  /**
   * false: a transposed weight is not stored a second time as a new constant, but read transposed by a fused product. For models that
   * refer to a checkpoint: BERT-base then takes 450 MiB instead of 530 and opens in 0.3 s instead of 0.6 s, at the same speed.
   */
  readonly foldConstants?: boolean;
  /** Where ONNX Runtime writes the graph that it really executes. Weights stay external, in their own files. */
  readonly optimizedModelFile?: string;
  /** Prefix of the file for ONNX Runtime's own trace of every operator, which is whole after `release`. */
  readonly profile?: string;
  /** Whether idle threads busy-wait for the next operator. ONNX Runtime's default is yes; no is for work that shares the cores. */
  readonly spinning?: boolean;
}

/** Version of the ONNX Runtime that runs here. */
export const onnxruntimeVersion = (): string => env.versions.node ?? env.versions.common;

/** A loaded model. Runs on the calling thread and on `threads` - 1 others; blocks while it runs. */
export interface Session {
  readonly inputs: readonly TensorDeclaration[];
  readonly outputs: readonly TensorDeclaration[];
  run(feeds: Tensors): Promise<Result<Tensors, Failure>>;
  /** Milliseconds of `run` alone, without the checks and copies around it. For benchmarks. */
  runTimed(feeds: Tensors, now: () => number): Promise<Result<number, Failure>>;
  release(): Promise<void>;
}

/**
 * Opens `folder/file`. The model goes to ONNX Runtime as bytes whose external data locations are absolute real paths
 * without the leading slash, resolved against '/': it refuses data whose real path leaves the model's folder, which
 * symbolic links and references into a checkpoint do.
 */
export async function openSession(
  folder: string,
  file = 'model.onnx',
  settings: SessionSettings = {},
): Promise<Result<Session, Failure>> {
  const path = join(folder, file);
  const bytes = readModel(folder, file, settings.dataFolder ?? folder);
  if (!bytes.ok) return bytes;
  // Applies to what is logged outside a session, for instance by the search for GPUs.
  env.logLevel = 'fatal';
  try {
    const session = await InferenceSession.create(bytes.value, optionsOf(settings));
    return ok(wrap(session, path, settings.profile !== undefined));
  } catch (error) {
    return fail(sessionFailed('ONNX Runtime cannot load the model', path, error));
  }
}

function readModel(folder: string, file: string, dataFolder: string): Result<Uint8Array, Failure> {
  const path = join(folder, file);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return fail(
      usageFailure('model-unreadable', 'the model file cannot be read', { where: path, found: messageOf(error) }),
    );
  }
  const missing: string[] = [];
  const relocated = relocateExternalData(bytes, location => {
    // Weights that an export had to convert are beside the model, the others in the checkpoint.
    const data = [folder, dataFolder].map(place => join(place, location)).find(existsSync);
    if (data !== undefined) return realpathSync(data).slice(1);
    missing.push(location);
    return location;
  });
  if (!relocated.ok) return fail({ ...relocated.error, where: path });
  if (missing.length === 0) return relocated;
  return fail(
    usageFailure('model-data-missing', 'the weights of the model are not where it says', {
      where: path,
      expected: [...new Set(missing)].map(location => join(dataFolder, location)).join(', '),
      found: 'no such file',
      fix: 'keep the model together with its external data files',
    }),
  );
}

function optionsOf(settings: SessionSettings): InferenceSession.SessionOptions {
  return {
    executionProviders: PROVIDERS[settings.provider ?? 'cpu'],
    intraOpNumThreads: settings.threads ?? availableParallelism(),
    interOpNumThreads: 1,
    // Errors are thrown, too; here they would be said twice.
    logSeverityLevel: 4,
    graphOptimizationLevel: settings.graphOptimizationLevel ?? 'all',
    ...(settings.optimizedModelFile ? { optimizedModelFilePath: settings.optimizedModelFile } : {}),
    ...(settings.profile ? { enableProfiling: true, profileFilePrefix: settings.profile } : {}),
    extra: {
      session: {
        model_external_initializers_file_folder_path: '/',
        // Threads of an idle session must not busy-wait while another one is measured.
        force_spinning_stop: '1',
        ...(settings.spinning === undefined ? {} : { intra_op: { allow_spinning: settings.spinning ? '1' : '0' } }),
      },
      ...(settings.foldConstants === false
        ? { optimization: { disable_specified_optimizers: 'ConstantFolding' } }
        : {}),
    },
  };
}

function wrap(session: InferenceSession, path: string, profiled: boolean): Session {
  const inputs = session.inputMetadata.map(declarationOf);
  const outputs = session.outputMetadata.map(declarationOf);
  const prepare = (feeds: Tensors): Result<Record<string, Tensor>, Failure> => {
    const problem = wrongFeed(feeds, inputs);
    if (problem) return fail(taskFailure('feed-invalid', problem.message, { where: path, ...problem.facts }));
    return ok(Object.fromEntries(inputs.map(({ name }) => [name, toRuntime(feeds[name]!)])));
  };
  return {
    inputs,
    outputs,
    async run(feeds) {
      const prepared = prepare(feeds);
      if (!prepared.ok) return prepared;
      try {
        const results = await session.run(prepared.value);
        return ok(Object.fromEntries(outputs.map(({ name }) => [name, fromRuntime(name, results[name]!)])));
      } catch (error) {
        return fail(sessionFailed('ONNX Runtime failed while it ran the model', path, error));
      }
    },
    async runTimed(feeds, now) {
      const prepared = prepare(feeds);
      if (!prepared.ok) return prepared;
      try {
        const start = now();
        await session.run(prepared.value);
        return ok(now() - start);
      } catch (error) {
        return fail(sessionFailed('ONNX Runtime failed while it ran the model', path, error));
      }
    },
    async release() {
      if (profiled) session.endProfiling();
      await session.release();
    },
  };
}

function declarationOf(metadata: InferenceSession.ValueMetadata): TensorDeclaration {
  if (!metadata.isTensor) return { name: metadata.name, dtype: 'not a tensor', shape: [] };
  return { name: metadata.name, dtype: metadata.type, shape: metadata.shape };
}

interface FeedProblem {
  readonly message: string;
  readonly facts: { readonly expected: string; readonly found: string };
}

function wrongFeed(feeds: Tensors, inputs: readonly TensorDeclaration[]): FeedProblem | undefined {
  const names = inputs.map(input => input.name);
  for (const name of Object.keys(feeds)) {
    if (names.includes(name)) continue;
    const close = nearest(name, names);
    return {
      message: `the model has no input '${name}'`,
      facts: { expected: names.join(', '), found: close ? `${name}; did you mean '${close}'?` : name },
    };
  }
  for (const input of inputs) {
    const feed = feeds[input.name];
    const declared = `${input.dtype} [${input.shape.join(', ')}]`;
    if (!feed) {
      return { message: `the input '${input.name}' is not given`, facts: { expected: declared, found: 'nothing' } };
    }
    const found = `${feed.dtype} [${feed.shape.join(', ')}]`;
    const fits =
      feed.shape.length === input.shape.length &&
      input.shape.every((dim, axis) => typeof dim !== 'number' || dim === feed.shape[axis]);
    if (feed.dtype !== input.dtype || !fits) {
      return { message: `the input '${input.name}' has another type`, facts: { expected: declared, found } };
    }
    const elements = feed.shape.reduce((product, dim) => product * dim, 1);
    if (feed.data.length !== elements) {
      return {
        message: `the data of the input '${input.name}' does not fill its shape`,
        facts: { expected: `${elements} elements for ${found}`, found: `${feed.data.length} elements` },
      };
    }
  }
  return undefined;
}

const toRuntime = ({ dtype, data, shape }: TensorValue): Tensor => new Tensor(dtype, data, shape);

function fromRuntime(name: string, tensor: Tensor): TensorValue {
  const shape = tensor.dims;
  const data = tensor.data;
  if (data instanceof Float32Array) return { dtype: 'float32', shape, data };
  if (data instanceof BigInt64Array) return { dtype: 'int64', shape, data };
  if (data instanceof Int32Array) return { dtype: 'int32', shape, data };
  throw new Error(`the output '${name}' has element type ${tensor.type}, which nothing here reads`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function sessionFailed(message: string, where: string, error: unknown): Failure {
  const found = messageOf(error);
  if (/requires f16 but the device does not support it/.test(found)) {
    return environmentFailure('device-without-float16', 'the GPU has no arithmetic of 16 bits', {
      where,
      found,
      fix: 'use fp32 or weights of 8 or 4 bits, or another GPU or driver',
    });
  }
  // An allocation that fails is the machine's fault, not the model's.
  const failure = /bad_alloc|Failed to allocate memory/.test(found) ? environmentFailure : taskFailure;
  return failure('session-failed', message, { where, found });
}
