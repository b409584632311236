import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Agent, Dispatcher } from 'undici';
import { readInferResponse, writeInferRequest } from '../kserve/http-body.js';
import { jsonText } from '../kserve/json-text.js';
import { fail, ok } from '../util/result.js';
import { type Endpoint, endpointText } from './endpoint.js';
import {
  brokenError,
  type ClientError,
  httpError,
  malformed,
  malformedError,
  requestError,
  streamedError,
  unreachableError,
} from './errors.js';
import {
  isFields,
  readModelMetadata,
  readRepositoryIndex,
  readServerMetadata,
  readStatistics,
} from './read-messages.js';
import { ServerSentEvents } from './server-sent-events.js';
import type { JsonObject, ModelReference, Outcome, Transport } from './transport.js';

export interface HttpOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Bodies are packed with gzip, both ways. */
  readonly compress: boolean;
}

/** One request, before it is known whom it goes to. */
interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

const JSON_LENGTH = 'inference-header-content-length';

/** The KServe v2 protocol over HTTP, on connections that are kept. */
export async function httpTransport(endpoint: Endpoint, options: HttpOptions): Promise<Transport> {
  const { Agent, request } = await import('undici');
  // Time limits are the caller's, for the whole call.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } });
  return new HttpTransport(endpoint, options, agent, request);
}

class HttpTransport implements Transport {
  readonly #origin: string;
  readonly #options: HttpOptions;
  readonly #agent: Agent;
  readonly #request: typeof import('undici').request;

  constructor(endpoint: Endpoint, options: HttpOptions, agent: Agent, request: typeof import('undici').request) {
    this.#origin = endpointText(endpoint);
    this.#options = options;
    this.#agent = agent;
    this.#request = request;
  }

  serverLive(signal: AbortSignal): Promise<Outcome<boolean>> {
    return this.#health('/v2/health/live', signal);
  }

  serverReady(signal: AbortSignal): Promise<Outcome<boolean>> {
    return this.#health('/v2/health/ready', signal);
  }

  modelReady(model: ModelReference, signal: AbortSignal): Promise<Outcome<boolean>> {
    return this.#health(`${pathOf(model)}/ready`, signal);
  }

  serverMetadata(signal: AbortSignal) {
    return this.#json({ method: 'GET', path: '/v2' }, signal, readServerMetadata);
  }

  modelMetadata(model: ModelReference, signal: AbortSignal) {
    return this.#json({ method: 'GET', path: pathOf(model) }, signal, readModelMetadata);
  }

  modelConfig(model: ModelReference, signal: AbortSignal) {
    return this.#json({ method: 'GET', path: `${pathOf(model)}/config` }, signal, objectOf);
  }

  statistics(model: ModelReference | undefined, signal: AbortSignal) {
    const path = model ? `${pathOf(model)}/stats` : '/v2/models/stats';
    return this.#json({ method: 'GET', path }, signal, readStatistics);
  }

  async infer(
    model: ModelReference,
    request: Parameters<Transport['infer']>[1],
    binary: boolean,
    signal: AbortSignal,
  ): ReturnType<Transport['infer']> {
    const written = writeInferRequest(request, { binary });
    if (!written.ok) return fail(requestError(written.error));
    const { bytes, jsonLength } = written.value;
    const headers: Record<string, string> =
      jsonLength === undefined
        ? { 'content-type': 'application/json' }
        : { 'content-type': 'application/octet-stream', [JSON_LENGTH]: String(jsonLength) };
    const reply = await this.#reply({ method: 'POST', path: `${pathOf(model)}/infer`, body: bytes, headers }, signal);
    if (!reply.ok) return reply;
    const length = reply.value.headers[JSON_LENGTH];
    if (length !== undefined && !/^\d+$/.test(String(length))) return malformed(`${JSON_LENGTH}: ${length}`);
    const response = readInferResponse(reply.value.body, length === undefined ? undefined : Number(length));
    return response.ok ? response : malformed(response.error);
  }

  async *streamInfer(): AsyncIterable<Outcome<never>> {
    yield fail(requestError('ModelStreamInfer is a call of gRPC; over HTTP, generateStream is the like'));
  }

  generate(model: ModelReference, body: JsonObject, signal: AbortSignal) {
    return this.#json(jsonCall(`${pathOf(model)}/generate`, body), signal, objectOf);
  }

  async *generateStream(
    model: ModelReference,
    body: JsonObject,
    signal: AbortSignal,
  ): AsyncGenerator<Outcome<JsonObject>, void, undefined> {
    const sent = await this.#send(jsonCall(`${pathOf(model)}/generate_stream`, body), signal);
    if (!sent.ok) return yield sent;
    const { statusCode, headers, body: pieces } = sent.value;
    if (statusCode !== 200) {
      const reply = await this.#read(sent.value);
      return yield reply.ok ? fail(errorOf(reply.value)) : reply;
    }
    if (!String(headers['content-type'] ?? '').startsWith('text/event-stream')) {
      pieces.destroy();
      return yield malformed(`a stream of the type ${headers['content-type']}, not text/event-stream`);
    }
    const events = new ServerSentEvents();
    try {
      for await (const piece of pieces) {
        for (const data of events.push(piece as Buffer)) {
          const outcome = eventOf(data);
          yield outcome;
          if (!outcome.ok) return;
        }
      }
    } catch (error) {
      return yield fail(brokenError(`the stream ended before it was whole: ${reasonOf(error)}`));
    }
    if (events.rest !== '') yield fail(brokenError('the stream ended in the middle of an event'));
  }

