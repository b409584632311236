import { setTimeout as sleep } from 'node:timers/promises';
import { type Failure, interrupted } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Asked, refusal, retryAfterSeconds, stalled, unreachable } from './failures.js';
import type { HubSettings } from './settings.js';

/** How one attempt ended. `again`: the same may work later. */
export type Attempt<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly failure: Failure }
  | {
      readonly status: 'again';
      readonly failure: Failure;
      /** As long as the server asks to be left alone. */
      readonly waitMilliseconds?: number;
      /** Something was gained: the attempts are counted anew. */
      readonly progressed?: boolean;
    };

/** A server that asks for more patience than this is not waited for. */
const LONGEST_WAIT_MILLISECONDS = 60_000;

export async function withRetries<T>(
  { retryMilliseconds }: Pick<HubSettings, 'retryMilliseconds'>,
  attempt: () => Promise<Attempt<T>>,
  signal?: AbortSignal,
): Promise<Result<T, Failure>> {
  for (let failures = 0; ; ) {
    if (signal?.aborted) return fail(interrupted());
    const outcome = await attempt();
    if (outcome.status === 'done') return ok(outcome.value);
    if (signal?.aborted) return fail(interrupted());
    if (outcome.status === 'failed') return fail(outcome.failure);
    failures = outcome.progressed ? 0 : failures;
    const pause = retryMilliseconds[failures++];
    const wait = Math.max(pause ?? 0, outcome.waitMilliseconds ?? 0);
    if (pause === undefined || wait > LONGEST_WAIT_MILLISECONDS) return fail(outcome.failure);
    // Many builds that were refused at the same moment must not come back at the same moment.
    await sleep(wait * (1 + Math.random() / 4), undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

/** An answer whose body is still to be read, and what ends the connection when nothing comes any more. */
export interface Answer {
  readonly response: Response;
  /** To be called for every piece of the body. */
  alive(): void;
  /** To be called when the body is read or given up. */
  end(): void;
  /** What an error while the body was read means. */
  broken(error: unknown): Failure;
}

const WORTH_ANOTHER_TRY: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Asks once. Redirects are followed; the token goes to the endpoint's own origin only, as `fetch` drops it on the way
 * to another.
 */
export async function ask(
  settings: HubSettings,
  url: string,
  asked: Asked,
  { headers = {}, signal }: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): Promise<Attempt<Answer>> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), settings.timeoutMilliseconds);
  const broken = (error: unknown): Failure =>
    idle.signal.aborted ? stalled(asked, settings) : unreachable(error, asked, settings);
  let response: Response;
  try {
    const send = await fetchOf(settings);
    response = await send(url, {
      headers: { ...headers, ...authorization(settings, url) },
      signal: signal ? AbortSignal.any([idle.signal, signal]) : idle.signal,
    });
  } catch (error) {
    clearTimeout(timer);
    return { status: 'again', failure: broken(error) };
  }
  if (response.ok || response.status === 416) {
    return {
      status: 'done',
      value: { response, alive: () => timer.refresh(), end: () => clearTimeout(timer), broken },
    };
  }
  clearTimeout(timer);
  await response.body?.cancel().catch(() => undefined);
  const failure = refusal(response, asked, settings);
  if (!WORTH_ANOTHER_TRY.has(response.status)) return { status: 'failed', failure };
  const seconds = retryAfterSeconds(response);
  return { status: 'again', failure, ...(seconds === undefined ? {} : { waitMilliseconds: seconds * 1000 }) };
}

function authorization({ endpoint, token }: HubSettings, url: string): Record<string, string> {
  return token && new URL(url).origin === new URL(endpoint).origin ? { authorization: `Bearer ${token}` } : {};
}

/** Node's own `fetch` looks at no proxy. */
async function fetchOf({ proxied }: HubSettings): Promise<typeof fetch> {
  if (!proxied) return fetch;
  const { EnvHttpProxyAgent, fetch: fetchBy } = await import('undici');
  proxy ??= new EnvHttpProxyAgent();
  const dispatcher = proxy;
  // The same implementation that Node has inside, with the types of another version.
  return ((url: string, init: object) => fetchBy(url, { ...init, dispatcher })) as unknown as typeof fetch;
}

let proxy: import('undici').EnvHttpProxyAgent | undefined;
