import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tensorOf } from '../../src/graph/constants.js';
import { constant, type Graph, makeNode, type NodeOutput, nodesOf, type Value } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { elementCount } from '../../src/graph/tensor.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { writeModel } from '../../src/onnx/write.js';
import { CALIBRATION_SCHEMA } from '../../src/quantization/calibration/table.js';
import { quantizeInt8Static } from '../../src/quantization/int8-static.js';
import { computedBeforehand } from '../../src/quantization/products.js';
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
    expect(operators(graph)).toEqual(operators(two));
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
      ...(smoothing ? { smoothed: ['norm/Mul'], divided: [] } : {}),
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

/** The activation is made by `value`, and read by two products. */
const readTwice = (value: Value): Graph => graphOf([x], ops('sum').Add(dense('query', value), dense('key', value)));

const vector = (name: string) => weight(name, [CHANNELS]);
const square = (name: string) => weight(name, [CHANNELS, CHANNELS]);
const skip = ops('skip').Relu(x);
const gate = ops('gate').Sigmoid(dense64('gate', x));

function dense64(path: string, value: Value): Value {
  return ops(path).MatMul(value, square(`${path}.weight`));
}

/** The value under the name that the ranges know. */
const asActivation = (value: Value): NodeOutput => {
  const { node, type, index } = value as NodeOutput;
  expect(index).toBe(0);
  return makeNode(node, [type], ['norm/Mul']).outputs[0]!;
};

/** What makes an activation, with constants that take its factors. */
const ABSORBING: Readonly<Record<string, Value>> = {
  'the factor of a product': activation,
  'a factor on the left': op.Mul(vector('gain'), x),
  'a factor of three dimensions': op.Mul(ops('r').Reshape(x, [1, -1, CHANNELS]), weight('gain', [1, 1, CHANNELS])),
  LayerNormalization: op.LayerNormalization(x, vector('scale'), vector('bias'), { axis: -1 }),
  'LayerNormalization without a bias': op.LayerNormalization(x, vector('scale'), undefined, { axis: -1 }),
  SimplifiedLayerNormalization: op.SimplifiedLayerNormalization(x, vector('scale'), { axis: -1 }),
  'a normalisation in single operators': op.Add(op.Mul(skip, vector('scale')), vector('bias')),
  'MatMul and bias': op.Add(dense64('up', x), vector('bias')),
  'a bias on the left': op.Add(vector('bias'), dense64('up', x)),
  Gemm: op.Gemm(x, square('up'), vector('bias')),
  'Gemm with a transposed weight': op.Gemm(x, square('up'), vector('bias'), { transB: 1 }),
  Relu: op.Relu(op.Add(dense64('up', x), vector('bias'))),
  'a gate': op.Mul(gate, dense64('up', x)),
  'a gate on the right': op.Mul(dense64('up', x), gate),
};

/** What leaves no way but a multiplication. */
const shared = dense64('up', x);
const OPAQUE: Readonly<Record<string, Graph>> = {
  'a GELU': readTwice(asActivation(op.Gelu(dense64('up', x)))),
  'one of its readers is no product': ((): Graph => {
    const value = asActivation(op.LayerNormalization(x, vector('scale'), vector('bias'), { axis: -1 }));
    return graphOf([x], ops('residual').Add(dense64('query', value), value));
  })(),
  'an output of the graph': ((): Graph => {
    const { inputs, outputs } = readTwice(activation);
    return { inputs, outputs: [...outputs, { name: 'norm', value: activation }] };
  })(),
  'a value that is read on the way': readTwice(
    asActivation(op.Mul(op.Relu(shared), ops('other').Tanh(op.Relu(shared)))),
  ),
  'a sum of activations': readTwice(asActivation(op.Add(dense64('up', x), skip))),
  'one number for all channels': readTwice(asActivation(op.Add(dense64('up', x), weight('bias', [1])))),
};

const sameBits = async (a: Graph, b: Graph, values = feeds): Promise<boolean> =>
  largestDifference(await run(a, values, folder()), await run(b, values, folder())) === 0;

