import { fail, ok, type Result } from '../util/result.js';
import { isStrings } from './binary.js';
import { ARRAYS, type Datatype, type TensorData } from './datatypes.js';

/** What JSON numbers may be put into an integer type: inclusive bounds. */
const INTEGER_BITS: Readonly<Partial<Record<Datatype, readonly [bits: number, signed: boolean]>>> = {
  UINT8: [8, false],
  UINT16: [16, false],
  UINT32: [32, false],
  UINT64: [64, false],
  INT8: [8, true],
  INT16: [16, true],
  INT32: [32, true],
  INT64: [64, true],
};

/**
 * The `data` of a tensor in JSON: numbers, booleans or strings, flat or nested in any depth. Fails with a sentence when an
 * element does not fit the datatype, when there are not exactly `elements`, and for FP16 and BF16, which JSON does not carry.
 */
export function dataFromJson(datatype: Datatype, json: unknown, elements: number): Result<TensorData, string> {
  if (datatype === 'FP16' || datatype === 'BF16') {
    return fail(`sending ${datatype} data via JSON is not supported, use the binary data format`);
  }
  const flat: unknown[] = [];
  flatten(json, flat);
  if (flat.length !== elements) return fail(`${flat.length} elements in 'data', where the shape has ${elements}`);
  return datatype === 'BYTES' ? strings(flat) : numbers(datatype, flat);
}

/** As JSON carries them, flat. Elements of BYTES must be UTF-8; int64 beyond 2^53 stay exact as bigint (`stringifyExact`). */
export function dataToJson(datatype: Datatype, data: TensorData): Result<readonly unknown[], string> {
  if (datatype === 'FP16' || datatype === 'BF16') {
    return fail(`sending ${datatype} data via JSON is not supported, use the binary data format`);
  }
  if (!isStrings(data)) {
    const elements: readonly (number | bigint)[] = [...data];
    return ok(datatype === 'BOOL' ? elements.map(element => element !== 0) : elements);
  }
  const texts: string[] = [];
  for (const [index, element] of data.entries()) {
    try {
      texts.push(UTF8.decode(element));
    } catch {
      return fail(`element ${index} is not UTF-8, use the binary data format`);
    }
  }
  return ok(texts);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

/** Without recursion: a body may be nested as deep as its length allows. */
function flatten(json: unknown, into: unknown[]): void {
  const open: Iterator<unknown>[] = [[json].values()];
  while (open.length > 0) {
    const next = open.at(-1)!.next();
    if (next.done) open.pop();
    else if (Array.isArray(next.value)) open.push(next.value.values());
    else into.push(next.value);
  }
}

function strings(flat: readonly unknown[]): Result<readonly Uint8Array[], string> {
  const wrong = flat.findIndex(element => typeof element !== 'string');
  if (wrong >= 0) return fail(`element ${wrong} of 'data' is not a string`);
  return ok(flat.map(element => ENCODER.encode(element as string)));
}

function numbers(datatype: Exclude<Datatype, 'BYTES'>, flat: readonly unknown[]): Result<TensorData, string> {
  const data = new ARRAYS[datatype](flat.length);
  for (const [index, element] of flat.entries()) {
    const value = numberOf(datatype, element);
    if (value === undefined) return fail(`element ${index} of 'data' is no ${datatype}`);
    data[index] = value as never;
  }
  return ok(data);
}

function numberOf(datatype: Exclude<Datatype, 'BYTES'>, element: unknown): number | bigint | undefined {
  if (datatype === 'BOOL') {
    if (typeof element === 'boolean') return element ? 1 : 0;
    return element === 0 || element === 1 ? element : undefined;
  }
  if (typeof element !== 'number') return undefined;
  const integer = INTEGER_BITS[datatype];
  if (!integer) return element;
  if (!Number.isInteger(element)) return undefined;
  const [bits, signed] = integer;
  const [smallest, largest] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  // 2^63 - 1 is no double; the next one above it does not fit either.
  if (element < smallest || element > largest || (bits === 64 && element === largest)) return undefined;
  return bits === 64 ? BigInt(element) : element;
}
