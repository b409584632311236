import { describe, expect, test } from 'vitest';
import { isConstant, scalarOf } from '../../src/graph/constants.js';
import { roundedTo } from '../../src/graph/elements.js';
import { type Graph, nodesOf, type Value } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { producer } from '../../src/graph/pass.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { raiseOpset } from '../../src/passes/raise-opset.js';
import { operatorCounts } from '../../src/passes/run-pipeline.js';
import {
  type ExplicitGraph,
  type ExplicitOptions,
  quantizeExplicitly,
  type StoredFormat,
} from '../../src/quantization/explicit-quantization.js';
import type { TensorRange } from '../../src/quantization/ranges.js';
import { lintForTensorRT } from '../../src/targets/tensorrt/lint.js';
import { graphOf, input, weight } from '../passes/support.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { channelMaxima, observed, weightMaximum } from './observe.js';
import { callsOf, feedsFor, graphsOf, outputsOf, portableReferences, relativeError } from './support.js';

const folder = temporaryFolders();

/**
 * The largest relative error of all outputs together. The weights are random: every rounding counts, none cancels. The
 * largest that were found are 0.13 (int8, the rest float16), 0.19 (the rest float32) and 0.42 (float8, which keeps 4
 * binary digits).
 */
const TOLERANCE: Readonly<Record<StoredFormat, number>> = { int8: 0.25, float8e4m3fn: 0.5 };

function quantized(
  graph: Graph,
  rangeOf: (value: Value) => TensorRange | undefined,
  options: Partial<ExplicitOptions> = {},
): ExplicitGraph {
  const all = { stored: 'int8' as const, typed: true, longestSequence: 128, ...options };
  const made = quantizeExplicitly(graph, { rangeOf, weightMaximum, channelMaxima }, all);
  return all.typed ? { ...made, graph: raiseOpset.run(made.graph).graph } : made;
}

/** How far the whole case is from fp32, file by file. */
async function errorsOf(
  name: string,
  options: Partial<ExplicitOptions>,
  change: (range: TensorRange | undefined) => TensorRange | undefined = range => range,
): Promise<readonly number[]> {
  const { exported, portable } = graphsOf(name);
  const calls = await callsOf(name, exported, folder);
  const errors: number[] = [];
  for (const [file, graph] of Object.entries(portable)) {
    const own = calls.filter(call => call.file === file);
    const feeds = own.map(call => feedsFor(graph, call.feeds));
    const ranges = await observed(graph, feeds, folder());
    const { graph: typed, quantized: paths } = quantized(graph, value => change(ranges.get(value)), options);
    const [opset, irVersion, version] = options.typed === false ? ([17, 8, '8.6'] as const) : ([19, 9, '10'] as const);
    expect(verifyGraph(typed, { opset })).toEqual([]);
    expect(lintForTensorRT(typed, version, opset)).toEqual([]);
    expect(paths.length).toBeGreaterThan(5);
    errors.push(relativeError(own, await outputsOf(typed, feeds, folder(), { opset, irVersion })));
  }
  return errors;
}

test.each(portableReferences())('%s in int8, the rest in float16', async name => {
  for (const error of await errorsOf(name, {})) expect(error).toBeLessThan(TOLERANCE.int8);
});

const SPREAD = ['bert_seqcls', 'llama', 'modernbert_fillmask', 't5_v11'];

test.each(SPREAD)('%s in int8 for TensorRT 8.6', async name => {
  for (const error of await errorsOf(name, { typed: false })) expect(error).toBeLessThan(TOLERANCE.int8);
});

test.each(portableReferences())('%s in float8, the rest in float16', async name => {
  for (const error of await errorsOf(name, { stored: 'float8e4m3fn' }))
    expect(error).toBeLessThan(TOLERANCE.float8e4m3fn);
});

test('the tolerances catch ranges that are a tenth of what they should be', async () => {
  const tenth = (range: TensorRange | undefined) => range && { ...range, min: range.min / 10, max: range.max / 10 };
  expect((await errorsOf('bert_seqcls', {}, tenth))[0]).toBeGreaterThan(TOLERANCE.int8);
  expect((await errorsOf('bert_seqcls', { stored: 'float8e4m3fn' }, tenth))[0]).toBeGreaterThan(TOLERANCE.float8e4m3fn);
});

