import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockCount, type Kernels, zeroPointBytes } from '../../src/kernels/index.js';
import { bytesOf, describeNative, float32Bits, implementations, misaligned, randomWeights } from './support.js';

interface Form {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  readonly symmetric: boolean;
  readonly iterations?: number;
  readonly layout?: 'rows' | 'columns';
}

interface Blocks {
  readonly values: Uint8Array;
  readonly scales: Float32Array;
  readonly zeroPoints: Uint8Array;
  readonly nonFinite: number;
}

function quantized(kernels: Kernels, source: Uint8Array, rows: number, columns: number, form: Form): Blocks {
  const { bits, blockSize, symmetric, iterations = 0, layout = 'rows' } = form;
  const blocks = blockCount(columns, blockSize);
  // Filled, so that an element that was not written shows.
  const values = misaligned(new Uint8Array((rows * blocks * blockSize * bits) / 8).fill(0xa5));
  const scales = new Float32Array(rows * blocks).fill(99);
  const zeroPoints = new Uint8Array(symmetric ? 0 : rows * zeroPointBytes(columns, { bits, blockSize })).fill(0xa5);
  const sizes = [bits, blockSize, iterations] as const;
  const nonFinite = kernels.quantizeBlocks(source, rows, columns, layout, ...sizes, values, scales, zeroPoints);
  return { values, scales, zeroPoints, nonFinite };
}

/** The i-th code of a packed row, by the definition of the format. */
const codeAt = (bytes: Uint8Array, at: number, i: number, bits: number): number =>
  bits === 8 ? bytes[at + i]! : (bytes[at + (i >> 1)]! >> (4 * (i & 1))) & 15;

/** What the codes stand for, [rows, columns], and the step of each element. */
function dequantized({ values, scales, zeroPoints }: Blocks, rows: number, columns: number, form: Form) {
  const { bits, blockSize } = form;
  const blocks = blockCount(columns, blockSize);
  const numbers = new Float64Array(rows * columns);
  const steps = new Float64Array(rows * columns);
  for (let i = 0; i < numbers.length; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const block = Math.floor(column / blockSize);
    const code = codeAt(values, (row * blocks * blockSize * bits) / 8, column, bits);
    const zeroPointRow = row * zeroPointBytes(columns, form);
    const zeroPoint = form.symmetric ? 2 ** (bits - 1) : codeAt(zeroPoints, zeroPointRow, block, bits);
    const scale = scales[row * blocks + block]!;
    numbers[i] = (code - zeroPoint) * scale;
    steps[i] = Math.abs(scale);
  }
  return { numbers, steps };
}

const transposed = (values: Float32Array, rows: number, columns: number): Float32Array =>
  Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);

const digest = (array: ArrayBufferView): string => createHash('sha1').update(bytesOf(array)).digest('hex');

const bits = fc.constantFrom<4 | 8>(4, 8);
const blockSize = fc.constantFrom(16, 32, 64, 128);
const form: fc.Arbitrary<Form> = fc.record({ bits, blockSize, symmetric: fc.boolean() });
const FORMS: readonly Form[] = [4, 8].flatMap(b =>
  [true, false].map(symmetric => ({ bits: b as 4 | 8, blockSize: 32, symmetric })),
);

