import { fail, ok, type Result } from '../util/result.js';
import { decodeBinary, encodeBinary } from './binary.js';
import { type Datatype, elementsOf, isDatatype, type TensorData, type WireTensor } from './datatypes.js';
import { dataFromJson } from './json-data.js';
import type { InferRequest, InferResponse, Parameters, RequestedOutput } from './messages.js';

/** InferParameter: `parameter_choice` names the member that is set. */
export interface ParameterMessage {
  readonly parameter_choice?: string;
  readonly bool_param?: boolean;
  readonly int64_param?: string | number;
  readonly string_param?: string;
  readonly double_param?: number;
  readonly uint64_param?: string | number;
}
type ParametersMessage = Readonly<Record<string, ParameterMessage>>;

interface TensorMessage {
  readonly name?: string;
  readonly datatype?: string;
  readonly shape?: readonly (string | number)[];
  readonly parameters?: ParametersMessage;
  readonly contents?: Readonly<Record<string, readonly unknown[]>> | null;
}

/** ModelInferRequest. */
export interface InferRequestMessage {
  readonly model_name?: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly parameters?: ParametersMessage;
  readonly inputs?: readonly TensorMessage[];
  readonly outputs?: readonly { readonly name?: string; readonly parameters?: ParametersMessage }[];
  readonly raw_input_contents?: readonly Uint8Array[];
}

/** ModelInferResponse. */
export interface InferResponseMessage {
  readonly model_name?: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly parameters?: ParametersMessage;
  readonly outputs?: readonly TensorMessage[];
  readonly raw_output_contents?: readonly Uint8Array[];
}

/** Tensors go raw, which all datatypes can. */
export const inferRequestToMessage = (
  model: { readonly name: string; readonly version?: string },
  { id, parameters, inputs, outputs }: InferRequest,
): InferRequestMessage => ({
  model_name: model.name,
  model_version: model.version ?? '',
  id: id ?? '',
  parameters: parametersToMessage(parameters),
  inputs: inputs.map(tensorToMessage),
  outputs: outputs.map(({ name, classification }) => ({
    name,
    parameters: classification > 0 ? parametersToMessage({ classification }) : {},
  })),
  raw_input_contents: inputs.map(({ data }) => asBuffer(encodeBinary(data))),
});

export const inferResponseToMessage = ({
  modelName,
  modelVersion,
  id,
  parameters,
  outputs,
}: InferResponse): InferResponseMessage => ({
  model_name: modelName,
  model_version: modelVersion,
  id: id ?? '',
  parameters: parametersToMessage(parameters),
  outputs: outputs.map(tensorToMessage),
  raw_output_contents: outputs.map(({ data }) => asBuffer(encodeBinary(data))),
});

/** Fails with a sentence for the client. */
export function inferRequestFromMessage(message: InferRequestMessage): Result<InferRequest, string> {
  const inputs = tensorsFromMessage(message.inputs, message.raw_input_contents, 'input');
  if (!inputs.ok) return inputs;
  const outputs: RequestedOutput[] = [];
  for (const { name = '', parameters } of message.outputs ?? []) {
    const { classification = 0 } = parametersFromMessage(parameters);
    if (!(Number.isInteger(Number(classification)) && Number(classification) >= 0)) {
      return fail(`output '${name}': 'classification' must be a whole number`);
    }
    outputs.push({ name, binary: true, classification: Number(classification) });
  }
  return ok({
    ...(message.id ? { id: message.id } : {}),
    parameters: parametersFromMessage(message.parameters),
    inputs: inputs.value,
    outputs,
  });
}

/** Fails with a sentence. */
export function inferResponseFromMessage(message: InferResponseMessage): Result<InferResponse, string> {
  const outputs = tensorsFromMessage(message.outputs, message.raw_output_contents, 'output');
  if (!outputs.ok) return outputs;
  return ok({
    modelName: message.model_name ?? '',
    modelVersion: message.model_version ?? '',
    ...(message.id ? { id: message.id } : {}),
    parameters: parametersFromMessage(message.parameters),
    outputs: outputs.value,
  });
}

