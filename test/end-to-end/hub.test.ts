import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HubFile, HubServer } from '../support/hub-server.js';
import { CONFIG, TINY_MODEL, type TinyConfig, type Workspace, workspaces } from '../support/td.js';

const { tiny } = workspaces();
const server = new HubServer();
beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.requests.length = 0;
  server.faults.clear();
  server.revisions.clear();
});

const CHECKPOINT: Readonly<Record<string, HubFile>> = Object.fromEntries(
  readdirSync(TINY_MODEL)
    .filter(name => /^(config|tokenizer.*|special_tokens_map)\.json$|^model\.safetensors$/.test(name))
    .map(name => [name, { bytes: readFileSync(join(TINY_MODEL, name)), lfs: name.endsWith('.safetensors') }]),
);

const publish = (changes: Readonly<Record<string, HubFile>> = {}) =>
  server.publish('org/tiny', 'main', {
    'README.md': { bytes: Buffer.from('#'), lfs: false },
    ...CHECKPOINT,
    ...changes,
  });

function fp32Only(config: TinyConfig): void {
  config.targets.cpu!.precisions = ['fp32'];
  config.models.tiny!.tolerance = { fp32: 1e-4 };
}

/** A project whose model is on the stand-in of the Hub, and how it builds. */
function project(source = 'hub:org/tiny') {
  const workspace = tiny();
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.models.tiny!.source = source;
    fp32Only(config);
  });
  const env = { HF_ENDPOINT: server.endpoint };
  return {
    workspace,
    build: (...args: string[]) => workspace.build(args, { env }),
    td: (...args: string[]) => workspace.td(args, { env }),
  };
}

const asked = () => server.requests.map(({ path }) => path.split('?')[0]);
const without = (text: string, workspace: Workspace) =>
  workspace.normal(text).replaceAll(server.endpoint, 'https://hub');

describe('a model of the Hub', () => {
  test('is built like a folder, and a second build of the pinned model asks nothing', async () => {
    const commit = publish();
    const { workspace, build, td } = project();
    const first = await build();
    expect(first.code, first.stderr).toBe(0);
    expect(first.ran).toContain('tiny/fetch');
    expect(first.stderr).toContain(
      `tiny: hub:org/tiny@main is ${commit} now and may be another later; td lock pins it\n`,
    );
    const folder = 'dist/models/tiny/cpu-fp32';
    expect(workspace.files(folder)).toContain('onnx/model.onnx');

    expect((await td('lock')).code).toBe(0);
    const lock = workspace.json<{ models: { tiny: { source: string; commit: string; files: object } } }>('td.lock');
    expect(lock.models.tiny).toMatchObject({ source: 'hub:org/tiny@main', commit });
    expect(Object.keys(lock.models.tiny.files)).toEqual(Object.keys(CHECKPOINT).sort());

    server.requests.length = 0;
    publish({ 'README.md': { bytes: Buffer.from('# newer'), lfs: false } });
    const second = await build('--frozen');
    expect(second.code, second.stderr).toBe(0);
    expect(second.stderr).toBe('');
    expect(second.ran).toEqual([]);
    expect(asked()).toEqual([]);
  });

  test('gives the same files as the folder does', async () => {
    publish();
    const { workspace, build } = project();
    const folder = tiny();
    folder.edit(CONFIG, fp32Only);
    await Promise.all([
      build('--only', 'export,optimize,package'),
      folder.build(['--only', 'export,optimize,package']),
    ]);
    const files = folder.files('dist/models');
    expect(files.length).toBeGreaterThan(3);
    expect(workspace.files('dist/models')).toEqual(files);
    for (const file of files) {
      expect(
        Buffer.compare(
          readFileSync(workspace.path('dist/models', file)),
          readFileSync(folder.path('dist/models', file)),
        ),
        file,
      ).toBe(0);
    }
  });

  test('of which another commit changes only the configuration is not downloaded again', async () => {
    publish();
    const { build } = project();
    await build('--only', 'export');
    const config = JSON.parse(Buffer.from(CHECKPOINT['config.json']!.bytes).toString()) as object;
    publish({
      'config.json': { bytes: Buffer.from(JSON.stringify({ ...config, transformers_version: '9' })), lfs: false },
    });
    server.requests.length = 0;
    const second = await build('--only', 'export');
    expect(second.ran).toEqual(['tiny/export', 'tiny/fetch']);
    expect(server.asked(/safetensors/)).toEqual([]);
  });

  test('whose download breaks off in one build is downloaded on in the next', async () => {
    publish();
    const { workspace, build } = project();
    const size = CHECKPOINT['model.safetensors']!.bytes.length;
    server.fail(
      'model.safetensors',
      { kind: 'drop', after: 10_000 },
      ...Array.from({ length: 4 }, () => ({ kind: 'status', status: 403 }) as const),
    );
    const first = await build('--only', 'export');
    expect(first.code).toBe(3);
    expect(first.failures[0]!.code).toBe('hub-token-refused');
    const [partial] = readdirSync(join(workspace.cache, 'hub/partial'));
    const kept = statSync(join(workspace.cache, 'hub/partial', partial!)).size;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(10_000);
    server.faults.clear();
    server.requests.length = 0;
    const second = await build('--only', 'export');
    expect(second.code, second.stderr).toBe(0);
    expect(server.asked(/resolve.*safetensors/).map(({ range }) => range)).toEqual([`bytes=${kept}-`]);
    const told = second.events.flatMap(event =>
      event.type === 'progress' && event.task === 'tiny/fetch' ? [event.progress] : [],
    );
    expect(told.at(-1)).toEqual({ done: size, total: size, unit: 'bytes' });
    expect(existsSync(join(workspace.cache, 'hub/partial', partial!))).toBe(false);
  });
});

