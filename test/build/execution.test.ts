import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildInProcess } from './support/process.js';
import { delivery, from, id, plan, Rig, single, statuses, task } from './support/rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.file('source', 'good');
});
afterEach(() => rig.dispose());

const source = () => ({ source: single(join(rig.workspace, 'source')) });
const leftovers = () => readdirSync(join(rig.cache, 'v1/tmp')).concat(readdirSync(join(rig.cache, 'v1/locks')));

test('without --keep-going nothing new starts after a failure; with it the rest goes on', async () => {
  const work = plan([
    task('bad', { stage: 'throws' }),
    task('after-bad', { inputs: { in: from('bad') } }),
    task('gated', { after: ['bad'] }),
    task('behind-gated', { inputs: { in: from('gated') } }),
    task('other', { inputs: source() }),
    task('last', { inputs: { in: from('other') } }),
  ]);
  const stopped = await rig.build(work, { jobs: 1 });
  expect(statuses(stopped)).toMatchObject({
    bad: 'failed',
    'after-bad': 'skipped',
    gated: 'skipped',
    other: 'skipped',
    last: 'skipped',
  });
  expect(stopped.failed).toBe('task');
  expect(stopped.failures[0]).toMatchObject({
    code: 'stage-threw',
    message: 'stage throws stopped with an internal error',
    found: 'a bug in the stage',
  });
  const all = await rig.build(work, { keepGoing: true });
  expect(statuses(all)).toEqual({
    bad: 'failed',
    'after-bad': 'skipped',
    gated: 'skipped',
    'behind-gated': 'skipped',
    other: 'run',
    last: 'run',
  });
  expect(rig.events).toContainEqual({ type: 'skipped', task: 'behind-gated', because: 'bad' });
});

test('what the machine refuses a stage is no bug of ours, and is told with what to do', async () => {
  const failureOf = async (code: string) =>
    (await rig.build(plan([task('bad', { stage: 'refused', params: { code } })]))).failures[0];
  expect(await failureOf('EFBIG')).toEqual({
    code: 'file-system',
    kind: 'environment',
    message: 'stage refused could not read or write',
    found: 'EFBIG: as the system says it, write',
    fix: 'choose a folder on a file system that takes larger files, or raise the limit of this shell: ulimit -f unlimited',
  });
  expect(await failureOf('EMFILE')).toMatchObject({ code: 'file-system', fix: expect.stringContaining('ulimit -n') });
  expect(await failureOf('ENOENT')).toMatchObject({ code: 'stage-threw', kind: 'task' });
});

test('a gate that fails takes its artefact out of the output folder, and no other', async () => {
  const work = () =>
    plan(
      [
        task('one', { inputs: source() }),
        task('two', { params: { id: 'two', text: 'good too' } }),
        task('gate-one', { stage: 'gate', inputs: { in: from('one') } }),
        task('gate-two', { stage: 'gate', inputs: { in: from('two') } }),
      ],
      [
        delivery('one', 'one/model', { gates: [id('gate-one')] }),
        delivery('two', 'two/model', { gates: [id('gate-two')] }),
      ],
    );
  await rig.build(work());
  expect(Object.keys(rig.tree())).toEqual(['SHA256SUMS', 'manifest.json', 'one/model', 'two/model']);
  rig.file('source', 'bad');
  const outcome = await rig.build(work(), { keepGoing: true });
  expect(outcome.failures).toMatchObject([{ code: 'over-tolerance', found: 'bad' }]);
  expect(Object.keys(rig.tree())).toEqual(['SHA256SUMS', 'manifest.json', 'two/model']);
  expect(existsSync(join(rig.outDir, 'one'))).toBe(false);
  expect(rig.events).toContainEqual({ type: 'removed', path: 'one/model', reason: 'gate-failed' });
  expect(JSON.parse(rig.tree()['manifest.json']!).files).toHaveLength(1);
  // Failures are not kept: the gate runs again, nothing else does.
  rig.notes();
  await rig.build(work(), { keepGoing: true });
  expect(rig.notes()).toEqual(['gate gate-one']);
});

