import { copyFileSync, existsSync, statSync } from 'node:fs';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Log } from './log.js';

/** What trtexec knows of the speed of kernels. It reads and writes one file, so it gets a copy. */
export interface TimingCache {
  readonly file: string;
  /** Decides which kernels are taken: one that is not in it fails the build. */
  readonly pinned: boolean;
}

/** Nothing where this is the first build that uses it. */
export function placeTimingCache({ file }: TimingCache, to: string): void {
  if (existsSync(file)) copyFileSync(file, to);
}

/** What TensorRT says when it was given a cache and goes on without. */
const NOT_USED = /Local timing cache in use|Detected invalid timing cache/;

/**
 * Whether a build took its kernels from the pinned cache. Releases differ in what they say of one that they do not take, and of a kernel that is
 * not in it, 8.6 nothing at all; but each writes the cache with what it has timed. `left`: the cache after the build. Failures:
 * 'timing-cache-stale', 'timing-cache-miss'.
 */
export function checkPinned({ file, pinned }: TimingCache, left: string, log: Log): Result<void, Failure> {
  if (!pinned) return ok(undefined);
  const ignored = log.text.split('\n').find(line => NOT_USED.test(line));
  if (ignored !== undefined) {
    return fail(
      taskFailure('timing-cache-stale', 'TensorRT does not take the pinned timing cache', {
        found: ignored.replace(/^\[[^\]]*\] /, ''),
        fix: 'remove engineOptions.timingCache, or make it anew with this release on this GPU',
      }),
    );
  }
  const [before, after] = [statSync(file).size, existsSync(left) ? statSync(left).size : 0];
  if (after <= before) return ok(undefined);
  return fail(
    taskFailure('timing-cache-miss', 'the pinned timing cache lacks kernels of this network', {
      expected: `${before} bytes, as before the build`,
      found: `${after} bytes`,
      fix: 'pin a cache that a build of this network has written, or remove engineOptions.timingCache',
    }),
  );
}
