import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { loadTokenizer, type TextTokenizer } from '../../src/runtime/tokenizer.js';
import type { Failure } from '../../src/util/failure.js';

const reference = fileURLToPath(new URL('../reference', import.meta.url));
const intents = fileURLToPath(new URL('../../examples/support-intents/model', import.meta.url));
const expected = fileURLToPath(new URL('../../examples/support-intents/expected.json', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'td-tokenizer-'));
afterAll(() => rmSync(temporary, { recursive: true }));

async function open(folder: string, embeddings?: number): Promise<TextTokenizer> {
  const loaded = await loadTokenizer(folder, embeddings === undefined ? {} : { embeddings });
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}

async function failureOf(folder: string, embeddings?: number): Promise<Failure> {
  const loaded = await loadTokenizer(folder, embeddings === undefined ? {} : { embeddings });
  if (loaded.ok) throw new Error('loaded');
  return loaded.error;
}

interface TokenizerCase {
  readonly text: string;
  readonly text_pair?: string;
  readonly ids: readonly number[];
  readonly type_ids: readonly number[];
  readonly truncation_max_length?: number;
  readonly disputed?: boolean;
}

/** Texts that the library reads otherwise than the one in Rust does: a line break of Windows under a SentencePiece normaliser. */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = { marian: ['tabs\tand\nnew lines\r\nhere'] };

describe('texts decoded as the tokenizers library decodes them', () => {
  interface Decoded {
    readonly ids: readonly number[];
    readonly decoded?: string;
    readonly decoded_with_special?: string;
    readonly disputed?: boolean;
  }

  for (const name of readdirSync(reference)) {
    const meta = JSON.parse(readFileSync(join(reference, name, 'meta.json'), 'utf8'));
    if (!['text-generation', 'text2text-generation'].includes(meta.task)) continue;
    const cases = (meta.tokenizer.cases as Decoded[]).filter(row => !row.disputed && row.decoded !== undefined);
    test(`${name}: ${cases.length} texts`, async () => {
      const tokenizer = await open(join(reference, name));
      expect(cases.length).toBeGreaterThan(10);
      for (const { ids, decoded, decoded_with_special: withSpecial } of cases) {
        expect(tokenizer.decode(ids, { skipSpecial: true })).toBe(decoded);
        if (withSpecial !== undefined) expect(tokenizer.decode(ids)).toBe(withSpecial);
      }
      expect(tokenizer.decode([])).toBe('');
      expect(tokenizer.decode([...tokenizer.specialIds], { skipSpecial: true })).toBe('');
    });
  }
});

describe('ids and type ids as the tokenizers library gives them', () => {
  for (const name of readdirSync(reference)) {
    const meta = JSON.parse(readFileSync(join(reference, name, 'meta.json'), 'utf8'));
    // Models that see have none.
    if (!meta.tokenizer) continue;
    const cases = (meta.tokenizer.cases as TokenizerCase[]).filter(
      row => !row.disputed && !OTHERWISE[name]?.includes(row.text),
    );
    test(`${name}: ${cases.length} texts`, async () => {
      expect(cases.length).toBeGreaterThan(10);
      const tokenizer = await open(join(reference, name));
      for (const row of cases) {
        const maxLength = row.truncation_max_length ?? Number.POSITIVE_INFINITY;
        const { inputIds, tokenTypeIds } = tokenizer.encode(row.text, row.text_pair, { maxLength });
        expect({ text: row.text, inputIds, tokenTypeIds }).toEqual({
          text: row.text,
          inputIds: row.ids,
          tokenTypeIds: row.type_ids,
        });
      }
    });
  }

  test('the intent classifier', async () => {
    const tokenizer = await open(intents);
    const { samples } = JSON.parse(readFileSync(expected, 'utf8'));
    expect(samples).toHaveLength(8);
    for (const sample of samples) {
      const encoding = tokenizer.encode(sample.text);
      expect(encoding.inputIds).toEqual(sample.input_ids);
      expect(encoding.tokenTypeIds).toEqual(sample.token_type_ids);
      expect(encoding.attentionMask).toEqual(sample.attention_mask);
    }
  });
});

