import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundedTo } from '../../src/graph/elements.js';
import { blockCount, int8Limit, int8Scales, type Kernels, zeroPointBytes } from '../../src/kernels/index.js';
import { bytesOf, implementations } from './support.js';

const { fround } = Math;
const ordinary = fc.float({ min: -4, max: 4, noNaN: true });
const denormal = fc.integer({ min: -(2 ** 23 - 1), max: 2 ** 23 - 1 }).map(steps => steps * 2 ** -149);
const huge = fc.float({ min: fround(1e37), max: fround(3.4e38), noNaN: true }).map(x => fround(x));
const broken = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

/** Runs of a weight that share a scale, as hard as there are. */
const run = (length: number): fc.Arbitrary<readonly number[]> => {
  const all = (element: fc.Arbitrary<number>) => fc.array(element, { minLength: length, maxLength: length });
  return fc.oneof(
    fc.constant(new Array<number>(length).fill(0)),
    fc.constant(new Array<number>(length).fill(-0)),
    fc.oneof(ordinary, denormal, huge).map(x => new Array<number>(length).fill(x)),
    all(ordinary),
    all(denormal),
    all(fc.oneof(ordinary, denormal, fc.constant(0))),
    all(fc.oneof(huge, denormal)),
    all(fc.oneof(ordinary, broken)),
    all(broken),
  );
};

/** Rows of hard runs: odd numbers of them, of odd lengths. */
const matrix = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 45 }))
  .chain(([rows, columns]) =>
    fc.array(run(columns), { minLength: rows, maxLength: rows }).map(drawn => ({ rows, columns, drawn })),
  );

const countBroken = (numbers: readonly number[]): number => numbers.filter(x => !Number.isFinite(x)).length;

/** Below this a scale is rounded to a multiple of the smallest float32: no error is larger than so many of them. */
const DENORMAL_STEP = 2 ** -149;

interface Quantized {
  readonly nonFinite: number;
  /** Of each element: what it became, and its step. */
  readonly numbers: readonly number[];
  readonly steps: readonly number[];
  readonly digest: string;
}

const digestOf = (...parts: readonly ArrayBufferView[]): string =>
  parts.reduce((hash, part) => hash.update(bytesOf(part)), createHash('sha1')).digest('hex');

type Layout = 'row' | 'column' | 'tensor';

function int8(kernels: Kernels, elements: Float32Array, rows: number, columns: number, layout: Layout): Quantized {
  const shapes: Readonly<Record<Layout, readonly [number, number, number]>> = {
    row: [1, rows, columns],
    column: [rows, columns, 1],
    tensor: [1, 1, rows * columns],
  };
  const shape = shapes[layout];
  const limit = int8Limit(false);
  const largest = new Float32Array(shape[1]);
  kernels.absmax(bytesOf(elements), ...shape, largest);
  const scales = int8Scales(largest, limit);
  const values = new Int8Array(elements.length);
  const nonFinite = kernels.quantizeInt8(bytesOf(elements), ...shape, scales, limit, bytesOf(values));
  const steps = Array.from(elements, (_, i) => scales[Math.floor(i / shape[2]) % shape[1]]!);
  return { nonFinite, steps, numbers: steps.map((step, i) => step * values[i]!), digest: digestOf(values, scales) };
}

interface Form {
  readonly bits: 4 | 8;
  readonly symmetric: boolean;
}

const BLOCK = 16;

function blocks(kernels: Kernels, elements: Float32Array, rows: number, columns: number, form: Form): Quantized {
  const { bits, symmetric } = form;
  const count = blockCount(columns, BLOCK);
  const values = new Uint8Array((rows * count * BLOCK * bits) / 8);
  const scales = new Float32Array(rows * count);
  const pointBytes = zeroPointBytes(columns, { bits, blockSize: BLOCK });
  const points = new Uint8Array(symmetric ? 0 : rows * pointBytes);
  const nonFinite = kernels.quantizeBlocks(
    bytesOf(elements),
    rows,
    columns,
    'rows',
    bits,
    BLOCK,
    0,
    values,
    scales,
    points,
  );
  const code = (bytes: Uint8Array, at: number, i: number): number =>
    bits === 8 ? bytes[at + i]! : (bytes[at + (i >> 1)]! >> (4 * (i & 1))) & 15;
  const steps: number[] = [];
  const numbers = Array.from(elements, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const block = Math.floor(column / BLOCK);
    const point = symmetric ? 2 ** (bits - 1) : code(points, row * pointBytes, block);
    const scale = scales[row * count + block]!;
    steps.push(Math.abs(scale));
    return (code(values, (row * count * BLOCK * bits) / 8, column) - point) * scale;
  });
  return { nonFinite, steps, numbers, digest: digestOf(values, scales, points) };
}

