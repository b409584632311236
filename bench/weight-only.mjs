#!/usr/bin/env node
// How fast a decoder is with weights in blocks, for one token after a cache of 128 and for a prompt of 128. Usage, after `npm run build`:
//   node bench/weight-only.mjs [--threads 1] [--rounds 30] [--hidden 1024] [--layers 6] [--vocabulary 32000]
// A Llama with random weights. All forms take turns in one process, in an order that is drawn anew each round; what is printed
// is the ratio of the smallest time of each to that of fp32.
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readModel } from '../lib/onnx/read.js';
import { writeModel } from '../lib/onnx/write.js';
import { quantizeInt8Dynamic } from '../lib/quantization/int8-dynamic.js';
import { quantizeWeightOnly, WEIGHT_ONLY } from '../lib/quantization/weight-only.js';
import { openSession } from '../lib/runtime/session.js';
import { exportStage } from '../lib/stages/export.js';
import { optimizeStage } from '../lib/stages/optimize.js';
import { unwrap } from './interleaved.mjs';

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '30' },
    hidden: { type: 'string', default: '1024' },
    layers: { type: 'string', default: '6' },
    vocabulary: { type: 'string', default: '32000' },
  },
});
const [threads, rounds, hidden, layers, vocabulary] = [
  options.threads,
  options.rounds,
  options.hidden,
  options.layers,
  options.vocabulary,
].map(Number);
const headSize = 64;
const heads = hidden / headSize;
const intermediate = Math.ceil((hidden * 8) / 3 / 64) * 64;
const folder = mkdtempSync(join(tmpdir(), 'td-bench-weight-only-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const checkpoint = join(folder, 'checkpoint');
writeCheckpoint();
const work = name => join(folder, name);
await runStage(exportStage, { task: 'text-generation' }, { checkpoint }, { model: work('exported') });
const toOptimize = { model: work('exported'), checkpoint };
const optimizedTo = { model: work('optimized'), report: work('report.json') };
await runStage(optimizeStage, { dialect: 'onnxruntime-cpu' }, toOptimize, optimizedTo);
const optimized = unwrap(readModel(join(work('optimized'), 'model.onnx'))).graph;
const rounding = (bits, blockSize, symmetric) => ({ bits, blockSize, symmetric, iterations: 0 });
const inBlocks = (products, tables = WEIGHT_ONLY['int4-weight'].tables) =>
  unwrap(quantizeWeightOnly(optimized, { products, tables })).graph;
const FORMS = {
  fp32: optimized,
  'int8-dynamic': unwrap(quantizeInt8Dynamic(optimized, { reduceRange: false })).graph,
  'int8-weight': unwrap(quantizeWeightOnly(optimized, WEIGHT_ONLY['int8-weight'])).graph,
  '8 bits, block 32': inBlocks(rounding(8, 32, true), rounding(8, 32, true)),
  'int4-weight': unwrap(quantizeWeightOnly(optimized, WEIGHT_ONLY['int4-weight'])).graph,
  '4 bits, block 32, symmetric': inBlocks(rounding(4, 32, true)),
  '4 bits, block 64': inBlocks(rounding(4, 64, false)),
  '4 bits, block 128': inBlocks(rounding(4, 128, false)),
  'int4-weight, table and head 4 bits': inBlocks(rounding(4, 32, false), rounding(4, 32, false)),
};

const sessions = {};
const sizes = {};
for (const [name, graph] of Object.entries(FORMS)) {
  const at = join(folder, name.replace(/\W+/g, '-'));
  unwrap(await writeModel(graph, { folder: at, file: 'model.onnx', durable: false }));
  sizes[name] = statSync(join(at, 'model.onnx_data')).size;
  sessions[name] = unwrap(await openSession(at, 'model.onnx', { threads }));
}

const WORKLOADS = { 'one token after 128': [1, 128], 'prompt of 128': [128, 0] };
const least = {};
for (let round = 0; round < rounds; round++) {
  for (const [workload, [sequence, past]] of Object.entries(WORKLOADS)) {
    for (const name of shuffled(Object.keys(FORMS))) {
      const feeds = feedsOf(sessions[name].inputs, sequence, past);
      const milliseconds = unwrap(await sessions[name].runTimed(feeds, () => performance.now()));
      const key = `${name} ${workload}`;
      least[key] = Math.min(least[key] ?? Number.POSITIVE_INFINITY, milliseconds);
    }
  }
}
console.log(
  `${threads} thread(s), hidden ${hidden}, ${layers} layers, vocabulary ${vocabulary}, tied; ${rounds} rounds`,
);
console.log(
  `| form | MB | ${Object.keys(WORKLOADS).join(' | ')} |\n|---|---|${'---|'.repeat(Object.keys(WORKLOADS).length)}`,
);
for (const name of Object.keys(FORMS)) {
  const ratios = Object.keys(WORKLOADS).map(workload =>
    (least[`${name} ${workload}`] / least[`fp32 ${workload}`]).toFixed(3),
  );
  console.log(`| ${name} | ${(sizes[name] / 1e6).toFixed(0)} | ${ratios.join(' | ')} |`);
}
console.log(
  Object.keys(WORKLOADS)
    .map(workload => `fp32, ${workload}: ${least[`fp32 ${workload}`].toFixed(2)} ms`)
    .join('; '),
);

function feedsOf(inputs, sequence, past) {
  const int64 = (length, of) => ({
    dtype: 'int64',
    shape: [1, length],
    data: BigInt64Array.from({ length }, (_, i) => BigInt(of(i))),
  });
  const feeds = {
    input_ids: int64(sequence, i => (i * 7919) % vocabulary),
    attention_mask: int64(past + sequence, () => 1),
    position_ids: int64(sequence, i => past + i),
  };
  for (const { name } of inputs) {
    if (!name.startsWith('past_key_values')) continue;
    feeds[name] = {
      dtype: 'float32',
      shape: [1, heads, past, headSize],
      data: new Float32Array(heads * past * headSize).fill(0.1),
    };
  }
  return feeds;
}

async function runStage(stage, params, inputs, out) {
  const { signal } = new AbortController();
  unwrap(await stage.run({ params, in: inputs, out, scratch: folder, signal, progress() {} }));
}

function writeCheckpoint() {
  const tensors = { 'model.embed_tokens.weight': [vocabulary, hidden], 'model.norm.weight': [hidden] };
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`;
    for (const part of ['q', 'k', 'v', 'o']) tensors[`${at}.self_attn.${part}_proj.weight`] = [hidden, hidden];
    for (const part of ['gate', 'up']) tensors[`${at}.mlp.${part}_proj.weight`] = [intermediate, hidden];
    tensors[`${at}.mlp.down_proj.weight`] = [hidden, intermediate];
    for (const part of ['input', 'post_attention']) tensors[`${at}.${part}_layernorm.weight`] = [hidden];
  }
  const header = {};
  let offset = 0;
  for (const [name, shape] of Object.entries(tensors)) {
    const end = offset + shape.reduce((product, side) => product * side, 4);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  mkdirSync(checkpoint, { recursive: true });
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(join(checkpoint, 'model.safetensors'), 'w');
  writeSync(file, Buffer.concat([length, text]));
  for (const shape of Object.values(tensors)) {
    const count = shape.reduce((product, side) => product * side, 1);
    const weights = Float32Array.from({ length: count }, () => (shape.length === 1 ? 1 : (Math.random() - 0.5) * 0.1));
    writeSync(file, new Uint8Array(weights.buffer));
  }
  closeSync(file);
  writeFileSync(
    join(checkpoint, 'config.json'),
    JSON.stringify({
      model_type: 'llama',
      architectures: ['LlamaForCausalLM'],
      hidden_size: hidden,
      intermediate_size: intermediate,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: heads,
      max_position_embeddings: 2048,
      vocab_size: vocabulary,
      rms_norm_eps: 1e-6,
      hidden_act: 'silu',
      tie_word_embeddings: true,
    }),
  );
}

function shuffled(items) {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
