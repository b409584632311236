import type { DType } from '../../graph/tensor.js';

/**
 * What TensorRT's ONNX parser takes. 10 and 11 share the operators of 10.1, the last release whose table is public in the
 * parser's repository; what later ones added is not used.
 */
export type TensorRTClass = '8.6' | '10' | '11';

/**
 * The last opset of ai.onnx that every release of the class knows; the oldest is 9 throughout. For 10 the table says 20, and int4, which
 * 10.0 knows, is of 21; of what else is used here, 21 changes dtypes alone.
 */
export const NEWEST_OPSET: Readonly<Record<TensorRTClass, number>> = { '8.6': 17, '10': 21, '11': 25 };

const HALVES: readonly DType[] = ['float32', 'float16'];
const FLOATS: readonly DType[] = [...HALVES, 'bfloat16'];
/** float64 is narrowed to float32 with a warning, int64 to int32 by 8.6: neither is refused. */
const also = (dtypes: readonly DType[], ...more: readonly DType[]): ReadonlySet<DType> =>
  new Set([...dtypes, 'float64', ...more]);

const named = (names: string, dtypes: ReadonlySet<DType>): [string, ReadonlySet<DType>][] =>
  names.split(/\s+/).map(name => [name, dtypes]);

/** docs/operators.md of onnx-tensorrt 8.6-GA: the dtypes of the data that an operator works on. */
const TENSORRT_8_6: ReadonlyMap<string, ReadonlySet<DType>> = new Map([
  ...named(
    'Acos Acosh Asin Asinh Atan Atanh BatchNormalization Ceil Celu Cos Cosh CumSum Dropout Einsum Erf Exp Floor GRU GridSample GroupNormalization InstanceNormalization IsInf LRN LSTM LayerNormalization Log LogSoftmax LpNormalization MatMul MeanVarianceNormalization NonMaxSuppression NonZero Pow QuantizeLinear RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Resize RoiAlign Scan Sin Sinh Softmax Sqrt Tan Upsample',
    also(HALVES),
  ),
  ...named(
    'Abs Add ArgMax ArgMin DepthToSpace Div Equal Greater GreaterOrEqual IsNaN Less LessOrEqual Max Mean Min Mod Mul Neg Range Shrink SpaceToDepth Sub Sum TopK',
    also(HALVES, 'int32', 'int64'),
  ),
  ...named(
    'Clip Conv ConvTranspose Elu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool HardSigmoid HardSwish LeakyRelu LpPool MaxPool PRelu ParametricSoftplus Relu Round ScaledTanh Selu Sigmoid Softplus Softsign Tanh ThresholdedRelu',
    also(HALVES, 'int8'),
  ),
  ...named(
    'Concat Constant Gather GatherElements GatherND Identity Reshape ReverseSequence Shape Size Slice Squeeze Transpose Trilu Unsqueeze',
    also(HALVES, 'int32', 'int64', 'int8', 'bool'),
  ),
  ...named('Expand EyeLike Flatten If Loop OneHot Split Tile Where', also(HALVES, 'int32', 'int64', 'bool')),
  ...named('AveragePool Pad Scatter ScatterElements ScatterND Sign', also(HALVES, 'int32', 'int64', 'int8')),
  ...named('And Not Or Xor', new Set<DType>(['bool'])),
  ...named('Cast', also(HALVES, 'int32', 'int64', 'int8', 'uint8', 'bool')),
  ...named('ConstantOfShape', also(['float32'])),
  ...named('DequantizeLinear', new Set<DType>(['int8'])),
]);

/** docs/operators.md of onnx-tensorrt 10.1-GA. */
const TENSORRT_10: ReadonlyMap<string, ReadonlySet<DType>> = new Map([
  ...named(
    'Acos Acosh Asin Asinh Atan Atanh AveragePool BatchNormalization Ceil Celu Clip Conv ConvTranspose Cos Cosh CumSum Dropout Einsum Elu Erf Exp Floor GRU Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool GroupNormalization HardSigmoid HardSwish Hardmax InstanceNormalization IsInf LRN LSTM LayerNormalization LeakyRelu Log LogSoftmax LpNormalization LpPool MatMul MaxPool MeanVarianceNormalization PRelu ParametricSoftplus Pow QuantizeLinear RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Reciprocal Resize Round ScaledTanh Scan Selu Sigmoid Sin Sinh Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Upsample',
    also(FLOATS),
  ),
  ...named(
    'Abs Add ArgMax ArgMin DepthToSpace Div Equal Greater GreaterOrEqual IsNaN Less LessOrEqual Max Mean Min Mod Mul Neg Pad Range ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Scatter ScatterElements ScatterND Shrink Sign SpaceToDepth Sub Sum TopK',
    also(FLOATS, 'int32', 'int64'),
  ),
  ...named('Gelu', also(FLOATS, 'int8', 'int32', 'int64')),
  ...named(
    'Concat Constant ConstantOfShape Expand EyeLike Flatten Gather GatherElements GatherND Identity If Loop OneHot Reshape ReverseSequence Shape Size Slice Split Squeeze Tile Transpose Trilu Unsqueeze Where',
    also(FLOATS, 'int32', 'int64', 'bool'),
  ),
  ...named('DeformConv GridSample Mish NonMaxSuppression NonZero RoiAlign', also(HALVES)),
  ...named('And Not Or Xor', new Set<DType>(['bool'])),
  ...named('Cast CastLike', also(FLOATS, 'int32', 'int64', 'uint8', 'bool')),
  // int4 since 10.0, by its changelog.
  ...named('DequantizeLinear', new Set<DType>(['int8', 'float8e4m3fn', 'int4'])),
]);

/** Operator -> dtypes; an operator that is absent is refused. */
export const SUPPORT: Readonly<Record<TensorRTClass, ReadonlyMap<string, ReadonlySet<DType>>>> = {
  '8.6': TENSORRT_8_6,
  '10': TENSORRT_10,
  '11': TENSORRT_10,
};
