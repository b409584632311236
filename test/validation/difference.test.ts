import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TensorValue } from '../../src/runtime/session.js';
import { spread, tokenBudgetOf } from '../../src/validation/cases.js';
import { DifferenceMeter, rowsOf } from '../../src/validation/difference.js';
import { evaluationSetOf, evaluationTensors } from '../../src/validation/evaluation.js';
import { readTensors, writeTensors } from '../../src/validation/tensors.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const newFolder = temporaryFolders();
const float32 = (shape: readonly number[], ...values: number[]) =>
  ({ dtype: 'float32', shape, data: Float32Array.from(values) }) as const;
const int64 = (shape: readonly number[], ...values: number[]) =>
  ({ dtype: 'int64', shape, data: BigInt64Array.from(values, BigInt) }) as const;

function measure(reference: readonly number[][], found: readonly number[][]) {
  const meter = new DifferenceMeter(true);
  for (const [i, row] of reference.entries()) meter.add(Float32Array.from(row), Float32Array.from(found[i]!));
  return meter.result();
}

describe('differences', () => {
  test('of a small table', () => {
    const found = measure(
      [
        [3, 4],
        [1, 0],
      ],
      [
        [3, 4],
        [0, 1],
      ],
    );
    expect(found).toEqual({
      rows: 2,
      maxAbs: 1,
      meanAbs: 0.5,
      relative: expect.closeTo(Math.sqrt(2 / 26), 12),
      cosine: 0,
      top1: { agree: 1, rows: 2, lead: 1, leadWhereChanged: 1 },
      notFinite: 0,
    });
  });

  test('how decided the labels were, and those that changed', () => {
    const reference = [
      [1, 5, 2],
      [0.2, 0.1, 0.3],
      [4, 0, 2],
    ];
    const same = measure(reference, reference).top1!;
    expect(same).toEqual({ agree: 3, rows: 3, lead: expect.closeTo((3 + 0.1 + 2) / 3, 6) });
    const found = measure(reference, [
      [1, 5, 2],
      [0.2, 0.4, 0.3],
      [0, 0, 2],
    ]).top1!;
    expect(found).toMatchObject({ agree: 1, lead: same.lead, leadWhereChanged: expect.closeTo((0.2 + 2) / 2, 6) });
  });

  test('a row of one value has no label', () => {
    expect(measure([[1]], [[2]]).top1).toBeUndefined();
  });

  test.each([
    [[Number.NaN], 1],
    [[Number.POSITIVE_INFINITY], 1],
    [[Number.NEGATIVE_INFINITY], 1],
    [[2], 0],
  ])('%j', (row, notFinite) => {
    expect(measure([[1]], [row]).notFinite).toBe(notFinite);
  });

  test('a row of one value has no direction; zero rows agree with zero rows only', () => {
    expect(measure([[1]], [[-1]]).cosine).toBe(1);
    expect(measure([[0, 0]], [[0, 0]]).cosine).toBe(1);
    expect(measure([[0, 0]], [[1, 0]]).cosine).toBe(0);
  });

  test('scaling leaves the cosine at 1 and is the relative difference', () => {
    const row = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(row, values => {
        fc.pre(values.some(value => Math.abs(value) > 1e-3));
        const found = measure([values], [values.map(value => value * 1.25)]);
        expect(found.cosine).toBeCloseTo(1, 5);
        expect(found.relative).toBeCloseTo(0.25, 5);
        expect(found.top1!.agree).toBe(1);
      }),
    );
  });
});

describe('rows', () => {
  const mask = int64([2, 3], 1, 1, 0, 0, 1, 1);
  const rows = (...request: Parameters<typeof rowsOf>): number[][] => [...rowsOf(...request)].map(row => [...row]);

  test.each([
    [
      'per text',
      float32([2, 2], 1, 2, 3, 4),
      false,
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['per real token', float32([2, 3, 1], 1, 2, 3, 4, 5, 6), true, [[1], [2], [5], [6]]],
    [
      'per text, over its real tokens',
      float32([2, 3], 1, 2, 3, 4, 5, 6),
      true,
      [
        [1, 2],
        [5, 6],
      ],
    ],
  ] as const)('%s', (_, output, sequence, expected) => {
    expect(rows(output, mask, sequence)).toEqual(expected);
  });

  test('without a mask all tokens are real', () => {
    expect(rows(float32([1, 2, 2], 1, 2, 3, 4), undefined, true)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

describe('files', () => {
  const tensor: fc.Arbitrary<TensorValue> = fc.oneof(
    fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map(values => ({
      dtype: 'int64' as const,
      shape: [values.length],
      data: BigInt64Array.from(values),
    })),
    fc.array(fc.float()).map(values => float32([1, values.length], ...values)),
    fc.array(fc.integer()).map(values => ({
      dtype: 'int32' as const,
      shape: [values.length, 1],
      data: Int32Array.from(values),
    })),
  );

  test('what is written is read, bit for bit', () => {
    const path = join(newFolder(), 'tensors.safetensors');
    const name = fc.stringMatching(/^[a-z][a-z0-9._é]{0,12}$/);
    fc.assert(
      fc.property(fc.dictionary(name, tensor, { noNullPrototype: true, minKeys: 1, maxKeys: 5 }), tensors => {
        writeTensors(path, tensors);
        const read = readTensors(path);
        if (!read.ok) throw new Error(JSON.stringify(read.error));
        expect(read.value).toEqual(tensors);
      }),
      { numRuns: 50 },
    );
  });

  test('evaluation data becomes tensors and comes back', () => {
    const set = {
      encodings: [
        { inputIds: [2, 5, 3], attentionMask: [1, 1, 1], tokenTypeIds: [0, 0, 1], promptLength: 2 },
        { inputIds: [2], attentionMask: [1], tokenTypeIds: [0], promptLength: 0 },
      ],
      facts: { labels: [1, 0], others: [] },
    };
    expect(evaluationSetOf(evaluationTensors(set))).toEqual(set);
    expect(evaluationSetOf({})).toBeUndefined();
  });
});

describe('what is spent', () => {
  test.each([
    [5_400_000, 6000],
    [90_000_000, 1778],
    [438_000_000, 365],
    [14_000_000_000, 150],
  ])('weights of %i bytes: %i tokens', (bytes, tokens) => {
    expect(tokenBudgetOf(bytes)).toBe(tokens);
  });

  test('samples are taken from everywhere, and repeated when there are too few', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 2, 5, 7]);
    expect(spread([1, 2], 5)).toEqual([1, 2, 1, 2, 1]);
  });
});
