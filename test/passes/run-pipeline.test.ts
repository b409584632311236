import { describe, expect, test } from 'vitest';
import { type Graph, makeNode } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import type { Pass } from '../../src/graph/pass.js';
import { printGraph } from '../../src/graph/print.js';
import { DIALECTS, PIPELINES } from '../../src/passes/pipelines.js';
import { removeNoOps } from '../../src/passes/remove-no-ops.js';
import { runPipeline } from '../../src/passes/run-pipeline.js';
import { openCheckpoint } from '../../src/weights/checkpoint.js';
import { exportGraph } from '../support/architectures.js';
import { readReference } from '../support/reference.js';
import { graphOf, input } from './support.js';

const x = input('x', ['batch', 4]);
const op = ops('layer');

/** A pass with a fault: what it makes has another type than its operator gives. */
const faulty: Pass = {
  name: 'faulty',
  run: graph => ({
    graph: graphOf(
      [x],
      makeNode({ op: 'Relu', domain: '', path: 'layer', inputs: [x], attributes: {} }, [{ dtype: 'int64', shape: [7] }])
        .outputs[0]!,
    ),
    fired: graph.outputs.length,
    refused: [],
  }),
};

test('the report counts what each pass did, and the operators before and after', () => {
  const graph = graphOf([x], op.Gelu(op.Identity(op.Identity(x))));
  expect(runPipeline(graph, [removeNoOps, removeNoOps]).report).toEqual({
    passes: { 'remove-no-ops': 2 },
    refused: [],
    before: { Identity: 2, 'com.microsoft.Gelu': 1 },
    after: { 'com.microsoft.Gelu': 1 },
  });
});

test('a pass that leaves an illegal graph is named, with those before it', () => {
  const graph = graphOf([x], op.Relu(x));
  expect(() => runPipeline(graph, [faulty])).toThrow('internal error: the graph is not legal after faulty:\n');
  expect(() => runPipeline(graph, [removeNoOps, faulty])).toThrow('not legal after faulty (after remove-no-ops):\n');
});

describe('the pipelines', () => {
  const exported = (name: string): Graph => {
    const { folder, task } = readReference(name);
    const checkpoint = openCheckpoint(folder);
    const model = checkpoint.ok ? exportGraph(checkpoint.value, { task }) : checkpoint;
    if (!model.ok) throw new Error(JSON.stringify(model.error));
    return model.value.graphs['model.onnx']!;
  };

  test.each(DIALECTS)('%s: a second run finds nothing more to do', dialect => {
    const { graph } = runPipeline(exported('bert_fillmask'), PIPELINES[dialect]);
    const again = runPipeline(graph, PIPELINES[dialect]);
    expect(printGraph(again.graph)).toBe(printGraph(graph));
    expect(Object.values(again.report.passes).every(fired => fired === 0)).toBe(true);
  });

  test('portable: plain ONNX only', () => {
    const { report } = runPipeline(exported('bert_seqcls'), PIPELINES.portable);
    expect(Object.keys(report.after).filter(name => name.includes('.'))).toEqual([]);
    expect(report.after.LayerNormalization).toBe(5);
  });

  test('onnxruntime-cpu: the whole of an encoder', () => {
    const { report } = runPipeline(exported('bert_seqcls'), PIPELINES['onnxruntime-cpu']);
    expect(report.after).toEqual({
      Add: expect.any(Number),
      Cast: 1,
      Gather: expect.any(Number),
      LayerNormalization: 5,
      MatMul: 14,
      Range: 1,
      Shape: 1,
      Squeeze: 1,
      Sum: 4,
      Tanh: 1,
      'com.microsoft.Gelu': 2,
      'com.microsoft.MultiHeadAttention': 2,
    });
    expect(report.refused).toEqual([
      {
        rule: 'residual-sum',
        at: 'bert.embeddings',
        reason: 'the operands are broadcast, which ONNX Runtime does not fuse either',
      },
    ]);
  });

  test('cleaning is optional: the fusions find the same without it where the graph is ours', () => {
    const graph = exported('bert_seqcls');
    const fusions = PIPELINES['onnxruntime-cpu'].filter(({ name }) => name.startsWith('fuse-'));
    const { report } = runPipeline(graph, fusions);
    expect(report.after).toMatchObject({ 'com.microsoft.MultiHeadAttention': 2, 'com.microsoft.Gelu': 2 });
  });
});
