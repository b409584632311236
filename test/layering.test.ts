import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));

/** Folder of src/ -> the folders it may import from, besides itself and `util`. Data flows one way. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  util: [],
  graph: [],
  kernels: [],
  build: [],
  config: [],
  weights: ['graph', 'kernels'],
  hub: ['build', 'weights', 'onnx'],
  torch: [],
  onnx: ['graph', 'weights'],
  passes: ['graph'],
  imports: ['graph', 'onnx', 'passes'],
  quantization: ['graph', 'kernels', 'onnx'],
  /** The search for what 'auto' becomes: it knows neither models nor stages. */
  choice: [],
  targets: ['graph'],
  architectures: ['graph', 'weights'],
  runtime: ['graph', 'weights', 'onnx'],
  validation: ['graph', 'weights', 'runtime', 'quantization'],
  benchmark: ['runtime'],
  triton: ['graph', 'onnx'],
  /** The inference protocol, as its servers and its clients speak it; a model's config is one of its messages. */
  kserve: ['triton'],
  client: ['kserve'],
  /** Load on a live server. */
  load: ['client', 'kserve'],
  /** The local server: a built repository, without Python. */
  serve: ['kserve', 'triton', 'runtime'],
  /** TensorRT's trtexec: it takes an ONNX folder and knows nothing of stages, tasks or the cache. */
  tensorrt: ['graph', 'onnx'],
  report: ['validation', 'benchmark', 'choice'],
  /** What stands beside a model repository, to run it elsewhere. */
  deploy: ['client', 'kserve', 'triton'],
  stages: [
    'build',
    'deploy',
    'choice',
    'hub',
    'torch',
    'graph',
    'weights',
    'onnx',
    'passes',
    'imports',
    'quantization',
    'targets',
    'architectures',
    'runtime',
    'validation',
    'benchmark',
    'triton',
    'tensorrt',
    'report',
  ],
  plan: ['deploy', 'config', 'choice', 'build', 'hub', 'torch', 'weights', 'onnx'],
  cli: [
    'choice',
    'client',
    'kserve',
    'load',
    'config',
    'plan',
    'build',
    'hub',
    'torch',
    'architectures',
    'kernels',
    'graph',
    'onnx',
    'weights',
    'runtime',
    'triton',
    'tensorrt',
    'report',
    'benchmark',
    'validation',
    'serve',
  ],
  dev: ['config'],
};

/** The public API: types, `defineConfig` and the client. */
const INDEX = ['config', 'client', 'kserve'];

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

function imports(): Import[] {
  const found: Import[] = [];
  for (const entry of readdirSync(source, {
    recursive: true,
    withFileTypes: true,
  })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const file = join(entry.parentPath, entry.name);
    const code = readFileSync(file, 'utf8');
    for (const match of code.matchAll(/^(?:import|export)\b[^'"]*?from\s*'(\.[^']+)'|import\('(\.[^']+)'\)/gm)) {
      const target = resolve(dirname(file), (match[1] ?? match[2])!);
      if (!target.startsWith(source + sep)) continue;
      found.push({
        file: relative(source, file),
        from: relative(source, file).includes(sep) ? relative(source, file).split(sep)[0]! : 'index',
        to: relative(source, target).split(sep)[0]!,
      });
    }
  }
  return found;
}

describe('imports point one way', () => {
  const all = imports();

  test('the sources are found', () => expect(all.length).toBeGreaterThan(50));

  test('every folder is in the table', () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter(entry => entry.isDirectory());
    expect(folders.map(entry => entry.name).filter(name => !(name in MAY_IMPORT))).toEqual([]);
  });

  test('nothing imports what it must not know', () => {
    const wrong = all.filter(({ from, to }) => {
      if (from === to || to === 'util') return false;
      return !(from === 'index' ? INDEX : (MAY_IMPORT[from] ?? [])).includes(to);
    });
    expect(wrong.map(({ file, to }) => `src/${file} imports from ${to}/`)).toEqual([]);
  });

  test('the table itself has no cycle', () => {
    const order: string[] = [];
    const visit = (folder: string, path: readonly string[]): void => {
      expect(path, `cycle: ${[...path, folder].join(' -> ')}`).not.toContain(folder);
      if (order.includes(folder)) return;
      for (const next of MAY_IMPORT[folder] ?? []) visit(next, [...path, folder]);
      order.push(folder);
    };
    for (const folder of Object.keys(MAY_IMPORT)) visit(folder, []);
  });

  test('only kernels/ loads the native addon', () => {
    const loaders = readdirSync(source, {
      recursive: true,
      withFileTypes: true,
    })
      .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
      .map(entry => relative(source, join(entry.parentPath, entry.name)))
      .filter(file => /native\/build|\.node['"`]/.test(readFileSync(join(source, file), 'utf8')));
    expect(loaders.filter(file => !file.startsWith(`kernels${sep}`))).toEqual([]);
  });
});
