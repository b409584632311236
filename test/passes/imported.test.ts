import { describe, expect, test } from 'vitest';
import { integers, scalar } from '../../src/graph/constants.js';
import type { Graph, Value } from '../../src/graph/graph.js';
import { lenientOps, type Ops, ops } from '../../src/graph/ops.js';
import { foldArithmetic } from '../../src/passes/fold-constants.js';
import { fuseAttention } from '../../src/passes/fuse-attention.js';
import { gemmProducts } from '../../src/passes/gemm-products.js';
import { indexArithmetic } from '../../src/passes/index-arithmetic.js';
import { mergeReshapes } from '../../src/passes/merge-reshapes.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import {
  applied,
  graphOf,
  input,
  int64,
  largestDifference,
  operators,
  random,
  run,
  TOLERANCE,
  weight,
} from './support.js';

const folder = temporaryFolders();

/** x [batch, sequence] looked up at pairs [row, column] for [batch, 1, 1, sequence], as torch's exporter writes it. */
function lookedUp(op: Ops, x: Value, { firstColumn = 0, swapped = false } = {}): Value {
  const length = (axis: number) => op.Squeeze(op.Shape(x, { start: axis, end: axis + 1 }), [0]);
  const rows = op.Unsqueeze(op.Range(0, length(0), 1), [1, 2, 3]);
  const columns = op.Unsqueeze(op.Add(op.Range(0, length(1), 1), firstColumn), [0, 1, 2]);
  const shape = op.Shape(op.Max([rows, columns]));
  const parts = [rows, columns].map(part => op.Unsqueeze(op.Expand(part, shape), [-1]));
  return op.GatherND(x, op.Concat(swapped ? parts.reverse() : parts, { axis: -1 }));
}

const x = input('x', ['batch_size', 'sequence_length']);
const at = lenientOps('mask', axis => `unknown_${axis}`);

describe('index-arithmetic', () => {
  test('elements looked up where they are are unsqueezed', async () => {
    const graph = graphOf([x], lookedUp(at, x));
    const { graph: rewritten, fired } = applied(indexArithmetic, graph);
    expect(fired).toBe(1);
    expect(operators(rewritten)).toEqual(['Unsqueeze']);
    const feeds = { x: random([2, 5]) };
    expect(largestDifference(await run(rewritten, feeds, folder()), await run(graph, feeds, folder()))).toBe(0);
  });

  test.each([
    ['the next token', { firstColumn: 1 }],
    ['rows and columns exchanged', { swapped: true }],
  ])('%s is another lookup, and stays', (_, settings) => {
    const graph = graphOf([x], lookedUp(at, x, settings));
    expect(applied(indexArithmetic, graph)).toMatchObject({ graph, fired: 0 });
  });

  /** The mask of torch: Flatten, and one number for each element. */
  const flat = (rowStride: (op: Ops) => Value): Graph => {
    const length = (axis: number) => at.Squeeze(at.Shape(x, { start: axis, end: axis + 1 }), [0]);
    const rows = at.Mul(at.Unsqueeze(at.Range(0, length(0), 1), [1, 2, 3]), rowStride(at));
    const columns = at.Unsqueeze(at.Range(0, length(1), 1), [0, 1, 2]);
    return graphOf([x], at.Gather(at.Flatten(x, { axis: 2 }), at.Add(columns, rows), { axis: 0 }));
  };

  test('elements looked up by one number are unsqueezed', async () => {
    const graph = flat(op => op.Shape(x, { start: 1, end: 2 }));
    const { graph: rewritten } = applied(indexArithmetic, graph);
    expect(operators(rewritten)).toEqual(['Unsqueeze']);
    const feeds = { x: random([2, 5]) };
    expect(largestDifference(await run(rewritten, feeds, folder()), await run(graph, feeds, folder()))).toBe(0);
  });

  test('with another stride, they are other elements', () => {
    expect(
      applied(
        indexArithmetic,
        flat(() => integers([2])),
      ).fired,
    ).toBe(0);
  });

  /** cast(x >= 1) and (positions from `first` on >= 0) */
  const guarded = (first: number): Graph => {
    const length = at.Squeeze(at.Shape(x, { start: 1, end: 2 }), [0]);
    const positions = at.Unsqueeze(at.Add(at.Range(0, length, 1), first), [0]);
    const both = at.And(at.GreaterOrEqual(positions, 0), at.GreaterOrEqual(x, 1));
    return graphOf([x], at.Cast(both, { to: 'float32' }));
  };

  test('a comparison that always holds is left out', async () => {
    const { graph: rewritten } = applied(indexArithmetic, guarded(0));
    expect(operators(rewritten)).toEqual(['GreaterOrEqual', 'Cast']);
    const feeds = { x: random([2, 5]) };
    expect(largestDifference(await run(rewritten, feeds, folder()), await run(guarded(0), feeds, folder()))).toBe(0);
  });

  test('one that does not always hold stays', () => {
    expect(applied(indexArithmetic, guarded(-1)).fired).toBe(0);
  });
});

