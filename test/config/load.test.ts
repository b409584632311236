import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { folderWith, printed } from './support.js';

const VALUE = {
  models: { intents: { source: './model' } },
  targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32'] } },
};
const JSON_TEXT = JSON.stringify(VALUE);

const FORMATS: Readonly<Record<string, string>> = {
  'transformer-deploy.config.ts': `import { defineConfig, type DeployConfig } from 'transformer-deploy';
const config: DeployConfig = ${JSON_TEXT};
export default defineConfig(config);`,
  'transformer-deploy.config.mts': `export default ${JSON_TEXT} as const;`,
  'transformer-deploy.config.mjs': `import { defineConfig } from 'transformer-deploy';
export default defineConfig(${JSON_TEXT});`,
  'transformer-deploy.config.js': `export default ${JSON_TEXT};`,
  'transformer-deploy.config.cjs': `const { defineConfig } = require('transformer-deploy');
module.exports = defineConfig(${JSON_TEXT});`,
  'transformer-deploy.config.json': JSON.stringify({ $schema: './schema.json', ...VALUE }),
  'transformer-deploy.config.yaml': JSON_TEXT,
  'transformer-deploy.config.yml':
    'models: { intents: { source: ./model } }\ntargets:\n  cpu: &cpu { engine: onnxruntime, precisions: [fp32] }\n',
  'package.json': JSON.stringify({ name: 'somebody', 'transformer-deploy': VALUE }),
};

describe.each(Object.keys(FORMATS))('%s', name => {
  test('is found upward and loaded, by search and by name', async () => {
    const root = folderWith({ [name]: FORMATS[name]!, 'deep/er/file': '' });
    for (const request of [{ cwd: join(root, 'deep/er') }, { cwd: root, path: name }]) {
      const loaded = await loadConfig(request);
      if (!loaded.ok) throw new Error(printed(loaded.error));
      expect(loaded.value.file).toBe(join(root, name));
      const { $schema, ...config } = loaded.value.config;
      expect(config).toEqual(VALUE);
      expect(loaded.value.resolved.models.intents?.source).toEqual({ kind: 'folder', path: join(root, 'model') });
    }
  });
});

const EXPORTS: Readonly<Record<string, string>> = {
  'a CommonJS .js file': `const { defineConfig } = require('transformer-deploy'); module.exports = defineConfig(${JSON_TEXT});`,
  'a function': `export default () => (${JSON_TEXT});`,
  'an async function': `import { readFile } from 'node:fs/promises';
export default async () => JSON.parse(await readFile(new URL('./value.json', import.meta.url), 'utf8'));`,
  'a promise': `export default Promise.resolve(${JSON_TEXT});`,
  'a value from another module': `export { value as default } from './value';`,
};

test.each(Object.keys(EXPORTS))('the export may be %s', async title => {
  const cwd = folderWith({
    'transformer-deploy.config.js': EXPORTS[title]!,
    'value.json': JSON_TEXT,
    'value.ts': `export const value = ${JSON_TEXT};`,
  });
  const loaded = await loadConfig({ cwd });
  if (!loaded.ok) throw new Error(printed(loaded.error));
  expect(loaded.value.config).toEqual(VALUE);
});

test('the nearest file wins; a package.json without the key, or broken, is passed by', async () => {
  const root = folderWith({
    'transformer-deploy.config.yaml': JSON_TEXT,
    'a/package.json': '{}',
    'a/b/package.json': '{ not json',
    'a/b/c/transformer-deploy.config.json': JSON_TEXT,
    'a/b/c/d/x': '',
  });
  const fileFor = async (folder: string) => {
    const loaded = await loadConfig({ cwd: join(root, folder) });
    return loaded.ok ? loaded.value.file.slice(root.length + 1) : printed(loaded.error);
  };
  expect(await fileFor('a/b/c/d')).toBe('a/b/c/transformer-deploy.config.json');
  expect(await fileFor('a/b')).toBe('transformer-deploy.config.yaml');
});

const ACCEPTED =
  "transformer-deploy.config.{ts,mts,js,mjs,cjs,json,yaml,yml} or the key 'transformer-deploy' in package.json";

