import type { Client, ClientReadableStream, Metadata, ServiceError } from '@grpc/grpc-js';
import {
  type InferRequestMessage,
  type InferResponseMessage,
  inferRequestToMessage,
  inferResponseFromMessage,
  parametersToMessage,
} from '../kserve/grpc-messages.js';
import { inferenceService } from '../kserve/grpc-service.js';
import type { InferRequest, InferResponse } from '../kserve/messages.js';
import { fail, ok } from '../util/result.js';
import type { Endpoint } from './endpoint.js';
import {
  brokenError,
  type ClientError,
  cancelledError,
  malformed,
  requestError,
  type ServerStatus,
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
import type { JsonObject, ModelReference, Outcome, Transport } from './transport.js';

export interface GrpcOptions {
  /** Sent as metadata. */
  readonly headers: Readonly<Record<string, string>>;
  /** Messages are packed with gzip. */
  readonly compress: boolean;
}

type Grpc = typeof import('@grpc/grpc-js');

/** A method of the generated client: one message there, one back. */
type Unary = (
  message: object,
  metadata: Metadata,
  options: object,
  done: (error: ServiceError | null, reply?: unknown) => void,
) => { cancel(): void };

/** The KServe v2 protocol over gRPC, on one connection. */
export async function grpcTransport(endpoint: Endpoint, options: GrpcOptions): Promise<Transport> {
  const grpc = (await import('@grpc/grpc-js')).default as Grpc;
  const InferenceClient = grpc.makeGenericClientConstructor(await inferenceService(), 'GRPCInferenceService');
  const credentials = endpoint.secure ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
  const client = new InferenceClient(endpoint.authority, credentials, {
    // Tensors are often larger than the 4 MB that gRPC allows unless told.
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // Retries are the caller's, within the time of the whole call.
    'grpc.enable_retries': 0,
    // A client that is made anew must not share a connection that is backing off.
    'grpc.use_local_subchannel_pool': 1,
    ...(options.compress ? { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip } : {}),
  });
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(options.headers)) metadata.set(name, value);
  return new GrpcTransport(grpc, client, metadata);
}

class GrpcTransport implements Transport {
  readonly #grpc: Grpc;
  readonly #client: Client;
  readonly #metadata: Metadata;

  constructor(grpc: Grpc, client: Client, metadata: Metadata) {
    this.#grpc = grpc;
    this.#client = client;
    this.#metadata = metadata;
  }

  serverLive(signal: AbortSignal) {
    return this.#unary('ServerLive', {}, signal, flag('live'));
  }

  serverReady(signal: AbortSignal) {
    return this.#unary('ServerReady', {}, signal, flag('ready'));
  }

  modelReady(model: ModelReference, signal: AbortSignal) {
    return this.#unary('ModelReady', named(model), signal, flag('ready'));
  }

  serverMetadata(signal: AbortSignal) {
    return this.#unary('ServerMetadata', {}, signal, readServerMetadata);
  }

  modelMetadata(model: ModelReference, signal: AbortSignal) {
    return this.#unary('ModelMetadata', named(model), signal, readModelMetadata);
  }

