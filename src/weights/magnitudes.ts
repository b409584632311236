import { elementCount, type Tensor } from '../graph/tensor.js';
import { kernels } from '../kernels/index.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import { materialize } from './materialize.js';

/**
 * The largest finite magnitude of each slice of a float tensor along an axis; of the whole tensor without one. Failures:
 * those of `materialize`.
 */
export function largestMagnitudes(tensor: Tensor, name: string, axis?: number): Result<Float32Array, Failure> {
  const { shape } = tensor;
  const float32: Tensor =
    tensor.dtype === 'float32' ? tensor : { dtype: 'float32', shape, data: { from: 'cast', of: tensor } };
  const bytes = materialize(float32, name);
  if (!bytes.ok) return bytes;
  const [outer, channels, inner] =
    axis === undefined
      ? [1, 1, elementCount(shape)]
      : [elementCount(shape.slice(0, axis)), shape[axis]!, elementCount(shape.slice(axis + 1))];
  const largest = new Float32Array(channels!);
  kernels().absmax(bytes.value, outer!, channels!, inner!, largest);
  return ok(largest);
}
