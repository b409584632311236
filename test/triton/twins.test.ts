import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStrings } from '../../src/kserve/binary.js';
import type { WireTensor } from '../../src/kserve/datatypes.js';
import type { Parameters } from '../../src/kserve/messages.js';
import { KINDS } from '../../src/serve/kinds/index.js';
import type { Answer, KindModel, ModelRequest } from '../../src/serve/model.js';
import type { TritonParams } from '../../src/stages/triton.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { type FakeNetwork, networkContext } from './networks.js';
import { doneBy, referenceFolder, runTask, type TaskModel, taskModel } from './tasks.js';

const PYTHON = process.env.TD_PYTHON ?? 'python3';
const HERE = fileURLToPath(new URL('python', import.meta.url));
const lacking = ['numpy', 'tokenizers'].filter(name => spawnSync(PYTHON, ['-c', `import ${name}`]).status !== 0);

interface Request {
  /** Texts or bytes: a column, or rows. */
  readonly inputs: Readonly<Record<string, readonly (string | Uint8Array | readonly string[])[]>>;
  readonly parameters?: Parameters;
}
type Spoken = Readonly<Record<string, unknown>>;

interface Twins {
  python(calls: readonly (readonly Request[])[]): readonly (readonly Spoken[])[];
  twin(calls: readonly (readonly Request[])[]): Promise<readonly (readonly Spoken[])[]>;
}

const rowsOf = (values: Request['inputs'][string]) => values.map(value => (Array.isArray(value) ? value : [value]));

/** Both models of a task's repository: model.py as it was written, and its twin. */
async function twinsOf(
  model: TaskModel,
  {
    network,
    tokenizer,
    ...changes
  }: Partial<TritonParams> & { network: Omit<FakeNetwork, 'refuses'> & Partial<FakeNetwork>; tokenizer?: string },
): Promise<Twins> {
  const { result, repository } = await runTask(model, changes, tokenizer);
  expect(result).toEqual({ ok: true, value: undefined });
  const folder = join(repository, 'm-cpu-fp32/1');
  const config = readModelConfig(readFileSync(join(folder, '../config.pbtxt'), 'utf8'));
  if (!config.ok) throw new Error(config.error.message);
  const settings = JSON.parse(readFileSync(join(folder, 'td.json'), 'utf8')) as { kind: string };
  const loaded = await KINDS[settings.kind]!({ versionFolder: folder, config: config.value, settings });
  if (!loaded.ok) throw new Error(loaded.error.message);
  const networks = { 'm-cpu-fp32-model': { refuses: null, ...network } };
  return {
    python: calls =>
      drive({
        model: folder,
        config: config.value,
        networks,
        refused: [],
        calls: calls.map(requests => requests.map(encoded)),
      }),
    twin: calls => Promise.all(calls.map(requests => answersOf(loaded.value, requests, networks))),
  };
}

const encoded = ({ inputs, parameters = {} }: Request) => ({
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => [
      name,
      rowsOf(values).map(row => row.map(value => Buffer.from(value as string).toString('base64'))),
    ]),
  ),
  parameters,
});

function drive(spec: object): readonly (readonly Spoken[])[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, [join(HERE, 'drive_model.py')], {
    input: JSON.stringify([spec]),
    env: { ...process.env, PYTHONPATH: HERE },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  const [driven] = JSON.parse(stdout) as [{ responses: Record<string, { data: unknown }>[][]; initialize?: string }];
  if (driven.initialize !== undefined) throw new Error(driven.initialize);
  return driven.responses.map(call =>
    call.map(answer =>
      'error' in answer
        ? answer
        : Object.fromEntries(
            Object.entries(answer).map(([name, { data }]) => [
              name,
              (data as string[]).flat().map(text => JSON.parse(text)),
            ]),
          ),
    ),
  );
}

async function answersOf(
  model: KindModel,
  requests: readonly Request[],
  networks: Record<string, FakeNetwork>,
): Promise<Spoken[]> {
  const signal = new AbortController().signal;
  const answers = await model.execute!(
    requests.map(({ inputs, parameters = {} }): ModelRequest => {
      const tensors = Object.entries(inputs).map(([name, values]): WireTensor => {
        const rows = rowsOf(values);
        const data = rows.flat().map(value => Uint8Array.from(Buffer.from(value as string)));
        return { name, datatype: 'BYTES', shape: [rows.length, rows[0]?.length ?? 1], data };
      });
      return { parameters, inputs: tensors, outputs: [], signal };
    }),
    networkContext(networks),
  );
  return answers.map(spoken);
}

function spoken(answer: Answer): Spoken {
  if (!answer.ok) return { error: answer.error.message, code: answer.error.status };
  return Object.fromEntries(
    answer.value.outputs.map(({ name, data }) => {
      if (!isStrings(data)) throw new Error(`${name} is no text`);
      return [name, data.map(bytes => JSON.parse(Buffer.from(bytes).toString('utf8')))];
    }),
  );
}

/** Scores are calculated in double precision by both; their last bits may differ. */
const rounded = (value: unknown): unknown => {
  if (typeof value === 'number') return Number(value.toPrecision(9));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rounded(member)]));
};

