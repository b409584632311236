import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CONFIG, filesBelow, type TinyConfig, type Workspace, workspaces } from '../support/td.js';

/** What a change re-runs, and what `td explain` says of it. Everything else must stay as it is. */

const make = workspaces();
let workspace: Workspace;
/** The project as it was first built. Every test starts from a copy, and they share the cache. */
let pristine: string;

const ALL = [
  'deploy',
  'report',
  'tiny/benchmark',
  'tiny/cpu/fp32/validate',
  'tiny/cpu/int8-dynamic/quantize',
  'tiny/cpu/int8-dynamic/validate',
  'tiny/export',
  'tiny/onnxruntime-cpu/optimize',
  'tiny/package',
  'tiny/reference',
  'tiny/triton',
];
const VALIDATIONS = ['tiny/cpu/fp32/validate', 'tiny/cpu/int8-dynamic/validate'];

beforeAll(async () => {
  workspace = make.tiny();
  pristine = join(workspace.folder, 'pristine');
  const first = await workspace.build();
  expect(first.failures).toEqual([]);
  expect(first.ran).toEqual(ALL);
  cpSync(workspace.project, pristine, { recursive: true });
}, 60_000);

beforeEach(() => {
  rmSync(workspace.project, { recursive: true });
  cpSync(pristine, workspace.project, { recursive: true, preserveTimestamps: true });
});

const explain = async (task: string): Promise<string> => {
  const { code, stdout, stderr } = await workspace.td(['explain', task]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  // Times and digests are those of this run.
  return stdout
    .replace(/\d[\d.]* m?s and [\d.]+ k?B the last time/, 'PRICE')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'DIGEST')
    .trimEnd();
};

const editConfig = (change: (config: TinyConfig) => void): void => workspace.edit(CONFIG, change);

const UNCHANGED = 'nothing that goes into it has changed since it was built';

/** Flips a low bit of one float32: the last one of the file. Tests share a cache, so each flips another. */
function changeOneWeight(bit = 0): void {
  const bytes = readFileSync(workspace.path('model/model.safetensors'));
  bytes[bytes.length - 4]! ^= 1 << bit;
  writeFileSync(workspace.path('model/model.safetensors'), bytes);
}

