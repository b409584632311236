import { BYTES_PER_ELEMENT, type DType } from './tensor.js';

/**
 * Elements as numbers. Exact for every dtype but 64-bit integers beyond 2^53, which become the nearest double. Of int4 there is an even
 * number: what fills the last byte comes along.
 */
export function numbersOf(dtype: DType, bytes: Uint8Array): Float64Array {
  if (dtype === 'string') throw new Error('string elements are not numbers');
  if (dtype === 'int4')
    return Float64Array.from({ length: 2 * bytes.length }, (_, i) => int4Value(bytes[i >> 1]!, i & 1));
  const count = bytes.byteLength / BYTES_PER_ELEMENT[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float64Array(count);
  const read = READ[dtype];
  const stride = BYTES_PER_ELEMENT[dtype];
  for (let i = 0; i < count; i++) numbers[i] = read(view, i * stride);
  return numbers;
}

/**
 * Numbers as elements: floats are rounded to nearest, ties to even; integers are truncated towards zero and clamped
 * to their range; bool is 1 for everything but 0.
 */
export function bytesOfNumbers(dtype: DType, numbers: ArrayLike<number>): Uint8Array {
  if (dtype === 'string') throw new Error('string elements are not numbers');
  if (dtype === 'int4') return packedInt4(numbers);
  const stride = BYTES_PER_ELEMENT[dtype];
  const bytes = new Uint8Array(numbers.length * stride);
  const view = new DataView(bytes.buffer);
  const write = WRITE[dtype];
  for (let i = 0; i < numbers.length; i++) write(view, i * stride, numbers[i]!);
  return bytes;
}

/** The number that an element of this dtype holds after a store. */
export function roundedTo(dtype: DType, number: number): number {
  if (dtype === 'float64') return number;
  if (dtype === 'float32') return Math.fround(number);
  return numbersOf(dtype, bytesOfNumbers(dtype, [number]))[0]!;
}

/** 64-bit integers as they fit: INT64_MAX is not a double, and Slice uses it for "to the end". */
export function clampedInt64(number: number): bigint {
  if (Number.isNaN(number)) return 0n;
  if (number >= 2 ** 63) return 2n ** 63n - 1n;
  if (number <= -(2 ** 63)) return -(2n ** 63n);
  return BigInt(Math.trunc(number));
}

function clampedUint64(number: number): bigint {
  if (!(number > 0)) return 0n;
  return number >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(Math.trunc(number));
}

type NumericDType = Exclude<DType, 'string' | 'int4'>;

/** The lower or the upper half of a byte, with its sign. */
const int4Value = (byte: number, half: number): number => ((byte >> (4 * half)) << 28) >> 28;

function packedInt4(numbers: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(numbers.length / 2));
  for (let i = 0; i < numbers.length; i++) bytes[i >> 1]! |= (clamp(numbers[i]!, -8, 7) & 15) << (4 * (i & 1));
  return bytes;
}

const READ: Readonly<Record<NumericDType, (view: DataView, offset: number) => number>> = {
  float64: (view, offset) => view.getFloat64(offset, true),
  float32: (view, offset) => view.getFloat32(offset, true),
  float16: (view, offset) => float16Value(view.getUint16(offset, true)),
  bfloat16: (view, offset) => bfloat16Value(view.getUint16(offset, true)),
  float8e4m3fn: (view, offset) => float8Value(view.getUint8(offset)),
  int64: (view, offset) => Number(view.getBigInt64(offset, true)),
  uint64: (view, offset) => Number(view.getBigUint64(offset, true)),
  int32: (view, offset) => view.getInt32(offset, true),
  uint32: (view, offset) => view.getUint32(offset, true),
  int16: (view, offset) => view.getInt16(offset, true),
  uint16: (view, offset) => view.getUint16(offset, true),
  int8: (view, offset) => view.getInt8(offset),
  uint8: (view, offset) => view.getUint8(offset),
  bool: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1),
};

