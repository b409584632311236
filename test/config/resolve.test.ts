import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configProblems } from '../../src/config/check-config.js';
import { readEnvironment } from '../../src/config/environment.js';
import { artefactsOf } from '../../src/config/matrix.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { DeployConfig, Precision, Target } from '../../src/config/types.generated.js';
import { METRICS, OLDEST_GPU, type Platform, PRECISIONS, TASKS, UNSUPPORTED } from '../../src/config/vocabulary.js';
import { printed } from './support.js';

const SMALLEST: DeployConfig = {
  models: { intents: { source: './model' } },
  targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32'] } },
};

const TRITON_DEFAULTS = {
  backend: 'onnx',
  backendOptions: {},
  joinTargets: {},
  server: {
    pythonInstances: 1,
    responseCache: false,
    checksum: false,
    instances: { count: 1 },
    threads: { intraOp: 0 },
  },
};

test('the smallest configuration with all its defaults', () => {
  expect(resolveConfig(SMALLEST, '/project')).toEqual({
    root: '/project',
    outDir: '/project/dist',
    models: {
      intents: {
        name: 'intents',
        source: { kind: 'folder', path: '/project/model' },
        shapes: { batch: { min: 1, optimum: 8, max: 32 } },
        tolerance: {},
        exporter: 'td',
      },
    },
    targets: { cpu: { name: 'cpu', engine: 'onnxruntime', device: 'cpu', precisions: ['fp32'] } },
    triton: {
      repository: 'triton',
      compat: 'none',
      dynamicBatching: { maxQueueDelayMicroseconds: 0, preferredBatchSizes: [] },
      ...TRITON_DEFAULTS,
    },
    benchmark: { warmup: 5, runs: 50, minSeconds: 1 },
    validation: { samples: 64, seed: 0 },
    auto: { maxMinutes: 10 },
    cache: { directory: join(homedir(), '.cache/transformer-deploy'), maxBytes: 50e9 },
    architectures: [],
  });
});

