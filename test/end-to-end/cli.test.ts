import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, CONFIG, filesBelow, runProgram, TINY_MODEL, type Workspace, workspaces } from '../support/td.js';

const make = workspaces();
/** Built once. Tests that change it get a copy. */
let workspace: Workspace;
const BUILD = ['build', '--skip', 'benchmark,report'];
const COMMANDS = [
  'init',
  'build',
  'convert',
  'plan',
  'explain',
  'graph',
  'validate',
  'bench',
  'infer',
  'report',
  'verify',
  'lock',
  'cache',
  'doctor',
  'clean',
];

beforeAll(async () => {
  workspace = make.tiny();
  expect((await workspace.td(['build'])).code).toBe(0);
}, 30_000);

/** The built workspace, to be changed; its cache is its own, too. */
function copy(): Workspace {
  const other = make.empty();
  cpSync(workspace.project, other.project, { recursive: true, preserveTimestamps: true });
  cpSync(workspace.cache, other.cache, { recursive: true, preserveTimestamps: true });
  return other;
}

describe('help', () => {
  test('td lists every command, on stderr when nothing was asked for it', async () => {
    const help = await workspace.td(['--help']);
    expect([help.code, help.stderr]).toEqual([0, '']);
    for (const name of COMMANDS) expect(help.stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    expect((await workspace.td([])).code).toBe(2);
    expect((await workspace.td(['help'])).stdout).toBe(help.stdout);
  });

  test.each(COMMANDS)('td %s --help', async name => {
    const { code, stdout, stderr } = await workspace.td([name, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: td ${name} .+\\n\\n[A-Z].+\\.`));
    // Every option says what it is for.
    const options = stdout.split('\n').filter(line => /^ +(-\w, )?--/.test(line));
    expect(options.length).toBeGreaterThan(0);
    for (const line of options) expect(line).toMatch(/\S {2,}\S/);
  });

  test('td help COMMAND is the same', async () => {
    const [asked, about] = await Promise.all([workspace.td(['build', '--help']), workspace.td(['help', 'build'])]);
    expect(about).toEqual(asked);
  });

  test('--version', async () => {
    const { version } = JSON.parse(readFileSync(join(COMMAND, '../../../package.json'), 'utf8')) as { version: string };
    expect(await workspace.td(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each(COMMANDS)('td %s refuses what it does not know', async name => {
    const { code, stdout, stderr } = await workspace.td([name, '--no-such-flag']);
    expect(stderr).toBe(
      `error: unknown-option: td ${name} has no option --no-such-flag\n  fix       td ${name} --help lists every option\n`,
    );
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('what goes where', () => {
  test('a build says nothing on stdout; with --json nothing on stderr', async () => {
    const plain = await workspace.td(BUILD);
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toMatch(/^0 tasks run, 9 up to date.* in \d+ ms\n$/);
    const json = await workspace.td([...BUILD, '--json']);
    expect(json.stderr).toBe('');
    for (const line of json.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
  });

  test('--reporter silent says nothing at all when nothing is wrong', async () => {
    expect(await workspace.td([...BUILD, '--reporter', 'silent'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['plan', ['plan']],
    ['explain', ['explain', 'tiny/export']],
    ['graph', ['graph']],
    ['infer', ['infer', 'tiny', 'good']],
    ['report', ['report']],
    ['verify', ['verify']],
    ['cache stat', ['cache', 'stat']],
    ['cache ls', ['cache', 'ls']],
    ['doctor', ['doctor']],
  ])('%s answers on stdout, and its JSON is JSON', async (_, args) => {
    const text = await workspace.td(args);
    expect([text.code, text.stderr]).toEqual([0, '']);
    expect(text.stdout).toMatch(/\n$/);
    const json = await workspace.td([...args, ...(args[0] === 'graph' ? ['--format', 'json'] : ['--json'])]);
    expect([json.code, json.stderr]).toEqual([0, '']);
    const values = args[0] === 'infer' ? json.stdout.trimEnd().split('\n') : [json.stdout];
    for (const value of values) JSON.parse(value);
  });

  test('a reader that closes the pipe early is no error', async () => {
    const { code, stderr } = await runProgram('bash', [
      '-c',
      `set -o pipefail; cd '${workspace.project}'; '${process.execPath}' '${COMMAND}' graph --format html | head -c 1 >/dev/null`,
    ]);
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('init', () => {
  test('writes a config that builds as it is', async () => {
    const fresh = make.tiny();
    await runProgram('rm', [fresh.path(CONFIG)]);
    const { code, stdout, stderr } = await fresh.td(['init', '--model', './model']);
    expect([code, stdout, stderr]).toEqual([0, '', 'wrote transformer-deploy.config.ts; now: td build\n']);
    expect((await fresh.td(BUILD)).code).toBe(0);
    expect(fresh.files('dist/models')).toContain('model/cpu-int8-dynamic/onnx/model.onnx');

    const again = await fresh.td(['init', '--model', './model']);
    expect(again.code).toBe(2);
    expect(fresh.normal(again.stderr)).toBe(
      [
        'error: config-exists: there is a config already',
        '  where     <dir>/project/transformer-deploy.config.ts',
        '  fix       edit it, or overwrite it with --force',
        '',
      ].join('\n'),
    );
    expect((await fresh.td(['init', '--model', './model', '--force'])).code).toBe(0);
  });
});

describe('graph', () => {
  test.each([
    ['mermaid', /^flowchart LR\n {2}t0\["tiny\/export"\]\n/],
    ['dot', /^digraph build \{\n(?:.*\n)*\}\n$/],
    ['html', /^<!doctype html>\n(?:.*\n)*<\/svg><\/html>\n$/],
  ])('as %s', async (format, expected) => {
    const { code, stdout } = await workspace.td(['graph', '--format', format]);
    expect(code).toBe(0);
    expect(stdout).toMatch(expected);
    for (const task of ['tiny/export', 'tiny/cpu/int8-dynamic/validate', 'report']) expect(stdout).toContain(task);
  });

  test('as JSON: every input of a task is a file or an output of another task', async () => {
    const { stdout } = await workspace.td(['graph', '--format', 'json']);
    const { tasks } = JSON.parse(stdout) as {
      tasks: { id: string; outputs: string[]; inputs: { task?: string; output?: string; files?: string[] }[] }[];
    };
    const outputs = new Set(tasks.flatMap(({ id, outputs }) => outputs.map(output => `${id}:${output}`)));
    for (const { task, output, files } of tasks.flatMap(({ inputs }) => inputs)) {
      if (files) expect(files.length).toBeGreaterThan(0);
      else expect(outputs).toContain(`${task}:${output}`);
    }
  });

  test('--model prints an ONNX model, and refuses what is none', async () => {
    const { code, stdout } = await workspace.td([
      'graph',
      '--model',
      'dist/models/tiny/cpu-int8-dynamic/onnx/model.onnx',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^input input_ids : int64\[batch_size, sequence_length\]\n/);
    expect(stdout).toContain('DynamicQuantizeMatMul');
    const wrong = await workspace.td(['graph', '--model', 'eval.jsonl']);
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toMatch(/^error: [a-z-]+: /);
  });
});

describe('infer', () => {
  test('texts as arguments or as lines of standard input', async () => {
    const given = await workspace.td(['infer', 'tiny/cpu/fp32', 'the movie was great', 'a bad story', '--top', '2']);
    expect(given.stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(given.stdout).toMatch(/^tiny\/cpu\/fp32 {2}(POSITIVE|NEGATIVE) 0\.\d{4} {2}(POSITIVE|NEGATIVE) 0\.\d{4}\n/);
    const piped = await workspace.td(['infer', 'tiny/cpu/fp32', '--top', '2'], {
      input: 'the movie was great\na bad story\n',
    });
    expect(piped.stdout).toBe(given.stdout);
  });

  test('what is not built is said', async () => {
    const fresh = make.tiny();
    const { code, stderr } = await fresh.td(['infer', 'tiny', 'good']);
    expect(code).toBe(2);
    expect(stderr).toContain('error: artefact-missing: the artefact is not built\n');
  });
});

describe('lock', () => {
  test('pins the sources, and --frozen builds from nothing else', async () => {
    const locked = copy();
    expect(await locked.td(['lock'])).toEqual({ code: 0, stdout: '', stderr: 'wrote td.lock\n' });
    expect((await locked.td([...BUILD, '--frozen'])).code).toBe(0);

    const config = locked.read('model/config.json');
    locked.write('model/config.json', `${config} `);
    for (const args of [
      [...BUILD, '--frozen'],
      ['lock', '--check'],
    ]) {
      const { code, stderr } = await locked.td(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^error: lock-mismatch: a source file is not what td\.lock says\n {2}where {5}model\/config\.json\n {2}expected {2}sha256 [0-9a-f]{64}\n {2}found {5}sha256 [0-9a-f]{64}\n {2}fix {7}if the change is meant, td lock pins it\n$/,
      );
    }
    await locked.td(['lock']);
    expect((await locked.td(['lock', '--check'])).code).toBe(0);
  });

  test('--frozen without td.lock', async () => {
    const { code, stderr } = await workspace.td([...BUILD, '--frozen']);
    expect(code).toBe(2);
    expect(stderr).toContain('error: lock-missing: there is no td.lock');
  });
});

describe('verify, clean', () => {
  test('a flipped byte, a missing file: found, and restored by the next build', async () => {
    const damaged = copy();
    const before = await damaged.td(['verify']);
    expect(before.stdout).toMatch(/^(\d+) of \1 files are as built \(.*\)\n$/);

    const data = damaged.path('dist/models/tiny/cpu-fp32/onnx/model.onnx_data');
    const bytes = readFileSync(data);
    bytes[4096]! ^= 0x10;
    writeFileSync(data, bytes);
    await runProgram('rm', [damaged.path('dist/triton/tiny-tokenize/1/tokenizer.json')]);
    const after = await damaged.td(['verify']);
    expect(after.code).toBe(1);
    expect(after.stdout).toMatch(
      /^\w+ +models\/tiny\/cpu-fp32\/onnx\/model\.onnx_data\n +expected [0-9a-f]{64}\n +found +[0-9a-f]{64}$/m,
    );
    expect(after.stdout).toMatch(/^\w+ +triton\/tiny-tokenize\/1\/tokenizer\.json$/m);
    expect(after.stderr).toBe('td build restores them\n');
    expect((await damaged.td(['build'])).stderr).toMatch(
      new RegExp(
        [
          'healed   models/tiny/cpu-fp32/onnx/model.onnx_data was changed after it was built; restored',
          'healed   triton/tiny-tokenize/1/tokenizer.json was deleted after it was built; restored',
          '0 tasks run, 11 up to date.*, 2 files written',
        ].join('\n'),
      ),
    );
    expect((await damaged.td(['verify'])).code).toBe(0);
  });

  test('clean removes what was written, and nothing else', async () => {
    const used = copy();
    used.write('dist/models/tiny/NOTES.md', 'mine');
    const before = filesBelow(used.project).filter(path => !/^(dist|\.td)\//.test(path));
    const { code, stderr } = await used.td(['clean']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^removed \d+ files\n$/);
    expect(filesBelow(used.project)).toEqual([...before, 'dist/models/tiny/NOTES.md'].sort());
    // Again: nothing to do is no mistake.
    expect((await used.td(['clean'])).code).toBe(0);
    // The cache knows everything still.
    expect((await used.td(['build'])).stderr).toMatch(/^0 tasks run, 11 up to date/m);
  });
});

test('doctor names what is there, what is lacking, and what follows', async () => {
  const { code, stdout } = await workspace.td(['doctor'], { env: { PATH: '/nonexistent' } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\+ Node\.js +v\d+/m);
  expect(stdout).toMatch(/^\+ ONNX Runtime +1\.\d+\.\d+, providers: .*cpu/m);
  expect(stdout).toMatch(/^- TensorRT +trtexec-missing: .*\n +engines cannot be built on this machine itself; /m);
  expect(stdout).toMatch(/^- GPU +gpu-missing: .*\n +nothing can run on a GPU here; /m);
});

describe('convert', () => {
  test("takes the ancestor's flags", async () => {
    const fresh = make.empty();
    const flags =
      '--backend onnx --seq-len 4 16 40 -b 1 8 32 -q --name sentiment --task classification --atol 1 --seed 7';
    const { code, stderr } = await fresh.td([
      'convert',
      '-m',
      TINY_MODEL,
      ...flags.split(' '),
      '--skip',
      'benchmark,report',
    ]);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    const files = fresh.files('triton_models');
    expect(files).toContain('models/sentiment/onnx-fp32/onnx/model.onnx');
    expect(files).toContain('models/sentiment/onnx-int8-dynamic/onnx/model.onnx');
    const served = fresh.read('triton_models/triton/sentiment-onnx-fp32-model/config.pbtxt');
    expect(served).toMatch(/^max_batch_size: 32$/m);
  });

  test('refuses what it cannot do, all at once', async () => {
    const fresh = make.empty();
    const { code, stderr } = await fresh.td(['convert', '-m', TINY_MODEL, '-s', '4', '16', '--warmup', 'x']);
    expect(code).toBe(2);
    expect(stderr).toBe(
      [
        'error: 2 options are wrong',
        '',
        'error: invalid-option: --warmup is not a whole number of at least 0',
        '  expected  a whole number >= 0',
        '  found     x',
        '',
        'error: invalid-option: --seq-len needs three sizes',
        '  expected  MIN OPT MAX',
        '  found     4,16',
        '',
      ].join('\n'),
    );
    expect(fresh.files('triton_models')).toEqual([]);
  });
});

describe('commands that build', () => {
  test('validate makes verdicts and delivers what passed, but measures nothing', async () => {
    const fresh = make.tiny();
    const { code, stderr } = await fresh.td(['validate']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/tiny\/cpu\/fp32 +max difference \S+ +accuracy [\d.]+\s%/m);
    expect([...new Set(fresh.files().map(file => file.split('/')[0]))].sort()).toEqual([
      'SHA256SUMS',
      'manifest.json',
      'models',
      'triton',
    ]);
    expect(fresh.files().filter(file => file.includes('benchmark') || file.includes('report'))).toEqual([]);
  });

  test('validate leaves what was delivered earlier', async () => {
    const own = copy();
    const before = own.files();
    expect((await own.td(['validate'])).code).toBe(0);
    expect(own.files()).toEqual(before);
  });

  test('bench measures again, and writes the report anew', async () => {
    const own = copy();
    const before = own.json<object>('dist/models/tiny/cpu-fp32/benchmark.json');
    const { code, stderr } = await own.td(['bench']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^2 tasks run/m);
    expect(own.json('dist/models/tiny/cpu-fp32/benchmark.json')).not.toEqual(before);
    expect((await own.td(['verify'])).code).toBe(0);
  });

  test('report prints what the build wrote', async () => {
    expect((await workspace.td(['report'])).stdout).toBe(workspace.read('dist/report.md'));
    expect((await workspace.td(['report', '--json'])).stdout).toBe(workspace.read('dist/report.json'));
  });
});
