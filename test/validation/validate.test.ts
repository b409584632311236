import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import { referenceStage } from '../../src/stages/reference.js';
import { validateStage } from '../../src/stages/validate.js';
import type { Failure } from '../../src/util/failure.js';
import type { Json } from '../../src/util/json.js';
import { Comparison, paddingEffectOf } from '../../src/validation/compare.js';
import { type Reference, readReference } from '../../src/validation/reference.js';
import { judge, type Validation } from '../../src/validation/verdict.js';
import { readSafetensorsHeader } from '../../src/weights/safetensors.js';
import { outputsOf, runStage } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const example = fileURLToPath(new URL('../../examples/support-intents', import.meta.url));
const checkpoint = join(example, 'model');
const calibration = join(example, 'data/calibration.jsonl');
const evaluation = join(example, 'data/eval.jsonl');
const newFolder = temporaryFolders();

const task = 'text-classification';
const referenceParams = { task, sequence: [16, 32, 128], samples: 24, seed: 7 };
const validateParams = { artefact: 'intents/cpu/fp32', task, precision: 'fp32', metric: 'accuracy', maxDrop: 0.01 };
let exported: string;
let reference: string;

beforeAll(async () => {
  const inputs = { checkpoint };
  exported = (await outputsOf(exportStage, newFolder(), { params: { task }, inputs, outputs: ['model'] })).model!;
  reference = await makeReference({ calibration, evaluation });
});

async function makeReference(data: Readonly<Record<string, string>>): Promise<string> {
  const inputs = { model: exported, checkpoint, tokenizer: checkpoint, ...data };
  const request = { params: referenceParams, inputs, outputs: ['reference'] };
  return (await outputsOf(referenceStage, newFolder(), request)).reference!;
}

/** A copy of the export with its weights, after `change` of the float32 values of `tensor`. */
function artefact(tensor?: string, change?: (values: Float32Array) => void): string {
  const folder = newFolder();
  copyFileSync(join(exported, 'model.onnx'), join(folder, 'model.onnx'));
  const weights = join(folder, 'model.safetensors');
  const bytes = readFileSync(join(checkpoint, 'model.safetensors'));
  if (tensor && change) {
    const header = readSafetensorsHeader(join(checkpoint, 'model.safetensors'));
    const data = header.ok ? header.value.tensors.get(tensor)?.data : undefined;
    if (data?.from !== 'file') throw new Error(`no weight ${tensor}`);
    const values = new Float32Array(Uint8Array.from(bytes.subarray(data.offset, data.offset + data.byteLength)).buffer);
    change(values);
    bytes.set(new Uint8Array(values.buffer), data.offset);
  }
  writeFileSync(weights, bytes);
  return folder;
}

const validate = (model: string, params: Json = validateParams) =>
  runStage(validateStage, newFolder(), { params, inputs: { model, reference }, outputs: ['validation'] });

async function verdictOn(model: string, params: Json = validateParams): Promise<Validation> {
  const outcome = await validate(model, params);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error, null, 1));
  return JSON.parse(readFileSync(outcome.value.validation!, 'utf8')) as Validation;
}

async function failureOn(model: string, params: Json = validateParams): Promise<Failure> {
  const outcome = await validate(model, params);
  if (outcome.ok) throw new Error('validated');
  return outcome.error;
}

const openReference = (folder: string): Reference => {
  const read = readReference(folder);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};

describe('a right artefact', () => {
  test('passes, with the accuracy that PyTorch has', async () => {
    const verdict = await verdictOn(artefact());
    expect(verdict).toMatchObject({
      schema: 'transformer-deploy/validation/1',
      artefact: 'intents/cpu/fp32',
      precision: 'fp32',
      tolerance: { maxAbs: 1e-4 },
    });
    const metrics = JSON.parse(readFileSync(join(example, 'METRICS.json'), 'utf8'));
    expect(verdict.evaluation!.reference.value).toBe(metrics.correct / metrics.examples);
    expect(verdict.evaluation!.artefact.value).toBe(453 / 500);
    expect(verdict.evaluation!.drop.value).toBe(0);
    expect(verdict.evaluation!.difference!.rows).toBe(500);
    const { all, modes } = verdict.outputs.logits!;
    expect(all.maxAbs).toBeLessThan(1e-5);
    expect(all.cosine).toBeCloseTo(1, 6);
    expect(all.top1).toEqual({ agree: all.rows, rows: all.rows, lead: expect.any(Number) });
    expect(Object.keys(modes)).toEqual(['unpadded', 'padded-right', 'padded-left', 'single-token', 'maximum-length']);
    expect(verdict.paddingEffect).toBeLessThan(1e-5);
  });

  test('the other metric is that of PyTorch too', async () => {
    const verdict = await verdictOn(artefact(), { ...validateParams, metric: 'f1-macro' });
    const metrics = JSON.parse(readFileSync(join(example, 'METRICS.json'), 'utf8'));
    expect(verdict.evaluation!.reference.value).toBeCloseTo(metrics.macro_f1, 12);
  });
});

