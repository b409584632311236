import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { integerMatMuls } from '../../src/quantization/proof.js';
import { modelFilesOf, openModel } from '../../src/runtime/open-model.js';
import { build } from '../quantization/support.js';
import { emptyCache } from '../support/decoding.js';
import { HEAD_VARIANTS, headVariants } from '../support/head-variants.js';
import {
  decoderReferences,
  exportableReferences,
  imageReferences,
  largestError,
  type ReferenceCase,
  readReference,
  textToTextReferences,
} from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const FILE = fileURLToPath(new URL('../../docs/architectures.md', import.meta.url));
const UPDATE = process.env.UPDATE_GOLDEN === '1';

const INTRODUCTION = `# Architectures, tasks, precisions

Made from the reference cases: tiny checkpoints with the outputs that PyTorch gives for them in float64. Each figure is the largest absolute
error over all batches of a case: one text, padded on the right, a single token, the longest length, for decoders also padded on the left.
The cases \`heads/…\` are one for each head of each family, with settings that differ between them, padded on either side; PyTorch's outputs are
in float32, and their layers are too narrow for int8.
The int8 column tells how many matrix products ran on integers; with random weights its outputs have no margin, so accuracy is shown
by the trained examples instead. Of encoder-decoders, which are two files, an error is the larger one of the encoder's hidden states and the
decoder's logits.

\`UPDATE_GOLDEN=1 npx vitest run --config test/vitest.config.ts test/architectures/table\` measures it again.

| case | model_type | task | fp32 export | fp32 optimised | int8 products |
|---|---|---|---|---|---|
`;

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
}

const VARIANTS = new Map(headVariants().map(variant => [`heads/${variant.name}`, variant]));

const TWO_FILES = [...textToTextReferences(), 'whisper'];

const CASES = [
  ...exportableReferences(),
  ...decoderReferences(),
  ...TWO_FILES,
  ...imageReferences(),
  ...VARIANTS.keys(),
].sort();

function caseOf(name: string): Pick<ReferenceCase, 'folder' | 'modelType' | 'task' | 'tolerance' | 'batches'> {
  const variant = VARIANTS.get(name);
  if (!variant) return readReference(name);
  return { ...variant, folder: join(HEAD_VARIANTS, variant.name), tolerance: 1e-4, batches: [variant.batch] };
}

/** Rows of the document as it stands. */
function documented(): Row[] {
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| ') && !line.startsWith('| case'))
    .map(line => line.split('|').map(cell => cell.trim()))
    .map(([, name, ...cells]) => ({ name: name!, cells: cells.slice(0, -1) }));
}

/** Matrix products in all files of a model, as ONNX Runtime executes them. */
async function productsOf(model: string, folder: string): Promise<{ integer: number; total: number }> {
  const opened = await openModel(model, { threads: 1, executedFolder: folder });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  await opened.value.whole.release();
  const sum = { integer: 0, total: 0 };
  for (const file of modelFilesOf(model)) {
    const count = integerMatMuls(readFileSync(join(folder, file)));
    if (!count.ok) throw new Error(JSON.stringify(count.error));
    sum.integer += count.value.integer;
    sum.total += count.value.total;
  }
  return sum;
}

describe.skipIf(UPDATE)('docs/architectures.md', () => {
  test('has a row for every reference case, and no other', () => {
    expect(documented().map(({ name }) => name)).toEqual(CASES);
  });

  test('names family and task as the case does, and no error above the contract', () => {
    for (const { name, cells } of documented()) {
      const { modelType, task, tolerance } = caseOf(name);
      expect(cells.slice(0, 2), name).toEqual([modelType, task]);
      for (const error of cells.slice(2, 4)) expect(Number(error), name).toBeLessThanOrEqual(tolerance);
    }
  });
});

describe.runIf(UPDATE)('docs/architectures.md, measured again', () => {
  const folder = temporaryFolders();
  const rows: Row[] = [];

  test.each(CASES)('%s', async name => {
    const { folder: checkpoint, modelType, task, batches } = caseOf(name);
    const models = await build(checkpoint, task, folder());
    const errors: number[] = [];
    for (const [model, dataFolder] of [
      [models.exported, checkpoint],
      [models.optimized, models.optimized],
    ] as const) {
      const opened = await openModel(model, { dataFolder, threads: 1 });
      if (!opened.ok) throw new Error(JSON.stringify(opened.error));
      const { whole, parts } = opened.value;
      let largest = 0;
      for (const batch of batches) {
        const rowsOfBatch = Object.values(batch.inputs)[0]!.shape[0]!;
        const outputs = await whole.run({ ...batch.inputs, ...emptyCache(whole, rowsOfBatch) });
        if (!outputs.ok) throw new Error(JSON.stringify(outputs.error));
        for (const output of Object.keys(batch.outputs)) {
          // What a decoder reads beside an encoder has no padding.
          const compared = parts && output === 'logits' ? { ...batch, inputs: {} } : batch;
          const found = outputs.value[output.replace(/^encoder_/, '')];
          largest = Math.max(largest, largestError(compared, output, found));
        }
      }
      await whole.release();
      errors.push(largest);
    }
    const products = await productsOf(models.int8, folder());
    rows.push({
      name,
      cells: [
        modelType,
        task,
        ...errors.map(error => error.toExponential(1)),
        products.total === 0 ? '–' : `${products.integer} of ${products.total}`,
      ],
    });
  });

  test('written', () => {
    expect(rows).toHaveLength(CASES.length);
    const lines = rows.map(({ name, cells }) => `| ${[name, ...cells].join(' | ')} |`);
    writeFileSync(FILE, `${INTRODUCTION}${lines.join('\n')}\n`);
    expect(documented()).toHaveLength(CASES.length);
  });
});