describe('placement', () => {
  const op = ops('layer');
  const range: TensorRange = {
    min: -12.7,
    max: 6,
    smallestMagnitude: 0.01,
    elements: 1000,
    nonFinite: 0,
    belowNormal: 0,
    vanishing: 0,
  };
  const x = input('x', ['batch_size', 'sequence_length', 32]);
  const heads = (value: Value) => op.Transpose(op.Reshape(value, [0, 0, 2, 16]), { perm: [0, 2, 1, 3] });
  const linear = (value: Value, name: string) =>
    op.Add(op.MatMul(value, weight(name, [32, 32])), weight(`${name}.bias`, [32]));
  const hidden = op.LayerNormalization(op.Relu(x), weight('g', [32]), weight('b', [32]));
  const [q, k, v] = ['q', 'k', 'v'].map(name => heads(linear(hidden, name))) as [Value, Value, Value];
  const weights = op.Softmax(op.MatMul(q, op.Transpose(k, { perm: [0, 1, 3, 2] })), { axis: -1 });
  const context = op.Reshape(op.Transpose(op.MatMul(weights, v), { perm: [0, 2, 1, 3] }), [0, 0, 32]);
  const summed = op.Add(hidden, linear(context, 'o'));
  const graph = graphOf([x], op.MatMul(summed, weight('classifier', [32, 16])));
  const asked = (
    options: Partial<ExplicitOptions> = {},
    rangeOf: (value: Value) => TensorRange | undefined = () => range,
  ) => {
    const made = quantized(graph, rangeOf, options);
    expect(lintForTensorRT(made.graph, '10', 19)).toEqual([]);
    return { ...made, counts: operatorCounts(made.graph) };
  };

  test('products with a weight, both products of attention, the residual; not the last product', () => {
    const { counts, left, residuals } = asked();
    // hidden (read by q, k, v and the sum: once), q, k, v, the probabilities, the context.
    expect(counts.QuantizeLinear).toBe(6);
    // The same, and the four weights, which are int8 already.
    expect(counts.DequantizeLinear).toBe(10);
    expect(residuals).toBe(1);
    expect(left).toEqual([{ path: 'layer', reason: 'the last product: its few numbers are what the model says' }]);
  });

  test('keys and values are read by the calls that follow: they are not the last product', () => {
    const outputs = [...graph.outputs, { name: 'present.0.key', value: k }, { name: 'present.0.value', value: v }];
    const { left } = quantized({ ...graph, outputs }, () => range);
    expect(left).toEqual([{ path: 'layer', reason: 'the last product: its few numbers are what the model says' }]);
  });

  test.each([
    ['int8', 127],
    ['float8e4m3fn', 448],
  ] as const)('%s: symmetric, up to %d; probabilities reach 1', (stored, largest) => {
    const activations = nodesOf(asked({ stored }).graph).filter(
      node => node.op === 'QuantizeLinear' && !isConstant(node.inputs[0]),
    );
    expect(activations).toHaveLength(6);
    for (const { inputs } of activations) {
      const reach = producer(inputs[0], 'Softmax') ? 1 : 12.7;
      expect(scalarOf(inputs[1])).toBe(roundedTo('float16', reach / largest));
      expect(inputs[2]).toMatchObject({ type: { dtype: stored, shape: [] } });
      expect(scalarOf(inputs[2])).toBe(0);
    }
  });

  test('attention: all of it or nothing', () => {
    const reasons = (options: Partial<ExplicitOptions>, rangeOf?: (value: Value) => TensorRange | undefined) =>
      asked(options, rangeOf).left.map(({ reason }) => reason);
    expect(reasons({ longestSequence: 513 })).toContain('texts of up to 513 tokens: attention is quantised up to 512');
    const unseen = asked({}, value => (value === v ? undefined : range));
    expect(unseen.left.map(({ reason }) => reason)).toContain('an operand was not observed');
    // Without q, k, v and the probabilities.
    expect(unseen.counts.QuantizeLinear).toBe(2);
  });

  test('what a scale in float16 cannot say stays in float16', () => {
    const tiny = { ...range, min: -0.007, max: 0.007 };
    const { left, counts } = asked({}, value => (value === context ? tiny : range));
    expect(left.map(({ reason }) => reason)).toContain('an operand of at most 0.007: its scale is too small');
    expect(counts.QuantizeLinear).toBe(5);
    expect(asked({ typed: false }, value => (value === context ? tiny : range)).counts.QuantizeLinear).toBe(6);
  });
});
