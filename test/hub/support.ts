import { failureText } from '../../src/cli/failure-text.js';
import type { HubSettings } from '../../src/hub/settings.js';
import type { Failure } from '../../src/util/failure.js';
import type { Result } from '../../src/util/result.js';
import type { HubServer } from '../support/hub-server.js';

/** Bytes that no two places share, so that a piece in the wrong place shows. */
export const bytesOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (Math.imul(index + seed, 2654435761) >>> 13) & 255);

/** Impatient, without a proxy and without the tester's own token and cache. */
export const settingsFor = (server: HubServer, changes: Partial<HubSettings> = {}): HubSettings => ({
  endpoint: server.endpoint,
  offline: false,
  timeoutMilliseconds: 400,
  retryMilliseconds: [1, 1],
  localCache: '/nonexistent',
  proxied: false,
  ...changes,
});

export function textOf(result: Result<unknown, Failure>, server: HubServer): string {
  return result.ok ? 'ok' : failureText(result.error).replaceAll(server.endpoint, 'https://hub');
}
