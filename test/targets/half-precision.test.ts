import { expect, test } from 'vitest';
import { scalar, scalarOf } from '../../src/graph/constants.js';
import { dense, evaluate } from '../../src/graph/evaluate.js';
import type { Graph, Value } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { nodePass, replaced } from '../../src/graph/pass.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { applyPlan } from '../../src/quantization/apply-plan.js';
import type { HalfFormat } from '../../src/quantization/half-formats.js';
import { planPrecision } from '../../src/quantization/precision-plan.js';
import type { TensorRange } from '../../src/quantization/ranges.js';
import type { Tensors } from '../../src/runtime/session.js';
import { lintForTensorRT } from '../../src/targets/tensorrt/lint.js';
import { rowsOf } from '../support/decoding.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { bytesOf, observed, weightMaximum } from './observe.js';
import {
  type Call,
  callsOf,
  errorOf,
  feedsFor,
  graphsOf,
  magnitudeOf,
  outputsOf,
  portableReferences,
} from './support.js';

const folder = temporaryFolders();

/**
 * The largest error that an output may have, as a part of the largest magnitude of all. 16 bits keep 11 and 8 binary digits: one
 * rounding costs 2^-12 and 2^-9 of a value. The largest that were found are 0.010 and 0.063.
 */
const TOLERANCE: Readonly<Record<HalfFormat, number>> = { float16: 0.02, bfloat16: 0.12 };

const halved = (graph: Graph, format: HalfFormat, ranges: ReadonlyMap<Value, TensorRange>) =>
  applyPlan(graph, planPrecision(graph, format, { rangeOf: value => ranges.get(value), weightMaximum }));

const worst = (calls: readonly Call[], outputs: readonly Tensors[]): number =>
  Math.max(...calls.map((call, index) => errorOf(call, outputs[index]!) / magnitudeOf(call)));

test.each(portableReferences())('%s in float16', async name => {
  const { exported, portable } = graphsOf(name);
  const calls = await callsOf(name, exported, folder);
  for (const [file, graph] of Object.entries(portable)) {
    const own = calls.filter(call => call.file === file);
    const feeds = own.map(call => feedsFor(graph, call.feeds));
    const { graph: typed } = halved(graph, 'float16', await observed(graph, feeds, folder()));
    expect(verifyGraph(typed)).toEqual([]);
    expect(lintForTensorRT(typed, '10', 17)).toEqual([]);
    expect(worst(own, await outputsOf(typed, feeds, folder())), file).toBeLessThan(TOLERANCE.float16);
  }
});

/** As the graph says it: every result rounded to its format, which ONNX Runtime's CPU provider leaves out between operators. */
function evaluated(graph: Graph, feeds: Tensors): Tensors {
  const given = Object.entries(feeds).map(([name, { dtype, shape, data }]) => [
    name,
    dense(dtype, shape, Float64Array.from(Array.from<number | bigint, number>(data, Number))),
  ]);
  const outputs = Object.entries(evaluate(graph, Object.fromEntries(given), bytesOf));
  return Object.fromEntries(
    outputs.map(([name, { shape, data }]) => [name, { dtype: 'float32', shape, data: Float32Array.from(data) }]),
  );
}

/** One of each kind: positions that are learned, rotated, relative; both norms; windows; two files. */
const SPREAD = [
  'bert_seqcls',
  'deberta_v2_seqcls',
  'gemma3_text',
  'gpt2',
  'llama',
  'modernbert_seqcls',
  'st_bert_mean_norm',
  't5',
];

test.each(SPREAD.flatMap(name => (['float16', 'bfloat16'] as const).map(format => [name, format] as const)))(
  '%s in %s, every result rounded',
  async (name, format) => {
    const { exported, portable } = graphsOf(name);
    const calls = await callsOf(name, exported, folder);
    for (const [file, graph] of Object.entries(portable)) {
      const own = calls.filter(call => call.file === file).slice(0, 1);
      const feeds = own.map(call => feedsFor(graph, call.feeds));
      const { graph: typed } = halved(graph, format, await observed(graph, feeds, folder()));
      expect(verifyGraph(typed)).toEqual([]);
      expect(lintForTensorRT(typed, '10', 17)).toEqual([]);
      const outputs = feeds.map(feed => evaluated(typed, feed));
      expect(worst(own, outputs), file).toBeLessThan(TOLERANCE[format]);
    }
  },
);

