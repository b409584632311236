import { fail, ok, type Result } from '../util/result.js';

export type Protocol = 'http' | 'grpc';

/** Where a server listens, and how it is spoken to. */
export interface Endpoint {
  readonly protocol: Protocol;
  readonly secure: boolean;
  /** host:port */
  readonly authority: string;
  /** Before the protocol's own paths, without a slash at its end: '' or '/serving/intents'. Over HTTP only. */
  readonly path: string;
}

const SCHEMES: Readonly<Record<string, readonly [Protocol, secure: boolean]>> = {
  'http:': ['http', false],
  'https:': ['http', true],
  'grpc:': ['grpc', false],
  'grpcs:': ['grpc', true],
};
/** Triton's own. */
const DEFAULT_PORTS: Readonly<Record<Protocol, string>> = { http: '8000', grpc: '8001' };

/**
 * Reads `http://host:8000`, `https://host/prefix`, `grpc://host:8001`, `grpcs://host`, or `host:8000`.
 * @param protocol of an address without a scheme; it may also turn http into grpc, as a flag does
 */
export function parseEndpoint(url: string, protocol?: Protocol): Result<Endpoint, string> {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
  let parsed: URL;
  try {
    parsed = new URL(hasScheme ? url : `${protocol ?? 'http'}://${url}`);
  } catch {
    return fail(`'${url}' is no address of a server`);
  }
  const scheme = SCHEMES[parsed.protocol];
  if (!scheme) return fail(`'${parsed.protocol}//' is none of http://, https://, grpc://, grpcs://`);
  if (parsed.hostname === '') return fail(`'${url}' names no host`);
  const [spoken, secure] = scheme;
  const used = protocol ?? spoken;
  // A URL leaves out the port that is usual on the Web.
  const port = parsed.port || (parsed.protocol === 'https:' ? '443' : hasPort(url) ? '80' : DEFAULT_PORTS[used]);
  return ok({
    protocol: used,
    secure,
    authority: `${parsed.hostname}:${port}`,
    path: parsed.pathname.replace(/\/+$/, ''),
  });
}

const hasPort = (url: string): boolean => /:\d+(?:[/?#]|$)/.test(url.replace(/^[a-z]+:\/\//i, ''));

export const endpointText = ({ protocol, secure, authority, path }: Endpoint): string =>
  `${protocol}${secure ? 's' : ''}://${authority}${path}`;
