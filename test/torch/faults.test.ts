import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { probePython } from '../../src/torch/probe.js';
import { type Trace, traceModel } from '../../src/torch/trace.js';
import type { Failure } from '../../src/util/failure.js';
import type { Result } from '../../src/util/result.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { COMPLETE, standInPython } from './stand-in.js';

const temporary = temporaryFolders();

const textOf = (result: Result<unknown, Failure>, folder: string): string =>
  result.ok ? 'ok' : failureText(result.error).replaceAll(folder, '<dir>');

describe('the interpreter', () => {
  async function probed(versions: object | string): Promise<string> {
    const folder = temporary();
    return textOf(await probePython(standInPython(folder, '', versions)), folder);
  }

  test('tells its versions', async () => {
    const result = await probePython(standInPython(temporary()));
    expect(result).toEqual({ ok: true, value: COMPLETE });
  });

  test('is absent', async () => {
    const text = textOf(await probePython('/nowhere/python3'), '/nowhere');
    expect(text).toContain(`error: python-missing: exporter 'torch' needs Python, which is not there
  expected  <dir>/python3
  found     `);
    expect(text).toContain(
      "\n  fix       install it, or set TD_PYTHON to an interpreter with torch; exporter 'td' needs none",
    );
  });

  test.each([
    ['torch', ['torch']],
    ['transformers', ['transformers']],
    ['onnx and onnxscript', ['onnx', 'onnxscript']],
  ])('lacks %s', async (_names, missing) => {
    const versions = { ...COMPLETE, ...Object.fromEntries(missing.map(name => [name, null])) };
    expect(
      await probed(versions),
    ).toBe(`error: python-packages-missing: exporter 'torch' needs Python packages that are not installed
  where     <dir>/python, Python 3.11.7
  expected  torch, transformers, onnx, onnxscript
  found     no ${missing.join(', no ')}
  fix       <dir>/python -m pip install ${missing.join(' ')}, or set TD_PYTHON to an interpreter that has them`);
  });

  test('has a PyTorch that is too old', async () => {
    expect(
      await probed({ ...COMPLETE, torch: '2.5.1+cu121' }),
    ).toBe(`error: torch-too-old: this PyTorch cannot export as it is asked to
  where     <dir>/python, Python 3.11.7
  expected  torch 2.6 or later
  found     torch 2.5.1+cu121
  fix       <dir>/python -m pip install --upgrade torch`);
    expect(await probed({ ...COMPLETE, torch: '2.10.0' })).toBe('ok');
  });

  test('does not work', async () => {
    expect(
      await probed("echo 'Fatal Python error: no module encodings' >&2; exit 1"),
    ).toBe(`error: python-failed: the Python interpreter does not work
  where     <dir>/python
  expected  Python 3.9 or later
  found     exit code 1
  fix       set TD_PYTHON to one that does
  | Fatal Python error: no module encodings`);
  });
});

describe('the export', () => {
  function prepared(exports: string, changes: Partial<Trace> = {}) {
    const folder = temporary();
    for (const name of ['checkpoint', 'scratch']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'checkpoint/config.json'), '{}');
    const steps: string[] = [];
    const run = traceModel({
      python: standInPython(folder, exports),
      checkpoint: join(folder, 'checkpoint'),
      task: 'fill-mask',
      output: join(folder, 'output'),
      scratch: join(folder, 'scratch'),
      timeoutSeconds: 60,
      signal: new AbortController().signal,
      onStep: step => steps.push(step),
      ...changes,
    });
    return { folder, steps, run };
  }

  const failed = async (exports: string, changes: Partial<Trace> = {}) => {
    const { folder, run } = prepared(exports, changes);
    return textOf(await run, folder);
  };

  test('leaves what the script writes, with config.json', async () => {
    const { folder, steps, run } = prepared(
      'echo "td: loading"; echo "$2" > "$3/model.onnx"; echo noise; echo "td: tracing"',
    );
    expect(textOf(await run, folder)).toBe('ok');
    expect(readdirSync(join(folder, 'output')).sort()).toEqual(['config.json', 'model.onnx']);
    expect(readFileSync(join(folder, 'output/model.onnx'), 'utf8')).toBe('fill-mask\n');
    expect(steps).toEqual(['loading', 'tracing']);
  });

  test('crashes: the last lines of its log are told', async () => {
    const lines =
      'echo "td: tracing"; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo "line $i" >&2; done; echo "RuntimeError: no lowering of aten::fancy" >&2; exit 1';
    const text = await failed(lines);
    expect(text).toContain(`error: torch-export-failed: PyTorch cannot export this model
  where     <dir>/checkpoint
  found     exit code 1
  fix       the last lines of <dir>/python say why; another version of torch or transformers may help
  | line 3
`);
    expect(text.endsWith('  | RuntimeError: no lowering of aten::fancy')).toBe(true);
  });

  test('is killed, as for memory', async () => {
    expect(
      await failed('kill -9 $$'),
    ).toBe(`error: torch-out-of-memory: the export by PyTorch was killed, as happens when memory runs out
  where     <dir>/checkpoint
  found     SIGKILL
  fix       give it more memory: about four times the size of the weights; or build with --jobs 1`);
  });

  test('crashes in native code', async () => {
    expect(await failed('kill -11 $$')).toContain('  found     ended by SIGSEGV\n');
  });

  test('takes too long, and is ended', async () => {
    const text = await failed('echo begun >&2; exec sleep 30', { timeoutSeconds: 0.5 });
    expect(text).toBe(`error: torch-timeout: the export by PyTorch takes too long
  where     <dir>/checkpoint
  expected  an end within 0.5 s
  fix       set TD_TORCH_TIMEOUT to more seconds
  | begun`);
  });

  test('is interrupted, and ended', async () => {
    const controller = new AbortController();
    const { folder, run } = prepared('touch "$3/begun"; exec sleep 30', { signal: controller.signal });
    while (!existsSync(join(folder, 'output/begun'))) await new Promise(done => setTimeout(done, 20));
    controller.abort();
    expect(textOf(await run, folder)).toBe('error: interrupted: interrupted');
  });

  test.each([
    ['missing-keys', 'all weights of the model and of its head', 'no classifier.bias, classifier.weight'],
    ['mismatched-keys', 'weights of the sizes in config.json', 'others for classifier.bias, classifier.weight'],
  ])('finds the checkpoint not whole: %s', async (code, expected, found) => {
    const refusal = JSON.stringify({ code, found: ['classifier.bias', 'classifier.weight'] });
    expect(
      await failed(`echo '${refusal}' > "$4"; exit 3`),
    ).toBe(`error: torch-weights: the checkpoint is not whole: transformers would draw weights at random
  where     <dir>/checkpoint
  expected  ${expected}
  found     ${found}
  fix       change the task, or use a checkpoint that was trained for it`);
  });
});