test('memory and exclusive are honoured, whatever the order', async () => {
  const nap = (name: string, memoryMiB: number, exclusive = false) =>
    task(name, { stage: 'sleep', params: { id: name, milliseconds: 400 }, memoryMiB, exclusive });
  await rig.build(plan([nap('x', 10, true), nap('a', 600), nap('b', 600), nap('c', 300), nap('d', 9000)]), {
    jobs: 3,
    memoryLimitMiB: 1000,
  });
  const spans = new Map<string, { start: number; end: number }>();
  for (const line of rig.notes()) {
    const [, name, edge, at] = line.split(' ') as [string, string, 'start' | 'end', string];
    spans.set(name, { ...(spans.get(name) ?? { start: 0, end: 0 }), [edge]: Number(at) });
  }
  const overlap = (one: string, other: string) =>
    spans.get(one)!.start < spans.get(other)!.end && spans.get(other)!.start < spans.get(one)!.end;
  expect([...spans.keys()].sort()).toEqual(['a', 'b', 'c', 'd', 'x']);
  for (const other of ['a', 'b', 'c', 'd']) expect([other, overlap('x', other)]).toEqual([other, false]);
  for (const other of ['a', 'b', 'c']) expect([other, overlap('d', other)]).toEqual([other, false]);
  expect(overlap('a', 'b')).toBe(false);
  // 300 fits beside either of the two that exclude each other.
  expect(overlap('a', 'c') || overlap('b', 'c')).toBe(true);
});

test('a worker that dies by a signal gets one more chance', async () => {
  const crash = (name: string, once: boolean, signal = 'SIGSEGV') =>
    task(name, { stage: 'crash', params: { id: name, once, signal, marker: join(rig.root, name) } });
  const lucky = await rig.build(plan([crash('lucky', true)]));
  expect(lucky.failures).toEqual([]);
  expect(rig.notes()).toEqual(['crash lucky', 'crash lucky']);
  const unlucky = await rig.build(plan([crash('unlucky', false, 'SIGKILL')]));
  expect(rig.notes()).toHaveLength(2);
  expect(unlucky.failures).toEqual([
    {
      code: 'worker-crashed',
      kind: 'task',
      message: 'the worker process ended in the middle of the task',
      found: 'ended by SIGKILL',
      fix: 'the system has probably run out of memory: use fewer --jobs, or a machine with more memory',
      details: ['about to fall over'],
    },
  ]);
  const exits = await rig.build(plan([task('exits', { stage: 'exits' })]));
  expect(exits.failures).toMatchObject([{ code: 'worker-crashed', found: 'exit code 7' }]);
  expect(leftovers()).toEqual([]);
});

test.each([
  ['silent', 'output-missing', 'stage silent succeeded but did not write its output out'],
  [
    'symlinks',
    'output-not-a-file',
    'stage symlinks succeeded but wrote something that is neither file nor folder: out',
  ],
])('stage %s: %s', async (stage, code, message) => {
  const outcome = await rig.build(plan([task('t', { stage })]));
  expect(outcome.failures).toEqual([{ code, kind: 'task', message, where: 't' }]);
  expect(readdirSync(join(rig.cache, 'v1/ac'))).toEqual([]);
});

test("an output that is a hard link to the user's file is copied, not shared", async () => {
  const outcome = await rig.build(plan([task('l', { stage: 'links', inputs: source() })], [delivery('l', 'copy')]));
  expect(outcome.failures).toEqual([]);
  const path = join(rig.workspace, 'source');
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(statSync(path).nlink).toBe(1);
  expect(rig.tree().copy).toBe('good');
});

test('interrupted: workers end, nothing is half-written, the next build goes on', async () => {
  const nap = (stubborn: boolean, milliseconds: number) =>
    plan(
      [
        task('done', { inputs: source() }),
        task('nap', { stage: 'sleep', params: { id: 'nap', milliseconds, stubborn }, inputs: { in: from('done') } }),
      ],
      [delivery('nap', 'nap')],
    );
  for (const stubborn of [false, true]) {
    const abort = new AbortController();
    const started = Date.now();
    const outcome = await rig.build(nap(stubborn, 20_000), {
      signal: abort.signal,
      onEvent: event => {
        if (event.type === 'started' && event.task === 'nap') setTimeout(() => abort.abort(), 300);
      },
    });
    expect(outcome.failed).toBe('interrupted');
    expect(statuses(outcome).nap).toBe('unknown');
    expect(Date.now() - started).toBeLessThan(stubborn ? 6_000 : 2_500);
    expect(existsSync(rig.outDir)).toBe(false);
    expect(leftovers()).toEqual([]);
  }
  rig.notes();
  await rig.build(nap(false, 10));
  expect(rig.notes().filter(line => line.startsWith('concat'))).toEqual([]);
});

test('many tasks that wait at once give no warning of a leak', async () => {
  const warnings: string[] = [];
  const listen = (warning: Error) => warnings.push(warning.message);
  process.on('warning', listen);
  const many = Array.from({ length: 30 }, (_, index) => task(`t${index}`, { params: { id: `t${index}` } }));
  const outcome = await rig.build(plan(many, []), { jobs: 2, signal: new AbortController().signal });
  await new Promise(setImmediate);
  process.off('warning', listen);
  expect([outcome.failures, outcome.summary.run, warnings]).toEqual([[], 30, []]);
});