/** Whole numbers as int64, or uint64 where only that holds them; other numbers as double. */
export const parametersToMessage = (parameters: Parameters): ParametersMessage =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, parameterToMessage(value)]));

function parameterToMessage(value: Parameters[string]): ParameterMessage {
  if (typeof value === 'boolean') return { bool_param: value };
  if (typeof value === 'string') return { string_param: value };
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return { double_param: value };
  return BigInt(value) > 2n ** 63n - 1n ? { uint64_param: String(value) } : { int64_param: String(value) };
}

export function parametersFromMessage(message: ParametersMessage = {}): Parameters {
  const parameters: Record<string, Parameters[string]> = {};
  for (const [name, parameter] of Object.entries(message)) {
    const { bool_param, string_param, double_param, int64_param = parameter.uint64_param } = parameter;
    if (bool_param !== undefined) parameters[name] = bool_param;
    else if (string_param !== undefined) parameters[name] = string_param;
    else if (double_param !== undefined) parameters[name] = double_param;
    else if (int64_param !== undefined) parameters[name] = integer(int64_param);
  }
  return parameters;
}

/** Exact: a bigint where a number would not be. */
const integer = (text: string | number): number | bigint =>
  Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);

const tensorToMessage = ({ name, datatype, shape }: WireTensor): TensorMessage => ({ name, datatype, shape });

/** protobuf's writer takes no other kind of Uint8Array without a copy. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function tensorsFromMessage(
  messages: readonly TensorMessage[] = [],
  raw: readonly Uint8Array[] = [],
  role: 'input' | 'output',
): Result<readonly WireTensor[], string> {
  // Classes are strings in `contents` though other outputs may be raw, so raw contents belong to the tensors without any.
  const withoutContents = messages.filter(({ contents }) => !hasElements(contents)).length;
  if (raw.length > 0 && raw.length !== withoutContents) {
    return fail(`${raw.length} raw contents for ${withoutContents} ${role}s without contents`);
  }
  const tensors: WireTensor[] = [];
  let next = 0;
  for (const { name = '', datatype, shape: dims = [], contents } of messages) {
    if (!isDatatype(datatype)) return fail(`${role} '${name}': unknown datatype ${JSON.stringify(datatype ?? '')}`);
    const shape = dims.map(Number);
    const elements = elementsOf(shape);
    if (!shape.every(dim => dim >= 0) || !Number.isSafeInteger(elements)) {
      return fail(`${role} '${name}': the shape [${shape.join(',')}] is not one of a tensor`);
    }
    const data =
      raw.length > 0 && !hasElements(contents)
        ? decodeBinary(datatype, raw[next++]!, elements)
        : dataFromContents(datatype, contents ?? {}, elements);
    if (!data.ok) return fail(`${role} '${name}': ${data.error}`);
    tensors.push({ name, datatype, shape, data: data.value });
  }
  return ok(tensors);
}

const hasElements = (contents: TensorMessage['contents']): boolean =>
  Object.values(contents ?? {}).some(elements => Array.isArray(elements) && elements.length > 0);

/** The member of InferTensorContents that holds each datatype; FP16 and BF16 come raw only. */
const CONTENTS: Readonly<Partial<Record<Datatype, string>>> = {
  BOOL: 'bool_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
};

function dataFromContents(
  datatype: Datatype,
  contents: NonNullable<TensorMessage['contents']>,
  elements: number,
): Result<TensorData, string> {
  const member = CONTENTS[datatype];
  if (member === undefined) return fail(`${datatype} comes in raw contents only`);
  const listed = contents[member] ?? [];
  if (listed.length !== elements)
    return fail(`${listed.length} elements in ${member}, where the shape has ${elements}`);
  if (datatype === 'BYTES') return ok(listed as readonly Uint8Array[]);
  if (datatype === 'INT64') return ok(BigInt64Array.from(listed as readonly string[], BigInt));
  if (datatype === 'UINT64') return ok(BigUint64Array.from(listed as readonly string[], BigInt));
  return dataFromJson(datatype, listed, elements);
}
