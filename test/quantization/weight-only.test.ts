import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { integers } from '../../src/graph/constants.js';
import { dense, evaluate } from '../../src/graph/evaluate.js';
import { constant, type Graph, nodesOf, type Value } from '../../src/graph/graph.js';
import { type Ops, ops } from '../../src/graph/ops.js';
import type { Tensor } from '../../src/graph/tensor.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { readModel } from '../../src/onnx/read.js';
import { writeModel } from '../../src/onnx/write.js';
import { quantizeWeightOnly, WEIGHT_ONLY, type WeightOnlyOptions } from '../../src/quantization/weight-only.js';
import { materialize } from '../../src/weights/materialize.js';
import { graphOf, input, int64, largestDifference, operators, random, run, weight } from '../passes/support.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();
const x = input('x', ['batch', 'sequence', 48]);
const rows = input('x', ['batch', 48]);
const ids = input('ids', ['batch', 'sequence'], 'int64');

const at = (path: string): Ops => ops(path);
const dense2 = (path: string, value: Value, columns = 40): Value =>
  at(path).MatMul(value, weight(`${path}.weight`, [value.type.shape.at(-1) as number, columns]));

const FOUR = WEIGHT_ONLY['int4-weight'];
const EIGHT = WEIGHT_ONLY['int8-weight'];

function quantized(graph: Graph, options: Partial<WeightOnlyOptions> = {}) {
  const result = quantizeWeightOnly(graph, { ...FOUR, ...options });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  expect(verifyGraph(result.value.graph)).toEqual([]);
  return result.value;
}

const bytesOf = (tensor: Tensor): Uint8Array => {
  const bytes = materialize(tensor);
  if (!bytes.ok) throw new Error(JSON.stringify(bytes.error));
  return bytes.value;
};

/** What the graph means, activations in float32. */
function meant(graph: Graph, feeds: Parameters<typeof run>[1]): Float32Array {
  const values = Object.entries(feeds).map(
    ([name, { dtype, shape, data }]) => [name, dense(dtype, shape, Float64Array.from(data as never, Number))] as const,
  );
  return Float32Array.from(evaluate(graph, Object.fromEntries(values), bytesOf).y!.data);
}

/** A product over 48 columns, activations in [-2, 2): those are rounded to 8 bits, so a hundredth of what they are worth. */
const ROUNDED_ACTIVATIONS = 0.1;
/** The same over weights in [-1, 1) in 15 steps: an error with a standard deviation of about 0.3. */
const FOUR_BITS = 1.2;

