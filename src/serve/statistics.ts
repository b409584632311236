/** How often, and how long together. Times are milliseconds here; clients see nanoseconds. */
export interface Duration {
  count: number;
  milliseconds: number;
}

/** Why a request failed, as the server's metric has it. */
export type FailureReason = 'REJECTED' | 'CANCELED' | 'BACKEND' | 'OTHER';

/** What a request, or a batch of them, spent on its way. */
export interface Spent {
  readonly queue: number;
  readonly computeInput: number;
  readonly computeInfer: number;
  readonly computeOutput: number;
}

export interface BatchStatistics {
  readonly computeInput: Duration;
  readonly computeInfer: Duration;
  readonly computeOutput: Duration;
}

const none = (): Duration => ({ count: 0, milliseconds: 0 });

function add(duration: Duration, milliseconds: number): void {
  duration.count++;
  duration.milliseconds += milliseconds;
}

/** What one version of a model has done since it was loaded: the statistics extension of the protocol. */
export class ModelStatistics {
  /** Milliseconds since 1970; 0 when there was none. */
  lastInference = 0;
  /** Rows of all successful requests. */
  inferenceCount = 0;
  /** Batches that ran. */
  executionCount = 0;
  /** Requests that wait. */
  pending = 0;
  readonly success = none();
  readonly fail = none();
  readonly queue = none();
  readonly computeInput = none();
  readonly computeInfer = none();
  readonly computeOutput = none();
  /** Requests that were answered from the response cache, and looking them up. */
  readonly cacheHit = none();
  /** Requests that were not, and looking them up and keeping the answers. */
  readonly cacheMiss = none();
  readonly failures: Record<FailureReason, number> = { REJECTED: 0, CANCELED: 0, BACKEND: 0, OTHER: 0 };
  /** Rows of a batch -> the batches of that size. */
  readonly batches = new Map<number, BatchStatistics>();

  constructor(readonly loadSeconds: number) {}

  succeeded(rows: number, milliseconds: number, spent: Spent): void {
    this.lastInference = Date.now();
    this.inferenceCount += rows;
    add(this.success, milliseconds);
    add(this.queue, spent.queue);
    add(this.computeInput, spent.computeInput);
    add(this.computeInfer, spent.computeInfer);
    add(this.computeOutput, spent.computeOutput);
  }

  foundInCache(rows: number, milliseconds: number): void {
    this.lastInference = Date.now();
    this.inferenceCount += rows;
    add(this.success, milliseconds);
    add(this.cacheHit, milliseconds);
  }

  missedInCache(milliseconds: number): void {
    add(this.cacheMiss, milliseconds);
  }

  failed(reason: FailureReason, milliseconds: number): void {
    this.failures[reason]++;
    add(this.fail, milliseconds);
  }

  executed(rows: number, spent: Omit<Spent, 'queue'>): void {
    this.executionCount++;
    const batch = this.batches.get(rows) ?? { computeInput: none(), computeInfer: none(), computeOutput: none() };
    this.batches.set(rows, batch);
    add(batch.computeInput, spent.computeInput);
    add(batch.computeInfer, spent.computeInfer);
    add(batch.computeOutput, spent.computeOutput);
  }
}
