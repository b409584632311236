#!/usr/bin/env node
import { spawn } from 'node:child_process';
// What the local server costs: rows a second against the bare onnxruntime-node loop at the same batch size, and the latency that
// HTTP and the queue add to one request. Bare loop and server take turns, so other work on the machine meets both.
//   node bench/serve.mjs [--repository DIR] [--model NAME] [--batch 32] [--tokens 128] [--clients 2] [--rounds 15]
// Without --repository, it is that of examples/support-intents, which must be built.
import { Agent, request } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeInferRequest } from '../lib/kserve/http-body.js';
import { openSession } from '../lib/runtime/session.js';

const { values } = parseArgs({
  options: {
    repository: {
      type: 'string',
      default: fileURLToPath(new URL('../examples/support-intents/dist/triton', import.meta.url)),
    },
    model: { type: 'string', default: 'intents-cpu-fp32-model' },
    batch: { type: 'string', default: '32' },
    tokens: { type: 'string', default: '128' },
    clients: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '15' },
  },
});
const [batch, tokens, clients, rounds] = [values.batch, values.tokens, values.clients, values.rounds].map(Number);
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

const agent = new Agent({ keepAlive: true, maxSockets: clients });
const COMMAND = fileURLToPath(new URL('../lib/cli/main.js', import.meta.url));
const child = spawn(
  process.execPath,
  [
    COMMAND,
    'serve',
    '--repository',
    values.repository,
    '--port',
    '0',
    '--grpc-port',
    '0',
    '--metrics-port',
    '0',
    '--json',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const line = await new Promise(resolve => createInterface({ input: child.stdout }).once('line', resolve));
const { port } = { port: JSON.parse(line).ports.http };

const session = await openSession(join(values.repository, values.model, '1'));
if (!session.ok) throw new Error(JSON.stringify(session.error));

/** Inputs of the session and the body of the request that says the same. */
function inputsOf(rows, length) {
  const shape = [rows, length];
  const feeds = Object.fromEntries(
    session.value.inputs.map(({ name }) => {
      const data = new BigInt64Array(rows * length).fill(
        name === 'input_ids' ? 300n : name === 'attention_mask' ? 1n : 0n,
      );
      return [name, { dtype: 'int64', shape, data }];
    }),
  );
  const wire = Object.entries(feeds).map(([name, { data }]) => ({ name, datatype: 'INT64', shape, data }));
  const body = writeInferRequest(
    { parameters: { binary_data_output: true }, inputs: wire, outputs: [] },
    { binary: true },
  );
  if (!body.ok) throw new Error(body.error);
  return { feeds, body: body.value };
}

const post = ({ bytes, jsonLength }) =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: `/v2/models/${values.model}/infer`,
        headers: { 'content-length': bytes.length, 'inference-header-content-length': jsonLength },
      },
      response => {
        response.resume();
        response.on('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)),
        );
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });

async function timed(runs, run) {
  const start = performance.now();
  await run(runs);
  return performance.now() - start;
}

const bareLoop = feeds => async runs => {
  for (let index = 0; index < runs; index++) {
    const done = await session.value.run(feeds);
    if (!done.ok) throw new Error(JSON.stringify(done.error));
  }
};
const servedLoop = body => async runs => {
  let left = runs;
  const client = async () => {
    while (left-- > 0) await post(body);
  };
  await Promise.all(Array.from({ length: clients }, client));
};

const large = inputsOf(batch, tokens);
const [bare, served] = [bareLoop(large.feeds), servedLoop(large.body)];
await bare(3);
await served(3);
const ratios = [];
const RUNS = 12;
for (let round = 0; round < rounds; round++) {
  const turns = round % 2 === 0 ? [bare, served] : [served, bare];
  const times = new Map();
  for (const turn of turns) times.set(turn, await timed(RUNS, turn));
  ratios.push(times.get(bare) / times.get(served));
}
console.log(
  `throughput, batches of ${batch} x ${tokens}, ${clients} clients, ${availableParallelism()} cores: ` +
    `${(100 * median(ratios)).toFixed(1)} % of the bare loop (median of ${rounds} rounds, ` +
    `${(100 * Math.min(...ratios)).toFixed(0)} to ${(100 * Math.max(...ratios)).toFixed(0)} %)`,
);

const small = inputsOf(1, 16);
const added = [];
for (let run = 0; run < 400; run++) {
  const alone = await timed(1, bareLoop(small.feeds));
  const withServer = await timed(1, servedLoop(small.body));
  if (run >= 50) added.push(withServer - alone);
}
added.sort((a, b) => a - b);
console.log(
  `added latency, one row of 16 tokens over HTTP: p50 ${median(added).toFixed(2)} ms, p90 ${added[Math.floor(added.length * 0.9)].toFixed(2)} ms`,
);
agent.destroy();
child.kill('SIGTERM');
