import type { WireTensor } from '../kserve/datatypes.js';
import type { InferRequest, InferResponse, Parameters } from '../kserve/messages.js';
import { fail, mapped, ok } from '../util/result.js';
import { type Endpoint, type Protocol, parseEndpoint } from './endpoint.js';
import { requestError } from './errors.js';
import type { ModelMetadata, ModelStatistics, RepositoryEntry, ServerMetadata } from './messages.js';
import { type CallLimits, DEFAULT_RETRY, type RetryPolicy, streamWithRetries, withRetries } from './retry.js';
import { type InputData, type InputTensor, toWireTensor } from './tensors.js';
import type { JsonObject, ModelReference, Outcome, Transport } from './transport.js';

export interface ClientOptions {
  /** Of an address without a scheme; unless given, http. */
  readonly protocol?: Protocol;
  /** With every call: headers over HTTP, metadata over gRPC. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Packs bodies with gzip. Unless given, false: it pays on slow networks only. */
  readonly compress?: boolean;
  /** Of a call that does not say. Unless given, 60 000; streams have none. */
  readonly timeoutMilliseconds?: number;
  readonly retry?: Partial<RetryPolicy>;
}

export interface CallOptions {
  /** For the whole call, all attempts together. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
}

export interface ModelOptions extends CallOptions {
  /** Unless given, the server's choice. */
  readonly version?: string;
}

export interface InferOptions extends ModelOptions {
  readonly inputs: Readonly<Record<string, InputTensor | InputData>>;
  /** Names, or names with what is wanted of them. Unless given, all. */
  readonly outputs?: readonly (string | { readonly name: string; readonly classification?: number })[];
  readonly parameters?: Parameters;
  readonly id?: string;
  /** Tensors as bytes behind the JSON: the binary extension, which most servers have. FP16 and BF16 need it. Over gRPC always. */
  readonly binary?: boolean;
}

/** One answer; `outputs` by name, in the server's order. */
export interface InferResult {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id?: string;
  readonly parameters: Parameters;
  readonly outputs: Readonly<Record<string, WireTensor>>;
}

export interface GenerateOptions extends ModelOptions {
  /** Beside the text: members that are inputs of the model become tensors, the others parameters. */
  readonly parameters?: JsonObject;
}

const TIMEOUT_MILLISECONDS = 60_000;

/**
 * A client of any server that speaks the KServe v2 inference protocol. Every call gives a value or an error
 * (`Result<T, ClientError>`) and throws for mistakes in the program only. What the server has not begun with is tried again
 * within the call's time; nothing else is.
 *
 *     const client = new TritonClient('http://localhost:8000');
 *     const answer = await client.infer('intents-cpu-fp32', { inputs: { TEXT: [['where is my parcel']] } });
 *     if (answer.ok) console.log(toNested(answer.value.outputs.logits!));
 *     await client.close();
 */
export class TritonClient {
  readonly endpoint: Endpoint;
  readonly #options: ClientOptions;
  readonly #retry: RetryPolicy;
  #transport: Promise<Transport> | undefined;

  /** Connects with the first call. Throws TypeError when `url` is no address. */
  constructor(url: string, options: ClientOptions = {}) {
    const endpoint = parseEndpoint(url, options.protocol);
    if (!endpoint.ok) throw new TypeError(endpoint.error);
    this.endpoint = endpoint.value;
    this.#options = options;
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
  }

  /** The server runs. */
  live(options: CallOptions = {}): Promise<Outcome<boolean>> {
    return this.#call(options, (transport, signal) => transport.serverLive(signal));
  }

