import { beforeAll, expect, test } from 'vitest';
import { COMMAND, runProgram, type Workspace, workspaces } from '../support/td.js';

const make = workspaces();
/** Built once. */
let workspace: Workspace;
beforeAll(async () => {
  workspace = make.tiny();
  expect((await workspace.td(['build'])).code).toBe(0);
}, 30_000);

const BUILD = ['build', '--skip', 'benchmark,report'];
const ESCAPE = '\u001b';
/** util-linux's `script` gives the command a pseudo-terminal. */
const onTerminal = (
  own: Workspace,
  args: readonly string[],
  { columns = 100, ...env }: { readonly columns?: number; readonly [name: string]: string | number | undefined } = {},
) =>
  runProgram(
    'script',
    ['-qefc', `stty cols ${columns}; ${process.execPath} ${COMMAND} ${args.join(' ')}`, '/dev/null'],
    {
      cwd: own.project,
      env: { ...own.environment(), TERM: 'xterm-256color', SHELL: '/bin/sh', ...(env as Record<string, string>) },
    },
  );

/** One task, which always runs. */
const SHORT = ['build', '--force', '--only', 'export'];

test('the tree is drawn, task by task, and ends', async () => {
  const { code, stdout } = await onTerminal(make.tiny(), BUILD);
  expect(code).toBe(0);
  expect(stdout).toContain(`${ESCAPE}[`);
  // The last drawing, and what follows it.
  const tasks = ['export', 'reference', 'package', 'onnxruntime-cpu/optimize', 'cpu/int8-dynamic/validate', 'triton'];
  for (const task of tasks) expect(stdout).toMatch(new RegExp(`tiny/${task} {2}[\\d.]+ m?s`));
  expect(stdout).toMatch(/9 tasks run, \d+ files written/);
  expect(stdout).not.toMatch(/undefined|\[object|Error|NaN/);
});

test('a failure is drawn where it happened, and told in full below', async () => {
  const own = make.tiny();
  own.write('eval.jsonl', '');
  const { code, stdout } = await onTerminal(own, BUILD);
  expect(code).toBe(2);
  expect(stdout).toContain('tiny/reference  data-empty');
  expect(stdout).toContain('error: data-empty: the data file has no samples');
  expect(stdout).not.toMatch(/ at .*\.js:\d+/);
});

test('NO_COLOR: no colours', async () => {
  const { code, stdout } = await onTerminal(workspace, SHORT, { NO_COLOR: '1' });
  expect(code).toBe(0);
  expect(stdout.match(new RegExp(`${ESCAPE}\\[(3[0-7]|9[0-7])m`, 'g'))).toBe(null);
});

test('CI: plain lines, although it is a terminal', async () => {
  const { code, stdout } = await onTerminal(workspace, SHORT, { CI: 'true' });
  expect(code).toBe(0);
  expect(stdout).not.toContain(ESCAPE);
  expect(stdout).toMatch(/^done {5}tiny\/export {2}\d+ ms, \d+ kB, peak \d+ MiB\r?$/m);
});

test('a terminal without a size, as containers have: plain lines', async () => {
  const { code, stdout } = await onTerminal(workspace, SHORT, { columns: 0 });
  expect(code).toBe(0);
  expect(stdout).not.toContain(ESCAPE);
  expect(stdout).toMatch(/^done {5}tiny\/export /m);
});

test('the tree is diagnostics: stdout stays empty when it goes elsewhere', async () => {
  const { code, stdout } = await onTerminal(workspace, [...SHORT, '>', 'stdout.txt']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/tiny\/export {2}[\d.]+ m?s/);
  expect(workspace.read('stdout.txt')).toBe('');
});

test('with nothing to do nothing is drawn', async () => {
  const { code, stdout } = await onTerminal(workspace, BUILD);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^0 tasks run, 9 up to date.*\r?\n$/);
});
