#!/usr/bin/env node
// Time and memory of each task for a decoder of half a billion parameters in float32 (2 GB, Qwen2's shape), after `npm run build`:
//   node bench/large.mjs [--precisions fp32,int8-dynamic,int4-weight]
// Weights are random, written in blocks that repeat. Memory is the peak of the process that ran the task, as the build tells it;
// a copy of the weights with `cp` stands beside the times.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { precisions: { type: 'string', default: 'fp32,int8-dynamic,int4-weight' } },
});
const precisions = options.precisions.split(',');
const folder = mkdtempSync(join(tmpdir(), 'td-bench-large-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const checkpoint = join(folder, 'model');

const shape = { hidden: 896, layers: 24, heads: 14, keyValueHeads: 2, intermediate: 4864, vocabulary: 151_936 };
writeCheckpoint(checkpoint, shape);
const weights = join(checkpoint, 'model.safetensors');
const began = performance.now();
execFileSync('cp', [weights, join(folder, 'copy')]);
console.log(`cp of the weights                                   ${((performance.now() - began) / 1000).toFixed(2)} s`);
rmSync(join(folder, 'copy'));

writeFileSync(
  join(folder, 'transformer-deploy.config.json'),
  JSON.stringify({
    models: { model: { source: checkpoint, task: 'text-generation' } },
    targets: { cpu: { engine: 'onnxruntime', precisions } },
    cache: { directory: join(folder, 'cache') },
  }),
);
const command = fileURLToPath(new URL('../lib/cli/main.js', import.meta.url));
const skipped = 'reference,validate,benchmark,report,triton';
const output = execFileSync(process.execPath, [command, 'build', '--skip', skipped, '--json', '--jobs', '1'], {
  cwd: folder,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
for (const line of output.trim().split('\n')) {
  const event = JSON.parse(line);
  if (event.type !== 'finished') continue;
  const seconds = (event.milliseconds / 1000).toFixed(2);
  console.log(`${event.task.padEnd(48)} ${seconds.padStart(7)} s   peak ${Math.round(event.peakMemoryMiB)} MiB`);
}

function writeCheckpoint(path, { hidden, layers, heads, keyValueHeads, intermediate, vocabulary }) {
  const width = (hidden / heads) * keyValueHeads;
  const shapes = { 'model.embed_tokens.weight': [vocabulary, hidden], 'model.norm.weight': [hidden] };
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`;
    Object.assign(shapes, {
      [`${at}.self_attn.q_proj.weight`]: [hidden, hidden],
      [`${at}.self_attn.q_proj.bias`]: [hidden],
      [`${at}.self_attn.k_proj.weight`]: [width, hidden],
      [`${at}.self_attn.k_proj.bias`]: [width],
      [`${at}.self_attn.v_proj.weight`]: [width, hidden],
      [`${at}.self_attn.v_proj.bias`]: [width],
      [`${at}.self_attn.o_proj.weight`]: [hidden, hidden],
      [`${at}.mlp.gate_proj.weight`]: [intermediate, hidden],
      [`${at}.mlp.up_proj.weight`]: [intermediate, hidden],
      [`${at}.mlp.down_proj.weight`]: [hidden, intermediate],
      [`${at}.input_layernorm.weight`]: [hidden],
      [`${at}.post_attention_layernorm.weight`]: [hidden],
    });
  }
  const header = {};
  let offset = 0;
  for (const [name, dims] of Object.entries(shapes)) {
    const end = offset + 4 * dims.reduce((product, dim) => product * dim, 1);
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [offset, end] };
    offset = end;
  }
  mkdirSync(path);
  const file = openSync(join(path, 'model.safetensors'), 'w');
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  writeSync(file, length);
  writeSync(file, head);
  const block = Float32Array.from({ length: 2 ** 22 }, () => (Math.random() - 0.5) / 16);
  const bytes = new Uint8Array(block.buffer);
  for (let left = offset; left > 0; left -= bytes.length) writeSync(file, bytes, 0, Math.min(left, bytes.length));
  closeSync(file);

  const json = (name, value) => writeFileSync(join(path, name), JSON.stringify(value));
  json('config.json', {
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    intermediate_size: intermediate,
    vocab_size: vocabulary,
    max_position_embeddings: 32_768,
    hidden_act: 'silu',
    rms_norm_eps: 1e-6,
    rope_theta: 1e6,
    tie_word_embeddings: true,
  });
  const words = Object.fromEntries(['<unk>', ...'abcdefghij'].map((word, id) => [word, id]));
  json('tokenizer.json', {
    version: '1.0',
    added_tokens: [],
    pre_tokenizer: { type: 'Whitespace' },
    model: { type: 'WordLevel', vocab: words, unk_token: '<unk>' },
  });
  json('tokenizer_config.json', { tokenizer_class: 'PreTrainedTokenizerFast' });
}
