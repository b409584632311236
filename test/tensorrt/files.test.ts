import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { parseLayers, provePrecision } from '../../src/tensorrt/layers.js';
import { profileFor, profilesOf, shapesText } from '../../src/tensorrt/profiles.js';
import { parseOutputs, rawInput } from '../../src/tensorrt/tensors.js';
import { computeTimes } from '../../src/tensorrt/times.js';
import { DECODER } from './networks.js';

const OUTPUTS = `[
  { "name" : "logits"
  , "dimensions" : "2x2"
  , "values" : [ 0.125, -1.5e-05, nan, -inf ]
  }
, { "name" : "ids"
  , "dimensions" : "2"
  , "values" : [ 9007199254740993, -1 ]
  }
, { "name" : "empty"
  , "dimensions" : "1x0x4"
  , "values" : [  ]
  }
]
`;

describe('outputs of a run', () => {
  test('with values that JSON cannot hold', () => {
    expect(parseOutputs(OUTPUTS, { logits: 'float32', ids: 'int64', empty: 'float32' })).toEqual({
      logits: {
        dtype: 'float32',
        shape: [2, 2],
        data: Float32Array.of(0.125, -1.5e-5, Number.NaN, Number.NEGATIVE_INFINITY),
      },
      ids: { dtype: 'int64', shape: [2], data: BigInt64Array.of(9007199254740993n, -1n) },
      empty: { dtype: 'float32', shape: [1, 0, 4], data: new Float32Array() },
    });
  });

  test('that are cut off are none', () => {
    expect(parseOutputs(OUTPUTS.replace('2x2', '2x3'), {})).toBeUndefined();
    expect(parseOutputs('', {})).toBeUndefined();
  });

  test('inputs are int32 where the engine has no int64', () => {
    const ids = { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, -2n) } as const;
    expect([...rawInput(ids, 'int32')]).toEqual([1, 0, 0, 0, 254, 255, 255, 255]);
    expect(rawInput(ids, 'int64')).toHaveLength(16);
    const part = new BigInt64Array([5n, 6n, 7n]).subarray(1, 2);
    expect([...rawInput({ dtype: 'int64', shape: [1], data: part }, 'int64')]).toEqual([6, 0, 0, 0, 0, 0, 0, 0]);
  });
});

test('times without the warm-up, or all where none of it was exported', () => {
  const query = (startComputeMs: number, computeMs: number) => ({ startComputeMs, computeMs, h2dMs: 1 });
  expect(computeTimes(JSON.stringify([query(10, 9), query(200, 1), query(202, 2)]), 200)).toEqual([1, 2]);
  expect(computeTimes(JSON.stringify([query(0, 1), query(2, 2)]), 200)).toEqual([1, 2]);
  expect(computeTimes('[{"computeMs": 1}]', 0)).toBeUndefined();
  expect(computeTimes('', 0)).toBeUndefined();
});

