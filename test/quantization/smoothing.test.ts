import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tensorOf } from '../../src/graph/constants.js';
import { constant, type Graph, makeNode, type NodeOutput, type Value } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { elementCount } from '../../src/graph/tensor.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { writeModel } from '../../src/onnx/write.js';
import { CALIBRATION_SCHEMA } from '../../src/quantization/calibration/table.js';
import { quantizeInt8Static } from '../../src/quantization/int8-static.js';
import type { RangeTable } from '../../src/quantization/ranges.js';
import { bestFactors, smoothed } from '../../src/quantization/smoothing.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import { materialize } from '../../src/weights/materialize.js';
import { graphOf, input, largestDifference, operators, random, run, weight } from '../passes/support.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { executed, runStage } from './support.js';

const folder = temporaryFolders();
const CHANNELS = 64;
const x = input('x', ['batch', CHANNELS]);

/** Two channels of the activation are a hundred times as large as the others: what layer normalisations of large models give. */
const gains = Array.from({ length: CHANNELS }, (_, channel) => (channel % 32 === 5 ? 100 : 1));
const op = ops('norm');
const activation = ((): NodeOutput => {
  const gain = constant(tensorOf('float32', [CHANNELS], gains), 'norm.weight');
  const { node, type } = op.Mul(x, gain);
  return makeNode(node, [type], ['norm/Mul']).outputs[0]!;
})();
const feeds = { x: random([32, CHANNELS]) };
const LARGEST = 2;

const ranges: RangeTable = {
  'norm/Mul': {
    min: -100 * LARGEST,
    max: 100 * LARGEST,
    smallestMagnitude: 0,
    elements: elementCount([32, CHANNELS]),
    nonFinite: 0,
    belowNormal: 0,
    vanishing: 0,
  },
};

const dense = (path: string, value: Value): Value => ops(path).MatMul(value, weight(`${path}.weight`, [CHANNELS, 32]));

function smooth(graph: Graph, channels: readonly number[] | undefined = gains.map(gain => gain * LARGEST)) {
  const result = smoothed(graph, {
    ranges,
    channelsOf: name => (name === 'norm/Mul' ? channels : undefined),
    bytesOf: ({ tensor }) => materialize(tensor),
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  expect(verifyGraph(result.value.graph)).toEqual([]);
  return result.value;
}

function int8(graph: Graph, table: RangeTable): Graph {
  const result = quantizeInt8Static(graph, table, { reduceRange: false });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.graph;
}

const meanSquare = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length;

describe('outliers in two channels', () => {
  const two = graphOf([x], ops('sum').Add(dense('query', activation), dense('key', activation)));

  test('nothing changes in float32, not a bit: the factors are powers of two', async () => {
    const { graph, smoothed: names } = smooth(two);
    expect(names).toEqual(['norm/Mul']);
    // One multiplication for both products.
    expect(operators(graph)).toEqual(['Mul', 'Mul', 'MatMul', 'MatMul', 'Add']);
    const [before, after] = [await run(two, feeds, folder()), await run(graph, feeds, folder())];
    expect(largestDifference(before, after)).toBe(0);
  });

  test('int8 is off by less than a third', async () => {
    const exact = await run(two, feeds, folder());
    const { graph, ranges: table } = smooth(two);
    const plain = meanSquare(exact, await run(int8(two, ranges), feeds, folder()));
    const better = meanSquare(exact, await run(int8(graph, table), feeds, folder()));
    expect(operators(int8(graph, table)).filter(name => name === 'QuantizeLinear')).toHaveLength(1);
    expect(better).toBeLessThan(plain / 9);
  });
});

test('the stage reads the channels from the table, and says what it scaled', async () => {
  const at = folder();
  const model = join(at, 'model');
  const graph = graphOf([x], dense('dense', activation));
  await writeModel(graph, { folder: model, file: 'model.onnx' });
  const channels = gains.map(gain => gain * LARGEST);
  const tensors = { 'norm/Mul': { ...ranges['norm/Mul'], channels } };
  const table = { schema: CALIBRATION_SCHEMA, texts: {}, scope: 'integers', models: { 'model.onnx': tensors } };
  const calibration = join(at, 'calibration.json');
  writeFileSync(calibration, JSON.stringify(table));
  const outputs: Float32Array[] = [];
  for (const smoothing of [false, true]) {
    const out = { model: join(at, `${smoothing}`), report: join(at, `${smoothing}.json`) };
    const params = { precision: 'int8', reduceRange: false, smoothing };
    await runStage(quantizeStage, params, { model, calibration }, out, at);
    const { models } = JSON.parse(readFileSync(out.report, 'utf8')) as { models: Record<string, object> };
    expect(models['model.onnx']).toEqual({
      quantized: ['dense'],
      left: [],
      ...(smoothing ? { smoothed: ['norm/Mul'] } : {}),
    });
    outputs.push((await executed(out.model, [feeds], folder())).outputs[0]!.y!.data as Float32Array);
  }
  const exact = await run(graph, feeds, folder());
  expect(meanSquare(exact, outputs[1]!)).toBeLessThan(meanSquare(exact, outputs[0]!) / 9);
});

describe('left alone', () => {
  const one = graphOf([x], dense('dense', activation));

  test.each([
    ['channels that are alike', gains.map(() => 200)],
    ['channels that were not measured', undefined],
    ['as many channels as the weight has not', [1, 2, 3]],
  ])('%s', (_, channels) => {
    const result = channels === undefined ? smoothed(one, { ranges, channelsOf: () => undefined, bytesOf }) : undefined;
    const { graph, smoothed: names } = result?.ok ? result.value : smooth(one, channels);
    expect(names).toEqual([]);
    expect(graph).toBe(one);
  });

  test('a weight that two activations are multiplied with', () => {
    const shared = weight('shared', [CHANNELS, CHANNELS]);
    const first = ops('a').MatMul(activation, shared);
    expect(smooth(graphOf([x], ops('b').MatMul(first, shared))).smoothed).toEqual([]);
  });
});

const bytesOf = ({ tensor }: { tensor: Parameters<typeof materialize>[0] }) => materialize(tensor);

test('a bias of Gemm stays what it was', async () => {
  const bias = weight('bias', [32]);
  const graph = graphOf([x], ops('gemm').Gemm(activation, weight('w', [32, CHANNELS]), bias, { transB: 1 }));
  const { graph: made } = smooth(graph);
  expect(operators(made)).toEqual(['Mul', 'Mul', 'MatMul', 'Add']);
  const [before, after] = [await run(graph, feeds, folder()), await run(made, feeds, folder())];
  // Other operators may add in another order.
  const largest = before.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(largestDifference(before, after)).toBeLessThan(1e-5 * largest);
});

test('factors are powers of two, also where a channel or a row is zero', () => {
  const channels = gains.map((gain, channel) => [gain, 0, 1e-30][channel % 3]!);
  const rows = gains.map((_, channel) => [1, 1, 0, 1e-40][channel % 4]!);
  const found = bestFactors(channels, rows, { min: -100, max: 100 });
  expect(found).toBeDefined();
  for (const factor of found!) expect(Number.isInteger(Math.log2(factor)) && factor > 0).toBe(true);
  expect(bestFactors([0, 0], [0, 0], { min: 0, max: 0 })).toBeUndefined();
});
