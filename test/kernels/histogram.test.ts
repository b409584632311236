import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, float32Bits, float32Edges, implementations, misaligned, randomWords } from './support.js';

const floatsOf = (bits: readonly number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer);
const anyFloats = fc.array(float32Bits, { maxLength: 200 });
const hex = (array: ArrayBufferView): string => Buffer.from(bytesOf(array)).toString('hex');

/** As the interface says it, without a thought for speed. */
function sorted(values: Float32Array): number[] {
  return [...values]
    .filter(Number.isFinite)
    .sort((a, b) => a - b || Number(Object.is(b, -0)) - Number(Object.is(a, -0)));
}

describe.each(implementations)('$name kernels', ({ use }) => {
  it('summarise the finite values, whatever the bits', () => {
    fc.assert(
      fc.property(anyFloats, bits => {
        const values = floatsOf(bits);
        const found = new Float64Array(5).fill(7);
        const nonFinite = use().summarize(misaligned(bytesOf(values)), found);
        const finite = sorted(values);
        const magnitudes = finite.map(Math.abs).filter(magnitude => magnitude > 0);
        expect(nonFinite).toBe(values.length - finite.length);
        const expected = [
          finite[0] ?? Infinity,
          finite.at(-1) ?? -Infinity,
          Math.min(...magnitudes),
          magnitudes.filter(magnitude => magnitude < 2 ** -14).length,
          magnitudes.filter(magnitude => magnitude <= 2 ** -25).length,
        ];
        expect(
          [...found].every((value, i) => Object.is(value, expected[i])),
          `${found} or ${expected}`,
        ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('count every value in its bin, whatever the bits', () => {
    const exponents = fc.integer({ min: -126, max: 126 });
    fc.assert(
      fc.property(anyFloats, exponents, fc.constantFrom(2, 6, 64), (bits, exponent, bins) => {
        const values = floatsOf(bits);
        const width = 2 ** exponent;
        const expected = new Float64Array(bins).fill(3);
        let outside = 0;
        for (const value of values) {
          // In binary64 the quotient is exact.
          const bin = Math.floor(value / width) + bins / 2;
          if (bin >= 0 && bin < bins) expected[bin]!++;
          else outside++;
        }
        const counts = new Float64Array(bins).fill(3);
        expect(use().histogram(misaligned(bytesOf(values)), width, counts)).toBe(outside);
        expect([...counts]).toEqual([...expected]);
      }),
      { numRuns: 300 },
    );
  });

  it('give the same with several threads', () => {
    const words = randomWords(1_300_007, 5);
    for (const [i, edge] of float32Edges.entries()) words[i * 9001] = edge;
    // Uniform in the exponents: many magnitudes, many outside.
    const source = bytesOf(words);
    const [range, counts] = [new Float64Array(5), new Float64Array(4096)];
    const found = [use().summarize(source, range), use().histogram(source, 2 ** 20, counts)];
    const [expectedRange, expectedCounts] = [new Float64Array(5), new Float64Array(4096)];
    const typescript = implementations[0]!.use();
    expect(found).toEqual([
      typescript.summarize(source, expectedRange),
      typescript.histogram(source, 2 ** 20, expectedCounts),
    ]);
    expect([hex(range), hex(counts)]).toEqual([hex(expectedRange), hex(expectedCounts)]);
    expect(counts.reduce((a, b) => a + b) + found[1]!).toBe(words.length);
  });

  it('refuse what cannot be right, with the same words', () => {
    const bytes = new Uint8Array(24);
    const width = 'histogram: the width of a bin is not a power of two between 2^-126 and 2^126';
    const cases: [() => unknown, string][] = [
      [() => use().summarize(bytes.subarray(1), new Float64Array(5)), 'summarize: not a whole number of elements'],
      [() => use().summarize(bytes, new Float64Array(4)), 'summarize: result does not have five elements'],
      [() => use().histogram(bytes.subarray(1), 1, new Float64Array(2)), 'histogram: not a whole number of elements'],
      [() => use().histogram(bytes, 1, new Float64Array(3)), 'histogram: an even number of bins up to 65536 expected'],
      [() => use().histogram(bytes, 3, new Float64Array(2)), width],
      [() => use().histogram(bytes, 0, new Float64Array(2)), width],
      [() => use().histogram(bytes, 2 ** 127, new Float64Array(2)), width],
      [() => use().histogram(bytes, Number.NaN, new Float64Array(2)), width],
    ];
    for (const [call, message] of cases) expect(call).toThrow(new RangeError(message));
  });
});
