import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CONFIG, filesBelow, runProgram, type Workspace, workspaces } from '../support/td.js';

/** The same inputs give the same bytes: whoever builds, wherever, in whatever language and time zone. */

const make = workspaces();

/** Only these may differ: they hold measurements. */
const isMeasured = (path: string): boolean =>
  /(^|\/)(benchmark\.json|MODEL_CARD\.md)$|^report\.(json|md|html)$/.test(path);

interface Builder {
  readonly workspace: Workspace;
  readonly out: string;
}
let builders: Builder[];

beforeAll(async () => {
  builders = await Promise.all([
    buildAs({ LANG: 'C', LC_ALL: 'C', TZ: 'UTC' }, 'a'),
    buildAs({ LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', TZ: 'Asia/Kathmandu' }, 'deeper/folder with spaces/b'),
  ]);
  // Turkish has a dotless i, which has broken many a toLowerCase.
  builders.push(await buildAs({ LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'America/St_Johns' }, 'ı/ç'));
}, 90_000);

/** A clean build: empty cache, own home, started from elsewhere, all files younger by some hours. */
async function buildAs(env: Readonly<Record<string, string>>, folder: string): Promise<Builder> {
  const workspace = make.tiny();
  workspace.edit(CONFIG, (config: { models: Record<string, object> }) => {
    // Names in an order that differs between languages.
    config.models = { tiny: config.models.tiny!, Irmak: config.models.tiny! };
  });
  const root = workspace.path(folder);
  mkdirSync(root, { recursive: true });
  for (const name of ['model', 'eval.jsonl', CONFIG]) {
    cpSync(workspace.path(name), join(root, name), { recursive: true });
  }
  const config = join(root, CONFIG);
  const { code, stderr } = await workspace.td(['build', '--config', config], { env, cwd: workspace.home });
  expect(stderr).not.toContain('error');
  expect(code).toBe(0);
  return { workspace, out: join(root, 'dist') };
}

const sums = ({ out }: Builder): string[] =>
  readFileSync(join(out, 'SHA256SUMS'), 'utf8')
    .split('\n')
    .filter(line => line !== '' && !isMeasured(line.split('  ')[1]!));

test('SHA256SUMS is the same for everything but measurements', () => {
  const [first, ...others] = builders.map(sums);
  expect(first!.length).toBeGreaterThan(60);
  for (const other of others) expect(other).toEqual(first);
});

test('the manifest is the same for everything but measurements', () => {
  const [first, ...others] = builders.map(({ out }) => {
    const { files, ...rest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
      files: { path: string }[];
    };
    return { ...rest, files: files.filter(({ path }) => !isMeasured(path)) };
  });
  for (const other of others) expect(other).toEqual(first);
});

test('SHA256SUMS lists every file but itself and the manifest that lists it', async () => {
  for (const { out } of builders) {
    const listed = readFileSync(join(out, 'SHA256SUMS'), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => line.slice(66));
    const present = filesBelow(out).filter(path => path !== 'SHA256SUMS' && !listed.includes(path));
    expect(present).toEqual(['manifest.json']);
  }
});

test('sha256sum -c agrees, and notices a change', async () => {
  const { out } = builders[0]!;
  const check = () => runProgram('sha256sum', ['-c', '--quiet', '--strict', 'SHA256SUMS'], { cwd: out });
  expect(await check()).toEqual({ code: 0, stdout: '', stderr: '' });
  const changed = join(out, 'models/tiny/cpu-fp32/config.json');
  const before = readFileSync(changed);
  writeFileSync(changed, `${before} `);
  const noticed = await check();
  writeFileSync(changed, before);
  expect(noticed.code).toBe(1);
  expect(noticed.stdout).toBe('models/tiny/cpu-fp32/config.json: FAILED\n');
});

test('nothing that was delivered knows where it was built, by whom or for whom', () => {
  for (const { workspace, out } of builders) {
    const betrayed = filesBelow(out).filter(path => {
      const bytes = readFileSync(join(out, path));
      return [workspace.folder, workspace.cache, workspace.home].some(secret => bytes.includes(secret));
    });
    expect(betrayed).toEqual([]);
  }
});
