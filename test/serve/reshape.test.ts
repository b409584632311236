import { expect, test } from 'vitest';
import type { WireTensor } from '../../src/kserve/datatypes.js';
import type { ModelRequest } from '../../src/serve/model.js';
import { reshaped } from '../../src/serve/reshape.js';
import { singleAnswer } from '../../src/serve/served-version.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import { COUNTER, counter, echo, modelOf } from './support.js';

interface Case {
  readonly dims: number[];
  readonly reshape: number[];
  readonly maxBatchSize: number;
  readonly given: number[];
  readonly inside: number[];
}

const tensor = (shape: readonly number[]): WireTensor => ({
  name: 'IN',
  datatype: 'FP32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

test.each<Case>([
  { dims: [1], reshape: [], maxBatchSize: 8, given: [5, 1], inside: [5] },
  { dims: [4], reshape: [2, 2], maxBatchSize: 8, given: [3, 4], inside: [3, 2, 2] },
  { dims: [4], reshape: [1, 4], maxBatchSize: 0, given: [4], inside: [1, 4] },
  { dims: [-1, 2, -1], reshape: [1, -1, -1, 2], maxBatchSize: 8, given: [2, 3, 2, 5], inside: [2, 1, 3, 5, 2] },
])('%j', async ({ dims, reshape, maxBatchSize, given, inside }) => {
  const io = { data_type: 'TYPE_FP32', dims, reshape: { shape: reshape } } as const;
  const config: ModelConfig & { name: string } = {
    name: 'm',
    max_batch_size: maxBatchSize,
    input: [{ name: 'IN', ...io }],
    output: [{ name: 'OUT', ...io }],
  };
  const seen: ModelRequest[][] = [];
  const model = modelOf(config, reshaped(echo({ seen }), config));
  const { signal } = new AbortController();
  const answer = await singleAnswer(model.answers({ parameters: {}, inputs: [tensor(given)], outputs: [], signal }));
  expect(seen[0]![0]!.inputs[0]!.shape).toEqual(inside);
  expect(answer).toEqual({ ok: true, value: { outputs: [{ ...tensor(given), name: 'OUT' }] } });
});

test('answers that come in pieces, too', async () => {
  const config = { ...COUNTER, output: [{ ...COUNTER.output[0], dims: [1, 1], reshape: { shape: [1] } }] } as const;
  const model = modelOf(config, reshaped(counter(), config));
  const inputs: WireTensor[] = [{ name: 'N', datatype: 'INT32', shape: [1], data: Int32Array.of(2) }];
  const shapes: (readonly number[])[] = [];
  for await (const answer of model.answers({
    parameters: {},
    inputs,
    outputs: [],
    signal: new AbortController().signal,
  })) {
    shapes.push(answer.ok ? answer.value.outputs[0]!.shape : []);
  }
  expect(shapes).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

test('without it the instance is the same', () => {
  const instance = echo();
  expect(reshaped(instance, COUNTER)).toBe(instance);
});