describe('merge-reshapes', () => {
  const heads = input('heads', ['batch_size', 2, 'sequence_length', 3]);
  const op = lenientOps('keys', axis => `unknown_${axis}`);
  const lengths = (order: readonly number[]): Value =>
    op.Concat(
      order.map(axis => op.Shape(heads, { start: axis, end: axis + 1 })),
      { axis: 0 },
    );

  /** [batch, heads, sequence, size] -> [batch · heads, sequence, size] -> transposed -> [batch, heads, size, sequence] */
  const transposed = (perm: readonly number[], order: readonly number[]): Graph => {
    const flat = op.Reshape(heads, op.Concat([integers([-1]), lengths([2, 3])], { axis: 0 }));
    return graphOf([heads], op.Reshape(op.Transpose(flat, { perm }), lengths(order)));
  };

  test('a Transpose between two is one Transpose', async () => {
    const graph = transposed([0, 2, 1], [0, 1, 3, 2]);
    const { graph: rewritten } = applied(mergeReshapes, graph);
    expect(operators(rewritten)).toEqual(['Transpose']);
    const feeds = { heads: random([2, 2, 5, 3]) };
    expect(largestDifference(await run(rewritten, feeds, folder()), await run(graph, feeds, folder()))).toBe(0);
  });

  test('one whose result is given another shape stays', () => {
    expect(applied(mergeReshapes, transposed([0, 2, 1], [0, 1, 2, 3])).fired).toBe(0);
    expect(applied(mergeReshapes, transposed([1, 0, 2], [0, 1, 2, 3])).fired).toBe(0);
  });

  test('two in a row are one, unless the second copies a length of the first', () => {
    const place = ops('');
    const y = input('y', [2, 6]);
    const once = place.Reshape(y, [3, 4]);
    expect(operators(applied(mergeReshapes, graphOf([y], place.Reshape(once, [-1, 2]))).graph)).toEqual(['Reshape']);
    expect(applied(mergeReshapes, graphOf([y], place.Reshape(once, [0, 2, 2]))).fired).toBe(0);
  });
});

describe('gemm-products', () => {
  const op = ops('pooler');
  const rows = input('rows', ['batch_size', 4]);
  const bias = weight('bias', [3]);

  test.each([
    ['as it lies', op.Gemm(rows, weight('w', [4, 3]), bias)],
    ['transposed', op.Gemm(rows, weight('w', [3, 4]), bias, { transB: 1 })],
    ['without a bias', op.Gemm(rows, weight('w', [3, 4]), undefined, { transB: 1 })],
  ])('a weight %s', async (_, value) => {
    const graph = graphOf([rows], value);
    const { graph: rewritten } = applied(gemmProducts, graph);
    expect(operators(rewritten)).not.toContain('Gemm');
    const feeds = { rows: random([5, 4]) };
    const difference = largestDifference(await run(rewritten, feeds, folder()), await run(graph, feeds, folder()));
    expect(difference).toBeLessThanOrEqual(1e-6);
  });

  test('a product that is scaled stays, with the reason', () => {
    const graph = graphOf([rows], op.Gemm(rows, weight('w', [4, 3]), bias, { alpha: 0.5 }));
    const outcome = applied(gemmProducts, graph);
    expect(outcome.graph).toBe(graph);
    expect(outcome.refused.map(({ reason }) => reason)).toEqual(['its product or its bias is scaled']);
  });
});

