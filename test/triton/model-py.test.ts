import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { DType } from '../../src/graph/tensor.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import { namesOf } from '../../src/triton/names.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import type { TokenizerFacts } from '../../src/triton/repository.js';
import { tokenizedNetwork } from '../../src/triton/tokenized-network.js';
import { EXAMPLE, INTENTS } from './intents.js';

const PYTHON = process.env.TD_PYTHON ?? 'python3';
const HERE = fileURLToPath(new URL('python', import.meta.url));
const STAND_IN = join(HERE, 'tokenizers_stand_in');
const REFERENCE = fileURLToPath(new URL('../reference', import.meta.url));
/** Reference models whose tokenizer the stand-in knows. */
const WORD_PIECES = readdirSync(REFERENCE).filter(folder =>
  readFileSync(join(REFERENCE, folder, 'meta.json'), 'utf8').includes('"WordPiece"'),
);
const canImport = (name: string): boolean => spawnSync(PYTHON, ['-c', `import ${name}`]).status === 0;
const hasNumpy = canImport('numpy');

const scratch = mkdtempSync(join(tmpdir(), 'td-model-py-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Model {
  /** The version's folder. */
  readonly folder: string;
  readonly config: ModelConfig;
}

const INT64_INPUTS: ReadonlyMap<string, DType> = new Map([
  ['input_ids', 'int64'],
  ['attention_mask', 'int64'],
  ['token_type_ids', 'int64'],
]);

const PYTHON_SOURCES = fileURLToPath(new URL('../../src/triton/python', import.meta.url));
const SOURCES = Object.fromEntries(
  ['tokenize.py', 'td_texts.py'].map(name => [name, readFileSync(join(PYTHON_SOURCES, name))]),
);

let models = 0;

interface Changes extends Partial<TokenizerFacts> {
  readonly pairs?: boolean;
}

/** Writes a tokenizer model as the stage does. */
function writeModel(tokenizer: string, { pairs = false, ...facts }: Changes = {}, outputs = INT64_INPUTS): Model {
  const folder = join(scratch, `${models++}`);
  const all: TokenizerFacts = {
    maxLength: 128,
    buckets: [16, 32, 64, 128],
    padTokenId: 0,
    padTokenTypeId: 0,
    paddingSide: 'right',
    truncationSide: 'right',
    prompt: { text: '', length: 0 },
    lowerCase: false,
    continuation: '##',
    tokenizerJson: readFileSync(join(tokenizer, 'tokenizer.json')),
    ...facts,
  };
  const inputs = [...outputs].map(([name, dtype]) => ({ name, dtype, shape: ['batch_size', 'sequence_length'] }));
  const repository = tokenizedNetwork({
    model: 'intents',
    task: pairs ? 'text-ranking' : 'text-classification',
    names: namesOf('intents'),
    artefacts: [
      {
        id: 'intents/cpu-fp32',
        target: 'cpu',
        precision: 'fp32',
        device: 'cpu',
        engine: 'onnxruntime',
        networks: { 'model.onnx': { inputs, outputs: INTENTS.outputs } },
      },
    ],
    batching: { maxBatchSize: 8 },
    largestBatch: 8,
    tokenizer: all,
    warmups: [],
    labels: undefined,
    python: SOURCES,
    server: {},
    isElsRd: false,
  });
  if (!repository.ok) throw new Error(repository.error.message);
  const files = repository.value.files.filter(file => file.path.startsWith('intents-tokenize/'));
  for (const { path, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const config = readModelConfig(files.find(file => file.path.endsWith('.pbtxt'))!.content as string);
  if (!config.ok) throw new Error(config.error.message);
  return { folder: join(folder, 'intents-tokenize/1'), config: config.value };
}

interface Outputs {
  readonly [name: string]: { readonly dtype: string; readonly data: number[][] };
}
type Answer = Outputs | { readonly error: string; readonly code: string };
/** Texts, or bytes, of each input. */
type Request = Readonly<Record<string, readonly (string | Uint8Array)[]>>;

interface Driven {
  readonly responses: readonly (readonly Answer[])[];
  readonly initialize?: string;
}

interface Case {
  readonly model: Model;
  readonly calls: readonly (readonly Request[])[];
  readonly refused?: readonly string[];
}

const KINDS = [
  ['the package tokenizers', [HERE], canImport('tokenizers') ? '' : 'not installed'],
  ['a stand-in for tokenizers', [STAND_IN, HERE], ''],
] as const;

describe.skipIf(!hasNumpy)(`${PYTHON}${hasNumpy ? '' : ' has no numpy: skipped'}`, () => {
  describe.each(
    KINDS.map(([name, path, lacking]) => [`${name}${lacking && `, ${lacking}: skipped`}`, path, lacking] as const),
  )('model.py with %s', (_, path, lacking) => {
    const encode = (request: Request) => ({
      inputs: Object.fromEntries(
        Object.entries(request).map(([name, values]) => [
          name,
          values.map(value => Buffer.from(value as string).toString('base64')),
        ]),
      ),
      parameters: {},
    });
    /** One process for all cases. */
    const drive = (cases: readonly Case[]): Driven[] => {
      const input = cases.map(({ model, calls, refused = [] }) => ({
        model: model.folder,
        config: model.config,
        calls: calls.map(requests => requests.map(encode)),
        refused,
        networks: {},
      }));
      const { status, stdout, stderr } = spawnSync(PYTHON, [join(HERE, 'drive_model.py')], {
        input: JSON.stringify(input),
        env: { ...process.env, PYTHONPATH: path.join(':') },
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as Driven[];
    };
    const answers = (model: Model, requests: readonly Request[], refused: readonly string[] = []) =>
      drive([{ model, calls: [requests], refused }])[0]!.responses[0]!;
    const good = (answer: Answer | undefined): Outputs => {
      expect(answer).not.toHaveProperty('error');
      return answer as Outputs;
    };

    test.skipIf(lacking)('a batch of good and bad requests: each gets its own answer', () => {
      const result = answers(writeModel(EXAMPLE), [
        { TEXT: ['refund pls'] },
        { TEXT: ['fine', Uint8Array.of(0x61, 0xff, 0xfe)] },
        { TEXT: [''] },
        { TEXT: ['a'.repeat(100_001)] },
        { TEXT: ['é'.repeat(100_001)] },
        { TEXT: ['x'.repeat(400_001)] },
        { TEXT: [`${'refund '.repeat(14_285)}pls  `] },
        { TEXT: ['refund pls', 'refund '.repeat(20), ''] },
        {},
        { TEXT: [] },
      ]);
      const padded = (ids: number[], length: number) => [...ids, ...Array(length - ids.length).fill(0)];
      expect(result[0]).toEqual({
        input_ids: { dtype: 'int64', data: [padded([2, 318, 874, 3], 16)] },
        attention_mask: { dtype: 'int64', data: [padded([1, 1, 1, 1], 16)] },
        token_type_ids: { dtype: 'int64', data: [padded([], 16)] },
      });
      expect(result[1]).toEqual({ error: 'TEXT, row 1: not UTF-8 at byte 1', code: 'INVALID_ARG' });
      expect(good(result[2]).input_ids!.data).toEqual([padded([2, 3], 16)]);
      for (const index of [3, 4, 5]) {
        expect(result[index]).toEqual({ error: 'TEXT, row 0: longer than 100000 characters', code: 'INVALID_ARG' });
      }
      // Exactly 100 000 characters are taken, and cut to the largest number of tokens.
      expect(good(result[6]).input_ids!.data).toEqual([[2, ...Array(126).fill(318), 3]]);
      expect(good(result[7]).input_ids!.data).toEqual([
        padded([2, 318, 874, 3], 32),
        padded([2, ...Array(20).fill(318), 3], 32),
        padded([2, 3], 32),
      ]);
      expect(good(result[7]).attention_mask!.data.map(row => row.reduce((a, b) => a + b))).toEqual([4, 22, 2]);
      expect(result[8]).toEqual({ error: 'input TEXT is missing', code: 'INVALID_ARG' });
      expect(good(result[9]).input_ids!.data).toEqual([]);
    });

    test.skipIf(lacking)('an empty batch has no answers, and the model goes on', () => {
      const [driven] = drive([{ model: writeModel(EXAMPLE), calls: [[], [{ TEXT: ['refund pls'] }]] }]);
      const { responses } = driven!;
      expect(responses[0]).toEqual([]);
      expect(good(responses[1]![0]).input_ids!.data[0]!.slice(0, 4)).toEqual([2, 318, 874, 3]);
    });

    test.skipIf(lacking)('a panic of the tokenizer fails the request that caused it, and no other', () => {
      const result = answers(
        writeModel(EXAMPLE),
        [{ TEXT: ['refund'] }, { TEXT: ['ok', 'boom'] }, { TEXT: ['pls'] }],
        ['boom'],
      );
      expect(good(result[0]).input_ids!.data[0]!.slice(0, 3)).toEqual([2, 318, 3]);
      expect(result[1]).toEqual({
        error: 'row 1: the tokenizer refuses it: index out of bounds',
        code: 'INVALID_ARG',
      });
      expect(good(result[2]).input_ids!.data[0]!.slice(0, 3)).toEqual([2, 874, 3]);
    });

    test.skipIf(lacking)('lengths are rounded up to a bucket', () => {
      const model = writeModel(EXAMPLE, { maxLength: 48, buckets: [8, 20, 48] });
      const result = answers(
        model,
        [1, 6, 7, 18, 19, 46, 100].map(n => ({ TEXT: ['refund '.repeat(n)] })),
      );
      expect(result.map(answer => good(answer).input_ids!.data[0]!.length)).toEqual([8, 8, 20, 20, 48, 48, 48]);
    });

    test.skipIf(lacking)('names and types are those of the configuration', () => {
      const outputs = new Map<string, DType>([
        ['input_ids', 'int32'],
        ['attention_mask', 'int32'],
      ]);
      const [answer] = answers(writeModel(EXAMPLE, {}, outputs), [{ TEXT: ['refund'] }]);
      expect(Object.entries(good(answer)).map(([name, { dtype }]) => [name, dtype])).toEqual([
        ['input_ids', 'int32'],
        ['attention_mask', 'int32'],
      ]);
    });

    test.skipIf(lacking)('padding and truncation on the left, with their own ids', () => {
      const model = writeModel(EXAMPLE, {
        paddingSide: 'left',
        truncationSide: 'left',
        padTokenId: 4,
        padTokenTypeId: 1,
        maxLength: 4,
        buckets: [4],
      });
      const result = answers(model, [{ TEXT: ['refund'] }, { TEXT: ['order order refund pls'] }]);
      expect(good(result[0])).toMatchObject({
        input_ids: { data: [[4, 2, 318, 3]] },
        attention_mask: { data: [[0, 1, 1, 1]] },
        token_type_ids: { data: [[1, 0, 0, 0]] },
      });
      expect(good(result[1]).input_ids!.data).toEqual([[2, 318, 874, 3]]);
    });

    test.skipIf(lacking)('tokenizer.json’s own padding and truncation do not count', () => {
      const folder = mkdtempSync(join(scratch, 'own-'));
      const json = JSON.parse(readFileSync(join(EXAMPLE, 'tokenizer.json'), 'utf8'));
      json.truncation = { direction: 'Right', max_length: 3, strategy: 'LongestFirst', stride: 0 };
      json.padding = {
        strategy: { Fixed: 24 },
        direction: 'Right',
        pad_to_multiple_of: null,
        pad_id: 0,
        pad_type_id: 0,
        pad_token: '[PAD]',
      };
      writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json));
      const [answer] = answers(writeModel(folder), [{ TEXT: ['refund pls'] }]);
      expect(good(answer).attention_mask!.data).toEqual([[1, 1, 1, 1, ...Array(12).fill(0)]]);
    });

    test.skipIf(lacking)('a length without room for a token is refused when the model loads', () => {
      expect(drive([{ model: writeModel(EXAMPLE, { maxLength: 2, buckets: [2] }), calls: [] }])).toEqual([
        { initialize: 'max_length is 2, but 2 special tokens are added to a text' },
      ]);
    });

    test.skipIf(lacking)('pairs of texts', () => {
      const result = answers(writeModel(EXAMPLE, { pairs: true }), [
        { TEXT: ['refund', 'pls'], TEXT_PAIR: ['pls', 'refund refund'] },
        { TEXT: ['refund'] },
        { TEXT: ['refund'], TEXT_PAIR: ['pls', 'pls'] },
      ]);
      const rows = good(result[0]);
      expect(rows.input_ids!.data.map(row => row.slice(0, 7))).toEqual([
        [2, 318, 3, 874, 3, 0, 0],
        [2, 874, 3, 318, 318, 3, 0],
      ]);
      expect(rows.token_type_ids!.data.map(row => row.slice(0, 7))).toEqual([
        [0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 1, 1, 1, 0],
      ]);
      expect(result[1]).toEqual({ error: 'input TEXT_PAIR is missing', code: 'INVALID_ARG' });
      expect(result[2]).toEqual({ error: 'TEXT has 1 rows, but TEXT_PAIR has 2', code: 'INVALID_ARG' });
    });

    interface TokenizerCase {
      readonly text: string;
      readonly text_pair?: string;
      readonly ids: readonly number[];
      readonly type_ids: readonly number[];
      readonly truncation_max_length?: number;
      readonly disputed?: boolean;
    }

    test.skipIf(lacking)(`the reference’s ids: ${WORD_PIECES.join(', ')}`, () => {
      const runs = WORD_PIECES.flatMap(folder => {
        const meta = JSON.parse(readFileSync(join(REFERENCE, folder, 'meta.json'), 'utf8'));
        const cases = (meta.tokenizer.cases as TokenizerCase[]).filter(each => !each.disputed);
        expect(cases.length).toBeGreaterThan(20);
        return cases.map(each => {
          const maxLength = each.truncation_max_length ?? 512;
          const pairs = each.text_pair !== undefined;
          const model = writeModel(join(REFERENCE, folder), { maxLength, buckets: [maxLength], pairs });
          const request: Request = { TEXT: [each.text], ...(pairs ? { TEXT_PAIR: [each.text_pair!] } : {}) };
          return { model, calls: [[request]], each };
        });
      });
      expect(runs.length).toBeGreaterThan(160);
      for (const [index, { responses }] of drive(runs).entries()) {
        const { ids, type_ids: types, text } = runs[index]!.each;
        const outputs = good(responses[0]![0]);
        expect(outputs.input_ids!.data[0]!.slice(0, ids.length), text).toEqual(ids);
        expect(outputs.token_type_ids!.data[0]!.slice(0, ids.length), text).toEqual(types);
        expect(
          outputs.attention_mask!.data[0]!.reduce((a, b) => a + b),
          text,
        ).toBe(ids.length);
      }
    });

    test.skipIf(lacking)(
      'the example’s expected ids, and those of the JavaScript tokenizer on its evaluation texts',
      async () => {
        const expected = JSON.parse(readFileSync(join(EXAMPLE, '../expected.json'), 'utf8')) as {
          samples: { text: string; input_ids: number[] }[];
        };
        const evaluation = readFileSync(join(EXAMPLE, '../data/eval.jsonl'), 'utf8')
          .trim()
          .split('\n')
          .map(line => (JSON.parse(line) as { text: string }).text);
        const tokenizer = await loadTokenizer(EXAMPLE);
        if (!tokenizer.ok) throw new Error(tokenizer.error.message);
        const wanted = [
          ...expected.samples.map(({ text, input_ids: ids }) => ({ text, ids })),
          ...evaluation.map(text => ({ text, ids: [...tokenizer.value.encode(text).inputIds] })),
        ];
        expect(wanted.length).toBeGreaterThan(500);
        const result = answers(
          writeModel(EXAMPLE),
          wanted.map(({ text }) => ({ TEXT: [text] })),
        );
        for (const [index, { text, ids }] of wanted.entries()) {
          expect(good(result[index]).input_ids!.data[0]!.slice(0, ids.length), text).toEqual(ids);
          expect(
            good(result[index]).attention_mask!.data[0]!.reduce((a, b) => a + b),
            text,
          ).toBe(ids.length);
        }
      },
    );
  });
});
