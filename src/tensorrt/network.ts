import { readFileSync } from 'node:fs';
import { dtypeOfElementType } from '../graph/element-type.js';
import type { DType } from '../graph/tensor.js';
import { malformed } from '../onnx/failure.js';
import { decodeMessage, type Message } from '../onnx/protobuf.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { EngineTensorFacts } from './description.js';
import type { EnginePrecision } from './options.js';
import type { TensorRtVersion } from './version.js';

/** What a build must know of an ONNX file; its weights are not looked at. */
export interface Network {
  readonly inputs: readonly EngineTensorFacts[];
  readonly outputs: readonly EngineTensorFacts[];
  /** What the network keeps its floating-point values in, where it can. */
  readonly floats: 'fp32' | 'fp16';
  /**
   * Nodes that give float32 in a network of fp16: what `--layerPrecisions` must keep. Not what is computed on integers: a product of
   * dequantised values gives float32, too, and would be forced to it.
   */
  readonly floatNodes: Readonly<Record<string, EnginePrecision>>;
}

/** Failures: 'model-unreadable', 'onnx-malformed', 'onnx-untyped' for an input or output without type or shape. */
export function readNetwork(file: string): Result<Network, Failure> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const found = (error as Error).message;
    return fail(usageFailure('model-unreadable', 'the model file cannot be read', { where: file, found }));
  }
  const model = decodeMessage('ModelProto', bytes);
  if (!model.ok) return fail(malformed(model.error, file));
  const { input = [], output = [], initializer = [], node = [], value_info = [] } = model.value.graph ?? {};
  const weights = new Set(initializer.map(({ name }) => name));
  const facts = [input.filter(({ name }) => !weights.has(name)), output].map(values => values.map(factsOf));
  const untyped = facts.flat().find(each => typeof each === 'string');
  if (untyped !== undefined) {
    return fail(
      usageFailure('onnx-untyped', `'${untyped}' has no element type or no shape`, {
        where: file,
        expected: 'a tensor of a known type and rank',
      }),
    );
  }
  const [inputs, outputs] = facts as [EngineTensorFacts[], EngineTensorFacts[]];
  const types = typesOf([...value_info, ...output]);
  const floats = [...types.values()].includes('float16') ? 'fp16' : 'fp32';
  return ok({ inputs, outputs, floats, floatNodes: floats === 'fp16' ? floatNodes(node, types) : {} });
}

function factsOf({ name = '', type }: Message<'ValueInfoProto'>): EngineTensorFacts | string {
  const dtype = dtypeOfElementType(type?.tensor_type?.elem_type ?? 0);
  const shape = type?.tensor_type?.shape;
  if (dtype === undefined || shape === undefined) return name;
  const dims = (shape.dim ?? []).map(({ dim_value, dim_param }, axis) => dim_value ?? dim_param ?? `${name}.${axis}`);
  return { name, dtype, shape: dims };
}

const typesOf = (values: readonly Message<'ValueInfoProto'>[]): ReadonlyMap<string, DType | undefined> =>
  new Map(values.map(({ name = '', type }) => [name, dtypeOfElementType(type?.tensor_type?.elem_type ?? 0)]));

const QUANTIZERS: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);

function floatNodes(
  nodes: readonly Message<'NodeProto'>[],
  types: ReadonlyMap<string, DType | undefined>,
): Readonly<Record<string, EnginePrecision>> {
  const dequantized = new Set(
    nodes.flatMap(({ op_type, output = [] }) => (op_type === 'DequantizeLinear' ? output : [])),
  );
  const kept = nodes.filter(
    ({ op_type = '', input = [], output = [] }) =>
      types.get(output[0] ?? '') === 'float32' &&
      !QUANTIZERS.has(op_type) &&
      !input.some(name => dequantized.has(name)),
  );
  return Object.fromEntries(kept.flatMap(({ name }) => (name ? [[name, 'fp32' as const]] : [])));
}

/** The types that an engine has where the ONNX has these: TensorRT before 10 has no int64. */
export const asEngineTypes = (
  tensors: readonly EngineTensorFacts[],
  { major }: TensorRtVersion,
): readonly EngineTensorFacts[] =>
  tensors.map(tensor => (major < 10 && tensor.dtype === 'int64' ? { ...tensor, dtype: 'int32' } : tensor));
