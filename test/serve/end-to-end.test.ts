import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TritonClient } from '../../src/client/client.js';
import { type RunningServer, serve } from '../../src/serve/serve.js';
import { COMMAND } from '../support/td.js';
import { EXAMPLE } from '../triton/intents.js';
import { ENSEMBLE, intentsRepository, NETWORK } from './intents-repository.js';
import { jsonOf, send } from './support.js';

/** Against logits in float64: the network is float32, and its text is padded to a bucket. */
const TOLERANCE = 1e-4;

interface Sample {
  readonly text: string;
  readonly logits: readonly number[];
  readonly label: string;
}
const SAMPLES = (JSON.parse(readFileSync(join(EXAMPLE, '../expected.json'), 'utf8')) as { samples: Sample[] }).samples;

let repository: Awaited<ReturnType<typeof intentsRepository>>;
beforeAll(async () => {
  repository = await intentsRepository();
});
afterAll(() => repository.remove());

const ANY = { http: 0, grpc: 0, metrics: 0 };
async function start(control: 'none' | 'explicit' = 'none', load: readonly string[] = []): Promise<RunningServer> {
  const server = await serve({
    repository: { folder: repository.folder, control, load },
    host: '127.0.0.1',
    ports: ANY,
    version: '0.0.0',
  });
  if (!server.ok) throw new Error(JSON.stringify(server.error));
  return server.value;
}

const closeTo = (found: readonly number[], expected: readonly number[]) =>
  Math.max(...expected.map((value, index) => Math.abs(value - found[index]!))) < TOLERANCE;

describe('the example', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  test('all models are ready, and none was meant for a GPU', () => {
    expect(server.onCpu).toEqual([]);
    expect(server.index.map(({ name, state, reason }) => `${name} ${state}${reason}`)).toEqual([
      `${ENSEMBLE} READY`,
      `${NETWORK} READY`,
      'intents-tokenize READY',
    ]);
  });

  describe.each(['http', 'grpc'] as const)('over %s', protocol => {
    let client: TritonClient;
    beforeAll(() => {
      client = new TritonClient(`127.0.0.1:${server.ports[protocol]}`, { protocol });
    });
    afterAll(() => client.close());
    const infer = async (text: string) => {
      const answer = await client.infer(ENSEMBLE, {
        inputs: { TEXT: { datatype: 'BYTES', shape: [1, 1], data: [text] } },
      });
      if (!answer.ok) throw new Error(JSON.stringify(answer.error));
      return [...(answer.value.outputs.logits!.data as Float32Array)];
    };

    test('right answers', async () => {
      expect(SAMPLES.length).toBeGreaterThan(3);
      for (const { text, logits } of SAMPLES) expect(closeTo(await infer(text), logits), text).toBe(true);
    });

    test('200 clients at once, each with its own answer', async () => {
      const before = await client.statistics(NETWORK);
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) => infer(SAMPLES[i % SAMPLES.length]!.text)),
      );
      const wrong = answers.filter((answer, i) => !closeTo(answer, SAMPLES[i % SAMPLES.length]!.logits));
      expect(wrong).toEqual([]);
      const after = await client.statistics(NETWORK);
      if (!before.ok || !after.ok) throw new Error('no statistics');
      const count = (of: typeof after.value) => Number(of[0]!.inference_count);
      expect(count(after.value) - count(before.value)).toBe(200);
    });

    test('metadata and health', async () => {
      expect(await client.ready()).toEqual({ ok: true, value: true });
      expect(await client.modelMetadata(ENSEMBLE)).toMatchObject({
        ok: true,
        value: {
          name: ENSEMBLE,
          platform: 'ensemble',
          inputs: [{ name: 'TEXT', datatype: 'BYTES', shape: [-1, 1] }],
          outputs: [{ name: 'logits', datatype: 'FP32', shape: [-1, 8] }],
        },
      });
      expect(await client.modelConfig(NETWORK)).toMatchObject({ ok: true, value: { max_batch_size: 32 } });
    });

    test('refusals carry the code of the protocol and the words of the server', async () => {
      const unknown = await client.infer('nope', { inputs: {} });
      expect(unknown.ok || unknown.error.message).toContain("Request for unknown model: 'nope' is not found");
      const bad = await client.infer(ENSEMBLE, {
        inputs: { TEXT: { datatype: 'BYTES', shape: [1, 1], data: [Uint8Array.of(0xff)] } },
        binary: true,
      });
      expect(bad.ok || bad.error.message).toContain(`in ensemble '${ENSEMBLE}', TEXT, row 0: not UTF-8 at byte 0`);
    });
  });

  test('labels of the repository', async () => {
    const body = {
      inputs: [{ name: 'TEXT', datatype: 'BYTES', shape: [1, 1], data: [SAMPLES[0]!.text] }],
      outputs: [{ name: 'logits', parameters: { classification: 1 } }],
    };
    const reply = await send(server.ports.http, `/v2/models/${ENSEMBLE}/infer`, { body: JSON.stringify(body) });
    const { outputs } = jsonOf(reply) as { outputs: { data: string[] }[] };
    expect(outputs[0]!.data[0]!.split(':')[2]).toBe(SAMPLES[0]!.label);
  });

  test('metrics on a port of their own, and nothing else there', async () => {
    expect((await send(server.ports.metrics, '/metrics')).body.toString()).toContain('nv_inference_count{');
    expect((await send(server.ports.metrics, '/v2')).status).toBe(404);
  });

  test('a port that is taken', async () => {
    const again = await serve({
      repository: { folder: repository.folder, control: 'explicit', load: [] },
      host: '127.0.0.1',
      ports: { ...ANY, http: server.ports.http },
      version: '0.0.0',
    });
    expect(again).toMatchObject({
      ok: false,
      error: {
        code: 'port-taken',
        where: `127.0.0.1:${server.ports.http}`,
        message: 'the HTTP port cannot be listened on',
      },
    });
  });
});

