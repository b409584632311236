import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { environmentFailure, type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { absmax, countNonFinite } from './absmax.js';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './convert.js';
import { copyFileRange, mapFile, unmapFile } from './files.js';
import { histogram, summarize } from './histogram.js';
import type { Kernels } from './kernels.js';
import { quantizeBlocks } from './quantize-blocks.js';
import { quantizeInt8 } from './quantize-int8.js';
import { transpose } from './transpose.js';

export type { BlockForm, FloatFormat, Kernels } from './kernels.js';
export { blockCount, zeroPointBytes } from './quantize-blocks.js';
export { int8Limit, int8Scales } from './quantize-int8.js';

export interface NativeKernels extends Kernels {
  /** Instruction set in use: 'baseline', 'avx2' or 'avx512'. */
  isa(): string;
  /** For tests: all of them give the same bits. Throws a RangeError for what the processor lacks. */
  selectIsa(name: string): void;
}

export const typescriptKernels: Kernels = {
  mapFile,
  unmapFile,
  copyFileRange,
  transpose,
  float32ToFloat16,
  float32ToBfloat16,
  float16ToFloat32,
  bfloat16ToFloat32,
  absmax,
  countNonFinite,
  summarize,
  histogram,
  quantizeInt8,
  quantizeBlocks,
};

export interface KernelsInUse {
  readonly implementation: 'native' | 'typescript';
  /** Why not native. */
  readonly reason?: string;
  /** Instruction set of the native kernels. */
  readonly isa?: string;
}

const ADDON = fileURLToPath(new URL('../../native/build/Release/kernels.node', import.meta.url));

/** The addon, or one sentence that says why there is none. */
export function nativeKernels(): Result<NativeKernels, string> {
  if (!existsSync(ADDON)) return fail('the native addon is not built (npm run build:native)');
  try {
    return ok(createRequire(import.meta.url)(ADDON) as NativeKernels);
  } catch (error) {
    return fail(`the native addon does not load: ${(error as Error).message}`);
  }
}

/** `TD_KERNELS=native` or `TD_KERNELS=typescript` forces one; else native where it is built. */
export function chooseKernels(
  forced: string | undefined = process.env.TD_KERNELS,
  native: () => Result<NativeKernels, string> = nativeKernels,
): Result<KernelsInUse & { readonly kernels: Kernels }, Failure> {
  if (forced === 'typescript') {
    return ok({ kernels: typescriptKernels, implementation: 'typescript', reason: 'TD_KERNELS=typescript' });
  }
  if (forced !== undefined && forced !== '' && forced !== 'native') {
    return fail(
      usageFailure('kernels-unknown', 'TD_KERNELS names no implementation', {
        where: 'environment variable TD_KERNELS',
        expected: 'native or typescript',
        found: forced,
        fix: 'unset TD_KERNELS',
      }),
    );
  }
  const loaded = native();
  if (loaded.ok) return ok({ kernels: loaded.value, implementation: 'native', isa: loaded.value.isa() });
  if (forced !== 'native') {
    return ok({ kernels: typescriptKernels, implementation: 'typescript', reason: loaded.error });
  }
  return fail(
    environmentFailure('kernels-missing', 'TD_KERNELS=native, and there are no native kernels', {
      where: 'environment variable TD_KERNELS',
      found: loaded.error,
      fix: 'install a C++20 compiler and python3 and run npm run build:native, or unset TD_KERNELS',
    }),
  );
}

let chosen: ReturnType<typeof chooseKernels> | undefined;

/** The kernels of this process, chosen at the first call. */
export function kernels(): Kernels {
  chosen ??= chooseKernels();
  // Only who sets TD_KERNELS meets this, and the command line asks kernelsInUse() before any work.
  if (!chosen.ok) throw new Error(`${chosen.error.message}: ${chosen.error.found}; ${chosen.error.fix}`);
  return chosen.value.kernels;
}

/** What `kernels()` gives, for `td doctor`. With `failure`, it throws. */
export function kernelsInUse(): KernelsInUse & { readonly failure?: Failure } {
  chosen ??= chooseKernels();
  if (!chosen.ok) return { implementation: 'native', reason: chosen.error.message, failure: chosen.error };
  const { kernels: _, ...inUse } = chosen.value;
  return inUse;
}
