/** What a server tells of itself and its models: the protocol's own names, the same over HTTP and gRPC. */

export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  /** -1: any size. With batching by the server, the batch dimension is the first. */
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

export interface RepositoryEntry {
  readonly name: string;
  readonly version: string;
  /** READY, UNAVAILABLE, LOADING, UNLOADING or UNKNOWN. */
  readonly state: string;
  readonly reason: string;
}

/** How often, and how long in total. */
export interface StatisticDuration {
  readonly count: number;
  readonly ns: number;
}

export const INFERENCE_DURATIONS = [
  'success',
  'fail',
  'queue',
  'compute_input',
  'compute_infer',
  'compute_output',
  'cache_hit',
  'cache_miss',
] as const;
export type InferenceDuration = (typeof INFERENCE_DURATIONS)[number];

export interface BatchStatistics {
  readonly batch_size: number;
  readonly compute_input: StatisticDuration;
  readonly compute_infer: StatisticDuration;
  readonly compute_output: StatisticDuration;
}

/** Since the model was loaded. */
export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** Milliseconds since 1970; 0: none yet. */
  readonly last_inference: number;
  /** Requests times their batch. */
  readonly inference_count: number;
  readonly execution_count: number;
  readonly inference_stats: Readonly<Record<InferenceDuration, StatisticDuration>>;
  readonly batch_stats: readonly BatchStatistics[];
}