test('a network for GPUs runs on the CPU, which is told', async () => {
  const forGpus = await intentsRepository({ server: { instances: { kind: 'gpu', gpus: [0] } } });
  const server = await serve({
    repository: { folder: forGpus.folder, control: 'none', load: [] },
    host: '127.0.0.1',
    ports: ANY,
    version: '0.0.0',
  });
  if (!server.ok) throw new Error(JSON.stringify(server.error));
  const { stop, ports, onCpu } = server.value;
  try {
    expect(onCpu).toEqual([NETWORK]);
    const inputs = [{ name: 'TEXT', datatype: 'BYTES', shape: [1, 1], data: [SAMPLES[0]!.text] }];
    const reply = await send(ports.http, `/v2/models/${ENSEMBLE}/infer`, { body: JSON.stringify({ inputs }) });
    const { outputs } = jsonOf(reply) as { outputs: { data: number[] }[] };
    expect(closeTo(outputs[0]!.data, SAMPLES[0]!.logits)).toBe(true);
  } finally {
    await stop();
    forGpus.remove();
  }
});

test('requests that wait for each other run together', async () => {
  const patient = await intentsRepository({ dynamicBatching: { maxQueueDelayMicroseconds: 60_000_000 } });
  const server = await serve({
    repository: { folder: patient.folder, control: 'none', load: [] },
    host: '127.0.0.1',
    ports: ANY,
    version: '0.0.0',
  });
  if (!server.ok) throw new Error(JSON.stringify(server.error));
  const { stop, ports } = server.value;
  try {
    const body = JSON.stringify({
      inputs: [{ name: 'TEXT', datatype: 'BYTES', shape: [1, 1], data: ['refund pls'] }],
    });
    const ask = () => send(ports.http, `/v2/models/${ENSEMBLE}/infer`, { body });
    await Promise.all(Array.from({ length: 64 }, ask));
    const { model_stats: stats } = jsonOf(await send(ports.http, '/v2/models/stats')) as {
      model_stats: { name: string; inference_count: number; execution_count: number; batch_stats: object[] }[];
    };
    // A minute is not what they waited: a batch that is full starts at once.
    for (const name of ['intents-tokenize', NETWORK]) {
      expect(stats.find(model => model.name === name)).toMatchObject({
        inference_count: 64,
        execution_count: 2,
        batch_stats: [{ batch_size: 32, compute_infer: { count: 2 } }],
      });
    }
  } finally {
    await stop();
    patient.remove();
  }
});