test('nothing found: where it looked, no further than the repository', async () => {
  const root = folderWith({ 'inner/x': '' });
  const loaded = await loadConfig({ cwd: join(root, 'inner') });
  expect(!loaded.ok && printed(loaded.error)).toBe(
    `config-not-found (usage): no configuration here
  expected: ${ACCEPTED}
  found: none in ${join(root, 'inner')}, ${root}
  fix: \`td init\` writes one; --config names one that lies elsewhere`,
  );
});

test('the search does not leave the home folder', async () => {
  const home = folderWith({});
  const cwd = join(home, 'user/project');
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(home, 'transformer-deploy.config.json'), JSON_TEXT);
  const before = process.env.HOME;
  process.env.HOME = join(home, 'user');
  try {
    expect(homedir()).toBe(join(home, 'user'));
    const loaded = await loadConfig({ cwd });
    expect(!loaded.ok && loaded.error.found).toBe(`none in ${cwd}, ${join(home, 'user')}`);
  } finally {
    process.env.HOME = before;
  }
});

test.each([
  ["{\n  'models': {} }", '2:3', "'models'"],
  ['{\n  "models": {},\n}', '2:15', 'a trailing comma'],
  ['{ "models": [1, 2,], "targets": {} }', '1:18', 'a trailing comma'],
  ['{ "a": [-1.5e-3, true, null], "task": text-classification }', '1:39', 'text'],
  ['{ "outDir": `dist` }', '1:13', '`dist`'],
  ['{ "size": 0x10 }', '1:11', '0x10'],
])('JavaScript that is not JSON is pointed to: %j', async (text, place, found) => {
  const cwd = folderWith({ 'transformer-deploy.config.json': text });
  const loaded = await loadConfig({ cwd });
  expect(loaded).toMatchObject({
    ok: false,
    error: { code: 'config-syntax', where: `transformer-deploy.config.json:${place}`, found },
  });
});

test('of package.json only our own part must have each key once', async () => {
  const text = `{ "scripts": { "a": "", "a": "" }, "transformer-deploy": ${JSON_TEXT} }`;
  expect((await loadConfig({ cwd: folderWith({ 'package.json': text }) })).ok).toBe(true);
  const twice = `{ "transformer-deploy": { "outDir": "a", "outDir": "b" } }`;
  expect(await loadConfig({ cwd: folderWith({ 'package.json': twice }) })).toMatchObject({
    error: { code: 'config-syntax', where: 'package.json:1:42', found: 'the first at package.json:1:27' },
  });
});

type Case = readonly [title: string, file: string, text: string, failure: string];

