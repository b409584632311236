import type { Graph } from '../../src/graph/graph.js';
import { writeModel } from '../../src/onnx/write.js';
import { PIPELINES } from '../../src/passes/pipelines.js';
import { runPipeline } from '../../src/passes/run-pipeline.js';
import { splitDecoder } from '../../src/passes/split-branches.js';
import { openSession, type Tensors, type TensorValue } from '../../src/runtime/session.js';
import { openCheckpoint } from '../../src/weights/checkpoint.js';
import { ARCHITECTURES, exportGraph } from '../support/architectures.js';
import { emptyCache, int64, rowsOf } from '../support/decoding.js';
import { readReference, referenceNames } from '../support/reference.js';

export type Graphs = Readonly<Record<string, Graph>>;

/** The export of a reference case, as it is and in the portable form that TensorRT gets. */
export function graphsOf(name: string): { readonly exported: Graphs; readonly portable: Graphs } {
  const { folder, task } = readReference(name);
  const checkpoint = openCheckpoint(folder);
  if (!checkpoint.ok) throw new Error(JSON.stringify(checkpoint.error));
  const exported = exportGraph(checkpoint.value, { task });
  if (!exported.ok) throw new Error(JSON.stringify(exported.error));
  const split = Object.entries(exported.value.graphs).flatMap(([file, graph]) =>
    Object.entries(splitDecoder(graph) ?? { [file]: graph }),
  );
  const portable = split.map(([file, graph]) => [file, runPipeline(graph, PIPELINES.portable).graph] as const);
  return { exported: exported.value.graphs, portable: Object.fromEntries(portable) };
}

/** Names of all cases whose family can be exported. */
export const portableReferences = (): readonly string[] =>
  referenceNames().filter(name => {
    const { folder, modelType, task } = readReference(name);
    const checkpoint = openCheckpoint(folder);
    const isKnown = ARCHITECTURES.some(known => known.modelType === modelType);
    return isKnown && checkpoint.ok && exportGraph(checkpoint.value, { task }).ok;
  });

/** One call of a model file, and what the fp32 export answers. */
export interface Call {
  readonly file: string;
  readonly feeds: Tensors;
  readonly expected: Tensors;
  /** [batch, sequence] of 0 and 1 for outputs that have a row for each position; those at 0 are not defined. */
  readonly mask: TensorValue | undefined;
}

/** Writes a graph and runs it once on each of the inputs, without the session's own rewriting where `plainly`. */
export async function outputsOf(
  graph: Graph,
  feeds: readonly Tensors[],
  folder: string,
  options: { readonly opset?: number; readonly irVersion?: number } = {},
): Promise<readonly Tensors[]> {
  const { opset = 17, irVersion = 8 } = options;
  const written = await writeModel(graph, { folder, file: 'model.onnx', opsets: { '': opset }, irVersion });
  if (!written.ok) throw new Error(JSON.stringify(written.error));
  const session = await openSession(folder, 'model.onnx', { threads: 1, graphOptimizationLevel: 'basic' });
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  const outputs: Tensors[] = [];
  for (const feed of feeds) {
    const result = await session.value.run(feed);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    outputs.push(result.value);
  }
  await session.value.release();
  return outputs;
}

const CACHE = /^present\./;
const withoutCache = (outputs: Tensors): Tensors =>
  Object.fromEntries(Object.entries(outputs).filter(([name]) => !CACHE.test(name)));