describe('the forms', () => {
  test.each<[string, Value, typeof x | typeof rows]>([
    ['a product, its bias and a block that is not full', at('dense').Add(dense2('dense', x), weight('b', [40])), x],
    [
      'Gemm with a transposed weight and its bias',
      at('').Gemm(rows, weight('w', [40, 48]), weight('b', [40]), { transB: 1 }),
      rows,
    ],
    ['FusedMatMul with a transposed weight', at('').FusedMatMul(x, weight('w', [40, 48]), { transB: 1 }), x],
  ])('%s is one MatMulNBits', async (_, value, from) => {
    const graph = graphOf([from], value);
    const feeds = { x: random(from === x ? [2, 3, 48] : [5, 48]) };
    const exact = await run(graph, feeds, folder());
    for (const [options, tolerance] of [
      [FOUR, FOUR_BITS],
      [EIGHT, ROUNDED_ACTIVATIONS],
    ] as const) {
      const { graph: made, quantized: paths, left } = quantized(graph, options);
      expect(operators(made)).toEqual(['MatMulNBits']);
      expect({ paths: paths.length, left }).toEqual({ paths: 1, left: [] });
      const found = await run(made, feeds, folder());
      expect(largestDifference(found, meant(made, feeds))).toBeLessThan(ROUNDED_ACTIVATIONS);
      expect(largestDifference(found, exact)).toBeLessThan(tolerance);
    }
  });

  test('what the session computes differs from halves of bytes swapped, from other zero points and a lost bias', async () => {
    const graph = graphOf([x], at('dense').Add(dense2('dense', x), weight('b', [40])));
    const feeds = { x: random([2, 3, 48]) };
    const { graph: made } = quantized(graph);
    const found = await run(made, feeds, folder());
    const node = nodesOf(made)[0]!;
    const [, values, scales, zeroPoints, , bias] = node.inputs;
    const changed = (value: Value | undefined, change: (byte: number) => number): Value => {
      if (value?.kind !== 'constant') throw new Error('a constant is expected');
      const { dtype, shape } = value.tensor;
      return constant({ dtype, shape, data: { from: 'bytes', bytes: bytesOf(value.tensor).map(change) } });
    };
    const attributes = { K: 48, N: 40, bits: 4, block_size: 32, accuracy_level: 4 };
    const of = (v: Value, z: Value, b?: Value) =>
      graphOf([x], at('').MatMulNBits(x, v, scales!, z, undefined, b, attributes));
    expect(meant(of(values!, zeroPoints!, bias), feeds)).toEqual(meant(made, feeds));
    for (const wrong of [
      of(
        changed(values, byte => (byte << 4) | (byte >> 4)),
        zeroPoints!,
        bias,
      ),
      of(
        values!,
        changed(zeroPoints, byte => byte ^ 0x11),
        bias,
      ),
      of(values!, zeroPoints!),
    ]) {
      expect(largestDifference(meant(wrong, feeds), found)).toBeGreaterThan(3 * ROUNDED_ACTIVATIONS);
    }
  });

  test('a row that is shorter than a block has a block of its length', () => {
    const short = input('x', ['batch', 16]);
    const { graph } = quantized(graphOf([short], dense2('dense', short)), {
      products: { ...FOUR.products, blockSize: 128 },
    });
    expect(nodesOf(graph)[0]!.attributes).toMatchObject({
      K: { value: 16 },
      N: { value: 40 },
      block_size: { value: 16 },
    });
  });

  test('a product that is also read without its bias is computed once', () => {
    const product = dense2('dense', x);
    const both = at('sum').Mul(at('dense').Add(product, weight('dense.bias', [40])), product);
    expect(operators(quantized(graphOf([x], both)).graph)).toEqual(['MatMulNBits', 'Add', 'Mul']);
  });

  test('a second run finds nothing more to do', () => {
    const { graph } = quantized(graphOf([x], dense2('dense', x)));
    expect(quantizeWeightOnly(graph, FOUR)).toEqual({ ok: true, value: { graph, quantized: [], left: [] } });
  });
});

describe('embedding tables', () => {
  const table = weight('embeddings', [100, 48]);
  const embedded = at('embeddings').Gather(table, ids);
  const feeds = { ids: int64([2, 3], [0, 99, 5, 5, 42, 17]) };

  test.each([
    ['int4-weight', FOUR],
    ['int8-weight', EIGHT],
  ])('%s: 8 bits, blocks that divide the rows', async (_, options) => {
    const { graph } = quantized(graphOf([ids], embedded), options);
    expect(operators(graph)).toEqual(['GatherBlockQuantized']);
    expect(nodesOf(graph)[0]!.attributes).toMatchObject({ bits: { value: 8 }, block_size: { value: 16 } });
    const found = await run(graph, feeds, folder());
    expect(largestDifference(found, meant(graph, feeds))).toBeLessThan(1e-6);
    const exact = await run(graphOf([ids], embedded), feeds, folder());
    // Half a step of 1/128; at the end of the grid, a whole one.
    expect(largestDifference(found, exact)).toBeLessThan(1 / 127);
    expect(largestDifference(found, exact)).toBeGreaterThan(1 / 1000);
  });

  test('with zero points and 4 bits, as a caller may ask for', async () => {
    const { graph } = quantized(graphOf([ids], embedded), { tables: { ...FOUR.products, blockSize: 16 } });
    const found = await run(graph, feeds, folder());
    expect(largestDifference(found, meant(graph, feeds))).toBeLessThan(1e-6);
  });

  test('a table that is multiplied with, too, is stored once', async () => {
    const logits = at('lm_head').FusedMatMul(embedded, table, { transB: 1 });
    const { graph } = quantized(graphOf([ids], logits));
    expect(operators(graph)).toEqual(['GatherBlockQuantized', 'MatMulNBits']);
    const at8 = folder();
    const written = await writeModel(graph, { folder: at8, file: 'model.onnx' });
    // Values on the page after which the scales begin: 4800 bytes, then 300 scales.
    expect(written).toMatchObject({ ok: true, value: { dataBytes: 4864 + 300 * 4 } });
    const found = await run(graph, feeds, folder());
    expect(largestDifference(found, meant(graph, feeds))).toBeLessThan(ROUNDED_ACTIVATIONS);
    // Read and written again, it stays one.
    const read = readModel(join(at8, 'model.onnx'), {});
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    expect(verifyGraph(read.value.graph)).toEqual([]);
    expect(readFileSync(join(at8, 'model.onnx_data'))).toHaveLength(4864 + 300 * 4);
  });
});