describe('what layers compute in', () => {
  const layer = (LayerType: string, ...types: string[]) => ({
    Name: 'l',
    LayerType,
    Outputs: types.map(type => ({ Name: 't', 'Format/Datatype': type })),
  });
  const typesOf = (layers: readonly unknown[]) => {
    const parsed = parseLayers(JSON.stringify({ Layers: layers, Bindings: [] }));
    if (!parsed.ok) throw new Error(failureText(parsed.error));
    return parsed.value;
  };
  const text = (...of: Parameters<typeof provePrecision>): string => {
    const proved = provePrecision(...of);
    return proved.ok ? 'ok' : failureText(proved.error);
  };

  test.each([
    ['Half', 'fp16'],
    ['Row major linear FP16 format', 'fp16'],
    ['Float', 'fp32'],
    ['Row major linear FP32', 'fp32'],
    ['BF16', 'bf16'],
    ['Int8', 'int8'],
    ['FP8', 'fp8'],
  ] as const)('%s is %s', (spelling, type) => {
    expect(typesOf([layer('gemm', spelling)])).toEqual({
      layers: 1,
      products: 1,
      all: { [type]: 1 },
      ofProducts: { [type]: 1 },
    });
  });

  test('in the form of release 11, in weights, and in shapes that nobody has given', () => {
    expect(
      typesOf([
        { Name: 'a', LayerType: 'gemm', Outputs: [{ Name: 'half', Format: 'Row major linear', Datatype: 'FP16' }] },
        { Name: 'b', LayerType: 'CaskConvolution', Weights: { Type: 'Int8', Count: 9 }, Outputs: [] },
        layer('Softmax', 'N/A due to dynamic shapes'),
      ]),
    ).toEqual({ layers: 3, products: 2, all: { fp16: 1, int8: 1 }, ofProducts: { fp16: 1, int8: 1 } });
  });

  test('decides what an engine may be called', () => {
    const [half, float, int8] = [layer('gemm', 'Half'), layer('gemm', 'Float'), layer('gemm', 'Int8', 'Half')];
    const norm = layer('LayerNormalization', 'Float');
    expect(text(typesOf([half, half, float, norm, norm, norm]), 'fp16')).toBe('ok');
    expect(text(typesOf([int8, half, norm]), 'int8')).toBe('ok');
    expect(text(typesOf([layer('kgen', 'Half'), norm, norm]), 'fp16')).toBe('ok');
    expect(text(typesOf([float, norm]), 'fp32')).toBe('ok');
    expect(
      text(typesOf([half, float, float, norm]), 'fp16'),
    ).toBe(`error: precision-not-built: the engine is called fp16, and its layers are not
  expected  fp16 in 2 of 3 layers at least
  found     fp16 in 1, fp32 in 2
  fix       the network must say the precision itself: check the types in its ONNX`);
    expect(text(typesOf([float, half]), 'fp32')).toContain('expected  no layer of less than fp32');
    expect(text(typesOf([layer('gemm', 'N/A due to dynamic shapes')]), 'fp16')).toContain(
      'found     no layer that tells its type',
    );
  });

  test('of an engine without details nobody knows', () => {
    for (const broken of ['{"Layers": ["a"]}', '{"Layers": []}', 'nothing', 'null']) {
      const parsed = parseLayers(broken);
      expect(parsed.ok ? '' : parsed.error.code).toBe('layers-unreadable');
    }
  });
});

describe('profiles', () => {
  test('take what lies within one of them', () => {
    const sizes = { batch: [1, 2, 4], sequence: [1, 8, 16], past: [0, 0, 0] } as const;
    const made = profilesOf(DECODER, [sizes, { ...sizes, sequence: [1, 1, 1], past: [0, 8, 16] }]);
    if (!made.ok) throw new Error(failureText(made.error));
    const shapes = (batch: number, tokens: number, past: number) => ({
      input_ids: [batch, tokens],
      attention_mask: [batch, past + tokens],
      position_ids: [batch, tokens],
      'past_key_values.0.key': [batch, 4, past, 12],
      'past_key_values.0.value': [batch, 4, past, 12],
    });
    expect(profileFor(made.value, shapes(4, 16, 0))).toBe(0);
    expect(profileFor(made.value, shapes(1, 1, 16))).toBe(1);
    expect(profileFor(made.value, shapes(1, 2, 5))).toBeUndefined();
    expect(profileFor(made.value, shapes(5, 1, 1))).toBeUndefined();
    const { attention_mask, ...less } = shapes(1, 1, 0);
    expect(profileFor(made.value, less)).toBeUndefined();
  });

  test('of axes that have names of their own', () => {
    const inputs = [{ name: 'x', shape: ['rows', 3, '2 * columns - 1'] }];
    const sizes = { batch: [1, 2, 4], sequence: [1, 8, 16] } as const;
    const unknown = profilesOf(inputs, [sizes]);
    expect(
      unknown.ok ? '' : failureText(unknown.error),
    ).toBe(`error: dimension-unknown: nothing says how large the axis 'rows' of the input 'x' may be
  where     engineOptions.profiles[].dimensions
  expected  'rows': [min, optimum, max]
  fix       add dimensions: { 'rows': [1, 1, 8] } to each profile`);
    const told = profilesOf(inputs, [{ ...sizes, dimensions: { rows: [1, 2, 3], columns: [1, 5, 6] } }]);
    expect(told.ok ? shapesText(told.value[0]!.max) : '').toBe('x:3x3x11');
  });
});
