import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type grpc from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { report } from '../../src/cli/command.js';
import { command } from '../../src/cli/commands/client.js';
import { inferRequestFromMessage, inferResponseToMessage } from '../../src/kserve/grpc-messages.js';
import { type Answer, closedPort, echo, grpcServer, httpServer, json } from '../client/support.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const temporaryFolder = temporaryFolders();

/** td client with these words: exit code and what was printed. */
async function td(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const context = {
    cwd: '/',
    signal: new AbortController().signal,
    print: (text: string) => void (out += text),
    note: (text: string) => void (err += text),
  };
  const given = parseArguments('client', command.options, words);
  const result = given.ok ? await command.run(given.value, context) : given;
  return { code: result.ok ? result.value : report(result.error, context), out, err };
}

const METADATA = {
  name: 'm',
  versions: ['1'],
  platform: 'ensemble',
  inputs: [
    { name: 'TEXT', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'ids', datatype: 'INT64', shape: [-1, -1] },
    { name: 'max_tokens', datatype: 'INT32', shape: [1] },
  ],
  outputs: [{ name: 'logits', datatype: 'FP32', shape: [-1, 3] }],
};

const server: Answer = (response, asked) => {
  const { path } = asked;
  if (path.startsWith('/v2/models/m') && path.endsWith('/infer')) return echo(response, asked);
  if (path === '/v2/models/m') return json(response, METADATA);
  if (path === '/v2/models/m/config') return json(response, { name: 'm' });
  if (path === '/v2/repository/index') return json(response, [{ name: 'm', version: '1', state: 'READY' }]);
  if (path === '/v2/health/ready') return json(response, {});
  if (path === '/v2/models/m/ready') return json(response, { error: 'Model version not ready' }, 400);
  if (path === '/v2/models/m/generate_stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return void response.end('data: {"text_output":"Once"}\n\ndata: {"text_output":" upon"}\n\n');
  }
  if (path === '/v2/models/m/stats') {
    const stats = { success: { count: 4, ns: 8_000_000 }, queue: { count: 4, ns: 2_000_000 } };
    return json(response, {
      model_stats: [{ name: 'm', version: '1', inference_count: 8, execution_count: 2, inference_stats: stats }],
    });
  }
  json(response, { error: `Request for unknown model: '${path.split('/')[3]}' is not found` }, 404);
};

