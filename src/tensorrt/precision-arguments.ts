import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { BuildRequest } from './arguments.js';
import { hasFlag } from './flags.js';
import type { EnginePrecision } from './options.js';
import { tensorName } from './profiles.js';
import { compareVersions, type TensorRtVersion, version, versionText } from './version.js';

/** First release whose parser and kernels have a precision. TensorRT 8.6 parses --fp8, and its ONNX parser knows no such type. */
const SINCE: Readonly<Record<EnginePrecision, TensorRtVersion>> = {
  fp32: version(8, 6),
  fp16: version(8, 6),
  int8: version(8, 6),
  bf16: version(9, 1),
  fp8: version(10, 0),
  int4: version(10, 0),
};

/** Flags of weakly typed networks. int8 allows fp16 where the network beside its Q/DQ is fp16. */
function weakFlags({ precision, floats = 'fp16' }: Pick<BuildRequest, 'precision' | 'floats'>): readonly string[] {
  if (precision === 'fp16') return ['--fp16'];
  if (precision !== 'int8') return [];
  return floats === 'fp16' ? ['--int8', '--fp16'] : ['--int8'];
}

/**
 * How a release is told the precision. From 11 on every network is typed as its ONNX says, and no flag exists; 9.1 to 10.16
 * do the same on demand; before that, precisions are allowed by flags, and layers that must not follow are named one by one.
 */
export function precisionArguments(
  request: Pick<BuildRequest, 'version' | 'precision' | 'floats' | 'layerPrecisions' | 'options'>,
): Result<readonly string[], Failure> {
  const { version: of, precision, layerPrecisions = {}, options } = request;
  const limit = precisionLimit(of, precision);
  if (limit) return fail(limit);
  const exact = precision === 'fp32' && !options.tf32 ? ['--noTF32'] : [];
  if (of.major >= 11) return ok(exact);
  if (hasFlag(of, 'stronglyTyped')) return ok(['--stronglyTyped', ...exact]);
  const layers = Object.entries(layerPrecisions).map(([name, kept]) => `${tensorName(name)}:${kept}`);
  return ok([
    ...weakFlags(request),
    ...exact,
    ...(layers.length > 0 ? ['--precisionConstraints=obey', `--layerPrecisions=${layers.join(',')}`] : []),
  ]);
}

/** What keeps a release from building a precision at all. Failure: 'precision-unsupported'. */
export const precisionLimit = (of: TensorRtVersion, precision: EnginePrecision): Failure | undefined =>
  compareVersions(of, SINCE[precision]) < 0 ? precisionUnsupported(of, precision) : undefined;

const precisionUnsupported = (of: TensorRtVersion, precision: EnginePrecision): Failure =>
  usageFailure('precision-unsupported', `this TensorRT does not build ${precision}`, {
    expected: `TensorRT ${SINCE[precision].major}.${SINCE[precision].minor} or later for ${precision}`,
    found: `TensorRT ${versionText(of)}`,
    fix: 'use another precision, or an image with a newer release',
  });
