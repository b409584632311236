import { createHash } from 'node:crypto';
import { isStrings } from '../kserve/binary.js';
import type { WireTensor } from '../kserve/datatypes.js';
import { ok } from '../util/result.js';
import type { Answer, ModelResponse } from './model.js';
import type { ScheduledRequest, ServedVersion } from './served-version.js';

/** Of the answers that one version of a model keeps. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * A model whose answers are kept and given again to requests with the same inputs, parameters and wanted outputs, the least recently
 * used first forgotten. An error is not kept. It ends with the version: what is loaded again knows nothing.
 */
export class CachedModel implements ServedVersion {
  readonly isDecoupled = false;
  /** In the order of their last use. */
  private readonly kept = new Map<string, { readonly response: ModelResponse; readonly bytes: number }>();
  private bytes = 0;

  constructor(
    private readonly model: ServedVersion,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  get facts(): ServedVersion['facts'] {
    return this.model.facts;
  }

  async *answers(request: ScheduledRequest): AsyncIterable<Answer> {
    const started = performance.now();
    const key = keyOf(request);
    const found = this.kept.get(key);
    const elapsed = performance.now() - started;
    const { statistics, config } = this.facts;
    if (found) {
      this.kept.delete(key);
      this.kept.set(key, found);
      const rows = (config.max_batch_size ?? 0) > 0 ? (request.inputs[0]?.shape[0] ?? 1) : 1;
      statistics.foundInCache(rows, elapsed);
      yield ok(found.response);
      return;
    }
    for await (const answer of this.model.answers(request)) {
      if (answer.ok) {
        const before = performance.now();
        this.keep(key, answer.value);
        statistics.missedInCache(elapsed + performance.now() - before);
      }
      yield answer;
    }
  }

  close(): Promise<void> {
    return this.model.close();
  }

  private keep(key: string, response: ModelResponse): void {
    const bytes = response.outputs.reduce((sum, output) => sum + bytesOf(output), key.length);
    if (bytes > this.maxBytes || this.kept.has(key)) return;
    this.kept.set(key, { response, bytes });
    this.bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.kept) {
      if (this.bytes <= this.maxBytes) break;
      this.kept.delete(oldest);
      this.bytes -= freed;
    }
  }
}

/** Lengths stand before everything of a variable length, so that different requests never hash alike. */
function keyOf({ inputs, outputs, parameters }: ScheduledRequest): string {
  const hash = createHash('sha256');
  const add = (bytes: Uint8Array | string): void => {
    hash.update(`${typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength}:`).update(bytes);
  };
  for (const { name, datatype, shape, data } of [...inputs].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    add(JSON.stringify([name, datatype, shape]));
    if (isStrings(data)) for (const text of data) add(text);
    else add(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const given = Object.entries(parameters).filter(([name]) => !SCHEDULING.has(name));
  add(JSON.stringify([[...outputs].sort(), given.map(([name, value]) => [name, `${typeof value} ${value}`]).sort()]));
  return hash.digest('base64');
}

/** Parameters that say when to answer, not what. */
const SCHEDULING: ReadonlySet<string> = new Set(['priority', 'timeout']);

const bytesOf = ({ data }: WireTensor): number =>
  isStrings(data) ? data.reduce((sum, text) => sum + text.byteLength, 0) : data.byteLength;
