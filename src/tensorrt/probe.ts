import { environmentFailure, type Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { faultIn } from './faults.js';
import type { ContainerEngine } from './find.js';
import { parseLog } from './log.js';
import { type Reach, reachText } from './reach.js';
import { type RunOptions, runInvocation, runProgram } from './run.js';
import type { Ended } from './verdict.js';
import { type Banner, bannerOf, compareVersions, version, versionText } from './version.js';

/** What builds an engine, as it was asked itself: all of it is part of an engine's key. */
export interface Toolchain {
  readonly tensorrt: Banner;
  readonly gpu: Gpu;
  /** The image's CUDA where an image is used, else the newest that the driver runs. */
  readonly cuda: string;
}

export interface Gpu {
  readonly name: string;
  /** 'sm_90'. */
  readonly architecture: string;
  readonly driver: string;
  readonly uuid: string;
}

const OLDEST = version(8, 6);
const PROBE_MINUTES = 5;

export type ProbeOptions = Pick<RunOptions, 'folder' | 'signal'>;

/** Asks trtexec for its release. Failures: 'tensorrt-too-old', 'trtexec-unreadable', and what keeps it from starting. */
export async function probeTensorRt(reach: Reach, options: ProbeOptions): Promise<Result<Banner, Failure>> {
  const ended = await runProgram(reach, 'trtexec', ['--help'], { ...options, timeoutMinutes: PROBE_MINUTES });
  const banner = bannerOf(ended.output);
  if (!banner) return fail(unreadable('trtexec', 'its first line, &&&& RUNNING TensorRT.trtexec', reach, ended));
  if (compareVersions(banner.version, OLDEST) >= 0) return ok(banner);
  return fail(
    environmentFailure('tensorrt-too-old', 'this release of TensorRT is not supported', {
      where: reachText(reach),
      expected: 'TensorRT 8.6 or later',
      found: `TensorRT ${versionText(banner.version)}`,
      fix: 'use a newer image or package',
    }),
  );
}

/**
 * Whether trtexec gets as far as the GPU: it tells its release without a driver, and would fail in the middle of a build. It is given no engine.
 */
export async function startsOnGpu(reach: Reach, { uuid }: Gpu, options: ProbeOptions): Promise<Result<void, Failure>> {
  const args = ['--loadEngine=none.plan', '--skipInference'];
  const ended = await runProgram(reach, 'trtexec', args, { ...options, gpu: uuid, timeoutMinutes: PROBE_MINUTES });
  const { errors, asides } = parseLog(ended.output);
  const failure = faultIn([...errors, ...asides]);
  return failure?.kind === 'environment' ? fail({ ...failure, where: reachText(reach) }) : ok(undefined);
}

const QUERY = ['--query-gpu=name,compute_cap,driver_version,uuid', '--format=csv,noheader'];

/** All GPUs, and the CUDA that their driver runs. Failures: 'gpu-missing', 'driver-mismatch', 'gpu-unreadable'. */
export async function probeGpus(
  reach: Reach,
  options: ProbeOptions,
): Promise<Result<{ readonly gpus: readonly Gpu[]; readonly cuda: string }, Failure>> {
  if (reach.kind === 'program' && reach.smi === undefined) {
    return fail(
      environmentFailure('gpu-missing', 'there is no NVIDIA GPU here', {
        expected: 'nvidia-smi on PATH',
        found: 'none',
        fix: "run it where one is, or set the target's command for a machine that has one",
      }),
    );
  }
  const ask = (args: readonly string[]): Promise<Ended> =>
    runProgram(reach, 'nvidia-smi', args, { ...options, timeoutMinutes: PROBE_MINUTES });
  const [listed, summary] = [await ask(QUERY), await ask([])];
  const gpus = gpusOf(listed.output);
  if (listed.exitCode !== 0 || gpus.length === 0) {
    return fail(unreadable('nvidia-smi', 'a line for each GPU: name, compute capability, driver, UUID', reach, listed));
  }
  const [, cuda] = /CUDA (?:UMD )?Version\s*:\s*([\d.]+)/.exec(summary.output) ?? [];
  if (cuda === undefined) return fail(unreadable('nvidia-smi', "the driver's CUDA version", reach, summary));
  return ok({ gpus, cuda });
}

/** Lines such as 'NVIDIA H100 80GB HBM3, 9.0, 550.54.15, GPU-5c3a...'. */
const gpusOf = (output: string): Gpu[] =>
  output.split('\n').flatMap(line => {
    const [, name, major, minor, driver, uuid] = /^(.+), (\d+)\.(\d+), ([\d.]+), (\S+)$/.exec(line.trim()) ?? [];
    return uuid === undefined ? [] : [{ name: name!, architecture: `sm_${major}${minor}`, driver: driver!, uuid }];
  });

/**
 * The release, and a GPU of the architecture that a target wants. Failures: those of the two above; 'hardware-missing' when there
 * are other GPUs only.
 */
export async function probeToolchain(
  reach: Reach,
  architecture: string,
  options: ProbeOptions,
): Promise<Result<Toolchain, Failure>> {
  const [tensorrt, hardware] = await Promise.all([probeTensorRt(reach, options), probeGpus(reach, options)]);
  if (!hardware.ok) return hardware;
  if (!tensorrt.ok) return tensorrt;
  const gpu = hardware.value.gpus.find(each => each.architecture === architecture);
  if (gpu)
    return ok({ tensorrt: tensorrt.value, gpu, cuda: (await cudaOfImage(reach, options)) ?? hardware.value.cuda });
  return fail(
    environmentFailure('hardware-missing', `there is no GPU of ${architecture} here`, {
      where: reachText(reach),
      expected: architecture,
      found: hardware.value.gpus.map(each => `${each.architecture} (${each.name})`).join(', '),
      fix: `build on a machine that has one, or correct the target's gpu`,
    }),
  );
}

/** NVIDIA's images say it in a variable; without it, the driver's is what is known. */
async function cudaOfImage(reach: Reach, options: ProbeOptions): Promise<string | undefined> {
  if (reach.kind !== 'image') return undefined;
  const words = [reach.engine, 'image', 'inspect', '--format', '{{json .Config.Env}}', reach.image];
  const inspect = { words, folder: options.folder, environment: {} };
  const ended = await runInvocation(inspect, { ...options, timeoutMinutes: PROBE_MINUTES });
  return /"CUDA_VERSION=([\d.]+)"/.exec(ended.output)?.[1];
}

/** Release of Docker's server or of Podman. Failures: 'container-engine-down', 'container-engine-unreadable'. */
export async function probeContainerEngine(
  { engine, isPodman }: ContainerEngine,
  options: ProbeOptions,
): Promise<Result<string, Failure>> {
  // Podman needs no server.
  const words = [engine, 'version', '--format', isPodman ? '{{.Client.Version}}' : '{{.Server.Version}}'];
  const ended = await runInvocation(
    { words, folder: options.folder, environment: {} },
    { ...options, timeoutMinutes: PROBE_MINUTES },
  );
  const [version] = /^\d+\.\d+\S*$/m.exec(ended.output) ?? [];
  if (version !== undefined) return ok(version);
  const lines = ended.output.split('\n').filter(line => line.trim() !== '');
  return fail(
    faultIn(lines) ??
      environmentFailure('container-engine-unreadable', 'the container engine does not tell its release', {
        where: engine,
        found: lines[0] ?? `nothing, exit code ${ended.exitCode}`,
        fix: `run ${words.join(' ')} by hand`,
      }),
  );
}

function unreadable(program: string, expected: string, reach: Reach, ended: Ended): Failure {
  const lines = ended.output.split('\n').filter(line => line.trim() !== '');
  const known = faultIn(lines);
  if (known) return { ...known, kind: 'environment', where: reachText(reach) };
  return environmentFailure(
    `${program === 'trtexec' ? 'trtexec' : 'gpu'}-unreadable`,
    `${program} does not tell what it is`,
    {
      where: reachText(reach),
      expected,
      found: lines[0] ?? `nothing, exit code ${ended.exitCode}`,
      fix: 'run it by hand as above; the words of a command must end where arguments may follow',
    },
  );
}

/** What of a toolchain goes into keys. A name stands for what a compute capability leaves open: sizes, clocks, memory. */
export const toolsOf = ({ tensorrt, gpu, cuda }: Toolchain): Readonly<Record<string, string>> => ({
  tensorrt: versionText(tensorrt.version) + (tensorrt.build === undefined ? '' : ` build ${tensorrt.build}`),
  gpu: `${gpu.architecture} ${gpu.name}`,
  cuda,
});
