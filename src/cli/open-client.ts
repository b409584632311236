import { type ClientOptions, TritonClient } from '../client/client.js';
import { parseEndpoint } from '../client/endpoint.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Arguments, Options } from './arguments.js';

/** How a server is reached. */
export const ENDPOINT_OPTIONS: Options = {
  url: { type: 'string', placeholder: 'URL', help: 'of the server (default: http://localhost:8000)' },
  grpc: { type: 'boolean', help: 'gRPC instead of HTTP (default port: 8001); the same as a grpc:// address' },
  header: { type: 'string', multiple: true, placeholder: 'NAME:VALUE', help: 'sent with every call' },
  compress: { type: 'boolean', help: 'pack bodies with gzip' },
  timeout: { type: 'string', placeholder: 'SECONDS', help: 'of a whole call (default: 60)' },
};

/** A client as `ENDPOINT_OPTIONS` say. */
export function openClient(
  given: Arguments,
  { retry }: Pick<ClientOptions, 'retry'> = {},
): Result<TritonClient, Failure> {
  const url = given.text('url') ?? 'localhost';
  const protocol = given.flag('grpc') ? 'grpc' : undefined;
  const endpoint = parseEndpoint(url, protocol);
  if (!endpoint.ok) return fail(usageFailure('url-invalid', endpoint.error, { where: '--url' }));
  const seconds = Number(given.text('timeout') ?? 60);
  if (!(seconds > 0)) {
    return fail(
      usageFailure('invalid-option', '--timeout is not a number of seconds above 0', { found: given.text('timeout')! }),
    );
  }
  const headers: Record<string, string> = {};
  for (const header of given.verbatim('header')) {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(header) ?? [];
    if (name === undefined) return fail(usageFailure('invalid-option', `--header ${header} is not NAME:VALUE`));
    headers[name] = value!;
  }
  return ok(
    new TritonClient(url, {
      ...(protocol ? { protocol } : {}),
      ...(retry ? { retry } : {}),
      headers,
      compress: given.flag('compress'),
      timeoutMilliseconds: seconds * 1000,
    }),
  );
}
