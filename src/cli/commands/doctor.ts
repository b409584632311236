import { access, constants, statfs } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cpuArithmetic, packageVersion, packageVersionOfThis } from '../../plan/tools.js';
import { formatBytes } from '../../util/format.js';
import { ok } from '../../util/result.js';
import { CONFIG_OPTION, type Command } from '../command.js';
import { type Finding, findEngines } from '../find-engines.js';
import { cacheDirectory } from '../project.js';

export const command: Command = {
  name: 'doctor',
  usage: '[OPTIONS]',
  summary: 'Tells what this machine has, what it lacks, and what follows.',
  options: { ...CONFIG_OPTION, json: { type: 'boolean', help: 'as JSON on stdout' } },
  async run(given, context) {
    const findings: Finding[] = [
      node(),
      { name: 'transformer-deploy', found: packageVersionOfThis() },
      await onnxruntime(),
      await kernels(),
      cpu(),
      await cache(await cacheDirectory(given, context)),
      await program(
        'protoc',
        'td verify then checks Triton configs with our own parser alone',
        'apt-get install protobuf-compiler',
      ),
      await program(
        'python3',
        'the Triton tokenizer model cannot be tried here; builds need no Python',
        'apt-get install python3-numpy',
      ),
      ...(await findEngines(given, context)),
    ];
    if (given.flag('json')) {
      context.print(`${JSON.stringify(findings, null, 2)}\n`);
    } else {
      const width = Math.max(...findings.map(({ name }) => name.length));
      for (const { name, found, lacks } of findings) {
        context.print(`${lacks ? '-' : '+'} ${name.padEnd(width)}  ${found}\n`);
        if (lacks) context.print(`  ${''.padEnd(width)}  ${lacks}\n`);
      }
    }
    return ok(findings.some(({ fatal }) => fatal) ? 3 : 0);
  },
};

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const supported = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'Node.js',
    found: process.version,
    ...(supported ? {} : { lacks: 'Node.js 20.19 or later is needed', fatal: true }),
  };
}

/** Loads the real library: a package that is there but does not load is the common trouble. */
async function onnxruntime(): Promise<Finding> {
  const name = 'ONNX Runtime';
  try {
    const { listSupportedBackends } = await import('onnxruntime-node');
    const backends = listSupportedBackends().map(backend => backend.name);
    return { name, found: `${packageVersion('onnxruntime-node')}, providers: ${backends.join(', ')}` };
  } catch (error) {
    return { name, found: 'does not load', lacks: (error as Error).message.split('\n')[0]!, fatal: true };
  }
}

async function kernels(): Promise<Finding> {
  const { kernelsInUse } = await import('../../kernels/index.js');
  const { implementation, reason, isa } = kernelsInUse();
  return implementation === 'native'
    ? { name: 'kernels', found: `native${isa ? ` (${isa})` : ''}` }
    : {
        name: 'kernels',
        found: 'TypeScript',
        lacks: `${reason ?? 'the native addon is not built'}; the bytes are the same, only slower`,
      };
}

function cpu(): Finding {
  const arithmetic = cpuArithmetic();
  const integer = /vnni|amx|i8mm|asimddp/.test(arithmetic);
  return {
    name: 'CPU',
    found: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'} (${arithmetic}), ${formatBytes(totalmem())}`,
    ...(integer ? {} : { lacks: 'no integer dot product instructions: int8 may be no faster than fp32 here' }),
  };
}

async function cache(directory: string): Promise<Finding> {
  let existing = directory;
  while (
    !(await access(existing).then(
      () => true,
      () => false,
    )) &&
    dirname(existing) !== existing
  )
    existing = dirname(existing);
  const writable = await access(existing, constants.W_OK).then(
    () => true,
    () => false,
  );
  const space = await statfs(existing);
  const found = `${directory}, ${formatBytes(space.bavail * space.bsize)} free`;
  return {
    name: 'cache',
    found,
    ...(writable ? {} : { lacks: `${existing} is not writable: nothing will be cached` }),
  };
}

async function program(name: string, without: string, fix: string): Promise<Finding> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return { name, found: path };
  }
  return { name, found: 'not found', lacks: `${without}; ${fix}` };
}
