import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { filesBelow, runProgram, type Workspace, workspaces } from '../support/td.js';

const make = workspaces();
/** Built once; every test has a copy of its own, with its own cache. */
let built: Workspace;
beforeAll(async () => {
  built = make.tiny();
  expect((await built.td(['build'])).code).toBe(0);
}, 30_000);

let own: Workspace;
beforeEach(() => {
  own = make.empty();
  for (const part of ['project', 'cache'] as const) {
    cpSync(built[part], own[part], { recursive: true, preserveTimestamps: true });
  }
});

test('stat, ls', async () => {
  const { stdout } = await own.td(['cache', 'stat']);
  expect(own.normal(stdout)).toMatch(/^<dir>\/cache\n11 results, \d+ files, \d+ kB\n$/);
  const listed = (await own.td(['cache', 'ls'])).stdout.trimEnd().split('\n');
  expect(listed).toHaveLength(11);
  for (const line of listed) expect(line).toMatch(/^[0-9a-f]{12} +[\d.]+ k?B +[\d.]+ \S+ ago {2}\S+$/);
  const some = (await own.td(['cache', 'ls', 'tiny/export'])).stdout;
  expect(some).toMatch(/^[0-9a-f]{12} .* tiny\/export\n$/);
});

test('verify finds a flipped byte and puts it aside; the next build makes it again', async () => {
  const blob = filesBelow(own.cache).find(path => path.includes('cas/') && /[0-9a-f]{64}/.test(path))!;
  const bytes = readFileSync(join(own.cache, blob));
  bytes[0]! ^= 1;
  await runProgram('chmod', ['u+w', join(own.cache, blob)]);
  writeFileSync(join(own.cache, blob), bytes);
  const found = await own.td(['cache', 'verify']);
  expect(found.code).toBe(4);
  expect(found.stdout).toMatch(
    /^wrong-bytes +\S+\/cas\/\S+ {2}sha256 [0-9a-f]{64}\nincomplete-result .*\n.*, 2 problems\n$/,
  );
  expect((await own.td(['cache', 'stat'])).stdout).toContain('1 file in quarantine');
  await runProgram('rm', ['-r', own.path('dist'), own.path('.td')]);
  expect((await own.td(['build'])).code).toBe(0);
  expect((await own.td(['verify'])).code).toBe(0);
  expect((await own.td(['cache', 'verify'])).stdout).toMatch(/, 0 problems\n$/);
});

test('gc spares what is pinned', async () => {
  expect(await own.td(['cache', 'pin', 'release-1'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'pinned 9 results as release-1\n',
  });
  const collect = (...args: string[]) => own.td(['cache', 'gc', '--max-size', '0', ...args]);
  // What was used within the hour stays: a build may be about to use it.
  expect((await collect()).stdout).toMatch(/^0 results removed \(0 B\), 11 kept \(.*\)\n$/);
  await ageCache();
  expect((await collect('--dry-run')).stdout).toMatch(/^2 results would go \(.*\), 9 kept \(.*\)\n$/);
  expect((await collect()).stdout).toMatch(/^2 results removed \(.*\), 9 kept \(.*\)\n$/);
  expect((await own.td(['build'])).stderr).toMatch(/^0 tasks run/);
  expect((await own.td(['cache', 'unpin', 'release-1'])).stderr).toBe('unpinned release-1\n');
  await ageCache();
  expect((await collect()).stdout).toMatch(/^9 results removed \(.*\), 0 kept \(0 B\)\n$/);
  expect((await own.td(['cache', 'stat'])).stdout).toMatch(/\n0 results, 0 files, 0 B\n$/);
});

test('what the Hub gave is counted; gc removes downloads that broke off and are old', async () => {
  const at = (name: string, bytes: number): string => {
    const path = join(own.cache, 'hub', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.alloc(bytes));
    return path;
  };
  at('models--a--b/0123/config.json', 2000);
  const old = at('partial/old.partial', 40_000);
  const young = at('partial/young.partial', 1000);
  await runProgram('touch', ['-d', '2 days ago', old]);
  expect((await own.td(['cache', 'stat'])).stdout).toContain(
    '2 kB of configurations and tokenizers from the Hub\n41 kB of unfinished downloads from the Hub\n',
  );
  expect((await own.td(['cache', 'gc', '--dry-run'])).stdout).toMatch(/\n40 kB of unfinished downloads would go\n$/);
  expect(existsSync(old)).toBe(true);
  expect((await own.td(['cache', 'gc'])).stdout).toMatch(/\n40 kB of unfinished downloads removed\n$/);
  expect([old, young].map(existsSync)).toEqual([false, true]);
  expect((await own.td(['cache', 'gc'])).stdout).not.toContain('downloads');
  rmSync(join(own.cache, 'hub'), { recursive: true });
});

const ageCache = () => runProgram('find', [own.cache, '-exec', 'touch', '-d', '2 hours ago', '{}', '+']);

test('an unknown word', async () => {
  const { code, stderr } = await own.td(['cache', 'stats']);
  expect(code).toBe(2);
  expect(stderr).toBe(
    "error: unknown-command: td cache has no 'stats'\n  expected  stat, ls, gc, verify, pin, unpin\n  fix       did you mean 'td cache stat'?\n",
  );
});