describe('what stays in float, and why', () => {
  const NO_BLOCKS = 'the table is 100 x 40: its rows are not made of whole blocks of 16 or more';
  test.each<[string, Value, string]>([
    ['few columns', dense2('head', x, 8), 'the weight is 48 x 8: below 16 quantising costs more than it gains'],
    ['a small table', at('head').Gather(weight('t', [2, 48]), ids), 'the table is 2 x 48: there is nothing to gain'],
    ['rows that are not whole blocks', at('head').Gather(weight('t', [100, 40]), ids), NO_BLOCKS],
    [
      'rows that are always the same',
      at('head').Gather(weight('t', [100, 48]), integers([1, 2])),
      'it depends on weights alone: a session computes it once, when it loads the model',
    ],
  ])('%s', (_, value, reason) => {
    const { graph, quantized: paths, left } = quantized(graphOf([x, ids], value));
    expect(graph.outputs[0]!.value).toBe(value);
    expect({ paths, left }).toEqual({ paths: [], left: [{ path: 'head', reason }] });
  });

  test('a table without whole blocks does not keep the product from being quantised', () => {
    const table = weight('embeddings', [100, 40]);
    const logits = at('lm_head').FusedMatMul(at('embeddings').Gather(table, ids), table, { transB: 1 });
    const { graph, left } = quantized(graphOf([ids], logits));
    expect(operators(graph)).toEqual(['Gather', 'MatMulNBits']);
    expect(nodesOf(graph)[1]!.attributes).toMatchObject({ bits: { value: 4 } });
    expect(left).toEqual([{ path: 'embeddings', reason: NO_BLOCKS }]);
  });

  test('what is excluded; a tied product then has the form of the others', () => {
    const table = weight('embeddings', [100, 48]);
    const logits = at('lm_head').FusedMatMul(at('embeddings.words').Gather(table, ids), table, { transB: 1 });
    const { graph, left } = quantized(graphOf([ids], logits), { exclude: ['embeddings'] });
    expect(left).toEqual([{ path: 'embeddings.words', reason: 'excluded by the configuration' }]);
    expect(nodesOf(graph)[1]!.attributes).toMatchObject({ bits: { value: 4 } });
  });

  test('an exclusion that excludes nothing', () => {
    const result = quantizeWeightOnly(graphOf([x], dense2('lm_head', x)), { ...FOUR, exclude: ['lm_haed'] });
    expect(result).toEqual({
      ok: false,
      error: {
        code: 'exclude-unknown',
        kind: 'usage',
        message: 'no matrix product with a weight is at a path that is to be excluded',
        where: 'lm_haed',
        expected: 'the path of a product, or the beginning of one',
        found: 'lm_head is the nearest',
      },
    });
  });
});
