import type { IncomingMessage } from 'node:http';
import type { ErrorStatus, ServeError } from '../model.js';

/** What a handler gets: the request, and the parts that its route names. */
export interface HttpRequest {
  readonly message: IncomingMessage;
  /** Groups of the route's pattern; absent ones are undefined. */
  readonly path: readonly (string | undefined)[];
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** What goes back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** All of it, or parts as they come. */
  readonly body: Uint8Array | string | AsyncIterable<string>;
}

const HTTP_STATUS: Readonly<Partial<Record<ErrorStatus, number>>> = {
  INTERNAL: 500,
  NOT_FOUND: 404,
  UNAVAILABLE: 503,
  UNSUPPORTED: 501,
};

export const httpStatus = (status: ErrorStatus): number => HTTP_STATUS[status] ?? 400;

export const json = (value: unknown, status = 200): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

export const empty = (status: number): HttpAnswer => ({ status, headers: {}, body: '' });

export const errorAnswer = ({ status, message }: ServeError): HttpAnswer =>
  json({ error: message }, httpStatus(status));

export const invalid = (message: string): ServeError => ({ status: 'INVALID_ARG', message });
