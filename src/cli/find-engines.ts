import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/load.js';
import type { EngineTarget } from '../plan/engine-tasks.js';
import { findContainerEngine, findTrtexec, programsHere } from '../tensorrt/find.js';
import {
  type ProbeOptions,
  probeContainerEngine,
  probeGpus,
  probeTensorRt,
  probeToolchain,
  startsOnGpu,
  toolsOf,
} from '../tensorrt/probe.js';
import { reachText } from '../tensorrt/reach.js';
import { versionText } from '../tensorrt/version.js';
import type { Failure } from '../util/failure.js';
import type { Arguments } from './arguments.js';
import type { CommandContext } from './command.js';
import { type DeviceTarget, findDevice } from './device-machines.js';

/** One thing that was looked at. `lacks` says what does not work without it, and the fix. */
export interface Finding {
  readonly name: string;
  readonly found: string;
  readonly lacks?: string;
  /** Nothing can be built without it: exit code 3. */
  readonly fatal?: boolean;
}

/** TensorRT, GPUs and containers of this machine, and what each target with engines would use. */
export async function findEngines(
  given: Arguments,
  context: Pick<CommandContext, 'cwd' | 'signal'>,
): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'td-doctor-'));
  const options = { folder, signal: context.signal };
  try {
    const config = given.text('config');
    const loaded = await loadConfig({ cwd: context.cwd, ...(config === undefined ? {} : { path: config }) });
    const targets = loaded.ok ? Object.values(loaded.value.resolved.targets) : [];
    const findings = [await tensorRt(options), await gpu(options), await containers(options), await webgpu()];
    // Without a config there is nothing to look at; one that does not load is worth a line.
    if (!loaded.ok && loaded.error.code !== 'config-not-found') findings.push(unreadConfig(loaded.error));
    for (const target of targets) {
      if (target.engine === 'tensorrt') findings.push(await engineTarget(target, options));
      else if (target.device !== 'cpu') findings.push(await deviceTarget(target));
    }
    return findings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lacking(name: string, { code, message, found, fix }: Failure, what: string): Finding {
  return {
    name,
    found: `${code}: ${message}${found === undefined ? '' : `: ${found}`}`,
    lacks: fix === undefined ? what : `${what}; ${fix}`,
  };
}

const unreadConfig = ({ code, message, where }: Failure): Finding => ({
  name: 'config',
  found: `${code}: ${message}${where === undefined ? '' : ` (${where})`}`,
  lacks: 'its targets were not looked at; td plan tells everything that is wrong with it',
});

async function tensorRt(options: ProbeOptions): Promise<Finding> {
  const name = 'TensorRT';
  const reach = findTrtexec({});
  const what = 'engines cannot be built on this machine itself';
  if (!reach.ok) return lacking(name, reach.error, what);
  const banner = await probeTensorRt(reach.value, options);
  if (!banner.ok) return lacking(name, banner.error, what);
  return { name, found: `${versionText(banner.value.version)}, ${reachText(reach.value)}` };
}

async function gpu(options: ProbeOptions): Promise<Finding> {
  const name = 'GPU';
  const found = await probeGpus(programsHere(), options);
  if (!found.ok) return lacking(name, found.error, 'nothing can run on a GPU here');
  const { gpus, cuda } = found.value;
  const names = gpus.map(each => `${each.name} (${each.architecture})`).join(', ');
  return { name, found: `${names}, driver ${gpus[0]!.driver}, CUDA ${cuda}` };
}

/** Whether images could be used, with or without a target that does. */
async function containers(options: ProbeOptions): Promise<Finding> {
  const name = 'containers';
  const found = findContainerEngine();
  const what = 'engines cannot be built in an image';
  if (!found.ok) return lacking(name, found.error, what);
  const version = await probeContainerEngine(found.value, options);
  return version.ok ? { name, found: `${version.value}, ${found.value.engine}` } : lacking(name, version.error, what);
}

async function engineTarget(target: EngineTarget, options: ProbeOptions): Promise<Finding> {
  const name = `target ${target.name}`;
  const what = 'its engines cannot be built from here';
  const reach = findTrtexec(target);
  if (!reach.ok) return lacking(name, reach.error, what);
  const toolchain = await probeToolchain(reach.value, target.gpu, options);
  if (!toolchain.ok) return lacking(name, toolchain.error, what);
  const starts = await startsOnGpu(reach.value, toolchain.value.gpu, options);
  if (!starts.ok) return lacking(name, starts.error, what);
  return { name, found: toolsText(toolsOf(toolchain.value)) };
}

async function deviceTarget(target: DeviceTarget): Promise<Finding> {
  const name = `target ${target.name}`;
  const { tools, lacks } = await findDevice(target);
  if (!lacks) return { name, found: `${target.device}: ${tools.device}` };
  return { name, found: lacks.found ?? lacks.message, lacks: `its models cannot be validated here; ${lacks.fix}` };
}

/** WebGPU comes with ONNX Runtime: a driver is all that may be missing. */
async function webgpu(): Promise<Finding> {
  const { tools, lacks } = await findDevice({
    name: 'webgpu',
    engine: 'onnxruntime',
    device: 'webgpu',
    precisions: [],
  });
  return lacks
    ? { name: 'WebGPU', found: lacks.found ?? lacks.message, lacks: 'targets for webgpu cannot be validated here' }
    : { name: 'WebGPU', found: tools.device ?? 'starts' };
}

const toolsText = (tools: Readonly<Record<string, string>>): string =>
  Object.entries(tools)
    .map(([tool, version]) => `${tool} ${version}`)
    .join(', ');
