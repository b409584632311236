import { backendOf } from '../triton/lint-config.js';
import type { ModelConfig } from '../triton/model-config.js';
import { environmentFailure, type Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { GrpcServer } from './grpc/server.js';
import { PAGE_ROUTE } from './http/page.js';
import { ROUTES, type ServerFacts } from './http/routes.js';
import { HttpServer } from './http/server.js';
import { type IndexEntry, ModelRepository, type RepositorySettings } from './repository.js';

export interface ServeSettings {
  readonly repository: RepositorySettings;
  readonly host: string;
  /** 0: any port that is free. */
  readonly ports: Ports;
  /** Of a request's body, decompressed too. */
  readonly maxBytes?: number;
  /** Of this program, for the server's metadata. */
  readonly version: string;
}

export interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly metrics: number;
}

/** A server that listens. */
export interface RunningServer {
  readonly ports: Ports;
  readonly index: readonly IndexEntry[];
  /** Models that a GPU is asked for, which the CPU runs here. */
  readonly onCpu: readonly string[];
  /** Takes no new requests, answers those that it has, frees the models. */
  stop(): Promise<void>;
}

/** As the server's --http-max-input-size. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * Serves a model repository over HTTP, gRPC and, for metrics, HTTP on a third port. Failures: no repository or no such model;
 * 'port-taken' where an address cannot be listened on.
 */
export async function serve(settings: ServeSettings): Promise<Result<RunningServer, Failure>> {
  const opened = await ModelRepository.open(settings.repository);
  if (!opened.ok) return opened;
  const repository = opened.value;
  let isStopping = false;
  const maxBytes = settings.maxBytes ?? MAX_BYTES;
  const facts: ServerFacts = { repository, version: settings.version, maxBytes, isStopping: () => isStopping };
  const http = new HttpServer([...ROUTES, PAGE_ROUTE], facts);
  const grpc = new GrpcServer(facts);
  const metrics = new HttpServer(
    ROUTES.filter(({ pattern }) => pattern.test('/metrics')),
    facts,
  );
  const stop = async (): Promise<void> => {
    isStopping = true;
    await Promise.all([http.close(), grpc.close()]);
    await repository.closeAll();
    await metrics.close();
  };
  const ports = { http: 0, grpc: 0, metrics: 0 };
  for (const [name, server] of [
    ['http', http],
    ['grpc', grpc],
    ['metrics', metrics],
  ] as const) {
    try {
      ports[name] = await server.listen(settings.ports[name], settings.host);
    } catch (error) {
      await stop();
      return fail(notListening(settings, name, error as Error));
    }
  }
  const onCpu = repository.served.filter(({ facts }) => asksForGpu(facts.config)).map(({ facts }) => facts.name);
  return ok({ ports, index: await repository.index(false), onCpu: [...new Set(onCpu)], stop });
}

/** Whether Triton would run an ONNX model on a GPU, and refuse it where there is none. */
const asksForGpu = (config: ModelConfig): boolean =>
  backendOf(config) === 'onnxruntime' && (config.instance_group ?? []).some(({ kind }) => kind === 'KIND_GPU');

const notListening = ({ host, ports }: ServeSettings, name: keyof Ports, error: Error): Failure =>
  environmentFailure('port-taken', `the ${name === 'http' ? 'HTTP' : name} port cannot be listened on`, {
    where: `${host}:${ports[name]}`,
    found: error.message,
    fix: 'choose another port; 0 takes one that is free',
  });
