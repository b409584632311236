import type { DType } from '../graph/tensor.js';
import type { DataType } from './model-config.js';

/** Folders of a repository, which are the names that clients see. None holds a dot: Triton would look for a backend behind it. */
export const tokenizerModelName = (model: string): string => `${model}-tokenize`;
export const ensembleName = (model: string, target: string, precision: string): string =>
  `${model}-${target}-${precision}`;
export const networkModelName = (model: string, target: string, precision: string): string =>
  `${ensembleName(model, target, precision)}-model`;

/** What a network file holds as inputs, outputs and weights, by Triton's names. */
export const DATA_TYPES: Readonly<Record<DType, DataType>> = {
  float64: 'TYPE_FP64',
  float32: 'TYPE_FP32',
  float16: 'TYPE_FP16',
  bfloat16: 'TYPE_BF16',
  // Only within a model: the server has no such inputs or outputs.
  float8e4m3fn: 'TYPE_INVALID',
  int64: 'TYPE_INT64',
  int32: 'TYPE_INT32',
  int16: 'TYPE_INT16',
  int8: 'TYPE_INT8',
  uint64: 'TYPE_UINT64',
  uint32: 'TYPE_UINT32',
  uint16: 'TYPE_UINT16',
  uint8: 'TYPE_UINT8',
  bool: 'TYPE_BOOL',
  string: 'TYPE_STRING',
};

/** Bytes of one element; strings have no fixed length. */
export const BYTES_PER_ELEMENT: Readonly<Partial<Record<DataType, number>>> = {
  TYPE_BOOL: 1,
  TYPE_UINT8: 1,
  TYPE_UINT16: 2,
  TYPE_UINT32: 4,
  TYPE_UINT64: 8,
  TYPE_INT8: 1,
  TYPE_INT16: 2,
  TYPE_INT32: 4,
  TYPE_INT64: 8,
  TYPE_FP16: 2,
  TYPE_FP32: 4,
  TYPE_FP64: 8,
  TYPE_BF16: 2,
};
