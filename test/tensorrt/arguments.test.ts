import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import {
  type BuildRequest,
  buildArguments,
  inferenceArguments,
  timingArguments,
} from '../../src/tensorrt/arguments.js';
import { FLAGS, hasFlag } from '../../src/tensorrt/flags.js';
import type { EnginePrecision } from '../../src/tensorrt/options.js';
import {
  defaultProfiles,
  type NetworkInput,
  profileFor,
  profilesOf,
  sizesOfEncoded,
} from '../../src/tensorrt/profiles.js';
import { bannerOf, parseVersion, versionText } from '../../src/tensorrt/version.js';
import { DECODER, ENCODER, T5_ENCODER, T5_FIRST_CALL, T5_WITH_PAST } from './networks.js';
import { optionsOf } from './stand-in/options.mjs';

const at = (text: string) => parseVersion(text)!;
const RELEASES = ['8.6.1', '10.0.0', '10.3.0', '10.9.0', '10.13.0', '10.16.0', '11.0.0'] as const;

function request(
  release: string,
  precision: EnginePrecision,
  inputs: readonly NetworkInput[] = ENCODER,
  more: Partial<BuildRequest> = {},
): BuildRequest {
  const of = at(release);
  const sizes = defaultProfiles(inputs, { batch: [1, 8, 32], sequence: [16, 64, 128] }, hasFlag(of, 'profile'));
  const profiles = profilesOf(inputs, sizes);
  if (!profiles.ok) throw new Error(failureText(profiles.error));
  return {
    version: of,
    onnx: 'model/model.onnx',
    engine: 'model.plan',
    precision,
    profiles: profiles.value,
    options: {},
    ...more,
  };
}

/** The command line as one reads it, or the failure's text. */
function line(of: BuildRequest): string {
  const built = buildArguments(of);
  return built.ok ? built.value.join('\n') : failureText(built.error);
}

const ENCODER_SHAPES = `--minShapes=input_ids:1x16,attention_mask:1x16
--optShapes=input_ids:8x64,attention_mask:8x64
--maxShapes=input_ids:32x128,attention_mask:32x128`;
const ENDING = '--profilingVerbosity=detailed\n--skipInference';
const command = (...parts: readonly string[]): string =>
  ['--onnx=model/model.onnx', '--saveEngine=model.plan', ...parts, ENDING].join('\n');

