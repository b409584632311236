import type { Machine } from './machine.js';
import type { PeakMemory } from './peak-memory.js';
import type { RunSettings } from './runner.js';
import type { Speedup, Summary } from './statistics.js';
import type { Shape } from './workload.js';

/** benchmark.json of one artefact. */
export interface Benchmark {
  readonly schema: 'transformer-deploy/benchmark/1';
  readonly artefact: string;
  readonly target: string;
  readonly precision: string;
  readonly machine: Machine;
  /** Reasons to doubt the figures. */
  readonly warnings: readonly string[];
  readonly settings: BenchmarkSettings;
  /** At the largest shape; absent for engines, whose memory is the GPU's. */
  readonly peakMemory?: PeakMemory & Shape;
  readonly results: readonly ShapeResult[];
}

export interface BenchmarkSettings extends RunSettings {
  readonly threads: number;
  /** Where the texts came from: the user's data, or words of the tokenizer's vocabulary; of an engine only the shapes matter. */
  readonly texts: 'data' | 'vocabulary' | 'none';
  /** The artefacts that ran in the same rounds. */
  readonly interleaved: readonly string[];
}

export interface ShapeResult extends Shape {
  readonly runs: number;
  readonly warmupRuns: number;
  readonly milliseconds: Summary;
  readonly throughput: {
    readonly textsPerSecond: number;
    /** Padding included. */
    readonly tokensPerSecond: number;
  };
  /** Of models that generate: what follows the prompts, whose reading the figures above are about. */
  readonly decoding?: DecodingResult;
  /** Against the fp32 artefact of the same target, or of another one; absent for that one itself and when there is none. */
  readonly speedup?: Speedup & { readonly over: string };
}

/** Tokens that are generated one after another, each from the cache of those before, for all rows of a batch at once. */
export interface DecodingResult {
  /** Tokens of each row in one run. */
  readonly tokens: number;
  readonly runs: number;
  /** For one token of every row. */
  readonly millisecondsPerToken: Summary;
  /** Of all rows together. */
  readonly tokensPerSecond: number;
  readonly speedup?: Speedup & { readonly over: string };
}
