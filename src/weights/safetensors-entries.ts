import { BYTES_PER_ELEMENT, byteLengthOf, type DType, elementCount } from '../graph/tensor.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { isObject } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';

const DTYPES: Readonly<Record<string, Exclude<DType, 'string'>>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
};

export const DOWNLOAD_AGAIN = 'the file is damaged or incomplete: download it again and compare its sha256';
export const WRITE_AGAIN = 'write the file again with the safetensors library';

/** One tensor, as the header describes it. */
export interface Entry {
  readonly name: string;
  readonly dtype: Exclude<DType, 'string'>;
  readonly shape: readonly number[];
  /** Offsets into the data, which begins after the header. */
  readonly begin: number;
  readonly end: number;
}

/** Checks the description of one tensor, and that its size is that of its shape. */
export function readEntry(file: string, name: string, raw: unknown): Result<Entry, Failure> {
  const where = `${file}: ${name}`;
  const { dtype, shape, data_offsets: offsets, ...rest } = isObject(raw) ? raw : {};
  const unknownField = Object.keys(rest)[0];
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !isPair(offsets) || unknownField !== undefined) {
    return fail(
      usageFailure('safetensors-entry', 'a tensor of a safetensors file is described wrongly', {
        where,
        expected: '{"dtype": string, "shape": [integers], "data_offsets": [begin, end]}',
        found: JSON.stringify(raw),
        fix: WRITE_AGAIN,
      }),
    );
  }
  const elementType = Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (elementType === undefined) {
    return fail(
      usageFailure('safetensors-dtype', 'a tensor of a safetensors file has an element type that is not supported', {
        where,
        expected: `one of ${Object.keys(DTYPES).join(', ')}`,
        found: dtype,
        fix: 'convert the checkpoint to F32, F16 or BF16',
      }),
    );
  }
  for (const number of [...shape, ...offsets]) {
    if (!Number.isSafeInteger(number) || number < 0) return fail(badNumber(where, JSON.stringify(number)));
  }
  const elements = elementCount(shape);
  if (!Number.isSafeInteger(elements * BYTES_PER_ELEMENT[elementType])) {
    return fail(badNumber(where, `shape [${shape.join(', ')}]`));
  }
  const [begin, end] = offsets as [number, number];
  const bytes = byteLengthOf({ dtype: elementType, shape });
  if (end - begin !== bytes) {
    return fail(
      usageFailure('safetensors-size', 'shape and data_offsets of a tensor disagree', {
        where,
        expected: `${bytes} bytes for ${dtype} [${shape.join(', ')}]`,
        found: `${end - begin} bytes in data_offsets [${begin}, ${end}]`,
        fix: WRITE_AGAIN,
      }),
    );
  }
  return ok({ name, dtype: elementType, shape: shape as number[], begin, end });
}

const badNumber = (where: string, found: string): Failure =>
  usageFailure('safetensors-number', 'a number in a safetensors header is out of range', {
    where,
    expected: 'integers from 0 to 2^53 - 1',
    found,
    fix: WRITE_AGAIN,
  });

/** The spans, sorted, must follow each other without overlap or hole and end with the file. */
export function checkTiling(file: string, spans: readonly Entry[], dataBytes: number): Failure | undefined {
  const sorted = spans.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let previous: Entry | undefined;
  for (const span of sorted) {
    const expectedBegin = previous?.end ?? 0;
    const found = `data_offsets [${span.begin}, ${span.end}]`;
    const where = `${file}: ${span.name}`;
    if (span.end > dataBytes) {
      return usageFailure('safetensors-outside', 'a tensor lies outside of its safetensors file', {
        where,
        expected: `data_offsets up to ${dataBytes}, where the file ends`,
        found,
        fix: DOWNLOAD_AGAIN,
      });
    }
    if (span.begin < expectedBegin) {
      return usageFailure('safetensors-overlap', 'two tensors of a safetensors file overlap', {
        where,
        expected: `data_offsets from ${expectedBegin}, where ${previous?.name} ends`,
        found,
        fix: WRITE_AGAIN,
      });
    }
    if (span.begin > expectedBegin) {
      return usageFailure('safetensors-hole', 'a safetensors file has bytes that belong to no tensor', {
        where,
        expected: `data_offsets from ${expectedBegin}`,
        found,
        fix: WRITE_AGAIN,
      });
    }
    previous = span;
  }
  const end = previous?.end ?? 0;
  if (end === dataBytes) return undefined;
  return usageFailure('safetensors-hole', 'a safetensors file has bytes that belong to no tensor', {
    where: file,
    expected: `a file that ends with its last tensor, ${end} bytes after the header`,
    found: `${dataBytes} bytes after the header`,
    fix: WRITE_AGAIN,
  });
}

const isPair = (value: unknown): value is readonly [unknown, unknown] => Array.isArray(value) && value.length === 2;
