import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Graph } from '../graph/graph.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { decodeGraph, Refused } from './decode-graph.js';
import { TensorDecoder } from './decode-tensor.js';
import type { Opsets } from './encode.js';
import { malformed, unsupported } from './failure.js';
import { decodeMessage, type Message } from './protobuf.js';
import { skimmedModel } from './skim.js';

/** A model as a graph, and what has to be said again when it is written. */
export interface LoadedModel {
  readonly graph: Graph;
  readonly name: string;
  readonly opsets: Opsets;
  readonly irVersion: number;
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ReadModelOptions {
  /** Where external data lies that is not beside the model. */
  readonly dataFolder?: string;
  /** Asked before the graph is looked at: why the model is not wanted, by what it says of itself. */
  readonly check?: (model: Message<'ModelProto'>) => Failure | undefined;
}

export interface ReadFileOptions extends ReadModelOptions {
  /** Weights within the model file become spans of it and are not read: memory does not grow with them. */
  readonly weightsInPlace?: boolean;
}

const OLDEST_OPSET = 7;
const NEWEST_OPSET = 23;

/**
 * Reads an ONNX model of opset 7 to 23. External data is looked for, but not read. Failures: 'model-unreadable',
 * 'onnx-malformed', 'onnx-unsupported', 'onnx-invalid', 'onnx-untyped', 'onnx-data-missing', 'onnx-data-outside'.
 */
export function readModel(file: string, options: ReadFileOptions = {}): Result<LoadedModel, Failure> {
  const path = resolve(file);
  let bytes: Uint8Array;
  try {
    const read = options.weightsInPlace ? skimmedModel(path) : ok(readFileSync(path));
    if (!read.ok) return fail(malformed(read.error, path));
    bytes = read.value;
  } catch (error) {
    return fail(
      usageFailure('model-unreadable', 'the model file cannot be read', {
        where: path,
        found: (error as Error).message,
      }),
    );
  }
  const dataFolders = [dirname(path), ...(options.dataFolder === undefined ? [] : [resolve(options.dataFolder)])];
  return decodeModel(bytes, path, dataFolders, options.check);
}

/** The same from bytes. Small tensors are views of them. Without `dataFolder`, external data is refused. */
export function readModelBytes(
  bytes: Uint8Array,
  options: ReadModelOptions & { readonly where?: string } = {},
): Result<LoadedModel, Failure> {
  const { where = '', dataFolder, check } = options;
  return decodeModel(bytes, where, dataFolder === undefined ? [] : [resolve(dataFolder)], check);
}

/** External data is looked for in `dataFolders`, in this order. */
function decodeModel(
  bytes: Uint8Array,
  where: string,
  dataFolders: readonly string[],
  check: ReadModelOptions['check'],
): Result<LoadedModel, Failure> {
  const decoded = decodeMessage('ModelProto', bytes);
  if (!decoded.ok) return fail(malformed(decoded.error, where));
  const model = decoded.value;
  if (model.graph === undefined) return fail(malformed({ message: 'there is no graph', offset: bytes.length }, where));
  const opsets = opsetsOf(model, where);
  if (!opsets.ok) return opsets;
  const unwanted = check?.(model);
  if (unwanted) return fail(unwanted);
  if (model.functions) return fail(unsupported('functions', where, 'inline them: onnx.inliner.inline_local_functions'));
  if (model.training_info) return fail(unsupported('training information', where, 'export it for inference'));
  try {
    const graph = decodeGraph(model.graph, new TensorDecoder(where, dataFolders), where);
    return ok({
      graph,
      name: model.graph.name ?? '',
      opsets: opsets.value,
      irVersion: model.ir_version ?? 0,
      producer: model.producer_name ?? '',
      metadata: Object.fromEntries((model.metadata_props ?? []).map(({ key = '', value = '' }) => [key, value])),
    });
  } catch (error) {
    if (error instanceof Refused) return fail(error.failure);
    throw error;
  }
}

function opsetsOf(model: Message<'ModelProto'>, where: string): Result<Opsets, Failure> {
  const opsets: Record<string, number> = {};
  for (const { domain = '', version = 0 } of model.opset_import ?? []) {
    opsets[domain === 'ai.onnx' ? '' : domain] = version;
  }
  const version = opsets[''];
  if (version !== undefined && version >= OLDEST_OPSET && version <= NEWEST_OPSET) return ok(opsets);
  return fail(
    usageFailure('onnx-unsupported', 'the model has an opset that is not supported', {
      ...(where === '' ? {} : { where }),
      expected: `opset ${OLDEST_OPSET} to ${NEWEST_OPSET} of ai.onnx`,
      found: version === undefined ? 'none' : `opset ${version}`,
      fix: 'export it again, or convert it: onnx.version_converter.convert_version',
    }),
  );
}