test('everything given, paths relative to the config file', () => {
  const resolved = resolveConfig(
    {
      models: {
        hub: { source: 'hub:google-bert/bert-base-uncased@86b5e09', task: 'fill-mask' },
        legacy: { source: 'hub:gpt2' },
        file: { source: { onnx: '~/models/m.onnx' }, exporter: 'torch', labels: ['no', 'yes'] },
        intents: {
          source: '../intents',
          shapes: { batch: [1, 2, 4], sequence: [8, 16, 32] },
          calibration: { data: 'c.jsonl', method: 'entropy' },
          evaluation: { data: '/data/e.jsonl', metric: 'f1-macro' },
          tolerance: { fp32: 1e-5 },
        },
      },
      targets: {
        gpu: { engine: 'onnxruntime', device: 'cuda', gpu: 'sm_80', precisions: ['fp16'] },
        compiled: {
          engine: 'onnxruntime',
          device: 'cuda',
          provider: 'tensorrt',
          providerOptions: { trt_engine_cache_enable: true },
          precisions: ['fp16'],
        },
        kernels: { engine: 'onnxruntime', device: 'cuda', provider: 'cuda', precisions: ['fp16'] },
        h100: { engine: 'tensorrt', gpu: 'sm_90', precisions: ['int8'], image: 'triton:26.06' },
      },
      triton: { repository: 'serving/models', maxBatchSize: 4, dynamicBatching: { maxQueueDelayMicroseconds: 200 } },
      benchmark: { shapes: [[1, 8]], threads: 2 },
      validation: { seed: 7 },
      cache: { directory: '.cache', maxSize: '1.5 TB', remote: { url: 'https://cache', token: { env: 'TOKEN' } } },
      architectures: ['./mine.ts'],
      outDir: '../out',
    },
    '/project/deploy',
  );
  const { hub, legacy, file, intents } = resolved.models;
  expect(hub?.source).toEqual({ kind: 'hub', repository: 'google-bert/bert-base-uncased', revision: '86b5e09' });
  expect(legacy?.source).toEqual({ kind: 'hub', repository: 'gpt2', revision: 'main' });
  expect(file).toMatchObject({
    source: { kind: 'onnx', path: join(homedir(), 'models/m.onnx') },
    exporter: 'torch',
    labels: ['no', 'yes'],
    shapes: { batch: { min: 1, optimum: 4, max: 4 } },
  });
  expect(intents).toMatchObject({
    source: { kind: 'folder', path: '/project/intents' },
    shapes: { batch: { min: 1, optimum: 2, max: 4 }, sequence: { min: 8, optimum: 16, max: 32 } },
    calibration: { data: '/project/deploy/c.jsonl', samples: 256, method: 'entropy' },
    evaluation: { data: '/data/e.jsonl', metric: 'f1-macro', maxDrop: 0.01 },
    tolerance: { fp32: 1e-5 },
  });
  expect(resolved.targets).toEqual({
    gpu: { name: 'gpu', engine: 'onnxruntime', device: 'cuda', gpu: 'sm_80', precisions: ['fp16'] },
    compiled: {
      name: 'compiled',
      engine: 'onnxruntime',
      device: 'cuda',
      provider: 'tensorrt',
      providerOptions: { trt_engine_cache_enable: true },
      precisions: ['fp16'],
    },
    kernels: { name: 'kernels', engine: 'onnxruntime', device: 'cuda', precisions: ['fp16'] },
    h100: {
      name: 'h100',
      engine: 'tensorrt',
      device: 'cuda',
      gpu: 'sm_90',
      precisions: ['int8'],
      image: 'triton:26.06',
      engineOptions: {},
    },
  });
  expect(resolved.triton).toEqual({
    repository: 'serving/models',
    maxBatchSize: 4,
    dynamicBatching: { maxQueueDelayMicroseconds: 200, preferredBatchSizes: [] },
    compat: 'none',
    ...TRITON_DEFAULTS,
  });
  expect(resolved.benchmark).toEqual({ shapes: [[1, 8]], threads: 2, warmup: 5, runs: 50, minSeconds: 1 });
  expect(resolved.validation).toEqual({ samples: 64, seed: 7 });
  expect(resolved.cache).toEqual({
    directory: '/project/deploy/.cache',
    maxBytes: 1.5e12,
    remote: { url: 'https://cache', token: { env: 'TOKEN' } },
  });
  expect(resolved.architectures).toEqual(['/project/deploy/mine.ts']);
  expect(resolved.outDir).toBe('/project/out');
});

test("Triton's batching: off, and els-rd without batches", () => {
  const off = resolveConfig({ ...SMALLEST, triton: { dynamicBatching: false } }, '/project').triton;
  expect(off).toEqual({ repository: 'triton', compat: 'none', ...TRITON_DEFAULTS });
  const { maxBatchSize } = resolveConfig({ ...SMALLEST, triton: { compat: 'els-rd' } }, '/project').triton;
  expect(maxBatchSize).toBe(0);
  const unbatched = resolveConfig({ ...SMALLEST, triton: { maxBatchSize: 0 } }, '/project');
  expect(unbatched.triton.maxBatchSize).toBe(0);
  expect(unbatched.models.intents?.shapes.batch.max).toBe(32);
});

test('the value of a secret is read only where it is used', () => {
  const variable = 'TD_TEST_TOKEN';
  process.env[variable] = 'hunter2';
  const cache = { remote: { url: 'https://cache.example.com', token: { env: variable } } };
  const resolved = resolveConfig({ ...SMALLEST, cache }, '/project');
  expect(JSON.stringify(resolved)).not.toContain('hunter2');
  expect(readEnvironment(resolved.cache.remote!.token!, 'cache.remote.token')).toEqual({ ok: true, value: 'hunter2' });
  delete process.env[variable];
  const missing = readEnvironment({ env: variable }, 'cache.remote.token');
  expect(!missing.ok && printed(missing.error)).toBe(
    `environment-variable-missing (environment): the environment variable TD_TEST_TOKEN is not set
  where: cache.remote.token
  fix: set TD_TEST_TOKEN before the command`,
  );
});

const size = fc.integer({ min: 1, max: 4096 });
const range = fc.tuple(size, size, size).map(sizes => sizes.toSorted((a, b) => a - b) as [number, number, number]);
const name = (...names: string[]) => fc.subarray(names, { minLength: 1 });

