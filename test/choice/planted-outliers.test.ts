import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { StageContext } from '../../src/build/task.js';
import type { Choice } from '../../src/choice/choice.js';
import { mixText } from '../../src/choice/mix.js';
import { search, type Workbench } from '../../src/choice/search.js';
import { candidatesOf, chooseStage } from '../../src/stages/choose.js';
import { ModelWorkbench } from '../../src/stages/choose-workbench.js';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import { referenceStage } from '../../src/stages/reference.js';
import { validateStage } from '../../src/stages/validate.js';
import { ok } from '../../src/util/result.js';
import { readReference } from '../../src/validation/reference.js';
import type { Validation } from '../../src/validation/verdict.js';
import { readSafetensorsHeader } from '../../src/weights/safetensors.js';
import { outputsOf, runStage } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const newFolder = temporaryFolders();
const example = fileURLToPath(new URL('../../examples/support-intents', import.meta.url));
const evaluation = join(example, 'data/eval.jsonl');
const task = 'text-classification';
const ARTEFACT = 'intents/cpu/auto';
const LAYER = 'bert.encoder.layer.2.attention';
const SENSITIVE = `${LAYER}.output.dense`;

/** Channels of the values that become this many times as large; what reads them is divided by it, so that float32 computes the same. */
const OUTLIERS = [3, 40, 77, 101];
const FACTOR = 4096;

let inputs: Readonly<Record<string, string>>;

beforeAll(async () => {
  const checkpoint = newFolder();
  cpSync(join(example, 'model'), checkpoint, { recursive: true });
  plantOutliers(join(checkpoint, 'model.safetensors'));
  const exported = await outputsOf(exportStage, newFolder(), {
    params: { task },
    inputs: { checkpoint },
    outputs: ['model'],
  });
  const optimized = await outputsOf(optimizeStage, newFolder(), {
    params: { dialect: 'onnxruntime-cpu' },
    inputs: { model: exported.model!, checkpoint },
    outputs: ['model', 'report'],
  });
  const reference = await outputsOf(referenceStage, newFolder(), {
    params: { task, sequence: [16, 32, 128], samples: 24, seed: 0 },
    inputs: { model: exported.model!, checkpoint, tokenizer: checkpoint, evaluation },
    outputs: ['reference'],
  });
  inputs = { model: optimized.model!, reference: reference.reference!, tokenizer: checkpoint, data: evaluation };
});

/** W of the value and its bias times a factor in some rows, the columns of the output projection that read them divided by it. */
function plantOutliers(file: string): void {
  const bytes = readFileSync(file);
  const header = readSafetensorsHeader(file);
  if (!header.ok) throw new Error(JSON.stringify(header.error));
  const change = (name: string, by: (index: number, columns: number) => number): void => {
    const { data, shape } = header.value.tensors.get(name)!;
    if (data.from !== 'file') throw new Error(`no weight ${name}`);
    const values = new Float32Array(Uint8Array.from(bytes.subarray(data.offset, data.offset + data.byteLength)).buffer);
    const columns = shape[1] ?? 1;
    bytes.set(new Uint8Array(values.map((value, index) => value * by(index, columns)).buffer), data.offset);
  };
  const isRow = (index: number, columns: number) => OUTLIERS.includes(Math.floor(index / columns));
  change(`${LAYER}.self.value.weight`, (index, columns) => (isRow(index, columns) ? FACTOR : 1));
  change(`${LAYER}.self.value.bias`, index => (OUTLIERS.includes(index) ? FACTOR : 1));
  change(`${SENSITIVE}.weight`, (index, columns) => (OUTLIERS.includes(index % columns) ? 1 / FACTOR : 1));
  writeFileSync(file, bytes);
}

/** Milliseconds by precision: int8-dynamic is what everybody wants. */
const TIMES = { fp32: 10, 'int8-dynamic': 4, int8: 20, 'int8-weight': 20, 'int4-weight': 20 };

