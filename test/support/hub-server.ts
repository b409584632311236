import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One file of a repository on the stand-in. Large ones are in LFS: listed with their sha256, served by the CDN. */
export interface HubFile {
  readonly bytes: Uint8Array;
  readonly lfs: boolean;
}

export interface HubCommit {
  readonly files: Readonly<Record<string, HubFile>>;
}

/** What goes wrong, and when. Each is used up by one request for that path. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Sends so many bytes of the body, then drops the connection; what the client has not read by then is lost to it. */
  | { readonly kind: 'drop'; readonly after: number }
  /** Says it sends all, and sends so many bytes, properly ended. */
  | { readonly kind: 'short'; readonly after: number }
  /** Sends so many bytes and then nothing, until the client gives up. */
  | { readonly kind: 'stall'; readonly after: number }
  /** All bytes, in four pieces with so many milliseconds between. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Another byte in the place of the first. */
  | { readonly kind: 'flip' }
  /** More bytes than the file has. */
  | { readonly kind: 'long' }
  /** Ignores the Range header, as some mirrors do. */
  | { readonly kind: 'no-range' };

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly range?: string;
  readonly authorization?: string;
}

/**
 * Answers as https://huggingface.co does: `/api/models/<id>/revision/<revision>`, `/api/models/<id>/tree/<revision>` in
 * pages, `/<id>/resolve/<commit>/<path>` with a redirect of large files to another origin, ranges, error codes.
 */
export class HubServer {
  readonly requests: Request[] = [];
  readonly faults = new Map<string, Fault[]>();
  /** Repository -> branch or tag -> commit id. */
  readonly revisions = new Map<string, Map<string, string>>();
  readonly commits = new Map<string, HubCommit>();
  readonly gated = new Set<string>();
  /** Only this token is let in to gated repositories; any other token is refused everywhere. */
  token = 'hf_right';
  /** Entries in a page of a listing. */
  pageSize = 3;
  private readonly servers: Server[] = [];

