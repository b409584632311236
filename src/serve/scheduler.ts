import type { ModelConfig } from '../triton/model-config.js';
import { type ServeError, serveError } from './model.js';
import { RequestQueue, type Waiting } from './request-queue.js';

/** What becomes of requests: run together on an instance, or refused. */
export interface SchedulerWork<W, Instance> {
  run(instance: Instance, batch: readonly W[]): Promise<void>;
  refuse(waiting: W, error: ServeError): void;
}

interface Batching {
  readonly maxRows: number;
  readonly preferred: readonly number[];
  readonly delayMilliseconds: number;
}

/**
 * Gives requests to the instances of a model, one batch to one instance at a time. With dynamic batching, a batch is made of
 * requests that stand next to each other in the queue and have inputs of equal shapes; without, it is one request.
 */
export class Scheduler<W extends Waiting, Instance> {
  private readonly queue: RequestQueue<W>;
  private readonly batching: Batching | undefined;
  private readonly idle: Instance[];
  private readonly running = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private isPolling = false;
  private isClosed = false;

  constructor(
    config: ModelConfig,
    instances: readonly Instance[],
    private readonly work: SchedulerWork<W, Instance>,
  ) {
    const { dynamic_batching: dynamic, max_batch_size: maxRows = 0 } = config;
    this.queue = new RequestQueue({
      levels: Number(dynamic?.priority_levels ?? 0),
      defaultLevel: Number(dynamic?.default_priority_level ?? 0),
      policy: dynamic?.default_queue_policy ?? {},
      levelPolicies: dynamic?.priority_queue_policy ?? {},
    });
    this.idle = [...instances];
    if (dynamic === undefined || maxRows === 0) return;
    const preferred = dynamic.preferred_batch_size ?? [];
    this.batching = {
      maxRows,
      preferred: preferred.length > 0 ? preferred : [maxRows],
      delayMilliseconds: Number(dynamic.max_queue_delay_microseconds ?? 0) / 1000,
    };
  }

  add(waiting: W): void {
    const error = this.isClosed
      ? serveError(
          'UNAVAILABLE',
          `[request id: ${waiting.id || '<id_unknown>'}] Server is stopping, scheduler for model has stopped accepting new inference requests`,
        )
      : this.queue.add(waiting);
    if (error) this.work.refuse(waiting, error);
    else this.dispatch();
  }

  /** Nobody waits for it any more. Without effect once it runs. */
  cancel(waiting: W): void {
    for (const other of this.queue.inOrder()) {
      if (other !== waiting) continue;
      this.queue.remove(new Set([waiting]));
      this.work.refuse(waiting, serveError('CANCELLED', 'request cancelled'));
      return;
    }
  }

  /** Takes no more requests; resolves when those that it has are answered. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.dispatch();
    while (this.running.size > 0) await Promise.race(this.running);
  }

  private dispatch(): void {
    const now = performance.now();
    for (const late of this.queue.takeExpired(now)) {
      this.work.refuse(late, serveError('UNAVAILABLE', 'Request timeout expired'));
    }
    let wakeAt = this.queue.nextExpiry();
    while (this.idle.length > 0) {
      const next = this.nextBatch(now);
      if (next === undefined) break;
      if (typeof next === 'number') {
        wakeAt = Math.min(wakeAt, next);
        break;
      }
      this.queue.remove(new Set(next));
      this.start(this.idle.shift()!, next);
      wakeAt = this.queue.nextExpiry();
    }
    this.wake(wakeAt - now);
  }

  /** Requests to run together, or until when to wait for more, or undefined when none are there. */
  private nextBatch(now: number): W[] | number | undefined {
    const batch: W[] = [];
    const { maxRows, preferred, delayMilliseconds } = this.batching ?? NO_BATCHES;
    let rows = 0;
    let preferredCount = 0;
    let isComplete = this.batching === undefined || this.isClosed;
    for (const waiting of this.queue.inOrder()) {
      const fits =
        batch.length === 0 ||
        (this.batching !== undefined &&
          rows + waiting.rows <= maxRows &&
          waiting.shapes !== undefined &&
          waiting.shapes === batch[0]!.shapes);
      if (!fits) {
        isComplete = true;
        break;
      }
      batch.push(waiting);
      rows += waiting.rows;
      if (preferred.includes(rows)) preferredCount = batch.length;
    }
    if (batch.length === 0) return undefined;
    if (preferredCount > 0 && !this.isClosed) return batch.slice(0, preferredCount);
    if (isComplete || rows >= Math.max(...preferred)) return batch;
    const oldest = batch.reduce((least, { queuedAt }) => Math.min(least, queuedAt), now);
    const until = oldest + delayMilliseconds;
    return until <= now ? batch : until;
  }

  private start(instance: Instance, batch: readonly W[]): void {
    const run = this.work.run(instance, batch).finally(() => {
      this.running.delete(run);
      this.idle.push(instance);
      this.dispatch();
    });
    this.running.add(run);
  }

  /** Timers count whole milliseconds; less is waited for by turns of the event loop. */
  private wake(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (milliseconds === Number.POSITIVE_INFINITY) return;
    if (milliseconds >= 1) {
      this.timer = setTimeout(() => this.dispatch(), Math.min(milliseconds, LONGEST_TIMER));
    } else if (!this.isPolling) {
      this.isPolling = true;
      setImmediate(() => {
        this.isPolling = false;
        this.dispatch();
      });
    }
  }
}

const NO_BATCHES: Batching = { maxRows: 0, preferred: [0], delayMilliseconds: 0 };
/** setTimeout takes 31 bits. */
const LONGEST_TIMER = 2 ** 31 - 1;