test('killed -9: its workers and what they have started go too', async () => {
  const marker = join(rig.root, 'child');
  const littering = plan([task('litters', { stage: 'litters', params: { marker } })]);
  const isAlive = (pid: number) =>
    existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
  await buildInProcess(rig, littering, {
    onStart: async child => {
      while (!existsSync(marker) || readFileSync(marker, 'utf8') === '') await sleep(20);
      child.kill('SIGKILL');
    },
  });
  const pid = Number(readFileSync(marker, 'utf8'));
  for (let waited = 0; isAlive(pid) && waited < 3000; waited += 50) await sleep(50);
  expect(isAlive(pid)).toBe(false);
});

test('a forced task runs again; another result is told and replaces the first', async () => {
  const work = plan([task('r', { stage: 'random' }), task('s', { inputs: { in: from('r') } })], [delivery('s', 's')]);
  await rig.build(work);
  const first = rig.tree().s;
  await rig.build(work);
  expect(rig.tree().s).toBe(first);
  rig.notes();
  await rig.build(work, { force: new Set([id('r')]) });
  expect(rig.notes()).toEqual(['random r', 'concat s']);
  const second = rig.tree().s;
  expect(second).not.toBe(first);
  expect(rig.events).toContainEqual(
    expect.objectContaining({ type: 'nondeterministic', task: 'r', outputs: ['out'], kept: 'new' }),
  );
  expect(readdirSync(join(rig.cache, 'v1/obs'))).toHaveLength(1);
  await rig.build(work);
  expect(rig.tree().s).toBe(second);
  await rig.build(work, { force: 'all' });
  expect(rig.notes()).toEqual(['random r', 'concat s']);
});

test('a lost result that comes out otherwise: everything that rests on it is made from the new one', async () => {
  const work = (text: string) =>
    plan(
      [
        task('r', { stage: 'random' }),
        task('s', { inputs: { in: from('r') }, params: { id: 's', text: 'kept' } }),
        task('t', { inputs: { in: from('r') }, params: { id: 't', text } }),
      ],
      [delivery('s', 's'), delivery('t', 't')],
    );
  await rig.build(work('one'));
  for (const name of readdirSync(join(rig.cache, 'v1/cas'))) {
    for (const blob of readdirSync(join(rig.cache, 'v1/cas', name))) {
      const path = join(rig.cache, 'v1/cas', name, blob);
      if (/^\d+$/.test(readFileSync(path, 'utf8'))) rmSync(path);
    }
  }
  const outcome = await rig.build(work('two'));
  expect(outcome.failures).toEqual([]);
  const { s, t } = rig.tree();
  expect(s!.replace('kept', '')).toBe(t!.replace('two', ''));
});

test('a worker that stays big is not used again; a small one is', async () => {
  const fat = (name: string, mebibytes: number) => task(name, { stage: 'fat', params: { id: name, mebibytes } });
  const pids = async (mebibytes: number) => {
    await rig.build(plan([fat('a', mebibytes), fat('b', mebibytes)]), { jobs: 1 });
    return new Set(rig.notes().map(line => line.split(' ')[2]));
  };
  expect((await pids(1)).size).toBe(1);
  expect((await pids(600)).size).toBe(2);
  const finished = rig.events.find(event => event.type === 'finished');
  expect(finished?.type === 'finished' && finished.peakMemoryMiB).toBeGreaterThan(600);
});

test('files that no build has written are neither replaced nor removed', async () => {
  const work = (to: string) => plan([task('a', { inputs: source() })], [delivery('a', to)]);
  rig.file('dist/mine', 'precious');
  const refused = await rig.build(work('mine'));
  expect(refused.failures).toMatchObject([{ code: 'output-in-the-way', kind: 'usage', found: 'mine' }]);
  expect(rig.tree()).toEqual({ mine: 'precious' });
  await rig.build(work('theirs'));
  await rig.build(work('elsewhere/a'));
  expect(Object.keys(rig.tree())).toEqual(['SHA256SUMS', 'elsewhere/a', 'manifest.json', 'mine']);
  writeFileSync(join(rig.outDir, 'elsewhere/a'), 'edited by hand');
  await rig.build(work('theirs'));
  expect(rig.tree()).toMatchObject({ mine: 'precious', 'elsewhere/a': 'edited by hand' });
  expect(rig.events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'changed-file-left' }));
});

