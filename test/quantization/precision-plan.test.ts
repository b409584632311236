import { describe, expect, test } from 'vitest';
import { scalar, tensorOf } from '../../src/graph/constants.js';
import { constant, type Graph, nodesOf, type Value } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { applyPlan } from '../../src/quantization/apply-plan.js';
import type { HalfFormat } from '../../src/quantization/half-formats.js';
import { planPrecision } from '../../src/quantization/precision-plan.js';
import type { TensorRange } from '../../src/quantization/ranges.js';
import { graphOf, input, weight } from '../passes/support.js';

const op = ops('layer');
const x = input('x', ['batch_size', 'sequence_length', 32]);

const range = (min: number, max: number, more: Partial<TensorRange> = {}): TensorRange => ({
  min,
  max,
  smallestMagnitude: 0.01,
  elements: 1000,
  nonFinite: 0,
  belowNormal: 0,
  vanishing: 0,
  ...more,
});

/** Everything that was not given a range of its own lies between -3 and 3. */
function planned(
  graph: Graph,
  ranges: readonly (readonly [Value, TensorRange])[] = [],
  format: HalfFormat = 'float16',
) {
  const observed = new Map(ranges);
  const plan = planPrecision(graph, format, {
    rangeOf: value => observed.get(value) ?? range(-3, 3),
    weightMaximum: () => 2,
  });
  const { graph: typed, casts } = applyPlan(graph, plan);
  expect(verifyGraph(typed)).toEqual([]);
  expect(typed.inputs).toEqual(graph.inputs);
  expect(typed.outputs.map(({ name, value }) => [name, value.type.dtype])).toEqual(
    graph.outputs.map(({ name, value }) => [name, value.type.dtype]),
  );
  return { kept: plan.kept.map(({ node, reason }) => `${node.op}: ${reason}`), casts, typed };
}

const BETWEEN = 'between tensors in float32: casts would cost more than it gains';
const w = weight('w', [32, 32]);

describe('what stays in float32, and why', () => {
  test('nothing without a reason: one cast in, one out', () => {
    const { kept, casts, typed } = planned(graphOf([x], op.Relu(op.MatMul(op.Relu(op.MatMul(x, w)), w))));
    expect(kept).toEqual([]);
    expect(casts).toBe(2);
    expect(nodesOf(typed).map(node => node.op)).toEqual(['Cast', 'MatMul', 'Relu', 'MatMul', 'Relu', 'Cast']);
  });

  test('a large tensor: whoever makes it and whoever reads it', () => {
    const large = op.MatMul(x, w);
    const normal = op.LayerNormalization(large, weight('g', [32]), weight('b', [32]));
    const graph = graphOf([x], op.MatMul(normal, w));
    expect(planned(graph, [[large, range(-81920, 100)]]).kept).toEqual([
      'MatMul: |x| up to 81920',
      'LayerNormalization: |x| up to 81920',
    ]);
    // A factor of 4 is left.
    expect(planned(graph, [[large, range(-16376, 100)]]).kept).toEqual([]);
    expect(planned(graph, [[large, range(-16377, 100)]]).kept).toHaveLength(2);
    expect(planned(graph, [[large, range(-81920, 100)]], 'bfloat16').kept).toEqual([]);
  });

  test('a tensor of infinities, and one that float16 would round away', () => {
    const middle = op.MatMul(x, w);
    const graph = graphOf([x], op.MatMul(middle, w));
    expect(planned(graph, [[middle, range(-1, 1, { nonFinite: 2 })]]).kept[0]).toBe('MatMul: it held NaN or infinity');
    expect(planned(graph, [[middle, range(-3e-5, 2e-5)]]).kept).toEqual([
      'MatMul: |x| is at most 0.00003',
      'MatMul: |x| is at most 0.00003',
    ]);
  });

  test('a small divisor, a constant that float16 does not have, a weight beyond it', () => {
    const [a, b] = [op.MatMul(x, w), op.MatMul(x, weight('v', [32, 32]))];
    const small = range(-3, 3, { smallestMagnitude: 1e-7 });
    expect(planned(graphOf([x], op.MatMul(op.Div(a, b), w)), [[b, small]]).kept).toEqual([
      'Div: a divisor, |x| down to 1e-7',
    ]);
    expect(planned(graphOf([x], op.MatMul(op.Add(a, 1e-12), w))).kept).toEqual([
      'Add: the constant 1e-12 is below what float16 has',
    ]);
    expect(planned(graphOf([x], op.MatMul(op.Add(a, 1e-12), w)), [], 'bfloat16').kept).toEqual([]);
    const huge = constant(tensorOf('float32', [32], new Float32Array(32).fill(70000)), 'huge');
    expect(planned(graphOf([x], op.MatMul(op.Mul(a, huge), w))).kept).toEqual(['Mul: a constant reaches 70000']);
  });

  test('the root of a mean of squares, from the square on', () => {
    const hidden = op.MatMul(x, w);
    const mean = op.ReduceMean(op.Pow(hidden, 2), { axes: [-1], keepdims: 1 });
    const normal = op.Mul(hidden, op.Div(1, op.Sqrt(op.Add(mean, 1e-6))));
    const { kept } = planned(graphOf([x], op.MatMul(normal, w)));
    const why = 'squares and the root of their mean: the square of x has twice its exponent';
    expect(kept.slice(0, 4)).toEqual([`Pow: ${why}`, `ReduceMean: ${why}`, `Add: ${why}`, `Sqrt: ${why}`]);
  });

  test('sums that grow: of as many values as a text has, or of large ones', () => {
    const hidden = op.MatMul(x, w);
    const pooled = op.ReduceSum(hidden, [1], { keepdims: 0 });
    expect(planned(graphOf([x], op.MatMul(pooled, w))).kept).toEqual([
      'ReduceSum: a sum of as many values as sequence_length says',
    ]);
    const features = op.ReduceSum(hidden, [-1], { keepdims: 1 });
    const graph = graphOf([x], op.MatMul(op.Mul(hidden, features), w));
    expect(planned(graph).kept).toEqual([]);
    expect(planned(graph, [[hidden, range(-3000, 3000)]]).kept).toContain(
      'ReduceSum: a sum of 32 values of up to 3000',
    );
  });

  test('positions and angles; the words that they turn are not', () => {
    const ids = input('ids', ['batch_size', 'sequence_length'], 'int64');
    const angles = op.Mul(op.Unsqueeze(op.Cast(ids, { to: 'float32' }), [-1]), weight('inverse', [32]));
    const { kept, casts } = planned(graphOf([x, ids], op.MatMul(op.Mul(op.MatMul(x, w), op.Cos(angles)), w)));
    const why = 'made of integers alone: positions, angles, masks';
    expect(kept).toEqual(['Cast', 'Unsqueeze', 'Mul', 'Cos'].map(name => `${name}: ${why}`));
    expect(casts).toBe(3);
  });

  test('operators that bfloat16 has no form of', () => {
    const graph = graphOf([x], op.MatMul(op.Softplus(op.MatMul(x, w)), w));
    expect(planned(graph, [], 'bfloat16').kept).toEqual(['Softplus: Softplus has no bfloat16']);
    expect(planned(graph).kept).toEqual([]);
  });
});

