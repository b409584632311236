import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ResolvedTarget } from '../config/resolved.js';
import type { EngineMachine } from '../plan/engine-tasks.js';
import { whyNoDevice } from '../runtime/device.js';
import type { Provider } from '../runtime/session.js';
import { writeFileAtomic } from '../util/atomic-file.js';
import { digestIn } from '../util/digest.js';
import { environmentFailure, type Failure } from '../util/failure.js';
import { canonicalJson, prettyJson } from '../util/json.js';
import { NOT_BUILT_HERE } from './engine-machines.js';

export type DeviceTarget = Extract<ResolvedTarget, { engine: 'onnxruntime' }>;

/**
 * Tries the device that a target of ONNX Runtime is for. Where it does not start, the one that did last stands in the keys, so that what was
 * validated there with the same cache counts here, too.
 */
export async function deviceMachine(target: DeviceTarget, cacheDirectory: string): Promise<EngineMachine> {
  const { device, provider, gpu } = target;
  const place = digestIn(
    'td:device-place:1',
    canonicalJson({ device, ...(provider ? { provider } : {}), ...(gpu ? { gpu } : {}) }),
  );
  const remembered = join(cacheDirectory, 'engines', `${place}.json`);
  const { tools, lacks } = await findDevice(target);
  if (lacks) return { tools: knownIn(remembered) ?? tools, lacks };
  // A cache that cannot be written costs the reuse on machines without the device, and nothing else.
  await writeFileAtomic(remembered, prettyJson(tools)).catch(() => undefined);
  return { tools };
}

/** What a target's device is called, if it starts. */
export async function findDevice({ name, device, provider, gpu }: DeviceTarget): Promise<EngineMachine> {
  const runs = provider ?? device;
  const why = await whyNoDevice(runs);
  if (why !== undefined) {
    const drivers = runs === 'webgpu' ? await vulkanNames() : [];
    const lacks = notBuiltHere({
      name,
      runs,
      needs: runs,
      found: drivers.length > 0 ? `${why}, and Vulkan has ${drivers.join(', ')}` : why,
      ...(drivers.length > 0 ? { fix: NEWER_DRIVER } : {}),
    });
    return { tools: { device: runs }, lacks };
  }
  const names = device === 'cuda' ? await cudaNames(gpu) : await vulkanNames();
  if (names.length > 0 || gpu === undefined) return { tools: { device: names.join(', ') || runs } };
  return { tools: { device: gpu }, lacks: notBuiltHere({ name, runs, needs: gpu, found: `no GPU of ${gpu}` }) };
}

/** What must be there for each provider that needs something. */
const PROVIDER_FIXES: Readonly<Record<Exclude<Provider, 'cpu'>, string>> = {
  webgpu: "install the GPU's Vulkan driver; a software one will do for trying: docs/devices.md",
  cuda: "install CUDA and ONNX Runtime's CUDA libraries, or build where they are",
  tensorrt: "install CUDA, TensorRT and ONNX Runtime's libraries for them, or build where they are",
};

/** WebGPU asks more of a driver than Vulkan does: Mesa 22.3's lavapipe is one that starts for nothing but Vulkan. */
const NEWER_DRIVER = 'install a newer Vulkan driver; docs/devices.md has those that were tried';

function notBuiltHere({
  name,
  runs,
  needs,
  found,
  fix,
}: {
  readonly name: string;
  readonly runs: Provider;
  readonly needs: string;
  readonly found: string;
  readonly fix?: string;
}): Failure {
  if (runs === 'cpu') throw new Error(`internal error: the target ${name} is for the CPU, which needs no device`);
  return environmentFailure(NOT_BUILT_HERE, `not built here: needs ${needs}`, {
    where: `targets.${name}`,
    expected: `a device that ONNX Runtime's ${runs} provider runs on`,
    found,
    fix: `${fix ?? PROVIDER_FIXES[runs]}; or let it be missing: --allow-missing-hardware`,
  });
}

/** Names of NVIDIA's GPUs, of one compute capability where it is given. */
async function cudaNames(gpu: string | undefined): Promise<string[]> {
  const lines = await linesOf('nvidia-smi', ['--query-gpu=name,compute_cap', '--format=csv,noheader']);
  return lines.flatMap(line => {
    const [, name, major, minor] = /^(.+), (\d+)\.(\d+)$/.exec(line.trim()) ?? [];
    const architecture = `sm_${major}${minor}`;
    return name === undefined || (gpu !== undefined && gpu !== architecture) ? [] : [`${architecture} ${name}`];
  });
}

/** ONNX Runtime does not say which GPU it took; Vulkan's own tool, where it is installed, names all of them with their drivers. */
async function vulkanNames(): Promise<string[]> {
  const lines = await linesOf('vulkaninfo', ['--summary']);
  const values = (field: string): string[] =>
    lines.flatMap(line => new RegExp(`^\\s*${field}\\s*= (.+?)\\s*$`).exec(line)?.[1] ?? []);
  const drivers = values('driverInfo');
  return values('deviceName').map((name, index) => (drivers[index] ? `${name}, ${drivers[index]}` : name));
}

/** No lines where there is no such program. */
const linesOf = (program: string, args: readonly string[]): Promise<string[]> =>
  promisify(execFile)(program, [...args], { timeout: 10_000 }).then(
    ({ stdout }) => stdout.split('\n'),
    () => [],
  );

function knownIn(path: string): Readonly<Record<string, string>> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, string>>;
  } catch {
    return undefined;
  }
}
