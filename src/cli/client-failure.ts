import type { TritonClient } from '../client/client.js';
import { endpointText } from '../client/endpoint.js';
import type { ClientError } from '../client/errors.js';
import { environmentFailure, type Failure, interrupted, taskFailure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';

/** A failed call as the command line reports it: exit code 3 when there is no server, 2 when it was asked for nonsense, else 1. */
export async function callFailure(error: ClientError, client: TritonClient, model?: string): Promise<Failure> {
  const where = model === undefined ? endpointText(client.endpoint) : `${endpointText(client.endpoint)}: ${model}`;
  const answered = [error.status, error.httpStatus && `HTTP ${error.httpStatus}`].filter(Boolean).join(', ');
  switch (error.kind) {
    case 'cancelled':
      return interrupted();
    case 'unreachable':
      return environmentFailure('server-unreachable', 'the server cannot be reached', {
        where,
        found: error.message,
        fix: 'start it (td serve), or name another with --url',
      });
    case 'broken':
      return environmentFailure('connection-lost', 'the server did not finish its answer', {
        where,
        found: error.message,
      });
    case 'deadline':
      return taskFailure('server-slow', error.message, { where, fix: '--timeout gives it more seconds' });
    case 'malformed':
      return taskFailure('answer-malformed', 'the answer is not what the inference protocol says', {
        where,
        found: error.message,
        fix: 'is it a KServe v2 server? over gRPC, --grpc and its own port',
      });
    case 'request':
      return usageFailure('request-invalid', error.message, { where });
    case 'server':
      if (error.status === 'NOT_FOUND' && model !== undefined) {
        return usageFailure('model-unknown', error.message, {
          where,
          found: answered,
          ...(await meantOf(client, model)),
        });
      }
      return taskFailure('server-error', error.message, {
        where,
        found: answered,
        ...(/decoupled/.test(error.message) ? { fix: '--stream: the model gives any number of answers' } : {}),
      });
  }
}

async function meantOf(client: TritonClient, model: string): Promise<{ fix?: string }> {
  const index = await client.repositoryIndex({ timeoutMilliseconds: 2000 });
  const names = index.ok ? [...new Set(index.value.map(({ name }) => name))] : [];
  const meant = nearest(model, names);
  if (meant !== undefined && meant !== model) return { fix: `did you mean '${meant}'?` };
  return names.length > 0 ? { fix: `the server has ${names.join(', ')}` } : {};
}
