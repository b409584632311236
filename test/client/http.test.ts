import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { toNested, toStrings } from '../../src/client/tensors.js';
import { clientOf, closedPort, echo, httpServer, json } from './support.js';

const INPUTS = {
  TEXT: [['where is my parcel'], ['déjà vu\0']],
  ids: { datatype: 'INT64', data: [[1n, 2n ** 53n + 1n]] },
  mask: new Uint8Array([1, 0, 255]),
  flags: [true, false],
} as const;

describe('infer', () => {
  for (const binary of [false, true]) {
    for (const compress of [false, true]) {
      test(`every kind of tensor, ${binary ? 'binary' : 'JSON'}${compress ? ', packed' : ''}`, async () => {
        const { url, asked } = await httpServer((response, one) => {
          if (one.headers['content-encoding'] !== 'gzip') return echo(response, one);
          echo(response, { ...one, body: gunzipSync(one.body) });
        });
        const answer = await clientOf(url, { compress }).infer('echo', { inputs: INPUTS, binary, id: 'seven' });
        if (!answer.ok) throw new Error(answer.error.message);
        const { outputs, ...rest } = answer.value;
        expect(rest).toEqual({ modelName: 'echo', modelVersion: '1', id: 'seven', parameters: {} });
        expect(toNested(outputs.TEXT!)).toEqual(INPUTS.TEXT);
        // JSON numbers are doubles for JavaScript's parser; bytes keep all digits.
        expect(toNested(outputs.ids!)).toEqual([[1n, binary ? 2n ** 53n + 1n : 2n ** 53n]]);
        expect(outputs.mask!.data).toEqual(INPUTS.mask);
        expect(toNested(outputs.flags!)).toEqual([true, false]);
        expect(asked[0]!.headers['content-type']).toBe(binary ? 'application/octet-stream' : 'application/json');
        expect(asked[0]!.headers['content-encoding']).toBe(compress ? 'gzip' : undefined);
      });
    }
  }

  test('a version, a part of the outputs, labels, headers of the caller', async () => {
    const { url, asked } = await httpServer(echo);
    const client = clientOf(`${url}/serving/`, { headers: { authorization: 'Bearer t' } });
    const answer = await client.infer('my model', {
      inputs: { a: new Float32Array([1]), b: new Float32Array([2]) },
      version: '3',
      outputs: [{ name: 'b', classification: 2 }],
      parameters: { priority: 1 },
      binary: true,
    });
    expect(answer.ok && Object.keys(answer.value.outputs)).toEqual(['b']);
    expect(asked[0]!.path).toBe('/serving/v2/models/my%20model/versions/3/infer');
    expect(asked[0]!.headers.authorization).toBe('Bearer t');
    const length = Number(asked[0]!.headers['inference-header-content-length']);
    expect(JSON.parse(asked[0]!.body.subarray(0, length).toString())).toEqual({
      parameters: { priority: 1 },
      inputs: [
        { name: 'a', datatype: 'FP32', shape: [1], parameters: { binary_data_size: 4 } },
        { name: 'b', datatype: 'FP32', shape: [1], parameters: { binary_data_size: 4 } },
      ],
      outputs: [{ name: 'b', parameters: { binary_data: false, classification: 2 } }],
    });
  });

  test('connections are kept', async () => {
    const { url, server } = await httpServer(echo);
    let connections = 0;
    server.on('connection', () => connections++);
    const client = clientOf(url);
    for (let call = 0; call < 8; call++) await client.infer('echo', { inputs: { TEXT: ['a'] } });
    // The next call may come before the first connection is known to be free.
    expect(connections).toBeLessThan(3);
  });
});

const SERVER_ERRORS: readonly (readonly [string, number, string, object])[] = [
  [
    'the server says why',
    404,
    '{"error":"Request for unknown model: \'x\' is not found"}',
    { status: 'NOT_FOUND', httpStatus: 404, message: "Request for unknown model: 'x' is not found" },
  ],
  ['a server that says detail', 400, '{"detail":"no"}', { status: 'INVALID_ARGUMENT', message: 'no' }],
  [
    'a proxy speaks',
    502,
    '<h1>Bad Gateway</h1>',
    { status: 'UNKNOWN', httpStatus: 502, message: '<h1>Bad Gateway</h1>' },
  ],
  ['nobody says why', 500, '', { status: 'INTERNAL', message: 'no reason given' }],
  ['a long page', 500, 'x'.repeat(1000), { message: `${'x'.repeat(200)}…` }],
];

