#!/usr/bin/env node
// Which form of an encoder ONNX Runtime's CPU provider runs fastest. Usage, after `npm run build`:
//   node bench/fusions.mjs [--size minilm-l6|bert-base] [--threads 1] [--rounds 30] [--shapes 1x16,1x128,8x128] [--forms REGEXP]
// Sessions have their default settings, as in Triton. All forms take turns in an order that is drawn anew each round; what is
// printed are medians and minima in milliseconds, and the ratio of each to that of the graph as it was exported. On a
// machine that does other work too, only the minima can be compared.
// Tokens are random; in a batch, every second text is padded by a quarter.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportGraph, findArchitecture } from '../lib/architectures/index.js';
import { tensorOf } from '../lib/graph/constants.js';
import { constant, makeNode } from '../lib/graph/graph.js';
import { ops } from '../lib/graph/ops.js';
import { nodePass, producer, replaced } from '../lib/graph/pass.js';
import { writeModel } from '../lib/onnx/write.js';
import { PIPELINES } from '../lib/passes/pipelines.js';
import { runPipeline } from '../lib/passes/run-pipeline.js';
import { quantizeInt8Dynamic } from '../lib/quantization/int8-dynamic.js';
import { openSession } from '../lib/runtime/session.js';
import { openCheckpoint } from '../lib/weights/checkpoint.js';
import { printTable, randomTokens, takeTurns, unwrap } from './interleaved.mjs';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: 'minilm-l6' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '30' },
    shapes: { type: 'string', default: '1x16,1x128,8x128' },
    forms: { type: 'string', default: '' },
  },
});
const threads = Number(options.threads);
const folder = mkdtempSync(join(tmpdir(), 'td-bench-fusions-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const checkpoint = join(folder, 'checkpoint');
execFileSync(process.execPath, [new URL('make-checkpoint.mjs', import.meta.url).pathname, checkpoint, options.size]);
const opened = unwrap(openCheckpoint(checkpoint));
const architecture = unwrap(await findArchitecture(opened.configJson, checkpoint));
const exported = unwrap(exportGraph(architecture, opened, { task: 'text-classification' })).graphs['model.onnx'];

const pipeline = PIPELINES['onnxruntime-cpu'];
const without = name => pipeline.filter(pass => pass.name !== name);
const run = (graph, passes) => runPipeline(graph, passes).graph;
const int8 = graph => unwrap(quantizeInt8Dynamic(graph, { reduceRange: false })).graph;

const concat = (tensors, axis, shape) => ({
  dtype: tensors[0].dtype,
  shape,
  data: { from: 'concat', of: tensors, axis },
});
const weightOf = matMul => matMul.inputs[1].tensor;

/** The three products of query, key and value as one with the packed weight; `make` gets x, weight [D, 3D], bias [3D], node. */
const onPackedProjections = (name, make) =>
  nodePass(name, () => node => {
    if (node.op !== 'MultiHeadAttention') return undefined;
    const [query, key, value] = node.inputs.slice(0, 3).map(input => producer(input, 'MatMul'));
    const [rows, columns] = weightOf(query).shape;
    const weights = [query, key, value].map(weightOf);
    const weight = constant(concat(weights, 1, [rows, 3 * columns]), `${node.path}.qkv.weight`);
    return replaced(make(ops(node.path), query.inputs[0], weight, node.inputs[3], node));
  });

const packedProjections = onPackedProjections('pack-qkv', (op, x, weight, _bias, node) => {
  const width = weight.tensor.shape[1] / 3;
  const [query, key, value] = op.Split(op.MatMul(x, weight), [width, width, width], { axis: -1 });
  const types = node.outputs.map(output => output.type);
  return makeNode({ ...node, inputs: [query, key, value, ...node.inputs.slice(3)] }, types).outputs[0];
});

const msAttention = onPackedProjections('ms-attention', (op, x, weight, bias, node) =>
  op.Attention(x, weight, bias, node.inputs[4], { num_heads: node.attributes.num_heads.value }),
);

/** Attention on integers: after `msAttention` and the quantisation of everything else. */
const qAttention = nodePass('q-attention', () => node => {
  if (node.op !== 'Attention') return undefined;
  const [x, weight, bias, mask] = node.inputs;
  const of = { weight: weight.tensor, axis: 1, reduceRange: false };
  const [rows, columns] = weight.tensor.shape;
  const values = constant({ dtype: 'int8', shape: [rows, columns], data: { from: 'quantized', of, part: 'values' } });
  const scales = constant({ dtype: 'float32', shape: [columns], data: { from: 'quantized', of, part: 'scales' } });
  const zeros = constant(tensorOf('int8', [columns], new Int8Array(columns)));
  const [u8, scale, zeroPoint] = ops(node.path).DynamicQuantizeLinear(x);
  const inputs = [u8, values, bias, scale, scales, mask, zeroPoint, zeros];
  const attributes = { num_heads: node.attributes.num_heads };
  const quantized = { op: 'QAttention', domain: 'com.microsoft', path: node.path, inputs, attributes };
  return replaced(makeNode(quantized, [node.outputs[0].type]).outputs[0]);
});

/** Every product quantises its activation for itself. */
const eachForItself = nodePass('each-for-itself', () => node => {
  if (node.op !== 'MatMulIntegerToFloat') return undefined;
  const x = node.inputs[0].node.inputs[0];
  return replaced(ops(node.path).DynamicQuantizeMatMul(x, node.inputs[1], node.inputs[3], undefined, node.inputs[6]));
});

/** The bias added before attention instead of inside it. */
const biasOutside = nodePass('bias-outside', () => node => {
  if (node.op !== 'MultiHeadAttention') return undefined;
  const parts = node.inputs[3].tensor.data.of.map(tensor => constant(tensor));
  const biased = node.inputs.slice(0, 3).map((input, index) => ops(node.path).Add(input, parts[index]));
  const types = node.outputs.map(output => output.type);
  return replaced(makeNode({ ...node, inputs: [...biased, undefined, ...node.inputs.slice(4)] }, types).outputs[0]);
});

const biasGelu = nodePass('bias-gelu', () => node => {
  const add = node.op === 'Gelu' ? producer(node.inputs[0], 'Add') : undefined;
  return add && replaced(ops(node.path).BiasGelu(add.inputs[0], add.inputs[1]));
});

const fused = run(exported, pipeline);
const FORMS = {
  'fp32: as exported': exported,
  'fp32: pipeline': fused,
  'fp32: Add, not Sum, before LayerNormalization': run(exported, without('residual-sum')),
  'fp32: attention not fused': run(exported, without('fuse-attention')),
  'fp32: GELU as Erf chain': run(exported, without('fuse-gelu')),
  'fp32: BiasGelu': run(fused, [biasGelu]),
  'fp32: biases of q, k, v added outside': run(fused, [biasOutside]),
  'fp32: packed QKV, Split': run(fused, [packedProjections]),
  'fp32: ms.Attention': run(fused, [msAttention]),
  'int8: as exported, weights as they would be': int8(run(exported, PIPELINES.portable)),
  'int8: pipeline': int8(fused),
  'int8: Add, not Sum, before LayerNormalization': int8(run(exported, without('residual-sum'))),
  'int8: attention not fused': int8(run(exported, without('fuse-attention'))),
  'int8: GELU as Erf chain': int8(run(exported, without('fuse-gelu'))),
  'int8: BiasGelu': int8(run(fused, [biasGelu])),
  'int8: biases of q, k, v in the products': int8(run(fused, [biasOutside])),
  'int8: each product quantises for itself': run(int8(fused), [eachForItself]),
  'int8: packed QKV, Split': int8(run(fused, [packedProjections])),
  'int8: QAttention': run(int8(run(fused, [msAttention])), [qAttention]),
};

const chosen = Object.entries(FORMS).filter(([name], index) => index === 0 || new RegExp(options.forms).test(name));
const sessions = [];
for (const [index, [name, graph]] of chosen.entries()) {
  const form = join(folder, `form-${index}`);
  unwrap(await writeModel(graph, { folder: form, file: 'model.onnx' }));
  sessions.push({ name, session: unwrap(await openSession(form, 'model.onnx', { threads })) });
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
