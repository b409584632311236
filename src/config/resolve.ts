import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type {
  Range,
  ResolvedCache,
  ResolvedConfig,
  ResolvedModel,
  ResolvedSource,
  ResolvedTarget,
  ResolvedTriton,
} from './resolved.js';
import type { Cache, DeployConfig, Model, Target, Triton } from './types.generated.js';

/** The schema's defaults; a test compares the two. */
export const DEFAULTS = {
  outDir: 'dist',
  architectures: [],
  exporter: 'td',
  calibration: { samples: 256, method: 'percentile' },
  evaluation: { maxDrop: 0.01 },
  triton: {
    repository: 'triton',
    dynamicBatching: true,
    compat: 'none',
    pythonInstances: 1,
    responseCache: false,
    checksum: false,
    backend: 'onnx',
  },
  instances: { count: 1 },
  threads: { intraOp: 0 },
  dynamicBatching: { maxQueueDelayMicroseconds: 0, preferredBatchSizes: [] },
  benchmark: { warmup: 5, runs: 50, minSeconds: 1 },
  validation: { samples: 64, seed: 0 },
  auto: { maxMinutes: 10 },
  cache: { directory: '~/.cache/transformer-deploy', maxSize: '50 GB' },
} as const;

const LARGEST_BATCH = 32;

/**
 * Fills in the defaults and makes paths absolute.
 * @param config checked by `checkConfig`
 * @param root absolute folder that relative paths are relative to
 */
export function resolveConfig(config: DeployConfig, root: string): ResolvedConfig {
  const path = (given: string) => absolutePath(given, root);
  return {
    root,
    outDir: path(config.outDir ?? DEFAULTS.outDir),
    models: mapRecord(config.models, (model, name) => resolveModel(model, name, config.triton, path)),
    targets: mapRecord(config.targets, (target, name) => resolveTarget(target, name, path)),
    triton: resolveTriton(config.triton),
    benchmark: { ...DEFAULTS.benchmark, ...config.benchmark },
    validation: { ...DEFAULTS.validation, ...config.validation },
    auto: { ...DEFAULTS.auto, ...config.auto },
    cache: resolveCache(config.cache, path),
    architectures: (config.architectures ?? DEFAULTS.architectures).map(path),
  };
}

function resolveModel(
  model: Model,
  name: string,
  triton: Triton | undefined,
  path: (given: string) => string,
): ResolvedModel {
  const { task, tokenizer, shapes, calibration, quantization, evaluation, labels } = model;
  return {
    name,
    source: resolveSource(model.source, path),
    ...(tokenizer ? { tokenizer: path(tokenizer) } : {}),
    ...(task ? { task } : {}),
    shapes: {
      batch: shapes?.batch ? rangeOf(shapes.batch) : defaultBatch(triton),
      ...(shapes?.sequence ? { sequence: rangeOf(shapes.sequence) } : {}),
    },
    ...(calibration ? { calibration: { ...DEFAULTS.calibration, ...calibration, data: path(calibration.data) } } : {}),
    ...(quantization ? { quantization } : {}),
    ...(evaluation ? { evaluation: { ...DEFAULTS.evaluation, ...evaluation, data: path(evaluation.data) } } : {}),
    tolerance: { ...model.tolerance },
    ...(labels ? { labels } : {}),
    exporter: model.exporter ?? DEFAULTS.exporter,
  };
}

const rangeOf = ([min, optimum, max]: readonly [number, number, number]): Range => ({ min, optimum, max });

function defaultBatch(triton: Triton | undefined): Range {
  const max = triton?.maxBatchSize || LARGEST_BATCH;
  return { min: 1, optimum: Math.min(8, max), max };
}

function resolveSource(source: Model['source'], path: (given: string) => string): ResolvedSource {
  if (typeof source === 'object') return { kind: 'onnx', path: path(source.onnx) };
  if (!source.startsWith('hub:')) return { kind: 'folder', path: path(source) };
  const [repository, revision = 'main'] = source.slice('hub:'.length).split('@');
  return { kind: 'hub', repository: repository!, revision };
}

function resolveTarget(target: Target, name: string, path: (given: string) => string): ResolvedTarget {
  const { engine, device = 'cpu', provider, providerOptions, gpu, precisions, image, trtexec, command } = target;
  const { engineOptions = {} } = target;
  const common = { name, precisions, ...(image ? { image } : {}) };
  if (engine === 'onnxruntime') {
    return {
      ...common,
      engine,
      device,
      ...(provider === 'tensorrt' ? { provider } : {}),
      ...(providerOptions ? { providerOptions } : {}),
      ...(gpu ? { gpu } : {}),
    };
  }
  if (gpu === undefined) throw new Error(`target ${name} was not checked: tensorrt without gpu`);
  const { timingCache, plugins } = engineOptions;
  // A run has a working folder of its own, so that what is relative to the config would not be found.
  const absolute = (word: string): string => (/^\.{0,2}\//.test(word) || word.startsWith('~/') ? path(word) : word);
  return {
    ...common,
    engine,
    device: 'cuda',
    gpu,
    ...(trtexec ? { trtexec: path(trtexec) } : {}),
    ...(command ? { command: command.map(absolute) } : {}),
    engineOptions: {
      ...engineOptions,
      ...(timingCache ? { timingCache: path(timingCache) } : {}),
      ...(plugins ? { plugins: plugins.map(path) } : {}),
    },
  };
}

function resolveTriton(triton: Triton | undefined): ResolvedTriton {
  const {
    repository,
    compat,
    dynamicBatching,
    maxBatchSize,
    backend,
    backendOptions = {},
    joinTargets = {},
    ...server
  } = { ...DEFAULTS.triton, ...triton };
  const compatible = compat === 'els-rd' ? 0 : maxBatchSize;
  return {
    repository,
    compat,
    backend,
    backendOptions,
    joinTargets,
    server: {
      ...server,
      instances: { ...DEFAULTS.instances, ...triton?.instances },
      threads: { ...DEFAULTS.threads, ...triton?.threads },
    },
    ...(compatible === undefined ? {} : { maxBatchSize: compatible }),
    ...(dynamicBatching === false
      ? {}
      : { dynamicBatching: { ...DEFAULTS.dynamicBatching, ...(dynamicBatching === true ? {} : dynamicBatching) } }),
  };
}

function resolveCache(cache: Cache | undefined, path: (given: string) => string): ResolvedCache {
  const { directory, maxSize, remote } = { ...DEFAULTS.cache, ...cache };
  return { directory: path(directory), maxBytes: bytesOf(maxSize), ...(remote ? { remote } : {}) };
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 };

/** '50 GB' -> 50e9. Decimal units, as disks are sold. */
function bytesOf(size: string): number {
  const [, amount, unit] = /^([\d.]+) ?(\w+)$/.exec(size)!;
  return Math.round(Number(amount) * BYTES_PER_UNIT[unit!]!);
}

function absolutePath(path: string, root: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(root, path);
}

/** Order and names are kept. */
function mapRecord<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