describe('an encoder', () => {
  const STRONG = '--stronglyTyped';
  const FP8_TOO_OLD = `error: precision-unsupported: this TensorRT does not build fp8
  expected  TensorRT 10.0 or later for fp8
  found     TensorRT 8.6.1
  fix       use another precision, or an image with a newer release`;

  test.each([
    ['8.6.1', 'fp32', ['--noTF32']],
    ['8.6.1', 'fp16', ['--fp16']],
    ['8.6.1', 'int8', ['--int8', '--fp16']],
    ['8.6.1', 'fp8', FP8_TOO_OLD],
    ...['10.0.0', '10.3.0', '10.9.0', '10.13.0', '10.16.0'].flatMap(release => [
      [release, 'fp32', [STRONG, '--noTF32']] as const,
      [release, 'fp16', [STRONG]] as const,
      [release, 'int8', [STRONG]] as const,
      [release, 'fp8', [STRONG]] as const,
    ]),
    ['11.0.0', 'fp32', ['--noTF32']],
    ['11.0.0', 'fp16', []],
    ['11.0.0', 'int8', []],
    ['11.0.0', 'fp8', []],
  ] as const)('at %s in %s', (release, precision, expected) => {
    const wanted = typeof expected === 'string' ? expected : command(...expected, ENCODER_SHAPES);
    expect(line(request(release, precision))).toBe(wanted);
  });

  test('layers that must not follow are named to a weakly typed network alone', () => {
    const layerPrecisions = { 'layer.0/LayerNormalization': 'fp32', 'layer.0/a:b': 'fp32' } as const;
    expect(line(request('8.6.1', 'fp16', ENCODER, { layerPrecisions }))).toBe(
      command(
        '--fp16',
        '--precisionConstraints=obey',
        "--layerPrecisions=layer.0/LayerNormalization:fp32,'layer.0/a:b':fp32",
        ENCODER_SHAPES,
      ),
    );
    expect(line(request('10.0.0', 'fp16', ENCODER, { layerPrecisions }))).toBe(
      command('--stronglyTyped', ENCODER_SHAPES),
    );
  });

  test('int8 at 8.6.1 without fp16 beside it', () => {
    expect(line(request('8.6.1', 'int8', ENCODER, { floats: 'fp32' }))).toBe(command('--int8', ENCODER_SHAPES));
  });

  test('every option', () => {
    const options = {
      workspaceMiB: 4096,
      builderOptimizationLevel: 5,
      maxAuxStreams: 0,
      tilingOptimizationLevel: 2,
      hardwareCompatibility: 'ampere+',
      versionCompatible: true,
      excludeLeanRuntime: true,
      stripWeights: true,
      refit: true,
      sparsity: 'enable',
      tf32: true,
    } as const;
    const of = request('10.16.0', 'fp32', ENCODER, {
      options,
      timingCache: { file: 'timing.cache', pinned: true },
      plugins: ['plugins/liba.so', 'plugins/libb.so'],
    });
    expect(line(of)).toBe(
      command(
        '--stronglyTyped',
        ENCODER_SHAPES,
        '--memPoolSize=workspace:4096',
        '--builderOptimizationLevel=5',
        '--maxAuxStreams=0',
        '--tilingOptimizationLevel=2',
        '--hardwareCompatibilityLevel=ampere+',
        '--versionCompatible',
        '--excludeLeanRuntime',
        '--stripWeights',
        '--refit',
        '--sparsity=enable',
        '--timingCacheFile=timing.cache',
        '--errorOnTimingCacheMiss',
        '--dynamicPlugins=plugins/liba.so',
        '--dynamicPlugins=plugins/libb.so',
      ),
    );
    expect(line({ ...of, options: { hardwareCompatibility: 'none', refit: false } })).not.toContain('refit');
  });

  test('what a release lacks is refused, all of it at once', () => {
    const options = { stripWeights: true, tilingOptimizationLevel: 1, workspaceMiB: 64 };
    expect(line(request('8.6.1', 'bf16', ENCODER, { options }))).toBe(`error: 3 options do not fit

error: option-unsupported: this TensorRT has no tilingOptimizationLevel
  where     engineOptions.tilingOptimizationLevel
  expected  TensorRT 10.8 or later for tilingOptimizationLevel: 1
  found     TensorRT 8.6.1
  fix       remove tilingOptimizationLevel, or use an image with a release that has it

error: option-unsupported: this TensorRT has no stripWeights
  where     engineOptions.stripWeights
  expected  TensorRT 10.0 or later for stripWeights: true
  found     TensorRT 8.6.1
  fix       remove stripWeights, or use an image with a release that has it

error: precision-unsupported: this TensorRT does not build bf16
  expected  TensorRT 9.1 or later for bf16
  found     TensorRT 8.6.1
  fix       use another precision, or an image with a newer release`);
    expect(line(request('10.9.0', 'fp16', ENCODER, { options: { stripWeights: true } }))).toContain(
      'expected  TensorRT 10.14 or later for stripWeights: true',
    );
  });
});

describe('a decoder with its cache', () => {
  const shapes = (batch: number, sequence: number, past: number): string =>
    [
      `input_ids:${batch}x${sequence}`,
      `attention_mask:${batch}x${past + sequence}`,
      `position_ids:${batch}x${sequence}`,
      `past_key_values.0.key:${batch}x4x${past}x12`,
      `past_key_values.0.value:${batch}x4x${past}x12`,
    ].join(',');
  const PROMPT = [
    `--minShapes=${shapes(1, 1, 0)}`,
    `--optShapes=${shapes(8, 64, 0)}`,
    `--maxShapes=${shapes(32, 128, 128)}`,
  ];
  const STEP = [
    `--minShapes=${shapes(1, 1, 0)}`,
    `--optShapes=${shapes(8, 1, 64)}`,
    `--maxShapes=${shapes(32, 1, 128)}`,
  ];

  test('one profile at 8.6.1', () => {
    expect(line(request('8.6.1', 'fp16', DECODER))).toBe(command('--fp16', ...PROMPT));
  });

  test.each(RELEASES.slice(1))('prompts and steps at %s', release => {
    const precision = release === '11.0.0' ? [] : ['--stronglyTyped'];
    const expected = command(...precision, '--profile=0', ...PROMPT, '--profile=1', ...STEP);
    for (const of of ['fp16', 'int8', 'fp8'] as const) expect(line(request(release, of, DECODER))).toBe(expected);
  });

  test('several profiles of the user at 8.6.1', () => {
    const { profiles } = request('10.0.0', 'fp16', DECODER);
    expect(
      line({ ...request('8.6.1', 'fp16', DECODER), profiles }),
    ).toBe(`error: profiles-unsupported: this release's trtexec builds one optimization profile
  where     engineOptions.profiles
  expected  TensorRT 9.1 or later for 2 profiles
  found     TensorRT 8.6.1
  fix       keep one profile that covers all shapes, or use a newer image`);
  });
});

