import type { Rule } from './lint-rule.js';
import type { DataType, Message, ModelConfig } from './model-config.js';

/** platform -> the backend that belongs to it; several platforms may share one. */
const PLATFORMS: Readonly<Record<string, string>> = {
  tensorrt_plan: 'tensorrt',
  onnxruntime_onnx: 'onnxruntime',
  pytorch_libtorch: 'pytorch',
  libtorch: 'pytorch',
  torch_aoti: 'pytorch',
  // Up to 25.02.
  tensorflow_graphdef: 'tensorflow',
  tensorflow_savedmodel: 'tensorflow',
};

type Tensor = Message<'ModelInput'> & Message<'ModelOutput'>;

function* tensorsOf(config: ModelConfig): Iterable<{ readonly label: string; readonly tensor: Tensor }> {
  for (const [kind, tensors] of [
    ['input', config.input ?? []],
    ['output', config.output ?? []],
  ] as const) {
    for (const tensor of tensors) yield { label: `model ${kind} '${tensor.name ?? ''}'`, tensor };
  }
}

/** The backend that loads a model; '' for an ensemble. */
export const backendOf = ({ backend, platform }: ModelConfig): string => backend || (PLATFORMS[platform ?? ''] ?? '');

export const numbers = (values: readonly (number | bigint)[] | undefined): number[] => (values ?? []).map(Number);
const isBadDim = (dim: number): boolean => dim < 1 && dim !== -1;
const product = (dims: readonly number[]): number => dims.filter(dim => dim > 0).reduce((a, b) => a * b, 1);
const wildcards = (dims: readonly number[]): number => dims.filter(dim => dim === -1).length;

/** What one configuration says about itself. */
export const CONFIG_RULES: readonly Rule[] = [
  {
    id: 'name',
    *check({ name, config }) {
      if (config.name && config.name !== name) yield `unexpected directory name '${name}' for model '${config.name}'`;
    },
  },
  {
    id: 'backend',
    *check({ name, backend: found, config: { platform = '', backend = '' } }) {
      if (platform === 'ensemble') {
        if (backend !== '') yield `Ensemble model '${name}' must have platform type 'ensemble' and empty backend type`;
      } else if (found === '' && platform === '') {
        yield `must specify 'platform' or 'backend' for '${name}'`;
      } else if (platform !== '' && PLATFORMS[platform] === undefined) {
        yield `unexpected platform type '${platform}' for ${name}`;
      } else if (platform !== '' && backend !== '' && PLATFORMS[platform] !== backend) {
        yield `unexpected 'platform' and 'backend' pair, got:${platform}, ${backend}`;
      }
    },
  },
  {
    id: 'max-batch-size',
    *check({ name, config }) {
      if ((config.max_batch_size ?? 0) < 0) yield `'max_batch_size' must be non-negative value for ${name}`;
    },
  },
  {
    id: 'tensor-name',
    *check({ config }) {
      for (const { label, tensor } of tensorsOf(config)) if (!tensor.name) yield `${label}: must specify 'name'`;
      for (const tensors of [config.input ?? [], config.output ?? []]) {
        const names = tensors.map(tensor => tensor.name);
        for (const name of new Set(names.filter((tensor, index) => tensor && names.indexOf(tensor) !== index))) {
          yield `'${name}' is declared more than once`;
        }
      }
    },
  },
  {
    id: 'tensor-data-type',
    *check({ config, isCompleted }) {
      if (isCompleted) return;
      for (const { label, tensor } of tensorsOf(config)) {
        if ((tensor.data_type ?? 'TYPE_INVALID') === 'TYPE_INVALID') yield `${label} must specify 'data_type'`;
      }
    },
  },
  {
    id: 'tensor-dims',
    *check({ config, isCompleted }) {
      for (const { label, tensor } of tensorsOf(config)) {
        const dims = numbers(tensor.dims);
        if (dims.length === 0 && !isCompleted) yield `${label} must specify 'dims'`;
        if (dims.some(isBadDim)) {
          yield `${label} dimension must be integer >= 1, or -1 to indicate a variable-size dimension`;
        }
      }
    },
  },
  {
    id: 'tensor-reshape',
    *check({ config }) {
      for (const { label, tensor } of tensorsOf(config)) {
        if (tensor.reshape === undefined) continue;
        const dims = numbers(tensor.dims);
        const shape = numbers(tensor.reshape.shape);
        if (shape.length === 0 && (config.max_batch_size ?? 0) === 0) {
          yield `${label} cannot have empty reshape for non-batching model as scalar tensors are not supported`;
        } else if (shape.some(isBadDim)) {
          yield `${label} reshape dimensions must be integer >= 1, or -1 to indicate a variable-size dimension`;
        } else if (wildcards(dims) !== wildcards(shape)) {
          yield `${label} has different number of variable-size dimensions for dims and reshape`;
        } else if (product(dims) !== product(shape)) {
          yield `${label} has different size for dims and reshape`;
        }
      }
    },
  },
  {
    id: 'tensorrt-only',
    *check({ name, config, backend }) {
      if (backend === 'tensorrt' || backend === '') return;
      for (const { label, tensor } of tensorsOf(config)) {
        if (tensor.is_shape_tensor) yield `${label}: shape tensors are only supported for TensorRT platform`;
        if (tensor.is_non_linear_format_io) {
          yield `${label}: Non-linear IO format is only supported for the TensorRT platform`;
        }
      }
      for (const group of config.instance_group ?? []) {
        if ((group.profile ?? []).length > 0) {
          yield `instance group of model ${name} specifies profile field which is only supported for TensorRT models`;
        }
      }
    },
  },
  {
    id: 'instance-group',
    *check({ name, config }) {
      for (const { kind = 'KIND_AUTO', gpus = [] } of config.instance_group ?? []) {
        if ((kind === 'KIND_CPU' || kind === 'KIND_MODEL') && gpus.length > 0) {
          yield `instance group of model ${name} has kind ${kind} but specifies one or more GPUs`;
        }
      }
    },
  },
  {
    // The server loads it, but cannot write such a tensor as JSON: most clients would get nothing but errors.
    id: 'json-output',
    *check({ config }) {
      const halves: readonly (DataType | undefined)[] = ['TYPE_FP16', 'TYPE_BF16'];
      for (const { name, data_type: type } of config.platform === 'ensemble' ? (config.output ?? []) : []) {
        if (halves.includes(type)) yield `sending ${type?.slice(5)} data via JSON is not supported: output '${name}'`;
      }
    },
  },
];