describe('a change re-runs what depends on it', () => {
  interface Change {
    readonly change: string;
    readonly make: () => void;
    readonly runs: readonly string[];
    /** Task -> what `td explain` says before the build. */
    readonly explained: Readonly<Record<string, string>>;
  }
  test.each<Change>([
    {
      change: 'nothing',
      make: () => undefined,
      runs: [],
      explained: { 'tiny/cpu/fp32/validate': `tiny/cpu/fp32/validate: up to date\n  ${UNCHANGED}` },
    },
    {
      change: 'the times of all inputs',
      make() {
        const later = new Date(Date.now() + 60_000);
        for (const name of filesBelow(workspace.project).filter(name => !/^(dist|\.td)\//.test(name))) {
          utimesSync(workspace.path(name), later, later);
        }
      },
      runs: [],
      explained: {
        'tiny/export': `tiny/export: up to date\n  ${UNCHANGED}`,
        'tiny/reference': `tiny/reference: up to date\n  ${UNCHANGED}`,
      },
    },
    {
      // The measurements do not depend on the verdict; the report prints it.
      change: 'the tolerance of one precision',
      make: () =>
        editConfig(config => {
          config.models.tiny!.tolerance = { fp32: 2e-4, 'int8-dynamic': 1 };
        }),
      runs: ['report', 'tiny/cpu/fp32/validate'],
      explained: {
        'tiny/cpu/fp32/validate': `tiny/cpu/fp32/validate: will run, PRICE\n  params.tolerance: 0.0001 -> 0.0002`,
        'tiny/cpu/int8-dynamic/validate': `tiny/cpu/int8-dynamic/validate: up to date\n  ${UNCHANGED}`,
      },
    },
    {
      // The export only refers to the weights, so it gives the same bytes again; the tokenizer's package reads none.
      change: 'one bit of one weight',
      make: () => changeOneWeight(),
      runs: ALL.filter(task => task !== 'tiny/package'),
      explained: {
        'tiny/export': `tiny/export: will run, PRICE\n  input checkpoint, file model.safetensors: DIGEST -> DIGEST`,
        'tiny/cpu/fp32/validate': `tiny/cpu/fp32/validate: runs if something upstream changes, PRICE\n  input model: tiny/onnxruntime-cpu/optimize will run; if its output is the same, this is up to date\n  input reference: tiny/reference will run; if its output is the same, this is up to date`,
      },
    },
    {
      // The graph and the reference hold no names: both come out as before, so that neither quantize nor a verdict is
      // reached. The measurement reads config.json, and is never the same twice; so the report follows.
      change: 'the name of a label in config.json',
      make: () =>
        workspace.edit('model/config.json', (config: { id2label: Record<string, string>; label2id: object }) => {
          config.id2label['0'] = 'BAD';
          config.label2id = { BAD: 0, POSITIVE: 1 };
        }),
      runs: [
        'deploy',
        'report',
        'tiny/benchmark',
        'tiny/export',
        'tiny/onnxruntime-cpu/optimize',
        'tiny/package',
        'tiny/reference',
        'tiny/triton',
      ],
      explained: {
        'tiny/package': `tiny/package: will run, PRICE\n  input config: DIGEST -> DIGEST`,
        'tiny/reference': `tiny/reference: will run, PRICE\n  input checkpoint, file config.json: DIGEST -> DIGEST\n  input model: tiny/export will run; if its output is the same, this is up to date`,
      },
    },
    {
      change: 'one line of the evaluation data',
      make: () => workspace.write('eval.jsonl', workspace.read('eval.jsonl').replace('a bad story', 'a sad story')),
      runs: ['report', 'tiny/benchmark', ...VALIDATIONS, 'tiny/reference'],
      explained: {
        'tiny/reference': `tiny/reference: will run, PRICE\n  input evaluation: DIGEST -> DIGEST`,
        'tiny/cpu/fp32/validate': `tiny/cpu/fp32/validate: runs if something upstream changes, PRICE\n  input reference: tiny/reference will run; if its output is the same, this is up to date`,
      },
    },
    {
      change: 'how often is measured',
      make: () =>
        editConfig(config => {
          config.benchmark = { ...(config.benchmark as object), runs: 6 };
        }),
      runs: ['report', 'tiny/benchmark'],
      explained: { 'tiny/benchmark': `tiny/benchmark: will run, PRICE\n  params.runs: 5 -> 6` },
    },
    {
      change: 'the largest batch of the server',
      make: () =>
        editConfig(config => {
          config.models.tiny!.shapes = { batch: [1, 2, 8], sequence: [4, 8, 32] };
        }),
      runs: ['deploy', 'tiny/triton'],
      explained: {
        'tiny/triton': `tiny/triton: will run, PRICE\n  params.largestBatch: 4 -> 8\n  params.maxBatchSize: 4 -> 8`,
      },
    },
  ])('$change', async ({ make: change, runs, explained }) => {
    change();
    for (const [task, text] of Object.entries(explained)) expect.soft(await explain(task)).toBe(text);
    const { ran, failures, code } = await workspace.build();
    expect(failures).toEqual([]);
    expect(code).toBe(0);
    expect(ran).toEqual(runs);
    expect((await workspace.build()).ran).toEqual([]);
  });
});

test('the way back runs nothing: the cache knows what was before', async () => {
  editConfig(config => {
    config.models.tiny!.tolerance = { fp32: 5e-4, 'int8-dynamic': 2 };
  });
  expect((await workspace.build()).ran).toEqual(['report', ...VALIDATIONS]);
  cpSync(join(pristine, CONFIG), workspace.path(CONFIG));
  const { ran, summary } = await workspace.build();
  expect(ran).toEqual([]);
  expect(summary.delivered).toBeGreaterThan(0);
  expect(workspace.read('dist/SHA256SUMS')).toBe(readFileSync(join(pristine, 'dist/SHA256SUMS'), 'utf8'));
});

describe('what was delivered is restored, and nothing runs', () => {
  const MODEL = 'dist/models/tiny/cpu-fp32/onnx/model.onnx_data';
  test.each<[string, () => void]>([
    ['a deleted file', () => rmSync(workspace.path(MODEL))],
    ['a deleted folder', () => rmSync(workspace.path('dist/models/tiny'), { recursive: true })],
    ['the whole output folder', () => rmSync(workspace.path('dist'), { recursive: true })],
    ['a truncated file', () => workspace.write(MODEL, '')],
    ['an edited file', () => workspace.write('dist/triton/tiny-tokenize/config.pbtxt', 'name: "mine"\n')],
    ['a flipped bit in a file of the same size and time', flipUnseen],
  ])('%s', async (_, damage) => {
    damage();
    const { code, ran, failures } = await workspace.build();
    expect([code, ran, failures]).toEqual([0, [], []]);
    expect(digests(workspace.path('dist'))).toEqual(digests(join(pristine, 'dist')));
  });

  /** Size and time are as before; only the time of the inode's change gives it away. */
  function flipUnseen(): void {
    const bytes = readFileSync(workspace.path(MODEL));
    const { atime, mtime } = statSync(workspace.path(MODEL));
    bytes[1000]! ^= 1;
    writeFileSync(workspace.path(MODEL), bytes);
    utimesSync(workspace.path(MODEL), atime, mtime);
  }
});

test('a precision that is not built any more leaves no folder, no Triton model and no line in the manifest', async () => {
  editConfig(config => {
    config.targets.cpu!.precisions = ['fp32'];
    config.models.tiny!.tolerance = { fp32: 1e-4 };
  });
  const { ran, failures } = await workspace.build();
  expect(failures).toEqual([]);
  expect(ran).toEqual(['deploy', 'report', 'tiny/benchmark', 'tiny/triton']);
  const left = workspace.files();
  expect(left.filter(path => path.includes('int8'))).toEqual([]);
  expect(existsSync(workspace.path('dist/models/tiny/cpu-int8-dynamic'))).toBe(false);
  expect(workspace.read('dist/manifest.json')).not.toContain('int8');
  expect(left).toContain('models/tiny/cpu-fp32/onnx/model.onnx');
});

test('a file of the user in the output folder is left alone', async () => {
  workspace.write('dist/models/tiny/cpu-int8-dynamic/NOTES.md', 'mine\n');
  editConfig(config => {
    config.targets.cpu!.precisions = ['fp32'];
    config.models.tiny!.tolerance = { fp32: 1e-4 };
  });
  await workspace.build();
  expect(workspace.files('dist/models/tiny/cpu-int8-dynamic')).toEqual(['NOTES.md']);
});

describe('what is asked for', () => {
  test('--force runs every task again, to the same bytes', async () => {
    const { ran, failures, events } = await workspace.build(['--force']);
    expect(failures).toEqual([]);
    expect(ran).toEqual(ALL);
    const changed = events.flatMap(event => (event.type === 'nondeterministic' ? [event.task as string] : []));
    // A measurement is never the same twice, and the report prints it.
    expect(changed.filter(task => !['tiny/benchmark', 'report'].includes(task))).toEqual([]);
  });

  test('--only validate runs what a verdict needs, and leaves what else was delivered', async () => {
    changeOneWeight(1);
    const before = workspace.files();
    const { ran } = await workspace.build(['--only', 'validate']);
    expect(ran).toEqual(ALL.filter(task => !/package|triton|deploy|benchmark|report/.test(task)));
    expect(workspace.files()).toEqual(before);
    expect((await workspace.td(['verify'])).code).toBe(0);
  });

  test('--skip benchmark,report runs all the others', async () => {
    changeOneWeight(2);
    const { ran } = await workspace.build(['--skip', 'benchmark,report']);
    expect(ran).toEqual(ALL.filter(task => !/benchmark|report|package/.test(task)));
  });

  test('a pattern builds one cell of the matrix', async () => {
    const { ran } = await workspace.build(['tiny/cpu/fp32', '--force', '--skip', 'benchmark,report,triton']);
    expect(ran).toEqual(ALL.filter(task => !/benchmark|report|triton|deploy|int8/.test(task)));
  });

  test('--dry-run tells what would run, and runs nothing', async () => {
    editConfig(config => {
      config.models.tiny!.tolerance = { fp32: 3e-4, 'int8-dynamic': 1 };
    });
    const before = digests(workspace.project);
    const { code, stdout } = await workspace.td(['build', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tiny\/cpu\/fp32\/validate {2}will run: params\.tolerance: 0\.0001 -> 0\.0003 {2}\[/m);
    expect(stdout).toMatch(/^2 tasks to run, 9 up to date/m);
    expect((await workspace.td(['plan'])).stdout).toBe(stdout);
    expect(digests(workspace.project)).toEqual(before);
  });

  test('--dry-run makes no cache where none is', async () => {
    const fresh = make.tiny();
    const { code, stdout } = await fresh.td(['build', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^11 tasks to run/m);
    expect(existsSync(fresh.cache)).toBe(false);
  });
});

/** Path -> digest of every file below a folder, the build's own notes left out. */
const digests = (folder: string): Record<string, string> =>
  Object.fromEntries(
    filesBelow(folder)
      .filter(path => !path.startsWith('.td/'))
      .map(path => [
        path,
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      ]),
  );
