import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readLabelledTexts, readTexts } from '../../src/runtime/samples.js';

const folder = mkdtempSync(join(tmpdir(), 'td-samples-'));
const path = join(folder, 'data.jsonl');
afterAll(() => rmSync(folder, { recursive: true }));
const labels = ['refund', 'invoice', 'cancel_order'];

describe('what is read', () => {
  test('texts, pairs, labels by name and by index; blank lines, a byte order mark and CRLF do no harm', async () => {
    writeFileSync(
      path,
      '\uFEFF{"text": "a", "label": "invoice"}\r\n\r\n{"text": "b\u2028", "text_pair": "c", "label": 2}\r\n\n',
    );
    expect(await readLabelledTexts(path, labels)).toEqual({
      ok: true,
      value: [
        { text: 'a', label: 1 },
        { text: 'b\u2028', textPair: 'c', label: 2 },
      ],
    });
  });

  test('labels are not needed where only texts are', async () => {
    writeFileSync(path, '{"text": "a", "label": "unheard of"}\n{"text": "b", "text_pair": null}\n');
    expect(await readTexts(path)).toEqual({ ok: true, value: [{ text: 'a' }, { text: 'b' }] });
  });

  test('reading stops at the limit', async () => {
    writeFileSync(path, '{"text": "a"}\n{"text": "b"}\nnot JSON\n');
    expect(await readTexts(path, 2)).toEqual({ ok: true, value: [{ text: 'a' }, { text: 'b' }] });
  });
});

describe('problems', () => {
  test.each([
    ['', 'an empty file'],
    ['\n  \n\n', '3 blank lines'],
  ])('nothing in the file: %j', async (text, found) => {
    writeFileSync(path, text);
    expect(await readTexts(path)).toEqual({
      ok: false,
      error: {
        code: 'data-empty',
        kind: 'usage',
        message: 'the data file has no samples',
        where: path,
        expected: 'one JSON object per line, for instance {"text": "..."}',
        found,
      },
    });
  });

  const expected = 'one of refund, invoice, cancel_order';
  test.each([
    [
      '{"text": "a"',
      [{ message: 'the line is not JSON', expected: 'one JSON object on one line', found: '{"text": "a"' }],
    ],
    ['["a"]', [{ message: 'the line is not a JSON object', expected: '{"text": ...}', found: '["a"]' }]],
    [
      '{"txt": "a", "label": "refund"}',
      [
        {
          message: "the field 'text' is missing",
          expected: 'a string',
          found: 'the fields txt, label',
          fix: "rename 'txt' to 'text'",
        },
      ],
    ],
    [
      '{"text": 3, "text_pair": ["x"], "label": null}',
      [
        { message: "the field 'text' has the wrong type", expected: 'a string', found: 'a number' },
        {
          message: "the field 'text_pair' has the wrong type",
          expected: 'a string, or no such field',
          found: 'an array',
        },
        { message: "the field 'label' has the wrong type", expected, found: 'null' },
      ],
    ],
    ['{"text": "a"}', [{ message: "the field 'label' is missing", expected }]],
    [
      '{"text": "a", "label": "cancel-order"}',
      [{ message: "the model has no label 'cancel-order'", expected, fix: "did you mean 'cancel_order'?" }],
    ],
    [
      '{"text": "a", "label": 3}',
      [{ message: 'the model has no label 3', expected: `an index from 0 to 2, or ${expected}` }],
    ],
  ])('%s', async (line, problems) => {
    writeFileSync(path, `{"text": "fine", "label": 0}\n${line}\n`);
    expect(await readLabelledTexts(path, labels)).toEqual({
      ok: false,
      error: {
        code: 'data-invalid',
        kind: 'usage',
        message:
          problems.length === 1 ? 'the data file has 1 problem' : `the data file has ${problems.length} problems`,
        where: path,
        causes: problems.map(problem => ({
          code: 'data-line-invalid',
          kind: 'usage',
          where: `${path}:2`,
          ...problem,
        })),
      },
    });
  });

  test('what many lines have is told once', async () => {
    writeFileSync(path, `${'{}\n'.repeat(2)}[1]\n{"text": "a"}\n${'{}\n'.repeat(43)}`);
    const read = await readTexts(path);
    if (read.ok) throw new Error('read');
    expect(read.error.message).toBe('the data file has 46 problems');
    expect(read.error.causes?.map(({ where }) => where)).toEqual([`${path}:1, and 44 more lines`, `${path}:3`]);
    expect(read.error.details).toBeUndefined();
  });

  test('twenty that differ are shown, the rest is counted', async () => {
    const lines = Array.from({ length: 45 }, (_, index) => `{"field_${index}": 0}\n`);
    writeFileSync(path, [...lines, lines[0], lines[44]].join(''));
    const read = await readTexts(path);
    if (read.ok) throw new Error('read');
    expect(read.error.message).toBe('the data file has 47 problems');
    expect(read.error.causes).toHaveLength(20);
    expect(read.error.causes?.[0]?.where).toBe(`${path}:1, and 1 more line`);
    expect(read.error.causes?.[19]?.where).toBe(`${path}:20`);
    expect(read.error.details).toEqual(['and 26 more']);
  });

  test('no file', async () => {
    const missing = join(folder, 'missing.jsonl');
    expect(await readTexts(missing)).toEqual({
      ok: false,
      error: {
        code: 'data-unreadable',
        kind: 'usage',
        message: 'the data file cannot be read',
        where: missing,
        found: `ENOENT: no such file or directory, open '${missing}'`,
      },
    });
  });
});
