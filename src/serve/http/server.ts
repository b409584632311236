import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { deflate, gzip } from 'node:zlib';
import { serveError } from '../model.js';
import { errorAnswer, type HttpAnswer, json } from './message.js';
import type { Route, ServerFacts } from './routes.js';

/** Time for a client to send all of its request, and to send the head of it. Longer is answered with 408. */
const REQUEST_MILLISECONDS = 60_000;
const HEADERS_MILLISECONDS = 10_000;
/** A connection may rest for longer than load balancers let theirs, so that it is they who close it. */
const KEEP_ALIVE_MILLISECONDS = 65_000;
/** Smaller answers are sent as they are: compressing would cost more than it saves. */
const COMPRESSED_BYTES = 1 << 12;

const ENCODERS = { gzip: promisify(gzip), deflate: promisify(deflate) } as const;

/** An HTTP server of some routes. */
export class HttpServer {
  private readonly server: Server;
  private readonly handling = new Set<Promise<void>>();

  constructor(
    private readonly routes: readonly Route[],
    private readonly facts: ServerFacts,
  ) {
    this.server = createServer(
      {
        requestTimeout: REQUEST_MILLISECONDS,
        headersTimeout: HEADERS_MILLISECONDS,
        keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
        noDelay: true,
      },
      (message, response) => {
        const handled = this.handle(message, response).finally(() => this.handling.delete(handled));
        this.handling.add(handled);
      },
    );
  }

  /** Resolves to the port once the server listens; rejects with the system's error. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        const address = this.server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Takes no new connections, answers what has been asked, and ends. */
  async close(): Promise<void> {
    const closed = new Promise(resolve => this.server.close(resolve));
    this.server.closeIdleConnections();
    await Promise.all(this.handling);
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    let answer: HttpAnswer;
    try {
      answer = await this.answer(message, gone.signal);
    } catch (error) {
      // A bug of ours costs one request, not the server.
      answer = errorAnswer(serveError('INTERNAL', `internal error: ${(error as Error).message}`));
    }
    try {
      await send(answer, message, response, this.facts.isStopping());
    } catch {
      response.destroy();
    }
  }

  private async answer(message: IncomingMessage, signal: AbortSignal): Promise<HttpAnswer> {
    const [path = ''] = (message.url ?? '').split('?');
    for (const { pattern, verb, handle } of this.routes) {
      const groups = pattern.exec(path);
      if (!groups) continue;
      const isAllowed = verb === undefined || message.method === verb || (verb === 'GET' && message.method === 'HEAD');
      return isAllowed
        ? handle({ message, path: groups, signal }, this.facts)
        : json({ error: 'Method Not Allowed' }, 405);
    }
    return json({ error: 'Not Found' }, 404);
  }
}

async function send(
  answer: HttpAnswer,
  message: IncomingMessage,
  response: ServerResponse,
  isStopping: boolean,
): Promise<void> {
  const { status, body } = answer;
  const headers: Record<string, string> = { ...answer.headers };
  // What is left of a body that nobody reads would be taken for the next request.
  if (isStopping || !message.complete) headers.connection = 'close';
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    response.writeHead(status, headers);
    for await (const part of body) {
      if (response.destroyed) break;
      if (!response.write(part)) await new Promise(resolve => response.once('drain', resolve).once('close', resolve));
    }
    response.end();
    return;
  }
  const encoding = encodingFor(message, body.length);
  const bytes = encoding === undefined ? body : await ENCODERS[encoding](body);
  if (encoding !== undefined) headers['content-encoding'] = encoding;
  response.writeHead(status, { ...headers, 'content-length': `${Buffer.byteLength(bytes)}` });
  response.end(message.method === 'HEAD' ? undefined : bytes);
}

function encodingFor(message: IncomingMessage, size: number): 'gzip' | 'deflate' | undefined {
  if (size < COMPRESSED_BYTES) return undefined;
  const accepted = `${message.headers['accept-encoding'] ?? ''}`.split(',').map(name => name.trim().split(';')[0]);
  return (['gzip', 'deflate'] as const).find(name => accepted.includes(name));
}
