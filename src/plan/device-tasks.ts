import type { ResolvedTarget } from '../config/resolved.js';
import type { Precision } from '../config/types.generated.js';
import { type EngineMachine, machineOf } from './engine-tasks.js';

/** A GPU that ONNX Runtime runs models on, and what is known of it here. */
export interface DevicePlace {
  /** ONNX Runtime's name of the provider. */
  readonly provider: 'cuda' | 'tensorrt' | 'webgpu';
  /** What runs the models there; `lacks` where nothing does. Building them needs no device. */
  readonly machine: EngineMachine;
}

/** undefined: the target is the CPU, or has engines of TensorRT. */
export function deviceOf(
  target: ResolvedTarget,
  machines: ReadonlyMap<string, EngineMachine>,
): DevicePlace | undefined {
  if (target.engine !== 'onnxruntime' || target.device === 'cpu') return undefined;
  return { provider: target.provider ?? target.device, machine: machineOf(machines, target.name) };
}

/** Precisions of models for a device that need a task of their own; fp32 is the optimised graph itself. */
export const DEVICE_PRECISIONS: ReadonlySet<Precision> = new Set(['fp16', 'int8-weight', 'int4-weight']);
