import type { IncomingHttpHeaders } from 'node:http';
import { decodeBinary } from '../../kserve/binary.js';
import { ARRAYS, type Datatype, type WireTensor } from '../../kserve/datatypes.js';

import { readInferRequest, writeInferResponse } from '../../kserve/http-body.js';
import type { InferRequest, InferResponse } from '../../kserve/messages.js';
import { fail, ok, type Result } from '../../util/result.js';
import { infer } from '../inference.js';
import { type ServeError, serveError } from '../model.js';
import { datatypeOf } from '../request-checks.js';
import type { ServedVersion } from '../served-version.js';
import { readBody } from './body.js';
import { errorAnswer, type HttpAnswer, type HttpRequest, invalid } from './message.js';
import { parameterProblem } from './parameters.js';

/** POST .../infer: JSON, JSON with tensors behind it, or the raw bytes of the only input. */
export async function inferRoute(
  { message, signal }: HttpRequest,
  model: ServedVersion,
  maxBytes: number,
): Promise<HttpAnswer> {
  if (model.isDecoupled) {
    return errorAnswer(
      serveError('UNSUPPORTED', "HTTP end point doesn't support models with decoupled transaction policy"),
    );
  }
  const body = await readBody(message, { maxBytes, isCompressible: true });
  if (!body.ok) return errorAnswer(body.error);
  const jsonLength = headerLength(message.headers, body.value.length);
  if (!jsonLength.ok) return errorAnswer(jsonLength.error);
  const isRaw = jsonLength.value === 0 && message.headers[HEADER_LENGTH] !== undefined;
  const request = isRaw ? rawRequest(body.value, model) : parsed(body.value, jsonLength.value);
  if (!request.ok) return errorAnswer(request.error);
  for await (const response of infer(model, request.value, signal)) {
    return response.ok ? answer(response.value, request.value, isRaw) : errorAnswer(response.error);
  }
  return errorAnswer(serveError('INTERNAL', 'the model has given no response'));
}

const HEADER_LENGTH = 'inference-header-content-length';

/** Bytes of JSON at the beginning of the body: all of it unless the header says otherwise. */
function headerLength(headers: IncomingHttpHeaders, size: number): Result<number, ServeError> {
  const text = headers[HEADER_LENGTH];
  if (text === undefined) return ok(size);
  const length = /^\s*[+-]?\d+/.test(`${text}`) ? Number.parseInt(`${text}`, 10) : Number.NaN;
  if (Number.isNaN(length)) return fail(invalid(`Unable to parse Inference-Header-Content-Length, got: ${text}`));
  if (Math.abs(length) > 2 ** 31 - 1) {
    return fail(
      invalid(
        `Unable to parse Inference-Header-Content-Length, value is out of range [ -2147483648, 2147483647 ], got: ${text}`,
      ),
    );
  }
  if (length >= 0 && length <= size) return ok(length);
  return fail(invalid(`inference header size should be in range (0, ${size}), got: ${text}`));
}

function parsed(body: Buffer, jsonLength: number): Result<InferRequest, ServeError> {
  const request = readInferRequest(body, jsonLength);
  if (!request.ok) return fail(invalid(request.error));
  const problem = parameterProblem(request.value.parameters);
  return problem === undefined ? ok(request.value) : fail(invalid(problem));
}

/** The raw binary request: no JSON, so the shape is made from the configuration and the number of bytes. */
function rawRequest(body: Buffer, { facts: { name: model, config } }: ServedVersion): Result<InferRequest, ServeError> {
  const refuse = (message: string) => fail(invalid(`[request id: <id_unknown>] ${message}`));
  const inputs = config.input ?? [];
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    return refuse(
      `Raw request must only have 1 input (found 1) to be deduced but got ${inputs.length} inputs in '${model}' model configuration`,
    );
  }
  const name = input.name ?? '';
  const dims = (input.dims ?? []).map(Number);
  const batch = (config.max_batch_size ?? 0) > 0 ? [1] : [];
  const datatype = datatypeOf(input.data_type) as Datatype;
  const request = (tensor: WireTensor): Result<InferRequest, ServeError> =>
    ok({ parameters: {}, inputs: [tensor], outputs: [] });
  const open = dims.filter(dim => dim === -1).length;
  if (open > 1) {
    return refuse(
      `The shape of the raw input '${name}' can not be deduced because there are more than one variable-sized dimension`,
    );
  }
  const fixed = dims.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  if (datatype === 'BYTES') {
    if (open > 0 || fixed !== 1) {
      return refuse(`For BYTE datatype raw input '${name}', the model must have input shape [1]`);
    }
    return request({ name, datatype, shape: [...batch, ...dims], data: [body] });
  }
  const size = ARRAYS[datatype].BYTES_PER_ELEMENT;
  const length = Math.floor(body.length / size / fixed);
  const shape = [...batch, ...dims.map(dim => (dim === -1 ? length : dim))];
  const elements = shape.reduce((product, dim) => product * dim, 1);
  const data = decodeBinary(datatype, body, elements);
  if (data.ok) return request({ name, datatype, shape, data: data.value });
  return refuse(
    `input byte size mismatch for input '${name}' for model '${model}'. Expected ${elements * size}, got ${body.length}`,
  );
}

function answer(response: InferResponse, request: InferRequest, isRaw: boolean): HttpAnswer {
  const byDefault = isRaw || request.parameters.binary_data_output === true;
  const isBinary = (name: string) => request.outputs.find(output => output.name === name)?.binary ?? byDefault;
  const written = writeInferResponse(response, isBinary);
  if (!written.ok) return errorAnswer(invalid(written.error));
  const { bytes, jsonLength } = written.value;
  const headers: Record<string, string> =
    jsonLength === undefined
      ? { 'content-type': 'application/json' }
      : { 'content-type': 'application/octet-stream', 'Inference-Header-Content-Length': `${jsonLength}` };
  return { status: 200, headers, body: bytes };
}
