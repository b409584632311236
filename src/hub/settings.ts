import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How the Hub is reached, from the environment: the variables of huggingface_hub, with its meaning and its defaults. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Sent to the endpoint and to no other server. Never printed, never part of a key. */
  readonly token?: string;
  /** Nothing is asked of the network. */
  readonly offline: boolean;
  /** The longest time without a byte. */
  readonly timeoutMilliseconds: number;
  /** Waits before the second attempt, the third, and so on; then the failure stands. */
  readonly retryMilliseconds: readonly number[];
  /** What huggingface_hub has downloaded: models--org--name/snapshots/<commit>. Read only. */
  readonly localCache: string;
  /** A proxy is configured: https_proxy, http_proxy, no_proxy. */
  readonly proxied: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables */
export function hubSettings(environment: Environment = process.env): HubSettings {
  const home = environment.HF_HOME || join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
  const token = tokenOf(environment, home);
  const seconds = Number(environment.HF_HUB_DOWNLOAD_TIMEOUT);
  return {
    endpoint: (environment.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, ''),
    ...(token ? { token } : {}),
    offline: /^(1|on|yes|true)$/i.test(environment.HF_HUB_OFFLINE ?? ''),
    timeoutMilliseconds: (seconds > 0 ? seconds : 10) * 1000,
    retryMilliseconds: [500, 1000, 2000, 4000],
    localCache: environment.HF_HUB_CACHE || environment.HUGGINGFACE_HUB_CACHE || join(home, 'hub'),
    proxied: ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].some(name => environment[name]),
  };
}

/** HF_TOKEN, or the file that `hf auth login` writes. */
function tokenOf(environment: Environment, home: string): string | undefined {
  const given = environment.HF_TOKEN || environment.HUGGING_FACE_HUB_TOKEN;
  if (given) return given.trim();
  try {
    return readFileSync(environment.HF_TOKEN_PATH || join(home, 'token'), 'utf8').trim();
  } catch {
    return undefined; // Not logged in, or not for this user's eyes: public models need no token.
  }
}
