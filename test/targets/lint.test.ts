import { describe, expect, test } from 'vitest';
import { integers, scalar, tensorOf } from '../../src/graph/constants.js';
import { constant, type Graph, type Input, makeNode, type Value } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import type { DType } from '../../src/graph/tensor.js';
import { lintForTensorRT } from '../../src/targets/tensorrt/lint.js';
import type { TensorRTClass } from '../../src/targets/tensorrt/support.js';
import { weight } from '../passes/support.js';

const op = ops('layer');
const input = (name: string, shape: readonly (number | string)[], dtype: DType = 'float32'): Input => ({
  kind: 'input',
  name,
  type: { dtype, shape },
});
const x = input('x', ['batch_size', 32]);
const ids = input('input_ids', ['batch_size', 'sequence_length'], 'int64');
const axes = input('axes', [1], 'int64');
const graph = (inputs: readonly Input[], ...values: readonly Value[]): Graph => ({
  inputs,
  outputs: values.map((value, index) => ({ name: `y${index}`, value })),
});
const refusals = (linted: Graph, version: TensorRTClass = '10', opset = 17) =>
  lintForTensorRT(linted, version, opset).map(({ where, problem }) => `${where}: ${problem}`);

const foreign = (name: string, inputs: readonly Value[], domain = '') =>
  makeNode({ op: name, domain, path: 'layer', inputs, attributes: {} }, [
    { dtype: 'float32', shape: ['batch_size', 32] },
  ]).outputs[0]!;

/** x · W, both sides through Q and DQ. */
function quantized(
  change: { zero?: number; scale?: number; dtype?: DType; axis?: number; weightToo?: boolean } = {},
): Graph {
  const { zero = 0, scale = 0.1, dtype = 'int8', axis = 1, weightToo = true } = change;
  const zeroPoint = constant(tensorOf(dtype, [], [zero]));
  const values = op.QuantizeLinear(x, scalar('float32', scale), zeroPoint);
  const activation = op.DequantizeLinear(values, scalar('float32', scale), zeroPoint);
  const columns = constant(tensorOf('int8', [32, 16], new Float64Array(512)));
  const scales = constant(tensorOf('float32', [16], new Array(16).fill(0.01)));
  const zeros = constant(tensorOf('int8', [16], new Float64Array(16)));
  const dequantized = op.DequantizeLinear(columns, scales, zeros, { axis });
  return graph([x], op.MatMul(activation, weightToo ? dequantized : weight('w', [32, 16])));
}

