import type { Accelerator, NamedTensor } from './repository.js';

/** Smallest, usual and largest size. */
type Sizes = readonly [min: number, optimum: number, max: number];

/** What of ONNX Runtime runs a network on a GPU. */
export interface ExecutionProvider {
  readonly name: 'cuda' | 'tensorrt';
  /** By ONNX Runtime's own names. Those of TensorRT begin with trt_, the others are CUDA's. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Rows and tokens of a call. */
  readonly batch: Sizes;
  readonly sequence: Sizes;
}

/** Options that Triton's onnxruntime backend calls by another name than ONNX Runtime. */
const RENAMED: Readonly<Record<string, string>> = { trt_max_workspace_size: 'max_workspace_size_bytes' };

/** Names of the smallest, usual and largest shapes. */
export const PROFILE = { min: 'trt_profile_min_shapes', opt: 'trt_profile_opt_shapes', max: 'trt_profile_max_shapes' };

/**
 * A provider as `gpu_execution_accelerator`. CUDA is tried after all of them anyway, so it is named only where it has options.
 * @param inputs of the network
 */
export function acceleratorsOf(provider: ExecutionProvider, inputs: readonly NamedTensor[]): readonly Accelerator[] {
  const { name, options } = provider;
  const entries = Object.entries(options).map(([option, value]) => [option, `${value}`] as const);
  const isTensorrt = ([option]: readonly [string, string]): boolean => option.startsWith('trt_');
  const cuda = entries.filter(entry => !isTensorrt(entry));
  const own = entries.filter(isTensorrt).map(([option, value]) => [RENAMED[option] ?? option, value]);
  return [
    ...(name === 'tensorrt'
      ? [{ name, parameters: { ...typedByModel, ...profileShapes(provider, inputs), ...Object.fromEntries(own) } }]
      : []),
    ...(cuda.length > 0 ? [{ name: 'cuda', parameters: Object.fromEntries(cuda) }] : []),
  ];
}

/**
 * No precision from the builder: that of each tensor is in the model. It is TensorRT's default, and stands here because the backend
 * tells TensorRT which GPU to use only where there are parameters.
 */
const typedByModel = { precision_mode: 'FP32' };

/**
 * One engine for all shapes. Without a profile, TensorRT builds another engine when a call is larger or smaller than all before it, and the
 * call waits for it. Nothing where an input has other axes than rows and tokens, or where the options say it themselves.
 */
function profileShapes(
  { options, batch, sequence }: ExecutionProvider,
  inputs: readonly NamedTensor[],
): Readonly<Record<string, string>> {
  if (Object.values(PROFILE).some(option => option in options)) return {};
  // The server joins as few rows as there are, and a text may be one token.
  const sizes: Readonly<Record<string, Sizes>> = {
    batch_size: [1, batch[1], batch[2]],
    sequence_length: [1, sequence[1], sequence[2]],
  };
  const known = inputs.every(({ shape }) => shape.every(dim => typeof dim === 'number' || dim in sizes));
  if (!known) return {};
  const shapes = (bound: 0 | 1 | 2): string =>
    inputs
      .map(({ name, shape }) => {
        const lengths = shape.map(dim => (typeof dim === 'number' ? dim : sizes[dim]![bound]));
        return `${name}:${lengths.join('x')}`;
      })
      .join(',');
  return { [PROFILE.min]: shapes(0), [PROFILE.opt]: shapes(1), [PROFILE.max]: shapes(2) };
}
