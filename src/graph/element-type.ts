import type { DType } from './tensor.js';

/** TensorProto.DataType of the ONNX specification. */
export const ONNX_ELEMENT_TYPE: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  float8e4m3fn: 17,
  int4: 22,
};

/** What this project cannot hold; the names are for messages. */
export const OTHER_ELEMENT_TYPES: Readonly<Record<number, string>> = {
  14: 'complex64',
  15: 'complex128',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
};

const BY_CODE = new Map(Object.entries(ONNX_ELEMENT_TYPE).map(([dtype, code]) => [code, dtype as DType]));

export const dtypeOfElementType = (code: number): DType | undefined => BY_CODE.get(code);
