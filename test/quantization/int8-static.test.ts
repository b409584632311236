import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scalar, tensorOf } from '../../src/graph/constants.js';
import { constant, type Value } from '../../src/graph/graph.js';
import { type Ops, ops } from '../../src/graph/ops.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { gridOf, quantizeInt8Static } from '../../src/quantization/int8-static.js';
import type { IntegerProductOptions } from '../../src/quantization/integer-products.js';
import type { RangeTable, TensorRange } from '../../src/quantization/ranges.js';
import { graphOf, input, largestDifference, operators, random, run, weight } from '../passes/support.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();
const x = input('x', ['batch', 'sequence', 32]);

const range = (min: number, max: number, more: Partial<TensorRange> = {}): TensorRange => ({
  min,
  max,
  smallestMagnitude: 0,
  elements: 1,
  nonFinite: 0,
  belowNormal: 0,
  vanishing: 0,
  ...more,
});
const RANGES: RangeTable = { x: range(-2, 2) };

const quantized = (value: Value, ranges = RANGES, options: Partial<IntegerProductOptions> = {}, from = x) => {
  const result = quantizeInt8Static(graphOf([from], value), ranges, { reduceRange: false, ...options });
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
  test('a product reads what was rounded once, and adds the bias itself', async () => {
    const biased = at('dense').Add(dense('dense', x), weight('dense.bias', [32]));
    const { graph, quantized: paths, left } = quantized(biased);
    expect(operators(graph)).toEqual(['QuantizeLinear', 'MatMulIntegerToFloat']);
    expect({ paths, left }).toEqual({ paths: ['dense'], left: [] });
    const feeds = { x: random([2, 3, 32]) };
    const exact = await run(graphOf([x], biased), feeds, folder());
    expect(largestDifference(exact, await run(graph, feeds, folder()))).toBeLessThan(TOLERANCE);
    // A range that ends too early, on both sides or on one, is seen.
    for (const wrong of [range(-1.5, 1.5), range(-2, 2, { clip: { low: -0.8, high: 2 } })]) {
      const faulty = await run(quantized(biased, { x: wrong }).graph, feeds, folder());
      expect(largestDifference(exact, faulty)).toBeGreaterThan(2 * TOLERANCE);
    }
  });

  test('products of one activation share its rounding', async () => {
    const [q, k, v] = ['query', 'key', 'value'].map(name => dense(name, x));
    const sum = at('sum').Add(at('sum').Add(q!, k!), at('sum').Mul(v!, 2));
    const { graph } = quantized(sum);
    expect(operators(graph)).toEqual([
      ...['QuantizeLinear', 'MatMulIntegerToFloat', 'MatMulIntegerToFloat'],
      ...['Add', 'MatMulIntegerToFloat', 'Mul', 'Add'],
    ]);
    const feeds = { x: random([2, 3, 32]) };
    const exact = await run(graphOf([x], sum), feeds, folder());
    expect(largestDifference(exact, await run(graph, feeds, folder()))).toBeLessThan(4 * TOLERANCE);
  });

  test('shapes that fill no vector', async () => {
    for (const [rows, columns] of [
      [17, 19],
      [33, 16],
      [16, 67],
    ] as const) {
      const odd = input('x', ['batch', 'sequence', rows]);
      const product = dense('dense', odd, columns);
      const { graph } = quantized(product, RANGES, {}, odd);
      for (const shape of [
        [1, 1, rows],
        [3, 5, rows],
      ]) {
        const feeds = { x: random(shape) };
        const exact = await run(graphOf([odd], product), feeds, folder());
        expect(largestDifference(exact, await run(graph, feeds, folder()))).toBeLessThan(2 * TOLERANCE);
      }
    }
  });
});

