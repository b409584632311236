import type { Failure } from '../util/failure.js';
import type { Json } from '../util/json.js';
import type { Result } from '../util/result.js';
import type { Progress } from './task.js';

/** What a worker process is asked to do: one task at a time. */
export interface RunRequest {
  /** URL of the module that exports `loadStage`. */
  readonly registry: string;
  readonly stage: string;
  readonly params: Json;
  readonly hints?: Json;
  readonly in: Readonly<Record<string, string>>;
  readonly out: Readonly<Record<string, string>>;
  readonly scratch: string;
}

export type WorkerMessage =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly result: Result<void, Failure>; readonly usage: Usage };

export interface Usage {
  readonly milliseconds: number;
  /** User and system time of the process during the task. */
  readonly cpuMilliseconds: number;
  /** Highest resident size during the task. */
  readonly peakMemoryMiB: number;
  /** Resident size after it. */
  readonly residentMiB: number;
}
