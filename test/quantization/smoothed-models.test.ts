import { join } from 'node:path';
import { expect, test } from 'vitest';
import { everyNodeOf, type Graph } from '../../src/graph/graph.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { readModel } from '../../src/onnx/read.js';
import { writeModel } from '../../src/onnx/write.js';
import { operatorCounts } from '../../src/passes/run-pipeline.js';
import { weightOf } from '../../src/quantization/products.js';
import type { RangeTable } from '../../src/quantization/ranges.js';
import { smoothed } from '../../src/quantization/smoothing.js';
import { firstCall } from '../../src/runtime/generation/cache.js';
import { modelFilesOf, openModel } from '../../src/runtime/open-model.js';
import type { Tensors } from '../../src/runtime/session.js';
import { materialize } from '../../src/weights/materialize.js';
import { run } from '../support/exported.js';
import { readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { build } from './support.js';

const folder = temporaryFolders();

/** Every activation of a product has outliers: each fifth channel is a hundred times as large as the others. */
function pretended(graph: Graph) {
  const channels = new Map<string, readonly number[]>();
  const ranges: Record<string, RangeTable[string]> = {};
  for (const node of everyNodeOf(graph)) {
    const [x] = node.inputs;
    const width = x?.type.shape.at(-1);
    if (weightOf(node) === undefined || x?.kind !== 'output' || x.name === undefined || typeof width !== 'number')
      continue;
    channels.set(
      x.name,
      Array.from({ length: width }, (_, channel) => (channel % 5 === 2 ? 100 : 1)),
    );
    const none = { smallestMagnitude: 0, nonFinite: 0, belowNormal: 0, vanishing: 0 };
    ranges[x.name] = { min: -100, max: 100, elements: width, ...none };
  }
  return { ranges, channelsOf: (name: string) => channels.get(name) };
}

/** Writes every file of a model smoothed; how many activations of all files were, and for how many it took an operator. */
async function smoothedModel(from: string, to: string) {
  const counts = { smoothed: 0, divided: 0 };
  for (const file of modelFilesOf(from)) {
    const model = readModel(join(from, file), { dataFolder: from });
    if (!model.ok) throw new Error(JSON.stringify(model.error));
    const { graph } = model.value;
    const made = smoothed(graph, { ...pretended(graph), bytesOf: ({ tensor }) => materialize(tensor) });
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    expect(verifyGraph(made.value.graph)).toEqual([]);
    const muls = (of: Graph): number => operatorCounts(of).Mul ?? 0;
    expect(muls(made.value.graph)).toBe(muls(graph) + made.value.divided.length);
    const written = await writeModel(made.value.graph, { folder: to, file });
    if (!written.ok) throw new Error(JSON.stringify(written.error));
    counts.smoothed += made.value.smoothed.length;
    counts.divided += made.value.divided.length;
  }
  return counts;
}

async function outputsOf(model: string, batches: readonly { readonly inputs: Tensors }[]): Promise<Tensors[]> {
  const opened = await openModel(model, { threads: 1, graphOptimizationLevel: 'disabled' });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { whole } = opened.value;
  const names = new Set(whole.inputs.map(({ name }) => name));
  const outputs: Tensors[] = [];
  for (const { inputs } of batches) {
    const given = Object.fromEntries(Object.entries(inputs).filter(([name]) => names.has(name)));
    outputs.push(await run(whole, firstCall(whole.inputs, given)));
  }
  await whole.release();
  return outputs;
}

/**
 * How many activations are smoothed, and for how many of them it takes an operator. Where layers begin with their normalisation, those are what
 * attention and GELU give; where residuals read what was normalised, nearly all.
 */
test.each([
  ['bert_seqcls', 9, 9],
  ['bart', 20, 19],
  ['modernbert_seqcls', 15, 4],
  ['vit', 8, 4],
  ['gpt2', 9, 4],
  ['opt', 9, 2],
  ['llama', 9, 2],
  ['phi3', 9, 2],
  ['gemma2', 8, 6],
  ['t5', 21, 6],
  ['t5_v11', 21, 6],
  ['whisper', 21, 10],
])('%s computes the same bits, %i activations smoothed, %i by an operator', async (name, all, byOperator) => {
  const reference = readReference(name);
  const at = folder();
  const { optimized } = await build(reference.folder, reference.task, at);
  const to = join(at, 'smoothed');
  const counts = await smoothedModel(optimized, to);
  expect(counts).toEqual({ smoothed: all, divided: byOperator });
  const [before, after] = [await outputsOf(optimized, reference.batches), await outputsOf(to, reference.batches)];
  expect(after).toEqual(before);
});
