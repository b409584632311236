import type { Mix } from './mix.js';

export const CHOICE_SCHEMA = 'transformer-deploy/choice/1';

/** choice.json: what 'auto' became, and everything that it was chosen from. */
export interface Choice {
  readonly schema: typeof CHOICE_SCHEMA;
  /** 'intents/cpu/auto'. */
  readonly artefact: string;
  readonly mix: Mix;
  readonly machine: MeasuringMachine;
  /** What `milliseconds` of the candidates are of, in their order: '1 x 16', '1 x 16, per token'. */
  readonly points: readonly string[];
  /** In the order in which they were tried; fp32 is the first. */
  readonly candidates: readonly Candidate[];
  /** Precisions that were not tried, and why. */
  readonly untried: readonly { readonly precision: string; readonly reason: string }[];
}

export interface MeasuringMachine {
  readonly cpu: string;
  readonly cores: number;
  readonly onnxruntime: string;
  /** Threads of the sessions that were measured, where a mix does not say otherwise. */
  readonly threads: number;
}

export interface Candidate extends Measures {
  readonly mix: Mix;
  /** 'chosen', or why it was not. */
  readonly verdict: string;
  /** Medians, for each point. */
  readonly milliseconds: readonly number[];
  /** Geometric mean over the points of the time against that of fp32 in the same rounds: 0.5 is twice as fast. */
  readonly ratio: number;
}

/** What was found of a mix besides its speed. */
export interface Measures {
  /** Of the model files. */
  readonly bytes: number;
  /** Largest relative difference of an output. */
  readonly difference: number;
  readonly metric?: string;
  /** By which the metric is worse than that of the export. */
  readonly drop?: number;
}
