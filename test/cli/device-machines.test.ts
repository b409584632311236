import { expect, test } from 'vitest';
import { findDevice } from '../../src/cli/device-machines.js';
import { whyNoDevice } from '../../src/runtime/device.js';

const why = await whyNoDevice('tensorrt');

test.skipIf(why === undefined)('without TensorRT, the failure names the provider and what it needs', async () => {
  const target = { name: 't4', engine: 'onnxruntime', device: 'cuda', provider: 'tensorrt', precisions: [] } as const;
  expect(await findDevice({ ...target, gpu: 'sm_75' })).toEqual({
    tools: { device: 'tensorrt' },
    lacks: {
      kind: 'environment',
      code: 'not-built-here',
      message: 'not built here: needs tensorrt',
      where: 'targets.t4',
      expected: "a device that ONNX Runtime's tensorrt provider runs on",
      found: why,
      fix: "install CUDA, TensorRT and ONNX Runtime's libraries for them, or build where they are; or let it be missing: --allow-missing-hardware",
    },
  });
  expect(why).toMatch(/ExecutionProvider|provider/);
});