  repositoryIndex(readyOnly: boolean, signal: AbortSignal) {
    return this.#json(jsonCall('/v2/repository/index', readyOnly ? { ready: true } : {}), signal, readRepositoryIndex);
  }

  loadModel(name: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal) {
    return this.#done(`/v2/repository/models/${encodeURIComponent(name)}/load`, parameters, signal);
  }

  unloadModel(name: string, unloadDependents: boolean, signal: AbortSignal) {
    const parameters = { unload_dependents: unloadDependents };
    return this.#done(`/v2/repository/models/${encodeURIComponent(name)}/unload`, parameters, signal);
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #done(path: string, parameters: JsonObject, signal: AbortSignal): Promise<Outcome<undefined>> {
    const reply = await this.#reply(jsonCall(path, Object.keys(parameters).length > 0 ? { parameters } : {}), signal);
    return reply.ok ? ok(undefined) : reply;
  }

  /** 400 is Triton's "not ready", 503 that of other servers. */
  async #health(path: string, signal: AbortSignal): Promise<Outcome<boolean>> {
    const reply = await this.#reply({ method: 'GET', path }, signal);
    if (reply.ok) return ok(true);
    return [400, 503].includes(reply.error.httpStatus ?? 0) ? ok(false) : reply;
  }

  async #json<T>(call: Call, signal: AbortSignal, read: (message: unknown) => Outcome<T>): Promise<Outcome<T>> {
    const reply = await this.#reply(call, signal);
    if (!reply.ok) return reply;
    const json = parseJson(reply.value.body);
    return json.ok ? read(json.value) : json;
  }

  /** A reply with a status of success. */
  async #reply(call: Call, signal: AbortSignal): Promise<Outcome<Reply>> {
    const sent = await this.#send(call, signal);
    if (!sent.ok) return sent;
    const reply = await this.#read(sent.value);
    if (!reply.ok) return reply;
    const { status } = reply.value;
    return status >= 200 && status < 300 ? reply : fail(errorOf(reply.value));
  }

  async #send(call: Call, signal: AbortSignal): Promise<Outcome<Dispatcher.ResponseData>> {
    const { compress, headers } = this.#options;
    const packed = compress && call.body !== undefined ? await promisify(gzip)(call.body) : undefined;
    try {
      return ok(
        await this.#request(`${this.#origin}${call.path}`, {
          method: call.method,
          dispatcher: this.#agent,
          signal,
          ...(call.body === undefined ? {} : { body: packed ?? call.body }),
          headers: {
            ...(compress ? { 'accept-encoding': 'gzip' } : {}),
            ...(packed ? { 'content-encoding': 'gzip' } : {}),
            ...call.headers,
            ...headers,
          },
        }),
      );
    } catch (error) {
      return fail(connectionError(error));
    }
  }

  async #read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Outcome<Reply>> {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await body.arrayBuffer());
    } catch (error) {
      return fail(brokenError(`the answer ended before it was whole: ${reasonOf(error)}`));
    }
    if (headers['content-encoding'] === 'gzip') {
      try {
        bytes = await promisify(gunzip)(bytes);
      } catch (error) {
        return malformed(`the answer is not what gzip wrote: ${reasonOf(error)}`);
      }
    }
    return ok({ status: statusCode, headers, body: bytes });
  }
}

const pathOf = ({ name, version }: ModelReference): string =>
  `/v2/models/${encodeURIComponent(name)}${version === undefined ? '' : `/versions/${encodeURIComponent(version)}`}`;

const jsonCall = (path: string, body: JsonObject): Call => ({
  method: 'POST',
  path,
  body: jsonText(body),
  headers: { 'content-type': 'application/json' },
});

function parseJson(body: Uint8Array): Outcome<unknown> {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  try {
    return ok(JSON.parse(text));
  } catch {
    return malformed(`the answer is no JSON: ${excerpt(text)}`);
  }
}

const objectOf = (message: unknown): Outcome<JsonObject> =>
  isFields(message) ? ok(message as JsonObject) : malformed('the answer is no JSON object');

function eventOf(data: string): Outcome<JsonObject> {
  const json = parseJson(Buffer.from(data));
  if (!json.ok) return fail(malformedError(`an event is no JSON: ${excerpt(data)}`));
  const event = objectOf(json.value);
  if (event.ok && typeof event.value.error === 'string') return fail(streamedError(event.value.error));
  return event;
}

/** The server's own words: `{"error": "..."}`, or what a proxy before it says. */
function errorOf({ status, headers, body }: Reply): ClientError {
  const json = parseJson(body);
  const error = json.ok && isFields(json.value) ? (json.value.error ?? json.value.detail) : undefined;
  const text = typeof error === 'string' ? error : excerpt(Buffer.from(body).toString('utf8'));
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return httpError(status, text || 'no reason given', seconds >= 0 ? seconds * 1000 : undefined);
}

const excerpt = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text).trim();

/** Codes of errors before anything was sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function connectionError(error: unknown): ClientError {
  // The code of an aborted call is a number.
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const reason = reasonOf(error);
  if (code === 'ECONNREFUSED') return unreachableError(reason, true);
  if (NEVER_SENT.has(code) || /CERT|TLS|SSL|SIGNED/.test(code)) return unreachableError(reason, false);
  if (code.startsWith('UND_ERR_INVALID')) return requestError(reason);
  return brokenError(`the connection ended before an answer came: ${reason}`);
}

/** Several addresses were tried where the error is an aggregate; its own message is then empty. */
function reasonOf(error: unknown): string {
  const { message, code, errors } = error as NodeJS.ErrnoException & { errors?: readonly Error[] };
  return message || errors?.map(each => each.message).join('; ') || code || 'no reason given';
}