  modelConfig(model: ModelReference, signal: AbortSignal): Promise<Outcome<JsonObject>> {
    return this.#unary('ModelConfig', named(model), signal, message =>
      isFields(message) && isFields(message.config)
        ? ok(message.config as JsonObject)
        : malformed('the answer has no config'),
    );
  }

  statistics(model: ModelReference | undefined, signal: AbortSignal) {
    return this.#unary('ModelStatistics', model ? named(model) : {}, signal, readStatistics);
  }

  infer(model: ModelReference, request: InferRequest, _binary: boolean, signal: AbortSignal) {
    return this.#unary('ModelInfer', messageOf(model, request), signal, message =>
      responseOf(message as InferResponseMessage),
    );
  }

  async *streamInfer(
    model: ModelReference,
    request: InferRequest,
    signal: AbortSignal,
  ): AsyncGenerator<Outcome<InferResponse>, void, undefined> {
    const open = (this.#client as unknown as Record<string, unknown>).ModelStreamInfer as (
      // made from the .proto
      metadata: Metadata,
    ) => ClientReadableStream<StreamMessage> & { write(message: object): void; end(): void };
    const stream = open.call(this.#client, this.#metadata);
    const cancel = (): void => stream.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      if (signal.aborted) stream.cancel();
      stream.write(messageOf(model, request));
      stream.end();
      for await (const { error_message: error, infer_response: response } of stream as AsyncIterable<StreamMessage>) {
        const outcome = error ? fail(streamedError(error)) : responseOf(response ?? {});
        yield outcome;
        if (!outcome.ok) return;
      }
    } catch (error) {
      yield fail(errorOf(this.#grpc, error as ServiceError));
    } finally {
      signal.removeEventListener('abort', cancel);
      stream.cancel();
    }
  }

  async generate(): Promise<Outcome<JsonObject>> {
    return fail(requestError('generate is a call over HTTP; over gRPC, infer is the like'));
  }

  async *generateStream(): AsyncIterable<Outcome<JsonObject>> {
    yield fail(requestError('generate_stream is a call over HTTP; over gRPC, streamInfer is the like'));
  }

  repositoryIndex(readyOnly: boolean, signal: AbortSignal) {
    return this.#unary('RepositoryIndex', { ready: readyOnly }, signal, readRepositoryIndex);
  }

  loadModel(name: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal) {
    const message = { model_name: name, parameters: parametersToMessage(parameters) };
    return this.#unary('RepositoryModelLoad', message, signal, () => ok(undefined));
  }

  unloadModel(name: string, unloadDependents: boolean, signal: AbortSignal) {
    const parameters = parametersToMessage({ unload_dependents: unloadDependents });
    return this.#unary('RepositoryModelUnload', { model_name: name, parameters }, signal, () => ok(undefined));
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  #unary<T>(
    method: string,
    message: object,
    signal: AbortSignal,
    read: (reply: unknown) => Outcome<T>,
  ): Promise<Outcome<T>> {
    if (signal.aborted) return Promise.resolve(fail(cancelledError()));
    const send = (this.#client as unknown as Record<string, unknown>)[method] as Unary; // made from the .proto
    return new Promise(resolve => {
      const call = send.call(this.#client, message, this.#metadata, {}, (error, reply) => {
        signal.removeEventListener('abort', cancel);
        resolve(error ? fail(errorOf(this.#grpc, error)) : read(reply));
      });
      const cancel = (): void => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
    });
  }
}

interface StreamMessage {
  readonly error_message?: string;
  readonly infer_response?: InferResponseMessage;
}

const named = ({ name, version = '' }: ModelReference): object => ({ name, version });

/** Fields that are false are not on the wire. */
const flag =
  (name: string) =>
  (message: unknown): Outcome<boolean> =>
    isFields(message) ? ok(message[name] === true) : malformed(`the answer has no '${name}'`);

/** Over HTTP only: here, all tensors are bytes. */
function messageOf(model: ModelReference, request: InferRequest): InferRequestMessage {
  const { binary_data_output: _, ...parameters } = request.parameters;
  return inferRequestToMessage(model, { ...request, parameters });
}

function responseOf(message: InferResponseMessage): Outcome<InferResponse> {
  const response = inferResponseFromMessage(message);
  return response.ok ? response : malformed(response.error);
}

/** What the library itself says of a connection that ended before the status came; whether the server had begun is not known. */
const LOST =
  /^(Connection dropped|Call cancelled|Received RST_STREAM|No status information|Write (error|failed)|read E|.*ECONNRESET)/;

/** UNAVAILABLE comes of the server, or of the library where there is no connection: it then says so. */
function errorOf(grpc: Grpc, error: ServiceError): ClientError {
  const { code, details = '' } = error;
  const status = (grpc.status[code] ?? 'UNKNOWN') as ServerStatus;
  if (/^(No connection established|Name resolution failed)/.test(details)) {
    const reason = /Last error: (?:Error: )?(.*?)(?:\. Resolution note|$)/.exec(details)?.[1] ?? details;
    return unreachableError(reason, /ECONNREFUSED/.test(details));
  }
  if (status === 'CANCELLED' && details === 'Cancelled on client') return cancelledError();
  if (LOST.test(details)) return brokenError(`the connection ended before an answer came: ${details}`);
  return { kind: 'server', message: details || 'no reason given', status, safeToRetry: status === 'UNAVAILABLE' };
}
