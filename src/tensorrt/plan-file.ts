import { open, stat } from 'node:fs/promises';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type TensorRtVersion, versionText } from './version.js';

/** What can be told of an engine file without a GPU. */
export interface PlanFile {
  readonly bytes: number;
  readonly version: TensorRtVersion;
  readonly build: number;
}

/** 'ftrt'. */
const TAG = 0x74727466;
const HEADER_BYTES = 28;
/** major, minor, patch, build: a byte each. */
const VERSION_OFFSET = 24;

/**
 * Reads the header of an engine, as `trtexec --getPlanVersionOnly` does (samples/common/sampleEngines.cpp, printPlanVersion).
 * Failures: 'plan-missing', 'plan-empty', 'plan-corrupt'.
 */
export async function readPlanFile(path: string): Promise<Result<PlanFile, Failure>> {
  const size = await stat(path).then(
    stats => stats.size,
    () => undefined,
  );
  if (size === undefined) return fail(broken('plan-missing', 'trtexec wrote no engine', 'an engine file', 'none'));
  if (size === 0) return fail(broken('plan-empty', 'the engine file is empty', 'an engine', '0 bytes'));
  const header = Buffer.alloc(HEADER_BYTES);
  const file = await open(path);
  try {
    await file.read(header, 0, HEADER_BYTES, 0);
  } finally {
    await file.close();
  }
  if (size < HEADER_BYTES || header.readUInt32LE(0) !== TAG || header.readUInt32LE(4) !== 0) {
    const found = `${size} bytes, beginning with ${header.subarray(0, Math.min(8, size)).toString('hex')}`;
    return fail(broken('plan-corrupt', 'the file is no engine of TensorRT', "the tag 'ftrt' and format 0", found));
  }
  const [major, minor, patch, build] = header.subarray(VERSION_OFFSET) as Iterable<number> as [
    number,
    number,
    number,
    number,
  ];
  return ok({ bytes: size, version: { major, minor, patch }, build });
}

/** An engine of the release that built it; else 'plan-version'. */
export function checkPlanVersion(plan: PlanFile, built: TensorRtVersion): Result<PlanFile, Failure> {
  if (versionText(plan.version) === versionText(built)) return ok(plan);
  return fail(
    taskFailure('plan-version', 'the engine file is of another release than the trtexec that ran', {
      expected: `TensorRT ${versionText(built)}`,
      found: `TensorRT ${versionText(plan.version)}`,
      fix: 'see that trtexec and the libraries it loads are of one release',
    }),
  );
}

const broken = (code: string, message: string, expected: string, found: string): Failure =>
  taskFailure(code, message, { expected, found, fix: 'build again; if it stays so, look at the log' });