  async start(): Promise<this> {
    for (const handle of [this.hub, this.cdn]) {
      const server = createServer((request, response) => {
        this.requests.push({
          method: request.method ?? '',
          path: request.url ?? '',
          ...(request.headers.range ? { range: request.headers.range } : {}),
          ...(request.headers.authorization ? { authorization: request.headers.authorization } : {}),
        });
        handle(request, response);
      });
      await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
      this.servers.push(server);
    }
    return this;
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise(done => server.close(done));
    }
  }

  get endpoint(): string {
    return originOf(this.servers[0]!);
  }

  /** Publishes files as a commit, which `revision` then names. */
  publish(repository: string, revision: string, files: HubCommit['files']): string {
    const digest = createHash('sha1');
    for (const [path, { bytes }] of Object.entries(files)) digest.update(`${path}\n`).update(bytes);
    const commit = digest.digest('hex');
    this.commits.set(`${repository}@${commit}`, { files });
    const known = this.revisions.get(repository) ?? new Map<string, string>();
    this.revisions.set(repository, known.set(revision, commit));
    return commit;
  }

  /** The next request for this path goes wrong; several in turn. */
  fail(path: string, ...faults: Fault[]): void {
    this.faults.set(path, [...(this.faults.get(path) ?? []), ...faults]);
  }

  /** Paths asked for, those of the CDN by their file's path. */
  asked(pattern: RegExp): Request[] {
    return this.requests.filter(({ path }) => pattern.test(path));
  }

  private readonly hub = (request: IncomingMessage, response: ServerResponse): unknown => {
    const url = new URL(request.url!, this.endpoint);
    const api = /^\/api\/models\/(.+)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
    const file = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const repository = api?.[1] ?? file?.[1] ?? '';
    const token = request.headers.authorization?.replace('Bearer ', '');
    const fault = this.faultFor(api ? `${api[2]}` : decodeURIComponent(file?.[3] ?? ''), ['status']);
    if (fault?.kind === 'status') return refuse(response, fault.status, '', fault.headers);
    if (token !== undefined && token !== this.token) return refuse(response, 401, '');
    const revisions = this.revisions.get(repository);
    if (!revisions) return refuse(response, token ? 404 : 401, 'RepoNotFound');
    const asked = decodeURIComponent(api?.[3] ?? file![2]!);
    const commit = revisions.get(asked) ?? asked;
    const found = this.commits.get(`${repository}@${commit}`);
    if (!found) return refuse(response, 404, 'RevisionNotFound');
    response.setHeader('x-repo-commit', commit);
    if (api?.[2] === 'revision') return json(response, { _id: '0', id: repository, sha: commit, private: false });
    if (api?.[2] === 'tree') return this.tree(response, url, found);
    if (this.gated.has(repository) && token === undefined) return refuse(response, 401, 'GatedRepo');
    const path = decodeURIComponent(file![3]!);
    const content = found.files[path];
    if (!content) return refuse(response, 404, 'EntryNotFound');
    if (!content.lfs) return this.send(request, response, path, content.bytes);
    return response.writeHead(302, { location: `${originOf(this.servers[1]!)}/${repository}/${commit}/${path}` }).end();
  };

  private readonly cdn = (request: IncomingMessage, response: ServerResponse): unknown => {
    const [, organisation, name, commit, ...path] = decodeURIComponent(request.url!).split('/');
    const content = this.commits.get(`${organisation}/${name}@${commit}`)!.files[path.join('/')]!;
    return this.send(request, response, path.join('/'), content.bytes);
  };

  private tree(response: ServerResponse, url: URL, { files }: HubCommit): unknown {
    const folders = new Set(Object.keys(files).flatMap(path => (path.includes('/') ? [path.split('/')[0]!] : [])));
    const entries = [
      ...[...folders].map(path => ({ type: 'directory', path, size: 0, oid: '0'.repeat(40) })),
      ...Object.entries(files).map(([path, { bytes, lfs }]) => ({
        type: 'file',
        path,
        size: bytes.length,
        oid: gitName(bytes),
        ...(lfs ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 } } : {}),
      })),
    ];
    const start = Number(url.searchParams.get('cursor') ?? 0);
    if (start + this.pageSize < entries.length) {
      url.searchParams.set('cursor', `${start + this.pageSize}`);
      response.setHeader('link', `<${url.href}>; rel="next"`);
    }
    return json(response, entries.slice(start, start + this.pageSize));
  }

  private send(request: IncomingMessage, response: ServerResponse, path: string, whole: Uint8Array): unknown {
    const fault = this.faultFor(path, ['drop', 'short', 'stall', 'slow', 'flip', 'long', 'no-range']);
    const asked = fault?.kind === 'no-range' ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const start = Number(asked ?? 0);
    if (start > 0 && start >= whole.length) return refuse(response, 416, '');
    let body = Buffer.from(whole.subarray(start));
    if (fault?.kind === 'flip') body[0]! ^= 1;
    if (fault?.kind === 'long') body = Buffer.concat([body, Buffer.from('more')]);
    const cut = fault && 'after' in fault ? body.subarray(0, fault.after) : body;
    response.writeHead(asked === undefined ? 200 : 206, {
      etag: `"${sha256(whole)}"`,
      'content-length': fault?.kind === 'short' ? cut.length : body.length,
      ...(asked === undefined ? {} : { 'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}` }),
    });
    response.flushHeaders();
    if (fault?.kind === 'drop') return response.write(cut, () => setTimeout(() => response.destroy(), 100));
    if (fault?.kind === 'slow') return sendSlowly(response, body, fault.milliseconds);
    return fault?.kind === 'stall' ? response.write(cut) : response.end(cut);
  }

  private faultFor(path: string, kinds: readonly Fault['kind'][]): Fault | undefined {
    const [first] = this.faults.get(path) ?? [];
    return first && kinds.includes(first.kind) ? this.faults.get(path)!.shift() : undefined;
  }
}

async function sendSlowly(response: ServerResponse, body: Buffer, milliseconds: number): Promise<void> {
  const piece = Math.ceil(body.length / 4);
  for (let at = 0; at < body.length; at += piece) {
    response.write(body.subarray(at, at + piece));
    await new Promise(done => setTimeout(done, milliseconds));
  }
  response.end();
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const gitName = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

function json(response: ServerResponse, value: unknown): unknown {
  return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): unknown {
  return response.writeHead(status, { ...(code ? { 'x-error-code': code } : {}), ...headers }).end();
}
