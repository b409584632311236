import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodesOf, valuesReadBy } from '../../src/graph/graph.js';
import { byteLengthOf, type Tensor } from '../../src/graph/tensor.js';
import { readModel } from '../../src/onnx/read.js';
import { skimmedModel } from '../../src/onnx/skim.js';
import { openSession } from '../../src/runtime/session.js';
import { importStage } from '../../src/stages/import.js';
import { readProto, TRACED, writeProto } from '../imports/support.js';
import { errorsOf } from '../support/exported.js';
import { readReference } from '../support/reference.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();
const reference = readReference('bert_seqcls');

const imported = (checkpoint: string, file: string) =>
  outputsOf(importStage, folder(), {
    params: { task: 'text-classification', file, labels: 2 },
    inputs: { checkpoint },
    outputs: ['model', 'interface'],
  });

/** The traced model with all weights of 1 KiB and more in a file of their own, at odd places. */
function withExternalData(checkpoint: string): string {
  mkdirSync(join(checkpoint, 'onnx'), { recursive: true });
  const model = readProto(TRACED);
  const parts: Uint8Array[] = [new Uint8Array(3)];
  let offset = 3;
  const initializer = model.graph!.initializer!.map(tensor => {
    const { raw_data: raw, ...rest } = tensor;
    if (raw === undefined || raw.length < 1024) return tensor;
    const place = { location: 'weights.bin', offset: `${offset}`, length: `${raw.length}` };
    parts.push(raw);
    offset += raw.length;
    return { ...rest, external_data: Object.entries(place).map(([key, value]) => ({ key, value })), data_location: 1 };
  });
  writeFileSync(join(checkpoint, 'onnx', 'weights.bin'), Buffer.concat(parts));
  writeProto(join(checkpoint, 'onnx'), { ...model, graph: { ...model.graph!, initializer } });
  return 'onnx/model.onnx';
}

/** Bytes of the weights that a model refers to, by the file in which they lie. */
function weightBytes(path: string, dataFolder: string): Record<string, number> {
  const model = readModel(path, { dataFolder });
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  const tensors = new Set<Tensor>();
  for (const node of nodesOf(model.value.graph)) {
    for (const value of valuesReadBy(node)) if (value.kind === 'constant') tensors.add(value.tensor);
  }
  const bytes: Record<string, number> = {};
  for (const tensor of tensors) {
    const { data } = tensor;
    if (data.from === 'file') bytes[data.file] = (bytes[data.file] ?? 0) + byteLengthOf(tensor);
  }
  return bytes;
}

async function largestError(model: string, dataFolder: string): Promise<number> {
  const session = await openSession(model, 'model.onnx', { dataFolder, threads: 1 });
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  const errors = await errorsOf(session.value, reference);
  await session.value.release();
  return Math.max(...Object.values(errors));
}

describe('weights', () => {
  test('that lie in files of their own stay there', async () => {
    const checkpoint = folder();
    const file = withExternalData(checkpoint);
    const { model } = await imported(checkpoint, file);
    expect(readdirSync(model!)).toEqual(['model.onnx']);
    const data = join(checkpoint, 'onnx/weights.bin');
    expect(weightBytes(join(model!, 'model.onnx'), checkpoint)).toEqual({ [data]: statSync(data).size - 3 });
    expect(await largestError(model!, checkpoint)).toBeLessThanOrEqual(reference.tolerance);
  });

  test('that stand in the model file are copied once, under a name that cannot be one of the source', async () => {
    const checkpoint = folder();
    copyFileSync(TRACED, join(checkpoint, 'model.onnx'));
    const { model } = await imported(checkpoint, 'model.onnx');
    expect(readdirSync(model!).sort()).toEqual(['imported.onnx_data', 'model.onnx']);
    const found = weightBytes(join(model!, 'model.onnx'), checkpoint);
    expect(Object.keys(found)).toEqual([join(model!, 'imported.onnx_data')]);
    expect(await largestError(model!, checkpoint)).toBeLessThanOrEqual(reference.tolerance);
  });
});

test('the same file gives the same bytes', async () => {
  const checkpoint = folder();
  const file = withExternalData(checkpoint);
  const [first, second] = [await imported(checkpoint, file), await imported(checkpoint, file)];
  const [one, other] = [first, second].map(({ model }) => readFileSync(join(model!, 'model.onnx')));
  expect(one!.equals(other!)).toBe(true);
  expect(readFileSync(first.interface!, 'utf8')).toBe(readFileSync(second.interface!, 'utf8'));
});

test('a model without its weights is small, and means the same', () => {
  const skimmed = skimmedModel(TRACED);
  if (!skimmed.ok) throw new Error(skimmed.error.message);
  const large = readProto(TRACED).graph!.initializer!.filter(({ raw_data: raw }) => (raw?.length ?? 0) >= 1024);
  const bytes = large.reduce((sum, { raw_data: raw }) => sum + raw!.length, 0);
  expect(large.length).toBeGreaterThan(10);
  expect(skimmed.value.length).toBeLessThan(statSync(TRACED).size - bytes + 150 * large.length);
  const whole = readModel(TRACED);
  const sparse = readModel(TRACED, { weightsInPlace: true });
  if (!whole.ok || !sparse.ok) throw new Error('cannot be read');
  const file = readFileSync(TRACED);
  const contents = (tensor: Tensor): string => {
    const { data } = tensor;
    if (data.from === 'bytes') return Buffer.from(data.bytes).toString('base64');
    if (data.from !== 'file') throw new Error(data.from);
    expect(data.file).toBe(TRACED);
    return file.subarray(data.offset, data.offset + data.byteLength).toString('base64');
  };
  const weightsOf = (graph: typeof whole.value.graph): string[] =>
    nodesOf(graph).flatMap(node =>
      [...valuesReadBy(node)].flatMap(value => (value.kind === 'constant' ? [contents(value.tensor)] : [])),
    );
  expect(weightsOf(sparse.value.graph)).toEqual(weightsOf(whole.value.graph));
});