describe('T5', () => {
  const read = (batch: number, text: number): string => `input_ids:${batch}x${text},attention_mask:${batch}x${text}`;
  const begun = (batch: number, tokens: number, text: number): string =>
    `input_ids:${batch}x${tokens},encoder_attention_mask:${batch}x${text},encoder_hidden_states:${batch}x${text}x48`;
  const continued = (batch: number, tokens: number, past: number, text: number): string =>
    [
      `input_ids:${batch}x${tokens}`,
      `encoder_attention_mask:${batch}x${text}`,
      ...['key', 'value'].map(part => `past_key_values.0.decoder.${part}:${batch}x4x${past}x12`),
      ...['key', 'value'].map(part => `past_key_values.0.encoder.${part}:${batch}x4x${text}x12`),
    ].join(',');
  const shapes = (...[min, optimum, max]: readonly string[]): readonly string[] => [
    `--minShapes=${min}`,
    `--optShapes=${optimum}`,
    `--maxShapes=${max}`,
  ];
  // No text is padded to the shortest of the deployment, and a cache that is read is never empty.
  const ENGINES = [
    ['encoder', T5_ENCODER, shapes(read(1, 1), read(8, 64), read(32, 128))],
    ['first call', T5_FIRST_CALL, shapes(begun(1, 1, 1), begun(8, 1, 64), begun(32, 128, 128))],
    [
      'calls with a cache',
      T5_WITH_PAST,
      shapes(continued(1, 1, 1, 1), continued(8, 1, 64, 64), continued(32, 128, 128, 128)),
    ],
  ] as const;

  describe.each(ENGINES)('%s', (_, inputs, expected) => {
    test.each([
      ['8.6.1', 'fp32', ['--noTF32']],
      ['8.6.1', 'fp16', ['--fp16']],
      ['8.6.1', 'int8', ['--int8', '--fp16']],
      ...RELEASES.slice(1, -1).flatMap(release => [
        [release, 'fp32', ['--stronglyTyped', '--noTF32']] as const,
        [release, 'fp16', ['--stronglyTyped']] as const,
        [release, 'int8', ['--stronglyTyped']] as const,
        [release, 'fp8', ['--stronglyTyped']] as const,
      ]),
      ['11.0.0', 'fp32', ['--noTF32']],
      ['11.0.0', 'fp16', []],
      ['11.0.0', 'int8', []],
      ['11.0.0', 'fp8', []],
    ] as const)('at %s in %s', (release, precision, flags) => {
      expect(line(request(release, precision, inputs))).toBe(command(...flags, ...expected));
    });
  });

  test('profiles of the user, who says how many tokens a cache holds', () => {
    const sizes = { batch: [1, 1, 2], sequence: [4, 32, 64], past: [1, 8, 256] } as const;
    const profiles = profilesOf(T5_WITH_PAST, [sizes]);
    if (!profiles.ok) throw new Error(failureText(profiles.error));
    expect(line(request('10.3.0', 'fp16', T5_WITH_PAST, { profiles: profiles.value }))).toBe(
      command('--stronglyTyped', ...shapes(continued(1, 1, 1, 1), continued(1, 1, 8, 32), continued(2, 64, 256, 64))),
    );
  });

  test('an encoder of one length tells the decoder that length', () => {
    const dimensions = sizesOfEncoded([{ name: 'last_hidden_state', shape: ['batch_size', 1500, 48] }]);
    const profiles = profilesOf(T5_WITH_PAST, [{ batch: [1, 1, 2], sequence: [4, 32, 64], dimensions }]);
    if (!profiles.ok) throw new Error(failureText(profiles.error));
    expect(line(request('10.3.0', 'fp16', T5_WITH_PAST, { profiles: profiles.value }))).toBe(
      command(
        '--stronglyTyped',
        ...shapes(continued(1, 1, 1, 1500), continued(1, 1, 32, 1500), continued(2, 64, 64, 1500)),
      ),
    );
    expect(
      sizesOfEncoded([{ name: 'last_hidden_state', shape: ['batch_size', 'encoder_sequence_length', 48] }]),
    ).toEqual({});
  });
});

