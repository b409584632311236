import { expect, test } from 'vitest';
import type { WireTensor } from '../../src/kserve/datatypes.js';
import type { Parameters } from '../../src/kserve/messages.js';
import { statisticsJson } from '../../src/serve/descriptions.js';
import type { Instance } from '../../src/serve/instance.js';
import { metricsText } from '../../src/serve/metrics.js';
import type { ModelRequest } from '../../src/serve/model.js';
import { CachedModel } from '../../src/serve/response-cache.js';
import { type ScheduledRequest, singleAnswer } from '../../src/serve/served-version.js';
import { ECHO, echo, modelOf, repositoryOf, TEXT } from './support.js';

const numbers = (values: readonly number[], shape = [1, values.length], name = 'IN'): WireTensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: Float32Array.from(values),
});
const words = (...texts: string[]): WireTensor => ({
  name: 'IN',
  datatype: 'BYTES',
  shape: [texts.length],
  data: texts.map(text => new TextEncoder().encode(text)),
});
const request = (input: WireTensor, parameters: Parameters = {}, outputs: string[] = []): ScheduledRequest => ({
  parameters,
  inputs: [input],
  outputs,
  signal: new AbortController().signal,
});

function cached(config: typeof ECHO | typeof TEXT = ECHO, maxBytes?: number) {
  const seen: ModelRequest[][] = [];
  const model = new CachedModel(modelOf(config, echo({ seen })), maxBytes);
  return { model, seen, ask: (given: ScheduledRequest) => singleAnswer(model.answers(given)) };
}

test('the same request is answered once by the model, and counted as the server counts', async () => {
  const { model, seen, ask } = cached();
  const first = await ask(request(numbers([1, 2, 3], [3, 1])));
  // Neither who asks nor when changes what is asked.
  const second = await ask({ ...request(numbers([1, 2, 3], [3, 1]), { priority: 1, timeout: 5 }), id: 'second' });
  expect(first).toEqual({ ok: true, value: { outputs: [numbers([1, 2, 3], [3, 1], 'OUT')] } });
  expect(second).toEqual(first);
  expect(seen).toHaveLength(1);
  expect(statisticsJson(model)).toMatchObject({
    inference_count: 6,
    execution_count: 1,
    inference_stats: {
      success: { count: 2 },
      queue: { count: 1 },
      compute_infer: { count: 1 },
      cache_hit: { count: 1 },
      cache_miss: { count: 1 },
    },
  });
  const metrics = metricsText(repositoryOf(model));
  for (const name of ['hits', 'misses']) {
    expect(metrics).toContain(`nv_cache_num_${name}_per_model{model="echo",version="1"} 1\n`);
  }
  expect(metrics).toMatch(/nv_cache_hit_duration_per_model\{model="echo",version="1"\} \d+\n/);
});

test.each<[string, ScheduledRequest, ScheduledRequest]>([
  ['values', request(numbers([1, 2])), request(numbers([1, 3]))],
  ['shapes', request(numbers([1, 2], [1, 2])), request(numbers([1, 2], [2, 1]))],
  ['parameters', request(numbers([1]), { top_k: 1 }), request(numbers([1]), { top_k: 2 })],
  ['types of parameters', request(numbers([1]), { top_k: 1 }), request(numbers([1]), { top_k: '1' })],
  ['wanted outputs', request(numbers([1])), request(numbers([1]), {}, ['OUT'])],
])('other %s are another request', async (_, one, other) => {
  const { seen, ask } = cached();
  await ask(one);
  await ask(other);
  await ask(one);
  await ask(other);
  expect(seen).toHaveLength(2);
});

test('texts are told apart where they end', async () => {
  const config = { ...TEXT, input: [{ ...TEXT.input[0], dims: [-1] }] } as unknown as typeof TEXT;
  const { seen, ask } = cached(config);
  for (const input of [words('ab', 'c'), words('a', 'bc'), words('ab', 'c'), words('', 'abc')])
    await ask(request(input));
  expect(seen).toHaveLength(3);
});

test('the least recently used is forgotten when there is no room', async () => {
  // An entry is 44 bytes of key and 4 of data for each number.
  const { seen, ask } = cached(ECHO, 2 * 48);
  const askFor = (value: number) => ask(request(numbers([value])));
  for (const value of [1, 2, 1, 3]) await askFor(value);
  expect(seen).toHaveLength(3);
  await askFor(1);
  expect(seen).toHaveLength(3);
  await askFor(2);
  expect(seen).toHaveLength(4);
});

test('what is larger than the whole cache is not kept', async () => {
  const { seen, ask } = cached(ECHO, 100);
  const large = request(numbers(Array.from({ length: 40 }, (_, index) => index)));
  await ask(large);
  await ask(large);
  expect(seen).toHaveLength(2);
});

test('an error is not kept', async () => {
  let runs = 0;
  const flaky: Instance = {
    ...echo(),
    execute: async (...given) => {
      if (runs++ === 0) throw new Error('no memory');
      return echo().execute(...given);
    },
  };
  const model = new CachedModel(modelOf(ECHO, flaky));
  const ask = () => singleAnswer(model.answers(request(numbers([1]))));
  expect((await ask()).ok).toBe(false);
  expect((await ask()).ok).toBe(true);
  expect((await ask()).ok).toBe(true);
  expect([runs, model.facts.statistics.cacheMiss.count, model.facts.statistics.cacheHit.count]).toEqual([2, 1, 1]);
});
