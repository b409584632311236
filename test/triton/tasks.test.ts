import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { meaningOf, protocVersion, throughProtoc } from './support.js';
import { CPU, H100, referenceFolder, runTask, TASK_MODELS } from './tasks.js';

const GOLDEN = fileURLToPath(new URL('golden', import.meta.url));
const PYTHON_SOURCES = fileURLToPath(new URL('../../src/triton/python', import.meta.url));

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

function parsed(text: string) {
  const config = readModelConfig(text);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return config.value;
}

/** Where a copied file comes from: it is compared with that and not kept a second time. */
function originalOf(path: string, repository: string, tokenizer: string): string | undefined {
  const name = basename(path);
  if (name === 'tokenizer.json') return join(tokenizer, name);
  if (name.startsWith('td_') && name.endsWith('.py')) return join(PYTHON_SOURCES, name);
  if (name !== 'model.py') return undefined;
  const { kind } = JSON.parse(readFileSync(join(repository, path, '../td.json'), 'utf8')) as { kind: string };
  return join(PYTHON_SOURCES, `${kind.replaceAll('-', '_')}.py`);
}

/** Compares a repository with a golden one, file by file; with UPDATE_GOLDEN it becomes the golden one. */
function expectGolden(repository: string, golden: string, tokenizer: string): void {
  const copied = `${repository}-golden`;
  cpSync(repository, copied, { recursive: true });
  for (const path of filesOf(repository)) {
    const original = originalOf(path, repository, tokenizer);
    if (original === undefined) continue;
    expect(readFileSync(join(copied, path)), path).toEqual(readFileSync(original));
    rmSync(join(copied, path));
  }
  if (process.env.UPDATE_GOLDEN) {
    rmSync(golden, { recursive: true, force: true });
    mkdirSync(golden, { recursive: true });
    cpSync(copied, golden, { recursive: true });
  }
  expect(existsSync(golden), golden).toBe(true);
  expect(filesOf(copied)).toEqual(filesOf(golden));
  for (const path of filesOf(golden)) {
    expect(readFileSync(join(copied, path), 'latin1'), path).toBe(readFileSync(join(golden, path), 'latin1'));
  }
}

describe.each(TASK_MODELS)('$task', model => {
  const run = (changes: object = {}) => runTask(model, { artefacts: [CPU, H100], ...changes });
  // All that writes texts of texts has one name there.
  const compat = { compat: 'els-rd', maxBatchSize: 0, ...(model.decoder ? { artefacts: [CPU] } : {}) };

  test('makes the golden repository, for ONNX Runtime and for TensorRT', async () => {
    const { result, repository } = await run();
    expect(result).toEqual({ ok: true, value: undefined });
    expectGolden(repository, join(GOLDEN, model.task), referenceFolder(model.reference));
  });

  test('with the names of els-rd', async () => {
    const { result, repository } = await run({ ...compat, model: 'transformer' });
    expect(result).toEqual({ ok: true, value: undefined });
    expectGolden(repository, join(GOLDEN, `els-rd/${model.task}`), referenceFolder(model.reference));
  });

  test.skipIf(protocVersion === undefined)(
    `protoc takes every config and reads the same in it (${protocVersion ?? 'not installed: skipped'})`,
    async () => {
      for (const changes of [{}, compat, { dynamicBatching: false }]) {
        const { repository } = await run(changes);
        const configs = filesOf(repository).filter(path => path.endsWith('.pbtxt'));
        expect(configs.length).toBeGreaterThanOrEqual(3);
        for (const path of configs) {
          const text = readFileSync(join(repository, path), 'utf8');
          expect(meaningOf(parsed(throughProtoc(text))), path).toEqual(meaningOf(parsed(text)));
        }
      }
    },
  );
});