const WORDS = [
  'Anna',
  'lives',
  'in',
  'New York',
  'naïve',
  'Zürich,',
  '東京',
  'übermäßig',
  '😀',
  "don't",
  '3.14',
  '(a-b)',
  '  ',
  '\n',
  'é',
  'great',
  'movie',
  'the',
  '[SEP]',
  'x',
];
const text = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 20 }).map(words => words.join(' ')) },
  // Letters of later editions of Unicode are tokens to one library and unknown to the other.
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom(...'abzABZ019 .,-#@áßñÖøžλΩдЖשرक日本語カ한😀\t'), maxLength: 30 }),
  },
);
const sampled = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { numRuns: count, seed: 20_26 });

/** Asks both, call by call; gives the answers. */
async function compared(twins: Twins, calls: readonly (readonly Request[])[]): Promise<readonly (readonly Spoken[])[]> {
  const expected = twins.python(calls);
  const found = await twins.twin(calls);
  for (const [call, requests] of calls.entries()) {
    for (const [index, request] of requests.entries()) {
      expect(rounded(found[call]![index]), JSON.stringify(request)).toEqual(rounded(expected[call]![index]));
    }
  }
  return found;
}

/** What bert_tokcls reads where it knows no token. */
const UNKNOWN = 1;

const BAD: readonly Request[] = [
  { inputs: {} },
  { inputs: { TEXT: [Uint8Array.of(0x61, 0xff)] } },
  { inputs: { TEXT: ['a'.repeat(100_001)] } },
];

