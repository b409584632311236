import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Asked, malformedAnswer, offline, unreachable } from './failures.js';
import { isCommit, type RemoteFile, type Revision } from './remote-file.js';
import { ask, withRetries } from './request.js';
import type { HubSettings } from './settings.js';

/** The commit that a branch or tag is at now. Failures: those of `refusal`, 'hub-unreachable', 'hub-offline'. */
export async function commitOf(
  settings: HubSettings,
  asked: Asked,
  signal?: AbortSignal,
): Promise<Result<string, Failure>> {
  if (settings.offline) return fail(offline(asked, 'the commit of this revision'));
  const { modelInfo } = await import('@huggingface/hub');
  const told = await throughLibrary(settings, asked, signal, fetch =>
    modelInfo({
      name: asked.repository,
      revision: asked.revision,
      additionalFields: ['sha'],
      hubUrl: settings.endpoint,
      fetch,
    }),
  );
  if (!told.ok) return told;
  const { sha } = told.value;
  return isCommit(`${sha}`) ? ok(sha) : fail(malformedAnswer(asked, `a commit ${JSON.stringify(sha)}`));
}

/** All files of a commit with their sizes and digests, sorted by path. */
export async function filesOf(
  settings: HubSettings,
  { repository, commit }: Revision,
  signal?: AbortSignal,
): Promise<Result<readonly RemoteFile[], Failure>> {
  const asked = { repository, revision: commit };
  if (settings.offline) return fail(offline(asked, 'the list of its files'));
  const { listFiles } = await import('@huggingface/hub');
  const listed = await throughLibrary(settings, asked, signal, async fetch => {
    const files: RemoteFile[] = [];
    const repo = { type: 'model', name: repository } as const;
    for await (const entry of listFiles({
      repo,
      revision: commit,
      recursive: true,
      hubUrl: settings.endpoint,
      fetch,
    })) {
      const { type, path, size, oid, lfs } = entry;
      if (type !== 'file') continue;
      files.push(
        lfs
          ? { path, size: lfs.size, digest: { kind: 'sha256', hex: lfs.oid.replace(/^sha256:/, '') } }
          : { path, size, digest: { kind: 'git', hex: `${oid}` } },
      );
    }
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  });
  if (!listed.ok) return listed;
  for (const { path, digest } of listed.value) {
    if (!isInside(path)) return fail(malformedAnswer(asked, `a file '${path}'`));
    if (!DIGESTS[digest.kind].test(digest.hex)) {
      return fail(malformedAnswer({ ...asked, path }, `a digest '${digest.hex}'`));
    }
  }
  return listed;
}

const DIGESTS = { sha256: /^[0-9a-f]{64}$/, git: /^[0-9a-f]{40}$/ } as const;

/** A list from elsewhere must not make us write outside of the model's folder. */
const isInside = (path: string): boolean =>
  !/[\\\0]/.test(path) && path.split('/').every(part => part !== '' && part !== '.' && part !== '..');

/** The library asks by our rules: retries, time limits, proxy, token. What it throws for a refusal is our failure again. */
async function throughLibrary<T>(
  settings: HubSettings,
  asked: Asked,
  signal: AbortSignal | undefined,
  use: (fetch: typeof globalThis.fetch) => Promise<T>,
): Promise<Result<T, Failure>> {
  let refused: Failure | undefined;
  const send = async (url: string | URL | Request): Promise<Response> => {
    const answer = await withRetries(settings, () => whole(settings, String(url), asked, signal), signal);
    if (answer.ok) return answer.value;
    refused = answer.error;
    throw new Error(refused.message);
  };
  try {
    return ok(await use(send));
  } catch (error) {
    if (refused) return fail(refused);
    // Not JSON, or not of the form that the library knows.
    if (error instanceof SyntaxError || error instanceof TypeError) return fail(malformedAnswer(asked, error.message));
    return fail(unreachable(error, asked, settings));
  }
}

/** An answer together with its body, so that one that breaks off is asked for again. */
async function whole(settings: HubSettings, url: string, asked: Asked, signal: AbortSignal | undefined) {
  const attempt = await ask(settings, url, asked, signal ? { signal } : {});
  if (attempt.status !== 'done') return attempt;
  const { response, end, broken } = attempt.value;
  try {
    const { status, headers } = response;
    return { status: 'done', value: new Response(await response.text(), { status, headers }) } as const;
  } catch (error) {
    return { status: 'again', failure: broken(error) } as const;
  } finally {
    end();
  }
}