test('fold-arithmetic computes a scale from a shape, and leaves weights alone', () => {
  const op = ops('scale');
  const heads = input('heads', ['batch_size', 2, 'sequence_length', 16]);
  const size = op.Cast(op.Slice(op.Shape(heads), [-1], [2 ** 62]), { to: 'float32' });
  const scaled = op.Mul(heads, op.Sqrt(op.Div(1, op.Sqrt(size))));
  expect(operators(applied(foldArithmetic, graphOf([heads], scaled)).graph)).toEqual(['Mul']);
  const rows = input('rows', ['batch_size', 4]);
  const product = op.MatMul(rows, op.Transpose(weight('w', [3, 4]), { perm: [1, 0] }));
  expect(applied(foldArithmetic, graphOf([rows], product)).fired).toBe(0);
});

describe('a softmax with 0 in place of NaN', () => {
  const op = ops('attention');
  const hidden = input('x', ['batch_size', 'sequence_length', 8]);
  const mask = input('mask', ['batch_size', 'sequence_length'], 'int64');

  /** torch's scaled_dot_product_attention of 2 heads, written out; `bias` is added to the scores. */
  function attention(bias?: Value): Graph {
    const heads = (name: string) =>
      op.Transpose(op.Reshape(op.MatMul(hidden, weight(name, [8, 8])), [0, 0, 2, 4]), { perm: [0, 2, 1, 3] });
    const product = op.Mul(op.MatMul(heads('query'), op.Transpose(heads('key'), { perm: [0, 1, 3, 2] })), 0.5);
    const seen = op.Unsqueeze(op.Cast(mask, { to: 'bool' }), [1, 2]);
    const penalty = op.Where(seen, scalar('float32', 0), scalar('float32', Number.NEGATIVE_INFINITY));
    const weights = op.Softmax(op.Add(bias ? op.Add(product, bias) : product, penalty), { axis: -1 });
    const guardedWeights = op.Where(op.IsNaN(weights), scalar('float32', 0), weights);
    const context = op.Transpose(op.MatMul(guardedWeights, heads('value')), { perm: [0, 2, 1, 3] });
    const inputs = bias?.kind === 'input' ? [hidden, mask, bias] : [hidden, mask];
    return graphOf(inputs, op.Reshape(context, [0, 0, 8]));
  }

  test('is that of the fused operator, where the mask is one of tokens', async () => {
    const { graph: rewritten } = applied(fuseAttention, attention());
    expect(operators(rewritten)).toContain('MultiHeadAttention');
    expect(operators(rewritten)).not.toContain('IsNaN');
    // Padded on the left, on the right, and not at all.
    const tokens = int64([3, 4], [0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1]);
    const feeds = { x: random([3, 4, 8]), mask: tokens };
    const difference = largestDifference(
      await run(rewritten, feeds, folder()),
      await run(attention(), feeds, folder()),
    );
    expect(difference).toBeLessThanOrEqual(TOLERANCE);
  });

  test('stays where a bias may hide every key: a query without any then gives 0', () => {
    const bias = input('bias', ['batch_size', 2, 'sequence_length', 'sequence_length']);
    const graph = attention(bias);
    const outcome = applied(fuseAttention, graph);
    expect(outcome.graph).toBe(graph);
    expect(outcome.refused.map(({ reason }) => reason)).toEqual([
      'a bias may leave a query without any key, which gives 0 there',
    ]);
  });
});