describe('errors of the server, never tried again', () => {
  test.each(SERVER_ERRORS)('%s', async (_, status, body, expected) => {
    const { url, asked } = await httpServer(response => response.writeHead(status).end(body));
    const answer = await clientOf(url).infer('x', { inputs: { TEXT: ['a'] } });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'server', safeToRetry: false, ...expected } });
    expect(asked).toHaveLength(1);
  });
});

describe('faults', () => {
  test('nobody listens: tried again, then said', async () => {
    const port = await closedPort();
    const answer = await clientOf(`http://127.0.0.1:${port}`, { retry: { attempts: 3 } }).serverMetadata();
    expect(answer).toEqual({
      ok: false,
      error: { kind: 'unreachable', message: `connect ECONNREFUSED 127.0.0.1:${port}`, safeToRetry: true },
    });
  });

  test('503, then fine', async () => {
    let calls = 0;
    const { url } = await httpServer((response, asked) =>
      ++calls < 3 ? json(response, { error: 'Exceeds maximum queue size' }, 503) : echo(response, asked),
    );
    const answer = await clientOf(url).infer('echo', { inputs: { TEXT: ['a'] } });
    expect([answer.ok, calls]).toEqual([true, 3]);
  });

  test('a step of a sequence is sent once', async () => {
    const { url, asked } = await httpServer(response => json(response, { error: 'busy' }, 503));
    const answer = await clientOf(url).infer('m', { inputs: { a: ['a'] }, parameters: { sequence_id: 7 } });
    expect(answer).toMatchObject({ ok: false, error: { status: 'UNAVAILABLE', message: 'busy' } });
    expect(asked).toHaveLength(1);
  });

  test('the connection is dropped before the answer: not tried again', async () => {
    const { url, asked } = await httpServer(response => response.socket!.destroy());
    const answer = await clientOf(url).infer('m', { inputs: { a: ['a'] } });
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: 'broken', message: 'the connection ended before an answer came: other side closed' },
    });
    expect(asked).toHaveLength(1);
  });

  test('an answer that is shorter than its Content-Length', async () => {
    const { url } = await httpServer(response => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"model_name":', () => response.socket!.end());
    });
    const answer = await clientOf(url).infer('m', { inputs: { a: ['a'] } });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'broken' } });
    expect(!answer.ok && answer.error.message).toMatch(/^the answer ended before it was whole: /);
  });

  test('binary outputs that are cut off, and a JSON length beyond the body', async () => {
    const head = JSON.stringify({
      model_name: 'm',
      model_version: '1',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } }],
    });
    const bodies = [Buffer.concat([Buffer.from(head), Buffer.alloc(7)]), Buffer.from(head.slice(0, -1))];
    const { url } = await httpServer(response =>
      response.writeHead(200, { 'inference-header-content-length': String(head.length) }).end(bodies.shift()),
    );
    const client = clientOf(url);
    for (const message of [
      "output 'y': binary_data_size is 8, but 7 bytes are left",
      `the JSON should have ${head.length} bytes, but the body has ${head.length - 1}`,
    ]) {
      const answer = await client.infer('m', { inputs: { a: ['a'] } });
      expect(answer).toEqual({ ok: false, error: { kind: 'malformed', message, safeToRetry: false } });
    }
  });

  test('gzip that is none, JSON that is none', async () => {
    const answers = [(packed: boolean) => (packed ? gzipSync('{').subarray(0, 5) : Buffer.from('<html>'))] as const;
    for (const packed of [true, false]) {
      const { url } = await httpServer(response =>
        response.writeHead(200, packed ? { 'content-encoding': 'gzip' } : {}).end(answers[0](packed)),
      );
      const answer = await clientOf(url, { compress: true }).serverMetadata();
      expect(!answer.ok && [answer.error.kind, answer.error.message.split(':')[0]]).toEqual([
        'malformed',
        packed ? 'the answer is not what gzip wrote' : 'the answer is no JSON',
      ]);
    }
  });

  test('a slow server: the deadline is of the whole call', async () => {
    const { url } = await httpServer(() => undefined);
    const answer = await clientOf(url).infer('m', { inputs: { a: ['a'] }, timeoutMilliseconds: 60 });
    expect(answer).toEqual({
      ok: false,
      error: { kind: 'deadline', message: 'no answer within 60 ms', safeToRetry: false },
    });
  });

  test('cancelled by the caller, before and meanwhile', async () => {
    const controller = new AbortController();
    const { url, asked } = await httpServer(() => controller.abort());
    const client = clientOf(url);
    const cancelled = {
      ok: false,
      error: { kind: 'cancelled', message: 'the call was cancelled', safeToRetry: false },
    };
    expect(await client.infer('m', { inputs: { a: ['a'] }, signal: controller.signal })).toEqual(cancelled);
    expect(await client.ready({ signal: controller.signal })).toEqual(cancelled);
    expect(asked).toHaveLength(1);
  });
});

