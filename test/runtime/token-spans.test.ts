import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';

const reference = fileURLToPath(new URL('../reference', import.meta.url));

interface TokenizerCase {
  readonly text: string;
  readonly text_pair?: string;
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  readonly offsets: readonly (readonly [start: number, end: number])[];
  readonly truncation_max_length?: number;
  readonly disputed?: boolean;
}

async function open(name: string) {
  const loaded = await loadTokenizer(join(reference, name));
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}

describe('spans as the tokenizers library gives them', () => {
  for (const name of readdirSync(reference)) {
    const meta = JSON.parse(readFileSync(join(reference, name, 'meta.json'), 'utf8'));
    // Nobody asks where the tokens of a text lie that a model goes on writing; models that see have no tokenizer.
    if (meta.task.endsWith('generation') || !meta.tokenizer) continue;
    const cases = (meta.tokenizer.cases as TokenizerCase[]).filter(row => !row.disputed && row.text_pair === undefined);
    test(name, async () => {
      const tokenizer = await open(name);
      let tokens = 0;
      let found = 0;
      for (const {
        text,
        ids,
        tokens: names,
        offsets,
        truncation_max_length: maxLength = Number.POSITIVE_INFINITY,
      } of cases) {
        const { inputIds, spans } = tokenizer.locate(text, { maxLength });
        if (`${inputIds}` !== `${ids}`) continue;
        const letters = [...text];
        for (const [index, [from, to]] of offsets.entries()) {
          // SentencePiece's mark alone stands for a space, or for nothing.
          if (names[index] === '▁') continue;
          const span = spans[index];
          // Spaces around a token are a matter of taste, and differ between the library's pre-tokenizers.
          const trimmed = letters.slice(from, to).join('').trim();
          const own = span ? letters.slice(span.start, span.end).join('').trim() : '';
          tokens++;
          if (own === trimmed && (trimmed === '' || span!.start >= from)) found++;
        }
      }
      // Letters that are written as two code points are one here.
      expect(tokens).toBeGreaterThan(300);
      expect(found / tokens).toBeGreaterThan(0.98);
    });
  }
});

describe('words', () => {
  test('pieces of WordPiece go on with the word before; an unknown word is one token', async () => {
    const tokenizer = await open('bert_tokcls');
    const { spans } = tokenizer.locate('Hello UPPER, 😀world');
    const letters = [...'Hello UPPER, 😀world'];
    expect(spans.map(span => span && [letters.slice(span.start, span.end).join(''), span.continuesWord])).toEqual([
      undefined,
      ['H', false],
      ['el', true],
      ['l', true],
      ['o', true],
      ['UPPER', false],
      [',', false],
      ['😀world', false],
      undefined,
    ]);
  });

  test('bytes and pieces go on where no space is between', async () => {
    for (const name of ['roberta_tokcls', 'xlmr_tokcls']) {
      const { spans } = (await open(name)).locate('one two');
      const starts = spans.filter(span => span !== undefined && !span.continuesWord && span.end > span.start);
      expect(starts.map(span => span!.start)).toEqual([0, 4]);
    }
  });

  test('a text that is cut keeps the spans of what is left', async () => {
    const tokenizer = await open('bert_tokcls');
    const whole = tokenizer.locate('Hello world').spans;
    expect(tokenizer.locate('Hello world', { maxLength: 5 }).spans).toEqual([...whole.slice(0, 4), undefined]);
  });
});
