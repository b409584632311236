import { describe, expect, test } from 'vitest';
import { judgePlacement, placementIn } from '../../src/validation/placement.js';

const ran = (op: string, provider: string) => ({
  cat: 'Node',
  name: `${op}_kernel_time`,
  args: { op_name: op, provider },
});
const onGpu = (op: string) => ran(op, 'WebGpuExecutionProvider');
const onCpu = (op: string) => ran(op, 'CPUExecutionProvider');
const session = { cat: 'Session', name: 'model_run' };

describe('placementIn', () => {
  test('products count, wherever they ran; what else the CPU did is named', () => {
    const events = [
      session,
      onGpu('MatMul'),
      onGpu('Gemm'),
      onGpu('Add'),
      onCpu('Shape'),
      onCpu('Shape'),
      onCpu('FusedMatMul'),
    ];
    expect(placementIn(events, 'webgpu')).toEqual({
      provider: 'webgpu',
      products: 3,
      there: 2,
      onCpu: { Shape: 2, FusedMatMul: 1 },
    });
  });

  test('what TensorRT leaves to CUDA is still on the GPU', () => {
    const events = [
      ran('TRTKernel_graph_0', 'TensorrtExecutionProvider'),
      ran('MatMul', 'CUDAExecutionProvider'),
      ran('MatMul', 'CPUExecutionProvider'),
    ];
    expect(placementIn(events, 'tensorrt')).toMatchObject({ products: 3, there: 2, compiled: 1 });
  });

  test('kernels of another provider are not those of the one that was asked for', () => {
    expect(placementIn([onGpu('MatMul')], 'cuda')).toMatchObject({ products: 1, there: 0 });
  });
});

describe('judgePlacement', () => {
  test('one product on the CPU is enough to fail', () => {
    const outcome = judgePlacement('tiny/web/fp32', placementIn([onGpu('MatMul'), onCpu('FusedMatMul')], 'webgpu'));
    expect(outcome).toEqual({
      ok: false,
      error: {
        code: 'not-on-device',
        kind: 'task',
        message: 'tiny/web/fp32 is for webgpu and computes on the CPU',
        where: 'tiny/web/fp32',
        expected: 'every matrix product on webgpu',
        found: '1 of 2; on the CPU: 1 FusedMatMul',
        fix: 'use a precision that the provider has kernels for: docs/devices.md',
      },
    });
  });

  test('so is a trace without products: nothing is proved', () => {
    expect(judgePlacement('a', placementIn([onGpu('Add')], 'webgpu')).ok).toBe(false);
  });

  test('TensorRT must have compiled something: CUDA alone is another target', () => {
    const onCuda = ran('MatMul', 'CUDAExecutionProvider');
    expect(judgePlacement('tiny/t4/fp32', placementIn([onCuda], 'tensorrt'))).toEqual({
      ok: false,
      error: {
        code: 'not-compiled',
        kind: 'task',
        message: 'tiny/t4/fp32 is for TensorRT, which took nothing of it',
        where: 'tiny/t4/fp32',
        expected: 'at least one part of the model compiled by TensorRT',
        found: '1 matrix products on CUDA',
        fix: "see ONNX Runtime's log for what TensorRT refused, or remove provider: 'tensorrt'",
      },
    });
    const engine = ran('TRTKernel_graph_0', 'TensorrtExecutionProvider');
    expect(judgePlacement('a', placementIn([engine, onCuda], 'tensorrt')).ok).toBe(true);
    expect(judgePlacement('a', placementIn([onCuda], 'cuda')).ok).toBe(true);
  });

  test('shapes may be computed on the CPU', () => {
    expect(judgePlacement('a', placementIn([onGpu('MatMul'), onCpu('Shape')], 'webgpu')).ok).toBe(true);
  });
});
