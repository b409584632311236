import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus } from 'node:os';

const require = createRequire(import.meta.url);

/** Version of an installed package, without loading it. */
export function packageVersion(name: string): string {
  // Some packages do not export their package.json, so it is looked for along the folders that Node would search.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (
        JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as {
          version: string;
        }
      ).version;
    } catch {
      // Not in this folder: the next one.
    }
  }
  throw new Error(`internal error: package '${name}' is not installed`);
}

/** Version of this package. */
export function packageVersionOfThis(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}

/**
 * What decides how ONNX Runtime's CPU kernels round and saturate: the architecture and its integer instructions.
 * Two machines with the same text give the same verdict.
 */
export function cpuArithmetic(): string {
  let flags: ReadonlySet<string> = new Set();
  try {
    const line = readFileSync('/proc/cpuinfo', 'utf8').match(/^(?:flags|Features)\s*:\s*(.*)$/m)?.[1] ?? '';
    flags = new Set(line.split(/\s+/));
  } catch {
    // Not Linux: the architecture alone has to do.
  }
  const known = ['amx_int8', 'avx512_vnni', 'avx_vnni', 'avx512f', 'avx2', 'i8mm', 'asimddp'];
  return [arch(), ...known.filter(flag => flags.has(flag))].join(' ');
}

/**
 * Whether products of u8 and s8 may saturate on such a processor: x86 adds two of them in 16 bits where it has no VNNI. Then weights
 * have 7 bits.
 */
export const saturatesProducts = (arithmetic: string): boolean =>
  arithmetic.split(' ')[0] === 'x64' && !/vnni|amx_int8/.test(arithmetic);

/** What a measurement depends on: kept in the key of benchmarks, so that another machine measures anew. */
export function machineClass(): string {
  const all = cpus();
  return `${all[0]?.model.trim() ?? 'unknown CPU'} x ${all.length}`;
}
