import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { PAGE_ROUTE } from '../../src/serve/http/page.js';
import { ROUTES, type ServerFacts } from '../../src/serve/http/routes.js';
import { HttpServer } from '../../src/serve/http/server.js';
import type { Instance } from '../../src/serve/instance.js';
import type { ModelRequest } from '../../src/serve/model.js';
import { serveError } from '../../src/serve/model.js';
import type { ModelRepository } from '../../src/serve/repository.js';
import { ScheduledModel } from '../../src/serve/scheduled-model.js';
import type { ServedVersion } from '../../src/serve/served-version.js';
import { ModelStatistics } from '../../src/serve/statistics.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import { ok } from '../../src/util/result.js';

const NO_CONTEXT = {
  call: async () => ({ ok: false as const, error: serveError('INTERNAL', 'no other models here') }),
};

/** A model whose instances are given. */
export const modelOf = (config: ModelConfig & { readonly name: string }, ...instances: Instance[]): ScheduledModel =>
  new ScheduledModel(
    {
      name: config.name,
      version: 1,
      config,
      labels: new Map([['OUT', ['zero', 'one', 'two']]]),
      statistics: new ModelStatistics(0),
    },
    instances,
    NO_CONTEXT,
  );

const SPENT = { computeInput: 1, computeInfer: 2, computeOutput: 3 };

/** Gives each input back as an output: IN as OUT. Runs when `gate` lets it; tells the rows of each batch to `seen`. */
export function echo({
  gate = Promise.resolve(),
  seen = [],
}: {
  gate?: Promise<unknown>;
  seen?: ModelRequest[][];
} = {}): Instance {
  return {
    async execute(requests) {
      seen.push([...requests]);
      await gate;
      return {
        answers: requests.map(({ inputs }) => ok({ outputs: [{ ...inputs[0]!, name: 'OUT' }] })),
        spent: SPENT,
      };
    },
    close: async () => undefined,
  };
}

/** Answers N times with 0 .. N - 1, N being its input; -1 fails at once, 99 after two answers. */
export const counter = (): Instance => ({
  execute: () => Promise.reject(new Error('decoupled')),
  async *stream({ inputs, signal }) {
    const count = Number((inputs[0]!.data as Int32Array)[0]);
    if (count === -1) yield { ok: false, error: serveError('INVALID_ARG', 'N is negative') };
    for (let index = 0; index < count && !signal.aborted; index++) {
      if (count === 99 && index === 2) throw new Error('lost count');
      yield ok({ outputs: [{ name: 'OUT', datatype: 'INT32', shape: [1], data: Int32Array.of(index) }] });
    }
  },
  close: async () => undefined,
});

export const ECHO = {
  name: 'echo',
  max_batch_size: 8,
  input: [{ name: 'IN', data_type: 'TYPE_FP32', dims: [-1] }],
  output: [{ name: 'OUT', data_type: 'TYPE_FP32', dims: [-1], label_filename: 'labels.txt' }],
} as const satisfies ModelConfig;

export const TEXT = {
  name: 'text',
  input: [{ name: 'IN', data_type: 'TYPE_STRING', dims: [1] }],
  output: [{ name: 'OUT', data_type: 'TYPE_STRING', dims: [1] }],
} as const satisfies ModelConfig;

export const COUNTER = {
  name: 'counter',
  input: [{ name: 'N', data_type: 'TYPE_INT32', dims: [1] }],
  output: [{ name: 'OUT', data_type: 'TYPE_INT32', dims: [1] }],
  model_transaction_policy: { decoupled: true },
} as const satisfies ModelConfig;

/** What the routes ask of a repository, without a folder behind it. */
export function repositoryOf(...models: readonly ServedVersion[]): ModelRepository {
  const stand = {
    served: models,
    isReady: true,
    find(name: string, version: number) {
      const model = models.find(({ facts }) => facts.name === name && [-1, facts.version].includes(version));
      if (model) return ok(model);
      return { ok: false, error: serveError('NOT_FOUND', `Request for unknown model: '${name}' is not found`) };
    },
    index: async () => models.map(({ facts }) => ({ name: facts.name, version: '1', state: 'READY', reason: '' })),
    load: async () => serveError('UNAVAILABLE', 'explicit model load / unload is not allowed if polling is enabled'),
  };
  return stand as unknown as ModelRepository; // only these members are used here
}

export interface TestServer {
  readonly port: number;
  readonly server: HttpServer;
  readonly facts: ServerFacts;
  stopping(): void;
}

export async function httpServer(models: readonly ServedVersion[], maxBytes = 1 << 20): Promise<TestServer> {
  let isStopping = false;
  const facts: ServerFacts = {
    repository: repositoryOf(...models),
    version: '1.2.3',
    maxBytes,
    isStopping: () => isStopping,
  };
  const server = new HttpServer([...ROUTES, PAGE_ROUTE], facts);
  const port = await server.listen(0, '127.0.0.1');
  return {
    port,
    server,
    facts,
    stopping() {
      isStopping = true;
    },
  };
}

export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request on a connection of its own. */
export function send(
  port: number,
  path: string,
  {
    method,
    body,
    headers = {},
  }: {
    method?: string;
    body?: string | Uint8Array;
    headers?: Record<string, string>;
  } = {},
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const verb = method ?? (body === undefined ? 'GET' : 'POST');
    const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method: verb, headers: { ...length, ...headers }, agent: false },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

export const jsonOf = ({ body }: HttpReply): unknown => JSON.parse(body.toString('utf8'));