/** The same function by way of numbers beyond 65504: the first normalised values, times 50000 and divided again. */
const detoured = (graph: Graph): Graph => {
  let done = false;
  const pass = nodePass('detour', () => node => {
    if (done || node.op !== 'LayerNormalization') return undefined;
    done = true;
    const op = ops('detour');
    return replaced(op.Mul(op.Mul(node.outputs[0]!, 50_000), 1 / 50_000));
  });
  return pass.run(graph).graph;
};

test('the tolerance catches a tensor that overflows', async () => {
  const { exported, portable } = graphsOf('bert_seqcls');
  const calls = await callsOf('bert_seqcls', exported, folder);
  const graph = detoured(portable['model.onnx']!);
  const feeds = calls.map(call => feedsFor(graph, call.feeds));
  const ranges = await observed(graph, feeds, folder());
  const { graph: typed } = halved(graph, 'float16', ranges);
  expect(worst(calls, await outputsOf(typed, feeds, folder()))).toBeLessThan(TOLERANCE.float16);
  const { graph: blind } = halved(graph, 'float16', new Map());
  const outputs = feeds.slice(0, 1).map(feed => evaluated(blind, feed));
  expect(worst(calls.slice(0, 1), outputs)).toBe(Number.POSITIVE_INFINITY);
});

test('the tolerance catches a mask that becomes minus infinity', async () => {
  const { exported, portable } = graphsOf('gpt2');
  // Padding on the left: what stands there sees nothing but what is masked.
  const calls = (await callsOf('gpt2', exported, folder)).filter(({ mask }) => rowsOf(mask!).some(row => row[0] === 0));
  expect(calls).not.toEqual([]);
  // As PyTorch's exporters write it.
  const graph = nodePass('lowest', () => node => {
    const op = ops(node.path);
    const [condition, whenTrue, whenFalse] = node.inputs as [Value, Value, Value];
    return node.op === 'Where' && scalarOf(whenFalse) === -30_000
      ? replaced(op.Where(condition, whenTrue, scalar('float32', -3.4028234663852886e38)))
      : undefined;
  }).run(portable['model.onnx']!).graph;
  expect(graph).not.toBe(portable['model.onnx']);
  const feeds = calls.map(call => feedsFor(graph, call.feeds));
  const ranges = await observed(graph, feeds, folder());
  const plan = planPrecision(graph, 'float16', { rangeOf: value => ranges.get(value), weightMaximum });
  const { graph: typed } = applyPlan(graph, plan);
  expect(
    worst(
      calls,
      feeds.map(feed => evaluated(typed, feed)),
    ),
  ).toBeLessThan(TOLERANCE.float16);
  const { graph: unmasked } = applyPlan(graph, { ...plan, masks: { ...plan.masks, constants: new Set() } });
  expect(
    worst(
      calls,
      feeds.map(feed => evaluated(unmasked, feed)),
    ),
  ).toBe(Number.POSITIVE_INFINITY);
});

test('a model that is wrong in one scalar is outside of the tolerance', async () => {
  const { exported, portable } = graphsOf('llama');
  const calls = await callsOf('llama', exported, folder);
  const graph = portable['model.onnx']!;
  const feeds = calls.map(call => feedsFor(graph, call.feeds));
  const faulty = nodePass('fault', () => node => {
    if (node.op !== 'Softmax') return undefined;
    const op = ops('fault');
    return replaced(op.Softmax(op.Mul(node.inputs[0]!, scalar('float32', 0.7)), { axis: -1 }));
  }).run(graph).graph;
  const { graph: typed } = halved(faulty, 'float16', await observed(faulty, feeds, folder()));
  expect(worst(calls, await outputsOf(typed, feeds, folder()))).toBeGreaterThan(TOLERANCE.float16);
});
