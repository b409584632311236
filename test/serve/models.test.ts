import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WireTensor } from '../../src/kserve/datatypes.js';
import { Ensemble } from '../../src/serve/ensemble.js';
import { invalidUtf8At } from '../../src/serve/kinds/texts.js';
import { type ModelRequest, serveError } from '../../src/serve/model.js';
import { joinRows, splitRows } from '../../src/serve/onnx/batches.js';
import { singleAnswer } from '../../src/serve/served-version.js';
import { ModelStatistics } from '../../src/serve/statistics.js';
import { ECHO, echo, modelOf } from './support.js';

const tensor = (rows: number, width: number, name = 'IN'): WireTensor => ({
  name,
  datatype: 'FP32',
  shape: [rows, width],
  data: Float32Array.from({ length: rows * width }, (_, index) => index),
});
const request = (input: WireTensor, signal = new AbortController().signal): ModelRequest => ({
  parameters: {},
  inputs: [input],
  outputs: [],
  signal,
});

test('statistics count rows, batches and failures exactly', async () => {
  let open = (_: unknown): void => undefined;
  const gate = new Promise(resolve => {
    open = resolve;
  });
  const seen: ModelRequest[][] = [];
  const model = modelOf({ ...ECHO, dynamic_batching: {} }, echo({ gate, seen }));
  const gone = new AbortController();
  const answers = [
    ...[1, 2, 3].map(rows => singleAnswer(model.answers(request(tensor(rows, 5))))),
    singleAnswer(model.answers(request(tensor(1, 7)))),
    singleAnswer(model.answers(request(tensor(1, 5), gone.signal))),
    singleAnswer(model.answers(request(tensor(9, 5)))),
  ];
  expect(model.facts.statistics.pending).toBe(4);
  gone.abort();
  expect(model.facts.statistics.pending).toBe(3);
  open(undefined);
  const results = await Promise.all(answers);
  expect(results.map(result => (result.ok ? 'ok' : result.error.status))).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
    'CANCELLED',
    'INVALID_ARG',
  ]);
  // The first ran at once; the next two have equal shapes; the last has another.
  expect(seen.map(batch => batch.length)).toEqual([1, 2, 1]);
  const { statistics } = model.facts;
  expect([statistics.inferenceCount, statistics.executionCount, statistics.pending]).toEqual([7, 3, 0]);
  expect([statistics.success.count, statistics.fail.count]).toEqual([4, 2]);
  expect(statistics.failures).toEqual({ REJECTED: 0, CANCELED: 1, BACKEND: 0, OTHER: 1 });
  expect([...statistics.batches].map(([rows, { computeInfer }]) => [rows, computeInfer])).toEqual([
    [1, { count: 2, milliseconds: 4 }],
    [5, { count: 1, milliseconds: 2 }],
  ]);
  expect(statistics.computeInfer).toEqual({ count: 4, milliseconds: 8 });
});

test('a signal that stands for many requests keeps nothing of those that are over', async () => {
  const { signal } = new AbortController();
  const model = modelOf(ECHO, echo());
  for (let run = 0; run < 20; run++) await singleAnswer(model.answers(request(tensor(1, 1), signal)));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('an exception fails the batch, and the model goes on', async () => {
  let runs = 0;
  const model = modelOf(ECHO, {
    execute: async (...given) => {
      if (runs++ === 0) throw new Error('no memory');
      return echo().execute(...given);
    },
    close: async () => undefined,
  });
  const ask = () => singleAnswer(model.answers(request(tensor(1, 1))));
  expect(await ask()).toEqual({
    ok: false,
    error: serveError('INTERNAL', "Failed to process the request(s) for model 'echo', message: no memory"),
  });
  expect((await ask()).ok).toBe(true);
  expect(model.facts.statistics.failures.BACKEND).toBe(1);
});

test('rows are joined and taken apart again', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }), fc.nat(3), (rows, width) => {
      const requests = rows.map(count => [tensor(count, width), tensor(count, 2, 'OTHER')]);
      const parts = splitRows(joinRows(requests), rows);
      expect(parts).toEqual({ ok: true, value: requests });
    }),
  );
  expect(splitRows([tensor(3, 1)], [1, 1])).toEqual({
    ok: false,
    error: "the output 'IN' has the shape [3,1], for a batch of 2 rows",
  });
});

/** `name` is a copy of the echo that adds nothing; a step each. */
function ensemble(steps: readonly (readonly [from: string, to: string, model?: string])[]) {
  const model = modelOf(ECHO, echo());
  const config = {
    ...ECHO,
    name: 'all',
    platform: 'ensemble',
    output: [{ name: 'LAST', data_type: 'TYPE_FP32', dims: [-1] }],
    ensemble_scheduling: {
      step: steps.map(([from, to, name = 'echo']) => ({
        model_name: name,
        model_version: -1,
        input_map: { IN: from },
        output_map: { OUT: to },
      })),
    },
  } as const;
  const facts = { name: 'all', version: 1, config, labels: new Map(), statistics: new ModelStatistics(0) };
  const all = new Ensemble(facts, name =>
    name === 'echo' ? { ok: true, value: model } : { ok: false, error: serveError('NOT_FOUND', `no '${name}'`) },
  );
  return { all, model };
}

test('an ensemble passes tensors by name, in whatever order its steps stand', async () => {
  const { all, model } = ensemble([
    ['middle', 'LAST'],
    ['IN', 'middle'],
  ]);
  expect(await singleAnswer(all.answers(request(tensor(2, 3))))).toEqual({
    ok: true,
    value: { outputs: [tensor(2, 3, 'LAST')] },
  });
  expect(all.facts.statistics).toMatchObject({ inferenceCount: 2, executionCount: 1 });
  // Two steps of 2 ms each.
  expect(all.facts.statistics.computeInfer).toEqual({ count: 1, milliseconds: 4 });
  expect(model.facts.statistics.success.count).toBe(2);
});

test('an ensemble says which of its steps has failed', async () => {
  const { all } = ensemble([
    ['IN', 'middle'],
    ['middle', 'LAST', 'gone'],
  ]);
  expect(await singleAnswer(all.answers(request(tensor(2, 3))))).toEqual({
    ok: false,
    error: serveError('NOT_FOUND', "in ensemble 'all', no 'gone'"),
  });
  expect(all.facts.statistics.fail.count).toBe(1);
});

test('the first byte that is not UTF-8 is found where a decoder stops', () => {
  const isUtf8 = (bytes: Uint8Array) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0xc0, 0xe0, 0xed, 0xf0, 0xf4, 0xf5, 0x80, 0x9f, 0xa0, 0x90, 0x8f));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 3 }), (tail, text) => {
      const head = Buffer.from(text);
      const bytes = Buffer.concat([head, Uint8Array.from(tail)]);
      const at = invalidUtf8At(bytes);
      expect(at === undefined).toBe(isUtf8(bytes));
      if (at === undefined) return;
      expect(at).toBeGreaterThanOrEqual(head.length);
      expect(isUtf8(bytes.subarray(0, at))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
