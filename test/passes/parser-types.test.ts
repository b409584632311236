import { expect, test } from 'vitest';
import { dense, evaluate } from '../../src/graph/evaluate.js';
import { ops } from '../../src/graph/ops.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { parserTypes } from '../../src/passes/parser-types.js';
import { raiseOpset } from '../../src/passes/raise-opset.js';
import { applied, graphOf, input, operators, weight } from './support.js';

const op = ops('layer');
const ids = input('ids', [2, 4], 'int64');
const feeds = { ids: dense('int64', [2, 4], Float64Array.of(1, 0, 5, -3, 2, 2, 7, 1)) };

test('CumSum of integers runs on floats, and gives the same integers', () => {
  for (const attributes of [{}, { exclusive: 1 }, { reverse: 1 }, { exclusive: 1, reverse: 1 }]) {
    const graph = graphOf([ids], op.CumSum(ids, 1, attributes));
    const { graph: rewritten } = applied(parserTypes, graph);
    expect(operators(rewritten)).toEqual(['Cast', 'CumSum', 'Cast']);
    expect(evaluate(rewritten, feeds)).toEqual(evaluate(graph, feeds));
  }
});

test('Clip of integers is Max and Min; the upper bound wins, as in Clip', () => {
  for (const [low, high] of [
    [0, 5],
    [3, 1],
    [-9, 9],
  ] as const) {
    const graph = graphOf([ids], op.Clip(ids, low, high));
    const { graph: rewritten } = applied(parserTypes, graph);
    expect(operators(rewritten)).toEqual(['Max', 'Min']);
    expect(evaluate(rewritten, feeds)).toEqual(evaluate(graph, feeds));
  }
});

test('floats stay as they are', () => {
  const x = input('x', [2, 4]);
  const graph = graphOf([x], op.Clip(op.CumSum(x, 1), 0, 5));
  expect(applied(parserTypes, graph).graph).toBe(graph);
});

test('opset 19: axes of reductions become an input', () => {
  const x = input('x', [2, 4]);
  const graph = graphOf([x], op.ReduceMean(op.MatMul(x, weight('w', [4, 4])), { axes: [-1], keepdims: 1 }));
  const { graph: raised, fired } = raiseOpset.run(graph);
  expect(fired).toBe(1);
  expect(verifyGraph(raised, { opset: 19 })).toEqual([]);
  const [output] = raised.outputs;
  if (output?.value.kind !== 'output') throw new Error('no node');
  expect(output.value.node.attributes).toEqual({ keepdims: { kind: 'int', value: 1 } });
  expect(output.value.node.inputs).toHaveLength(2);
  const given = {
    x: dense(
      'float32',
      [2, 4],
      Float64Array.from({ length: 8 }, (_, i) => i / 3),
    ),
  };
  expect(evaluate(raised, given)).toEqual(evaluate(graph, given));
  expect(raiseOpset.run(raised).fired).toBe(0);
});
