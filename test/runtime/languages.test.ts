import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { languageId, languagesOf, withSourceLanguage } from '../../src/runtime/languages.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import { readReference } from '../support/reference.js';

const { folder } = readReference('mbart');
const tokenizerOf = (name: string) =>
  JSON.parse(readFileSync(join(readReference(name).folder, 'tokenizer.json'), 'utf8')) as object;

describe('languages of a tokenizer', () => {
  test.each([
    ['mBART', ['en_XX', 'de_DE', 'fa_IR']],
    ['NLLB', ['eng_Latn', 'zho_Hans']],
    ['M2M100', ['__en__', '__ast__']],
  ])('%s', (_, contents) => {
    const tokens = contents.map((content, index) => ({ id: 9 - index, content, special: true }));
    const others = ['</s>', '<mask>', 'en', '__init__x', 'EN_XX'].map((content, id) => ({
      id,
      content,
      special: true,
    }));
    const written = { id: 20, content: 'it_IT', special: false };
    expect([...languagesOf({ added_tokens: [...tokens, ...others, written] }).keys()]).toEqual(contents.toReversed());
  });

  test('most have none', () => expect(languagesOf(tokenizerOf('t5')).size).toBe(0));

  test('an unknown one names the nearest', () => {
    const languages = languagesOf(tokenizerOf('mbart'));
    expect(languageId(languages, 'fr_XX', 'here')).toEqual({ ok: true, value: 243 });
    expect(languageId(languages, 'fr', 'here')).toMatchObject({
      error: { code: 'language-unknown', where: 'here', expected: 'one of de_DE, en_XX, fr_XX', found: 'fr' },
    });
  });
});

describe('the language of the texts', () => {
  const encoded = async (sourceLanguage?: string): Promise<readonly number[]> => {
    const loaded = await loadTokenizer(folder, { sourceLanguage });
    if (!loaded.ok) throw new Error(loaded.error.message);
    return loaded.value.encode('Hello world').inputIds;
  };

  test('its token takes the place of the one in the template, and nothing else changes', async () => {
    const usual = await encoded();
    expect(usual.at(-1)).toBe(242);
    expect(await encoded('en_XX')).toEqual(usual);
    expect(await encoded('fr_XX')).toEqual([...usual.slice(0, -1), 243]);
  });

  test('in front, as the second mBART has it, and in processors in a row', () => {
    const token = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
    const text = { Sequence: { id: 'A', type_id: 0 } };
    const template = (language: string) => ({
      type: 'Sequence',
      processors: [{ type: 'TemplateProcessing', single: [token(language), text, token('</s>')], pair: [] }],
    });
    const added_tokens = ['en_XX', 'de_DE', '</s>'].map((content, id) => ({ id, content, special: true }));
    const json = { added_tokens, post_processor: template('en_XX') };
    expect(withSourceLanguage(json, 'de_DE', 'here')).toEqual({
      ok: true,
      value: { added_tokens, post_processor: template('de_DE') },
    });
    expect(json.post_processor).toEqual(template('en_XX'));
  });

  test('a template without one cannot tell it', () => {
    const json = { added_tokens: [{ id: 1, content: 'en_XX', special: true }], post_processor: null };
    expect(withSourceLanguage(json, 'en_XX', 'here')).toMatchObject({
      error: {
        code: 'language-fixed',
        message: 'the tokenizer does not tell the model in which language a text is',
        where: 'here',
      },
    });
  });
});
