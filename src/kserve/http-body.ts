import { isObject } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';
import { decodeBinary, encodeBinary } from './binary.js';
import { type Datatype, elementsOf, isDatatype, type WireTensor } from './datatypes.js';
import { dataFromJson, dataToJson } from './json-data.js';
import { jsonText } from './json-text.js';
import type { InferRequest, InferResponse, Parameters, RequestedOutput } from './messages.js';

/** The body of an HTTP message: JSON, and behind it the tensors that are not in it. */
export interface Body {
  readonly bytes: Uint8Array;
  /** Length of the JSON, for the header Inference-Header-Content-Length; absent when there is nothing behind it. */
  readonly jsonLength?: number;
}

/**
 * A request to `infer` as the binary extension of the protocol defines it: `jsonLength` bytes of JSON (all of `body` when
 * undefined), then the tensors with a `binary_data_size` in their order. Fails with a sentence for the client.
 */
export function readInferRequest(body: Uint8Array, jsonLength?: number): Result<InferRequest, string> {
  const split = splitBody(body, jsonLength);
  if (!split.ok) return split;
  const { json, rest } = split.value;
  const { id, parameters = {}, inputs, outputs = [] } = json;
  if (id !== undefined && typeof id !== 'string') return fail("'id' must be a string");
  if (!isParameters(parameters)) return fail("'parameters' must be an object of strings, numbers and booleans");
  if (!Array.isArray(inputs)) return fail("Unable to parse 'inputs': attribute not found or not an array");
  if (!Array.isArray(outputs)) return fail("Unable to parse 'outputs': not an array");

  const tensors = readTensors(inputs, rest, 'input');
  if (!tensors.ok) return tensors;
  const requested: RequestedOutput[] = [];
  for (const output of outputs) {
    const read = readRequestedOutput(output, parameters.binary_data_output === true);
    if (!read.ok) return read;
    requested.push(read.value);
  }
  return ok({ ...(id === undefined ? {} : { id }), parameters, inputs: tensors.value, outputs: requested });
}

/** With `binary`, tensors follow the JSON as bytes; FP16 and BF16 always do, since JSON does not carry them. */
export function writeInferRequest(
  request: InferRequest,
  { binary }: { readonly binary: boolean },
): Result<Body, string> {
  const written = writeTensors(request.inputs, () => binary);
  if (!written.ok) return written;
  const outputs = request.outputs.map(({ name, binary: asBytes, classification }) => ({
    name,
    parameters: { binary_data: asBytes, ...(classification > 0 ? { classification } : {}) },
  }));
  return ok(
    joinBody(
      {
        id: request.id,
        parameters: unlessEmpty(request.parameters),
        inputs: written.value.json,
        outputs: outputs.length > 0 ? outputs : undefined,
      },
      written.value.rest,
    ),
  );
}

export function readInferResponse(body: Uint8Array, jsonLength?: number): Result<InferResponse, string> {
  const split = splitBody(body, jsonLength);
  if (!split.ok) return split;
  const { model_name: modelName, model_version: modelVersion, id, parameters = {}, outputs } = split.value.json;
  if (typeof modelName !== 'string') return fail("'model_name' must be a string");
  if (!isParameters(parameters)) return fail("'parameters' must be an object of strings, numbers and booleans");
  if (!Array.isArray(outputs)) return fail("'outputs' must be an array");
  const tensors = readTensors(outputs, split.value.rest, 'output');
  if (!tensors.ok) return tensors;
  return ok({
    modelName,
    modelVersion: typeof modelVersion === 'string' ? modelVersion : '',
    ...(typeof id === 'string' && id !== '' ? { id } : {}),
    parameters,
    outputs: tensors.value,
  });
}

/** Members in the order in which Triton writes them. `binary` says of each output whether it stands behind the JSON. */
export function writeInferResponse(response: InferResponse, binary: (output: string) => boolean): Result<Body, string> {
  const written = writeTensors(response.outputs, binary);
  if (!written.ok) return written;
  return ok(
    joinBody(
      {
        id: response.id,
        model_name: response.modelName,
        model_version: response.modelVersion,
        parameters: unlessEmpty(response.parameters),
        outputs: written.value.json,
      },
      written.value.rest,
    ),
  );
}

type JsonObject = Readonly<Record<string, unknown>>;

const isParameters = (value: unknown): value is Parameters =>
  isObject(value) && Object.values(value).every(member => ['string', 'number', 'boolean'].includes(typeof member));