describe('what a server tells of itself', () => {
  test('health: 400 of Triton and 503 of others are no', async () => {
    const codes = [200, 400, 503, 200];
    const { url, asked } = await httpServer(response => response.writeHead(codes.shift()!).end());
    const client = clientOf(url);
    expect(await client.live()).toEqual({ ok: true, value: true });
    expect(await client.ready()).toEqual({ ok: true, value: false });
    expect(await client.ready({ model: 'm', version: '2' })).toEqual({ ok: true, value: false });
    expect(await client.ready({ model: 'm' })).toEqual({ ok: true, value: true });
    expect(asked.map(({ path }) => path)).toEqual([
      '/v2/health/live',
      '/v2/health/ready',
      '/v2/models/m/versions/2/ready',
      '/v2/models/m/ready',
    ]);
  });

  test('metadata, config, statistics, index, load and unload', async () => {
    const answers: Record<string, unknown> = {
      '/v2': { name: 'triton', version: '2.60.0', extensions: ['statistics'] },
      '/v2/models/m': {
        name: 'm',
        versions: ['1'],
        platform: 'ensemble',
        inputs: [{ name: 'TEXT', datatype: 'BYTES', shape: [-1, 1] }],
        outputs: [],
      },
      '/v2/models/m/config': { name: 'm', max_batch_size: 8 },
      '/v2/models/m/stats': {
        model_stats: [
          { name: 'm', version: '1', inference_count: 3, inference_stats: { queue: { count: 2, ns: 4000 } } },
        ],
      },
      '/v2/repository/index': [{ name: 'm', version: '1', state: 'READY' }],
      '/v2/repository/models/m/load': {},
      '/v2/repository/models/m/unload': {},
    };
    const { url, asked } = await httpServer((response, { path }) => json(response, answers[path]));
    const client = clientOf(url);
    expect(await client.serverMetadata()).toEqual({ ok: true, value: answers['/v2'] });
    expect(await client.modelMetadata('m')).toEqual({ ok: true, value: answers['/v2/models/m'] });
    expect(await client.modelConfig('m')).toEqual({ ok: true, value: answers['/v2/models/m/config'] });
    expect(await client.statistics('m')).toMatchObject({
      ok: true,
      value: [{ inference_count: 3, execution_count: 0, inference_stats: { queue: { count: 2, ns: 4000 } } }],
    });
    expect(await client.repositoryIndex({ readyOnly: true })).toEqual({
      ok: true,
      value: [{ name: 'm', version: '1', state: 'READY', reason: '' }],
    });
    expect(await client.loadModel('m', { config: '{}' })).toEqual({ ok: true, value: undefined });
    expect(await client.unloadModel('m', { dependents: true })).toEqual({ ok: true, value: undefined });
    expect(asked.slice(-3).map(({ body }) => body.toString())).toEqual([
      '{"ready":true}',
      '{"parameters":{"config":"{}"}}',
      '{"parameters":{"unload_dependents":true}}',
    ]);
  });

  test('answers that are not the protocol', async () => {
    const { url } = await httpServer(response => json(response, [1]));
    const client = clientOf(url);
    const messages = [
      await client.serverMetadata(),
      await client.modelMetadata('m'),
      await client.modelConfig('m'),
      await client.statistics(),
      await client.infer('m', { inputs: {} }),
    ].map(answer => !answer.ok && `${answer.error.kind}: ${answer.error.message}`);
    expect(messages).toEqual([
      "malformed: the server's metadata have no name",
      "malformed: the model's metadata have no name",
      'malformed: the answer is no JSON object',
      "malformed: the statistics have no 'model_stats'",
      'malformed: failed to parse the request JSON buffer: not an object',
    ]);
  });
});

