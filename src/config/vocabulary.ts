import type { Metric, Precision, Target, Task } from './types.generated.js';

/** The words of the configuration's enumerations, as values. A test compares them with the schema. */
export const TASKS = [
  'text-classification',
  'token-classification',
  'question-answering',
  'fill-mask',
  'feature-extraction',
  'sentence-similarity',
  'text-ranking',
  'text-generation',
  'text2text-generation',
  'zero-shot-classification',
  'image-classification',
  'automatic-speech-recognition',
] as const satisfies readonly Task[];

export const PRECISIONS = [
  'fp32',
  'fp16',
  'bf16',
  'fp8',
  'int8',
  'int8-dynamic',
  'int8-weight',
  'int4-weight',
  'auto',
] as const satisfies readonly Precision[];

/** Metrics that make sense for a task; the first is the one used unless another is asked for. */
export const METRICS: Readonly<Record<Task, readonly Metric[]>> = {
  'text-classification': ['accuracy', 'f1-macro'],
  'token-classification': ['f1'],
  'question-answering': ['f1', 'exact-match'],
  'fill-mask': ['accuracy'],
  'feature-extraction': ['recall@1', 'mrr', 'spearman'],
  'sentence-similarity': ['recall@1', 'mrr', 'spearman'],
  'text-ranking': ['ndcg@10', 'mrr'],
  'text-generation': ['perplexity'],
  'text2text-generation': ['perplexity'],
  'zero-shot-classification': ['accuracy'],
  'image-classification': ['accuracy'],
  'automatic-speech-recognition': [],
};

export type Device = NonNullable<Target['device']>;
/** Where a precision is executed: TensorRT, or a device of ONNX Runtime, of which TensorRT may be the provider. */
export type Platform = 'tensorrt' | Device | 'cuda-tensorrt';

export function platformOf({
  engine,
  device = 'cpu',
  provider,
}: Pick<Target, 'engine' | 'device' | 'provider'>): Platform {
  if (engine === 'tensorrt') return 'tensorrt';
  return provider === 'tensorrt' ? 'cuda-tensorrt' : device;
}

/** Why a platform cannot run a precision. What is not listed can be built. */
export const UNSUPPORTED: Readonly<Record<Platform, Readonly<Partial<Record<Precision, string>>>>> = {
  cpu: {
    fp16: "ONNX Runtime's CPU kernels run fp16 by inserting casts to fp32: slower, and no more exact",
    bf16: "ONNX Runtime's CPU has bf16 kernels for normalisation only",
    fp8: "ONNX Runtime's CPU has no fp8 matrix product, so it would run as fp32",
  },
  cuda: {
    bf16: "ONNX Runtime's CUDA provider has bf16 kernels for some operators only, and none for ReduceMean and Reciprocal",
    fp8: "ONNX Runtime's CUDA provider computes what fp8 is dequantised to, so it would run as fp16",
    int8: "ONNX Runtime's CUDA provider has no int8 matrix product, so it would run as fp32",
    'int8-dynamic': "ONNX Runtime's CUDA provider has no int8 matrix product, so it would run as fp32",
  },
  webgpu: {
    bf16: "ONNX Runtime's WebGPU provider has no bf16 kernels",
    fp8: "ONNX Runtime's WebGPU provider has no fp8 kernels",
    int8: "ONNX Runtime's WebGPU provider has no int8 matrix product, so it would run as fp32",
    'int8-dynamic': "ONNX Runtime's WebGPU provider has no int8 matrix product, so it would run as fp32",
  },
  'cuda-tensorrt': {
    bf16: 'what TensorRT does not take goes to CUDA, which has bf16 kernels for some operators only',
    fp8: 'what TensorRT does not take goes to CUDA, which has no fp8 matrix product',
    'int8-dynamic': 'TensorRT takes int8 ranges from the model only, none found while running',
    'int8-weight': 'TensorRT has no weight-only int8',
  },
  tensorrt: {
    'int8-dynamic': 'TensorRT takes int8 ranges from the model only, none found while running',
    'int8-weight': 'TensorRT has no weight-only int8',
  },
};

/** The first compute capability, without the dot, that computes in a precision; the others have no such limit. */
export const OLDEST_GPU: Readonly<Partial<Record<Precision, number>>> = { bf16: 80, fp8: 89 };
