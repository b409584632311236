import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession, type Session } from '../../src/runtime/session.js';
import { build, countsOf, executed } from '../quantization/support.js';
import { emptyCache, feedsOf, generated, joined, rowsOf, step } from '../support/decoding.js';
import { largestError, readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { builtFromTraced, tracedCase, tracedFolder, tracedNames } from './traced-support.js';

const folder = temporaryFolders();

/** Operators that a fusion made, or that it would have taken up; all that attention consists of. */
const COUNTED = [
  'com.microsoft.RotaryEmbedding',
  'com.microsoft.MultiHeadAttention',
  'com.microsoft.FastGelu',
  'LayerNormalization',
  'ReduceMean',
  'Softmax',
  'Neg',
  'IsNaN',
  'Expand',
  'Slice',
  'Gemm',
];

/** A tied table is read transposed in our own export, and stored twice in a traced one: both are products. */
const counted = (counts: Readonly<Record<string, number>>): Record<string, number> => ({
  ...Object.fromEntries(COUNTED.map(operator => [operator, counts[operator] ?? 0])),
  products: (counts.MatMul ?? 0) + (counts['com.microsoft.FusedMatMul'] ?? 0),
});

describe.each(tracedNames('decoders'))('%s', name => {
  const reference = readReference(tracedCase(name).reference);
  const sessions: Record<string, Session> = {};
  let built: Awaited<ReturnType<typeof builtFromTraced>>;
  let at: string;

  beforeAll(async () => {
    at = folder();
    built = await builtFromTraced(name, at);
    for (const form of ['imported', 'optimized'] as const) {
      const session = await openSession(built[form], 'model.onnx', { dataFolder: tracedFolder(name), threads: 1 });
      if (!session.ok) throw new Error(JSON.stringify(session.error));
      sessions[form] = session.value;
    }
  });
  afterAll(() => Promise.all(Object.values(sessions).map(session => session.release())));

  test.each(['imported', 'optimized'])(
    '%s: with any padding what PyTorch gives, at once and in two parts',
    async form => {
      const session = sessions[form]!;
      expect(reference.batches.map(({ note }) => note)).toContain('batch of 2, padded on the left');
      for (const batch of reference.batches) {
        const [ids, mask] = [rowsOf(batch.inputs.input_ids!), rowsOf(batch.inputs.attention_mask!)];
        const { logits } = await step(session, ids, mask, emptyCache(session, ids.length));
        expect(largestError(batch, 'logits', logits), batch.note).toBeLessThanOrEqual(reference.tolerance);
        if (ids[0]!.length === 1) continue;
        const cut = Math.floor(ids[0]!.length / 2);
        const until = (rows: typeof ids) => rows.map(row => row.slice(0, cut));
        const first = await step(session, until(ids), until(mask), emptyCache(session, ids.length));
        const rest = ids.map(row => row.slice(cut));
        const second = await step(session, rest, mask, first.cache);
        const inParts = joined(first.logits, second.logits);
        expect(largestError(batch, 'logits', inParts), batch.note).toBeLessThanOrEqual(reference.tolerance);
      }
    },
  );

  test.each(['imported', 'optimized'])('%s: writes the same words as PyTorch, one at a time', async form => {
    const greedy = reference.generations.filter(({ settings }) => settings.num_beams === 1);
    expect(greedy.length).toBeGreaterThan(0);
    for (const generation of greedy) {
      const { newIds, largestError: error } = await generated(sessions[form]!, generation);
      expect(newIds, generation.note).toEqual(generation.new_ids);
      expect(error, generation.note).toBeLessThanOrEqual(reference.tolerance);
    }
  });

  test('is fused like our own export, and as many products are in integers', async () => {
    const own = await build(reference.folder, reference.task, at);
    const counts = counted(countsOf(`${built.optimized}/model.onnx`));
    expect(counts).toEqual(counted(countsOf(`${own.optimized}/model.onnx`)));
    const feeds = reference.batches.map(({ inputs }) => {
      const [ids, mask] = [rowsOf(inputs.input_ids!), rowsOf(inputs.attention_mask!)];
      const session = sessions.optimized!;
      return feedsOf(session.inputs, ids, mask, emptyCache(session, ids.length));
    });
    const { products, counts: inSession } = await executed(built.int8, feeds, at);
    const expected = await executed(own.int8, feeds, at);
    expect(products).toEqual(expected.products);
    // The session's own norm: it is found by the form in which the graph has it.
    const norms = 'SimplifiedLayerNormalization';
    expect(inSession[norms]).toBe(expected.counts[norms]);
    expect(inSession[norms] ?? 0).toBe(counts.ReduceMean);
    expect(products.integer).toBeGreaterThan(0);
  });
});
