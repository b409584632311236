import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { fail, ok, type Result } from '../util/result.js';
import { EXTERNAL, MESSAGES } from './fields.js';
import type { MalformedBytes, MessageName } from './protobuf.js';

/** The messages on the way to a weight. */
const WAY: Partial<Record<MessageName, Readonly<Record<number, MessageName>>>> = {
  ModelProto: { [MESSAGES.ModelProto.graph[0]]: 'GraphProto' },
  GraphProto: { [MESSAGES.GraphProto.initializer[0]]: 'TensorProto' },
};

/** Shorter ones are read with the graph: shapes, axes, scalars. */
const SHORTEST_WEIGHT_BYTES = 1024;

const TENSOR = MESSAGES.TensorProto;
const ENTRY = MESSAGES.StringStringEntryProto;

/**
 * The bytes of a model without the weights that stand in it: each becomes external data that lies in the model file itself.
 * Reads what surrounds the weights, and skips over them: a file of 2 GB takes as much memory as its graph. Throws what the
 * file system throws.
 */
export function skimmedModel(path: string): Result<Uint8Array, MalformedBytes> {
  const file = new FileReader(path);
  const writer = new BinaryWriter();
  try {
    copy(file, writer, 'ModelProto', basename(path), file.size);
    return ok(writer.finish());
  } catch (error) {
    if (error instanceof Malformed) return fail({ message: error.message, offset: file.position });
    throw error;
  } finally {
    file.close();
  }
}

/** Bytes that are no such message. */
class Malformed extends Error {}

function copy(file: FileReader, writer: BinaryWriter, message: MessageName, name: string, end: number): void {
  while (file.position < end) {
    const tag = file.varint();
    const [number, wireType] = [tag >>> 3, tag & 7];
    const length = wireType === WireType.LengthDelimited ? file.varint() : LENGTHS[wireType];
    if (length === undefined) writer.uint32(tag).raw(file.varintBytes());
    else if (length > end - file.position) throw new Malformed(`field ${number} of ${message} runs over its end`);
    else if (wireType !== WireType.LengthDelimited) writer.uint32(tag).raw(file.bytes(length));
    else if (message === 'TensorProto' && number === TENSOR.raw_data[0] && length >= SHORTEST_WEIGHT_BYTES) {
      writeReference(writer, name, file.position, length);
      file.position += length;
    } else {
      const inner = WAY[message]?.[number];
      writer.uint32(tag);
      if (inner === undefined) writer.uint32(length).raw(file.bytes(length));
      else {
        writer.fork();
        copy(file, writer, inner, name, file.position + length);
        writer.join();
      }
    }
  }
}

/** Bytes of a field by its wire type; those of Varint say themselves where they end. */
const LENGTHS: Readonly<Record<number, number>> = { [WireType.Bit32]: 4, [WireType.Bit64]: 8 };

function writeReference(writer: BinaryWriter, location: string, offset: number, length: number): void {
  for (const [key, value] of Object.entries({ location, offset: `${offset}`, length: `${length}` })) {
    writer.tag(TENSOR.external_data[0], WireType.LengthDelimited).fork();
    writer.tag(ENTRY.key[0], WireType.LengthDelimited).string(key);
    writer.tag(ENTRY.value[0], WireType.LengthDelimited).string(value);
    writer.join();
  }
  writer.tag(TENSOR.data_location[0], WireType.Varint).int32(EXTERNAL);
}

const WINDOW_BYTES = 1 << 18;

/** Reads a file from front to end through a window, so that what is skipped is not read. */
class FileReader {
  position = 0;
  readonly size: number;
  private readonly descriptor: number;
  private window = Buffer.alloc(0);
  private windowStart = 0;

  constructor(path: string) {
    this.descriptor = openSync(path, 'r');
    this.size = fstatSync(this.descriptor).size;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** The next `count` bytes. */
  bytes(count: number): Uint8Array {
    const from = this.position - this.windowStart;
    if (from < 0 || from + count > this.window.length) this.fill(count);
    const start = this.position - this.windowStart;
    if (start + count > this.window.length) throw new Malformed('the file ends within a field');
    this.position += count;
    return this.window.subarray(start, start + count);
  }

  varint(): number {
    return Number(new BinaryReader(this.varintBytes()).uint64());
  }

  varintBytes(): Uint8Array {
    const start = this.position;
    while (this.bytes(1)[0]! >= 0x80)
      if (this.position - start >= 10) throw new Malformed('a number is longer than 10 bytes');
    const length = this.position - start;
    this.position = start;
    return this.bytes(length);
  }

  private fill(count: number): void {
    const wanted = Math.min(Math.max(count, WINDOW_BYTES), this.size - this.position);
    this.window = Buffer.alloc(Math.max(0, wanted));
    this.windowStart = this.position;
    let filled = 0;
    while (filled < wanted) {
      const read = readSync(this.descriptor, this.window, filled, wanted - filled, this.position + filled);
      if (read === 0) break;
      filled += read;
    }
    this.window = this.window.subarray(0, filled);
  }
}
