import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/load.js';
import { findTrtexec, programsHere } from '../tensorrt/find.js';
import { probeGpus, probeTensorRt, probeToolchain, toolsOf } from '../tensorrt/probe.js';
import { reachText } from '../tensorrt/reach.js';
import { versionText } from '../tensorrt/version.js';
import type { Failure } from '../util/failure.js';
import type { Arguments } from './arguments.js';
import type { CommandContext } from './command.js';
import { findDevice } from './device-machines.js';

/** One thing that was looked at. `lacks` says what does not work without it, and the fix. */
export interface Finding {
  readonly name: string;
  readonly found: string;
  readonly lacks?: string;
  /** Nothing can be built without it: exit code 3. */
  readonly fatal?: boolean;
}

/** TensorRT and GPUs of this machine, and what each target with engines would use. */
export async function findEngines(
  given: Arguments,
  context: Pick<CommandContext, 'cwd' | 'signal'>,
): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'td-doctor-'));
  const options = { folder, signal: context.signal };
  const lacking = (name: string, { code, message, fix }: Failure, what: string): Finding => ({
    name,
    found: `${code}: ${message}`,
    lacks: fix === undefined ? what : `${what}; ${fix}`,
  });
  try {
    const findings: Finding[] = [];
    const here = findTrtexec({});
    const banner = here.ok ? await probeTensorRt(here.value, options) : here;
    findings.push(
      banner.ok
        ? { name: 'TensorRT', found: versionText(banner.value.version) + (here.ok ? `, ${reachText(here.value)}` : '') }
        : lacking('TensorRT', banner.error, 'engines cannot be built on this machine itself'),
    );
    const gpus = await probeGpus(programsHere(), options);
    findings.push(
      gpus.ok
        ? { name: 'GPU', found: gpus.value.gpus.map(gpu => `${gpu.name} (${gpu.architecture})`).join(', ') }
        : lacking('GPU', gpus.error, 'nothing can run on a GPU here'),
    );
    const config = given.text('config');
    const loaded = await loadConfig({ cwd: context.cwd, ...(config === undefined ? {} : { path: config }) });
    findings.push(await webgpu());
    for (const target of loaded.ok ? Object.values(loaded.value.resolved.targets) : []) {
      if (target.engine === 'onnxruntime') {
        if (target.device === 'cpu') continue;
        const { tools, lacks } = await findDevice(target);
        const found = `target ${target.name}`;
        findings.push(
          lacks
            ? {
                name: found,
                found: lacks.found ?? lacks.message,
                lacks: `its models cannot be validated here; ${lacks.fix}`,
              }
            : { name: found, found: `${target.provider ?? target.device}: ${tools.device}` },
        );
        continue;
      }
      const name = `target ${target.name}`;
      const reach = findTrtexec(target);
      const toolchain = reach.ok ? await probeToolchain(reach.value, target.gpu, options) : reach;
      findings.push(
        toolchain.ok
          ? { name, found: toolsText(toolsOf(toolchain.value)) }
          : lacking(name, toolchain.error, 'its engines cannot be built from here'),
      );
    }
    return findings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