describe('what a TensorRT refuses', () => {
  const cases: readonly [name: string, graph: Graph, version: TensorRTClass, expected: readonly string[]][] = [
    ['nothing', graph([x], op.Relu(op.MatMul(x, weight('w', [32, 16])))), '8.6', []],
    [
      'com.microsoft',
      graph([x], op.FastGelu(x)),
      '10',
      ["FastGelu at 'layer': operators of com.microsoft are not known"],
    ],
    [
      'an unknown operator',
      graph([x], foreign('Bernoulli', [x])),
      '11',
      ["Bernoulli at 'layer': the operator is not known"],
    ],
    [
      'an operator that came later',
      graph([x], foreign('Gelu', [x])),
      '8.6',
      ["Gelu at 'layer': the operator is not known"],
    ],
    [
      'integers in CumSum',
      graph([ids], op.CumSum(ids, 1)),
      '10',
      ["CumSum at 'layer': the operator is not known for int64"],
    ],
    [
      'integers in Clip',
      graph([ids], op.Clip(ids, 0, 5)),
      '10',
      ["Clip at 'layer': the operator is not known for int64"],
    ],
    [
      'bfloat16 before 9.0',
      graph([x], op.Cast(op.Relu(op.Cast(x, { to: 'bfloat16' })), { to: 'float32' })),
      '8.6',
      [
        "Cast at 'layer': the operator is not known for bfloat16",
        "Relu at 'layer': the operator is not known for bfloat16",
        "Cast at 'layer': the operator is not known for bfloat16",
      ],
    ],
    ['bfloat16', graph([x], op.Cast(op.Relu(op.Cast(x, { to: 'bfloat16' })), { to: 'float32' })), '10', []],
    ['integers that say where', graph([x, ids], op.Gather(x, ids)), '8.6', []],
    ['a string as input', graph([input('text', [1], 'string'), x], op.Relu(x)), '10', ['text: inputs are not string']],
    [
      'axes that are computed',
      graph([x, axes], foreign('ReduceSum', [x, axes])),
      '10',
      ["ReduceSum at 'layer': axes must be a constant"],
    ],
    [
      'the sorted output of TopK',
      graph([x], op.TopK(x, [5], { sorted: 0 })[0]),
      '10',
      ["TopK at 'layer': sorted must be 1"],
    ],
    [
      'a large K',
      graph([x], op.TopK(input('long', [9000]), integers([4000]))[0]),
      '10',
      ["TopK at 'layer': K is 4000; it must be below 3840"],
    ],
    ['Q/DQ on both operands', quantized(), '8.6', []],
    [
      'a zero point',
      quantized({ zero: 3 }),
      '10',
      [
        "QuantizeLinear at 'layer': the zero point must be all zeros: quantisation is symmetric",
        "DequantizeLinear at 'layer': the zero point must be all zeros: quantisation is symmetric",
      ],
    ],
    [
      'uint8',
      quantized({ dtype: 'uint8' }),
      '10',
      [
        "QuantizeLinear at 'layer': quantised values are int8 or float8e4m3fn or int4, not uint8",
        "DequantizeLinear at 'layer': the operator is not known for uint8",
        "DequantizeLinear at 'layer': quantised values are int8 or float8e4m3fn or int4, not uint8",
        "MatMul at 'layer': one operand is uint8, the other int8",
      ],
    ],
    [
      'a scale of zero',
      quantized({ scale: 0 }),
      '10',
      ["QuantizeLinear at 'layer': scales must be positive", "DequantizeLinear at 'layer': scales must be positive"],
    ],
    [
      'scales of the wrong axis',
      quantized({ axis: 0 }),
      '10',
      ["DequantizeLinear at 'layer': 16 scales along axis 0, which has 32 channels"],
    ],
    [
      'one operand alone',
      quantized({ weightToo: false }),
      '10',
      ["MatMul at 'layer': one operand of 2 is quantised: the product runs in floats"],
    ],
  ];
  test.each(cases)('%s', (_, linted, version, expected) => expect(refusals(linted, version)).toEqual(expected));

  describe('weights of 4 bits', () => {
    const linted = (change: { block?: number; rows?: number; onBoth?: boolean } = {}): Graph => {
      const { block = 64, rows = 2, onBoth = false } = change;
      const wide = input('wide', ['batch_size', 128]);
      const codes = constant(tensorOf('int4', [128, 16], new Float64Array(2048)));
      const scales = constant(tensorOf('float32', [rows, 16], new Array(rows * 16).fill(0.01)));
      const unpacked = op.DequantizeLinear(codes, scales, undefined, { axis: 0, block_size: block });
      const [step, zeroPoint] = [scalar('float32', 0.1), scalar('int8', 0)];
      const activation = op.DequantizeLinear(op.QuantizeLinear(wide, step, zeroPoint), step, zeroPoint);
      return graph([wide], op.MatMul(onBoth ? activation : wide, unpacked));
    };
    test.each([
      ['in blocks of 64', {}, '10', 21, []],
      ['in blocks of 128', { block: 128, rows: 1 }, '11', 21, []],
      [
        'in smaller blocks',
        { block: 32, rows: 4 },
        '10',
        21,
        ['DequantizeLinear: int4 comes in blocks of 64 or 128, not 32'],
      ],
      [
        'with scales of other blocks',
        { rows: 1 },
        '10',
        21,
        ['DequantizeLinear: scales are [1, 16], and the blocks of the weight [2, 16]'],
      ],
      ['in an opset without them', {}, '11', 19, ['DequantizeLinear: int4 needs opset 21, and the model has 19']],
      ['times integers', { onBoth: true }, '10', 21, ['MatMul: one operand is int8, the other int4']],
      [
        'for 8.6',
        {},
        '8.6',
        17,
        [
          'DequantizeLinear: the operator is not known for int4',
          'DequantizeLinear: quantised values are int8, not int4',
          'DequantizeLinear: int4 needs opset 21, and the model has 17',
          'DequantizeLinear: the zero point must be there',
        ],
      ],
    ] as const)('%s', (_, change, version, opset, expected) => {
      expect(refusals(linted(change), version, opset).map(text => text.replace(" at 'layer'", ''))).toEqual(expected);
    });

    test('activations are not', () => {
      const values = op.QuantizeLinear(x, scalar('float32', 0.1), scalar('int4', 0));
      expect(
        refusals(graph([x], op.Relu(op.DequantizeLinear(values, scalar('float32', 0.1), scalar('int4', 0)))), '10', 21),
      ).toEqual([
        "QuantizeLinear at 'layer': only weights are int4",
        "DequantizeLinear at 'layer': only weights are int4",
      ]);
    });
  });

  test('an opset that it does not know', () => {
    const plain = graph([x], op.Relu(x));
    expect(refusals(plain, '8.6', 17)).toEqual([]);
    expect(refusals(plain, '8.6', 19)).toEqual(['model: opset 19 is later than 17, the last that is known']);
    expect(refusals(plain, '11', 25)).toEqual([]);
  });

  test('branches of other shapes, up to 10.6', () => {
    const choice = input('choice', [], 'bool');
    const [short, long] = [input('short', ['batch_size', 'a', 8]), input('long', ['batch_size', 'b', 8])];
    const branch = (outer: Input) => {
      const inner: Input = { ...outer };
      return { graph: graph([inner], inner), captures: new Map([[inner, outer]]) };
    };
    const [chosen] = op.If(choice, { then_branch: branch(short), else_branch: branch(long) });
    const linted = graph([choice, short, long], chosen!);
    expect(refusals(linted, '11')).toEqual([]);
    expect(refusals(linted, '10')).toEqual([
      "If at 'layer': output 0 is [batch_size, a, 8] in one branch and [batch_size, b, 8] in the other: versions up to 10.6 want equal shapes",
    ]);
  });
});