describe('infer', () => {
  const CASES: readonly (readonly [string, readonly string[], unknown])[] = [
    ['texts become rows', ['--text', 'a, b', '--text', 'c'], [['TEXT', [2, 1], [['a, b'], ['c']]]]],
    ['a list becomes a row', ['--input', 'ids=[1,2,3]'], [['ids', [1, 3], [[1, 2, 3]]]]],
    [
      'rows stay',
      ['--input', 'ids=[[1,2],[3,4]]'],
      [
        [
          'ids',
          [2, 2],
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
    ],
    ['a single value', ['--input', 'max_tokens=7'], [['max_tokens', [1], [7]]]],
    ['a text that is no JSON', ['--input', 'TEXT=a=b'], [['TEXT', [1, 1], [['a=b']]]]],
    ['a number where texts are', ['--input', 'TEXT=5'], [['TEXT', [1, 1], [['5']]]]],
  ];
  for (const [what, words, expected] of CASES) {
    for (const binary of [[], ['--binary']]) {
      test(`${what} ${binary}`, async () => {
        const { url } = await httpServer(server);
        const { code, out } = await td('infer', 'm', '--url', url, ...words, ...binary, '--json');
        const outputs = JSON.parse(out).outputs as { name: string; shape: number[]; data: unknown }[];
        expect([code, outputs.map(({ name, shape, data }) => [name, shape, data])]).toEqual([0, expected]);
      });
    }
  }

  test('data from a file, by name or as a request', async () => {
    const { url } = await httpServer(server);
    const folder = temporaryFolder();
    const request = { inputs: [{ name: 'TEXT', datatype: 'BYTES', shape: [1, 1], data: ['a'] }] };
    for (const [file, data] of Object.entries({ 'by-name.json': { TEXT: 'a' }, 'request.json': request })) {
      writeFileSync(join(folder, file), JSON.stringify(data));
      expect(await td('infer', 'm', '--url', url, '--data', join(folder, file))).toEqual({
        code: 0,
        out: 'TEXT  a\n',
        err: '',
      });
    }
  });

  test('a stream of texts', async () => {
    const { url, asked } = await httpServer(server);
    const { out } = await td('infer', 'm', '--url', url, '--text', 'a', '--input', 'max_tokens=2', '--stream');
    expect(out).toBe('Once upon\n');
    expect(asked.at(-1)!.body.toString()).toBe('{"TEXT":"a","max_tokens":2}');
    const lines = await td('infer', 'm', '--url', url, '--text', 'a', '--stream', '--json');
    expect(lines.out).toBe('{"text_output":"Once"}\n{"text_output":" upon"}\n');
  });

  test('a model that gives pieces where they are asked for: --stream asks, --input comes first', async () => {
    const writer = [
      { name: 'text_input', datatype: 'BYTES', shape: [1] },
      { name: 'stream', datatype: 'BOOL', shape: [1] },
    ];
    const { url, asked } = await httpServer((response, one) =>
      one.path === '/v2/models/m' ? json(response, { ...METADATA, inputs: writer }) : server(response, one),
    );
    const bodyOf = async (...words: string[]) => {
      await td('infer', 'm', '--url', url, '--text', 'a', '--stream', ...words);
      return JSON.parse(asked.at(-1)!.body.toString());
    };
    expect(await bodyOf()).toEqual({ text_input: 'a', stream: true });
    expect(await bodyOf('--input', 'stream=false')).toEqual({ text_input: 'a', stream: false });
  });

  test('a model that must be streamed says so', async () => {
    const words = "HTTP end point doesn't support models with decoupled transaction policy";
    const { url } = await httpServer((response, one) =>
      one.path.endsWith('/infer') ? json(response, { error: words }, 501) : server(response, one),
    );
    const { code, err } = await td('infer', 'm', '--url', url, '--text', 'a');
    expect([code, err]).toEqual([
      1,
      `error: server-error: ${words}\n  where     ${url}: m\n  found     UNIMPLEMENTED, HTTP 501\n  fix       --stream: the model gives any number of answers\n`,
    ]);
  });

  test('labels', async () => {
    const { url, asked } = await httpServer(server);
    await td('infer', 'm', '--url', url, '--text', 'a', '--top', '3');
    expect(JSON.parse(asked.at(-1)!.body.toString()).outputs).toEqual([
      { name: 'logits', parameters: { binary_data: false, classification: 3 } },
    ]);
  });

  test('over gRPC, whole and as a stream', async () => {
    const answer = (message: object) => {
      const request = inferRequestFromMessage(message);
      if (!request.ok) throw new Error(request.error);
      return inferResponseToMessage({
        modelName: 'm',
        modelVersion: '1',
        parameters: {},
        outputs: request.value.inputs,
      });
    };
    const { url } = await grpcServer({
      ModelMetadata: (_: unknown, done: grpc.sendUnaryData<unknown>) => done(null, METADATA),
      ModelInfer: (call: grpc.ServerUnaryCall<object, unknown>, done: grpc.sendUnaryData<unknown>) =>
        done(null, answer(call.request)),
      ModelStreamInfer: (call: grpc.ServerDuplexStream<object, object>) => {
        call.on('data', (message: object) => {
          call.write({ infer_response: answer(message) });
          call.write({ infer_response: answer(message) });
        });
        call.on('end', () => call.end());
      },
    });
    const address = url.replace('grpc://', '');
    expect((await td('infer', 'm', '--url', address, '--grpc', '--text', 'a')).out).toBe('TEXT  a\n');
    expect((await td('infer', 'm', '--url', url, '--stream', '--text', 'a')).out).toBe('TEXT  a\nTEXT  a\n');
  });
});

test('what a server tells', async () => {
  const { url } = await httpServer(server);
  expect((await td('index', '--url', url)).out).toBe('m  1  READY\n');
  expect(JSON.parse((await td('metadata', 'm', '--url', url)).out)).toEqual(METADATA);
  expect(JSON.parse((await td('config', 'm', '--url', url)).out)).toEqual({ name: 'm' });
  expect(await td('ready', '--url', url)).toEqual({ code: 0, out: 'ready\n', err: '' });
  expect(await td('ready', 'm', '--url', url)).toEqual({ code: 1, out: 'not ready\n', err: '' });
  expect((await td('stats', 'm', '--url', url)).out).toBe(
    'model  version  requests  failed  inferences  executions  queue   input  infer  output\n' +
      'm      1        4         0       8           2           500 µs  -      -      -\n',
  );
});

describe('what went wrong', () => {
  const WORDS: readonly (readonly [string[], number, string])[] = [
    [
      [],
      2,
      'error: unknown-action: what shall be asked?\n  expected  one of infer, metadata, config, stats, ready, index, load, unload\n',
    ],
    [['infre'], 2, "did you mean 'td client infer'?"],
    [['infer'], 2, 'which model?'],
    [['infer', 'm', 'x'], 2, "what is 'x'?"],
    [['infer', 'm'], 2, 'no inputs'],
    [['infer', 'm', '--input', 'text=a'], 2, "did you mean 'TEXT'?"],
    [['infer', 'm', '--input', 'a'], 2, '--input a is not NAME=VALUE'],
    [['infer', 'm', '--input', 'ids=["a"]'], 2, "input 'ids': element 0 of 'data' is no INT64"],
    [['infer', 'm', '--data', '/none.json'], 2, 'the data cannot be read'],
    [['infer', 'n', '--text', 'a'], 2, "did you mean 'm'?"],
    [['infer', 'm', '--top', 'x', '--text', 'a'], 2, '--top is not a whole number'],
    [['ready', '--timeout', '0'], 2, '--timeout is not a number of seconds above 0'],
    [['ready', '--header', 'x'], 2, '--header x is not NAME:VALUE'],
  ];
  test.each(WORDS)('%j: exit code %d', async (words, code, text) => {
    const { url } = await httpServer(server);
    const answer = await td(...words, '--url', url);
    expect([answer.code, answer.out]).toEqual([code, '']);
    expect(answer.err).toContain(text);
  });

  test('no server: exit code 3', async () => {
    const port = await closedPort();
    const { code, err } = await td('ready', '--url', `127.0.0.1:${port}`, '--timeout', '0.5');
    expect([code, err]).toEqual([
      3,
      `error: server-unreachable: the server cannot be reached\n  where     http://127.0.0.1:${port}\n  found     connect ECONNREFUSED 127.0.0.1:${port}\n  fix       start it (td serve), or name another with --url\n`,
    ]);
  });

  test('too slow: exit code 1', async () => {
    const { url } = await httpServer(() => undefined);
    const { code, err } = await td('index', '--url', url, '--timeout', '0.05');
    expect([code, err.split('\n')[0]]).toEqual([1, 'error: server-slow: no answer within 50 ms']);
  });

  test('an address that is none', async () => {
    expect((await td('ready', '--url', 'ftp://h')).code).toBe(2);
  });
});
