import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSession, type Session, type Tensors, type TensorValue } from '../../src/runtime/session.js';
import { importStage } from '../../src/stages/import.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import { build, countsOf, executed } from '../quantization/support.js';
import { errorsOf, run } from '../support/exported.js';
import {
  type ReferenceBatch,
  type ReferenceCase,
  largestError as rawError,
  readReference,
} from '../support/reference.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { tracedCase, tracedFolder, tracedNames } from './traced-support.js';

const folder = temporaryFolders();

const names = tracedNames('texts');

/** PyTorch multiplies with query, key and value as one, and so with both parts of the feed-forward: there are fewer products. */
const PACKED: ReadonlySet<string> = new Set(['modernbert-torchscript-17']);

/** Operators that a fusion made, or that it would have taken up. */
const COUNTED = [
  'com.microsoft.MultiHeadAttention',
  'com.microsoft.RotaryEmbedding',
  'LayerNormalization',
  'com.microsoft.Gelu',
  'com.microsoft.FastGelu',
  'Softmax',
  'Erf',
  'ReduceMean',
  'Gemm',
  'IsNaN',
];

const counted = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(COUNTED.map(operator => [operator, counts[operator] ?? 0]));

async function imported(name: string, at: string) {
  const { task } = readReference(tracedCase(name).reference);
  return outputsOf(importStage, at, {
    params: { task, file: 'model.onnx' },
    inputs: { checkpoint: tracedFolder(name) },
    outputs: ['model', 'interface'],
  });
}

/** Which of the tokens of each row are there. */
const MASKS: Readonly<Record<string, (row: number, at: number, length: number) => bigint>> = {
  left: (row, at) => (at < row * 2 ? 0n : 1n),
  right: (row, at, length) => (at >= length - row * 2 ? 0n : 1n),
  'both sides': (row, at, length) => (at < row || at >= length - row ? 0n : 1n),
};

/** The texts of a batch under another mask. */
function padded(batch: ReferenceBatch, tokens: (row: number, at: number, length: number) => bigint): ReferenceBatch {
  const mask = batch.inputs.attention_mask as TensorValue & { readonly dtype: 'int64' };
  const length = mask.shape[1]!;
  const data = mask.data.map((_, index) => tokens(Math.floor(index / length), index % length, length));
  return { ...batch, inputs: { ...batch.inputs, attention_mask: { ...mask, data } } };
}

const largestErrorOf = (batch: ReferenceBatch, found: Tensors): number =>
  Math.max(...Object.keys(batch.outputs).map(name => rawError(batch, name, found[name])));

async function opened(model: string, dataFolder = model): Promise<Session> {
  const session = await openSession(model, 'model.onnx', { dataFolder, threads: 1 });
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  return session.value;
}

async function largestError(model: string, dataFolder: string, reference: ReferenceCase): Promise<number> {
  const session = await opened(model, dataFolder);
  const errors = await errorsOf(session, reference);
  await session.release();
  return Math.max(...Object.values(errors));
}

test('both exporters of PyTorch, and opsets before and after 17', () => {
  const cases = names.map(tracedCase);
  expect(new Set(cases.map(({ exporter }) => exporter))).toEqual(new Set(['torchscript', 'dynamo']));
  expect(Math.min(...cases.map(({ opset }) => opset))).toBe(11);
  expect(Math.max(...cases.map(({ opset }) => opset))).toBe(23);
});

describe.each(names)('%s', name => {
  test('says with any padding what the given file says', async () => {
    const at = folder();
    const { model } = await imported(name, at);
    const optimized = await outputsOf(optimizeStage, join(at, 'optimized'), {
      params: { dialect: 'onnxruntime-cpu' },
      inputs: { model: model!, checkpoint: tracedFolder(name) },
      outputs: ['model', 'report'],
    });
    const reference = readReference(tracedCase(name).reference);
    const asGiven = await opened(tracedFolder(name));
    const batches: ReferenceBatch[] = [];
    for (const [padding, mask] of Object.entries(MASKS)) {
      const { inputs } = padded(reference.batches[1]!, mask);
      batches.push({ name: padding, note: '', inputs, outputs: await run(asGiven, inputs), present: {} });
    }
    await asGiven.release();
    const error = await largestError(optimized.model!, optimized.model!, { ...reference, batches });
    expect(error).toBeLessThanOrEqual(reference.tolerance);
    // The padding is seen: without it, the same file says something else.
    const [left] = batches;
    const open = await opened(tracedFolder(name));
    const unmasked = await run(open, {
      ...left!.inputs,
      attention_mask: padded(left!, () => 1n).inputs.attention_mask!,
    });
    await open.release();
    expect(largestErrorOf(left!, unmasked)).toBeGreaterThan(reference.tolerance);
  });

  test('gives what PyTorch gives, imported, optimised and in integers, and is fused like our own export', async () => {
    const at = folder();
    const { model, interface: found } = await imported(name, at);
    const reference = readReference(tracedCase(name).reference);
    const given = JSON.parse(readFileSync(found!, 'utf8'));
    expect(given.opset).toBe(tracedCase(name).opset);
    expect(await largestError(model!, tracedFolder(name), reference)).toBeLessThanOrEqual(reference.tolerance);

    const optimized = await outputsOf(optimizeStage, join(at, 'optimized'), {
      params: { dialect: 'onnxruntime-cpu' },
      inputs: { model: model!, checkpoint: tracedFolder(name) },
      outputs: ['model', 'report'],
    });
    const folderOf = optimized.model!;
    expect(await largestError(folderOf, folderOf, reference)).toBeLessThanOrEqual(reference.tolerance);

    const own = await build(reference.folder, reference.task, join(at, 'own'));
    const counts = counted(countsOf(join(folderOf, 'model.onnx')));
    const ownCounts = counted(countsOf(join(own.optimized, 'model.onnx')));
    expect(counts).toEqual(ownCounts);
    // Disentangled attention reads queries and keys twice: no operator does that, in our own export either.
    expect(counts['com.microsoft.MultiHeadAttention'] === 0).toBe(name.startsWith('deberta'));

    const int8 = await outputsOf(quantizeStage, join(at, 'int8'), {
      params: { precision: 'int8-dynamic', reduceRange: false },
      inputs: { model: folderOf },
      outputs: ['model', 'report'],
    });
    const batches = reference.batches.map(({ inputs }) => inputs);
    const { products } = await executed(int8.model!, batches, at);
    if (PACKED.has(name)) expect(products.integer).toBe(products.total);
    else expect(products).toEqual((await executed(own.int8, batches, at)).products);
    expect(products.integer).toBeGreaterThan(0);
  });
});
