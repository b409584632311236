import { type Failure, together, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Flag, hasFlag, lifetimeText } from './flags.js';
import type { EngineOptions, EnginePrecision } from './options.js';
import { precisionArguments } from './precision-arguments.js';
import { type Profile, type Shapes, shapesText, tensorName } from './profiles.js';
import { compareVersions, type TensorRtVersion, versionText } from './version.js';

/** An engine to be built. Paths are relative to the folder in which trtexec runs, so that they never tell a place. */
export interface BuildRequest {
  readonly version: TensorRtVersion;
  readonly onnx: string;
  readonly engine: string;
  readonly precision: EnginePrecision;
  /** What an int8 network keeps the rest in; fp16 unless given. */
  readonly floats?: 'fp32' | 'fp16';
  /** Node -> precision, for releases that take it as flags; the typed ONNX says it to the others. */
  readonly layerPrecisions?: Readonly<Record<string, EnginePrecision>>;
  readonly profiles: readonly Profile[];
  readonly options: EngineOptions;
  /** `pinned`: a tactic that is not in it fails the build. */
  readonly timingCache?: { readonly file: string; readonly pinned: boolean };
  /** Shared libraries with operators of the user's. */
  readonly plugins?: readonly string[];
}

/**
 * The arguments that build an engine, in a fixed order. Only what the release knows is passed; an option that it lacks is a
 * failure 'option-unsupported' with the releases that have it.
 */
export function buildArguments(request: BuildRequest): Result<readonly string[], Failure> {
  const { version, options, profiles, timingCache, plugins = [] } = request;
  const problems = [...unsupportedOptions(request), ...tooManyProfiles(request)];
  const precision = precisionArguments(request);
  if (!precision.ok) problems.push(precision.error);
  const [first, ...rest] = problems;
  if (first) return fail(together('engine-options', `${problems.length} options do not fit`, [first, ...rest]));
  return ok([
    `--onnx=${request.onnx}`,
    `--saveEngine=${request.engine}`,
    ...(precision.ok ? precision.value : []),
    ...profileArguments(profiles),
    ...OPTION_FLAGS.flatMap(([option, flag]) => optionArgument(flag, options[option])),
    ...(timingCache ? [`--timingCacheFile=${timingCache.file}`] : []),
    ...(timingCache?.pinned && hasFlag(version, 'errorOnTimingCacheMiss') ? ['--errorOnTimingCacheMiss'] : []),
    ...plugins.map(plugin => `--dynamicPlugins=${plugin}`),
    '--profilingVerbosity=detailed',
    '--skipInference',
  ]);
}

/** Options that are one flag each, in the order of the command line. */
const OPTION_FLAGS: readonly (readonly [keyof EngineOptions, Flag])[] = [
  ['workspaceMiB', 'memPoolSize'],
  ['builderOptimizationLevel', 'builderOptimizationLevel'],
  ['maxAuxStreams', 'maxAuxStreams'],
  ['tilingOptimizationLevel', 'tilingOptimizationLevel'],
  ['hardwareCompatibility', 'hardwareCompatibilityLevel'],
  ['versionCompatible', 'versionCompatible'],
  ['excludeLeanRuntime', 'excludeLeanRuntime'],
  ['stripWeights', 'stripWeights'],
  ['refit', 'refit'],
  ['sparsity', 'sparsity'],
];

function optionArgument(flag: Flag, value: EngineOptions[keyof EngineOptions]): readonly string[] {
  if (value === undefined || value === false || value === 'none') return [];
  if (value === true) return [`--${flag}`];
  return [`--${flag}=${flag === 'memPoolSize' ? 'workspace:' : ''}${value}`];
}

/** The flag is older than this one of its values. */
const SAME_CAPABILITY = { major: 10, minor: 9, patch: 0 };

function* unsupportedOptions({ version, options }: BuildRequest): Iterable<Failure> {
  for (const [option, flag] of OPTION_FLAGS) {
    const value = options[option];
    if (optionArgument(flag, value).length > 0 && !hasFlag(version, flag)) {
      yield unsupported(option, value, lifetimeText(flag), version);
    }
  }
  if (options.hardwareCompatibility === 'sameComputeCapability' && compareVersions(version, SAME_CAPABILITY) < 0) {
    yield unsupported('hardwareCompatibility', options.hardwareCompatibility, 'TensorRT 10.9 or later', version);
  }
  if (options.stripWeights && hasFlag(version, 'stripWeights') && !hasFlag(version, 'refitFromOnnx')) {
    // trtexec of these releases cannot fill the weights in, and so nobody could say whether the engine is right.
    yield unsupported('stripWeights', true, lifetimeText('refitFromOnnx'), version);
  }
}

