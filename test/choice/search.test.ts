import { describe, expect, test } from 'vitest';
import { compareSimplicity, type Mix, mixText } from '../../src/choice/mix.js';
import { type Check, search, type Workbench } from '../../src/choice/search.js';
import { layersOf } from '../../src/choice/sensitivity.js';
import { MARGIN } from '../../src/choice/timings.js';
import { environmentFailure, type Failure, taskFailure } from '../../src/util/failure.js';
import { fail, ok } from '../../src/util/result.js';

const mix = (precision: Mix['precision'], more: Partial<Mix> = {}): Mix => ({
  precision,
  exclude: [],
  reduceRange: false,
  ...more,
});
const FP32 = mix('fp32');
const DYNAMIC = mix('int8-dynamic');
const STATIC = mix('int8', { method: 'percentile' });
const FOUR = mix('int4-weight');
const CANDIDATES = [FP32, DYNAMIC, STATIC, FOUR];

/** Six products in each of three layers, and a head. */
const PRODUCTS = [
  ...[0, 1, 2].flatMap(layer => ['q', 'k', 'v', 'out', 'up', 'down'].map(name => `encoder.layer.${layer}.${name}`)),
  'head',
];

interface Machine {
  /** Milliseconds at each point of a mix, by its text; those of its precision where it is not named. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  /** Products that must be in float32, by precision. */
  readonly sensitive?: Readonly<Record<string, readonly string[]>>;
  /** Of the files of a mix, by its text; 100 where it is not named. */
  readonly bytes?: Readonly<Record<string, number>>;
  /** How many times as slow the machine is each time that it measures. */
  readonly slowness?: readonly number[];
  /** What each question takes, in milliseconds. */
  readonly price?: number;
}

/** A machine that answers from tables, and a clock that moves when it is asked. */
function machine({ times, sensitive = {}, bytes = {}, slowness = [], price = 1 }: Machine) {
  let clock = 0;
  let measured = 0;
  const asked: string[] = [];
  const ask = (question: string): void => {
    clock += price;
    asked.push(question);
  };
  const missing = ({ precision, exclude }: Mix): readonly string[] =>
    (sensitive[precision] ?? []).filter(path => !exclude.includes(path));
  const workbench: Workbench = {
    now: () => clock,
    products: async () => ok(PRODUCTS),
    async check(each) {
      ask(`check ${mixText(each)}`);
      const wrong = missing(each);
      const figures = { difference: wrong.length, metric: 'accuracy', drop: wrong.length / 10 };
      const check: Check = { bytes: bytes[mixText(each)] ?? 100, ...figures };
      return ok(wrong.length === 0 ? check : { ...check, unfit: `${wrong.length} products are wrong` });
    },
    async probe(each) {
      ask('probe');
      return ok(missing(each).length + 0.001 * (PRODUCTS.length - each.exclude.length));
    },
    async time(mixes) {
      ask(`time ${mixes.map(mixText).join(' | ')}`);
      const factor = slowness[measured++] ?? 1;
      const timesOf = (each: Mix) => times[mixText(each)] ?? times[each.precision]!;
      // fp32 does not suffer: ratios of different rounds cannot be compared.
      return ok(mixes.map(each => timesOf(each).map(time => (each.precision === 'fp32' ? time : time * factor))));
    },
  };
  return { workbench, asked };
}

async function found(given: Machine, options: { threads?: number[]; minutes?: number; candidates?: Mix[] } = {}) {
  const { candidates = CANDIDATES, threads = [], minutes = 10 } = options;
  const { workbench, asked } = machine(given);
  const outcome = await search(workbench, { candidates, threads, minutes });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  return {
    ...outcome.value,
    asked,
    verdicts: Object.fromEntries(outcome.value.candidates.map(each => [mixText(each.mix), each.verdict])),
  };
}

const TIMES = { fp32: [10, 100], 'int8-dynamic': [5, 40], int8: [4, 30], 'int4-weight': [12, 150] };

test('the fastest is chosen, and each of the others is told why not', async () => {
  const { mix: chosen, verdicts, candidates } = await found({ times: TIMES });
  expect(chosen).toEqual(STATIC);
  expect(verdicts).toEqual({
    fp32: 'takes 188.7 % more time',
    'int8-dynamic': 'takes 29.1 % more time',
    int8: 'chosen',
    'int8, tables in 8 bits': 'its files are not smaller by a quarter',
    'int4-weight': 'not faster than fp32 anywhere',
  });
  // Geometric mean of 0.5 and 0.4.
  expect(candidates[1]).toMatchObject({ ratio: 0.4472, milliseconds: [5, 40], bytes: 100, drop: 0 });
});

