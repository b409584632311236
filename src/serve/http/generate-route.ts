import { elementsOf, type WireTensor } from '../../kserve/datatypes.js';
import { dataFromJson, dataToJson } from '../../kserve/json-data.js';
import { jsonText } from '../../kserve/json-text.js';
import type { InferRequest, InferResponse, Parameters } from '../../kserve/messages.js';
import { fail, ok, type Result } from '../../util/result.js';
import { modelMetadata } from '../descriptions.js';
import { infer } from '../inference.js';
import { type ServeError, serveError } from '../model.js';
import type { ServedVersion } from '../served-version.js';
import { readJsonBody } from './body.js';
import { errorAnswer, type HttpAnswer, type HttpRequest, invalid } from './message.js';
import { parameterProblem } from './parameters.js';

/** POST .../generate and .../generate_stream: members of a JSON object are inputs by their names, and parameters. */
export async function generateRoute(
  { message, signal }: HttpRequest,
  model: ServedVersion,
  settings: { readonly maxBytes: number; readonly isStream: boolean },
): Promise<HttpAnswer> {
  const body = await readJsonBody(message, { maxBytes: settings.maxBytes, isCompressible: false });
  if (!body.ok) return errorAnswer(body.error);
  const request = inferRequest(body.value, model);
  if (!request.ok) return errorAnswer(request.error);
  const responses = infer(model, request.value, signal);
  return settings.isStream ? streamed(responses) : single(responses);
}

type Responses = AsyncGenerator<Result<InferResponse, ServeError>>;

async function single(responses: Responses): Promise<HttpAnswer> {
  const all: InferResponse[] = [];
  for await (const response of responses) {
    if (!response.ok) return errorAnswer(response.error);
    all.push(response.value);
  }
  const [only] = all;
  if (only === undefined || all.length !== 1) {
    return errorAnswer(
      serveError(
        'INTERNAL',
        'generate expects model to produce exactly 1 response, use generate stream for model that generates various number of responses',
      ),
    );
  }
  const text = responseText(only);
  if (!text.ok) return errorAnswer(text.error);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: text.value };
}

/** The first response decides the status; what goes wrong later is an event. */
async function streamed(responses: Responses): Promise<HttpAnswer> {
  const first = await responses.next();
  if (!first.done && !first.value.ok) return errorAnswer(first.value.error);
  async function* events(): AsyncGenerator<string> {
    if (first.done) return;
    yield eventOf(first.value);
    for await (const response of responses) yield eventOf(response);
  }
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    body: events(),
  };
}

function eventOf(response: Result<InferResponse, ServeError>): string {
  const text = response.ok ? responseText(response.value) : response;
  return `data: ${text.ok ? text.value : JSON.stringify({ error: text.error.message })}\n\n`;
}

function responseText(response: InferResponse): Result<string, ServeError> {
  const members: [string, unknown][] = [
    ...(response.id === undefined ? [] : [['id', response.id] as [string, unknown]]),
    ['model_name', response.modelName],
    ['model_version', response.modelVersion],
    ...Object.entries(response.parameters),
  ];
  for (const { name, datatype, data } of response.outputs) {
    const elements = dataToJson(datatype, data);
    if (!elements.ok) return fail(invalid(`'${name}': ${elements.error}`));
    members.push([name, elements.value.length === 1 ? elements.value[0] : elements.value]);
  }
  return ok(jsonText(Object.fromEntries(members)));
}

function inferRequest(body: Readonly<Record<string, unknown>>, model: ServedVersion): Result<InferRequest, ServeError> {
  const declared = new Map(modelMetadata(model, []).inputs.map(input => [input.name, input]));
  const inputs: WireTensor[] = [];
  const parameters: Record<string, Parameters[string]> = {};
  let id: string | undefined;
  const { parameters: nested, ...top } = body;
  if (nested !== undefined && (typeof nested !== 'object' || nested === null || Array.isArray(nested))) {
    return fail(invalid("Expected JSON object for keyword: 'parameters'"));
  }
  for (const [name, value] of [...Object.entries(top), ...Object.entries(nested ?? {})]) {
    const input = declared.get(name);
    if (input !== undefined) {
      const tensor = inputTensor(input as Declared, value);
      if (!tensor.ok) return tensor;
      inputs.push(tensor.value);
    } else if (name === 'id' && typeof value === 'string') {
      id = value;
    } else if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
      parameters[name] = value;
    } else {
      return fail(invalid(`parameter '${name}' has invalid type. It should be either 'int', 'bool', or 'string'.`));
    }
  }
  const problem = parameterProblem(parameters);
  if (problem !== undefined) return fail(invalid(problem));
  return ok({ ...(id === undefined ? {} : { id }), parameters, inputs, outputs: [] });
}

interface Declared extends Pick<WireTensor, 'name' | 'datatype'> {
  readonly shape: readonly number[];
}

/** A scalar or a flat list as a tensor: the innermost open dimension takes the elements, the others are 1. */
function inputTensor({ name, datatype, shape }: Declared, value: unknown): Result<WireTensor, ServeError> {
  const elements = Array.isArray(value) ? value.length : 1;
  const misfit = fail(invalid(`The schema can not convert input '${name}' to tensor with proper shape`));
  const fixed = shape.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  if (elements % fixed !== 0) return misfit;
  const innermost = shape.lastIndexOf(-1);
  const full = shape.map((dim, axis) => (dim !== -1 ? dim : axis === innermost ? elements / fixed : 1));
  if (elementsOf(full) !== elements) return misfit;
  const data = dataFromJson(datatype, value, elements);
  if (!data.ok) return fail(invalid(`input '${name}': ${data.error}`));
  return ok({ name, datatype, shape: full, data: data.value });
}
