import { compareVersions, type TensorRtVersion, version } from './version.js';

/** First release that has a flag, and the first that has it no more. */
type Lifetime = readonly [from: TensorRtVersion, until?: TensorRtVersion];

const ALWAYS: Lifetime = [version(0, 0)];
/** Precision by flags ended with 11: there it is written in the network alone. */
const UNTIL_11: Lifetime = [version(0, 0), version(11, 0)];

/**
 * Every flag of trtexec that is ever passed, with the releases that know it; an unknown one ends trtexec with exit code 1.
 * Source: the string tables of samples/common/sampleOptions.cpp in NVIDIA/TensorRT at the release tags 8.6.1 to 11.1. `never passed
 * again` marks what newer releases still parse, with a warning, because it has become their default.
 */
const LIFETIMES = {
  onnx: ALWAYS,
  saveEngine: ALWAYS,
  loadEngine: ALWAYS,
  minShapes: ALWAYS,
  optShapes: ALWAYS,
  maxShapes: ALWAYS,
  shapes: ALWAYS,
  profile: [version(9, 1)],
  useProfile: [version(9, 1)],
  memPoolSize: ALWAYS,
  timingCacheFile: ALWAYS,
  errorOnTimingCacheMiss: [version(9, 1)],
  builderOptimizationLevel: ALWAYS,
  maxAuxStreams: ALWAYS,
  tilingOptimizationLevel: [version(10, 8)],
  hardwareCompatibilityLevel: ALWAYS,
  versionCompatible: ALWAYS,
  excludeLeanRuntime: ALWAYS,
  stripWeights: [version(10, 0)],
  refit: ALWAYS,
  refitFromOnnx: [version(10, 14)],
  sparsity: ALWAYS,
  dynamicPlugins: ALWAYS,
  setPluginsToSerialize: ALWAYS,
  profilingVerbosity: ALWAYS,
  skipInference: ALWAYS,
  exportLayerInfo: ALWAYS,
  noTF32: ALWAYS,
  // Never passed again from 11 on, where every network is strongly typed.
  stronglyTyped: [version(9, 1), version(11, 0)],
  fp16: UNTIL_11,
  bf16: [version(9, 1), version(11, 0)],
  int8: UNTIL_11,
  fp8: UNTIL_11,
  precisionConstraints: UNTIL_11,
  layerPrecisions: UNTIL_11,
  loadInputs: ALWAYS,
  exportOutput: ALWAYS,
  exportTimes: ALWAYS,
  warmUp: ALWAYS,
  duration: ALWAYS,
  iterations: ALWAYS,
  // Never passed again from 11 on: they are what it does by default, and the next two undo it.
  useCudaGraph: UNTIL_11,
  noDataTransfers: UNTIL_11,
  useSpinWait: UNTIL_11,
  noCudaGraph: [version(11, 0)],
  includeDataTransfers: [version(11, 0)],
} as const satisfies Readonly<Record<string, Lifetime>>;

export type Flag = keyof typeof LIFETIMES;

export const FLAGS = Object.keys(LIFETIMES) as readonly Flag[];

export function hasFlag(of: TensorRtVersion, flag: Flag): boolean {
  const [from, until]: Lifetime = LIFETIMES[flag];
  return compareVersions(of, from) >= 0 && (until === undefined || compareVersions(of, until) < 0);
}

/** 'TensorRT 9.1 or later', 'TensorRT before 11.0': for messages. */
export function lifetimeText(flag: Flag): string {
  const [from, until]: Lifetime = LIFETIMES[flag];
  const first = from.major === 0 ? undefined : `${from.major}.${from.minor}`;
  if (until === undefined) return first === undefined ? 'any TensorRT' : `TensorRT ${first} or later`;
  const last = `before ${until.major}.${until.minor}`;
  return first === undefined ? `TensorRT ${last}` : `TensorRT ${first} or later, ${last}`;
}