test('a run takes the profile that is fastest nearest to its shapes', () => {
  const { profiles } = request('10.3.0', 'fp16', DECODER);
  const shapes = (batch: number, sequence: number, past: number) => ({
    input_ids: [batch, sequence],
    attention_mask: [batch, past + sequence],
    position_ids: [batch, sequence],
    'past_key_values.0.key': [batch, 4, past, 12],
    'past_key_values.0.value': [batch, 4, past, 12],
  });
  const chosen = [shapes(2, 20, 0), shapes(2, 1, 40), shapes(2, 2, 40), shapes(2, 129, 0)];
  expect(chosen.map(shape => profileFor(profiles, shape))).toEqual([0, 1, 0, undefined]);
});

describe('a run', () => {
  const engine = { engine: 'model.plan', shapes: { input_ids: [1, 5], 'in:0': [1, 5] } };
  const files = { inputs: { input_ids: 'in/0', 'in:0': 'in/1' }, output: 'out.json', layers: 'layers.json' };
  const RUN = `--loadEngine=model.plan
--shapes=input_ids:1x5,'in:0':1x5
--loadInputs=input_ids:in/0,'in:0':in/1
--exportOutput=out.json
--profilingVerbosity=detailed
--exportLayerInfo=layers.json
--warmUp=0
--duration=0
--iterations=1`;
  test.each(RELEASES)('for its outputs at %s', release => {
    const extra = release === '11.0.0' ? '\n--includeDataTransfers\n--noCudaGraph' : '';
    expect(inferenceArguments({ version: at(release), ...engine }, files).join('\n')).toBe(RUN + extra);
  });

  test('of the profile and plug-ins that it needs, and with the weights of a stripped engine', () => {
    const of = { version: at('10.16.0'), ...engine, profile: 1, plugins: ['liba.so'], weights: 'model.onnx' };
    expect(inferenceArguments(of, { inputs: {} }).slice(0, 6)).toEqual([
      '--loadEngine=model.plan',
      '--refit',
      '--refitFromOnnx=model.onnx',
      '--useProfile=1',
      "--shapes=input_ids:1x5,'in:0':1x5",
      '--dynamicPlugins=liba.so',
    ]);
  });

  test.each(RELEASES)('for its time means the same at %s', release => {
    const timing = { times: 'times.json', warmUpMilliseconds: 200, seconds: 3, runs: 50 };
    const measured = (cudaGraphs: boolean) =>
      timingArguments({ version: at(release), ...engine }, { ...timing, cudaGraphs }).slice(2);
    const plain = ['--warmUp=200', '--duration=3', '--iterations=50', '--exportTimes=times.json'];
    const isDefault = release === '11.0.0';
    expect(measured(true)).toEqual(
      isDefault ? plain : [...plain, '--useCudaGraph', '--noDataTransfers', '--useSpinWait'],
    );
    expect(measured(false)).toEqual([
      ...plain,
      ...(isDefault ? ['--noCudaGraph'] : ['--noDataTransfers', '--useSpinWait']),
    ]);
  });
});

test.each([...RELEASES, '9.1.0', '9.3.0', '10.8.0', '10.14.0', '10.15.0', '11.1.0'])(
  'no flag that trtexec %s does not know, and none is missing',
  release => {
    const known = optionsOf(at(release));
    const warned = release.startsWith('11') ? ['stronglyTyped', 'useCudaGraph', 'noDataTransfers', 'useSpinWait'] : [];
    for (const flag of FLAGS)
      expect([flag, hasFlag(at(release), flag)]).toEqual([flag, known.has(flag) && !warned.includes(flag)]);
  },
);

test.each([
  ['[TensorRT v8601]', '8.6.1', undefined],
  ['[TensorRT v9300]', '9.3.0', undefined],
  ['[TensorRT v100001]', '10.0.1', undefined],
  ['[TensorRT v100300]', '10.3.0', undefined],
  ['[TensorRT v101303] [b9]', '10.13.3', 9],
  ['[TensorRT v110100] [b12]', '11.1.0', 12],
])('the banner %s', (banner, text, build) => {
  const found = bannerOf(`noise\n&&&& RUNNING TensorRT.trtexec ${banner} # trtexec --help\nmore`);
  expect([versionText(found!.version), found?.build]).toEqual([text, build]);
  expect(bannerOf(`&&&& PASSED TensorRT.trtexec ${banner} # trtexec`)).toBeUndefined();
});
