import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { report } from '../../src/cli/command.js';
import { command } from '../../src/cli/commands/bench.js';
import { loadText, loadWarnings } from '../../src/cli/load-text.js';
import { type Answer, closedPort, echo, httpServer, json } from '../client/support.js';

async function bench(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const context = {
    cwd: '/',
    signal: new AbortController().signal,
    print: (text: string) => void (out += text),
    note: (text: string) => void (err += text),
  };
  const given = parseArguments('bench', command.options, words);
  const result = given.ok ? await command.run(given.value, context) : given;
  return { code: result.ok ? result.value : report(result.error, context), out, err };
}

/** An ensemble of one step, whose server has spent a microsecond on each request. */
function server(): Answer {
  let requests = 0;
  const duration = (): object => ({ count: requests, ns: requests * 1000 });
  return (response, asked) => {
    if (asked.path.endsWith('/infer')) {
      requests++;
      return echo(response, asked);
    }
    const name = asked.path.split('/')[3];
    if (asked.path.endsWith('/stats')) {
      const stats = name === 'm' ? { success: duration() } : { success: duration(), queue: duration() };
      return json(response, {
        model_stats: [
          { name, version: '1', inference_count: 2 * requests, execution_count: requests, inference_stats: stats },
        ],
      });
    }
    if (asked.path.endsWith('/config')) {
      return json(response, { max_batch_size: 8, ensemble_scheduling: { step: [{ model_name: 'network' }] } });
    }
    if (asked.path.startsWith('/v2/models/m')) {
      const inputs = [{ name: 'TEXT', datatype: 'BYTES', shape: [-1, 1] }];
      return json(response, { name: 'm', versions: ['1'], platform: 'ensemble', inputs, outputs: [] });
    }
    json(response, { error: 'not found' }, 404);
  };
}

const QUICK = ['--window', '0.05', '--stability', '100000', '--max-trials', '3', '--json'];

test('levels of load on a server, as JSON', async () => {
  const { url, asked } = await httpServer(server());
  const { code, out, err } = await bench('m', '--url', url, ...QUICK, '--concurrency', '1:3:2', '--batch', '2');
  expect([code, err]).toEqual([0, '']);
  const result = JSON.parse(out);
  expect(result).toMatchObject({ schema: 'transformer-deploy/load/1', model: 'm', batch: 2, windowMilliseconds: 50 });
  expect(result.levels.map(({ level }: { level: unknown }) => level)).toEqual([{ concurrency: 1 }, { concurrency: 3 }]);
  for (const level of result.levels) {
    expect(level.inferencesPerSecond / level.requestsPerSecond).toBeCloseTo(2, 9);
    expect(level.server).toMatchObject([
      { model: 'm', averageBatch: 2, microseconds: { request: 1, queue: 0 } },
      { model: 'network', averageBatch: 2, microseconds: { request: 1, queue: 1 } },
    ]);
    expect(level.milliseconds.p50).toBeGreaterThan(0);
  }
  const request = asked.find(({ path }) => path.endsWith('/infer'))!;
  expect(JSON.parse(request.body.toString()).inputs[0]).toMatchObject({ name: 'TEXT', shape: [2, 1] });
});

test('a rate, and what the user gives', async () => {
  const { url, asked } = await httpServer(server());
  const words = ['--request-rate', '200', '--distribution', 'poisson', '--text', 'mine'];
  const { out } = await bench('m', '--url', url, ...QUICK, ...words);
  expect(JSON.parse(out).levels[0].level).toEqual({ requestRate: 200, distribution: 'poisson' });
  const bodies = asked
    .filter(({ path }) => path.endsWith('/infer'))
    .map(({ body }) => JSON.parse(body.toString()).inputs);
  expect(new Set(bodies.map(inputs => inputs[0].data[0]))).toEqual(new Set(['mine']));
});

test('requests that fail: exit code 1', async () => {
  const good = server();
  let calls = 0;
  const { url } = await httpServer((response, asked) =>
    asked.path.endsWith('/infer') && calls++ % 3 === 2 ? json(response, { error: 'no' }, 500) : good(response, asked),
  );
  const { code, err } = await bench('m', '--url', url, ...QUICK);
  expect(code).toBe(1);
  expect(err).toMatch(/^warning: at 1: \d+ of \d+ requests failed\n$/);
});

const WORDS: readonly (readonly [readonly string[], number, string])[] = [
  [[], 2, 'one model of the server'],
  [['m', '--concurrency', '0'], 2, '--concurrency is no number or range'],
  [['m', '--concurrency', '4:1'], 2, '--concurrency is no number or range'],
  [['m', '--concurrency', '1', '--request-rate', '1'], 2, 'either --concurrency or --request-rate'],
  [['m', '--distribution', 'even'], 2, '--distribution is unknown'],
  [['m', '--window', '0'], 2, '--window is out of range'],
  [['m', '--max-trials', '2'], 2, '--max-trials is out of range'],
  [['m', '--shape', 'TEXT'], 2, '--shape TEXT is not NAME:D,D'],
  [['m', '--shape', 'TEXTS:1'], 2, "did you mean 'TEXT'?"],
  [['n'], 2, 'not found'],
];
test.each(WORDS)('%j: exit code %d', async (words, code, text) => {
  const { url } = await httpServer(server());
  const answer = await bench(...words, '--url', url);
  expect([answer.code, answer.out]).toEqual([code, '']);
  expect(answer.err).toContain(text);
});

test('no server: exit code 3', async () => {
  const { code } = await bench('m', '--url', `127.0.0.1:${await closedPort()}`);
  expect(code).toBe(3);
});

test('the table, and what is wrong with its figures', () => {
  const times = { request: 3000, queue: 500, computeInput: 10, computeInfer: 2000, computeOutput: 5 };
  const split = { requests: 300, inferences: 300, executions: 100, averageBatch: 3 };
  const common = { windows: 3, seconds: 3, requests: 300, requestsPerSecond: 100, inferencesPerSecond: 100 };
  const results = [
    {
      ...common,
      level: { concurrency: 1 },
      stable: true,
      failed: 0,
      delayed: 0,
      milliseconds: { mean: 4, standardDeviation: 0, p50: 4, p90: 4.5, p95: 5, p99: 6.125 },
      server: [
        { ...split, model: 'm', microseconds: { ...times, queue: 1 } },
        { ...split, model: 'a', microseconds: times },
      ],
      overheadMilliseconds: 1,
    },
    { ...common, level: { concurrency: 2 }, stable: false, failed: 2, delayed: 7, server: [] },
  ];
  expect(loadText(results)).toBe(`\
concurrency   infer/s  mean     p50      p90      p95      p99      failed  queue   input  infer    output  overhead  batch
1             100.0    4.00 ms  4.00 ms  4.50 ms  5.00 ms  6.13 ms  0       500 µs  10 µs  2000 µs  5 µs    1.00 ms   3.0
2 (unstable)  100.0    -        -        -        -        -        2       -       -      -        -       -         -
`);
  expect(loadWarnings(results)).toEqual([
    'at 2: not stable after 3 windows',
    'at 2: 2 of 302 requests failed',
    'at 2: 7 requests began late, this machine does not keep the rate',
  ]);
});
