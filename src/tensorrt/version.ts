/** A release of TensorRT. Engines fit one release. */
export interface TensorRtVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

export const version = (major: number, minor: number, patch = 0): TensorRtVersion => ({ major, minor, patch });

export const versionText = ({ major, minor, patch }: TensorRtVersion): string => `${major}.${minor}.${patch}`;

/** Negative: `a` is older. */
export const compareVersions = (a: TensorRtVersion, b: TensorRtVersion): number =>
  a.major - b.major || a.minor - b.minor || a.patch - b.patch;

/** '10.3' or '10.3.0'; undefined for anything else. */
export function parseVersion(text: string): TensorRtVersion | undefined {
  const [, major, minor, patch = '0'] = /^(\d+)\.(\d+)(?:\.(\d+))?(?:\.\d+)?$/.exec(text) ?? [];
  return major === undefined ? undefined : version(Number(major), Number(minor), Number(patch));
}

/** What the first line of trtexec says of itself. */
export interface Banner {
  readonly version: TensorRtVersion;
  /** The number behind the release, since about 10.5. */
  readonly build?: number;
}

const BANNER = /^&&&& RUNNING TensorRT\.trtexec \[TensorRT v(\d+)\](?: \[b(\d+)\])?/m;

/**
 * Reads `&&&& RUNNING TensorRT.trtexec [TensorRT v101602] [b10] # ...` wherever it stands in a log. Up to 8.6 the number is
 * major · 1000 + minor · 100 + patch, from 10 on it is major · 10000 + minor · 100 + patch.
 */
export function bannerOf(log: string): Banner | undefined {
  const [, digits, build] = BANNER.exec(log) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  const major = number < 10_000 ? Math.floor(number / 1000) : Math.floor(number / 10_000);
  const rest = number - major * (number < 10_000 ? 1000 : 10_000);
  return {
    version: version(major, Math.floor(rest / 100), rest % 100),
    ...(build === undefined ? {} : { build: Number(build) }),
  };
}