describe.skipIf(lacking.length > 0)(
  `${PYTHON}${lacking.length > 0 ? ` has no ${lacking.join(', ')}: skipped` : ''}`,
  () => {
    describe('entities', () => {
      const model = taskModel('token-classification');
      test.each([
        ['bert_tokcls', model, 5],
        ['roberta_tokcls', doneBy(model, 'roberta_tokcls', 9), 9],
        ['xlmr_tokcls', doneBy(model, 'xlmr_tokcls', 9), 9],
      ])('%s, every strategy', async (_, each, columns) => {
        const twins = await twinsOf(each, { network: { outputs: { logits: columns }, per_token: true } });
        const calls = ['simple', 'first', 'average', 'max'].map((strategy, index) => [
          ...sampled(fc.array(text, { maxLength: 5 }), 12 + index).map(texts => ({
            inputs: { TEXT: texts },
            parameters: { aggregation_strategy: strategy },
          })),
          ...BAD,
          { inputs: { TEXT: ['x'] }, parameters: { aggregation_strategy: 'best' } },
        ]);
        const answers = await compared(twins, calls);
        expect(answers[0]!.at(-1)).toEqual({
          error: 'aggregation_strategy must be one of simple, first, average, max',
          code: 'INVALID_ARG',
        });
        expect(answers[0]!.slice(-4, -1)).toEqual([
          { error: 'input TEXT is missing', code: 'INVALID_ARG' },
          { error: 'TEXT, row 0: not UTF-8 at byte 1', code: 'INVALID_ARG' },
          { error: 'TEXT, row 0: longer than 100000 characters', code: 'INVALID_ARG' },
        ]);
        // The strategies matter.
        const found = answers.map(call =>
          JSON.stringify(
            call.map(answer => (answer.ENTITIES as { entity_group: string }[][] | undefined)?.flat().length),
          ),
        );
        expect(new Set(found).size).toBeGreaterThan(1);
      });
    });

    test('masks', async () => {
      for (const reference of ['bert_fillmask', 'roberta_fillmask', 'modernbert_fillmask']) {
        const model = taskModel('fill-mask');
        const each = reference === 'bert_fillmask' ? model : doneBy(model, reference);
        const { mask_token: mask } = JSON.parse(
          readFileSync(join(referenceFolder(reference), 'tokenizer_config.json'), 'utf8'),
        );
        const twins = await twinsOf(each, { network: { outputs: { logits: 99 }, per_token: true } });
        const masked = fc.tuple(text, text).map(([before, after]) => `${before.slice(0, 12)} ${mask} ${after}`);
        const [answers] = await compared(twins, [
          [
            ...sampled(masked, 30).map(each => ({ inputs: { TEXT: [each] }, parameters: { top_k: 3 } })),
            { inputs: { TEXT: [`${mask} and ${mask}`, `the ${mask}`] } },
            { inputs: { TEXT: ['no mask'] } },
            { inputs: { TEXT: [mask] }, parameters: { top_k: 0 } },
            ...BAD,
          ],
        ]);
        expect(answers![31]).toEqual({ error: `row 0: no ${mask} in the first 32 tokens`, code: 'INVALID_ARG' });
        expect(answers![32]).toEqual({ error: 'top_k must be an integer from 1 to 1000', code: 'INVALID_ARG' });
        expect((answers![30]!.FILLINGS as unknown[][]).map(found => found.length)).toEqual([2, 5]);
      }
    });

    test('zero-shot', async () => {
      const twins = await twinsOf(taskModel('zero-shot-classification'), {
        network: { outputs: { logits: 3 }, per_token: false },
      });
      const labels = ['travel', 'cooking', 'a {} b', 'dancing'];
      const [answers] = await compared(twins, [
        [
          ...sampled(text, 20).map((each, index) => ({
            inputs: {
              TEXT: [each, 'the movie'],
              CANDIDATE_LABELS: [labels.slice(0, 1 + (index % 4)), labels.slice(0, 1 + (index % 4))],
            },
            parameters: {
              multi_label: index % 2 === 0,
              ...(index % 3 === 0 ? { hypothesis_template: 'About {} or {}' } : {}),
            },
          })),
          { inputs: { TEXT: ['a'] } },
          { inputs: { TEXT: ['a'], CANDIDATE_LABELS: [['x'], ['y']] } },
          { inputs: { TEXT: ['a'], CANDIDATE_LABELS: [['x']] }, parameters: { hypothesis_template: 'none' } },
          { inputs: { TEXT: ['a'], CANDIDATE_LABELS: [Array.from({ length: 101 }, () => 'x')] } },
          { inputs: { TEXT: ['a'], CANDIDATE_LABELS: [['x']] }, parameters: { multi_label: 'yes' } },
        ],
      ]);
      expect(answers!.slice(20).map(({ error }) => error)).toEqual([
        'input CANDIDATE_LABELS is missing',
        'TEXT has 1 rows, but CANDIDATE_LABELS has 2',
        'hypothesis_template must have a place for the label: {}',
        'CANDIDATE_LABELS has more than 100 labels',
        'multi_label must be true or false',
      ]);
      const [first] = answers![1]!.CLASSES as { scores: number[] }[];
      expect(first!.scores.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    });

    test.each(['bert_qa', 'distilbert_qa'])('answers: %s', async reference => {
      const model = taskModel('question-answering');
      const each = reference === 'bert_qa' ? model : doneBy(model, reference);
      const twins = await twinsOf(each, { network: { outputs: { start_logits: 1, end_logits: 1 }, per_token: true } });
      const question = fc.constantFrom('Who?', 'Where does Anna live?', '');
      const long = fc
        .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 80 })
        .map(words => `a ${words.join(' ')}`);
      const [answers] = await compared(twins, [
        [
          ...sampled(fc.tuple(question, long), 60).map(([asked, context], index) => ({
            inputs: { QUESTION: [asked], CONTEXT: [context] },
            parameters: {
              top_k: 1 + (index % 4),
              handle_impossible_answer: index % 5 === 0,
              align_to_words: index % 7 !== 0,
              max_answer_len: 1 + (index % 12),
            },
          })),
          { inputs: { QUESTION: ['Who?'], CONTEXT: [''] } },
          { inputs: { QUESTION: ['who '.repeat(40)], CONTEXT: ['Anna'] } },
          { inputs: { QUESTION: ['Who?'] } },
          { inputs: { QUESTION: ['Who?', 'Where?'], CONTEXT: ['Anna'] } },
          { inputs: { QUESTION: ['Who?'], CONTEXT: ['Anna'] }, parameters: { top_k: 1.5 } },
        ],
      ]);
      expect(answers!.slice(60).map(({ error }) => error)).toEqual([
        'row 0: CONTEXT has no tokens',
        expect.stringMatching(/^row 0: QUESTION is too long: of 32 tokens it leaves -?\d+ for the context$/),
        'input CONTEXT is missing',
        'QUESTION has 2 rows, but CONTEXT has 1',
        'top_k must be an integer from 1 to 100',
      ]);
    });

    test('a network that fails: its answer goes to the requests of that batch, and the others get theirs', async () => {
      const twins = await twinsOf(taskModel('token-classification'), {
        network: { outputs: { logits: 5 }, per_token: true, refuses: UNKNOWN },
        maxBatchSize: 1,
      });
      const words = sampled(text, 40).map(each => ({ inputs: { TEXT: [each] } }));
      const [answers] = await compared(twins, [words]);
      const failed = answers!.filter(({ error }) => error !== undefined);
      expect(
        failed.every(answer => answer.code === 'UNAVAILABLE' && answer.error === 'the network is out of memory'),
      ).toBe(true);
      expect([failed.length > 0, failed.length < 40]).toEqual([true, true]);
    });
  },
);
