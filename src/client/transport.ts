import type { InferRequest, InferResponse } from '../kserve/messages.js';
import type { Json } from '../util/json.js';
import type { Result } from '../util/result.js';
import type { ClientError } from './errors.js';
import type { ModelMetadata, ModelStatistics, RepositoryEntry, ServerMetadata } from './messages.js';

export type Outcome<T> = Result<T, ClientError>;

export interface ModelReference {
  readonly name: string;
  /** Unless given, the server's choice: by its version policy, the newest. */
  readonly version?: string;
}

export type JsonObject = { readonly [name: string]: Json };

/**
 * One way to a server. Each call is one attempt and gives a value or an error, never an exception; `signal` ends it.
 * Deadlines and retries stand above it, in client.ts.
 */
export interface Transport {
  serverLive(signal: AbortSignal): Promise<Outcome<boolean>>;
  serverReady(signal: AbortSignal): Promise<Outcome<boolean>>;
  modelReady(model: ModelReference, signal: AbortSignal): Promise<Outcome<boolean>>;
  serverMetadata(signal: AbortSignal): Promise<Outcome<ServerMetadata>>;
  modelMetadata(model: ModelReference, signal: AbortSignal): Promise<Outcome<ModelMetadata>>;
  modelConfig(model: ModelReference, signal: AbortSignal): Promise<Outcome<JsonObject>>;
  /** Of all models when none is named. */
  statistics(model: ModelReference | undefined, signal: AbortSignal): Promise<Outcome<readonly ModelStatistics[]>>;
  /** @param binary tensors as bytes; over gRPC they always are */
  infer(
    model: ModelReference,
    request: InferRequest,
    binary: boolean,
    signal: AbortSignal,
  ): Promise<Outcome<InferResponse>>;
  /** All responses of a decoupled model. Ends after the first error. */
  streamInfer(model: ModelReference, request: InferRequest, signal: AbortSignal): AsyncIterable<Outcome<InferResponse>>;
  generate(model: ModelReference, body: JsonObject, signal: AbortSignal): Promise<Outcome<JsonObject>>;
  /** Ends after the first error. */
  generateStream(model: ModelReference, body: JsonObject, signal: AbortSignal): AsyncIterable<Outcome<JsonObject>>;
  repositoryIndex(readyOnly: boolean, signal: AbortSignal): Promise<Outcome<readonly RepositoryEntry[]>>;
  loadModel(
    name: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Outcome<undefined>>;
  unloadModel(name: string, unloadDependents: boolean, signal: AbortSignal): Promise<Outcome<undefined>>;
  close(): Promise<void>;
}