describe('planted faults', () => {
  test('one weight of 1.3 million is off by a tenth of the largest', async () => {
    const model = artefact('bert.encoder.layer.3.output.dense.weight', values => {
      values[1000]! += 0.1 * Math.max(...values.map(Math.abs));
    });
    const failure = await failureOn(model);
    expect(failure).toMatchObject({
      code: 'validation-failed',
      kind: 'task',
      message: 'intents/cpu/fp32 differs too much from the fp32 export',
      where: 'intents/cpu/fp32',
      fix: 'use a higher precision than fp32, or set tolerance.fp32 (a largest difference) if you accept this one',
    });
    expect(failure.expected).toContain('logits: largest difference at most 0.000100');
    expect(failure.details!.join('\n')).toMatch(
      /^gate +found +limit\nlogits: values that are NaN or infinite +0 +0 +ok\nlogits: largest difference +0\.0\d+ +0\.000100 +over\n/,
    );
    expect(failure.details!.at(-1)).toMatch(
      /^accuracy 0\.9060 -> 0\.9\d+, drop -?0\.00\d+ \(95 %: .* to .*\); \d+ lost and \d+ won of 500$/,
    );
  });

  test('two labels swapped, found by the metric alone', async () => {
    const model = artefact('classifier.weight', values => {
      const first = values.slice(0, 128);
      values.copyWithin(0, 128, 256);
      values.set(first, 128);
    });
    const failure = await failureOn(model, { ...validateParams, tolerance: 1000 });
    expect(failure.expected).toBe('drop of accuracy at most 0.0100');
    expect(Number(failure.found)).toBeGreaterThan(0.15);
    expect(failure.fix).toBe(
      'use a higher precision than fp32, or raise evaluation.maxDrop if 500 samples show a drop you accept',
    );
  });

  test('NaN fails even where every difference is allowed', async () => {
    const model = artefact('classifier.bias', values => {
      values[2] = Number.NaN;
    });
    const failure = await failureOn(model, { ...validateParams, tolerance: 1e30, maxDrop: 1 });
    expect(failure.expected).toBe(
      'logits: values that are NaN or infinite at most 0; evaluation logits: values that are NaN or infinite at most 0',
    );
    expect(failure.fix).toBe('look for overflow: weights or activations that the precision cannot hold');
  });

  test('positions counted from the first real token: only left padding shows it', async () => {
    const { cases, outputs } = openReference(reference);
    const comparison = new Comparison(outputs);
    let alone: Float32Array[] = [];
    for (const one of cases) {
      if (one.mode === 'unpadded') alone.push(one.outputs.logits!.data as Float32Array);
      if (one.mode === 'padded-left') {
        // Such a model gives for a text padded on the left what it gives for the text alone.
        const data = Float32Array.from(alone.flatMap(row => [...row]));
        comparison.add(one, { logits: { dtype: 'float32', shape: one.outputs.logits!.shape, data } });
        alone = [];
      } else comparison.add(one, one.outputs);
    }
    const { all, modes } = comparison.result().logits!;
    expect(modes['padded-left']!.maxAbs).toBeGreaterThan(0.01);
    expect(modes['padded-right']!.maxAbs).toBe(0);
    expect(all.maxAbs).toBeGreaterThan(1e-4);
  });

  test('padding that leaks into the result is measured in the export', () => {
    const { cases, outputs } = openReference(reference);
    expect(paddingEffectOf(cases, outputs)).toBeLessThan(1e-5);
    const leaking = cases.map(one => {
      if (one.mode !== 'padded-right') return one;
      const data = (one.outputs.logits!.data as Float32Array).map(value => value + 0.5);
      return { ...one, outputs: { logits: { dtype: 'float32', shape: one.outputs.logits!.shape, data } as const } };
    });
    expect(paddingEffectOf(leaking, outputs)).toBeCloseTo(0.5, 5);
  });

  test('fp32 that is called int8', async () => {
    const failure = await failureOn(artefact(), {
      ...validateParams,
      artefact: 'intents/cpu/int8',
      precision: 'int8-dynamic',
    });
    expect(failure).toMatchObject({
      code: 'not-quantized',
      kind: 'task',
      message: 'intents/cpu/int8 is called int8 but computes in floating point',
      expected: 'at least 95 % of the matrix products with weights on integers',
      fix: 'look for tensors without a type in the model: the quantiser and the session skip them silently',
    });
    expect(failure.found).toMatch(/^0 of \d+ in the graph that ONNX Runtime executes$/);
  });
});

