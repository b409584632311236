import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../src/runtime/batch.js';
import type { Tensors } from '../../src/runtime/session.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { build, buildCalibrated, countsOf, executed, runStage } from './support.js';

const folder = temporaryFolders();
const model = fileURLToPath(new URL('../../examples/support-intents/model', import.meta.url));
const TEXTS = ['where is my parcel', 'the app crashes when I open the camera', 'cancel my subscription please'];

async function feedsOf(texts: readonly string[]): Promise<Tensors[]> {
  const tokenizer = await loadTokenizer(model);
  if (!tokenizer.ok) throw new Error(JSON.stringify(tokenizer.error));
  return texts.map(text => batchOf([tokenizer.value.encode(text)], ['input_ids', 'attention_mask', 'token_type_ids']));
}

describe.each(['int8', 'int8-dynamic'])('%s with embeddings of 8 bits', precision => {
  test('is much smaller and says nearly the same, with the same products on integers', async () => {
    const at = folder();
    const feeds = await feedsOf(TEXTS);
    const { optimized, int8 } = await build(model, 'text-classification', at);
    const plain = precision === 'int8' ? await buildCalibrated(model, feeds, at) : int8;
    const out = { model: join(at, 'tables'), report: join(at, 'tables.json') };
    const inputs = { model: optimized, ...(precision === 'int8' ? { calibration: join(at, 'calibration.json') } : {}) };
    await runStage(quantizeStage, { precision, reduceRange: false, embeddings: true }, inputs, out, at);

    const bytes = (of: string) => statSync(join(of, 'model.onnx_data')).size;
    expect(bytes(out.model)).toBeLessThan(0.65 * bytes(plain));
    const counts = countsOf(join(out.model, 'model.onnx'));
    expect(counts['com.microsoft.GatherBlockQuantized']).toBeGreaterThanOrEqual(1);
    expect(counts['com.microsoft.MatMulNBits']).toBeUndefined();

    const [before, after] = [await executed(plain, feeds, folder()), await executed(out.model, feeds, folder())];
    expect(after.products).toEqual(before.products);
    for (const [index, { logits }] of before.outputs.entries()) {
      const found = after.outputs[index]!.logits!.data as Float32Array;
      const expected = logits!.data as Float32Array;
      const difference = Math.hypot(...expected.map((value, i) => value - found[i]!));
      expect(difference / Math.hypot(...expected)).toBeLessThan(0.02);
      expect(difference).toBeGreaterThan(0);
    }
  });
});
