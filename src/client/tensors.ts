import { isStrings } from '../kserve/binary.js';
import {
  ARRAYS,
  type Datatype,
  elementsOf,
  type NumericData,
  type TensorData,
  type WireTensor,
} from '../kserve/datatypes.js';
import { dataFromJson } from '../kserve/json-data.js';
import { fail, ok, type Result } from '../util/result.js';

/** Elements, nested as deep as the tensor has dimensions. */
export type Nested = string | number | bigint | boolean | readonly Nested[];

/** What can be sent as a tensor's elements: flat numbers, encoded strings, or nested values. */
export type InputData = NumericData | readonly Uint8Array[] | Nested;

/** A tensor with what its elements do not say. */
export interface InputTensor {
  /** Unless given, what the elements say: BYTES for strings, BOOL for booleans, the type of a typed array. Other numbers need it. */
  readonly datatype?: Datatype;
  /** Unless given, how the elements are nested. */
  readonly shape?: readonly number[];
  readonly data: InputData;
}

/** Puts an input into the form that goes over the wire. Fails with a sentence. */
export function toWireTensor(name: string, input: InputTensor | InputData): Result<WireTensor, string> {
  const tensor = isInputTensor(input) ? input : { data: input };
  const { data } = tensor;
  const own = shapeOf(data);
  if (!own.ok) return fail(`input '${name}': ${own.error}`);
  const shape = tensor.shape ?? own.value;
  if (!shape.every(dim => Number.isSafeInteger(dim) && dim >= 0)) {
    return fail(`input '${name}': the shape [${shape.join(', ')}] is not of whole numbers`);
  }
  const elements = elementsOf(shape);
  if (elements !== elementsOf(own.value)) {
    return fail(
      `input '${name}': ${elementsOf(own.value)} elements, where the shape [${shape.join(', ')}] has ${elements}`,
    );
  }
  const datatype = tensor.datatype ?? datatypeOf(data);
  if (datatype === undefined) return fail(`input '${name}': numbers need a datatype, or a typed array`);
  const encoded = encode(datatype, data, elements);
  return encoded.ok ? ok({ name, datatype, shape, data: encoded.value }) : fail(`input '${name}': ${encoded.error}`);
}

/** The elements of BYTES as text. Bytes that are not UTF-8 become U+FFFD. */
export function toStrings({ name, data }: WireTensor): readonly string[] {
  if (!isStrings(data)) throw new TypeError(`output '${name}' has numbers, not strings`);
  return data.map(element => UTF8.decode(element));
}

/** Elements nested by shape: strings of BYTES, booleans of BOOL, bigint of 64-bit integers; FP16 and BF16 stay bits. */
export function toNested(tensor: WireTensor): Nested {
  const { datatype, shape, data } = tensor;
  const flat: readonly Nested[] = isStrings(data)
    ? toStrings(tensor)
    : elementsAsNumbers(data).map(element => (datatype === 'BOOL' ? element !== 0 : element));
  const nest = (dims: readonly number[], offset: number): Nested => {
    const [size, ...rest] = dims;
    if (size === undefined) return flat[offset]!;
    const stride = elementsOf(rest);
    return Array.from({ length: size }, (_, index) => nest(rest, offset + index * stride));
  };
  return nest(shape, 0);
}

const elementsAsNumbers = (data: NumericData): readonly (number | bigint)[] => [...data];

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const ENCODER = new TextEncoder();

const isInputTensor = (input: InputTensor | InputData): input is InputTensor =>
  typeof input === 'object' && !Array.isArray(input) && !ArrayBuffer.isView(input);

const isNumeric = (data: InputData): data is NumericData => ArrayBuffer.isView(data);

/** The shape that nesting says; every row must be as long as the first. */
function shapeOf(data: InputData): Result<readonly number[], string> {
  if (isNumeric(data)) return ok([data.length]);
  if (!Array.isArray(data)) return ok([]);
  const rows = data as readonly InputData[];
  if (rows.length === 0 || isNumeric(rows[0]!)) return ok([rows.length]);
  const first = shapeOf(rows[0]!);
  if (!first.ok) return first;
  for (const [index, row] of rows.entries()) {
    const shape = shapeOf(row);
    if (!shape.ok) return shape;
    if (shape.value.join() !== first.value.join()) return fail(`row ${index} has not the shape of row 0`);
  }
  return ok([rows.length, ...first.value]);
}

/** Where one kind of array stands for several datatypes, the first of the table that is meant. */
const TYPED: readonly (readonly [Datatype, NumericData['constructor']])[] = Object.entries(ARRAYS)
  .filter(([datatype]) => !['BOOL', 'FP16', 'BF16'].includes(datatype))
  .map(([datatype, array]) => [datatype as Datatype, array]);

function datatypeOf(data: InputData): Datatype | undefined {
  if (isNumeric(data)) return TYPED.find(([, array]) => data instanceof array)?.[0];
  if (Array.isArray(data)) {
    const rows = data as readonly InputData[];
    return rows.length > 0 && isNumeric(rows[0]!) ? 'BYTES' : rows.length > 0 ? datatypeOf(rows[0]!) : undefined;
  }
  return typeof data === 'string' ? 'BYTES' : typeof data === 'boolean' ? 'BOOL' : undefined;
}

function encode(datatype: Datatype, data: InputData, elements: number): Result<TensorData, string> {
  if (isNumeric(data)) {
    if (datatype !== 'BYTES' && data instanceof ARRAYS[datatype]) return ok(data);
    return fail(`a ${data.constructor.name} does not hold ${datatype}`);
  }
  const flat = (Array.isArray(data) ? data.flat(Number.POSITIVE_INFINITY) : [data]) as readonly unknown[];
  if (datatype === 'BYTES' && flat.some(element => element instanceof Uint8Array)) {
    const odd = flat.findIndex(element => typeof element !== 'string' && !(element instanceof Uint8Array));
    if (odd >= 0) return fail(`element ${odd} is neither a string nor bytes`);
    return ok(flat.map(element => (typeof element === 'string' ? ENCODER.encode(element) : (element as Uint8Array))));
  }
  if (datatype === 'INT64' || datatype === 'UINT64') {
    if (flat.some(element => typeof element === 'bigint')) return wideIntegers(datatype, flat);
  }
  return dataFromJson(datatype, flat, elements);
}

function wideIntegers(datatype: 'INT64' | 'UINT64', flat: readonly unknown[]): Result<TensorData, string> {
  const wrap = datatype === 'INT64' ? BigInt.asIntN : BigInt.asUintN;
  const odd = flat.findIndex(
    element =>
      !(typeof element === 'bigint' || Number.isInteger(element)) ||
      wrap(64, BigInt(element as bigint)) !== BigInt(element as bigint),
  );
  if (odd >= 0) return fail(`element ${odd} is no ${datatype}`);
  const integers = flat.map(element => BigInt(element as bigint));
  return ok(datatype === 'INT64' ? BigInt64Array.from(integers) : BigUint64Array.from(integers));
}
