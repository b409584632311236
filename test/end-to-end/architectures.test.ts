import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND, CONFIG, runProgram, type TinyConfig, type Workspace, workspaces } from '../support/td.js';
import { randomWeights, writeCheckpoint } from '../support/tiny-checkpoint.js';

const { tiny } = workspaces();

/** A family that nobody has: each text is the mean of its words, and two numbers are read from that. */
const ARCHITECTURE = `import {
  defineArchitecture, embedding, integer, labels, linear, logits, meanOfTokens, onTexts, type Parsed, reader,
} from 'transformer-deploy/architecture';
import { strengthOf } from './strength.js';

const fields = { vocabulary: integer('vocab_size'), size: integer('hidden_size'), labels };
type Config = Parsed<typeof fields>;

export const wordBag = defineArchitecture<Config>({
  modelType: 'word-bag',
  basePrefix: 'bag.',
  readConfig: reader(fields),
  maxSequence: () => undefined,
  heads: {
    'sequence-classification': (model, config) =>
      onTexts(0, ({ ids, attentionMask }) => {
        const words = embedding(model.at('bag.words'), ids, config.vocabulary, config.size);
        const mean = meanOfTokens(model.at('bag'), words, attentionMask);
        return logits(linear(model.at('classifier'), model.op.Mul(mean, strengthOf()), config.labels.length));
      }),
  },
  leftOut: [],
});
`;
const STRENGTH = 'export const strengthOf = (): number => 2;\n';

const VOCABULARY = 400;
const SIZE = 6;
const WEIGHTS = randomWeights({
  'bag.words.weight': [VOCABULARY, SIZE],
  'classifier.weight': [2, SIZE],
  'classifier.bias': [2],
});

/** A project with a checkpoint of that family, and the modules that know it. */
function project(
  files: Readonly<Record<string, string>> = {
    'architectures/bag.ts': ARCHITECTURE,
    'architectures/strength.ts': STRENGTH,
  },
): Workspace {
  const workspace = tiny();
  const config = {
    model_type: 'word-bag',
    architectures: ['WordBagForSequenceClassification'],
    vocab_size: VOCABULARY,
    hidden_size: SIZE,
  };
  writeCheckpoint(workspace.path('model'), config, WEIGHTS);
  for (const [path, text] of Object.entries(files)) workspace.write(path, text);
  workspace.edit(CONFIG, (json: TinyConfig) => {
    json.targets.cpu!.precisions = ['fp32'];
    json.models.tiny!.tolerance = { fp32: 1e-4 };
    json.architectures = ['./architectures/bag.ts'];
  });
  return workspace;
}

/** The probability of each class of a text, the likelier first. */
async function scoresOf(workspace: Workspace): Promise<number[]> {
  const outcome = await workspace.td(['infer', 'tiny', 'the movie was great', '--json', '--top', '2']);
  expect(outcome.code, outcome.stderr).toBe(0);
  return (JSON.parse(outcome.stdout) as { labels: { score: number }[] }).labels.map(({ score }) => score);
}

const failureOf = async (workspace: Workspace) => {
  const { code, stderr } = await workspace.td(['build', '--only', 'export', '--reporter', 'silent']);
  return [code, workspace.normal(stderr)];
};

describe('an architecture of the user', () => {
  test('is built, and built again when a file that it imports is edited', async () => {
    const workspace = project();
    const first = await workspace.build(['--skip', 'benchmark,report']);
    expect([first.code, first.failures]).toEqual([0, []]);
    const before = workspace.read('dist/models/tiny/cpu-fp32/validation.json');
    expect(before).toContain('fp32');

    expect((await workspace.build(['--only', 'export'])).ran).toEqual([]);
    workspace.write('architectures/strength.ts', `// A remark.\n${STRENGTH}`);
    expect((await workspace.build(['--skip', 'benchmark,report'])).ran).toEqual(['tiny/export']);
    workspace.write('architectures/strength.ts', STRENGTH.replace('2', '3'));
    expect((await workspace.build(['--skip', 'benchmark,report'])).ran).toContain('tiny/reference');
  });

  test('computes what it says', async () => {
    const workspace = project();
    expect((await workspace.build(['--skip', 'benchmark,report'])).code).toBe(0);
    const scores = await scoresOf(workspace);
    workspace.write('architectures/strength.ts', STRENGTH.replace('2', '0'));
    expect((await workspace.build(['--skip', 'benchmark,report'])).code).toBe(0);
    // Of words that count nothing, the bias remains.
    const [a, b] = new Float32Array(new Uint8Array(WEIGHTS['classifier.bias']!.bytes).buffer);
    const first = 1 / (1 + Math.exp(b! - a!));
    const without = await scoresOf(workspace);
    expect(without[0]).toBeCloseTo(Math.max(first, 1 - first), 5);
    expect(scores[0]).not.toBeCloseTo(without[0]!, 2);
  });

  test('takes the place of a built-in one, which is said', async () => {
    const workspace = project({
      'architectures/bag.ts': ARCHITECTURE.replace("'word-bag'", "'bert'"),
      'architectures/strength.ts': STRENGTH,
    });
    workspace.edit('model/config.json', (json: { model_type: string }) => {
      json.model_type = 'bert';
    });
    const outcome = await workspace.td(['build', '--only', 'export', '--reporter', 'silent']);
    expect([outcome.code, outcome.stderr]).toEqual([
      0,
      "./architectures/bag.ts is used for 'bert' instead of the built-in one\n",
    ]);
  });

  test('may be JavaScript, and a list', async () => {
    const workspace = project({
      'architectures/bag.ts': "import { wordBag } from './bag.mjs';\nexport default [wordBag];\n",
      'architectures/bag.mjs': ARCHITECTURE.replace(', type Parsed', '')
        .replace(/type Config.*\n/, '')
        .replace('<Config>', '')
        .replace("'./strength.js'", "'./strength.ts'"),
      'architectures/strength.ts': STRENGTH,
    });
    expect(await failureOf(workspace)).toEqual([0, '']);
  });

  test('compiles against the types of the package', async () => {
    const workspace = project();
    mkdirSync(workspace.path('node_modules'));
    const repository = resolve(COMMAND, '../../..');
    symlinkSync(repository, workspace.path('node_modules/transformer-deploy'));
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    const outcome = await runProgram(process.execPath, [tsc, ...options, workspace.path('architectures/bag.ts')]);
    expect([outcome.code, outcome.stdout]).toEqual([0, '']);
  });
});