describe('int8', () => {
  const params = { ...validateParams, artefact: 'intents/cpu/int8-dynamic', precision: 'int8-dynamic' };

  /** What the build makes of a checkpoint; the fault is in the weights that it quantises. */
  async function quantized(weights: string): Promise<string> {
    const optimized = await outputsOf(optimizeStage, newFolder(), {
      params: { dialect: 'onnxruntime-cpu' },
      inputs: { model: exported, checkpoint: weights },
      outputs: ['model', 'report'],
    });
    const made = await outputsOf(quantizeStage, newFolder(), {
      params: { precision: 'int8-dynamic', reduceRange: false },
      inputs: { model: optimized.model! },
      outputs: ['model', 'report'],
    });
    return made.model!;
  }

  test('passes, and is proved', async () => {
    const verdict = await verdictOn(await quantized(checkpoint), params);
    expect(verdict.outputs.logits!.all.relative).toBeLessThan(0.02);
    expect(verdict.evaluation!.drop.value).toBeLessThan(0.01);
    // Six products of each of four layers and the pooler's; the packed query, key and value count once or three times.
    const { integer, total } = verdict.integerMatMuls!;
    expect(integer).toBe(total);
    expect(total).toBeGreaterThanOrEqual(4 * 4 + 1);
  });

  test('a lost matrix of the last layer is found by the outputs alone', async () => {
    const broken = artefact('bert.encoder.layer.3.output.dense.weight', values => values.fill(0));
    const failure = await failureOn(await quantized(broken), { ...params, maxDrop: 1 });
    expect(failure.expected).toContain('logits: relative difference at most 0.120');
  });

  test('a changed bias of the classifier is found by the metric', async () => {
    const broken = artefact('classifier.bias', values => {
      values[3]! += 3;
    });
    const failure = await failureOn(await quantized(broken), params);
    expect(failure.expected).toContain('drop of accuracy at most 0.0100');
  });
});

describe('gates', () => {
  const difference = { rows: 200, maxAbs: 0.5, meanAbs: 0.1, relative: 0.05, cosine: 0.99, notFinite: 0 };
  const validation = (all: object, tolerance: object): Validation => ({
    schema: 'transformer-deploy/validation/1',
    artefact: 'a',
    task,
    precision: 'int8-dynamic',
    tolerance,
    outputs: { logits: { all: { ...difference, ...all }, modes: {} } },
  });
  const agree = (count: number, rows = 200) => ({
    rows,
    top1: { agree: count, rows, lead: 0.25, leadWhereChanged: 0.125 },
  });

  test.each([
    [{}, { relative: 0.05 }, undefined],
    [{}, { relative: 0.049 }, 'logits: relative difference at most 0.0490'],
    [{}, { maxAbs: 0.4 }, 'logits: largest difference at most 0.400'],
    [agree(190), { top1: 0.95 }, undefined],
    [agree(189), { top1: 0.95 }, 'logits: share of changed labels at most 0.0500'],
    [agree(5, 10), { top1: 0.95 }, undefined],
  ])('%j within %j', (all, tolerance, expected) => {
    const verdict = judge(validation(all, tolerance));
    expect(verdict.ok ? undefined : verdict.error.expected).toBe(expected);
  });

  test('labels that changed: the failure says whether they were close calls', () => {
    const broken = judge(validation(agree(150), { relative: 0.12, top1: 0.95 }));
    if (broken.ok) throw new Error('it passed');
    expect(broken.error.details).toContain(
      "logits: the export's label leads the next by 0.250 on average; where another was found, it leads that one by 0.125",
    );
    const higher = 'use a higher precision than int8-dynamic';
    const accepting = 'set tolerance.int8-dynamic (a largest difference)';
    expect(broken.error.fix).toBe(
      `${higher}; where the export's labels are close calls, as those of random weights are, ${accepting} instead`,
    );
    const both = judge(validation(agree(150), { relative: 0.01, top1: 0.95 }));
    expect(!both.ok && both.error.fix).toBe(`${higher}, or ${accepting} if you accept this one`);
  });

  test.each([
    [95, undefined],
    [94, '94 of 100 in the graph that ONNX Runtime executes'],
  ])('%i integer products of 100', (integer, found) => {
    const verdict = judge({ ...validation({}, {}), integerMatMuls: { integer, total: 100 } });
    expect(verdict.ok ? undefined : verdict.error.found).toBe(found);
  });
});