/** Each of the fields, or not. */
const some = <T extends Record<string, unknown>>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T, never>(fields, { requiredKeys: [] });

/** One object of them all. */
const merged = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map(drawn => Object.assign({}, ...drawn) as object);

const image = some({ image: fc.constant('nvcr.io/nvidia/tritonserver:26.06-py3') });
const precisionsOn = (platform: Platform, sm = 999) =>
  fc.subarray(
    PRECISIONS.filter(precision => !UNSUPPORTED[platform][precision] && sm >= (OLDEST_GPU[precision] ?? 0)),
    { minLength: 1 },
  );
const arbitraryTarget = fc.oneof(
  fc.record({ engine: fc.constant('onnxruntime'), precisions: precisionsOn('cpu') }),
  ...(['cpu', 'cuda', 'webgpu'] as const).map(device =>
    fc.record({ engine: fc.constant('onnxruntime'), device: fc.constant(device), precisions: precisionsOn(device) }),
  ),
  ...[75, 80, 90, 120].map(sm =>
    merged(
      image,
      fc.record({
        engine: fc.constant('tensorrt'),
        gpu: fc.constant(`sm_${sm}`),
        precisions: precisionsOn('tensorrt', sm),
      }),
    ),
  ),
);

/** A model for targets of these precisions. */
function arbitraryModel(built: readonly Precision[], maxBatchSize: number | undefined): fc.Arbitrary<object> {
  const batch = maxBatchSize ? fc.constant([1, 4, maxBatchSize]) : range;
  const calibration = merged(
    fc.constant({ data: 'c.jsonl' }),
    some({ samples: size, method: fc.constantFrom('mse', 'entropy') }),
  );
  const evaluation = merged(
    fc.constant({ data: 'e.jsonl' }),
    some({ maxDrop: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  const withEvaluation = fc.constantFrom(...TASKS.filter(task => METRICS[task].length > 0)).chain(task =>
    fc.record({
      task: fc.constant(task),
      evaluation: fc
        .tuple(evaluation, fc.constantFrom(...METRICS[task]))
        .map(([rest, metric]) => ({ ...rest, metric })),
    }),
  );
  const tolerances = Object.fromEntries(
    built.map(precision => [precision, fc.double({ min: 1e-9, max: 10, noNaN: true })]),
  );
  return merged(
    fc.record({ source: fc.constantFrom('./m', '/models/m', 'hub:a/b', 'hub:a/b@v1.0', { onnx: 'm.onnx' }) }),
    some({
      shapes: some({ batch, sequence: range }),
      tolerance: some(tolerances),
      labels: name('yes', 'no', 'LABEL_1'),
      exporter: fc.constantFrom('td', 'torch'),
    }),
    built.includes('int8') ? fc.record({ calibration }) : some({ calibration }),
    built.includes('auto')
      ? fc.oneof(fc.record({ evaluation }), withEvaluation)
      : fc.oneof(some({ evaluation }), withEvaluation),
  );
}

/** Any subset of the fields, each with any value that fits the others. */
const arbitraryConfig: fc.Arbitrary<DeployConfig> = fc
  .record({
    targets: fc.dictionary(fc.constantFrom('cpu', 'gpu_1', 'H100', '0'), arbitraryTarget as fc.Arbitrary<Target>, {
      minKeys: 1,
    }),
    maxBatchSize: fc.constantFrom(undefined, 0, 16),
  })
  .chain(({ targets, maxBatchSize }) => {
    const built = PRECISIONS.filter(each => Object.values(targets).some(({ precisions }) => precisions.includes(each)));
    const triton = merged(
      fc.constant(maxBatchSize === undefined ? {} : { maxBatchSize }),
      some({
        repository: fc.constantFrom('triton', 'a/b-c.d'),
        dynamicBatching: fc.constantFrom(true, false, { preferredBatchSizes: [4, 8] }),
        compat: fc.constantFrom(...(maxBatchSize ? ['none'] : ['none', 'els-rd'])),
      }),
    );
    const remote = merged(fc.constant({ url: 'http://c:80/x' }), some({ token: fc.constant({ env: 'T' }) }));
    return merged(
      fc.record({
        models: fc.dictionary(fc.constantFrom('intents', 'a_b', 'X1', '9'), arbitraryModel(built, maxBatchSize), {
          minKeys: 1,
        }),
        targets: fc.constant(targets),
      }),
      maxBatchSize === undefined ? some({ triton }) : fc.record({ triton }),
      some({
        $schema: fc.string(),
        benchmark: some({ warmup: fc.nat(), runs: size, minSeconds: fc.nat(3600), threads: size }),
        validation: some({ samples: size, seed: fc.nat() }),
        cache: some({
          directory: fc.constantFrom('~', '~/c', '/c', 'c'),
          maxSize: fc.constantFrom('50 GB', '1.5TB', '900 MB'),
          remote,
        }),
        architectures: fc.constantFrom([], ['./a.ts', './b.js']),
        outDir: fc.constantFrom('dist', '../out', '/out'),
      }),
    ) as fc.Arbitrary<DeployConfig>;
  });

test('any subset of valid fields is valid and resolves without a hole', () => {
  fc.assert(
    fc.property(arbitraryConfig, config => {
      expect(configProblems(config)).toEqual([]);
      const before = JSON.stringify(config);
      const resolved = resolveConfig(config, '/project');
      expect(JSON.stringify(config)).toBe(before);
      expect(Object.keys(resolved.models)).toEqual(Object.keys(config.models));
      expect(artefactsOf(resolved)).toEqual(artefactsOf(config));
      const paths = [resolved.outDir, resolved.cache.directory, ...resolved.architectures];
      for (const { source, calibration, evaluation, shapes } of Object.values(resolved.models)) {
        if (source.kind !== 'hub') paths.push(source.path);
        for (const data of [calibration?.data, evaluation?.data]) if (data) paths.push(data);
        for (const range of [shapes.batch, shapes.sequence]) {
          if (range) expect(range.min <= range.optimum && range.optimum <= range.max).toBe(true);
        }
      }
      for (const path of paths) expect(path).toMatch(/^\//);
      expect(resolved.cache.maxBytes).toBeGreaterThan(0);
      // No field is there with the value undefined: the plan takes what is there as given.
      expect(resolved).toStrictEqual(JSON.parse(JSON.stringify(resolved)));
    }),
    { numRuns: 300 },
  );
});

test('one wrong thing anywhere in a valid configuration is found', () => {
  const broken: ((config: Record<string, unknown> & DeployConfig) => string)[] = [
    config => {
      config.nonsense = 1;
      return 'nonsense';
    },
    config => {
      const [name] = Object.keys(config.models);
      (config.models[name!] as unknown as Record<string, unknown>).source = 5;
      return `models.${name}.source`;
    },
    config => {
      const [name, target] = Object.entries(config.targets)[0]!;
      (target.precisions as string[]).push('fp33');
      return `targets.${name}.precisions.${target.precisions.length - 1}`;
    },
  ];
  fc.assert(
    fc.property(arbitraryConfig, fc.constantFrom(...broken), (config, breakIt) => {
      const changed = JSON.parse(JSON.stringify(config)) as Record<string, unknown> & DeployConfig;
      const path = breakIt(changed);
      expect(configProblems(changed).map(problem => problem.path.join('.'))).toEqual([path]);
    }),
  );
});

test('paths of an engine target are absolute, words of its command only where they are paths', () => {
  const h100 = {
    engine: 'tensorrt' as const,
    gpu: 'sm_90',
    precisions: ['fp16' as const],
    command: ['ssh', 'gpu-1', './run.sh', '{program}', '/opt/x', '-v'],
    engineOptions: { workspaceMiB: 64, timingCache: 'h100.cache', plugins: ['../liba.so'] },
  };
  const { targets } = resolveConfig({ models: {}, targets: { h100 } }, '/project/deploy');
  expect(targets.h100).toEqual({
    name: 'h100',
    engine: 'tensorrt',
    device: 'cuda',
    gpu: 'sm_90',
    precisions: ['fp16'],
    command: ['ssh', 'gpu-1', '/project/deploy/run.sh', '{program}', '/opt/x', '-v'],
    engineOptions: {
      workspaceMiB: 64,
      timingCache: '/project/deploy/h100.cache',
      plugins: ['/project/liba.so'],
    },
  });
});
