import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { type Int8DynamicOptions, quantizeInt8Dynamic } from '../../src/quantization/int8-dynamic.js';
import { quantizeInt8Static } from '../../src/quantization/int8-static.js';
import type { RangeTable } from '../../src/quantization/ranges.js';
import { graphOf, input, int64, largestDifference, operators, random, run, weight } from '../passes/support.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();
const WIDTH = 32;
const x = input('x', ['batch', 'sequence', WIDTH]);
const mask = input('mask', ['batch', 'sequence'], 'int64');

const product = (name: string, from: Value = x): Value =>
  ops(`self.${name}`).MatMul(from, weight(`self.${name}.weight`, [WIDTH, WIDTH]));

/** Attention over 4 heads, with the biases of all three inside, and a mask. */
function attention(
  [query, key, value]: readonly Value[] = ['query', 'key', 'value'].map(name => product(name)),
  attributes: { scale?: number } = {},
): Value {
  const bias = weight('self.bias', [3 * WIDTH]);
  const tokens = ops('self').Cast(mask, { to: 'int32' });
  return ops('self').MultiHeadAttention(query!, key!, value!, bias, tokens, { num_heads: 4, ...attributes });
}

function quantized(value: Value, options: Partial<Int8DynamicOptions> = {}) {
  const result = quantizeInt8Dynamic(graphOf([x, mask], value), { reduceRange: false, ...options });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  expect(verifyGraph(result.value.graph)).toEqual([]);
  return result.value;
}

/** The second text is padded on the left, the third on the right. */
const FEEDS = {
  x: random([3, 5, WIDTH]),
  mask: int64([3, 5], [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0]),
};

const packed = { form: 'packed-attention' } as const;

describe('packed attention', () => {
  test('query, key and value are one product of integers, inside of attention', () => {
    const { graph, quantized: paths, left } = quantized(attention(), packed);
    expect(operators(graph).sort()).toEqual(['Cast', 'DynamicQuantizeLinear', 'QAttention']);
    expect({ paths, left }).toEqual({ paths: ['self.query', 'self.key', 'self.value'], left: [] });
  });

  test.each([{}, { scale: 0.1 }])('it is what the products apart are, to rounding: %j', async attributes => {
    const value = attention(undefined, attributes);
    const apart = await run(quantized(value).graph, FEEDS, folder());
    const together = await run(quantized(value, packed).graph, FEEDS, folder());
    expect(largestDifference(apart, together)).toBeLessThan(1e-4);
    // The mask, the bias and the scale all matter: without them the results are others.
    const all = { ...FEEDS, mask: int64([3, 5], new Array<number>(15).fill(1)) };
    expect(largestDifference(await run(quantized(value, packed).graph, all, folder()), together)).toBeGreaterThan(0.1);
    const other = attention(undefined, { scale: 0.5 });
    expect(largestDifference(await run(quantized(other, packed).graph, FEEDS, folder()), together)).toBeGreaterThan(
      0.01,
    );
  });

  test.each<[string, Value, Partial<Int8DynamicOptions>]>([
    ['one of the three is excluded', attention(), { exclude: ['self.key'] }],
    [
      'they read different activations',
      attention([product('query'), product('key', ops('a').Relu(x)), product('value')]),
      {},
    ],
    ['a product is read elsewhere, too', readTwice(), {}],
    ['one is no product', attention([product('query'), x, product('value')]), {}],
  ])('%s: attention stays as it is', (_, value, options) => {
    const { graph } = quantized(value, { ...packed, ...options });
    expect(operators(graph)).toContain('MultiHeadAttention');
    expect(operators(graph)).not.toContain('QAttention');
  });
});

describe('packed attention with calibrated activations', () => {
  const calibrated = (ranges: RangeTable, form?: 'packed-attention') => {
    const result = quantizeInt8Static(graphOf([x, mask], attention()), ranges, { reduceRange: false, form });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    expect(verifyGraph(result.value.graph)).toEqual([]);
    return result.value;
  };
  const within = (limit: number): RangeTable => {
    const none = { smallestMagnitude: 0, nonFinite: 0, belowNormal: 0, vanishing: 0 };
    return { x: { min: -limit, max: limit, elements: 1, ...none } };
  };
  const reach = Math.max(...[...FEEDS.x.data].map(value => Math.abs(Number(value))));

  test('the activation is rounded by its range, and the result is that of the products apart', async () => {
    const together = calibrated(within(reach), 'packed-attention');
    expect(operators(together.graph).sort()).toEqual(['Cast', 'QAttention', 'QuantizeLinear']);
    expect(together).toMatchObject({ quantized: ['self.query', 'self.key', 'self.value'], left: [] });
    const apart = await run(calibrated(within(reach)).graph, FEEDS, folder());
    expect(largestDifference(apart, await run(together.graph, FEEDS, folder()))).toBeLessThan(1e-4);
    const narrow = calibrated(within(reach / 2), 'packed-attention');
    expect(largestDifference(apart, await run(narrow.graph, FEEDS, folder()))).toBeGreaterThan(0.1);
  });

  test('what was not calibrated stays in float32, with the reason', () => {
    const { graph, left } = calibrated({}, 'packed-attention');
    expect(operators(graph)).toContain('MultiHeadAttention');
    expect(left.map(({ reason }) => reason)).toEqual(Array(3).fill("its activation 'x' was not calibrated"));
  });
});

function readTwice(): Value {
  const query = product('query');
  return ops('sum').Add(attention([query, product('key'), product('value')]), query);
}

test('each product rounds its activation for itself, with the same result', async () => {
  const { graph } = quantized(attention(), { form: 'unshared-activations' });
  expect(operators(graph).filter(op => op === 'DynamicQuantizeMatMul')).toHaveLength(3);
  expect(operators(graph)).not.toContain('MatMulIntegerToFloat');
  const shared = await run(quantized(attention()).graph, FEEDS, folder());
  expect(largestDifference(shared, await run(graph, FEEDS, folder()))).toBeLessThan(1e-5);
  expect(operators(quantized(attention()).graph).filter(op => op === 'MatMulIntegerToFloat')).toHaveLength(3);
});
