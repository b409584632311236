import type { Result } from '../../util/result.js';
import { configJson, modelMetadata, serverMetadata, statisticsJson, versionsOf } from '../descriptions.js';
import { metricsText } from '../metrics.js';
import { type ServeError, serveError } from '../model.js';
import type { ModelRepository } from '../repository.js';
import type { ServedVersion } from '../served-version.js';
import { readJsonBody } from './body.js';
import { generateRoute } from './generate-route.js';
import { inferRoute } from './infer-route.js';
import { empty, errorAnswer, type HttpAnswer, type HttpRequest, invalid, json } from './message.js';

export interface ServerFacts {
  readonly repository: ModelRepository;
  readonly version: string;
  /** Of a request's body, decompressed too. */
  readonly maxBytes: number;
  /** Whether the server takes requests: not any more when it is about to stop. */
  isStopping(): boolean;
}

export interface Route {
  readonly pattern: RegExp;
  /** undefined: any. */
  readonly verb: 'GET' | 'POST' | undefined;
  handle(request: HttpRequest, server: ServerFacts): Promise<HttpAnswer> | HttpAnswer;
}

const MODEL = '/v2/models/([^/]+)(?:/versions/([0-9]+))?';

/** The first whose pattern fits answers. */
export const ROUTES: readonly Route[] = [
  { pattern: /^\/v2$/, verb: 'GET', handle: (_, { version }) => json(serverMetadata(version)) },
  { pattern: /^\/v2\/health\/live$/, verb: 'GET', handle: () => empty(200) },
  {
    pattern: /^\/v2\/health\/ready$/,
    verb: 'GET',
    handle: (_, server) => empty(server.repository.isReady && !server.isStopping() ? 200 : 400),
  },
  {
    pattern: /^\/v2\/models\/stats$/,
    verb: 'GET',
    handle: (_, { repository }) => json({ model_stats: repository.served.map(statisticsJson) }),
  },
  {
    pattern: new RegExp(`^${MODEL}$`),
    verb: 'GET',
    handle: withModel((model, _, { repository }) =>
      json(modelMetadata(model, versionsOf(repository, model.facts.name))),
    ),
  },
  {
    pattern: new RegExp(`^${MODEL}/ready$`),
    verb: 'GET',
    handle: (request, server) =>
      findModel(request, server).ok ? empty(200) : json({ error: 'Model version not ready' }, 400),
  },
  {
    pattern: new RegExp(`^${MODEL}/config$`),
    verb: 'GET',
    handle: withModel(model => json(configJson(model.facts.config))),
  },
  {
    pattern: new RegExp(`^${MODEL}/stats$`),
    verb: 'GET',
    handle: withModel(model => json({ model_stats: [statisticsJson(model)] })),
  },
  {
    pattern: new RegExp(`^${MODEL}/infer$`),
    verb: 'POST',
    handle: withModel((model, request, { maxBytes }) => inferRoute(request, model, maxBytes)),
  },
  {
    pattern: new RegExp(`^${MODEL}/generate$`),
    verb: 'POST',
    handle: withModel((model, request, { maxBytes }) => generateRoute(request, model, { maxBytes, isStream: false })),
  },
  {
    pattern: new RegExp(`^${MODEL}/generate_stream$`),
    verb: 'POST',
    handle: withModel((model, request, { maxBytes }) => generateRoute(request, model, { maxBytes, isStream: true })),
  },
  { pattern: /^\/v2\/trace\/setting$/, verb: undefined, handle: () => unsupported('tracing') },
  { pattern: new RegExp(`^${MODEL}/trace/setting$`), verb: undefined, handle: () => unsupported('tracing') },
  { pattern: /^\/v2\/logging$/, verb: undefined, handle: () => unsupported('dynamic logging') },
  {
    pattern: /^\/v2\/(system|cuda)sharedmemory(?:\/region\/[^/]+)?\/(?:status|register|unregister)$/,
    verb: undefined,
    handle: ({ path: [, kind] }) => unsupported(`${kind === 'cuda' ? 'CUDA' : kind} shared memory`),
  },
  { pattern: /^\/v2\/repository\/index$/, verb: 'POST', handle: indexRoute },
  { pattern: /^\/v2\/repository\/models\/([^/]+)\/(load|unload)$/, verb: 'POST', handle: controlRoute },
  {
    pattern: /^\/metrics$/,
    verb: 'GET',
    handle: (_, { repository }) => ({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: metricsText(repository),
    }),
  },
];

const unsupported = (what: string): HttpAnswer =>
  errorAnswer(serveError('UNSUPPORTED', `the server does not support ${what}`));

function findModel({ path }: HttpRequest, { repository }: ServerFacts): Result<ServedVersion, ServeError> {
  const [, name = '', version] = path;
  return repository.find(decoded(name), version === undefined ? -1 : Number(version));
}

/** A name as it stands in a path; one that is not encoded well is no model's. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function withModel(
  handle: (model: ServedVersion, request: HttpRequest, server: ServerFacts) => Promise<HttpAnswer> | HttpAnswer,
): Route['handle'] {
  return (request, server) => {
    const model = findModel(request, server);
    return model.ok ? handle(model.value, request, server) : errorAnswer(model.error);
  };
}

async function indexRoute({ message }: HttpRequest, { repository, maxBytes }: ServerFacts): Promise<HttpAnswer> {
  const body = await readJsonBody(message, { maxBytes, isCompressible: false });
  if (!body.ok) return errorAnswer(body.error);
  const { ready = false } = body.value;
  if (typeof ready !== 'boolean') return errorAnswer(invalid("Invalid value for 'ready': expected a boolean"));
  return json(await repository.index(ready));
}

async function controlRoute(
  { message, path: [, name = '', action] }: HttpRequest,
  { repository, maxBytes }: ServerFacts,
): Promise<HttpAnswer> {
  const body = await readJsonBody(message, { maxBytes, isCompressible: false });
  if (!body.ok) return errorAnswer(body.error);
  const parameters = (body.value.parameters ?? {}) as Readonly<Record<string, unknown>>;
  const model = decoded(name);
  if (action === 'load' && Object.keys(parameters).length > 0) {
    return errorAnswer(
      serveError('UNSUPPORTED', 'the server loads models as they lie in its repository, without parameters'),
    );
  }
  const { unload_dependents: dependents = false } = parameters;
  if (typeof dependents !== 'boolean') {
    return errorAnswer(invalid("Unable to parse 'unload_dependents': expected a boolean"));
  }
  const error = action === 'load' ? await repository.load(model) : await repository.unload(model, dependents);
  return error ? errorAnswer(error) : empty(200);
}