describe('factors go into the constants that make the activation', () => {
  test.each(Object.entries(ABSORBING))('%s', async (_, value) => {
    const graph = readTwice(asActivation(value));
    const { graph: made, smoothed: names, divided } = smooth(graph);
    expect({ names, divided }).toEqual({ names: ['norm/Mul'], divided: [] });
    expect(operators(made)).toEqual(operators(graph));
    expect(await sameBits(graph, made)).toBe(true);
    // The activation itself is another one, or nothing would have been gained.
    const activationOf = ({ outputs: [output] }: Graph): Value =>
      ((output!.value as NodeOutput).node.inputs[0] as NodeOutput).node.inputs[0]!;
    expect(await sameBits(graphOf([x], activationOf(graph)), graphOf([x], activationOf(made)))).toBe(false);
  });

  test.each(Object.entries(OPAQUE))('or are an operator: %s', async (_, graph) => {
    const { graph: made, smoothed: names, divided } = smooth(graph);
    expect({ names, divided }).toEqual({ names: ['norm/Mul'], divided: ['norm/Mul'] });
    const muls = (of: Graph): number => operators(of).filter(name => name === 'Mul').length;
    expect(muls(made)).toBe(muls(graph) + 1);
    expect(await sameBits(graph, made)).toBe(true);
  });

  test('a scale that is computed of weights alone is multiplied with them: the session does both when it loads the model', async () => {
    const scale = ops('norm').Add(vector('scale'), weight('one', [1]));
    const graph = readTwice(asActivation(op.Mul(skip, scale)));
    const { graph: made, divided } = smooth(graph);
    expect(divided).toEqual([]);
    expect(operators(made).sort()).toEqual([...operators(graph), 'Mul'].sort());
    const beforehand = computedBeforehand(made);
    const before = nodesOf(made).filter(({ outputs: [output] }) => beforehand.has(output!));
    expect(before.map(({ op: name }) => name)).toEqual(['Add', 'Mul']);
    expect(await sameBits(graph, made)).toBe(true);
  });

  test('a weight before that is used elsewhere, too, stays', () => {
    const twice = square('up');
    const value = asActivation(ops('a').MatMul(x, twice));
    const other = ops('b').MatMul(skip, twice);
    const graph = graphOf([x], ops('sum').Add(dense64('query', value), other));
    expect(smooth(graph).divided).toEqual(['norm/Mul']);
  });

  test('what is saved for nothing need not be half of the error', () => {
    const mild = gains.map(gain => (gain > 1 ? 4 : 1) * LARGEST);
    const table = { ...ranges, 'norm/Mul': { ...ranges['norm/Mul']!, min: -4 * LARGEST, max: 4 * LARGEST } };
    const found = (graph: Graph) => smoothed(graph, { ranges: table, channelsOf: () => mild, bytesOf });
    const into = found(readTwice(activation));
    const divided = found(OPAQUE['an output of the graph']!);
    expect(into.ok && into.value.smoothed).toEqual(['norm/Mul']);
    expect(divided.ok && divided.value.smoothed).toEqual([]);
  });

  test('whatever the channels are, float32 keeps its bits', async () => {
    const magnitudes = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: CHANNELS,
      maxLength: CHANNELS,
    });
    const forms = fc.constantFrom(
      ...Object.values(ABSORBING).map(asActivation).map(readTwice),
      ...Object.values(OPAQUE),
    );
    await fc.assert(
      fc.asyncProperty(forms, magnitudes, fc.integer({ min: 1, max: 1000 }), async (graph, exponents, seed) => {
        const { graph: made } = smooth(
          graph,
          exponents.map(exponent => 10 ** exponent),
        );
        expect(await sameBits(graph, made, { x: random([3, CHANNELS], seed) })).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

test('factors are powers of two, also where a channel or a row is zero', () => {
  const channels = gains.map((gain, channel) => [gain, 0, 1e-30][channel % 3]!);
  const rows = gains.map((_, channel) => [1, 1, 0, 1e-40][channel % 4]!);
  const found = bestFactors(channels, rows, { min: -100, max: 100 });
  expect(found).toBeDefined();
  for (const factor of found!) expect(Number.isInteger(Math.log2(factor)) && factor > 0).toBe(true);
  expect(bestFactors([0, 0], [0, 0], { min: 0, max: 0 })).toBeUndefined();
});