describe('attention', () => {
  const mask = input('mask', ['batch_size', 1, 1, 'sequence_length']);
  const queries = input('q', ['batch_size', 4, 'sequence_length', 8]);
  const product = op.MatMul(op.Relu(queries), op.Transpose(op.Relu(queries), { perm: [0, 1, 3, 2] }));
  const LOWEST = -3.4028234663852886e38;
  const penalty = op.Mul(op.Sub(1, mask), LOWEST);
  const masked = op.Add(product, penalty);
  const weights = op.Softmax(masked, { axis: -1 });
  const graph = graphOf([queries, mask], op.MatMul(weights, op.Relu(queries)));
  const ranges: [Value, TensorRange][] = [
    [penalty, range(LOWEST, 0)],
    [masked, range(LOWEST, 30)],
  ];

  test('a mask becomes one that float16 holds; what is added to it does not count as large', () => {
    for (const format of ['float16', 'bfloat16'] as const) {
      const { kept, typed } = planned(
        graph,
        [...ranges, [product, range(-30, 30)], [masked, range(LOWEST, 3)]],
        format,
      );
      expect(kept.filter(line => /^(Add|Softmax)/.test(line))).toEqual([]);
      const penalties = nodesOf(typed).find(node => node.op === 'Mul')!.inputs[1]!;
      expect(penalties).toMatchObject({ tensor: tensorOf(penalties.type.dtype, [], [-30_000]) });
    }
  });

  test('scores that float16 rounds by too much, from their product on', () => {
    const { kept } = planned(graph, [...ranges, [product, range(-90, 90)]]);
    const why = 'scores of a softmax up to 90: rounded to float16 they are wrong by too much';
    expect(kept).toEqual(expect.arrayContaining([`MatMul: ${why}`, `Add: ${why}`, `Softmax: ${why}`]));
    expect(kept.filter(line => line.startsWith('MatMul'))).toHaveLength(1);
  });

  test('a large number that is no mask stays what it is', () => {
    const hidden = op.MatMul(x, w);
    const pooled = op.ReduceMax(op.Where(op.Not(op.Cast(x, { to: 'bool' })), hidden, scalar('float32', -65504)), {
      axes: [1],
      keepdims: 0,
    });
    const { typed } = planned(graphOf([x], op.MatMul(pooled, w)));
    const chosen = nodesOf(typed).find(node => node.op === 'Where')!.inputs[2]!;
    expect(chosen).toMatchObject({ tensor: tensorOf(chosen.type.dtype, [], [-65504]) });
  });
});

test('a node between two that stay: kept where its casts would cost more', () => {
  const large = op.MatMul(x, w);
  const again = op.MatMul(op.Relu(large), weight('v', [32, 32]));
  const ranges: [Value, TensorRange][] = [large, again].map(value => [value, range(-1e5, 1e5)]);
  // The second Relu reads the large product, so it has a reason of its own.
  expect(planned(graphOf([x], op.Relu(op.Relu(again))), ranges).kept).toEqual([
    'MatMul: |x| up to 100000',
    'Relu: |x| up to 100000',
    'MatMul: |x| up to 100000',
    'Relu: |x| up to 100000',
    `Relu: ${BETWEEN}`,
  ]);
});
