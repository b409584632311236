import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Stage, StageContext } from '../build/task.js';
import { ENCODER_FILE } from '../onnx/hub-files.js';
import { type BuiltEngine, buildEngine, type EngineRequest } from '../tensorrt/build-engine.js';
import { DESCRIPTION_FILE, type EngineDescription } from '../tensorrt/description.js';
import { readNetwork } from '../tensorrt/network.js';
import type { EngineOptions, EnginePrecision } from '../tensorrt/options.js';
import { type Toolchain, toolsOf } from '../tensorrt/probe.js';
import { type ProfileSizes, sizesOfEncoded } from '../tensorrt/profiles.js';
import type { Reach } from '../tensorrt/reach.js';
import { writeFileAtomic } from '../util/atomic-file.js';
import { type Digest, digestIn, digestOfFile } from '../util/digest.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { canonicalJson, prettyJson } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';

interface EngineParams {
  readonly precision: EnginePrecision;
  readonly options: EngineOptions;
  readonly sizes: Pick<ProfileSizes, 'batch' | 'sequence'>;
  readonly profiles?: readonly ProfileSizes[];
}

/** What a task that runs trtexec is told of this machine. What of it can change a result is in the task's tools. */
export interface EngineHints {
  readonly reach: Reach;
  readonly toolchain: Toolchain;
  readonly timeoutMinutes: number;
  /** A folder in which timing caches grow, one for each release on each GPU. */
  readonly timingCaches: string;
}

/** An engine, and the digest of the timing cache that it was built with, if that existed before. */
interface Made extends BuiltEngine {
  readonly timings?: Digest;
}

/**
 * params: {precision, options, sizes, profiles?}. in: model, a folder with portable ONNX; timingCache?, a pinned one; plugins?, a folder
 * of shared libraries. hints: `EngineHints`. out: model, a folder with an engine for each ONNX file, and engine.json, which describes
 * them; report, what the layers compute in and what TensorRT warned of. Failures: 'model-missing' and those of `buildEngine`.
 */
export const engineStage: Stage = {
  name: 'engine',
  async run(context) {
    const { precision, options } = context.params as unknown as EngineParams;
    const { toolchain } = context.hints as unknown as EngineHints;
    const folder = context.in.model!;
    const files = readdirSync(folder).filter(name => name.endsWith('.onnx'));
    if (files.length === 0) {
      return fail(usageFailure('model-missing', 'the folder has no model', { where: folder, expected: '*.onnx' }));
    }
    await mkdir(context.out.model!, { recursive: true });
    const engines: [string, Made][] = [];
    for (const file of files.sort()) {
      const made = await makeEngine(context, file);
      if (!made.ok) return made;
      engines.push([basename(made.value.path), made.value]);
    }
    const { name, architecture } = toolchain.gpu;
    const { tensorrt = '', cuda = '' } = toolsOf(toolchain);
    const description: EngineDescription = {
      schema: 'transformer-deploy/engine/1',
      tensorrt,
      cuda,
      gpu: { name, architecture },
      precision,
      options,
      engines: Object.fromEntries(engines.map(([file, { facts }]) => [file, facts])),
    };
    await writeFile(join(context.out.model!, DESCRIPTION_FILE), prettyJson(description));
    const report = engines.map(([file, { plan, layers, warnings, timings }]) => [
      file,
      { bytes: plan.bytes, layers, warnings, ...(timings ? { timingCache: timings } : {}) },
    ]);
    await writeFile(
      context.out.report!,
      prettyJson({ precision, tensorrt, engines: Object.fromEntries(report) as object }),
    );
    return ok(undefined);
  },
};

async function makeEngine(context: StageContext, onnx: string): Promise<Result<Made, Failure>> {
  const { precision, options } = context.params as unknown as EngineParams;
  const sizes = engineSizes(context);
  if (!sizes.ok) return sizes;
  const { reach, toolchain, timeoutMinutes, timingCaches } = context.hints as unknown as EngineHints;
  const pinned = context.in.timingCache;
  const timingCache =
    pinned ?? join(timingCaches, `${digestIn('td:timing-cache:1', canonicalJson(toolsOf(toolchain)))}`);
  const build = async (): Promise<Result<BuiltEngine, Failure>> => {
    const folder = join(context.scratch, onnx);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    return buildEngine({
      reach,
      toolchain,
      onnxFolder: context.in.model!,
      onnx,
      precision,
      options,
      ...sizes.value,
      timingCache: { file: timingCache, pinned: pinned !== undefined },
      plugins: pluginsIn(context),
      timeoutMinutes,
      folder,
      signal: context.signal,
      progress: (done, total, note) => context.progress({ done, total, unit: 'steps', note }),
    });
  };
  let timings = existsSync(timingCache) ? (await digestOfFile(timingCache)).digest : undefined;
  let built = await build();
  if (!built.ok && built.error.code === 'timing-cache-stale' && pinned === undefined && timings) {
    // One that grew here is there to save time: what TensorRT does not take is made anew.
    await rm(timingCache, { force: true });
    timings = undefined;
    built = await build();
  }
  if (!built.ok) return built;
  const grown = built.value.timingCache;
  // Several builds may end at once: each puts a whole file in place, and a later build adds what is missing.
  if (pinned === undefined && grown && existsSync(grown)) await writeFileAtomic(timingCache, await readFile(grown));
  const path = join(context.out.model!, basename(built.value.path));
  await moveFile(built.value.path, path);
  return ok({ ...built.value, path, ...(timings ? { timings } : {}) });
}

/** The sizes of the deployment, and of what an encoder gives where that does not follow from them. */
function engineSizes(context: StageContext): Result<Pick<EngineRequest, 'sizes' | 'profiles'>, Failure> {
  const { sizes, profiles } = context.params as unknown as EngineParams;
  const encoder = join(context.in.model!, ENCODER_FILE);
  const network = existsSync(encoder) ? readNetwork(encoder) : undefined;
  if (network && !network.ok) return network;
  const encoded = network ? sizesOfEncoded(network.value.outputs) : {};
  const withEncoded = <S extends Omit<ProfileSizes, 'past'>>(of: S): S => ({
    ...of,
    dimensions: { ...encoded, ...of.dimensions },
  });
  return ok({ sizes: withEncoded(sizes), ...(profiles ? { profiles: profiles.map(withEncoded) } : {}) });
}

/** Shared libraries of the input `plugins`. */
export const pluginsIn = ({ in: { plugins } }: Pick<StageContext, 'in'>): readonly string[] =>
  plugins === undefined ? [] : readdirSync(plugins).map(name => join(plugins, name));

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch {
    // Another file system: the working folder may be shared with another machine.
    await copyFile(from, to);
  }
}