const unsupported = (option: string, value: unknown, expected: string, version: TensorRtVersion): Failure =>
  usageFailure('option-unsupported', `this TensorRT has no ${option}`, {
    where: `engineOptions.${option}`,
    expected: `${expected} for ${option}: ${JSON.stringify(value)}`,
    found: `TensorRT ${versionText(version)}`,
    fix: `remove ${option}, or use an image with a release that has it`,
  });

function* tooManyProfiles({ version, profiles }: BuildRequest): Iterable<Failure> {
  if (profiles.length <= 1 || hasFlag(version, 'profile')) return;
  yield usageFailure('profiles-unsupported', "this release's trtexec builds one optimization profile", {
    where: 'engineOptions.profiles',
    expected: `${lifetimeText('profile')} for ${profiles.length} profiles`,
    found: `TensorRT ${versionText(version)}`,
    fix: 'keep one profile that covers all shapes, or use a newer image',
  });
}

/** Shapes of a network without a dynamic axis are in the ONNX, and trtexec takes none. */
function profileArguments(profiles: readonly Profile[]): readonly string[] {
  return profiles.flatMap((profile, index) =>
    Object.keys(profile.optimum).length === 0
      ? []
      : [
          ...(profiles.length > 1 ? [`--profile=${index}`] : []),
          `--minShapes=${shapesText(profile.min)}`,
          `--optShapes=${shapesText(profile.optimum)}`,
          `--maxShapes=${shapesText(profile.max)}`,
        ],
  );
}

/** One inference, or many, of an engine that exists. */
export interface RunRequest {
  readonly version: TensorRtVersion;
  readonly engine: string;
  /** Of every input with a dynamic axis. */
  readonly shapes: Shapes;
  /** Number of the profile, where the engine has several. */
  readonly profile?: number;
  readonly plugins?: readonly string[];
  /** For an engine without weights: the ONNX they come from. */
  readonly weights?: string;
}

/** Runs the engine once on `inputs` (name -> file of raw values) and writes what it gives, and how it is made. */
export function inferenceArguments(
  request: RunRequest,
  files: { readonly inputs: Readonly<Record<string, string>>; readonly output?: string; readonly layers?: string },
): readonly string[] {
  const inputs = Object.entries(files.inputs).map(([name, file]) => `${tensorName(name)}:${file}`);
  return [
    ...commonArguments(request),
    ...(inputs.length > 0 ? [`--loadInputs=${inputs.join(',')}`] : []),
    ...(files.output ? [`--exportOutput=${files.output}`] : []),
    ...(files.layers ? ['--profilingVerbosity=detailed', `--exportLayerInfo=${files.layers}`] : []),
    '--warmUp=0',
    '--duration=0',
    '--iterations=1',
    // From 11 on inputs stay on the device, and graphs are captured, unless told otherwise.
    ...known(request.version, 'includeDataTransfers', 'noCudaGraph'),
  ];
}

export interface TimingRequest {
  readonly times: string;
  readonly warmUpMilliseconds: number;
  readonly seconds: number;
  readonly runs: number;
  readonly cudaGraphs: boolean;
}

/**
 * Measures the time on the GPU alone, by CUDA graph and with a spinning host: what TensorRT 11 does by default and earlier
 * releases on demand, so that figures of all releases mean the same.
 */
export function timingArguments(request: RunRequest, timing: TimingRequest): readonly string[] {
  return [
    ...commonArguments(request),
    `--warmUp=${timing.warmUpMilliseconds}`,
    `--duration=${timing.seconds}`,
    `--iterations=${timing.runs}`,
    `--exportTimes=${timing.times}`,
    ...known(request.version, timing.cudaGraphs ? 'useCudaGraph' : 'noCudaGraph', 'noDataTransfers', 'useSpinWait'),
  ];
}

function commonArguments({ version, engine, shapes, profile, plugins = [], weights }: RunRequest): readonly string[] {
  return [
    `--loadEngine=${engine}`,
    // Without --refit trtexec passes over the other one in silence.
    ...(weights && hasFlag(version, 'refitFromOnnx') ? ['--refit', `--refitFromOnnx=${weights}`] : []),
    ...(profile === undefined ? [] : [`--useProfile=${profile}`]),
    ...(Object.keys(shapes).length > 0 ? [`--shapes=${shapesText(shapes)}`] : []),
    ...plugins.map(plugin => `--dynamicPlugins=${plugin}`),
  ];
}

/** Those of the switches that the release has; the others are its default, or cannot be had. */
const known = (version: TensorRtVersion, ...flags: readonly Flag[]): readonly string[] =>
  flags.filter(flag => hasFlag(version, flag)).map(flag => `--${flag}`);
