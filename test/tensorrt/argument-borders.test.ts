import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { type BuildRequest, buildArguments, inferenceArguments } from '../../src/tensorrt/arguments.js';
import type { EngineOptions, EnginePrecision } from '../../src/tensorrt/options.js';
import { parseVersion } from '../../src/tensorrt/version.js';
import { optionsOf } from './stand-in/options.mjs';

/** What an option adds to the command line of a release, or the release that it asks for. */
function added(release: string, options: EngineOptions, more: Partial<BuildRequest> = {}): string {
  const request: BuildRequest = {
    version: parseVersion(release)!,
    onnx: 'model.onnx',
    engine: 'model.plan',
    precision: 'fp16',
    profiles: [],
    options: {},
  };
  const [plain, built] = [buildArguments(request), buildArguments({ ...request, options, ...more })];
  if (!plain.ok) throw new Error(failureText(plain.error));
  if (!built.ok) return `${built.error.code}: ${built.error.expected}`;
  return built.value.filter(word => !plain.value.includes(word)).join(' ');
}

const EVERY = ['8.6.1', '9.1.0', '10.0.0', '10.8.0', '10.9.0', '10.14.0', '10.16.0', '11.0.0', '11.1.0'] as const;

describe('an option that every release has', () => {
  test.each<[EngineOptions, string]>([
    // MiB in all of them; 8.6 knows no unit.
    [{ workspaceMiB: 4096 }, '--memPoolSize=workspace:4096'],
    [{ builderOptimizationLevel: 0 }, '--builderOptimizationLevel=0'],
    [{ maxAuxStreams: 0 }, '--maxAuxStreams=0'],
    [{ hardwareCompatibility: 'ampere+' }, '--hardwareCompatibilityLevel=ampere+'],
    [{ hardwareCompatibility: 'none' }, ''],
    [{ versionCompatible: true }, '--versionCompatible'],
    [{ versionCompatible: true, excludeLeanRuntime: true }, '--versionCompatible --excludeLeanRuntime'],
    [{ refit: true }, '--refit'],
    [{ sparsity: 'disable' }, '--sparsity=disable'],
    [{ sparsity: 'enable' }, '--sparsity=enable'],
    [{ sparsity: 'force' }, '--sparsity=force'],
    [{ cudaGraphs: false }, ''],
  ])('%j', (options, flags) => {
    for (const release of EVERY) expect([release, added(release, options)]).toEqual([release, flags]);
  });

  test('plug-ins and timing caches', () => {
    for (const release of EVERY) {
      expect(added(release, {}, { plugins: ['a.so', 'b.so'], timingCache: { file: 't', pinned: false } })).toBe(
        '--timingCacheFile=t --dynamicPlugins=a.so --dynamicPlugins=b.so',
      );
    }
  });
});

describe('an option of some releases', () => {
  test.each<[EngineOptions, before: string, from: string, flag: string, needs: string]>([
    [{ tilingOptimizationLevel: 1 }, '10.7.0', '10.8.0', '--tilingOptimizationLevel=1', 'TensorRT 10.8 or later'],
    [
      { hardwareCompatibility: 'sameComputeCapability' },
      '10.8.0',
      '10.9.0',
      '--hardwareCompatibilityLevel=sameComputeCapability',
      'TensorRT 10.9 or later',
    ],
    // The flag is as old as 10.0; that trtexec can fill the weights in again is newer.
    [{ stripWeights: true }, '10.13.3', '10.14.0', '--stripWeights', 'TensorRT 10.14 or later'],
  ])('%j', (options, before, from, flag, needs) => {
    const [[name, value]] = Object.entries(options) as [[string, unknown]];
    expect(added(before, options)).toBe(`option-unsupported: ${needs} for ${name}: ${JSON.stringify(value)}`);
    expect(added('8.6.1', options)).toMatch(/^option-unsupported: TensorRT 10\.\d+ or later for /);
    expect(added(from, options)).toBe(flag);
    expect(added('11.1.0', options)).toBe(flag);
  });

  test('a pinned timing cache fails on what it lacks from 9.1 on', () => {
    const pinned = { timingCache: { file: 't', pinned: true } };
    expect(added('8.6.1', {}, pinned)).toBe('--timingCacheFile=t');
    expect(added('9.1.0', {}, pinned)).toBe('--timingCacheFile=t --errorOnTimingCacheMiss');
    expect(added('11.1.0', {}, pinned)).toBe('--timingCacheFile=t --errorOnTimingCacheMiss');
  });

  test.each<[EnginePrecision, before: string | undefined, from: string]>([
    ['fp32', undefined, '8.6.1'],
    ['fp16', undefined, '8.6.1'],
    ['int8', undefined, '8.6.1'],
    ['bf16', '8.6.3', '9.1.0'],
    ['fp8', '9.3.0', '10.0.0'],
    ['int4', '9.3.0', '10.0.0'],
  ])('%s', (precision, before, from) => {
    if (before) expect(added(before, {}, { precision })).toMatch(/^precision-unsupported: TensorRT \d+\.\d or later/);
    expect(added(from, {}, { precision })).not.toMatch(/unsupported/);
  });

  test('several profiles', () => {
    const profile = { min: { x: [1] }, optimum: { x: [1] }, max: { x: [2] } };
    expect(added('8.6.3', {}, { profiles: [profile, profile] })).toBe(
      'profiles-unsupported: TensorRT 9.1 or later for 2 profiles',
    );
    expect(added('9.1.0', {}, { profiles: [profile, profile] })).toBe(
      '--profile=0 --minShapes=x:1 --optShapes=x:1 --maxShapes=x:2 --profile=1 --minShapes=x:1 --optShapes=x:1 --maxShapes=x:2',
    );
  });
});

test('whatever is asked for, a release is passed what it knows', () => {
  const options: EngineOptions = {
    workspaceMiB: 1,
    builderOptimizationLevel: 1,
    maxAuxStreams: 1,
    hardwareCompatibility: 'ampere+',
    versionCompatible: true,
    excludeLeanRuntime: true,
    refit: true,
    sparsity: 'enable',
    tf32: false,
  };
  for (const release of EVERY) {
    for (const precision of ['fp32', 'fp16', 'int8'] as const) {
      const version = parseVersion(release)!;
      const known = optionsOf(version);
      const built = buildArguments({
        version,
        onnx: 'm',
        engine: 'e',
        precision,
        profiles: [],
        options,
        layerPrecisions: { a: 'fp32' },
        timingCache: { file: 't', pinned: true },
        plugins: ['p'],
      });
      const run = inferenceArguments(
        { version, engine: 'e', shapes: { x: [1] }, plugins: ['p'], weights: 'm' },
        { inputs: { x: 'f' }, output: 'o', layers: 'l' },
      );
      if (!built.ok) throw new Error(failureText(built.error));
      const names = [...built.value, ...run].map(word => /^--(\w+)/.exec(word)![1]!);
      expect([release, names.filter(name => !known.has(name))]).toEqual([release, []]);
    }
  }
});
