import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { command } from '../../src/cli/commands/verify.js';
import { CPU, H100, runTask, taskModel } from '../triton/tasks.js';

/** A repository with its networks in their places, as anybody may have written it. */
async function written(): Promise<string> {
  const { result, repository, models } = await runTask(taskModel('token-classification'), { artefacts: [CPU, H100] });
  expect(result.ok).toBe(true);
  cpSync(models['m/cpu-fp32']!, join(repository, 'm-cpu-fp32-model/1'), { recursive: true });
  cpSync(models['m/h100-fp16']!, join(repository, 'm-h100-fp16-model/1'), { recursive: true });
  return repository;
}

async function verify(...words: string[]): Promise<{ code: unknown; printed: string }> {
  const given = parseArguments('verify', command.options, words);
  if (!given.ok) throw new Error(given.error.message);
  let printed = '';
  const result = await command.run(given.value, {
    cwd: '/',
    signal: new AbortController().signal,
    print: text => {
      printed += text;
    },
    note: () => {},
  });
  return { code: result.ok ? result.value : result.error.code, printed };
}

test('a good repository', async () => {
  expect(await verify(await written())).toEqual({ code: 0, printed: '4 models, no problems\n' });
});

test('what a server would refuse, of ONNX Runtime and of an engine that is described', async () => {
  const folder = await written();
  for (const model of ['m-cpu-fp32-model', 'm-h100-fp16-model']) {
    const config = join(folder, model, 'config.pbtxt');
    writeFileSync(config, readFileSync(config, 'utf8').replace('dims: [ -1, 5 ]', 'dims: [ -1, 6 ]'));
  }
  rmSync(join(folder, 'm-cpu-fp32/1/model.py'));
  const shape =
    'the model expects 3 dimensions (shape [-1,-1,5]) but the model configuration specifies 3 dimensions (shape [-1,-1,6])';
  const problems = [
    "m-cpu-fp32: unable to find '1/model.py' for model 'm-cpu-fp32' (model-file)",
    `m-cpu-fp32-model: model 'm-cpu-fp32-model', output 'logits': ${shape} (network-dims)`,
    `m-h100-fp16-model: model 'm-h100-fp16-model', output 'logits': ${shape} (network-dims)`,
  ];
  expect(await verify(folder)).toEqual({
    code: 1,
    printed: `${problems.map(problem => `lint       ${problem}\n`).join('')}4 models, 3 problems\n`,
  });
  const { code, printed } = await verify(folder, '--json');
  expect([code, (JSON.parse(printed) as { lint: unknown[] }).lint.length]).toEqual([1, 3]);
});

test('no folder', async () => {
  expect(await verify('/no/such/folder')).toEqual({ code: 'repository-missing', printed: '' });
});
