import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readModel } from '../../src/onnx/read.js';
import { CALIBRATION_SCHEMA } from '../../src/quantization/calibration/table.js';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import type { Failure } from '../../src/util/failure.js';
import type { Json } from '../../src/util/json.js';
import { runStage } from '../quantization/support.js';
import { readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();
let portable: string;

beforeAll(async () => {
  portable = await portableOf('bert_seqcls');
});

async function portableOf(name: string): Promise<string> {
  const at = folder();
  const { folder: checkpoint, task } = readReference(name);
  await runStage(exportStage, { task }, { checkpoint }, { model: join(at, 'export') }, at);
  const out = { model: join(at, 'portable'), report: join(at, 'portable.json') };
  const params = { dialect: 'portable', split: true, tensorrt: '8.6' };
  await runStage(optimizeStage, params, { model: join(at, 'export'), checkpoint }, out, at);
  return out.model;
}

const QUERY = 'bert.encoder.layer.0.attention.self.query/MatMul';

/** One tensor reaches 81920. */
function calibration(): string {
  const path = join(folder(), 'calibration.json');
  const range = {
    min: -81920,
    max: 3,
    smallestMagnitude: 0.1,
    elements: 9,
    nonFinite: 0,
    belowNormal: 0,
    vanishing: 0,
  };
  const texts = { source: 'synthetic', asked: 1, used: 1, empty: 0, tokens: 9 };
  const models = { 'model.onnx': { [QUERY]: range } };
  writeFileSync(path, JSON.stringify({ schema: CALIBRATION_SCHEMA, texts, scope: 'all', models }));
  return path;
}

async function quantized(params: Json, inputs: Record<string, string> = {}) {
  const at = folder();
  const out = { model: join(at, 'model'), report: join(at, 'report.json') };
  await runStage(quantizeStage, params, { model: portable, ...inputs }, out, at);
  const model = readModel(join(out.model, 'model.onnx'));
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  const report = JSON.parse(readFileSync(out.report, 'utf8')) as { models: Record<string, Record<string, unknown>> };
  return { ...model.value, folder: out.model, report: report.models['model.onnx']! };
}

const sizeOf = (model: string): number => statSync(join(model, 'model.onnx_data')).size;

test('fp16: the same interface, half the bytes, and why a tensor stayed', async () => {
  const {
    graph,
    opsets,
    irVersion,
    report,
    folder: model,
  } = await quantized({ precision: 'fp16', reduceRange: false, tensorrt: '10' }, { calibration: calibration() });
  expect([opsets[''], irVersion]).toEqual([17, 8]);
  expect(graph.inputs.map(({ name, type }) => [name, type.dtype])).toEqual([
    ['input_ids', 'int64'],
    ['attention_mask', 'int64'],
    ['token_type_ids', 'int64'],
  ]);
  expect(graph.outputs.map(({ name, value }) => [name, value.type.dtype])).toEqual([['logits', 'float32']]);
  expect(sizeOf(model) / sizeOf(portable)).toBeLessThan(0.7);
  expect(report.kept).toContainEqual({
    at: 'bert.encoder.layer.0.attention.self.query',
    operator: 'MatMul',
    tensor: QUERY,
    reason: 'kept fp32: |x| up to 81920',
  });
});

test('int8 for TensorRT 10 is opset 19, for 8.6 opset 17', async () => {
  const table = { calibration: calibration() };
  const typed = await quantized({ precision: 'int8-explicit', reduceRange: false, tensorrt: '10' }, table);
  expect([typed.opsets[''], typed.irVersion]).toEqual([19, 9]);
  const old = await quantized({ precision: 'int8-explicit', reduceRange: false, tensorrt: '8.6' }, table);
  expect([old.opsets[''], old.irVersion]).toEqual([17, 8]);
  // Nothing but one tensor was observed.
  expect(old.report.left).toContainEqual({ path: 'bert.pooler.dense', reason: 'an operand was not observed' });
});

async function failureOf(params: Json): Promise<Failure> {
  const at = folder();
  const done = await quantizeStage.run({
    params,
    in: { model: portable },
    out: { model: join(at, 'model'), report: join(at, 'report.json') },
    scratch: at,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  if (done.ok) throw new Error('the stage succeeded');
  return done.error;
}

test('float8 where there is none', async () => {
  const params = { precision: 'fp8-explicit', reduceRange: false };
  expect(await failureOf({ ...params, tensorrt: '8.6' })).toEqual({
    code: 'float8-unsupported',
    kind: 'usage',
    message: 'this TensorRT has no products of float8',
    expected: 'TensorRT 10 or later',
    found: 'TensorRT 8.6',
    fix: 'choose int8 or fp16',
  });
});

test('weights of 4 bits where there are none, and where no weight is wide enough', async () => {
  const params = { precision: 'int4-explicit', reduceRange: false };
  expect(await failureOf({ ...params, tensorrt: '8.6' })).toEqual({
    code: 'int4-unsupported',
    kind: 'usage',
    message: 'this target has no weights of 4 bits',
    expected: 'TensorRT 10 or later: the parser of 8.6 knows neither int4 nor blocks',
    found: 'TensorRT 8.6',
    fix: 'choose int8 or fp16, or an image with a newer release',
  });
  expect(await failureOf({ ...params, tensorrt: '10' })).toEqual({
    code: 'quantized-nothing',
    kind: 'task',
    message: 'no product of the model can have weights of 4 bits',
    expected: 'a weight whose columns are made of whole blocks of 64',
    found:
      'the last product: its few numbers are what the model says; columns of 48 are not made of whole blocks of 64; columns of 96 are not made of whole blocks of 64',
    fix: 'choose fp16 or int8',
  });
});

test('bf16 for TensorRT 8.6, which has none', async () => {
  expect(await failureOf({ precision: 'bf16', reduceRange: false, tensorrt: '8.6' })).toMatchObject({
    code: 'tensorrt-refuses',
    kind: 'task',
    message: expect.stringMatching(/^TensorRT 8\.6 would refuse the model in \d+ places$/) as string,
    found: 'the operator is not known for bfloat16',
  });
});

test('a merged decoder becomes a file for each kind of call', async () => {
  const files = readdirSync(await portableOf('t5')).filter(name => name.endsWith('.onnx'));
  expect(files.sort()).toEqual(['decoder_model.onnx', 'decoder_with_past_model.onnx', 'encoder_model.onnx']);
});
