#!/usr/bin/env node
// Our artefacts against the best that other tools make of the same checkpoint on this machine. Usage, after `npm run build`:
//   node bench/peers.mjs [--size minilm-l6|bert-base] [--threads 1] [--rounds 30] [--shapes 1x16,1x128] [--python PYTHON] [--only REGEXP]
//   [--precisions fp32,int8-dynamic,int8,auto]
// int8-dynamic is shown in each form that 'auto' tries, and 'auto' with what it chose at these shapes and this number of threads.
// --python names an interpreter with torch, transformers, onnx and onnxruntime (or some of them); without it only ONNX Runtime
// on the plain file is compared. ONNX files of all tools run in this process, PyTorch in one beside it. All take turns in an
// order that is drawn anew each round; idle threads of one do not spin while another is timed. Printed are medians and
// minima in milliseconds, and the ratio of each to ONNX Runtime in fp32 on the plain file. On a machine that does other
// work too, only the minima can be compared. Tokens are random; in a batch, every second text is padded by a quarter.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exportGraph, findArchitecture } from '../lib/architectures/index.js';
import { FORMS, mixText } from '../lib/choice/mix.js';
import { writeModel } from '../lib/onnx/write.js';
import { foldConstants } from '../lib/passes/fold-constants.js';
import { PIPELINES } from '../lib/passes/pipelines.js';
import { runPipeline } from '../lib/passes/run-pipeline.js';
import { quantizeInt8Dynamic } from '../lib/quantization/int8-dynamic.js';
import { quantizeInt8Static } from '../lib/quantization/int8-static.js';
import { openSession } from '../lib/runtime/session.js';
import { openCheckpoint } from '../lib/weights/checkpoint.js';
import { madeUpRanges, printTable, randomTokens, takeTurns, unwrap } from './interleaved.mjs';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: 'minilm-l6' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '30' },
    shapes: { type: 'string', default: '1x16,1x128' },
    precisions: { type: 'string', default: 'fp32,int8-dynamic,int8,auto' },
    python: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const threads = Number(options.threads);
const folder = mkdtempSync(join(tmpdir(), 'td-bench-peers-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const here = path => fileURLToPath(new URL(path, import.meta.url));

const checkpoint = join(folder, 'checkpoint');
execFileSync(process.execPath, [here('make-checkpoint.mjs'), checkpoint, options.size]);

const plain = join(folder, 'plain', 'model.onnx');
const opened = unwrap(openCheckpoint(checkpoint));
const architecture = unwrap(await findArchitecture(opened.configJson, checkpoint));
const exported = unwrap(exportGraph(architecture, opened, { task: 'text-classification' }));
// The operators of the export; its weights lie as other exporters write them, so that the other tools find them.
const { graph: plainGraph } = runPipeline(exported.graphs['model.onnx'], [foldConstants]);
unwrap(await writeModel(plainGraph, { folder: dirname(plain), file: basename(plain) }));
const precisions = options.precisions.split(',');
const onnxFiles = { 'ORT fp32 on the plain file': plain, ...ours() };
if (precisions.includes('int8-dynamic')) Object.assign(onnxFiles, await otherForms());

const python = options.python ? await openPython(options.python) : undefined;
Object.assign(onnxFiles, python?.files);

const wanted = ([name], index) => index === 0 || new RegExp(options.only).test(name);
const forms = [];
for (const [name, file] of Object.entries(onnxFiles).filter(wanted)) {
  const session = unwrap(await openSession(dirname(file), basename(file), { threads }));
  forms.push({ name, run: async feeds => unwrap(await session.runTimed(feeds, () => performance.now())) });
}
for (const name of (python?.models ?? []).filter((name, index) => wanted([name], index + 1))) {
  forms.push({ name, run: feeds => python.run(name, feeds) });
}

console.log(`${options.size}, ${threads} threads, ${options.rounds} rounds`);
for (const shape of options.shapes.split(',')) {
  const [batch, sequence] = shape.split('x').map(Number);
  const feeds = randomTokens(batch, sequence);
  const timed = forms.map(({ name, run }) => ({ name, time: () => run(feeds) }));
  printTable(shape, await takeTurns(timed, { rounds: Number(options.rounds), warm: batch * sequence < 256 }));
}
python?.close();

/** What `td build` makes of the checkpoint, without validation and measurement but for those that 'auto' chooses by. */
function ours() {
  const config = {
    models: { model: { source: checkpoint, task: 'text-classification' } },
    targets: { cpu: { engine: 'onnxruntime', precisions } },
    benchmark: { shapes: options.shapes.split(',').map(shape => shape.split('x').map(Number)), threads },
    cache: { directory: join(folder, 'cache') },
  };
  writeFileSync(join(folder, 'transformer-deploy.config.json'), JSON.stringify(config));
  const isChosen = precisions.includes('auto');
  const skipped = `${isChosen ? '' : 'reference,'}validate,benchmark,report,triton`;
  execFileSync(process.execPath, [here('../lib/cli/main.js'), 'build', '--skip', skipped], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const named = precision => (precision === 'auto' ? `auto (${chosen()})` : precision);
  return Object.fromEntries(
    precisions.map(precision => [
      `transformer-deploy ${named(precision)}`,
      join(folder, 'dist/models/model', `cpu-${precision}`, 'onnx/model.onnx'),
    ]),
  );
}

function chosen() {
  const { choices } = JSON.parse(readFileSync(join(folder, 'td.lock'), 'utf8'));
  return mixText(choices['model/cpu/auto'].choice.mix);
}

/** int8-dynamic and int8, written in the other ways that 'auto' tries. */
async function otherForms() {
  const { graph } = runPipeline(exported.graphs['model.onnx'], PIPELINES['onnxruntime-cpu']);
  const options = { reduceRange: false };
  const packed = 'packed-attention';
  const made = Object.fromEntries([
    ...FORMS.map(form => [`int8-dynamic, ${form}`, quantizeInt8Dynamic(graph, { ...options, form })]),
    [`int8, ${packed}`, quantizeInt8Static(graph, madeUpRanges, { ...options, form: packed })],
  ]);
  const files = {};
  for (const [name, quantized] of Object.entries(made)) {
    unwrap(await writeModel(unwrap(quantized).graph, { folder: join(folder, name), file: 'model.onnx' }));
    files[`transformer-deploy ${name}`] = join(folder, name, 'model.onnx');
  }
  return files;
}

/** A process that answers one line of JSON with another. Its idle threads sleep. */
async function openPython(interpreter) {
  const child = spawn(interpreter, [here('peers.py')], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE', GOMP_SPINCOUNT: '0', TOKENIZERS_PARALLELISM: 'false' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async request => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${interpreter} ended`);
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  };
  const { files, models, absent } = await ask({ command: 'open', checkpoint, plain, folder, threads });
  for (const [name, reason] of Object.entries(absent)) console.log(`left out: ${name}: ${reason}`);
  const listed = ({ data, shape: [batch, sequence] }) =>
    Array.from({ length: batch }, (_, row) =>
      Array.from(data.subarray(row * sequence, (row + 1) * sequence), token => Number(token)),
    );
  return {
    files,
    models,
    async run(name, { input_ids, attention_mask }) {
      const feeds = { ids: listed(input_ids), mask: listed(attention_mask) };
      return (await ask({ command: 'run', name, ...feeds })).ms;
    },
    close: () => child.stdin.end(),
  };
}