describe.each(implementations)('quantizeBlocks, $name', ({ use }) => {
  it('is off by half a step at most; by one where a symmetric grid ends', () => {
    fc.assert(
      fc.property(
        form,
        fc.nat({ max: 20 }),
        fc.integer({ min: 1, max: 150 }),
        fc.nat(),
        (shape, rows, columns, seed) => {
          const weights = randomWeights(rows * columns, seed + 1);
          const found = quantized(use(), bytesOf(weights), rows, columns, shape);
          expect(found.nonFinite).toBe(0);
          const { numbers, steps } = dequantized(found, rows, columns, shape);
          for (const [i, weight] of weights.entries()) {
            const error = Math.abs(weight - numbers[i]!) / steps[i]!;
            // Quotient, scale and difference are rounded to float32.
            const isBeyond = shape.symmetric && Math.abs(weight) / steps[i]! > 2 ** (shape.bits - 1) - 1;
            expect(error).toBeLessThanOrEqual((isBeyond ? 1 : 0.5) + 2 ** (shape.bits - 22));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('the bound shows swapped halves of a byte, and a zero point that is one off', () => {
    const weights = randomWeights(64, 3);
    const shape: Form = { bits: 4, blockSize: 32, symmetric: false };
    const found = quantized(use(), bytesOf(weights), 1, 64, shape);
    const worst = (blocks: Blocks): number => {
      const { numbers, steps } = dequantized(blocks, 1, 64, shape);
      return Math.max(...weights.map((weight, i) => Math.abs(weight - numbers[i]!) / steps[i]!));
    };
    expect(worst(found)).toBeLessThan(0.51);
    expect(worst({ ...found, values: found.values.map(byte => (byte << 4) | (byte >> 4)) })).toBeGreaterThan(1);
    expect(worst({ ...found, zeroPoints: found.zeroPoints.map(byte => byte + 1) })).toBeGreaterThan(1);
  });

  it('a known block: codes, scale, zero points and their places', () => {
    const ramp = Float32Array.from({ length: 20 }, (_, i) => i - 8);
    const { values, scales, zeroPoints } = quantized(use(), bytesOf(ramp), 1, 20, {
      bits: 4,
      blockSize: 16,
      symmetric: false,
    });
    // -8 ... 7 has the step 1 and its zero at 8; 8 ... 11, filled up with zeros, 11 / 15 and 0.
    expect(Buffer.from(values.subarray(0, 8)).toString('hex')).toBe('1032547698badcfe');
    expect([...values.subarray(8)]).toEqual([0xcb, 0xfe, 0, 0, 0, 0, 0, 0]);
    expect([...scales]).toEqual([1, Math.fround(11 / 15)]);
    expect([...zeroPoints]).toEqual([0x08]);
    const symmetric = quantized(use(), bytesOf(ramp), 1, 20, { bits: 4, blockSize: 16, symmetric: true });
    expect([...symmetric.scales]).toEqual([1, -11 / 8]);
    expect(Buffer.from(symmetric.values.subarray(0, 8)).toString('hex')).toBe('1032547698badcfe');
    // 8 ... 11 in steps of -11/8: -5.8, -6.5, -7.3, -8.
    expect([...symmetric.values.subarray(8)]).toEqual([0x12, 0x01, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88]);
  });

  it.each(FORMS)('zeros, equal elements, denormals, the largest numbers: $bits bits, symmetric: $symmetric', shape => {
    const rows = [0, 0.3, -0.3, 2 ** -149, -3 * 2 ** -149, 3.4028234663852886e38, -3.4028234663852886e38, -0];
    const weights = Float32Array.from({ length: rows.length * 40 }, (_, i) => rows[Math.floor(i / 40)]!);
    const found = quantized(use(), bytesOf(weights), rows.length, 40, shape);
    const { numbers } = dequantized(found, rows.length, 40, shape);
    for (const [i, number] of numbers.entries()) {
      const weight = weights[i]!;
      // All at the end of the grid, so nearly exact; denormals may become zero.
      expect(Math.abs(number - weight)).toBeLessThanOrEqual(Math.abs(weight) * 2 ** -20 + 2 ** -147);
    }
    expect(found.scales.every(scale => Number.isFinite(scale) && scale !== 0)).toBe(true);
  });

  it('NaN and infinity count as 0, and are counted', () => {
    const weights = randomWeights(96, 5);
    const holes = [1, 40, 95];
    for (const [n, i] of holes.entries())
      weights[i] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][n]!;
    const zeros = weights.map(weight => (Number.isFinite(weight) ? weight : 0));
    for (const shape of FORMS) {
      const found = quantized(use(), bytesOf(weights), 3, 32, shape);
      expect(found).toEqual({ ...quantized(use(), bytesOf(zeros), 3, 32, shape), nonFinite: 3 });
    }
  });

  it('a matrix that lies transposed gives the same', () => {
    fc.assert(
      fc.property(form, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 150 }), (shape, rows, columns) => {
        const weights = randomWeights(rows * columns, rows);
        const other = bytesOf(transposed(weights, rows, columns));
        expect(quantized(use(), other, rows, columns, { ...shape, layout: 'columns' })).toEqual(
          quantized(use(), bytesOf(weights), rows, columns, shape),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('refining a scale never adds to the squared error, and lowers most', () => {
    const weights = randomWeights(64 * 128, 11).map(weight => weight ** 3);
    for (const shape of FORMS) {
      const errors = [0, 20].map(iterations => {
        const found = quantized(use(), bytesOf(weights), 64, 128, { ...shape, iterations });
        const { numbers } = dequantized(found, 64, 128, shape);
        return Array.from({ length: 256 }, (_, block) =>
          weights
            .subarray(block * 32, (block + 1) * 32)
            .reduce((sum, weight, i) => sum + (weight - numbers[block * 32 + i]!) ** 2, 0),
        );
      }) as [number[], number[]];
      // The kernel's sums are float32.
      for (const [block, error] of errors[1].entries())
        expect(error).toBeLessThanOrEqual(errors[0][block]! * (1 + 1e-5));
      const lowered = errors[1].filter((error, block) => error < errors[0][block]! * 0.999).length;
      expect(lowered).toBeGreaterThan(128);
    }
  });
});

describeNative('native quantizeBlocks gives the bits of the TypeScript kernel', () => {
  const same = (source: Uint8Array, rows: number, columns: number, shape: Form): void => {
    const [expected, ...others] = implementations.map(({ name, use }) => {
      const { nonFinite, ...arrays } = quantized(use(), source, rows, columns, shape);
      const bits = Object.entries(arrays).map(([part, array]) => `${part} ${digest(array)}`);
      return { name, nonFinite, bits };
    });
    for (const found of others) expect(found).toEqual({ ...expected, name: found.name });
  };
  const any = fc.record({
    bits,
    blockSize,
    symmetric: fc.boolean(),
    iterations: fc.constantFrom(0, 1, 20),
    layout: fc.constantFrom<'rows' | 'columns'>('rows', 'columns'),
  });
  const size = fc.integer({ min: 1, max: 40 });

  it('any bits', () => {
    const columns = fc.integer({ min: 1, max: 140 });
    fc.assert(
      fc.property(any, size, columns, fc.infiniteStream(float32Bits), (shape, rows, count, words) => {
        same(misaligned(bytesOf(Uint32Array.from(words.take(rows * count)))), rows, count, shape);
      }),
      { numRuns: 150 },
    );
  });

  it('large enough for several threads', () => {
    const weights = bytesOf(randomWeights(777 * 650, 13));
    for (const layout of ['rows', 'columns'] as const) {
      for (const shape of FORMS) same(weights, 777, 650, { ...shape, layout });
      same(weights, 777, 650, { ...FORMS[1]!, layout, iterations: 4 });
    }
  });

  it('refuses results of the wrong size with the same words', () => {
    const bytes = new Uint8Array(16 * 4);
    const call = (
      change: Partial<Record<'rows' | 'layout' | 'bits' | 'block' | 'values' | 'scales' | 'zeros', unknown>>,
    ) => {
      const given = { rows: 1, layout: 'rows', bits: 4, block: 16, values: 8, scales: 1, zeros: 0, ...change };
      return implementations.map(({ use }) => {
        try {
          return use().quantizeBlocks(
            bytes,
            given.rows as number,
            16,
            given.layout as 'rows',
            given.bits as 4,
            given.block as number,
            0,
            new Uint8Array(given.values as number),
            new Float32Array(given.scales as number),
            new Uint8Array(given.zeros as number),
          );
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      });
    };
    expect(new Set(call({}))).toEqual(new Set([0]));
    expect(new Set(call({ rows: 2 }))).toEqual(
      new Set(['RangeError: quantizeBlocks: source does not have rows x columns elements']),
    );
    expect(new Set(call({ layout: 'row' }))).toEqual(new Set(['RangeError: quantizeBlocks: rows or columns expected']));
    expect(new Set(call({ bits: 2 }))).toEqual(new Set(['RangeError: quantizeBlocks: 4 or 8 bits expected']));
    expect(new Set(call({ block: 8 }))).toEqual(
      new Set(['RangeError: quantizeBlocks: blocks of 16, 32, 64 or 128 expected']),
    );
    expect(new Set(call({ values: 16 }))).toEqual(
      new Set(['RangeError: quantizeBlocks: result does not have a code per element']),
    );
    expect(new Set(call({ scales: 2 }))).toEqual(new Set(['RangeError: quantizeBlocks: one scale per block expected']));
    expect(new Set(call({ zeros: 2 }))).toEqual(
      new Set(['RangeError: quantizeBlocks: one zero point per block expected']),
    );
  });
});