describe('generate', () => {
  const pieces = async (stream: AsyncIterable<unknown>): Promise<unknown[]> => {
    const all: unknown[] = [];
    for await (const piece of stream) all.push(piece);
    return all;
  };

  test('one answer', async () => {
    const { url, asked } = await httpServer(response => json(response, { text_output: 'b' }));
    const answer = await clientOf(url).generate('m', 'a', { parameters: { max_tokens: 2 } });
    expect(answer).toEqual({ ok: true, value: { text_output: 'b' } });
    expect([asked[0]!.path, asked[0]!.body.toString()]).toEqual([
      '/v2/models/m/generate',
      '{"text_input":"a","max_tokens":2}',
    ]);
  });

  test('a stream in awkward pieces', async () => {
    const text = 'data: {"text_output":"é"}\r\n\r\n: comment\n\ndata: {"text_output":\ndata: "b"}\n\n';
    const { url } = await httpServer(async response => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    });
    expect(await pieces(clientOf(url).generateStream('m', { text_input: 'a' }))).toEqual([
      { ok: true, value: { text_output: 'é' } },
      { ok: true, value: { text_output: 'b' } },
    ]);
  });

  const BROKEN: readonly (readonly [string, string, boolean, string])[] = [
    [
      'an error within the stream',
      'data: {"error":"out of memory"}\n\ndata: {"text_output":"c"}\n\n',
      false,
      'server: out of memory',
    ],
    ['an event that is no JSON', 'data: {"a\n\n', false, 'malformed: an event is no JSON: {"a'],
    [
      'an end in the middle of an event',
      'data: {"text_out',
      false,
      'broken: the stream ended in the middle of an event',
    ],
    ['a dropped connection', '', true, 'broken: the stream ended before it was whole: '],
  ];
  test.each(BROKEN)('%s, after one that was fine; not tried again', async (_, rest, drop, expected) => {
    const { url, asked } = await httpServer(response => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: {"text_output":"a"}\n\n${rest}`, () =>
        drop ? response.socket!.destroy() : response.end(),
      );
    });
    const [first, second, ...more] = (await pieces(clientOf(url).generateStream('m', 'a'))) as [
      unknown,
      { error: { kind: string; message: string } },
    ];
    expect(first).toEqual({ ok: true, value: { text_output: 'a' } });
    expect(`${second.error.kind}: ${second.error.message}`.slice(0, expected.length)).toBe(expected);
    expect([more, asked.length]).toEqual([[], 1]);
  });

  test('503 before the stream is tried again, 400 is not', async () => {
    const codes = [503, 400];
    const { url, asked } = await httpServer(response => json(response, { error: 'no' }, codes.shift()));
    expect(await pieces(clientOf(url).generateStream('m', 'a'))).toMatchObject([
      { ok: false, error: { status: 'INVALID_ARGUMENT', message: 'no' } },
    ]);
    expect(asked).toHaveLength(2);
  });

  test('a reader that has enough ends the connection', async () => {
    let closed = false;
    const { url } = await httpServer(response => {
      response.on('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {}\n\n');
    });
    for await (const piece of clientOf(url).generateStream('m', 'a')) {
      expect(piece.ok).toBe(true);
      break;
    }
    await expect.poll(() => closed).toBe(true);
  });

  test('streamInfer is of gRPC', async () => {
    const { url } = await httpServer(echo);
    expect(await pieces(clientOf(url).streamInfer('m', { inputs: {} }))).toMatchObject([
      { ok: false, error: { kind: 'request' } },
    ]);
  });
});

test('texts of outputs, and what has none', async () => {
  const { url } = await httpServer(echo);
  const answer = await clientOf(url).infer('m', { inputs: { a: ['x'], b: new Int32Array(1) } });
  if (!answer.ok) throw new Error(answer.error.message);
  expect(toStrings(answer.value.outputs.a!)).toEqual(['x']);
  expect(() => toStrings(answer.value.outputs.b!)).toThrow("output 'b' has numbers, not strings");
});
