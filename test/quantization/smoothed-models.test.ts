import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { everyNodeOf, type Graph } from '../../src/graph/graph.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { readModel } from '../../src/onnx/read.js';
import { writeModel } from '../../src/onnx/write.js';
import { computedBeforehand, weightOf } from '../../src/quantization/products.js';
import type { RangeTable } from '../../src/quantization/ranges.js';
import { smoothed } from '../../src/quantization/smoothing.js';
import { firstCall } from '../../src/runtime/generation/cache.js';
import { modelFilesOf, openModel } from '../../src/runtime/open-model.js';
import type { Tensors } from '../../src/runtime/session.js';
import { materialize } from '../../src/weights/materialize.js';
import { readSafetensorsHeader } from '../../src/weights/safetensors.js';
import { run } from '../support/exported.js';
import { readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { build, buildCalibrated, withoutPadding } from './support.js';

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
    const muls = (of: Graph): number => {
      const beforehand = computedBeforehand(of);
      return [...everyNodeOf(of)].filter(({ op, outputs: [output] }) => op === 'Mul' && !beforehand.has(output!))
        .length;
    };
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
  ['gemma2', 9, 2],
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

/** Scales of normalisations become this many times as large in some channels, and what reads them as many times smaller there. */
const PLANTED = [3, 17];
const FACTOR = 64;
const NORMS: Readonly<Record<string, readonly string[]>> = {
  input_layernorm: ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  post_attention_layernorm: ['mlp.gate_proj', 'mlp.up_proj'],
};

/** A copy of Qwen2 that computes the same, with outliers in what its first layer's normalisations give. */
function withOutliers(checkpoint: string): string {
  const copy = folder();
  cpSync(checkpoint, copy, { recursive: true });
  const file = join(copy, 'model.safetensors');
  const header = readSafetensorsHeader(file);
  if (!header.ok) throw new Error(JSON.stringify(header.error));
  const bytes = readFileSync(file);
  const scale = (name: string, factor: number): void => {
    const { data, shape, dtype } = header.value.tensors.get(`model.layers.0.${name}.weight`)!;
    if (data.from !== 'file' || dtype !== 'float32') throw new Error(`${name} is ${data.from} of ${dtype}`);
    for (let at = 0; at < data.byteLength / 4; at++) {
      const place = data.offset + 4 * at;
      if (PLANTED.includes(at % shape.at(-1)!)) bytes.writeFloatLE(bytes.readFloatLE(place) * factor, place);
    }
  };
  for (const [norm, readers] of Object.entries(NORMS)) {
    scale(norm, FACTOR);
    for (const reader of readers) scale(reader, 1 / FACTOR);
  }
  writeFileSync(file, bytes);
  return copy;
}

test('outliers planted in a Qwen2: int8 is far off, and smoothed as near as without them, with no operator more', async () => {
  const { folder: checkpoint, task, batches } = readReference('qwen2');
  const differences: Record<string, number> = {};
  for (const [planted, smoothing] of [
    [false, false],
    [true, false],
    [true, true],
  ] as const) {
    const [at, source] = [folder(), planted ? withOutliers(checkpoint) : checkpoint];
    const { optimized } = await build(source, task, at);
    const texts = withoutPadding(
      batches.map(({ inputs: { input_ids, attention_mask } }) => ({
        input_ids: input_ids!,
        attention_mask: attention_mask!,
      })),
    );
    const model = await buildCalibrated(source, texts, at, { smoothing });
    const [exact, found] = [await outputsOf(optimized, batches), await outputsOf(model, batches)];
    differences[`${planted ? 'planted' : 'as it is'}${smoothing ? ', smoothed' : ''}`] = relative(exact, found);
    if (!smoothing) continue;
    const { models } = JSON.parse(readFileSync(join(at, 'static.json'), 'utf8')) as {
      models: Record<string, { smoothed: readonly string[]; divided: readonly string[] }>;
    };
    const { smoothed: names, divided } = models['model.onnx']!;
    expect(divided).toEqual([]);
    expect(names.filter(name => /layers\.0\..*layernorm/.test(name))).toHaveLength(2);
  }
  const { 'as it is': plain, planted, 'planted, smoothed': smooth } = differences as Record<string, number>;
  expect(planted).toBeGreaterThan(5 * plain!);
  expect(smooth).toBeLessThan(1.2 * plain!);
});

/** Root mean square of the difference of the logits over that of what is expected. */
function relative(expected: readonly Tensors[], found: readonly Tensors[]): number {
  let [difference, size] = [0, 0];
  for (const [index, { logits }] of expected.entries()) {
    for (const [at, value] of (logits!.data as Float32Array).entries()) {
      difference += (Number(found[index]!.logits!.data[at]) - value) ** 2;
      size += value ** 2;
    }
  }
  return Math.sqrt(difference / size);
}