describe('the reference', () => {
  test('is the same bytes each time', async () => {
    const again = await makeReference({ calibration, evaluation });
    for (const file of ['reference.json', 'tensors.safetensors']) {
      expect(readFileSync(join(again, file)).equals(readFileSync(join(reference, file)))).toBe(true);
    }
  });

  test('without data: texts from the vocabulary, token types of pairs, no metric', async () => {
    const { cases, evaluation: none } = openReference(await makeReference({}));
    expect(none).toBeUndefined();
    const types = cases.flatMap(one => [...(one.inputs.token_type_ids!.data as BigInt64Array)]);
    expect(types).toContain(1n);
    for (const { mode, inputs } of cases) {
      const [batch, sequence] = inputs.input_ids!.shape;
      if (mode === 'single-token') expect([batch, sequence]).toEqual([1, 1]);
      if (mode === 'maximum-length') expect([batch, sequence]).toEqual([1, 128]);
      const padded = (inputs.attention_mask!.data as BigInt64Array).includes(0n);
      expect(padded).toBe(mode.startsWith('padded'));
      if (sequence! > 8) expect(new Set(inputs.input_ids!.data as BigInt64Array).size).toBeGreaterThan(5);
    }
  });

  test('bad labels are found before anything is built on them', async () => {
    const bad = join(newFolder(), 'eval.jsonl');
    writeFileSync(bad, '{"text": "money back", "label": "refunds"}\n');
    const inputs = { model: exported, checkpoint, tokenizer: checkpoint, evaluation: bad };
    const outcome = await runStage(referenceStage, newFolder(), {
      params: referenceParams,
      inputs,
      outputs: ['reference'],
    });
    expect(outcome).toEqual({
      ok: false,
      error: {
        code: 'data-invalid',
        kind: 'usage',
        message: 'the data file has 1 problem',
        where: bad,
        causes: [
          {
            code: 'data-line-invalid',
            kind: 'usage',
            message: "the model has no label 'refunds'",
            where: `${bad}:1`,
            expected:
              'one of account_access, cancel_order, change_address, delivery_status, invoice, refund, speak_to_human, technical_issue',
            fix: "did you mean 'refund'?",
          },
        ],
      },
    });
  });

  test('an export that gives NaN is the fault of the checkpoint', async () => {
    const folder = join(newFolder(), 'checkpoint');
    cpSync(checkpoint, folder, { recursive: true });
    copyFileSync(
      join(
        artefact('bert.pooler.dense.bias', values => values.fill(Number.NaN)),
        'model.safetensors',
      ),
      join(folder, 'model.safetensors'),
    );
    const inputs = { model: exported, checkpoint: folder, tokenizer: checkpoint };
    const outcome = await runStage(referenceStage, newFolder(), {
      params: referenceParams,
      inputs,
      outputs: ['reference'],
    });
    expect(outcome).toEqual({
      ok: false,
      error: {
        code: 'reference-not-finite',
        kind: 'usage',
        message: 'the fp32 export itself gives NaN',
        where: "output 'logits', unpadded",
        expected: 'finite numbers',
        found: 'NaN',
        fix: 'look for NaN or infinite weights in the checkpoint',
      },
    });
  });
});