/** A few calls of every file of a case: its batches, and for encoder-decoders the first call and the one after it. */
export async function callsOf(name: string, exported: Graphs, temporary: () => string): Promise<readonly Call[]> {
  const { batches } = readReference(name);
  if (exported['model.onnx']) {
    const graph = exported['model.onnx'];
    const feeds = batches.map(({ inputs }) => ({ ...inputs, ...emptyPast(graph, inputs) }));
    const outputs = await outputsOf(graph, feeds, temporary());
    return feeds.map((feed, index) => ({
      file: 'model.onnx',
      feeds: feed,
      expected: withoutCache(outputs[index]!),
      mask: feed.attention_mask,
    }));
  }
  const calls: Call[] = [];
  const encoder = exported['encoder_model.onnx']!;
  const decoder = exported['decoder_model_merged.onnx']!;
  for (const { inputs } of batches) {
    const encoderFeeds = Object.fromEntries(encoder.inputs.map(input => [input.name, inputs[input.name]!]));
    const [encoded] = await outputsOf(encoder, [encoderFeeds], temporary());
    calls.push({ file: 'encoder_model.onnx', feeds: encoderFeeds, expected: encoded!, mask: inputs.attention_mask });
    const rows = rowsOf(inputs.decoder_input_ids!);
    const ids = int64(rows.map(row => (row.length > 1 ? row.slice(0, -1) : row)));
    const common = {
      ...(inputs.attention_mask ? { encoder_attention_mask: inputs.attention_mask } : {}),
      encoder_hidden_states: encoded!.last_hidden_state!,
    };
    const first = { ...common, input_ids: ids, ...emptyPast(decoder, { input_ids: ids }), use_cache_branch: flag(0) };
    const [answered] = await outputsOf(decoder, [first], temporary());
    const past = Object.entries(answered!).filter(([output]) => CACHE.test(output));
    const cache = Object.fromEntries(
      past.map(([output, value]) => [output.replace('present', 'past_key_values'), value]),
    );
    const next = { ...common, input_ids: int64(rows.map(row => [row.at(-1)!])), ...cache, use_cache_branch: flag(1) };
    const [continued] = await outputsOf(decoder, [next], temporary());
    const mask = undefined;
    calls.push({ file: 'decoder_model.onnx', feeds: first, expected: withoutCache(answered!), mask });
    calls.push({ file: 'decoder_with_past_model.onnx', feeds: next, expected: withoutCache(continued!), mask });
  }
  return calls;
}

const flag = (value: 0 | 1): TensorValue => ({ dtype: 'bool', shape: [1], data: Uint8Array.of(value) });

const emptyPast = ({ inputs }: Graph, { input_ids: ids }: Tensors): Tensors =>
  emptyCache({ inputs: inputs.map(({ name, type }) => ({ name, ...type })) }, ids?.shape[0] ?? 1);

/** What a graph reads of the feeds: forms of a model may leave inputs out. */
export const feedsFor = ({ inputs }: Graph, feeds: Tensors): Tensors =>
  Object.fromEntries(inputs.map(({ name }) => [name, feeds[name]!]));

/** The largest difference of any output of a call from what is expected; Infinity for NaN, and where shapes differ. */
export function errorOf({ expected, mask }: Call, found: Tensors): number {
  let largest = 0;
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const value = found[name];
    if (value === undefined || `${value.shape}` !== `${shape}`) return Number.POSITIVE_INFINITY;
    const isPerPosition = mask !== undefined && `${shape.slice(0, 2)}` === `${mask.shape}`;
    const width = isPerPosition ? data.length / mask.data.length : 1;
    for (let i = 0; i < data.length; i++) {
      if (isPerPosition && mask.data[Math.floor(i / width)] === 0n) continue;
      const error = Math.abs(Number(value.data[i]) - Number(data[i]));
      if (Number.isNaN(error)) return Number.POSITIVE_INFINITY;
      largest = Math.max(largest, error);
    }
  }
  return largest;
}

/** The largest magnitude that is expected of any output of a call. */
export const magnitudeOf = ({ expected }: Call): number =>
  Math.max(
    ...Object.values(expected).map(({ data }) =>
      Array.from(data, Number).reduce((a, b) => Math.max(a, Math.abs(b)), 0),
    ),
  );

/** Root mean square of the differences in all outputs of some calls, as a part of that of what is expected. */
export function relativeError(calls: readonly Call[], found: readonly Tensors[]): number {
  let [difference, total] = [0, 0];
  for (const [index, { expected, mask }] of calls.entries()) {
    for (const [name, { shape, data }] of Object.entries(expected)) {
      const isPerPosition = mask !== undefined && `${shape.slice(0, 2)}` === `${mask.shape}`;
      const width = isPerPosition ? data.length / mask.data.length : 1;
      for (let i = 0; i < data.length; i++) {
        if (isPerPosition && mask.data[Math.floor(i / width)] === 0n) continue;
        difference += (Number(found[index]![name]!.data[i]) - Number(data[i])) ** 2;
        total += Number(data[i]) ** 2;
      }
    }
  }
  return Math.sqrt(difference / total);
}
