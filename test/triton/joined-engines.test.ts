import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LintProblem, lintRepository } from '../../src/triton/lint.js';
import { readModelInterface } from '../../src/triton/model-interface.js';
import { protocVersion, throughProtoc } from './support.js';
import { runTask, taskModel } from './tasks.js';

const gpu = (name: string, sm: string, computeCapability: string) => ({
  id: `m/${name}/fp16`,
  target: name,
  precision: 'fp16',
  device: 'cuda' as const,
  engine: 'tensorrt' as const,
  joined: { target: 'gpus', computeCapability, suffix: `_sm${sm}` },
});
const A100 = gpu('a100', '80', '8.0');
const H100 = gpu('h100', '90', '9.0');
const NETWORK = 'm-gpus-fp16-model';

const run = (changes: object = {}) =>
  runTask(taskModel('token-classification'), { artefacts: [A100, H100], ...changes });

/** The repository with its engines in their places, as a build delivers it. */
async function delivered(): Promise<string> {
  const { result, repository, models } = await run();
  expect(result).toEqual({ ok: true, value: undefined });
  for (const { id, joined } of [A100, H100]) {
    cpSync(join(models[id]!, 'model.plan'), join(repository, NETWORK, `1/model${joined.suffix}.plan`));
  }
  return repository;
}
const lint = (repository: string): Promise<LintProblem[]> =>
  lintRepository(repository, { readInterface: readModelInterface });

test('one model for both GPUs: the golden configuration, and what each engine is', async () => {
  const repository = await delivered();
  const text = readFileSync(join(repository, NETWORK, 'config.pbtxt'), 'utf8');
  if (protocVersion !== undefined) throughProtoc(text);
  await expect(text).toMatchFileSnapshot(`golden/joined-engines/${NETWORK}/config.pbtxt`);
  await expect(readFileSync(join(repository, NETWORK, '1/engine.json'), 'utf8')).toMatchFileSnapshot(
    `golden/joined-engines/${NETWORK}/1/engine.json`,
  );
  expect(text).toContain('{ key: "8.0" value: "model_sm80.plan" }');
  expect(text).toContain('{ key: "9.0" value: "model_sm90.plan" }');
  // A GPU without an engine must not get one of another GPU's.
  expect(text).not.toContain('default_model_filename');
  expect(await lint(repository)).toEqual([]);
});

test('what clients call has the name of the group, and asks that model', async () => {
  const { repository } = await run();
  const settings = JSON.parse(readFileSync(join(repository, 'm-gpus-fp16/1/td.json'), 'utf8'));
  expect(settings.network.name).toBe(NETWORK);
});

test('checksums are of every engine', async () => {
  const { repository } = await run({ server: { checksum: true } });
  const text = readFileSync(join(repository, NETWORK, 'config.pbtxt'), 'utf8');
  expect(text).toMatch(/MD5:1\/model_sm80\.plan[\s\S]*MD5:1\/model_sm90\.plan/);
});

test('what is not joined is a model of its own', async () => {
  const { joined: _, ...alone } = gpu('l4', '89', '8.9');
  const { result, repository } = await run({ artefacts: [A100, alone, H100] });
  expect(result.ok).toBe(true);
  const text = readFileSync(join(repository, 'm-l4-fp16-model/config.pbtxt'), 'utf8');
  expect(text).toContain('default_model_filename: "model.plan"');
  expect(text).not.toContain('cc_model_filenames');
});

test('the names of els-rd tell one model from another, and joined engines are one', async () => {
  const { result, repository } = await run({ compat: 'els-rd', maxBatchSize: 0 });
  expect(result).toEqual({ ok: true, value: undefined });
  expect(readFileSync(join(repository, 'm_tensorrt_model/config.pbtxt'), 'utf8')).toContain('model_sm90.plan');
});

/** What of engine.json the tests spoil. */
interface Description {
  tensorrt?: string;
  readonly engines: Readonly<
    Record<'model.plan', { readonly inputs: { dtype: string }[]; readonly profiles: object[] }>
  >;
}

describe('engines that one model cannot hold', () => {
  const spoilt = async (spoil: (description: Description) => void) => {
    const { models } = await run();
    const { joinEngines } = await import('../../src/stages/joined-engines.js');
    const file = join(models[H100.id]!, 'engine.json');
    const description = JSON.parse(readFileSync(file, 'utf8')) as Description;
    spoil(description);
    writeFileSync(file, JSON.stringify(description));
    const artefacts = [A100, H100].map(artefact => {
      const { engines } = JSON.parse(readFileSync(join(models[artefact.id]!, 'engine.json'), 'utf8'));
      const { inputs, outputs, profiles } = engines['model.plan'];
      return { ...artefact, networks: { 'model.plan': { inputs, outputs } }, profiles: profiles.length };
    });
    const joined = joinEngines(artefacts, models);
    return joined.ok ? undefined : joined.error;
  };

  test('none where nothing differs', async () => {
    expect(await spoilt(() => {})).toBeUndefined();
  });

  test('another release of TensorRT, which the server does not have', async () => {
    expect(
      await spoilt(description => {
        description.tensorrt = '11.0.0';
      }),
    ).toEqual({
      kind: 'usage',
      code: 'triton-join',
      message: 'the engines of one model have different releases of TensorRT',
      where: 'triton.joinTargets',
      expected: 'undefined, as m/a100/fp16 has',
      found: '11.0.0 of m/h100/fp16',
      fix: 'build both with the same release and the same profiles, or remove the target from joinTargets',
    });
  });

  test('another number of profiles, which the instances would use', async () => {
    const failure = await spoilt(({ engines }) => {
      engines['model.plan'].profiles.pop();
    });
    expect(failure).toMatchObject({ expected: '2, as m/a100/fp16 has', found: '1 of m/h100/fp16' });
  });

  test('an input of another type', async () => {
    const failure = await spoilt(({ engines }) => {
      engines['model.plan'].inputs[0]!.dtype = 'int32';
    });
    expect(failure).toMatchObject({
      message: 'the engines of one model have different inputs and outputs',
      found: 'others of m/h100/fp16',
    });
  });
});

describe('lint', () => {
  test('an engine that is missing', async () => {
    const repository = await delivered();
    rmSync(join(repository, NETWORK, '1/model_sm90.plan'));
    expect(await lint(repository)).toMatchObject([
      { rule: 'model-file', message: `unable to find '1/model_sm90.plan' for model '${NETWORK}'` },
    ]);
  });

  test('an engine of another type than the others', async () => {
    const repository = await delivered();
    const file = join(repository, NETWORK, '1/engine.json');
    const description = JSON.parse(readFileSync(file, 'utf8'));
    description.engines['model_sm90.plan'].inputs[0].dtype = 'int32';
    writeFileSync(file, JSON.stringify(description));
    expect(await lint(repository)).toMatchObject([
      {
        rule: 'network-data-type',
        message: `unable to load model '${NETWORK}', configuration expects datatype TYPE_INT64 for input 'input_ids', model provides TYPE_INT32`,
      },
    ]);
  });

  test('a default beside them must be there, too', async () => {
    const repository = await delivered();
    const file = join(repository, NETWORK, 'config.pbtxt');
    writeFileSync(file, `${readFileSync(file, 'utf8')}default_model_filename: "model.plan"\n`);
    expect(await lint(repository)).toMatchObject([
      { rule: 'model-file', message: `unable to find '1/model.plan' for model '${NETWORK}'` },
    ]);
  });
});