/** The model as it is, judged as a build judges it, on a machine whose clock is a table. */
async function workbench(): Promise<Workbench> {
  const reference = readReference(inputs.reference!);
  if (!reference.ok) throw new Error(JSON.stringify(reference.error));
  const scratch = newFolder();
  const context: StageContext = {
    params: {},
    in: inputs,
    out: {},
    scratch,
    signal: new AbortController().signal,
    progress() {},
  };
  const params = {
    artefact: ARTEFACT,
    task,
    metric: 'accuracy',
    maxDrop: 0.01,
    threads: 1,
    shapes: [[1, 16]] as const,
    warmup: 0,
    runs: 1,
    minSeconds: 0,
    seed: 0,
  };
  const real = new ModelWorkbench(context, params, reference.value, () => 0);
  return {
    products: mix => real.products(mix),
    check: mix => real.check(mix),
    probe: mix => real.probe(mix),
    now: () => 0,
    time: async mixes => ok(mixes.map(({ precision }) => [TIMES[precision]])),
  };
}

test('the product whose activation has outliers stays in float32, and nothing else', async () => {
  const candidates = candidatesOf({ reduceRange: false, method: 'percentile' }, false).slice(0, 2);
  const found = await search(await workbench(), { candidates, threads: [], minutes: 1 });
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  const mix = { precision: 'int8-dynamic', exclude: [SENSITIVE], reduceRange: false };
  expect(found.value.mix).toEqual({ ...mix, embeddings: true });
  const [fp32, whole, repaired, small] = found.value.candidates;
  expect(fp32!.difference).toBeLessThan(1e-4);
  expect(whole!.difference).toBeGreaterThan(0.12);
  expect(whole!.verdict).toContain('logits: relative difference at most 0.120, and it has ');
  expect(repaired).toMatchObject({ mix, verdict: 'as fast, and its files are larger', metric: 'accuracy' });
  expect(small!.bytes / repaired!.bytes).toBeLessThan(0.65);
  expect(small).toMatchObject({ verdict: 'chosen', metric: 'accuracy' });
  expect(repaired!.difference).toBeLessThan(0.05);
  expect(mixText(repaired!.mix)).toBe('int8-dynamic, 1 product in float32');
});

test('a locked choice becomes the same model without a measurement, and is proved', async () => {
  const choice: Choice = {
    schema: 'transformer-deploy/choice/1',
    artefact: ARTEFACT,
    mix: { precision: 'int8-dynamic', exclude: [SENSITIVE], reduceRange: false },
    machine: { cpu: 'some CPU', cores: 2, onnxruntime: '1.30.0', threads: 2 },
    points: [],
    candidates: [],
    untried: [],
  };
  const folder = newFolder();
  const at = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const chosen = await outputsOf(chooseStage, at('choose'), {
    params: { locked: choice as never },
    inputs: {},
    outputs: ['mix', 'choice'],
  });
  expect(JSON.parse(readFileSync(chosen.choice!, 'utf8'))).toEqual(choice);
  const made = await outputsOf(quantizeStage, at('quantize'), {
    params: {},
    inputs: { model: inputs.model!, mix: chosen.mix! },
    outputs: ['model', 'report'],
  });
  const validate = (precision: string, quantized: Readonly<Record<string, string>>) =>
    runStage(validateStage, at(`validate-${precision}`), {
      params: { artefact: ARTEFACT, task, precision, metric: 'accuracy', maxDrop: 0.01 },
      inputs: { ...quantized, reference: inputs.reference! },
      outputs: ['validation'],
    });
  const outcome = await validate('auto', { model: made.model!, mix: chosen.mix!, quantization: made.report! });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  const { integerMatMuls, precision } = JSON.parse(readFileSync(outcome.value.validation!, 'utf8')) as Validation;
  expect({ integerMatMuls, precision }).toEqual({
    integerMatMuls: { integer: 24, total: 25, excluded: 1 },
    precision: 'int8-dynamic',
  });
});
