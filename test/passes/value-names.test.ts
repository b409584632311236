import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { everyNodeOf, type Graph, type NodeOutput } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { readModel } from '../../src/onnx/read.js';
import { DIALECTS, PIPELINES } from '../../src/passes/pipelines.js';
import { runPipeline } from '../../src/passes/run-pipeline.js';
import { exportStage } from '../../src/stages/export.js';
import { readReference, referenceNames } from '../support/reference.js';
import { runStage } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { graphOf, input } from './support.js';

const folder = temporaryFolders();

const outputsOf = (graph: Graph): NodeOutput[] => [...everyNodeOf(graph)].flatMap(node => node.outputs);

/** What a product with a weight, a normalisation or an attention reads: what quantisers ask ranges for. */
const READERS: ReadonlySet<string> = new Set(['MatMul', 'FusedMatMul', 'Gemm', 'LayerNormalization', 'Softmax']);

test.each(referenceNames())('%s: what a pass re-makes is called as in the export', async name => {
  const { folder: checkpoint, task } = readReference(name);
  const outputs = ['model'];
  const done = await runStage(exportStage, folder(), { params: { task }, inputs: { checkpoint }, outputs });
  // Families that are not exported yet.
  if (!done.ok) return;
  const model = done.value.model!;
  for (const file of readdirSync(model).filter(entry => entry.endsWith('.onnx'))) {
    const read = readModel(join(model, file), { dataFolder: checkpoint });
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const known = new Set(outputsOf(read.value.graph).map(output => output.name));
    // Optional outputs that nobody reads.
    known.delete(undefined);
    for (const dialect of DIALECTS) {
      const { graph } = runPipeline(read.value.graph, PIPELINES[dialect]);
      const lost = [...everyNodeOf(graph)]
        .filter(node => READERS.has(node.op))
        .flatMap(node => (node.inputs[0]?.kind === 'output' ? [node.inputs[0]] : []))
        .filter(value => !known.has(value.name));
      expect(lost.map(value => `${value.node.path}/${value.node.op} (${value.name})`)).toEqual([]);
      const names = outputsOf(graph).flatMap(output => (output.name === undefined ? [] : [output.name]));
      expect(new Set(names).size).toBe(names.length);
    }
  }
});

test('a name that is kept is given to nobody else', () => {
  const x = input('x', ['batch', 4]);
  const op = ops('layer');
  const kept = op.Relu(x);
  Object.assign(kept, { name: 'layer/Relu_1' });
  const graph = graphOf([x], op.Add(op.Relu(op.Relu(kept)), x));
  const text = new TextDecoder('latin1').decode(encodeModel(graph).bytes);
  const found = [...text.matchAll(/layer\/Relu(?:_\d)?(?![\w/])/g)].map(([match]) => match);
  expect(new Set(found)).toEqual(new Set(['layer/Relu', 'layer/Relu_1', 'layer/Relu_2']));
});
