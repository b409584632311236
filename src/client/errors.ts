import { fail } from '../util/result.js';

/**
 * Why a call failed.
 *
 * - request: it cannot be put on the wire, or the protocol has no such call; nothing was sent
 * - unreachable: no connection came about
 * - broken: the connection ended before the answer was whole
 * - server: the server answered with an error
 * - malformed: the server's answer is not what the protocol says
 * - deadline: no answer in time
 * - cancelled: the caller's own signal was aborted
 */
export type ClientErrorKind = 'request' | 'unreachable' | 'broken' | 'server' | 'malformed' | 'deadline' | 'cancelled';

/** gRPC's names of the states that a server answers with, over HTTP as well. */
export type ServerStatus =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

export interface ClientError {
  readonly kind: ClientErrorKind;
  /** The server's own words where there are any. */
  readonly message: string;
  /** Of the kind 'server'. */
  readonly status?: ServerStatus;
  /** Over HTTP, of the kind 'server'. */
  readonly httpStatus?: number;
  /** The server did not begin with the request, so that the same may be sent again. */
  readonly safeToRetry: boolean;
  /** How long the server asks to be left alone. */
  readonly retryAfterMilliseconds?: number;
}

const HTTP_STATUS: Readonly<Record<number, ServerStatus>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  409: 'ALREADY_EXISTS',
  413: 'OUT_OF_RANGE',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** An error status over HTTP. 503 says that the request was not begun. */
export const httpError = (httpStatus: number, message: string, retryAfterMilliseconds?: number): ClientError => ({
  kind: 'server',
  message,
  status: HTTP_STATUS[httpStatus] ?? 'UNKNOWN',
  httpStatus,
  safeToRetry: httpStatus === 503,
  ...(retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds }),
});

/** An error that the server wrote into a stream that it had begun with success. */
export const streamedError = (message: string): ClientError => ({
  kind: 'server',
  message,
  status: 'UNKNOWN',
  safeToRetry: false,
});

const unsafe =
  (kind: ClientErrorKind) =>
  (message: string): ClientError => ({ kind, message, safeToRetry: false });

export const requestError = unsafe('request');
export const brokenError = unsafe('broken');
export const malformedError = unsafe('malformed');
export const deadlineError = unsafe('deadline');
export const cancelledError = (): ClientError => unsafe('cancelled')('the call was cancelled');

/** @param safeToRetry the connection was refused, so nothing was sent */
export const unreachableError = (message: string, safeToRetry: boolean): ClientError => ({
  kind: 'unreachable',
  message,
  safeToRetry,
});

export const malformed = (message: string): { readonly ok: false; readonly error: ClientError } =>
  fail(malformedError(message));