describe('what is wrong with a module is said before any work', () => {
  const bag = (text: string, more: Readonly<Record<string, string>> = {}) =>
    project({ 'architectures/bag.ts': text, 'architectures/strength.ts': STRENGTH, ...more });

  test.each<[string, Workspace | (() => Workspace), string]>([
    [
      'no such file',
      () => project({}),
      `error: module-missing: a module that the config names does not exist
  where     ./architectures/bag.ts
  fix       paths are relative to the config file
`,
    ],
    [
      'no TypeScript',
      () => bag('export const bag = {\n  modelType: ;\n'),
      `error: module-syntax: syntax error: Unexpected token
  where     ./architectures/bag.ts:2:14
`,
    ],
    [
      'an import of nothing, in a file that it imports',
      () => bag(ARCHITECTURE, { 'architectures/strength.ts': "\nimport './strenght.js';\n" }),
      `error: module-import: a module imports a file that does not exist
  where     ./architectures/strength.ts:2
  found     './strenght.js'
`,
    ],
    [
      'a package that is not there',
      () => bag(`import 'left-pad-of-nobody';\n${ARCHITECTURE}`),
      `error: module-import: a module imports a package that is not installed
  where     ./architectures/bag.ts:1
  found     'left-pad-of-nobody'
  fix       npm install left-pad-of-nobody
`,
    ],
    [
      'an import that cannot be followed',
      () => bag("const name = './strength.js';\nexport const bag = await import(name);\n"),
      `error: module-import: a module computes what it imports
  where     ./architectures/bag.ts:2
  expected  the name itself, in quotes: an edit of what it names must be seen
`,
    ],
    [
      'no architecture',
      () => bag('export const wordBag = 1;\nexport const other = {};\n'),
      `error: architecture-none: a module that should have architectures exports none
  where     ./architectures/bag.ts
  expected  export const mine = defineArchitecture({ modelType: … })
  found     other, wordBag
  fix       import { defineArchitecture } from 'transformer-deploy/architecture'
`,
    ],
    [
      'half an architecture',
      () => bag(ARCHITECTURE.replace('  leftOut: [],\n', '')),
      `error: architecture-incomplete: an exported architecture lacks a part
  where     ./architectures/bag.ts: wordBag
  expected  leftOut, a list of regular expressions
  found     nothing
  fix       write it with defineArchitecture: the compiler then tells what is missing
`,
    ],
    [
      'two for one type',
      () => bag(`${ARCHITECTURE}export const again = { ...wordBag };\n`),
      `error: architecture-twice: two architectures are for the model type 'word-bag'
  where     architectures
  expected  one for each model_type
  found     two in ./architectures/bag.ts
`,
    ],
  ])('%s', async (_name, make, text) => {
    expect(await failureOf((make as () => Workspace)())).toEqual([2, text]);
  });

  test('a module that throws', async () => {
    const [code, text] = await failureOf(bag("\n\nthrow new Error('not today');\n"));
    expect(code).toBe(2);
    expect(text).toContain(`error: architecture-threw: a module with architectures threw an error
  where     ./architectures/bag.ts
  found     not today
`);
    expect(text).toMatch(/<dir>\/project\/architectures\/bag\.ts:3:/);
  });

  test('an architecture that throws while the graph is made', async () => {
    const [code, text] = await failureOf(bag(ARCHITECTURE.replace('strengthOf())', 'strengthOf().nothing.at(0))')));
    expect(code).toBe(2);
    expect(text).toContain(`error: architecture-threw: a module with architectures threw an error
  where     <dir>/project/architectures/bag.ts
  found     Cannot read properties of undefined (reading 'at')
`);
  });
});