test('a quantised model of the Hub is refused before its weights are fetched', async () => {
  const config = JSON.parse(CHECKPOINT['config.json']!.bytes.toString()) as object;
  const quantized = { ...config, quantization_config: { quant_method: 'gptq', bits: 4 } };
  publish({ 'config.json': { bytes: Buffer.from(JSON.stringify(quantized)), lfs: false } });
  const { td } = project();
  const { code, stderr } = await td('build');
  expect(code).toBe(2);
  expect(stderr).toContain("found     quantization_config with quant_method 'gptq', 4 bits");
  expect(asked().filter(path => path?.endsWith('.safetensors'))).toEqual([]);
});

test('a model of the Hub that has only onnx/model.onnx is imported', async () => {
  publish();
  const exported = project();
  expect((await exported.build('--only', 'optimize,package')).code).toBe(0);
  const { 'model.safetensors': _, ...metadata } = CHECKPOINT;
  const built = (name: string): HubFile => ({
    bytes: readFileSync(exported.workspace.path('dist/models/tiny/cpu-fp32/onnx', name)),
    lfs: true,
  });
  const data = { 'onnx/model.onnx_data': built('model.onnx_data') };
  server.publish('org/traced', 'main', { ...metadata, 'onnx/model.onnx': built('model.onnx'), ...data });
  const { build } = project('hub:org/traced');
  const outcome = await build('--skip', 'benchmark,report');
  expect([outcome.code, outcome.failures]).toEqual([0, []]);
  expect(outcome.ran).toEqual(expect.arrayContaining(['tiny/fetch', 'tiny/import', 'tiny/cpu/fp32/validate']));
});

describe('td build --frozen', () => {
  test('without a td.lock', async () => {
    publish();
    const { workspace, td } = project();
    const outcome = await td('build', '--frozen');
    expect([outcome.code, without(outcome.stderr, workspace)]).toEqual([
      2,
      `error: lock-missing: there is no td.lock
  where     <dir>/project/td.lock
  fix       td lock writes it
`,
    ]);
    expect(asked()).toEqual([]);
  });

  test('with the lock of another source', async () => {
    publish();
    const { workspace, td } = project();
    await td('lock');
    workspace.edit(CONFIG, (config: TinyConfig) => {
      config.models.tiny!.source = 'hub:org/tiny@v2';
    });
    server.requests.length = 0;
    const outcome = await td('build', '--frozen');
    expect([outcome.code, without(outcome.stderr, workspace)]).toEqual([
      2,
      `error: lock-mismatch: model 'tiny' is not pinned by td.lock
  expected  hub:org/tiny@v2
  found     hub:org/tiny@main
  fix       if the change is meant, td lock pins it
`,
    ]);
    expect(asked()).toEqual([]);
  });
});

test('td lock --check tells that the branch has moved', async () => {
  const before = publish();
  const { workspace, td } = project();
  await td('lock');
  const after = publish({ 'README.md': { bytes: Buffer.from('# newer'), lfs: false } });
  const outcome = await td('lock', '--check');
  expect([outcome.code, without(outcome.stderr, workspace)]).toEqual([
    2,
    `error: lock-mismatch: the model is at another commit than td.lock says
  where     hub:org/tiny@main
  expected  ${before}
  found     ${after}
  fix       if the change is meant, td lock pins it
`,
  ]);
});
