import { environmentFailure, type Failure, integrityFailure, usageFailure } from '../util/failure.js';
import { count } from '../util/format.js';
import type { HubSettings } from './settings.js';

/** What was asked of the Hub, for messages. */
export interface Asked {
  readonly repository: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** Of a file; undefined when the repository itself was asked about. */
  readonly path?: string;
}

const placeOf = ({ repository, revision, path }: Asked): string =>
  `hub:${repository}@${revision}${path === undefined ? '' : `: ${path}`}`;

const TRY_LATER = 'try again later: what has come is kept, and the download goes on from there';

/** Why the Hub refused, in terms of what the user can do. `X-Error-Code` is the Hub's own word for it. */
export function refusal(response: Response, asked: Asked, settings: HubSettings): Failure {
  const { status, headers } = response;
  const where = placeOf(asked);
  const page = `${settings.endpoint}/${asked.repository}`;
  const word = headers.get('x-error-code');
  const found = `HTTP ${status}${word ? ` ${word}` : ''}`;
  if (word === 'GatedRepo') {
    return environmentFailure('hub-gated', 'the authors of this model want to know who uses it', {
      where,
      expected: 'a token of an account that was granted access',
      found: settings.token ? `${found}, with a token` : `${found}, and no token`,
      fix: `ask for access at ${page}, then set HF_TOKEN`,
    });
  }
  if (word === 'RevisionNotFound') {
    return usageFailure('hub-revision-missing', 'the model has no such revision', {
      where,
      expected: 'a branch, a tag or a full commit id',
      found: asked.revision,
      fix: `${page}/tree/main lists them`,
    });
  }
  if (word === 'EntryNotFound') {
    return usageFailure('hub-file-missing', 'the model has no such file at this commit', {
      where,
      found,
      fix: 'td lock pins what is there now',
    });
  }
  if (word === 'RepoNotFound' || status === 404 || (status === 401 && !settings.token)) {
    return usageFailure('hub-model-missing', 'there is no such model on the Hub, or it is private', {
      where,
      found: settings.token ? `${found}, with a token` : `${found}, and no token`,
      fix: settings.token
        ? `check the name at ${page}, and that the token may read it`
        : `check the name at ${page}; for a private model set HF_TOKEN`,
    });
  }
  if (status === 401 || status === 403) {
    return environmentFailure('hub-token-refused', 'the Hub refuses the token', {
      where,
      expected: `a token that may read ${asked.repository}`,
      found: settings.token ? found : `${found}, and no token`,
      fix: `make one at ${settings.endpoint}/settings/tokens and set HF_TOKEN`,
    });
  }
  if (status === 429) {
    const seconds = retryAfterSeconds(response);
    return environmentFailure('hub-rate-limited', 'the Hub is asked too often from here', {
      where,
      found: seconds === undefined ? found : `${found}, for another ${count(seconds, 'second')}`,
      fix: settings.token ? TRY_LATER : 'set HF_TOKEN, which raises the limit, or try again later',
    });
  }
  return environmentFailure('hub-unavailable', 'the Hub does not answer as it should', {
    where,
    found,
    fix: TRY_LATER,
  });
}

/** Seconds that the server asks to wait; undefined when it does not say. */
export function retryAfterSeconds({ headers }: Response): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : undefined;
}

/** No answer came. An error of `fetch` has the reason in its cause. */
export function unreachable(error: unknown, asked: Asked, settings: HubSettings): Failure {
  const { cause, message } = error as Error;
  const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
  return environmentFailure('hub-unreachable', 'the Hub cannot be reached', {
    where: placeOf(asked),
    expected: settings.endpoint,
    found: reason ?? 'no reason given',
    fix: 'check the network; https_proxy, no_proxy and HF_ENDPOINT are honoured',
  });
}

export const stalled = (asked: Asked, settings: HubSettings): Failure =>
  environmentFailure('hub-stalled', 'the Hub stopped sending', {
    where: placeOf(asked),
    found: `no byte for ${settings.timeoutMilliseconds / 1000} s`,
    fix: `${TRY_LATER}; HF_HUB_DOWNLOAD_TIMEOUT sets the seconds`,
  });

export const cutShort = (asked: Asked, size: number, have: number): Failure =>
  environmentFailure('hub-cut-short', 'the download ended before the file was whole', {
    where: placeOf(asked),
    expected: `${size} bytes`,
    found: `${have} bytes`,
    fix: TRY_LATER,
  });

export const wrongBytes = (asked: Asked, expected: string, found: string): Failure =>
  integrityFailure('hub-wrong-bytes', 'a downloaded file is not what the Hub says it is', {
    where: placeOf(asked),
    expected,
    found,
    fix: 'build again; if it stays so, a proxy or mirror on the way changes files: ask who runs it',
  });

export const offline = (asked: Asked, needed: string): Failure =>
  environmentFailure('hub-offline', `${needed} is not here, and HF_HUB_OFFLINE forbids to ask for it`, {
    where: placeOf(asked),
    fix: 'unset HF_HUB_OFFLINE for one build; afterwards it is in the cache',
  });

export const malformedAnswer = (asked: Asked, found: string): Failure =>
  environmentFailure('hub-answer-malformed', 'the server does not answer as the Hub does', {
    where: placeOf(asked),
    found,
    fix: 'check HF_ENDPOINT',
  });