const FAILURES: readonly Case[] = [
  [
    'syntax error in TypeScript',
    'transformer-deploy.config.ts',
    "import { defineConfig } from 'transformer-deploy';\nexport default defineConfig({\n  models: { a: 1 ],\n});\n",
    'config-syntax (usage): syntax error: Unexpected token, expected ","|where: transformer-deploy.config.ts:3:18',
  ],
  [
    'syntax error in JSON',
    'transformer-deploy.config.json',
    '{\n  "models": {\n}',
    'config-syntax (usage): syntax error: Unexpected token, expected ","|where: transformer-deploy.config.json:3:2',
  ],
  [
    'comments in JSON',
    'transformer-deploy.config.json',
    `{ // a comment\n${JSON_TEXT.slice(1)}`,
    'config-syntax (usage): syntax error: not strict JSON|where: transformer-deploy.config.json:1:3|found: // a comment|fix: JSON has no comments, trailing commas or single quotes; a .yaml or .ts file has',
  ],
  [
    'syntax error in YAML',
    'transformer-deploy.config.yaml',
    'models:\n  a: [1, 2\ntargets: {}\n',
    'config-syntax (usage): syntax error: Flow sequence in block collection must be sufficiently indented and end with a ]|where: transformer-deploy.config.yaml:3:1',
  ],
  [
    'the same YAML key twice',
    'transformer-deploy.config.yaml',
    'outDir: a\noutDir: b\n',
    'config-syntax (usage): syntax error: Map keys must be unique|where: transformer-deploy.config.yaml:2:1',
  ],
  [
    'the same JSON key twice',
    'transformer-deploy.config.json',
    '{ "models": {\n    "a": { "x": "{\\"", "y": 1 },\n    "b": [{ "x": 1 }, { "x": 2 }], "\\u0061" : {}\n} }',
    "config-syntax (usage): the key 'a' is written twice in one object|where: transformer-deploy.config.json:3:36|found: the first at transformer-deploy.config.json:2:5|fix: remove or rename one: JSON takes the last and says nothing",
  ],
  [
    'an error is thrown',
    'transformer-deploy.config.ts',
    "const name: string = 'x';\n\nif (name) throw new Error('no data today\\nsecond line');\nexport default {};\n",
    'config-threw (usage): the configuration threw an error|where: transformer-deploy.config.ts:3|found: no data today',
  ],
  [
    'an error is thrown by a function',
    'transformer-deploy.config.ts',
    "export default async () => {\n  throw new Error('later');\n};\n",
    'config-threw (usage): the configuration threw an error|where: transformer-deploy.config.ts:2|found: later',
  ],
  [
    'something else than an error is thrown',
    'transformer-deploy.config.js',
    "throw 'a word';\nexport default {};\n",
    'config-threw (usage): the configuration threw an error|where: transformer-deploy.config.js|found: a word',
  ],
  [
    'a missing import',
    'transformer-deploy.config.ts',
    "import shared from './shared.js';\nexport default shared;\n",
    "config-threw (usage): the configuration threw an error|where: transformer-deploy.config.ts:1|found: Cannot find module './shared.js'",
  ],
  ...(
    [
      ['an empty file', ''],
      ['no export', 'const config = {};\n'],
      ['no default export', 'export const config = {};\n'],
      ['undefined', 'export default undefined;\n'],
      ['a function that returns nothing', 'export default () => {};\n'],
    ] as const
  ).map(
    ([title, text]): Case => [
      title,
      'transformer-deploy.config.ts',
      text,
      'config-empty (usage): the file exports no configuration|where: transformer-deploy.config.ts|expected: export default defineConfig({ models: ..., targets: ... })|fix: `td init` writes one that builds',
    ],
  ),
  [
    'an empty JSON file',
    'transformer-deploy.config.json',
    '\n',
    'config-empty (usage): the file holds no configuration|where: transformer-deploy.config.json|fix: `td init` writes one that builds',
  ],
  [
    'a YAML file of comments',
    'transformer-deploy.config.yaml',
    '# nothing yet\n',
    'config-empty (usage): the file holds no configuration|where: transformer-deploy.config.yaml|fix: `td init` writes one that builds',
  ],
  [
    'a number',
    'transformer-deploy.config.ts',
    'export default 5;\n',
    'config-invalid (usage): wrong type|where: transformer-deploy.config.ts|expected: an object|found: 5 (a number)',
  ],
];

test.each(FAILURES)('%s', async (_, file, text, failure) => {
  const cwd = folderWith({ [file]: text });
  const expected = failure.split('|').join('\n  ');
  for (const path of [undefined, file]) {
    const loaded = await loadConfig(path === undefined ? { cwd } : { cwd, path });
    expect(loaded.ok ? 'no failure' : printed(loaded.error)).toBe(expected);
  }
});

const NAMED: readonly Case[] = [
  [
    'a file that is not there',
    'other.config.ts',
    '',
    'config-not-found (usage): there is no such file|where: other.config.ts|fix: `td init` writes one; without --config the nearest one above this folder is used',
  ],
  ['a folder', '.git', '', 'config-unreadable (usage): the configuration cannot be read|where: .git|found: EISDIR'],
  [
    'another kind of file',
    'config.toml',
    '[models]',
    'config-format (usage): not a kind of configuration file|where: config.toml|expected: .ts, .mts, .js, .mjs, .cjs, .json, .yaml, .yml',
  ],
  [
    'a package.json without the key',
    'package.json',
    '{}',
    "config-empty (usage): the file holds no configuration|where: package.json|expected: a key 'transformer-deploy'|fix: `td init` writes one that builds",
  ],
];

test.each(NAMED)('--config names %s', async (_, path, text, failure) => {
  const loaded = await loadConfig({ cwd: folderWith(text === '' ? {} : { [path]: text }), path });
  expect(loaded.ok ? 'no failure' : printed(loaded.error)).toBe(failure.split('|').join('\n  '));
});
