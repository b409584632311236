import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { fail, ok, type Result } from '../../util/result.js';
import { type ServeError, serveError } from '../model.js';
import { invalid } from './message.js';

const DECODERS = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

export interface BodyRules {
  readonly maxBytes: number;
  /** Whether Content-Encoding may be gzip or deflate. */
  readonly isCompressible: boolean;
}

/** The body of a request, decompressed. Never more than `maxBytes`, compressed or not. */
export async function readBody(message: IncomingMessage, rules: BodyRules): Promise<Result<Buffer, ServeError>> {
  const announced = Number(message.headers['content-length'] ?? 0);
  if (announced > rules.maxBytes) return fail(tooLarge(`${announced}`, rules.maxBytes));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the connection: the answer goes over it.
    const parts: AsyncIterable<Buffer> = message.iterator({ destroyOnReturn: false });
    for await (const chunk of parts) {
      size += chunk.length;
      if (size > rules.maxBytes) return fail(tooLarge(`more than ${rules.maxBytes}`, rules.maxBytes));
      chunks.push(chunk);
    }
  } catch {
    // The client broke off; nobody will read this.
    return fail(serveError('CANCELLED', 'the request body has ended early'));
  }
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return decompressed(body, message.headers['content-encoding'] ?? 'identity', rules);
}

async function decompressed(
  body: Buffer,
  encoding: string,
  { maxBytes, isCompressible }: BodyRules,
): Promise<Result<Buffer, ServeError>> {
  if (encoding === 'identity' || encoding === '') return ok(body);
  if (!isCompressible) {
    return fail(serveError('UNSUPPORTED', "Unsupported content-encoding, only 'identity' is supported."));
  }
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    return fail(serveError('UNSUPPORTED', 'Unsupported compression type'));
  }
  try {
    return ok(await DECODERS[encoding](body, { maxOutputLength: maxBytes }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      return fail(tooLarge(`more than ${maxBytes}`, maxBytes));
    }
    return fail(invalid(`failed to decompress the request body: ${(error as Error).message}`));
  }
}

const tooLarge = (bytes: string, limit: number): ServeError =>
  invalid(
    `request JSON size of ${bytes} bytes exceeds the maximum allowed input size of ${limit} bytes. Use --http-max-input-size to increase the limit.`,
  );

/** A body that must be a JSON object; an empty one counts as `{}`. */
export async function readJsonBody(
  message: IncomingMessage,
  rules: BodyRules,
): Promise<Result<Readonly<Record<string, unknown>>, ServeError>> {
  const body = await readBody(message, rules);
  if (!body.ok) return body;
  if (body.value.length === 0) return ok({});
  return parseObject(body.value);
}

export function parseObject(bytes: Uint8Array): Result<Readonly<Record<string, unknown>>, ServeError> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return ok(value as Record<string, unknown>);
    }
    return fail(invalid('failed to parse the request JSON buffer: not an object'));
  } catch (error) {
    return fail(invalid(`failed to parse the request JSON buffer: ${(error as Error).message}`));
  }
}