test('verdicts are of the rounds in which they were made, whatever happens to the machine later', async () => {
  const times = { ...TIMES, 'int8, 1 thread': [2, 15] };
  const { verdicts } = await found({ times, slowness: [1, 3, 3] }, { threads: [1] });
  expect(verdicts).toMatchObject({
    fp32: 'takes 188.7 % more time',
    'int8-dynamic': 'takes 29.1 % more time',
    int8: 'takes 100.0 % more time',
    'int8, 1 thread': 'chosen',
  });
});

test.each([
  ['faster by less than the noise', [4.85, 39], 'int8-dynamic'],
  ['faster by more', [4.7, 37], 'int8'],
  ['as fast', [5, 40], 'int8-dynamic'],
])('int8 is %s', async (_, times, expected) => {
  const { mix: chosen } = await found({ times: { ...TIMES, int8: times } });
  expect(chosen.precision).toBe(expected);
});

test('a second search on a machine whose figures differ by less than the noise ends the same', async () => {
  for (const shake of [0.99, 1, 1.01]) {
    const times = { ...TIMES, int8: [4.95 * shake, 40 / shake], 'int8-dynamic': [5, 40] };
    expect((await found({ times })).mix.precision).toBe('int8-dynamic');
  }
  expect(MARGIN).toBe(0.05);
});

test('where nothing is faster than fp32, it stays fp32', async () => {
  const slow = { fp32: [10, 10], 'int8-dynamic': [11, 11], int8: [10, 10], 'int4-weight': [9.8, 9.8] };
  const { mix: chosen, verdicts } = await found({ times: slow });
  expect(chosen).toEqual(FP32);
  expect(verdicts).toMatchObject({
    int8: 'not faster than fp32 anywhere',
    'int4-weight': 'takes 2.0 % less time, which is within the noise, and is not as simple',
  });
});

test('a mix that does not fit gets its sensitive products back into float32, and only those', async () => {
  const path = 'encoder.layer.1.down';
  const { mix: chosen, verdicts, asked } = await found({ times: TIMES, sensitive: { int8: [path] } });
  expect(chosen).toEqual({ ...STATIC, exclude: [path] });
  expect(verdicts).toMatchObject({ int8: '1 products are wrong', 'int8, 1 product in float32': 'chosen' });
  // What is compared ran in the same rounds, and what does not fit is not measured again.
  expect(asked).toContain('time fp32 | int8-dynamic | int4-weight | int8, 1 product in float32');
});

test('two bad products in different layers are both found', async () => {
  const bad = ['encoder.layer.0.up', 'encoder.layer.2.q'];
  const { mix: chosen } = await found({ times: TIMES, sensitive: { int8: bad } });
  expect(chosen).toEqual({ ...STATIC, exclude: bad });
});

test('of what is slower anyway, nothing is repaired', async () => {
  const { mix: chosen, asked } = await found({ times: TIMES, sensitive: { 'int4-weight': ['head'] } });
  expect(chosen).toEqual(STATIC);
  expect(asked).not.toContain('probe');
});

test('a precision of which more than half would stay in float32 is given up', async () => {
  const { mix: chosen, verdicts } = await found({ times: TIMES, sensitive: { int8: PRODUCTS.slice(0, 12) } });
  expect(chosen).toEqual(DYNAMIC);
  expect(verdicts.int8).toBe('12 products are wrong; fits only with more than half of its 19 products in float32');
});

test('when time is up, the rest is not tried, and what there is is measured', async () => {
  const { mix: chosen, untried, candidates } = await found({ times: TIMES, price: 60_000 }, { minutes: 1.5 });
  expect(untried).toEqual([
    { mix: STATIC, reason: 'time was up' },
    { mix: FOUR, reason: 'time was up' },
  ]);
  expect(candidates.map(each => each.mix)).toEqual([FP32, DYNAMIC]);
  expect(chosen).toEqual(DYNAMIC);
});

test('a candidate that cannot be run is told, and the others go on; a fault of the machine ends the search', async () => {
  const { workbench } = machine({ times: TIMES });
  const failing = (failure: Failure): Workbench => ({
    ...workbench,
    check: async mix => (mix === STATIC ? fail(failure) : workbench.check(mix)),
  });
  const options = { candidates: CANDIDATES, threads: [], minutes: 10 };
  const missing = taskFailure('session-failed', 'ONNX Runtime cannot load the model', { found: 'no such operator' });
  expect(await search(failing(missing), options)).toMatchObject({
    ok: true,
    value: {
      mix: DYNAMIC,
      untried: [{ mix: STATIC, reason: 'ONNX Runtime cannot load the model: no such operator' }],
    },
  });
  const full = environmentFailure('disk-full', 'the disk is full');
  expect(await search(failing(full), options)).toEqual(fail(full));
});

test('fewer threads are chosen where they are faster, and one per core where it makes no difference', async () => {
  const one = 'int8, 1 thread';
  const faster = await found({ times: { ...TIMES, [one]: [3, 25] } }, { threads: [1] });
  expect(faster.mix).toEqual({ ...STATIC, threads: 1 });
  expect(faster.verdicts[one]).toBe('chosen');
  const even = await found({ times: { ...TIMES, [one]: [3.95, 29.5] } }, { threads: [1] });
  expect(even.mix).toEqual(STATIC);
});

