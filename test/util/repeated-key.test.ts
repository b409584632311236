import fc from 'fast-check';
import { expect, test } from 'vitest';
import { repeatedKey } from '../../src/util/repeated-key.js';

test.each([
  ['{"a":1,"a":2}', 'a', [1, 2], [1, 8]],
  ['{\n  "a": [{"b": 1}, {"b": 1}],\n  "c": {"b": {}, "b" : 1}\n}', 'b', [3, 9], [3, 18]],
  ['{"a\\"}": 1,\n"x": "\\"a\\":", "\\u0061\\"}": 2}', 'a"}', [1, 2], [2, 16]],
])('%s', (text, key, [line, column], again) => {
  expect(repeatedKey(text)).toEqual({
    key,
    first: { line, column },
    again: { line: again[0], column: again[1] },
  });
});

test('only inside a path', () => {
  const text = '{"a": {"k": 1, "k": 1}, "b": [0, {"c": {"k": 1, "k": 2}}]}';
  expect(repeatedKey(text)?.again.column).toBe(16);
  expect(repeatedKey(text, ['b', 1])?.again.column).toBe(49);
  expect(repeatedKey(text, ['b', 0])).toBeUndefined();
});

test('what JSON.stringify writes has each key once, however it is laid out', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
      expect(repeatedKey(JSON.stringify(value, undefined, indent))).toBeUndefined();
    }),
  );
});

test('a key that is written again is found wherever it stands', () => {
  const keys = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(keys, fc.nat(), fc.jsonValue(), (names, pick, value) => {
      const twice = names[pick % names.length]!;
      const members = [...names, twice].map(name => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
      expect(repeatedKey(`{${members.join(', ')}}`)?.key).toBe(twice);
    }),
  );
});
