import { readFileSync } from 'node:fs';
import { env, pipeline, RawImage } from '@huggingface/transformers';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../src/runtime/session.js';
import { readReference } from '../support/reference.js';
import { type Build, CONFIG, copyCheckpoint, type Workspace, workspaces } from '../support/td.js';
import { randomNumbers } from '../support/tiny-checkpoint.js';

/** A model of images through the command line: it has no tokenizer, and noise stands for its inputs. */

const make = workspaces();
const MODEL = 'test-vit';
let workspace: Workspace;
let build: Build;

beforeAll(async () => {
  workspace = make.empty();
  copyCheckpoint(readReference('vit').folder, workspace.path('vit'));
  workspace.write(CONFIG, {
    models: { [MODEL]: { source: './vit' } },
    targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32', 'int8-dynamic'] } },
    benchmark: {
      shapes: [
        [1, 16],
        [3, 16],
        [3, 32],
      ],
      runs: 3,
      minSeconds: 0.01,
    },
  });
  build = await workspace.build(['--skip', 'report']);
}, 60_000);

const delivered = (folder: string, file: string): unknown =>
  JSON.parse(readFileSync(workspace.path('dist/models', MODEL, folder, file), 'utf8'));

test('is built, and carries how images are prepared but no tokenizer', () => {
  expect(build.failures).toEqual([]);
  expect(build.code).toBe(0);
  expect(delivered('cpu-fp32', 'preprocessor_config.json')).toMatchObject({ size: { height: 32, width: 32 } });
  expect(() => delivered('cpu-fp32', 'tokenizer.json')).toThrow('ENOENT');
});

test.each([
  ['cpu-fp32', 1e-4],
  ['cpu-int8-dynamic', 0.5],
])('%s is validated on noise, unpadded', (folder, bound) => {
  const { outputs } = delivered(folder, 'validation.json') as {
    readonly outputs: Readonly<
      Record<string, { readonly modes: Readonly<Record<string, { readonly maxAbs: number }>> }>
    >;
  };
  expect(Object.keys(outputs)).toEqual(['logits']);
  expect(Object.keys(outputs.logits!.modes)).toEqual(['unpadded']);
  const { maxAbs } = outputs.logits!.modes.unpadded!;
  expect(maxAbs).toBeGreaterThan(0);
  expect(maxAbs).toBeLessThan(bound);
});

test('int8 is counted: the products of two layers, not the convolution', () => {
  expect(delivered('cpu-int8-dynamic', 'validation.json')).toMatchObject({
    integerMatMuls: { integer: 12, total: 12 },
  });
});

test('is measured once for each batch: an image has one size', () => {
  const { results } = delivered('cpu-fp32', 'benchmark.json') as { results: { batch: number; sequence: number }[] };
  expect(results.map(({ batch, sequence }) => [batch, sequence])).toEqual([
    [1, 1],
    [3, 1],
  ]);
});

describe("@huggingface/transformers' pipeline('image-classification')", () => {
  const random = randomNumbers(9);
  const pixels = Uint8ClampedArray.from({ length: 32 * 32 * 3 }, () => random() * 256);

  /** As preprocessor_config.json says: from 0 … 255 to -1 … 1, channels first. */
  const normalised = Float32Array.from({ length: pixels.length }, (_, i) => {
    const [channel, place] = [Math.floor(i / 1024), i % 1024];
    return (pixels[3 * place + channel]! / 255 - 0.5) / 0.5;
  });

  test('loads the delivered folder as it is, and gives its scores', async () => {
    env.allowRemoteModels = false;
    env.localModelPath = workspace.path('dist/models');
    const classify = await pipeline('image-classification', `${MODEL}/cpu-fp32`);
    const found = (await classify(new RawImage(pixels, 32, 32, 3), { top_k: 5 })) as { label: string; score: number }[];

    const folder = workspace.path('dist/models', MODEL, 'cpu-fp32/onnx');
    const session = await openSession(folder, 'model.onnx', { threads: 1 });
    if (!session.ok) throw new Error(session.error.message);
    const run = await session.value.run({
      pixel_values: { dtype: 'float32', shape: [1, 3, 32, 32], data: normalised },
    });
    await session.value.release();
    if (!run.ok) throw new Error(run.error.message);
    const exponentials = Array.from(run.value.logits!.data as Float32Array, Math.exp);
    const sum = exponentials.reduce((a, b) => a + b, 0);
    const names = ['tench', 'goldfish', 'shark', 'ray', 'hen'];
    const expected = names
      .map((label, i) => ({ label, score: exponentials[i]! / sum }))
      .sort((a, b) => b.score - a.score);
    expect(found.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
    for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(expected[i]!.score, 4);
  });
});

describe('td infer', () => {
  /** A PNG of seeded pixels, and what the pipeline says of it. */
  const random = randomNumbers(4);
  const pixels = Uint8ClampedArray.from({ length: 48 * 40 * 3 }, () => random() * 256);

  test('classifies image files as the pipeline does, resized on the way', async () => {
    const image = new RawImage(pixels, 48, 40, 3);
    await image.save(workspace.path('noise.png'));
    env.allowRemoteModels = false;
    env.localModelPath = workspace.path('dist/models');
    const classify = await pipeline('image-classification', `${MODEL}/cpu-fp32`);
    const [best] = (await classify(image)) as { label: string; score: number }[];

    const args = ['infer', `${MODEL}/cpu/fp32`, '--image', 'noise.png', '--image', 'noise.png', '--json'];
    const { code, stdout } = await workspace.td(args);
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatchObject({
        artefact: `${MODEL}/cpu/fp32`,
        image: 'noise.png',
        labels: [{ label: best!.label }],
      });
      expect(line.labels[0].score).toBeCloseTo(best!.score, 4);
    }
  });

  test.each([
    [['infer', MODEL], 'error: image-missing: which image?\n  fix       td infer MODEL --image FILE'],
    [['infer', MODEL, '--image', 'none.png'], 'error: image-unreadable: there is no such image\n'],
    [['infer', MODEL, '--image', CONFIG], 'error: image-unreadable: the file cannot be read as an image\n'],
  ])('td %j is refused', async (args, text) => {
    const { code, stderr } = await workspace.td(args);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });
});

test('a metric needs images, which this version does not read', async () => {
  const other = make.empty();
  copyCheckpoint(readReference('vit').folder, other.path('vit'));
  other.write('eval.jsonl', '{"text": "a", "label": "ray"}\n');
  other.write(CONFIG, {
    models: { [MODEL]: { source: './vit', evaluation: { data: './eval.jsonl', metric: 'accuracy', maxDrop: 0.1 } } },
    targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32'] } },
  });
  const refused = await other.build(['--skip', 'benchmark,report']);
  expect(refused.code).toBe(2);
  expect(refused.failures).toEqual([
    {
      code: 'evaluation-unsupported',
      kind: 'usage',
      message: "there is no metric for the task 'image-classification'",
      expected: expect.stringContaining('text-classification'),
      found: 'image-classification',
      fix: "remove 'evaluation' from this model; its outputs are still compared with the fp32 export",
    },
  ]);
});