test('models come and go when clients ask for it', async () => {
  const server = await start('explicit');
  const post = async (path: string, body: object = {}) => {
    const reply = await send(server.ports.http, path, { body: JSON.stringify(body) });
    return [reply.status, reply.body.length === 0 ? '' : jsonOf(reply)];
  };
  const states = async () => {
    const [, index] = await post('/v2/repository/index');
    return (index as { name: string; state?: string; reason?: string }[]).map(({ name, state = '-', reason = '' }) =>
      `${name} ${state} ${reason}`.trim(),
    );
  };
  try {
    expect(await states()).toEqual([`${ENSEMBLE} -`, `${NETWORK} -`, 'intents-tokenize -']);
    expect(await post('/v2/repository/models/nope/load')).toEqual([
      500,
      { error: "failed to load 'nope', failed to poll from model repository" },
    ]);
    // An ensemble brings what it is made of.
    expect(await post(`/v2/repository/models/${ENSEMBLE}/load`)).toEqual([200, '']);
    expect(await states()).toEqual([`${ENSEMBLE} READY`, `${NETWORK} READY`, 'intents-tokenize READY']);
    expect(await post(`/v2/repository/models/${ENSEMBLE}/unload`, { parameters: { unload_dependents: true } })).toEqual(
      [200, ''],
    );
    expect(await states()).toEqual([ENSEMBLE, NETWORK, 'intents-tokenize'].map(name => `${name} UNAVAILABLE unloaded`));
    // What the linter finds is the reason.
    const config = join(repository.folder, NETWORK, 'config.pbtxt');
    const good = readFileSync(config, 'utf8');
    writeFileSync(config, good.replace('name: "input_ids"', 'name: "ids"'));
    const [status, answer] = await post(`/v2/repository/models/${NETWORK}/load`);
    expect([status, (answer as { error: string }).error]).toEqual([400, expect.stringContaining("'ids'")]);
    expect((await send(server.ports.http, '/v2/health/ready')).status).toBe(400);
    writeFileSync(config, good);
    expect(await post(`/v2/repository/models/${NETWORK}/load`)).toEqual([200, '']);
    expect((await send(server.ports.http, '/v2/health/ready')).status).toBe(200);
  } finally {
    await server.stop();
  }
});

describe('td serve', () => {
  const serveCommand = (...args: string[]): ChildProcess =>
    spawn(
      process.execPath,
      [COMMAND, 'serve', '--port', '0', '--grpc-port', '0', '--metrics-port', '0', '--json', ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: requests that are there are answered, then it exits with 0',
    async signal => {
      const child = serveCommand('--repository', repository.folder);
      let notes = '';
      child.stderr!.on('data', chunk => {
        notes += chunk;
      });
      const exited = once(child, 'exit');
      const [line] = (await once(createInterface({ input: child.stdout as Readable }), 'line')) as [string];
      const { ports } = JSON.parse(line) as { ports: typeof ANY };
      expect(notes).toContain('This server is for development and tests; serve users with Triton.');
      const body = JSON.stringify({
        inputs: [{ name: 'TEXT', datatype: 'BYTES', shape: [16, 1], data: Array(16).fill('refund '.repeat(100)) }],
      });
      const replies = Array.from({ length: 10 }, () => send(ports.http, `/v2/models/${ENSEMBLE}/infer`, { body }));
      // All have arrived once all are tokenized; the network has most of its work before it then.
      const tokenized = async () => {
        const { model_stats: stats } = jsonOf(await send(ports.http, '/v2/models/intents-tokenize/stats')) as {
          model_stats: { inference_count: number }[];
        };
        return stats[0]!.inference_count;
      };
      while ((await tokenized()) < 160) await new Promise(resolve => setTimeout(resolve, 2));
      child.kill(signal);
      expect((await Promise.all(replies)).map(reply => reply.status)).toEqual(Array(10).fill(200));
      expect((await exited)[0]).toBe(0);
    },
  );

  test('no repository', async () => {
    const child = serveCommand('--repository', join(repository.folder, 'nope'));
    const chunks: Buffer[] = [];
    child.stderr!.on('data', chunk => chunks.push(chunk));
    const [code] = await once(child, 'close');
    expect(code).toBe(2);
    expect(Buffer.concat(chunks).toString()).toContain('there is no model repository');
  });
});