describe('what stays in float32, and why', () => {
  const pooled = at('pooler').Tanh(x);

  test.each([
    ['nobody has seen the activation', {}, {}, "its activation 'x' was not calibrated"],
    ['it is not finite', { x: range(-1, 1, { nonFinite: 2 }) }, {}, "its activation 'x' holds NaN or infinity"],
    ['the configuration says so', RANGES, { exclude: ['dense'] }, 'excluded by the configuration'],
  ] as const)('%s', (_, ranges, options, reason) => {
    const { graph, left } = quantized(dense('dense', x), ranges, options);
    expect(operators(graph)).toEqual(['MatMul']);
    expect(left).toEqual([{ path: 'dense', reason }]);
  });

  test('only that product: an activation without a range does not hold up the others', () => {
    const both = at('sum').Add(dense('dense', x), dense('pooled', pooled));
    const { quantized: paths, left } = quantized(both);
    expect(paths).toEqual(['dense']);
    expect(left).toEqual([{ path: 'pooled', reason: "its activation '' was not calibrated" }]);
  });
});

describe('grids', () => {
  const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

  /** What QuantizeLinear and DequantizeLinear make of a value. */
  const rounded = (value: number, { scale, zeroPoint }: ReturnType<typeof gridOf>): number =>
    (Math.min(255, Math.max(0, Math.round(Math.fround(value / scale)) + zeroPoint)) - zeroPoint) * scale;

  test('every value of the range is off by half a step at most, and by one where the range ends; zero is exact', () => {
    fc.assert(
      fc.property(finite, finite, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const grid = gridOf({ min, max });
        expect(grid.scale).toBeGreaterThan(0);
        expect(Number.isFinite(1 / Math.fround(grid.scale))).toBe(true);
        expect(Number.isInteger(grid.zeroPoint) && grid.zeroPoint >= 0 && grid.zeroPoint <= 255).toBe(true);
        expect(rounded(0, grid)).toBe(0);
        const value = min * share + max * (1 - share);
        // The zero point is rounded, too: one end of the range may lie half a step outside of the grid.
        expect(Math.abs(rounded(value, grid) - value)).toBeLessThanOrEqual(1.001 * grid.scale);
        const inside = value * 0.99;
        const ends = [0, 255].map(q => (q - grid.zeroPoint) * grid.scale);
        if (inside >= ends[0]! && inside <= ends[1]!)
          expect(Math.abs(rounded(inside, grid) - inside)).toBeLessThanOrEqual(0.501 * grid.scale);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['all zero', 0, 0, { scale: 1, zeroPoint: 0 }],
    ['too small for a step', -1e-42, 1e-42, { scale: 1, zeroPoint: 0 }],
    ['all equal and positive', 5, 5, { scale: Math.fround(5 / 255), zeroPoint: 0 }],
    ['all equal and negative', -5, -5, { scale: Math.fround(5 / 255), zeroPoint: 255 }],
    ['one side', 1, 3, { scale: Math.fround(3 / 255), zeroPoint: 0 }],
    ['symmetric', -1, 1, { scale: Math.fround(2 / 255), zeroPoint: 127 }],
  ])('%s', (_, min, max, grid) => {
    expect(gridOf({ min, max })).toEqual(grid);
  });

  test('a clip takes the place of the range', () => {
    expect(gridOf({ min: -100, max: 100, clip: { low: 0, high: 2.55 } })).toEqual(gridOf({ min: 0, max: 2.55 }));
  });
});

test('weights whose columns are zero, denormal or huge give what float32 gives', async () => {
  const columns = 16;
  const scales = Array.from({ length: columns }, (_, i) => [0, 1e-42, 1e-30, 1, 1e20][i % 5]!);
  const elements = Array.from({ length: 32 * columns }, (_, i) => Math.sin(i) * scales[i % columns]!);
  const w = constant(tensorOf('float32', [32, columns], elements), 'w');
  const product = at('dense').Mul(at('dense').MatMul(x, w), scalar('float32', 1));
  const feeds = { x: random([1, 4, 32]) };
  const [exact, found] = [
    await run(graphOf([x], product), feeds, folder()),
    await run(quantized(product).graph, feeds, folder()),
  ];
  for (const [i, value] of found.entries()) {
    // Of denormal numbers float32 has too few for a good scale.
    const size = Math.max(scales[i % columns]!, 1e-37);
    expect(Math.abs(value - exact[i]!) / size).toBeLessThan(TOLERANCE);
  }
});
