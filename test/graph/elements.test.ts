import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberText } from '../../src/graph/constant-text.js';
import { bytesOfNumbers, numbersOf, roundedTo } from '../../src/graph/elements.js';

const bitsOf = (dtype: 'float16' | 'bfloat16', number: number): number =>
  new DataView(bytesOfNumbers(dtype, [number]).buffer).getUint16(0, true);

describe('float16', () => {
  it('holds every bit pattern exactly', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const number = numbersOf('float16', new Uint8Array(Uint16Array.of(bits).buffer))[0]!;
      if (!Number.isNaN(number)) expect(bitsOf('float16', number)).toBe(bits);
    }
  });

  const cases: [number, number][] = [
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -25 * 1.0001, 1],
    [3 * 2 ** -25, 2],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2047.5, 0x6800],
    [-0, 0x8000],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [Number.NaN, 0x7e00],
  ];
  it.each(cases)('%d', (number, bits) => expect(bitsOf('float16', number)).toBe(bits));

  it('is the nearest of its neighbours', () => {
    fc.assert(
      fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), number => {
        const rounded = roundedTo('float16', number);
        const bits = bitsOf('float16', number);
        for (const neighbour of [bits - 1, bits + 1].filter(b => (b & 0x7fff) < 0x7c00 && b >= 0)) {
          const other = numbersOf('float16', new Uint8Array(Uint16Array.of(neighbour).buffer))[0]!;
          expect(Math.abs(rounded - number)).toBeLessThanOrEqual(Math.abs(other - number));
        }
      }),
    );
  });
});

it('rounds bfloat16 to nearest, ties to even', () => {
  expect([1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -(1 + 2 ** -7), 3.4e38, Number.NaN].map(n => bitsOf('bfloat16', n))).toEqual(
    [0x3f80, 0x3f80, 0x3f82, 0xbf81, 0x7f80, 0x7fc0],
  );
});

it('packs two int4 into a byte, the first into its lower half', () => {
  expect(bytesOfNumbers('int4', [1, -2, 7])).toEqual(Uint8Array.of(0xe1, 0x07));
  expect([...numbersOf('int4', Uint8Array.of(0xe1, 0x87))]).toEqual([1, -2, 7, -8]);
  expect([...numbersOf('int4', bytesOfNumbers('int4', [9, -9, 2.9, Number.NaN]))]).toEqual([7, -8, 2, 0]);
});

describe('float8e4m3fn', () => {
  const bitsOf8 = (number: number): number => bytesOfNumbers('float8e4m3fn', [number])[0]!;

  it('holds every bit pattern exactly', () => {
    for (let bits = 0; bits < 256; bits++) {
      const number = numbersOf('float8e4m3fn', Uint8Array.of(bits))[0]!;
      if (Number.isNaN(number)) expect(bits & 0x7f).toBe(0x7f);
      else expect(bitsOf8(number)).toBe(bits);
    }
  });

  // As torch.float8_e4m3fn rounds; beyond 448, where it has NaN, as ONNX saturates.
  const cases: [number, number][] = [
    [2 ** -10, 0],
    [3 * 2 ** -10, 2],
    [17, 88],
    [18.999, 89],
    [19, 90],
    [447.9, 126],
    [-3.3, 197],
    [1e9, 126],
    [Number.NEGATIVE_INFINITY, 254],
  ];
  it.each(cases)('%d', (number, bits) => expect(bitsOf8(number)).toBe(bits));
});

it('clamps integers and truncates fractions', () => {
  const through = (dtype: Parameters<typeof roundedTo>[0], ...numbers: number[]) =>
    numbers.map(n => roundedTo(dtype, n));
  expect(through('int8', 1.9, -1.9, 300, -300, Number.NaN)).toEqual([1, -1, 127, -128, 0]);
  expect(through('uint8', -1, 256, 255.9)).toEqual([0, 255, 255]);
  expect(through('int64', 2 ** 63, -(2 ** 63), 2 ** 53)).toEqual([2 ** 63, -(2 ** 63), 2 ** 53]);
  expect(through('uint64', -1, 2 ** 64)).toEqual([0, 2 ** 64]);
  expect(through('bool', 0, -0, 0.5, 2)).toEqual([0, 0, 1, 1]);
});

it('writes a float32 with as few digits as bring it back', () => {
  expect(
    [0.1, 1e-12, 1 / 3, 16777216, -0, 3.4028234663852886e38].map(n => numberText('float32', Math.fround(n))),
  ).toEqual(['0.1', '1e-12', '0.33333334', '16777216', '-0', '3.4028235e+38']);
  fc.assert(
    fc.property(fc.float(), number => {
      expect(Object.is(Math.fround(Number(numberText('float32', number))), number)).toBe(true);
    }),
  );
});
