import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { environmentFailure, type Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { buildArguments, inferenceArguments } from './arguments.js';
import { type EngineFacts, planNameOf } from './description.js';
import { hasFlag } from './flags.js';
import { type LayerTypes, parseLayers, provePrecision } from './layers.js';
import { type Log, STEP_COUNT, stepOf, tellingWarnings } from './log.js';
import { MODEL_FOLDER, placeFile, placeFiles } from './model-place.js';
import { asEngineTypes, readNetwork } from './network.js';
import type { EngineOptions, EnginePrecision } from './options.js';
import { checkPlanVersion, type PlanFile, readPlanFile } from './plan-file.js';
import type { Toolchain } from './probe.js';
import { defaultProfiles, type ProfileSizes, profilesOf } from './profiles.js';
import type { Reach } from './reach.js';
import { runProgram } from './run.js';
import { checkPinned, placeTimingCache, type TimingCache } from './timing-cache.js';
import { judgeRun, type Proof } from './verdict.js';

/** What an engine is made from and how. */
export interface EngineRequest {
  readonly reach: Reach;
  readonly toolchain: Toolchain;
  /** A folder with ONNX files and their data. */
  readonly onnxFolder: string;
  readonly onnx: string;
  readonly precision: EnginePrecision;
  readonly options: EngineOptions;
  /** Sizes of the deployment: one profile, or those that a model of its kind needs. */
  readonly sizes: Omit<ProfileSizes, 'past'>;
  /** Instead of those. */
  readonly profiles?: readonly ProfileSizes[];
  readonly timingCache?: TimingCache;
  /** Paths of shared libraries. */
  readonly plugins?: readonly string[];
  readonly timeoutMinutes: number;
  /** An empty folder, which stays until the engine has been taken out of it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  progress(done: number, total: number, note: string): void;
}

export interface BuiltEngine {
  /** In `folder`. */
  readonly path: string;
  readonly plan: PlanFile;
  readonly facts: EngineFacts;
  readonly layers: LayerTypes;
  readonly warnings: readonly string[];
  /** The timing cache as trtexec left it, in `folder`; where one was asked for. */
  readonly timingCache?: string;
}

const TIMING_CACHE = 'timing.cache';
const LAYERS = 'layers.json';

/**
 * Builds an engine, loads it, runs it once, and looks at what its layers compute in. Failures: those of `buildArguments`,
 * `profilesOf`, `judgeRun`, `readPlanFile`, `provePrecision`, and 'hardware-changed', and for a pinned timing cache those of `checkPinned`.
 */
export async function buildEngine(request: EngineRequest): Promise<Result<BuiltEngine, Failure>> {
  const { reach, toolchain, onnxFolder, onnx, folder, options, precision, signal } = request;
  const { version } = toolchain.tensorrt;
  const network = readNetwork(join(onnxFolder, onnx));
  if (!network.ok) return network;
  const inputs = asEngineTypes(network.value.inputs, version);
  const sizes = request.profiles ?? defaultProfiles(inputs, request.sizes, hasFlag(version, 'profile'));
  const profiles = profilesOf(inputs, sizes);
  if (!profiles.ok) return profiles;

  const path = planNameOf(onnx);
  const plugins = placePlugins(request);
  const args = buildArguments({
    version,
    onnx: `${MODEL_FOLDER}/${onnx}`,
    engine: path,
    precision,
    floats: network.value.floats,
    layerPrecisions: network.value.floatNodes,
    profiles: profiles.value,
    options,
    plugins,
    ...(request.timingCache ? { timingCache: { ...request.timingCache, file: TIMING_CACHE } } : {}),
  });
  if (!args.ok) return args;
  placeFiles(reach, onnxFolder, join(folder, MODEL_FOLDER));
  if (request.timingCache) placeTimingCache(request.timingCache, join(folder, TIMING_CACHE));

  const run = async (proof: Proof, words: readonly string[]): Promise<Result<Log, Failure>> => {
    const ended = await runProgram(reach, 'trtexec', words, {
      folder,
      signal,
      timeoutMinutes: request.timeoutMinutes,
      gpu: toolchain.gpu.uuid,
      onLine(line) {
        const step = stepOf(line);
        if (step) request.progress(step.done, STEP_COUNT, `${onnx}: ${step.note}`);
      },
    });
    const judged = judgeRun(ended, version, proof);
    return judged.ok ? checkDevice(judged.value, toolchain) : judged;
  };
  const built = await run('built', args.value);
  if (!built.ok) return built;
  const used = request.timingCache
    ? checkPinned(request.timingCache, join(folder, TIMING_CACHE), built.value)
    : ok(undefined);
  if (!used.ok) return used;
  const plan = await readPlanFile(join(folder, path));
  if (!plan.ok) return plan;
  const right = checkPlanVersion(plan.value, version);
  if (!right.ok) return right;

  const [profile] = profiles.value;
  const several = profiles.value.length > 1 ? { profile: 0 } : {};
  const weights = options.stripWeights ? { weights: `${MODEL_FOLDER}/${onnx}` } : {};
  const usual = { version, engine: path, shapes: profile!.optimum, plugins, ...several, ...weights };
  const loaded = await run('loaded', inferenceArguments(usual, { inputs: {}, layers: LAYERS }));
  if (!loaded.ok) return loaded;
  const layers = parseLayers(readFileSync(join(folder, LAYERS), 'utf8'));
  if (!layers.ok) return layers;
  const proved = provePrecision(layers.value, precision);
  if (!proved.ok) return proved;
  return ok({
    path: join(folder, path),
    plan: plan.value,
    facts: { onnx, profiles: profiles.value, inputs, outputs: asEngineTypes(network.value.outputs, version) },
    layers: layers.value,
    warnings: tellingWarnings(built.value),
    ...(request.timingCache ? { timingCache: join(folder, TIMING_CACHE) } : {}),
  });
}

/** Libraries go into the working folder, too, under their own names. */
function placePlugins({ reach, plugins = [], folder }: EngineRequest): readonly string[] {
  if (plugins.length > 0) mkdirSync(join(folder, 'plugins'), { recursive: true });
  return plugins.map(plugin => {
    const inside = `plugins/${basename(plugin)}`;
    placeFile(reach, plugin, join(folder, inside));
    return inside;
  });
}

/** Behind an image or a command, another machine may answer than before. */
function checkDevice(log: Log, { gpu }: Toolchain): Result<Log, Failure> {
  const found = log.device.computeCapability?.replace('.', '');
  if (found === undefined || `sm_${found}` === gpu.architecture) return ok(log);
  return fail(
    environmentFailure('hardware-changed', 'trtexec ran on another GPU than the one that was asked before', {
      expected: `${gpu.architecture} (${gpu.name})`,
      found: `sm_${found} (${log.device.name ?? 'unnamed'})`,
      fix: 'set CUDA_VISIBLE_DEVICES where several GPUs are, and build again',
    }),
  );
}
