#!/usr/bin/env node
// Which form of int8 with calibrated ranges ONNX Runtime's CPU provider runs fastest, beside fp32 and int8-dynamic:
//   node bench/int8-forms.mjs [--size minilm-l6|bert-base] [--threads 1] [--rounds 30] [--shapes 1x16,1x128,8x128]
// For every form: medians and minima in milliseconds, and what the session made of its products. The ranges are made up, since they
// do not change the speed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportGraph, findArchitecture } from '../lib/architectures/index.js';
import { scalar, tensorOf } from '../lib/graph/constants.js';
import { constant } from '../lib/graph/graph.js';
import { ops } from '../lib/graph/ops.js';
import { readModel } from '../lib/onnx/read.js';
import { writeModel } from '../lib/onnx/write.js';
import { PIPELINES } from '../lib/passes/pipelines.js';
import { operatorCounts, runPipeline } from '../lib/passes/run-pipeline.js';
import { quantizeInt8Dynamic } from '../lib/quantization/int8-dynamic.js';
import { quantizeInt8Static } from '../lib/quantization/int8-static.js';
import { quantizeProducts } from '../lib/quantization/integer-products.js';
import { openSession } from '../lib/runtime/session.js';
import { openCheckpoint } from '../lib/weights/checkpoint.js';
import { madeUpRanges, printTable, randomTokens, takeTurns, unwrap } from './interleaved.mjs';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: 'minilm-l6' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '30' },
    shapes: { type: 'string', default: '1x16,1x128,8x128' },
  },
});
const threads = Number(options.threads);
const folder = mkdtempSync(join(tmpdir(), 'td-bench-int8-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const checkpoint = join(folder, 'checkpoint');
execFileSync(process.execPath, [new URL('make-checkpoint.mjs', import.meta.url).pathname, checkpoint, options.size]);
const opened = unwrap(openCheckpoint(checkpoint));
const architecture = unwrap(await findArchitecture(opened.configJson, checkpoint));
const { graphs } = unwrap(exportGraph(architecture, opened, { task: 'text-classification' }));
const { graph: fused } = runPipeline(graphs['model.onnx'], PIPELINES['onnxruntime-cpu']);

const SETTINGS = { reduceRange: false };
const scale = scalar('float32', 16 / 255);
const zeroPoint = constant(tensorOf('uint8', [], [128]));

/** Quantise-dequantise pairs around MatMul, as quantisers write them; `outputs`: behind the product as well. */
const pairs = outputs => ({
  name: 'pairs',
  reasonToLeave: () => undefined,
  multiplier() {
    const activations = new Map();
    return ({ path, x, weight, bias }) => {
      const op = ops(path);
      const rounded = value => op.DequantizeLinear(op.QuantizeLinear(value, scale, zeroPoint), scale, zeroPoint);
      const activation = activations.get(x) ?? rounded(x);
      activations.set(x, activation);
      const product = op.MatMul(activation, op.DequantizeLinear(weight.values, weight.scales, undefined, { axis: 1 }));
      const given = outputs ? rounded(product) : product;
      return bias === undefined ? given : op.Add(given, bias);
    };
  },
});
const withPairs = outputs => unwrap(quantizeProducts(fused, pairs(outputs), SETTINGS)).graph;

const FORMS = {
  fp32: fused,
  'int8-dynamic': unwrap(quantizeInt8Dynamic(fused, SETTINGS)).graph,
  'int8: QuantizeLinear, MatMulIntegerToFloat': unwrap(quantizeInt8Static(fused, madeUpRanges, SETTINGS)).graph,
  'int8: the same, packed attention': unwrap(
    quantizeInt8Static(fused, madeUpRanges, { ...SETTINGS, form: 'packed-attention' }),
  ).graph,
  'int8: pairs on the inputs of MatMul': withPairs(false),
  'int8: pairs on inputs and outputs of MatMul': withPairs(true),
};
const sessions = [];
for (const [index, [name, graph]] of Object.entries(FORMS).entries()) {
  const form = join(folder, `form-${index}`);
  unwrap(await writeModel(graph, { folder: form, file: 'model.onnx' }));
  const optimizedModelFile = join(folder, `executed-${index}.onnx`);
  sessions.push({ name, session: unwrap(await openSession(form, 'model.onnx', { threads, optimizedModelFile })) });
  const executed = operatorCounts(unwrap(readModel(optimizedModelFile, { dataFolder: '/' })).graph);
  const products = Object.entries(executed).filter(([op]) => /MatMul|Gemm|Quantize|^Add$/.test(op));
  console.log(`${name}: ${products.map(([op, count]) => `${count} ${op.replace('com.microsoft.', '')}`).join(', ')}`);
}

console.log(`${options.size}, ${threads} threads, ${options.rounds} rounds`);
for (const shape of options.shapes.split(',')) {
  const [batch, sequence] = shape.split('x').map(Number);
  const feeds = randomTokens(batch, sequence);
  const forms = sessions.map(({ name, session }) => ({
    name,
    time: async () => unwrap(await session.runTimed(feeds, () => performance.now())),
  }));
  printTable(shape, await takeTurns(forms, { rounds: Number(options.rounds), warm: batch * sequence < 256 }));
}
