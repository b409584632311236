// Speed of rewriting weights, beside `cp` of the same bytes. Usage, after `npm run build`:
//   node bench/kernels.mjs [--megabytes 340] [--rounds 15] [--folder DIR] [--refined]
// Page cache warm; the ways take turns, so that a busy machine disturbs all alike; medians. "synced" includes fsync for
// both sides. Ratio: time of cp / time of the rewrite, both for the same source bytes; the goal is 0.8 or more.
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kernelsInUse } from '../lib/kernels/index.js';
import { writeTensors } from '../lib/weights/write-data.js';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '340' },
    rounds: { type: 'string', default: '15' },
    folder: { type: 'string', default: tmpdir() },
    refined: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(options.folder, 'td-bench-kernels-'));
const source = join(folder, 'source');
const target = join(folder, 'target');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// The matrices of encoder layers of BERT-base, as many as fit: [out, in], as PyTorch stores them.
const layer = [
  [768, 768],
  [768, 768],
  [768, 768],
  [768, 768],
  [3072, 768],
  [768, 3072],
];
const weights = [];
let bytes = 0;
while (bytes < Number(options.megabytes) * 1e6) {
  for (const shape of layer) {
    const byteLength = shape[0] * shape[1] * 4;
    weights.push({ dtype: 'float32', shape, data: { from: 'file', file: source, offset: bytes, byteLength } });
    bytes += byteLength;
  }
}
writeRandom(source, bytes);

const transposed = of => ({
  dtype: of.dtype,
  shape: [of.shape[1], of.shape[0]],
  data: { from: 'transpose', of, perm: [1, 0] },
});
const cast = dtype => of => ({ dtype, shape: of.shape, data: { from: 'cast', of } });
const quantized = (weight, axis) => {
  const of = { weight, axis, reduceRange: false };
  return [
    { dtype: 'int8', shape: weight.shape, data: { from: 'quantized', of, part: 'values' } },
    { dtype: 'float32', shape: [weight.shape[axis]], data: { from: 'quantized', of, part: 'scales' } },
  ];
};

const inBlocks = (bits, blockSize, symmetric, iterations) => weight => {
  const of = { weight, bits, blockSize, symmetric, iterations };
  const [rows, columns] = weight.shape;
  const blocks = columns / blockSize;
  const part = (name, dtype, shape) => ({ dtype, shape, data: { from: 'blocks', of, part: name } });
  return [
    part('values', 'uint8', [rows, blocks, (blockSize * bits) / 8]),
    part('scales', 'float32', [rows, blocks]),
    ...(symmetric ? [] : [part('zeroPoints', 'uint8', [rows, Math.ceil((blocks * bits) / 8)])]),
  ];
};

const inColumnBlocks = blockSize => weight => {
  const of = { weight, blockSize };
  const [rows, columns] = weight.shape;
  const part = (name, dtype, shape) => ({ dtype, shape, data: { from: 'columnBlocks', of, part: name } });
  return [part('values', 'int4', [rows, columns]), part('scales', 'float16', [rows / blockSize, columns])];
};

const rewrites = {
  copy: weights,
  'transpose float32': weights.map(transposed),
  'float32 -> float16': weights.map(cast('float16')),
  'float32 -> bfloat16': weights.map(cast('bfloat16')),
  'transpose, float32 -> float16': weights.map(transposed).map(cast('float16')),
  'int8 per column of the transpose': weights.flatMap(weight => quantized(transposed(weight), 1)),
  'int8 per column as it lies': weights.flatMap(weight => quantized(weight, 1)),
  '4 bits in blocks of 32, zero points': weights.flatMap(inBlocks(4, 32, false, 0)),
  '4 bits in blocks of 32, zero points, of the transpose': weights.map(transposed).flatMap(inBlocks(4, 32, false, 0)),
  '8 bits in blocks of 128': weights.flatMap(inBlocks(8, 128, true, 0)),
  '8 bits in blocks of 128, of the transpose': weights.map(transposed).flatMap(inBlocks(8, 128, true, 0)),
  'int4 in blocks of 64 of a column': weights.flatMap(inColumnBlocks(64)),
  ...(options.refined && {
    '4 bits in blocks of 32, scales refined 20 times': weights.flatMap(inBlocks(4, 32, false, 20)),
  }),
};

const times = new Map();
for (let round = 0; round < Number(options.rounds); round++) {
  for (const durable of [false, true]) {
    await measure('cp', durable, () => copyWithCp(durable));
    for (const [name, tensors] of Object.entries(rewrites)) {
      const { entries, size } = laidOut(tensors);
      await measure(name, durable, async () => {
        const written = await writeTensors(target, entries, size, { durable });
        if (!written.ok) throw new Error(JSON.stringify(written.error));
      });
    }
  }
}

const { implementation, isa, reason } = kernelsInUse();
console.log(
  `${implementation} kernels (${isa ?? reason}), ${cpus().length} cores, ${cpus()[0].model.trim()}, ${Math.round(bytes / 1e6)} MB`,
);
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
console.log(
  '| rewrite | ms | GB/s of source | ratio to cp | ms synced | ratio to cp synced |\n|---|---|---|---|---|---|',
);
for (const name of ['cp', ...Object.keys(rewrites)]) {
  const [plain, synced] = [false, true].map(durable => median(times.get(`${name} ${durable}`)));
  const [cp, cpSynced] = [false, true].map(durable => median(times.get(`cp ${durable}`)));
  const cells = [
    name,
    plain.toFixed(0),
    (bytes / plain / 1e6).toFixed(2),
    (cp / plain).toFixed(2),
    synced.toFixed(0),
    (cpSynced / synced).toFixed(2),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function measure(name, durable, work) {
  rmSync(target, { force: true });
  const start = performance.now();
  await work();
  const key = `${name} ${durable}`;
  times.set(key, [...(times.get(key) ?? []), performance.now() - start]);
}

function copyWithCp(durable) {
  execFileSync('cp', [source, target]);
  if (!durable) return;
  const file = openSync(target, 'r+');
  fsyncSync(file);
  closeSync(file);
}

function laidOut(tensors) {
  const elementBytes = { float32: 4, float16: 2, bfloat16: 2, int8: 1, uint8: 1, int4: 0.5 };
  let size = 0;
  const entries = tensors.map((tensor, i) => {
    const offset = Math.ceil(size / 64) * 64;
    size = offset + tensor.shape.reduce((product, dim) => product * dim, 1) * elementBytes[tensor.dtype];
    return { tensor, offset, name: `weight ${i}` };
  });
  return { entries, size };
}

function writeRandom(path, byteLength) {
  const file = openSync(path, 'w');
  const block = Float32Array.from({ length: 1 << 20 }, () => (Math.random() - 0.5) * 0.2);
  const blockBytes = new Uint8Array(block.buffer);
  for (let at = 0; at < byteLength; at += blockBytes.length) {
    writeSync(file, blockBytes, 0, Math.min(blockBytes.length, byteLength - at), at);
  }
  closeSync(file);
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
