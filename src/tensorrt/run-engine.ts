import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Failure, taskFailure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { inferenceArguments, type RunRequest, timingArguments } from './arguments.js';
import type { EngineFacts } from './description.js';
import { MODEL_FOLDER, placeFile, placeFiles } from './model-place.js';
import type { Toolchain } from './probe.js';
import { profileFor, type Shapes, shapesText } from './profiles.js';
import type { Reach } from './reach.js';
import { runProgram } from './run.js';
import { type EngineTensors, parseOutputs, rawInput } from './tensors.js';
import { computeTimes } from './times.js';
import { judgeRun } from './verdict.js';

/** An engine that can be run, by a process for each run. */
export interface EngineRunner {
  readonly reach: Reach;
  readonly toolchain: Toolchain;
  readonly facts: EngineFacts;
  /** The engine's path. */
  readonly plan: string;
  readonly plugins?: readonly string[];
  /** Of an engine without weights: the folder with the ONNX that they come from. */
  readonly weights?: string;
  /** An empty folder of the runner's own. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly timeoutMinutes: number;
}

/** Puts the engine where its runs see it. Called once. */
export function placeEngine({ reach, plan, plugins = [], weights, folder }: EngineRunner): void {
  mkdirSync(folder, { recursive: true });
  placeFile(reach, plan, join(folder, basename(plan)));
  if (weights) placeFiles(reach, weights, join(folder, MODEL_FOLDER));
  if (plugins.length > 0) mkdirSync(join(folder, 'plugins'));
  for (const plugin of plugins) placeFile(reach, plugin, join(folder, 'plugins', basename(plugin)));
}

/** What the engine gives for these inputs. Failures: 'engine-shape', 'engine-output', those of `judgeRun`. */
export async function inferOnce(runner: EngineRunner, inputs: EngineTensors): Promise<Result<EngineTensors, Failure>> {
  const { facts, folder } = runner;
  const request = requestFor(runner, inputs);
  if (!request.ok) return request;
  rmSync(join(folder, 'inputs'), { recursive: true, force: true });
  rmSync(join(folder, 'outputs.json'), { force: true });
  mkdirSync(join(folder, 'inputs'));
  const files: Record<string, string> = {};
  for (const [index, { name, dtype }] of facts.inputs.entries()) {
    const bytes = rawInput(inputs[name]!, dtype);
    // An empty tensor, a decoder's cache before its first call, has no values to load.
    if (bytes.length === 0) continue;
    files[name] = `inputs/${index}.bin`;
    writeFileSync(join(folder, files[name]), bytes);
  }
  const ran = await run(runner, inferenceArguments(request.value, { inputs: files, output: 'outputs.json' }));
  if (!ran.ok) return ran;
  const dtypes = Object.fromEntries(facts.outputs.map(({ name, dtype }) => [name, dtype]));
  const outputs = parseOutputs(textOf(join(folder, 'outputs.json')), dtypes);
  const missing = facts.outputs.find(({ name }) => outputs?.[name] === undefined);
  if (outputs && !missing) return ok(outputs);
  return fail(
    taskFailure('engine-output', 'trtexec ran the engine and did not write its outputs', {
      expected: facts.outputs.map(({ name }) => name).join(', '),
      found: outputs ? Object.keys(outputs).join(', ') : 'nothing readable',
      fix: 'please report it together with the version of TensorRT',
    }),
  );
}

export interface TimeSettings {
  readonly warmUpMilliseconds: number;
  readonly seconds: number;
  readonly runs: number;
  readonly cudaGraphs: boolean;
}

/** Milliseconds on the GPU of each query at these shapes. Failures: 'engine-shape', 'engine-times', those of `judgeRun`. */
export async function timeEngine(
  runner: EngineRunner,
  shapes: Shapes,
  settings: TimeSettings,
): Promise<Result<readonly number[], Failure>> {
  const request = requestOf(runner, shapes);
  if (!request.ok) return request;
  const ran = await run(runner, timingArguments(request.value, { ...settings, times: 'times.json' }));
  if (!ran.ok) return ran;
  const times = computeTimes(textOf(join(runner.folder, 'times.json')), settings.warmUpMilliseconds);
  if (times && times.length > 0) return ok(times);
  return fail(
    taskFailure('engine-times', 'trtexec measured the engine and did not write its times', {
      expected: 'a list of queries with startComputeMs and computeMs',
      fix: 'please report it together with the version of TensorRT',
    }),
  );
}

async function run(runner: EngineRunner, args: readonly string[]): Promise<Result<void, Failure>> {
  const { reach, toolchain, folder, signal, timeoutMinutes } = runner;
  const ended = await runProgram(reach, 'trtexec', args, {
    folder,
    signal,
    timeoutMinutes,
    gpu: toolchain.gpu.uuid,
  });
  const judged = judgeRun(ended, toolchain.tensorrt.version, 'loaded');
  return judged.ok ? ok(undefined) : judged;
}

const requestFor = (runner: EngineRunner, inputs: EngineTensors): Result<RunRequest, Failure> =>
  requestOf(runner, Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape])));

function requestOf(runner: EngineRunner, given: Shapes): Result<RunRequest, Failure> {
  const { facts, plan, plugins = [], weights, toolchain } = runner;
  const dynamic = facts.inputs.filter(({ shape }) => shape.some(dim => typeof dim !== 'number'));
  const shapes = Object.fromEntries(dynamic.map(({ name }) => [name, given[name]!]));
  const profile = profileFor(facts.profiles, shapes);
  if (profile === undefined) return fail(noProfile(facts, shapes));
  return ok({
    version: toolchain.tensorrt.version,
    engine: basename(plan),
    shapes,
    plugins: plugins.map(plugin => `plugins/${basename(plugin)}`),
    ...(facts.profiles.length > 1 ? { profile } : {}),
    ...(weights ? { weights: `${MODEL_FOLDER}/${facts.onnx}` } : {}),
  });
}

const noProfile = ({ profiles }: EngineFacts, shapes: Shapes): Failure =>
  usageFailure('engine-shape', 'the engine was not built for these shapes', {
    expected: profiles.map(({ min, max }) => `${shapesText(min)} to ${shapesText(max)}`).join(' or '),
    found: shapesText(shapes),
    fix: "widen the model's shapes.batch or shapes.sequence, or the target's engineOptions.profiles",
  });

/** '' where there is no such file. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
