import type {
  handleUnaryCall,
  ServerDuplexStream,
  ServerUnaryCall,
  ServiceError,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {
  type InferRequestMessage,
  type InferResponseMessage,
  inferRequestFromMessage,
  inferResponseToMessage,
  parametersToMessage,
} from '../../kserve/grpc-messages.js';
import type { InferRequest, InferResponse } from '../../kserve/messages.js';
import { fail, ok, type Result } from '../../util/result.js';
import { modelMetadata, serverMetadata, statisticsJson, versionsOf } from '../descriptions.js';
import type { ServerFacts } from '../http/routes.js';
import { infer } from '../inference.js';
import { type ErrorStatus, type ServeError, serveError } from '../model.js';
import type { ServedVersion } from '../served-version.js';
import { configMessage } from './config-message.js';
import { messageProblem } from './message-problem.js';

/** The codes of gRPC (grpc.status), as the server maps its own. */
const CODES: Readonly<Record<ErrorStatus, number>> = {
  UNKNOWN: 2,
  INTERNAL: 13,
  NOT_FOUND: 5,
  INVALID_ARG: 3,
  UNAVAILABLE: 14,
  UNSUPPORTED: 12,
  ALREADY_EXISTS: 6,
  CANCELLED: 1,
};

interface NamedModel {
  readonly name?: string;
  readonly version?: string;
}

type Reply = Result<object, ServeError>;
type Unary<Request> = (request: Request, signal: AbortSignal) => Reply | Promise<Reply>;

/** What each call does. */
export class Handlers {
  constructor(private readonly facts: ServerFacts) {}

  health(): UntypedServiceImplementation {
    return {
      Check: unary(() => ok({ status: this.isReady() ? 'SERVING' : 'NOT_SERVING' })),
    };
  }

  inference(): UntypedServiceImplementation {
    const { repository, version } = this.facts;
    return {
      ServerLive: unary(() => ok({ live: true })),
      ServerReady: unary(() => ok({ ready: this.isReady() })),
      ModelReady: unary((model: NamedModel) => ok({ ready: this.find(model).ok })),
      ServerMetadata: unary(() => ok(serverMetadata(version))),
      ModelMetadata: this.ofModel(model => modelMetadata(model, versionsOf(repository, model.facts.name))),
      ModelConfig: this.ofModel(model => ({ config: configMessage(model.facts.config) })),
      ModelStatistics: unary((named: NamedModel) => {
        if (!named.name) return ok({ model_stats: repository.served.map(statisticsJson) });
        const model = this.find(named);
        return model.ok ? ok({ model_stats: [statisticsJson(model.value)] }) : model;
      }),
      RepositoryIndex: unary(async ({ ready = false }: { readonly ready?: boolean }) =>
        ok({ models: await repository.index(ready) }),
      ),
      RepositoryModelLoad: unary(async ({ model_name: name = '', parameters = {} }: ControlMessage) =>
        Object.keys(parameters).length > 0
          ? fail(serveError('UNSUPPORTED', 'the server loads models as they lie in its repository, without parameters'))
          : emptyUnless(await repository.load(name)),
      ),
      RepositoryModelUnload: unary(async ({ model_name: name = '', parameters = {} }: ControlMessage) =>
        emptyUnless(await repository.unload(name, parameters.unload_dependents?.bool_param ?? false)),
      ),
      ModelInfer: unary((message: InferRequestMessage, signal) => this.modelInfer(message, signal)),
      ModelStreamInfer: (call: Stream) => void this.modelStreamInfer(call),
    };
  }

  private isReady(): boolean {
    return this.facts.repository.isReady && !this.facts.isStopping();
  }

  /** Without a version, the newest. */
  private find({ name = '', version = '' }: NamedModel): Result<ServedVersion, ServeError> {
    if (version !== '' && !/^[0-9]+$/.test(version)) {
      return fail(serveError('INVALID_ARG', `failed to get model version from specified version string '${version}'`));
    }
    return this.facts.repository.find(name, version === '' ? -1 : Number(version));
  }

  private ofModel(describe: (model: ServedVersion) => object): handleUnaryCall<unknown, unknown> {
    return unary((named: NamedModel) => {
      const model = this.find(named);
      return model.ok ? ok(describe(model.value)) : model;
    });
  }

  private prepare(
    message: InferRequestMessage,
  ): Result<{ readonly model: ServedVersion; readonly request: InferRequest }, ServeError> {
    const model = this.find({ name: message.model_name ?? '', version: message.model_version ?? '' });
    if (!model.ok) return model;
    const problem = messageProblem(message);
    if (problem !== undefined) return fail(serveError('INVALID_ARG', problem));
    const request = inferRequestFromMessage(message);
    if (!request.ok) return fail(serveError('INVALID_ARG', request.error));
    return ok({ model: model.value, request: request.value });
  }

  private async modelInfer(message: InferRequestMessage, signal: AbortSignal): Promise<Reply> {
    const prepared = this.prepare(message);
    if (!prepared.ok) return prepared;
    const { model, request } = prepared.value;
    if (model.isDecoupled) {
      return fail(serveError('UNSUPPORTED', "ModelInfer RPC doesn't support models with decoupled transaction policy"));
    }
    for await (const response of infer(model, request, signal)) {
      return response.ok ? ok(inferResponseToMessage(response.value)) : response;
    }
    return fail(serveError('INTERNAL', 'the model has given no response'));
  }

  /** Any number of requests, any number of responses to each; an error is a response, too. */
  private async modelStreamInfer(call: Stream): Promise<void> {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    const running = new Set<Promise<void>>();
    call.on('data', (message: InferRequestMessage) => {
      const run = this.respond(call, message, gone.signal).finally(() => running.delete(run));
      running.add(run);
    });
    await new Promise(resolve => call.once('end', resolve).once('cancelled', resolve).once('error', resolve));
    await Promise.all(running);
    call.end();
  }

  private async respond(call: Stream, message: InferRequestMessage, signal: AbortSignal): Promise<void> {
    const prepared = this.prepare(message);
    if (!prepared.ok) {
      call.write({ error_message: prepared.error.message });
      return;
    }
    const { model, request } = prepared.value;
    const { triton_enable_empty_final_response: isEmptyFinal, ...parameters } = request.parameters;
    try {
      for await (const response of infer(model, { ...request, parameters }, signal)) {
        call.write(streamed(response, request));
      }
      if (isEmptyFinal === true) call.write(finalResponse(model, request));
    } catch (error) {
      call.write({ error_message: `internal error: ${(error as Error).message}` });
    }
  }
}

interface ControlMessage {
  readonly model_name?: string;
  readonly parameters?: Readonly<Record<string, { readonly bool_param?: boolean }>>;
}

interface StreamResponse {
  readonly error_message?: string;
  readonly infer_response?: InferResponseMessage;
}

type Stream = ServerDuplexStream<InferRequestMessage, StreamResponse>;

const emptyUnless = (error: ServeError | undefined): Reply => (error ? fail(error) : ok({}));

const streamed = (response: Result<InferResponse, ServeError>, { id }: InferRequest): StreamResponse =>
  response.ok
    ? { infer_response: inferResponseToMessage(response.value) }
    : { error_message: response.error.message, ...(id === undefined ? {} : { infer_response: { id } }) };

/** What a client asks for that cannot tell otherwise when a decoupled model has given its last response. */
const finalResponse = ({ facts }: ServedVersion, { id }: InferRequest): StreamResponse => ({
  infer_response: {
    model_name: facts.name,
    model_version: `${facts.version}`,
    id: id ?? '',
    parameters: parametersToMessage({ triton_final_response: true }),
  },
});

function unary<Request>(handle: Unary<Request>): handleUnaryCall<unknown, unknown> {
  return (call: ServerUnaryCall<unknown, unknown>, callback) => {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    const answer = async (): Promise<Reply> => handle(call.request as Request, gone.signal);
    answer().then(
      reply => (reply.ok ? callback(null, reply.value) : callback(statusOf(reply.error))),
      (error: Error) => callback(statusOf(serveError('INTERNAL', `internal error: ${error.message}`))),
    );
  };
}

const statusOf = ({ status, message }: ServeError): Partial<ServiceError> => ({
  code: CODES[status],
  details: message,
});