  /** The server takes requests, or the named model does. */
  ready(options: ModelOptions & { readonly model?: string } = {}): Promise<Outcome<boolean>> {
    const { model } = options;
    return this.#call(options, (transport, signal) =>
      model === undefined ? transport.serverReady(signal) : transport.modelReady(reference(model, options), signal),
    );
  }

  serverMetadata(options: CallOptions = {}): Promise<Outcome<ServerMetadata>> {
    return this.#call(options, (transport, signal) => transport.serverMetadata(signal));
  }

  modelMetadata(model: string, options: ModelOptions = {}): Promise<Outcome<ModelMetadata>> {
    return this.#call(options, (transport, signal) => transport.modelMetadata(reference(model, options), signal));
  }

  /** The model's configuration, fields by the names of ModelConfig. An extension of Triton's. */
  modelConfig(model: string, options: ModelOptions = {}): Promise<Outcome<JsonObject>> {
    return this.#call(options, (transport, signal) => transport.modelConfig(reference(model, options), signal));
  }

  /** Of all models where `model` is undefined. An extension of Triton's. */
  statistics(model?: string, options: ModelOptions = {}): Promise<Outcome<readonly ModelStatistics[]>> {
    const named = model === undefined ? undefined : reference(model, options);
    return this.#call(options, (transport, signal) => transport.statistics(named, signal));
  }

  async infer(model: string, options: InferOptions): Promise<Outcome<InferResult>> {
    const request = requestOf(options);
    if (!request.ok) return request;
    const response = await this.#call(
      options,
      (transport, signal) => transport.infer(reference(model, options), request.value, options.binary ?? false, signal),
      request.value,
    );
    return mapped(response, resultOf);
  }

  /** All answers of a decoupled model, as they come (ModelStreamInfer). gRPC only. Ends after the first error. */
  async *streamInfer(model: string, options: InferOptions): AsyncGenerator<Outcome<InferResult>, void, undefined> {
    const request = requestOf(options);
    if (!request.ok) return yield request;
    const responses = this.#stream(
      options,
      (transport, signal) => transport.streamInfer(reference(model, options), request.value, signal),
      request.value,
    );
    for await (const response of responses) yield mapped(response, resultOf);
  }

  /** One JSON object of another: `{"text_input": text, ...parameters}`. HTTP only; an extension of Triton's. */
  generate(model: string, text: string | JsonObject, options: GenerateOptions = {}): Promise<Outcome<JsonObject>> {
    return this.#call(options, (transport, signal) =>
      transport.generate(reference(model, options), generateBody(text, options), signal),
    );
  }

  /** The same as a stream of JSON objects, as the model writes. Ends after the first error. */
  generateStream(
    model: string,
    text: string | JsonObject,
    options: GenerateOptions = {},
  ): AsyncGenerator<Outcome<JsonObject>, void, undefined> {
    return this.#stream(options, (transport, signal) =>
      transport.generateStream(reference(model, options), generateBody(text, options), signal),
    );
  }

  /** What the server's repository holds. */
  repositoryIndex(
    options: CallOptions & { readonly readyOnly?: boolean } = {},
  ): Promise<Outcome<readonly RepositoryEntry[]>> {
    return this.#call(options, (transport, signal) => transport.repositoryIndex(options.readyOnly ?? false, signal));
  }

  /** @param options.config another config than the folder's, as JSON text */
  loadModel(model: string, options: CallOptions & { readonly config?: string } = {}): Promise<Outcome<undefined>> {
    const parameters: Record<string, string> = options.config === undefined ? {} : { config: options.config };
    return this.#call(options, (transport, signal) => transport.loadModel(model, parameters, signal));
  }

  /** @param options.dependents also the models that an ensemble is made of */
  unloadModel(
    model: string,
    options: CallOptions & { readonly dependents?: boolean } = {},
  ): Promise<Outcome<undefined>> {
    return this.#call(options, (transport, signal) =>
      transport.unloadModel(model, options.dependents ?? false, signal),
    );
  }

  /** Waits for running calls and closes the connections. */
  async close(): Promise<void> {
    await (await this.#transport)?.close();
    this.#transport = undefined;
  }

  #connect(): Promise<Transport> {
    const { headers = {}, compress = false } = this.#options;
    this.#transport ??=
      this.endpoint.protocol === 'http'
        ? import('./http.js').then(({ httpTransport }) => httpTransport(this.endpoint, { headers, compress }))
        : import('./grpc.js').then(({ grpcTransport }) => grpcTransport(this.endpoint, { headers, compress }));
    return this.#transport;
  }

  async #call<T>(
    options: CallOptions,
    once: (transport: Transport, signal: AbortSignal) => Promise<Outcome<T>>,
    request?: InferRequest,
  ): Promise<Outcome<T>> {
    const transport = await this.#connect();
    const limits = this.#limits(options, this.#options.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS);
    return withRetries(limits, this.#policy(request), signal => once(transport, signal));
  }

  async *#stream<T>(
    options: CallOptions,
    once: (transport: Transport, signal: AbortSignal) => AsyncIterable<Outcome<T>>,
    request?: InferRequest,
  ): AsyncGenerator<Outcome<T>, void, undefined> {
    const transport = await this.#connect();
    const limits = this.#limits(options, this.#options.timeoutMilliseconds ?? Number.POSITIVE_INFINITY);
    yield* streamWithRetries(limits, this.#policy(request), signal => once(transport, signal));
  }

  #limits(options: CallOptions, timeoutMilliseconds: number): CallLimits {
    return { timeoutMilliseconds: options.timeoutMilliseconds ?? timeoutMilliseconds, signal: options.signal };
  }

  /** A step of a sequence changes the server's state: a proxy may say 503 of one that was taken. */
  #policy(request?: InferRequest): RetryPolicy {
    return request && 'sequence_id' in request.parameters ? { ...this.#retry, attempts: 1 } : this.#retry;
  }
}

const reference = (name: string, { version }: ModelOptions): ModelReference =>
  version === undefined ? { name } : { name, version };

const generateBody = (text: string | JsonObject, { parameters = {} }: GenerateOptions): JsonObject => ({
  ...(typeof text === 'string' ? { text_input: text } : text),
  ...parameters,
});

/** The request as it goes over the wire, whatever carries it. */
export function requestOf({
  inputs,
  outputs = [],
  parameters = {},
  id,
  binary = false,
}: InferOptions): Outcome<InferRequest> {
  const tensors: WireTensor[] = [];
  for (const [name, input] of Object.entries(inputs)) {
    const tensor = toWireTensor(name, input);
    if (!tensor.ok) return fail(requestError(tensor.error));
    tensors.push(tensor.value);
  }
  const requested = outputs.map(output => {
    const { name, classification = 0 } = typeof output === 'string' ? { name: output } : output;
    return { name, binary: binary && classification === 0, classification };
  });
  const allBinary = binary && requested.length === 0 ? { binary_data_output: true } : {};
  return ok({
    ...(id === undefined ? {} : { id }),
    parameters: { ...parameters, ...allBinary },
    inputs: tensors,
    outputs: requested,
  });
}

const resultOf = ({ outputs, ...rest }: InferResponse): InferResult => ({
  ...rest,
  outputs: Object.fromEntries(outputs.map(output => [output.name, output])),
});
