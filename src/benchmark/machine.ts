import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { onnxruntimeVersion } from '../runtime/session.js';

/** What a measurement depends on and a reader cannot see. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Of the instruction sets that matrix kernels use, those that the CPU has. */
  readonly instructionSets: readonly string[];
  readonly memoryBytes: number;
  /** Linux's frequency governor, where it can be read: 'performance' is the steady one. */
  readonly governor?: string;
  readonly system: string;
  readonly node: string;
  readonly onnxruntime: string;
  /** Of engines: what they ran on, which may be in another machine. */
  readonly gpu?: string;
  readonly tensorrt?: string;
  readonly cuda?: string;
  /** Mean number of running processes in the minute before the measurement. */
  readonly loadAverage: number;
}

const INSTRUCTION_SETS = [
  'avx2',
  'fma',
  'avx512f',
  'avx512_vnni',
  'avx_vnni',
  'avx512_bf16',
  'amx_int8',
  'amx_bf16',
  'asimddp',
  'i8mm',
  'sve',
];

/** More running processes than this share of the cores, and the figures are not to be trusted. */
const BUSY = 0.5;

export function describeMachine(): Machine {
  const governor = textOf('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor').trim();
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(textOf('/proc/cpuinfo'))?.[1]?.split(/\s+/));
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    instructionSets: INSTRUCTION_SETS.filter(name => flags.has(name)),
    memoryBytes: totalmem(),
    ...(governor === '' ? {} : { governor }),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    onnxruntime: onnxruntimeVersion(),
    loadAverage: Number(loadavg()[0]!.toFixed(2)),
  };
}

/** Why a reader should doubt figures from this machine. */
export function warningsFor({ loadAverage, cores, governor }: Machine): string[] {
  const warnings: string[] = [];
  if (loadAverage > BUSY * cores) {
    warnings.push(`${loadAverage} processes ran on ${cores} cores in the minute before: figures may be too slow`);
  }
  if (governor !== undefined && governor !== 'performance') {
    warnings.push(`the CPU's governor is '${governor}': the clock changes with the load`);
  }
  return warnings;
}

/** '' where there is no such file: another system than Linux, or a container that hides it. */
const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
