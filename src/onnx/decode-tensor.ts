import { statSync } from 'node:fs';
import { join } from 'node:path';
import { dtypeOfElementType, OTHER_ELEMENT_TYPES } from '../graph/element-type.js';
import { bytesOfNumbers } from '../graph/elements.js';
import { byteLengthOf, type DType, elementCount, type Tensor, type TensorData } from '../graph/tensor.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { dataOutside, isOutside } from './external-files.js';
import { unsupported } from './failure.js';
import { EXTERNAL } from './fields.js';
import type { Message } from './protobuf.js';

type TensorProto = Message<'TensorProto'>;

export function dtypeFrom(code: number, what: string, where: string): Result<DType, Failure> {
  const dtype = dtypeOfElementType(code);
  if (dtype !== undefined) return ok(dtype);
  const name = OTHER_ELEMENT_TYPES[code] ?? `element type ${code}`;
  return fail(unsupported(`${what} of the type ${name}`, where));
}

/** Turns TensorProtos into tensors. External data becomes a span of its file, which is looked at but not read. */
export class TensorDecoder {
  /** Bytes of a data file, or undefined where there is none. */
  private readonly sizes = new Map<string, number | undefined>();

  constructor(
    /** The model, for messages. */
    private readonly where: string,
    /** Where external data is looked for, in this order; none: the model may have none. */
    private readonly dataFolders: readonly string[],
  ) {}

  decode(proto: TensorProto): Result<Tensor, Failure> {
    const name = `'${proto.name ?? ''}'`;
    const dtype = dtypeFrom(proto.data_type ?? 0, `the tensor ${name}`, this.where);
    if (!dtype.ok) return dtype;
    if (dtype.value === 'string') return fail(unsupported(`the tensor ${name} of strings`, this.where));
    if (proto.segment) return fail(unsupported(`the tensor ${name} in segments`, this.where));
    const shape = proto.dims ?? [];
    if (!shape.every(dim => Number.isSafeInteger(dim) && dim >= 0) || !Number.isSafeInteger(elementCount(shape))) {
      return fail(this.invalid(`the tensor ${name} has an impossible shape`, 'lengths of 0 or more', `[${shape}]`));
    }
    const type = { dtype: dtype.value, shape };
    const data = proto.data_location === EXTERNAL ? this.external(proto, type) : this.inline(proto, type);
    return data.ok ? ok({ ...type, data: data.value }) : data;
  }

  private inline(proto: TensorProto, type: { dtype: DType; shape: readonly number[] }): Result<TensorData, Failure> {
    const bytes = proto.raw_data ?? bytesOfTypedField(proto, type.dtype, elementCount(type.shape));
    const expected = byteLengthOf(type);
    if (bytes.length === expected) return ok({ from: 'bytes', bytes });
    return fail(
      this.invalid(
        `the tensor '${proto.name ?? ''}' has the wrong number of bytes`,
        `${expected} for ${type.dtype}[${type.shape.join(', ')}]`,
        `${bytes.length}`,
      ),
    );
  }

  private external(proto: TensorProto, type: { dtype: DType; shape: readonly number[] }): Result<TensorData, Failure> {
    const name = `'${proto.name ?? ''}'`;
    const entries = new Map(proto.external_data?.map(({ key = '', value = '' }) => [key, value]));
    const location = entries.get('location') ?? '';
    const expected = byteLengthOf(type);
    const offset = Number(entries.get('offset') ?? '0');
    const byteLength = Number(entries.get('length') ?? expected);
    if (this.dataFolders.length === 0) {
      return fail(unsupported('external data, and its folder is not known', this.where));
    }
    if (isOutside(location)) return fail(dataOutside(`the tensor ${name}`, location, this.where));
    const files = this.dataFolders.map(folder => join(folder, location));
    const file = files.find(candidate => this.sizeOf(candidate) !== undefined) ?? files[files.length - 1]!;
    const size = this.sizeOf(file);
    if (size === undefined) {
      return fail(
        usageFailure('onnx-data-missing', 'a data file of the model does not exist', {
          where: this.where,
          expected: file,
          found: 'no such file',
          fix: 'keep the model together with its external data files',
        }),
      );
    }
    if (!Number.isSafeInteger(offset) || offset < 0 || byteLength !== expected || offset + byteLength > size) {
      return fail(
        this.invalid(
          `the data of the tensor ${name} does not fit`,
          `${expected} bytes within the ${size} of ${location}`,
          `${entries.get('length') ?? expected} bytes from ${entries.get('offset') ?? 0}`,
        ),
      );
    }
    return ok({ from: 'file', file, offset, byteLength });
  }

  private sizeOf(file: string): number | undefined {
    if (!this.sizes.has(file)) {
      const stat = statSync(file, { throwIfNoEntry: false });
      this.sizes.set(file, stat?.isFile() ? stat.size : undefined);
    }
    return this.sizes.get(file);
  }

  private invalid(message: string, expected: string, found: string): Failure {
    return usageFailure('onnx-invalid', message, { where: this.where, expected, found });
  }
}

/** The elements of *_data; which field holds which dtype is said in onnx.proto. */
function bytesOfTypedField(proto: TensorProto, dtype: DType, count: number): Uint8Array {
  switch (dtype) {
    case 'float32':
      return bytesOfNumbers(dtype, proto.float_data ?? []);
    case 'float64':
      return bytesOfNumbers(dtype, proto.double_data ?? []);
    case 'int64':
      return new Uint8Array(BigInt64Array.from(proto.int64_data ?? []).buffer);
    case 'uint64':
      return new Uint8Array(BigUint64Array.from(proto.uint64_data ?? []).buffer);
    case 'uint32':
      return bytesOfNumbers(dtype, (proto.uint64_data ?? []).map(Number));
    case 'float16':
    case 'bfloat16':
      // The bits, as an integer.
      return bytesOfNumbers('uint16', proto.int32_data ?? []);
    case 'string':
      return new Uint8Array(count);
    default:
      return bytesOfNumbers(dtype, proto.int32_data ?? []);
  }
}