describe('embedding tables in 8 bits', () => {
  const SMALL = 'int8, tables in 8 bits';

  test('are taken where files are smaller by a quarter and nothing is slower, whatever the number of threads', async () => {
    const one = `${SMALL}, 1 thread`;
    const given = { bytes: { [SMALL]: 75 }, times: { ...TIMES, [SMALL]: [4.1, 31], [one]: [3, 25] } };
    const { mix: chosen, verdicts, asked } = await found(given, { threads: [1] });
    expect(chosen).toEqual({ ...STATIC, embeddings: true, threads: 1 });
    expect(verdicts).toMatchObject({ int8: 'as fast, and its files are larger', [one]: 'chosen' });
    expect(asked.slice(-3)).toEqual([`check ${SMALL}`, `time fp32 | int8 | ${SMALL}`, `time fp32 | ${SMALL} | ${one}`]);
  });

  test.each([
    ['slower', 50, [4.4, 32], 'takes 8.3 % more time'],
    ['hardly smaller', 76, [4, 30], 'its files are not smaller by a quarter'],
  ])('are left where they are %s', async (_, bytes, times, verdict) => {
    const outcome = await found({ bytes: { [SMALL]: bytes }, times: { ...TIMES, [SMALL]: times } });
    expect(outcome.mix).toEqual(STATIC);
    expect(outcome.verdicts).toMatchObject({ int8: 'chosen', [SMALL]: verdict });
  });

  test('and where they do not pass the gates, or cannot be run', async () => {
    const { workbench } = machine({ bytes: { [SMALL]: 50 }, times: TIMES });
    const answering = (answer: Awaited<ReturnType<Workbench['check']>>): Workbench => ({
      ...workbench,
      check: async mix => (mix.embeddings ? answer : workbench.check(mix)),
    });
    const options = { candidates: CANDIDATES, threads: [], minutes: 10 };
    const unfit = await search(answering(ok({ bytes: 50, difference: 1, unfit: 'too far off' })), options);
    expect(unfit.ok && unfit.value.mix).toEqual(STATIC);
    expect(unfit.ok && unfit.value.candidates.at(-1)).toMatchObject({ verdict: 'too far off' });
    const unknown = taskFailure('session-failed', 'ONNX Runtime cannot load the model');
    const failed = await search(answering(fail(unknown)), options);
    expect(failed).toMatchObject({ ok: true, value: { mix: STATIC, untried: [{ reason: unknown.message }] } });
    const full = environmentFailure('disk-full', 'the disk is full');
    expect(await search(answering(fail(full)), options)).toEqual(fail(full));
  });

  test('are no question of fp32, and of weights in blocks, which have them anyway', async () => {
    for (const fastest of ['fp32', 'int4-weight']) {
      const { mix: chosen, asked } = await found({ times: { ...TIMES, [fastest]: [1, 1] } });
      expect(chosen.precision).toBe(fastest);
      expect(asked.filter(question => question.includes('tables'))).toEqual([]);
    }
  });
});

test('nothing fits, not even fp32', async () => {
  const wrong = { fp32: ['head'], 'int8-dynamic': PRODUCTS, int8: PRODUCTS, 'int4-weight': PRODUCTS };
  const { workbench } = machine({ times: TIMES, sensitive: wrong });
  const outcome = await search(workbench, { candidates: [FP32], threads: [], minutes: 1 });
  expect(outcome).toEqual(
    fail(
      taskFailure('nothing-fits', 'no precision keeps what is asked of the model, not even fp32', {
        details: ['fp32: 1 products are wrong'],
        fix: 'raise evaluation.maxDrop or tolerance.auto, if the differences are acceptable',
      }),
    ),
  );
});

test('layers are what has a number in its path; anything else is alone', () => {
  expect(layersOf(['embeddings.words', 'h.0.attn', 'h.0.mlp', 'h.10.attn', 'head']).map(paths => paths.length)).toEqual(
    [1, 2, 1, 1],
  );
});

test('the simpler of two mixes', () => {
  const ascending = [
    FP32,
    DYNAMIC,
    mix('int8-dynamic', { threads: 2 }),
    mix('int8-dynamic', { threads: 1 }),
    mix('int8-dynamic', { form: 'unshared-activations' }),
    mix('int8-dynamic', { form: 'packed-attention' }),
    STATIC,
    mix('int8', { form: 'packed-attention' }),
    mix('int8', { smoothing: true }),
    mix('int8-weight'),
    FOUR,
    mix('int8-dynamic', { exclude: ['head'] }),
    mix('int8-dynamic', { exclude: ['a', 'b'] }),
  ];
  expect([...ascending].reverse().sort(compareSimplicity)).toEqual(ascending);
});
