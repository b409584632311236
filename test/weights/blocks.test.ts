import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tensorOf } from '../../src/graph/constants.js';
import type { BlockQuantizedWeight, Tensor } from '../../src/graph/tensor.js';
import { typescriptKernels } from '../../src/kernels/index.js';
import { materialize } from '../../src/weights/materialize.js';
import { writeTensors } from '../../src/weights/write-data.js';
import { bytesOf, randomWeights } from '../kernels/support.js';

const folder = mkdtempSync(join(tmpdir(), 'td-blocks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [ROWS, COLUMNS] = [24, 70];
const weights = randomWeights(ROWS * COLUMNS, 21);
const matrix = tensorOf('float32', [ROWS, COLUMNS], weights);
const transpose = (of: Tensor): Tensor => ({
  dtype: of.dtype,
  shape: of.shape.toReversed(),
  data: { from: 'transpose', of, perm: [1, 0] },
});
const FORM = { bits: 4, blockSize: 32, symmetric: false, iterations: 0 } as const;

const parts = (weight: Tensor, form: Omit<BlockQuantizedWeight, 'weight'> = FORM) => {
  const of = { weight, ...form };
  return [
    { dtype: 'uint8', shape: [ROWS, 3, 16], data: { from: 'blocks', of, part: 'values' } },
    { dtype: 'float32', shape: [ROWS, 3], data: { from: 'blocks', of, part: 'scales' } },
    { dtype: 'uint8', shape: [ROWS, 2], data: { from: 'blocks', of, part: 'zeroPoints' } },
  ] as const satisfies readonly Tensor[];
};

function expected(iterations = 0): readonly Uint8Array[] {
  const [values, scales, zeroPoints] = [
    new Uint8Array(ROWS * 48),
    new Float32Array(ROWS * 3),
    new Uint8Array(ROWS * 2),
  ];
  typescriptKernels.quantizeBlocks(
    bytesOf(weights),
    ROWS,
    COLUMNS,
    'rows',
    4,
    32,
    iterations,
    values,
    scales,
    zeroPoints,
  );
  return [values, bytesOf(scales), zeroPoints];
}

const bytes = (tensor: Tensor): Uint8Array => {
  const found = materialize(tensor, 'w');
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value;
};

let files = 0;
function inFile(tensor: Tensor): Tensor {
  const file = join(folder, `weight ${files++}`);
  writeFileSync(file, Buffer.concat([Buffer.alloc(3), bytes(tensor)]));
  const byteLength = bytes(tensor).length;
  return { ...tensor, data: { from: 'file', file, offset: 3, byteLength } };
}

const half = (at: number, axis: number): Tensor => {
  const shape = axis === 0 ? [ROWS / 2, COLUMNS] : [ROWS, COLUMNS / 2];
  const numbers = weights.filter(
    (_, i) => Math.floor(axis === 0 ? i / (weights.length / 2) : (i % COLUMNS) / 35) === at,
  );
  return tensorOf('float32', shape, numbers);
};

/** The same matrix as most checkpoints of decoders and every optimised model have it: columns as rows. */
const lyingTransposed = tensorOf(
  'float32',
  [COLUMNS, ROWS],
  Float32Array.from(weights, (_, i) => weights[(i % ROWS) * COLUMNS + Math.floor(i / ROWS)]!),
);

test.each<[string, Tensor]>([
  ['in memory', matrix],
  ['in a file, where nothing is aligned', inFile(matrix)],
  ['in a file, transposed', transpose(inFile(lyingTransposed))],
  ['transposed twice', transpose(transpose(matrix))],
  ['of two halves', { ...matrix, data: { from: 'concat', of: [half(0, 0), half(1, 0)], axis: 0 } }],
  ['of two halves side by side', { ...matrix, data: { from: 'concat', of: [half(0, 1), half(1, 1)], axis: 1 } }],
  ['under another shape', { ...matrix, data: { from: 'reshape', of: tensorOf('float32', [weights.length], weights) } }],
])('a weight %s', (_, weight) => {
  expect(parts(weight).map(bytes)).toEqual(expected());
});

test('scales are refined when asked for', () => {
  expect(parts(matrix, { ...FORM, iterations: 20 }).map(bytes)).toEqual(expected(20));
  expect(expected(20)[1]).not.toEqual(expected()[1]);
});

test('a bfloat16 weight is read as float32', () => {
  const narrow: Tensor = { dtype: 'bfloat16', shape: matrix.shape, data: { from: 'cast', of: matrix } };
  const wide: Tensor = { dtype: 'float32', shape: matrix.shape, data: { from: 'cast', of: narrow } };
  expect(parts(narrow).map(bytes)).toEqual(parts(wide).map(bytes));
});

test('parts are written in any order', async () => {
  const [values, scales, zeroPoints] = parts(inFile(matrix));
  const ordered = [zeroPoints, values, scales].map((tensor, i) => ({ tensor, offset: i * 4096, name: `part ${i}` }));
  const path = join(folder, 'data');
  expect(await writeTensors(path, ordered, 3 * 4096)).toEqual({ ok: true, value: undefined });
  const [first, second, third] = expected();
  const written = readFileSync(path);
  for (const [i, part] of [third!, first!, second!].entries()) {
    expect(written.subarray(i * 4096, i * 4096 + part.length).equals(part)).toBe(true);
  }
});

test('NaN is refused by name', () => {
  const broken = weights.slice();
  broken[77] = Number.NaN;
  expect(materialize(parts(tensorOf('float32', [ROWS, COLUMNS], broken))[0], 'lm_head.weight')).toMatchObject({
    ok: false,
    error: { code: 'weight-not-finite', where: 'lm_head.weight', found: '1 element of 1680 is not finite' },
  });
});
