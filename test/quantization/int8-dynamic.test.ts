import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/graph/graph.js';
import { type Ops, ops } from '../../src/graph/ops.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { quantizeInt8Dynamic } from '../../src/quantization/int8-dynamic.js';
import type { IntegerProductOptions } from '../../src/quantization/integer-products.js';
import { graphOf, input, largestDifference, operators, random, run, weight } from '../passes/support.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();
const x = input('x', ['batch', 'sequence', 32]);
const rows = input('x', ['batch', 32]);
const columns = input('x', [32, 'batch']);

const quantized = (value: Value, options: Partial<IntegerProductOptions> = {}, from = x) => {
  const result = quantizeInt8Dynamic(graphOf([from], value), { reduceRange: false, ...options });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  expect(verifyGraph(result.value.graph)).toEqual([]);
  return result.value;
};

const at = (path: string): Ops => ops(path);
const dense = (path: string, value: Value, columns = 32): Value =>
  at(path).MatMul(value, weight(`${path}.weight`, [value.type.shape.at(-1) as number, columns]));

/**
 * Largest error against float32 of a product over 32 columns, activations in [-2, 2), weights in [-1, 1). Rounding to
 * steps of 4/255 and 2/254 gives an error with a standard deviation of 0.021, of which this is nearly five.
 */
const TOLERANCE = 0.1;

describe('the forms', () => {
  test('one product takes the range of its activation itself, and the bias', async () => {
    const biased = at('dense').Add(dense('dense', x), weight('dense.bias', [32]));
    const { graph, quantized: paths, left } = quantized(biased);
    expect(operators(graph)).toEqual(['DynamicQuantizeMatMul']);
    expect({ paths, left }).toEqual({ paths: ['dense'], left: [] });
    const feeds = { x: random([2, 3, 32]) };
    const [exact, found] = [await run(graphOf([x], biased), feeds, folder()), await run(graph, feeds, folder())];
    expect(largestDifference(exact, found)).toBeLessThan(TOLERANCE);
    // A bias that is lost or another one, a scale that is off by a tenth: each is seen.
    const seen = [
      dense('dense', x),
      at('dense').Mul(biased, 0.9),
      at('dense').Add(dense('dense', x), weight('bias of another', [32])),
    ];
    for (const wrong of seen) {
      expect(largestDifference(await run(graphOf([x], wrong), feeds, folder()), found)).toBeGreaterThan(2 * TOLERANCE);
    }
  });

  test('a product that is also read without its bias is computed once', () => {
    const product = dense('dense', x);
    const both = at('sum').Mul(at('dense').Add(product, weight('dense.bias', [32])), product);
    expect(operators(quantized(both).graph)).toEqual(['DynamicQuantizeMatMul', 'Add', 'Mul']);
  });

  test('what depends on weights alone stays as it is: the session computes it when it loads the model', () => {
    const positions = at('norm').Mul(weight('positions', [20, 32]), 2);
    const projected = at('key').Transpose(dense('key', positions), { perm: [1, 0] });
    const sum = at('sum').MatMul(dense('query', x), projected);
    const { graph, quantized: paths, left } = quantized(sum);
    expect(operators(graph)).toEqual(['DynamicQuantizeMatMul', 'Mul', 'MatMul', 'Transpose', 'MatMul']);
    const reason = 'it depends on weights alone: a session computes it once, when it loads the model';
    expect({ paths, left }).toEqual({ paths: ['query'], left: [{ path: 'key', reason }] });
    const direct = quantized(at('sum').Add(dense('query', x), dense('key', weight('positions', [1, 32]))));
    expect(direct.left).toEqual([{ path: 'key', reason }]);
  });

  test('products of one activation share its quantisation', async () => {
    const [q, k, v] = ['query', 'key', 'value'].map(name => dense(name, x));
    const sum = at('sum').Add(at('sum').Add(q!, k!), at('sum').Mul(v!, 2));
    const { graph } = quantized(sum);
    expect(operators(graph)).toEqual([
      ...['DynamicQuantizeLinear', 'MatMulIntegerToFloat', 'MatMulIntegerToFloat'],
      ...['Add', 'MatMulIntegerToFloat', 'Mul', 'Add'],
    ]);
    const feeds = { x: random([2, 3, 32]) };
    const [exact, found] = [await run(graphOf([x], sum), feeds, folder()), await run(graph, feeds, folder())];
    expect(largestDifference(exact, found)).toBeLessThan(4 * TOLERANCE);
  });

  test.each<[string, Value, typeof x]>([
    [
      'Gemm with a transposed weight and its bias',
      at('').Gemm(rows, weight('w', [20, 32]), weight('b', [20]), { transB: 1 }),
      rows,
    ],
    ['FusedMatMul with a transposed weight', at('').FusedMatMul(x, weight('w', [20, 32]), { transB: 1 }), x],
  ])('%s', async (_, value, from) => {
    const { graph } = quantized(value, {}, from);
    expect(operators(graph)).toEqual(['DynamicQuantizeMatMul']);
    const feeds = { x: random(from === x ? [2, 3, 32] : [5, 32]) };
    const [exact, found] = [await run(graphOf([from], value), feeds, folder()), await run(graph, feeds, folder())];
    expect(largestDifference(exact, found)).toBeLessThan(TOLERANCE);
  });

  test('reduceRange keeps to 7 bits', async () => {
    const feeds = { x: random([2, 3, 32]) };
    const exact = await run(graphOf([x], dense('dense', x)), feeds, folder());
    const of = async (reduceRange: boolean) =>
      largestDifference(exact, await run(quantized(dense('dense', x), { reduceRange }).graph, feeds, folder()));
    const [seven, eight] = [await of(true), await of(false)];
    expect(seven).toBeGreaterThan(eight);
    expect(seven).toBeLessThan(2 * TOLERANCE);
  });

  test('a second run finds nothing more to do', () => {
    const { graph } = quantized(dense('dense', x));
    const again = quantizeInt8Dynamic(graph, { reduceRange: false });
    expect(again).toEqual({ ok: true, value: { graph, quantized: [], left: [] } });
  });
});

