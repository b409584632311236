import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Tensor } from '../graph/tensor.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { formatBytes } from '../util/format.js';
import { isObject } from '../util/json.js';
import { repeatedKey } from '../util/repeated-key.js';
import { fail, ok, type Result } from '../util/result.js';
import { checkTiling, DOWNLOAD_AGAIN, type Entry, readEntry, WRITE_AGAIN } from './safetensors-entries.js';

/** What a safetensors file says about itself. */
export interface SafetensorsHeader {
  /** By name, in the order of the header. Every tensor is a span of the file. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The limit of the reference implementation (safetensors/src/tensor.rs, MAX_HEADER_SIZE). */
const MAX_HEADER_BYTES = 100_000_000;

/** The header begins after its own length: an unsigned 64-bit little-endian integer. */
const LENGTH_BYTES = 8;

/**
 * Reads and checks the header; the tensors' bytes are not touched. `file` is absolute.
 * The format: https://github.com/huggingface/safetensors#format. As there, the spans must tile the data exactly: nothing
 * overlaps, nothing is left over, and they end where the file ends.
 */
export function readSafetensorsHeader(file: string): Result<SafetensorsHeader, Failure> {
  const read = readHeaderText(file);
  if (!read.ok) return read;
  const { text, dataOffset, dataBytes } = read.value;

  const parsed = parseHeader(file, text);
  if (!parsed.ok) return parsed;
  const { __metadata__: rawMetadata = {}, ...entries } = parsed.value;

  const metadata = readMetadata(file, rawMetadata);
  if (!metadata.ok) return metadata;

  const spans: Entry[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const span = readEntry(file, name, entry);
    if (!span.ok) return span;
    spans.push(span.value);
  }
  const problem = checkTiling(file, spans, dataBytes);
  if (problem) return fail(problem);

  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of spans) {
    const data = { from: 'file', file, offset: dataOffset + begin, byteLength: end - begin } as const;
    tensors.set(name, { dtype, shape, data });
  }
  return ok({ tensors, metadata: metadata.value });
}

interface HeaderText {
  readonly text: string;
  /** Where the header ends and the tensors' bytes begin. */
  readonly dataOffset: number;
  readonly dataBytes: number;
}

function readHeaderText(file: string): Result<HeaderText, Failure> {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail(usageFailure('safetensors-unreadable', 'a weight file cannot be opened', { where: file, found }));
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) {
      return fail(
        usageFailure('safetensors-unreadable', 'a weight file is not a file', { where: file, found: 'a folder' }),
      );
    }
    const start = readBytes(descriptor, 0, Math.min(stat.size, LENGTH_BYTES));
    if (start.toString('latin1') === 'version ') {
      return fail(
        usageFailure('safetensors-lfs-pointer', 'a weight file is a Git LFS pointer, not the weights', {
          where: file,
          found: `${formatBytes(stat.size)} of text`,
          fix: 'run "git lfs pull" in the model folder',
        }),
      );
    }
    if (stat.size < LENGTH_BYTES) {
      return fail(
        usageFailure('safetensors-truncated', 'a safetensors file ends before its header', {
          where: file,
          expected: `at least ${LENGTH_BYTES} bytes`,
          found: `${stat.size} bytes`,
          fix: DOWNLOAD_AGAIN,
        }),
      );
    }
    const headerBytes = start.readBigUInt64LE(0);
    if (headerBytes > BigInt(MAX_HEADER_BYTES)) {
      return fail(
        usageFailure('safetensors-header-too-large', 'the header of a safetensors file is too large', {
          where: file,
          expected: `at most ${MAX_HEADER_BYTES} bytes`,
          found: `${headerBytes} bytes`,
          fix: 'make sure that it is a safetensors file',
        }),
      );
    }
    const dataOffset = LENGTH_BYTES + Number(headerBytes);
    if (dataOffset > stat.size) {
      return fail(
        usageFailure('safetensors-header-outside', 'the header of a safetensors file is longer than the file', {
          where: file,
          expected: `a file of at least ${dataOffset} bytes`,
          found: `${stat.size} bytes`,
          fix: DOWNLOAD_AGAIN,
        }),
      );
    }
    const bytes = readBytes(descriptor, LENGTH_BYTES, Number(headerBytes));
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return ok({ text, dataOffset, dataBytes: stat.size - dataOffset });
    } catch {
      return fail(
        usageFailure('safetensors-header-utf8', 'the header of a safetensors file is not UTF-8', {
          where: file,
          fix: DOWNLOAD_AGAIN,
        }),
      );
    }
  } finally {
    closeSync(descriptor);
  }
}

function readBytes(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, bytes, done, length - done, position + done);
    if (count === 0) throw new Error('the file became shorter while it was read');
    done += count;
  }
  return bytes;
}

function parseHeader(file: string, text: string): Result<Readonly<Record<string, unknown>>, Failure> {
  const invalid = (found: string) =>
    fail(
      usageFailure('safetensors-header-json', 'the header of a safetensors file is not a JSON object', {
        where: file,
        expected: '{"name": {"dtype": …, "shape": …, "data_offsets": …}, …}',
        found,
        fix: DOWNLOAD_AGAIN,
      }),
    );
  // The format asks for '{' as the first byte; white space is allowed after the object only.
  if (!text.startsWith('{')) return invalid(text === '' ? 'nothing' : JSON.stringify(text.slice(0, 20)));
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    return invalid((error as Error).message);
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) {
    return fail(
      usageFailure('safetensors-duplicate-key', 'the header of a safetensors file names something twice', {
        where: file,
        found: `"${twice.key}" twice`,
        fix: WRITE_AGAIN,
      }),
    );
  }
  return ok(header as Record<string, unknown>);
}

function readMetadata(file: string, raw: unknown): Result<Readonly<Record<string, string>>, Failure> {
  const invalid = (found: string) =>
    fail(
      usageFailure('safetensors-metadata', '__metadata__ of a safetensors file is not a map of strings', {
        where: file,
        expected: 'an object whose values are strings',
        found,
        fix: WRITE_AGAIN,
      }),
    );
  if (!isObject(raw)) return invalid(JSON.stringify(raw));
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value !== 'string') return invalid(`"${key}": ${JSON.stringify(value)}`);
  }
  return ok(raw as Record<string, string>);
}
