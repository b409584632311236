import type { WireTensor } from '../kserve/datatypes.js';
import type { Parameters } from '../kserve/messages.js';
import type { ModelConfig } from '../triton/model-config.js';
import type { Failure } from '../util/failure.js';
import type { Result } from '../util/result.js';

/** What a request comes to when it cannot be answered: the server's own codes (TRITONSERVER_Error_Code). */
export type ErrorStatus =
  | 'UNKNOWN'
  | 'INTERNAL'
  | 'NOT_FOUND'
  | 'INVALID_ARG'
  | 'UNAVAILABLE'
  | 'UNSUPPORTED'
  | 'ALREADY_EXISTS'
  | 'CANCELLED';

/** An answer to a client that asked for something impossible, or at a bad time. `message` goes out as it is. */
export interface ServeError {
  readonly status: ErrorStatus;
  readonly message: string;
}

/** One request to one model. With max_batch_size above 0, the first dimension of every input is the rows of this request. */
export interface ModelRequest {
  readonly id?: string;
  readonly parameters: Parameters;
  readonly inputs: readonly WireTensor[];
  /** Names of the outputs that are wanted; all when empty. A model may give more. */
  readonly outputs: readonly string[];
  /** Aborted when nobody waits for the answer any more: the client has gone, or its time is over. */
  readonly signal: AbortSignal;
}

export interface ModelResponse {
  readonly outputs: readonly WireTensor[];
  readonly parameters?: Parameters;
}

export type Answer = Result<ModelResponse, ServeError>;

/** What a model may do while it executes, besides calculating. */
export interface ExecuteContext {
  /**
   * Asks another model of the repository, its newest version, and waits: business logic scripting. Give the `signal` of the
   * request for which it is done. A decoupled model must give exactly one response here.
   */
  call(model: string, request: ModelRequest): Promise<Answer>;
}

/** What the work of a Python-backend model is made from. */
export interface KindLoad {
  /** `<repository>/<model>/<version>`: td.json, tokenizer.json and whatever else stands beside model.py. */
  readonly versionFolder: string;
  readonly config: ModelConfig;
  /** Contents of td.json, its member "kind" included. Not checked yet: a kind reads what it knows and refuses the rest. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The work of one model.py, with the same outputs and the same messages. Thrown exceptions fail the whole batch with status
 * INTERNAL, as they do in the Python backend.
 */
export interface KindModel {
  /** A batch of requests, as `execute(requests)` of model.py gets it: one answer for each, in order. */
  execute?(requests: readonly ModelRequest[], context: ExecuteContext): Promise<readonly Answer[]>;
  /** Instead of `execute` where model_transaction_policy says decoupled: any number of answers to one request. */
  stream?(request: ModelRequest, context: ExecuteContext): AsyncIterable<Answer>;
  /** Frees what the model holds. */
  unload?(): Promise<void>;
}

/** Loads one model; the registry is src/serve/kinds/index.ts, by the name in td.json's "kind". */
export type Kind = (load: KindLoad) => Promise<Result<KindModel, Failure>>;

export const serveError = (status: ErrorStatus, message: string): ServeError => ({ status, message });