describe('what stays in float, and why', () => {
  test.each<[string, Value, string, typeof x]>([
    ['few columns', dense('classifier', x, 8), 'the weight is 32 x 8: below 16 quantising costs more than it gains', x],
    [
      'Gemm with a factor',
      at('classifier').Gemm(rows, weight('w', [32, 32]), undefined, { alpha: 0.5 }),
      'the product is scaled by alpha or beta',
      rows,
    ],
    [
      'Gemm of a transposed activation',
      at('classifier').Gemm(columns, weight('w', [32, 32]), undefined, { transA: 1 }),
      'the activation is transposed',
      columns,
    ],
    [
      'Gemm with one bias per row',
      at('classifier').Gemm(rows, weight('w', [32, 32]), at('').Slice(rows, [0], [1], [1])),
      'what is added is not one constant per column',
      rows,
    ],
  ])('%s', (_, value, reason, from) => {
    const { graph, quantized: paths, left } = quantized(value, {}, from);
    expect(graph.outputs[0]!.value).toBe(value);
    expect({ paths, left }).toEqual({ paths: [], left: [{ path: 'classifier', reason }] });
  });

  test('products of two activations are not spoken of', () => {
    expect(quantized(at('').MatMul(x, at('').Transpose(x, { perm: [0, 2, 1] })))).toMatchObject({
      quantized: [],
      left: [],
    });
  });

  test('what is excluded, with all that is below it', () => {
    const value = dense('head', dense('layer.1.output', dense('layer.10.output', x)));
    expect(quantized(value, { exclude: ['layer.1', 'head'] })).toMatchObject({
      quantized: ['layer.10.output'],
      left: [
        { path: 'layer.1.output', reason: 'excluded by the configuration' },
        { path: 'head', reason: 'excluded by the configuration' },
      ],
    });
  });

  test('an exclusion that excludes nothing', () => {
    const result = quantizeInt8Dynamic(graphOf([x], dense('pooler.dense', x)), {
      reduceRange: false,
      exclude: ['poler.dense'],
    });
    expect(result).toEqual({
      ok: false,
      error: {
        code: 'exclude-unknown',
        kind: 'usage',
        message: 'no matrix product with a weight is at a path that is to be excluded',
        where: 'poler.dense',
        expected: 'the path of a product, or the beginning of one',
        found: 'pooler.dense is the nearest',
      },
    });
  });
});