const clamp = (number: number, low: number, high: number): number =>
  Number.isNaN(number) ? 0 : Math.min(high, Math.max(low, Math.trunc(number)));

const WRITE: Readonly<Record<NumericDType, (view: DataView, offset: number, number: number) => void>> = {
  float64: (view, offset, number) => view.setFloat64(offset, number, true),
  float32: (view, offset, number) => view.setFloat32(offset, number, true),
  float16: (view, offset, number) => view.setUint16(offset, float16Bits(number), true),
  bfloat16: (view, offset, number) => view.setUint16(offset, bfloat16Bits(number), true),
  float8e4m3fn: (view, offset, number) => view.setUint8(offset, float8Bits(number)),
  int64: (view, offset, number) => view.setBigInt64(offset, clampedInt64(number), true),
  uint64: (view, offset, number) => view.setBigUint64(offset, clampedUint64(number), true),
  int32: (view, offset, number) => view.setInt32(offset, clamp(number, -(2 ** 31), 2 ** 31 - 1), true),
  uint32: (view, offset, number) => view.setUint32(offset, clamp(number, 0, 2 ** 32 - 1), true),
  int16: (view, offset, number) => view.setInt16(offset, clamp(number, -32768, 32767), true),
  uint16: (view, offset, number) => view.setUint16(offset, clamp(number, 0, 65535), true),
  int8: (view, offset, number) => view.setInt8(offset, clamp(number, -128, 127)),
  uint8: (view, offset, number) => view.setUint8(offset, clamp(number, 0, 255)),
  bool: (view, offset, number) => view.setUint8(offset, number === 0 ? 0 : 1),
};

/** 1 sign bit, 5 exponent bits, 10 fraction bits. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest of the multiples of `unit`, ties to the even multiple. */
function roundToMultiple(number: number, unit: number): number {
  const quotient = number / unit;
  const floor = Math.floor(quotient);
  const rest = quotient - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

function float16Bits(number: number): number {
  if (Number.isNaN(number)) return 0x7e00;
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(number);
  // 65520 lies half way between the largest finite value and the next that there would be.
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundToMultiple(magnitude, 2 ** -24);
  let exponent = Math.floor(Math.log2(magnitude));
  if (2 ** exponent > magnitude) exponent--;
  // A fraction that rounds up to 2048 carries into the exponent, which is what the sum does.
  return sign | (((exponent + 15) << 10) + (roundToMultiple(magnitude, 2 ** (exponent - 10)) - 1024));
}

/** 1 sign bit, 4 exponent bits, 3 fraction bits; no infinity, and one NaN of each sign. */
function float8Value(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 0xf;
  const fraction = bits & 0x7;
  if (exponent === 0) return sign * fraction * 2 ** -9;
  if (exponent === 0xf && fraction === 0x7) return Number.NaN;
  return sign * (8 + fraction) * 2 ** (exponent - 10);
}

/** What is larger than 448 becomes 448, as QuantizeLinear and Cast have it. */
function float8Bits(number: number): number {
  if (Number.isNaN(number)) return 0x7f;
  const sign = number < 0 || Object.is(number, -0) ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(number), 448);
  if (magnitude < 2 ** -6) return sign | roundToMultiple(magnitude, 2 ** -9);
  let exponent = Math.floor(Math.log2(magnitude));
  if (2 ** exponent > magnitude) exponent--;
  return sign | (((exponent + 7) << 3) + (roundToMultiple(magnitude, 2 ** (exponent - 3)) - 8));
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function bfloat16Value(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

function bfloat16Bits(number: number): number {
  if (Number.isNaN(number)) return 0x7fc0;
  scratch.setFloat32(0, number);
  const bits = scratch.getUint32(0);
  const lower = bits & 0xffff;
  const upper = bits >>> 16;
  return lower > 0x8000 || (lower === 0x8000 && upper & 1) ? upper + 1 : upper;
}