/** Largest codes above or below zero, and how many steps an element may be off. */
const FORMS = [
  ...(['row', 'column', 'tensor'] as const).map(layout => ({
    form: `int8, a scale for each ${layout}`,
    codes: 127,
    off: 0.5,
    quantize: (kernels: Kernels, elements: Float32Array, rows: number, columns: number) =>
      int8(kernels, elements, rows, columns, layout),
  })),
  ...([4, 8] as const).flatMap(bits =>
    [true, false].map(symmetric => ({
      form: `${bits} bits in blocks${symmetric ? '' : ' with zero points'}`,
      codes: 2 ** bits,
      // The largest element of a symmetric block may lie beyond the last code; a zero point is rounded as well.
      off: 1,
      quantize: (kernels: Kernels, elements: Float32Array, rows: number, columns: number) =>
        blocks(kernels, elements, rows, columns, { bits, symmetric }),
    })),
  ),
];

describe.each(FORMS)('$form', ({ codes, off, quantize }) => {
  it('keeps every finite element, whatever the others are, and has the same bits in every implementation', () => {
    fc.assert(
      fc.property(matrix, ({ rows, columns, drawn }) => {
        const elements = Float32Array.from(drawn.flat());
        const results = implementations.map(({ use }) => quantize(use(), elements, rows, columns));
        const [first] = results as [Quantized];
        expect(new Set(results.map(({ digest }) => digest)).size).toBe(1);
        expect(results.map(({ nonFinite }) => nonFinite)).toEqual(results.map(() => countBroken(drawn.flat())));
        for (const [i, x] of elements.entries()) {
          const step = first.steps[i]!;
          expect(step).toBeGreaterThan(0);
          expect(step).toBeLessThan(Number.POSITIVE_INFINITY);
          if (!Number.isFinite(x)) expect(Math.abs(first.numbers[i]!)).toBe(0);
          // A run that is all too small for a step of its own has the step 1, and becomes 0.
          else if (step === 1 && first.numbers[i] === 0) expect(Math.abs(x)).toBeLessThanOrEqual(0.5);
          else {
            const bound = step * (off + codes * 2 ** -20) + 2 * codes * DENORMAL_STEP;
            expect(Math.abs(x - first.numbers[i]!)).toBeLessThanOrEqual(bound);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('the bound shows a step that is a third off', () => {
    const elements = Float32Array.from({ length: 64 }, (_, i) => (i - 31.5) / 8);
    const { numbers, steps } = quantize(implementations[0]!.use(), elements, 1, 64);
    const worst = (factor: number) =>
      Math.max(...elements.map((x, i) => Math.abs(x - numbers[i]! * factor) / steps[i]!));
    expect(worst(1)).toBeLessThanOrEqual(off);
    expect(worst(4 / 3)).toBeGreaterThan(off);
  });
});

describe('float8e4m3fn with one scale', () => {
  const LARGEST = 448;
  /** As explicit Q/DQ has it: a weight of zeros has the scale of 1. */
  const scaleOf = (elements: readonly number[]): number =>
    fround((Math.max(...elements.map(Math.abs)) || 1) / LARGEST) || 1;
  const dequantized = (x: number, scale: number): number => roundedTo('float8e4m3fn', fround(x / scale)) * scale;

  it('keeps 4 binary digits of each element, and what is too small to a fraction of the largest', () => {
    const elements = fc.oneof(ordinary, denormal, huge, fc.constant(0));
    fc.assert(
      fc.property(fc.array(elements, { minLength: 1, maxLength: 33 }), numbers => {
        const scale = scaleOf(numbers);
        for (const x of numbers) {
          const bound = Math.abs(x) * 2 ** -4 + scale * 2 ** -10 + 2 * LARGEST * DENORMAL_STEP;
          expect(Math.abs(x - dequantized(x, scale))).toBeLessThanOrEqual(bound * (1 + 2 ** -20));
        }
      }),
    );
  });

  it('is exact for tensors of one value, and shows NaN', () => {
    expect(dequantized(0, scaleOf([0, 0]))).toBe(0);
    for (const x of [-3, 1e-30, 2 ** 100]) expect(dequantized(x, scaleOf([x, x])) / x).toBeCloseTo(1, 6);
    expect(dequantized(Number.NaN, 1)).toBeNaN();
  });
});
