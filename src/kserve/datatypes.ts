/**
 * Element types of the KServe v2 inference protocol. Numbers are little-endian; FP16 and BF16 are their bits, since nothing
 * here calculates with them; an element of BYTES is any string of bytes.
 */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'BF16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

/** Elements in row-major order. */
export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | readonly Uint8Array[];

export type NumericData = Exclude<TensorData, readonly Uint8Array[]>;

interface NumericArray {
  new (length: number): NumericData;
  readonly BYTES_PER_ELEMENT: number;
}

/** How the elements of each datatype are kept; BYTES have no fixed size. */
export const ARRAYS: Readonly<Record<Exclude<Datatype, 'BYTES'>, NumericArray>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

export const isDatatype = (name: unknown): name is Datatype =>
  typeof name === 'string' && (name === 'BYTES' || Object.hasOwn(ARRAYS, name));

/** A tensor as it goes over the wire. `data` has as many elements as the product of `shape`. */
export interface WireTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);
