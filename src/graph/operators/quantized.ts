import { divideDims, multiplyDims } from '../dims.js';
import type { Dim, DType } from '../tensor.js';
import { productShape } from './linear.js';
import { FLOATS, float, INTEGERS, int, operator, optional, required } from './operator.js';

/** What stands for floats; float8 from opset 19 on, int4 from 21 on. */
const STORED: readonly DType[] = [...INTEGERS, 'float8e4m3fn', 'int4'];

/** https://onnx.ai/onnx/operators/ and ONNX Runtime's ContribOperators.md: integers that stand for floats. */
export const QUANTIZED = {
  QuantizeLinear: operator({
    inputs: ['x', 'y_scale', 'y_zero_point?'],
    outputs: ['y'],
    attributes: { axis: int(1) },
    infer(node) {
      node.commonDType([0, 1]);
      node.dtypeIn(0, [...FLOATS, 'int32']);
      return [{ dtype: node.has(2) ? node.dtypeIn(2, STORED) : 'uint8', shape: node.shape(0) }];
    },
  }),
  DequantizeLinear: operator({
    inputs: ['x', 'x_scale:float32', 'x_zero_point?'],
    outputs: ['y'],
    // Opset 21: as many elements along the axis share a scale; 0 means all that the scale's own shape says.
    attributes: { axis: int(1), block_size: int(0) },
    infer(node) {
      node.commonDType([0, 2]);
      node.dtypeIn(0, STORED);
      return [{ dtype: node.dtypeIn(1, FLOATS), shape: node.shape(0) }];
    },
  }),
  DynamicQuantizeLinear: operator({
    inputs: ['x'],
    outputs: ['y', 'y_scale', 'y_zero_point'],
    infer(node) {
      node.dtypeIn(0, ['float32']);
      return [
        { dtype: 'uint8', shape: node.shape(0) },
        { dtype: 'float32', shape: [] },
        { dtype: 'uint8', shape: [] },
      ];
    },
  }),
  MatMulInteger: operator({
    inputs: ['A', 'B', 'a_zero_point?', 'b_zero_point?'],
    outputs: ['Y'],
    infer(node) {
      node.dtypeIn(0, ['uint8', 'int8']);
      node.dtypeIn(1, ['uint8', 'int8']);
      node.commonDType([0, 2]);
      node.commonDType([1, 3]);
      return [{ dtype: 'int32', shape: productShape(node, node.shape(0), node.shape(1)) }];
    },
  }),
  DynamicQuantizeMatMul: operator({
    domain: 'com.microsoft',
    inputs: ['A', 'B', 'b_scale:float32', 'b_zero_point?', 'bias?'],
    outputs: ['Y'],
    infer(node) {
      node.dtypeIn(0, ['float32']);
      node.dtypeIn(1, ['uint8', 'int8']);
      node.commonDType([0, 2, 4]);
      node.commonDType([1, 3]);
      return [{ dtype: 'float32', shape: productShape(node, node.shape(0), node.shape(1)) }];
    },
  }),
  MatMulIntegerToFloat: operator({
    domain: 'com.microsoft',
    inputs: ['A', 'B', 'a_scale:float32', 'b_scale:float32', 'a_zero_point?', 'b_zero_point?', 'bias?'],
    outputs: ['Y'],
    infer(node) {
      node.dtypeIn(0, ['uint8', 'int8']);
      node.dtypeIn(1, ['uint8', 'int8']);
      node.commonDType([0, 4]);
      node.commonDType([1, 5]);
      return [{ dtype: node.commonDType([2, 3, 6]), shape: productShape(node, node.shape(0), node.shape(1)) }];
    },
  }),
  QAttention: operator({
    domain: 'com.microsoft',
    inputs: [
      'input',
      'weight',
      'bias:float32',
      'input_scale:float32',
      'weight_scale:float32',
      'mask_index?',
      'input_zero_point?',
      'weight_zero_point?',
      'past?',
    ],
    outputs: ['output', 'present?'],
    attributes: {
      num_heads: required('int'),
      do_rotary: int(0),
      mask_filter_value: float(-10000),
      past_present_share_buffer: optional('int'),
      scale: optional('float'),
      unidirectional: int(0),
    },
    infer(node) {
      node.dtypeIn(0, ['uint8', 'int8']);
      node.dtypeIn(1, ['uint8', 'int8']);
      node.commonDType([0, 6]);
      node.commonDType([1, 7]);
      node.requireRank(0, 3);
      node.requireRank(1, 2);
      if (node.has(5)) node.dtypeIn(5, ['int32']);
      if (node.has(8)) return node.fail('a past is not known here');
      const dtype = node.commonDType([2, 3, 4]);
      const [batch, sequence, hidden] = node.shape(0) as [Dim, Dim, Dim];
      const [rows, columns] = node.shape(1) as [Dim, Dim];
      node.sameDim(hidden, rows, 'the width of the input and the rows of the weight');
      const width = divideDims(columns, 3) ?? node.fail(`${columns} columns are not those of query, key and value`);
      const headSize = divideDims(width, node.int('num_heads')) ?? node.fail(`${width} is not a multiple of the heads`);
      return [
        { dtype, shape: [batch, sequence, width] },
        { dtype, shape: [2, batch, node.int('num_heads'), sequence, headSize] },
      ];
    },
  }),
  MatMulNBits: operator({
    domain: 'com.microsoft',
    inputs: ['A', 'B', 'scales', 'zero_points?', 'g_idx?', 'bias?'],
    outputs: ['Y'],
    attributes: {
      K: { kind: 'int', required: true },
      N: { kind: 'int', required: true },
      bits: int(4),
      block_size: { kind: 'int', required: true },
      accuracy_level: int(0),
    },
    infer(node) {
      node.commonDType([0, 2, 5]);
      node.dtypeIn(1, ['uint8']);
      node.sameDim(node.shape(0).at(-1) ?? 1, node.int('K'), 'the last axis of A and K');
      return [{ dtype: node.dtypeIn(0, FLOATS), shape: node.shape(0).with(-1, node.int('N')) }];
    },
  }),
  GatherBlockQuantized: operator({
    domain: 'com.microsoft',
    inputs: ['data', 'indices:int64', 'scales:float32', 'zero_points?'],
    outputs: ['output'],
    attributes: { gather_axis: int(0), quantize_axis: int(1), block_size: int(128), bits: int(4) },
    infer(node) {
      // Codes in bytes: then the axes are the first and the last.
      node.dtypeIn(0, ['uint8']);
      node.dtypeIn(1, ['int64', 'int32']);
      node.commonDType([0, 3]);
      node.requireRank(0, 2);
      const columns = multiplyDims(node.shape(0)[1]!, 8 / node.int('bits'));
      return [{ dtype: node.dtypeIn(2, FLOATS), shape: [...node.shape(1), columns] }];
    },
  }),
} as const;