test('a partial build touches only the places that its deliveries name', async () => {
  const tasks = [task('a', { inputs: source() }), task('b', { params: { id: 'b' } })];
  await rig.build(plan(tasks, [delivery('a', 'a'), delivery('b', 'b')]));
  await rig.build(plan(tasks.slice(0, 1), [delivery('a', 'a2')]), { partial: true });
  expect(Object.keys(rig.tree())).toEqual(['SHA256SUMS', 'a', 'a2', 'b', 'manifest.json']);
  expect(
    rig
      .tree()
      .SHA256SUMS!.split('\n')
      .map(line => line.slice(66)),
  ).toEqual(['a', 'a2', 'b', '']);
  await rig.build(plan(tasks.slice(0, 1), [delivery('a', 'a2')]));
  expect(Object.keys(rig.tree())).toEqual(['SHA256SUMS', 'a2', 'manifest.json']);
});

test('big contents delivered twice are written once; sha256sum agrees', async () => {
  const { execFileSync } = await import('node:child_process');
  const big = task('big', { stage: 'big', params: { id: 'big', mebibytes: 9, seed: 's' } });
  await rig.build(plan([big], [delivery('big', 'one/model.onnx_data'), delivery('big', 'two/1/model.onnx_data')]));
  const [one, two] = ['one', 'two/1'].map(name => statSync(join(rig.outDir, name, 'model.onnx_data')));
  expect(one!.ino).toBe(two!.ino);
  expect(one!.mode & 0o777).toBe(0o644);
  expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: rig.outDir, encoding: 'utf8' })).toBe(
    'one/model.onnx_data: OK\ntwo/1/model.onnx_data: OK\n',
  );
});

test('a file becomes a folder and a file again', async () => {
  const work = (shape: string) => plan([task('a', { params: { id: 'a', shape } })], [delivery('a', 'model')]);
  for (const [shape, path] of [
    ['file', 'model'],
    ['folder', 'model/sub/b.txt'],
    ['file', 'model'],
  ]) {
    expect((await rig.build(work(shape!))).failures).toEqual([]);
    expect(Object.keys(rig.tree())).toContain(path);
  }
  expect(Object.keys(rig.tree())).toEqual(['SHA256SUMS', 'manifest.json', 'model']);
});

test('big outputs are copied while the gate still works; what the gate refuses leaves no copy behind', async () => {
  const big = 'x'.repeat(20 << 20);
  const work = () =>
    plan(
      [
        task('big', { inputs: source() }),
        task('slow', { stage: 'sleep', params: { id: 'slow', milliseconds: 300 }, inputs: { in: from('big') } }),
        task('gate', { stage: 'gate', inputs: { in: from('big') } }),
      ],
      [
        delivery('big', 'first/model', { gates: [id('gate'), id('slow')] }),
        delivery('big', 'second/model', { gates: [id('gate')] }),
      ],
    );
  rig.file('source', `bad ${big}`);
  const refused = await rig.build(work(), { keepGoing: true });
  expect(refused.failed).toBe('task');
  expect(rig.tree()).toEqual({});
  expect(leftovers()).toEqual([]);

  rig.file('source', `good ${big}`);
  const passed = await rig.build(work());
  expect(passed.failures).toEqual([]);
  for (const path of ['first/model', 'second/model']) {
    expect(readFileSync(join(rig.outDir, path), 'utf8')).toContain(`good ${big.slice(0, 100)}`);
  }
  expect(statSync(join(rig.outDir, 'first/model')).mode & 0o777).toBe(0o644);
  expect(leftovers()).toEqual([]);
});

test('what the machine lacks fails alone, and a known result needs nothing', async () => {
  const lacks = { code: 'not-built-here', kind: 'environment', message: 'needs sm_90' } as const;
  const work = (lacking: boolean) => {
    const engine = task('engine', { inputs: source() });
    return plan([
      lacking ? { ...engine, lacks } : engine,
      task('after', { inputs: { in: from('engine') } }),
      task('other'),
    ]);
  };
  rig.file('source', 'one');
  const missing = await rig.build(work(true));
  expect(statuses(missing)).toEqual({ engine: 'failed', after: 'skipped', other: 'run' });
  expect([missing.failed, missing.failures]).toEqual(['environment', [lacks]]);
  expect(statuses(await rig.build(work(false)))).toEqual({ engine: 'run', after: 'run', other: 'reused' });
  const known = await rig.build(work(true));
  expect([known.failed, ...Object.values(statuses(known))]).toEqual([undefined, 'reused', 'reused', 'reused']);
});
