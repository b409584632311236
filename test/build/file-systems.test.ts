import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { delivery, from, plan, Rig, single, task } from './support/rig.js';

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'td-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
  if (mounted) execFileSync('umount', [folder]);
  rmdirSync(folder);
  return mounted;
}

let rig: Rig;
let mounts: string[] = [];
beforeEach(() => {
  rig = new Rig();
  rig.file('source', 'one');
});
afterEach(() => {
  for (const folder of mounts.reverse()) spawnSync('umount', ['-l', folder]);
  mounts = [];
  rig.dispose();
});

function mount(folder: string, size: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  mounts.push(folder);
}
const remount = (folder: string, options: string) => execFileSync('mount', ['-o', `remount,${options}`, folder]);

const work = (text = 'b') =>
  plan(
    [
      task('a', { inputs: { source: single(join(rig.workspace, 'source')) } }),
      task('b', { inputs: { in: from('a') }, params: { id: 'b', text } }),
    ],
    [delivery('b', 'b.txt')],
  );
const big = (name: string, mebibytes: number, path = name) =>
  plan([task(name, { stage: 'big', params: { id: name, mebibytes, seed: name } })], [delivery(name, path)]);

describe.skipIf(!canMount())('with file systems of our own (needs permission to mount)', () => {
  test('a read-only cache is read; new results go to the output folder, with one warning', async () => {
    mount(rig.cache, '16m');
    await rig.build(work());
    remount(rig.cache, 'ro');
    rmSync(join(rig.workspace, '.td'), { recursive: true });
    rmSync(rig.outDir, { recursive: true });
    rig.notes();
    expect((await rig.build(work())).failures).toEqual([]);
    expect(rig.notes()).toEqual([]);
    expect(rig.types()).not.toContain('warning');

    const outcome = await rig.build(work('new'));
    expect(outcome.failures).toEqual([]);
    expect(rig.notes()).toEqual(['concat b']);
    expect(rig.tree()['b.txt']).toBe('out:new[in:out:[source:one]]');
    expect(rig.events.filter(({ type }) => type === 'warning')).toMatchObject([{ code: 'cache-read-only' }]);
    expect(readdirSync(tmpdir()).filter(name => name.startsWith('transformer-deploy-'))).toEqual([]);
    // Its bytes are not kept, but they are in place: nothing to do.
    await rig.build(work('new'));
    expect(rig.notes()).toEqual([]);
  });

  test('a cache disk that is full: a failure with the path and what to do; old results make room', async () => {
    mount(rig.cache, '8m');
    const outcome = await rig.build(big('huge', 12));
    expect(outcome).toMatchObject({ failed: 'environment', failures: [{ code: 'disk-full', kind: 'environment' }] });
    expect(outcome.failures[0]!.found).toContain('ENOSPC');
    expect(readdirSync(join(rig.cache, 'v1/tmp'))).toEqual([]);
    expect((await rig.build(big('fits', 5))).failures).toEqual([]);

    // What was used within the hour stays, even so.
    expect((await rig.build(big('next', 5))).failures).toMatchObject([
      { code: 'disk-full', where: join(rig.cache, 'v1'), fix: expect.stringContaining('cache.directory') },
    ]);
    // What was used long ago goes when its place is needed.
    const records = join(rig.cache, 'v1/ac');
    execFileSync('find', [records, '-name', '*.json', '-exec', 'touch', '-d', '3 hours ago', '{}', ';']);
    expect((await rig.build(big('next', 5))).failures).toEqual([]);
    expect(rig.events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'retry' }));
    expect((await rig.build(work())).failures).toEqual([]);
  });

  test('an output disk that is full: nothing is half-written, the earlier outputs stay', async () => {
    mount(rig.outDir, '4m');
    await rig.build(big('small', 2));
    const before = rig.tree();
    const outcome = await rig.build(big('large', 3, 'folder/large'));
    expect(outcome).toMatchObject({ failed: 'environment', failures: [{ code: 'disk-full', where: rig.outDir }] });
    expect(rig.tree()).toEqual(before);
    expect(readdirSync(rig.outDir, { recursive: true }).sort()).toEqual(['SHA256SUMS', 'manifest.json', 'small']);
    remount(rig.outDir, 'size=16m');
    const again = await rig.build(big('large', 3, 'folder/large'));
    expect(again.failures).toEqual([]);
    expect(again.summary.run).toBe(0);
    expect(Object.keys(rig.tree())).toEqual(['SHA256SUMS', 'folder/large', 'manifest.json']);
  });

  test('an output folder that cannot be written', async () => {
    mount(rig.outDir, '4m');
    remount(rig.outDir, 'ro');
    const outcome = await rig.build(work());
    expect(outcome).toMatchObject({
      failed: 'environment',
      failures: [
        {
          code: 'not-writable',
          kind: 'environment',
          message: 'not permitted to write the output folder',
          where: rig.outDir,
          fix: 'give this user write permission, or choose another folder',
        },
      ],
    });
  });

  test('a workspace that cannot be written: right outputs and one warning', async () => {
    const outDir = join(rig.root, 'elsewhere');
    mount(join(rig.workspace, '.td'), '1m');
    remount(join(rig.workspace, '.td'), 'ro');
    for (const run of [2, 0]) {
      const outcome = await rig.build(work(), { outDir });
      expect(outcome.failures).toEqual([]);
      expect(outcome.summary.run).toBe(run);
      expect(rig.events.filter(({ type }) => type === 'warning')).toMatchObject([{ code: 'workspace-read-only' }]);
      expect(rig.tree(outDir)['b.txt']).toBe('out:b[in:out:[source:one]]');
    }
  });
});

test('a cache directory that is a file: built without a cache, with one warning', async () => {
  writeFileSync(join(rig.root, 'file'), '');
  const outcome = await rig.build(work(), { cacheDirectory: join(rig.root, 'file', 'cache') });
  expect(outcome.failures).toEqual([]);
  expect(rig.tree()['b.txt']).toBe('out:b[in:out:[source:one]]');
  expect(rig.events.filter(({ type }) => type === 'warning')).toMatchObject([{ code: 'cache-read-only' }]);
});

test('an output folder where a file is: told which file, and what to do', async () => {
  const file = join(rig.root, 'file');
  writeFileSync(file, '');
  for (const outDir of [file, join(file, 'dist')]) {
    expect((await rig.build(work(), { outDir })).failures).toEqual([
      {
        code: 'not-a-folder',
        kind: 'environment',
        message: 'could not write the output folder: a file is where a folder should be',
        where: outDir,
        found: `EEXIST: file already exists, mkdir '${file}'`,
        fix: 'move that file away, or choose another folder',
      },
    ]);
  }
});

test.skipIf(!existsSync('/proc/self'))('an output folder where the system makes none (needs /proc)', async () => {
  expect((await rig.build(work(), { outDir: '/proc/none/dist' })).failures).toMatchObject([
    {
      code: 'file-system',
      message: 'could not write the output folder',
      where: '/proc/none/dist',
      found: "ENOENT: no such file or directory, mkdir '/proc/none'",
      fix: 'choose another folder: this file system makes none there',
    },
  ]);
});