describe('limits', () => {
  test('the tokenizer states its maximum length and its padding', async () => {
    const tokenizer = await open(intents);
    expect(tokenizer.maxLength).toBe(128);
    expect(tokenizer.padding).toEqual({ tokenId: 0, tokenTypeId: 0 });
    expect(tokenizer.encode('refund '.repeat(500)).inputIds).toHaveLength(128);
  });

  test('special tokens stay when the text is cut', async () => {
    const tokenizer = await open(intents);
    expect(tokenizer.encode('money back for the kettle', undefined, { maxLength: 4 }).inputIds).toEqual([
      2, 426, 352, 3,
    ]);
    expect(tokenizer.encode('money back for the kettle', undefined, { maxLength: 2 }).inputIds).toEqual([2, 3]);
  });

  // Lengths of the two texts of a pair before and after, from the algorithm of huggingface/tokenizers (LongestFirst).
  test.each([
    [10, 4, 14, [10, 4]],
    [10, 4, 10, [6, 4]],
    [4, 10, 10, [4, 6]],
    [10, 10, 7, [3, 4]],
    [10, 9, 7, [4, 3]],
    [9, 10, 7, [3, 4]],
    [1, 10, 1, [0, 1]],
  ])('a pair of %i and %i tokens in room for %i', async (first, second, room, expected) => {
    const tokenizer = await open(intents);
    const { tokenTypeIds } = tokenizer.encode('refund '.repeat(first), 'refund '.repeat(second), {
      maxLength: room + 3,
    });
    const secondLength = tokenTypeIds.filter(type => type === 1).length - 1;
    expect([tokenTypeIds.length - secondLength - 3, secondLength]).toEqual(expected);
  });

  test('an empty second text is still a pair', async () => {
    const tokenizer = await open(intents);
    expect(tokenizer.encode('refund', '').tokenTypeIds).toEqual([0, 0, 0, 1]);
  });

  test('1e30 means no limit', async () => {
    const folder = join(temporary, 'unlimited');
    cpSync(intents, folder, { recursive: true });
    writeFileSync(join(folder, 'tokenizer_config.json'), '{"model_max_length": 1000000000000000019884624838656}');
    const tokenizer = await open(folder);
    expect(tokenizer.maxLength).toBe(Number.POSITIVE_INFINITY);
    expect(tokenizer.padding).toBeUndefined();
  });
});

describe('failures', () => {
  const broken = (name: string, files: Readonly<Record<string, string>>): string => {
    const folder = join(temporary, name);
    cpSync(intents, folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    return folder;
  };

  test('no tokenizer', async () => {
    expect(await failureOf(temporary)).toEqual({
      code: 'tokenizer-missing',
      kind: 'usage',
      message: 'a tokenizer file is missing',
      where: join(temporary, 'tokenizer.json'),
      found: 'no such file',
      fix: 'save it with transformers: AutoTokenizer.from_pretrained(...).save_pretrained(...)',
    });
  });

  test('not JSON', async () => {
    const folder = broken('not-json', { 'tokenizer.json': 'version https://git-lfs.github.com/spec/v1\noid sha256:1' });
    expect(await failureOf(folder)).toEqual({
      code: 'tokenizer-invalid',
      kind: 'usage',
      message: 'a tokenizer file is not a JSON object',
      where: join(folder, 'tokenizer.json'),
      expected: 'a JSON object',
      found: '"version https://git-lfs.github.com/spec/"…',
      fix: 'save it with transformers: AutoTokenizer.from_pretrained(...).save_pretrained(...)',
    });
  });

  test('JSON, but not a tokenizer', async () => {
    const folder = broken('not-a-tokenizer', { 'tokenizer.json': '{"model": 3}' });
    const failure = await failureOf(folder);
    expect(failure.code).toBe('tokenizer-invalid');
    expect(failure.message).toBe('the tokenizer cannot be built');
    expect(failure.where).toBe(join(folder, 'tokenizer.json'));
  });

  test('more tokens than the model has embeddings', async () => {
    expect(await failureOf(intents, 3998)).toEqual({
      code: 'tokenizer-too-large',
      kind: 'usage',
      message: 'the tokenizer knows tokens that the model does not',
      where: join(intents, 'tokenizer.json'),
      expected: 'ids below 3998 (vocab_size in config.json)',
      found: "2 tokens beyond, the first is 'k200' with id 3998",
      fix: 'use the tokenizer that the model was trained with, or resize the embeddings',
    });
    expect((await open(intents, 4000)).vocabulary.size).toBe(4000);
  });
});