const unlessEmpty = (parameters: Parameters): Parameters | undefined =>
  Object.keys(parameters).length > 0 ? parameters : undefined;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function splitBody(
  body: Uint8Array,
  jsonLength = body.length,
): Result<{ readonly json: JsonObject; readonly rest: Uint8Array }, string> {
  if (jsonLength > body.length) {
    return fail(`the JSON should have ${jsonLength} bytes, but the body has ${body.length}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(UTF8.decode(body.subarray(0, jsonLength)));
  } catch (error) {
    return fail(`failed to parse the request JSON buffer: ${error instanceof Error ? error.message : error}`);
  }
  if (!isObject(json)) return fail('failed to parse the request JSON buffer: not an object');
  return ok({ json, rest: body.subarray(jsonLength) });
}

function joinBody(json: JsonObject, rest: readonly Uint8Array[]): Body {
  const head = new TextEncoder().encode(jsonText(json));
  return rest.length === 0 ? { bytes: head } : { bytes: Buffer.concat([head, ...rest]), jsonLength: head.length };
}

function readTensors(
  listed: readonly unknown[],
  rest: Uint8Array,
  role: 'input' | 'output',
): Result<readonly WireTensor[], string> {
  const tensors: WireTensor[] = [];
  let offset = 0;
  for (const [index, entry] of listed.entries()) {
    const declared = readDeclaration(entry, index, role);
    if (!declared.ok) return declared;
    const { name, datatype, shape, binarySize, json } = declared.value;
    const elements = elementsOf(shape);
    const end = offset + (binarySize ?? 0);
    if (end > rest.length) {
      return fail(`${role} '${name}': binary_data_size is ${binarySize}, but ${rest.length - offset} bytes are left`);
    }
    const data =
      binarySize === undefined
        ? dataFromJson(datatype, json, elements)
        : decodeBinary(datatype, rest.subarray(offset, end), elements);
    if (!data.ok) return fail(`${role} '${name}': ${data.error}`);
    tensors.push({ name, datatype, shape, data: data.value });
    offset = end;
  }
  if (offset < rest.length) return fail(`${rest.length - offset} bytes behind the JSON belong to no ${role}`);
  return ok(tensors);
}

interface Declaration {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** undefined: the elements are in `json`. */
  readonly binarySize: number | undefined;
  readonly json: unknown;
}

function readDeclaration(entry: unknown, index: number, role: 'input' | 'output'): Result<Declaration, string> {
  if (!isObject(entry)) return fail(`${role} ${index} is not an object`);
  const { name, datatype, shape, parameters = {}, data } = entry;
  if (typeof name !== 'string' || name === '') return fail(`${role} ${index} has no 'name'`);
  if (!isDatatype(datatype)) return fail(`${role} '${name}': unknown datatype ${JSON.stringify(datatype)}`);
  if (!isShape(shape)) return fail(`${role} '${name}': 'shape' must be an array of whole numbers`);
  if (!isParameters(parameters)) return fail(`${role} '${name}': 'parameters' must be an object`);
  const { binary_data_size: binarySize } = parameters;
  if (binarySize !== undefined && !(Number.isInteger(binarySize) && Number(binarySize) >= 0)) {
    return fail(`${role} '${name}': 'binary_data_size' must be a whole number`);
  }
  if ((binarySize === undefined) === (data === undefined)) {
    return fail(`${role} '${name}' must have either 'data' or the parameter 'binary_data_size'`);
  }
  return ok({ name, datatype, shape, binarySize: binarySize as number | undefined, json: data });
}

const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) &&
  value.every(dim => Number.isSafeInteger(dim) && dim >= 0) &&
  Number.isSafeInteger(elementsOf(value));

function readRequestedOutput(output: unknown, binaryByDefault: boolean): Result<RequestedOutput, string> {
  if (!isObject(output) || typeof output.name !== 'string') return fail("an output must be an object with a 'name'");
  const { name, parameters = {} } = output;
  if (!isParameters(parameters)) return fail(`output '${name}': 'parameters' must be an object`);
  const { binary_data: binary = binaryByDefault, classification = 0 } = parameters;
  if (typeof binary !== 'boolean') return fail(`output '${name}': 'binary_data' must be true or false`);
  if (!(Number.isInteger(classification) && Number(classification) >= 0)) {
    return fail(`output '${name}': 'classification' must be a whole number`);
  }
  return ok({ name, binary, classification: Number(classification) });
}

function writeTensors(
  tensors: readonly WireTensor[],
  binary: (name: string) => boolean,
): Result<{ readonly json: readonly JsonObject[]; readonly rest: readonly Uint8Array[] }, string> {
  const json: JsonObject[] = [];
  const rest: Uint8Array[] = [];
  for (const { name, datatype, shape, data } of tensors) {
    if (binary(name) || datatype === 'FP16' || datatype === 'BF16') {
      const bytes = encodeBinary(data);
      rest.push(bytes);
      json.push({ name, datatype, shape, parameters: { binary_data_size: bytes.length } });
      continue;
    }
    const listed = dataToJson(datatype, data);
    if (!listed.ok) return fail(`'${name}': ${listed.error}`);
    json.push({ name, datatype, shape, data: listed.value });
  }
  return ok({ json, rest });
}
