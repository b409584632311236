import type { Message } from '../triton/model-config.js';
import { type ServeError, serveError } from './model.js';

type QueuePolicy = Message<'ModelQueuePolicy'>;

/** A request that waits for its turn. */
export interface Waiting {
  /** Rows that it adds to a batch. */
  readonly rows: number;
  /** Requests are joined only where this is equal; undefined: with none. */
  readonly shapes: string | undefined;
  /** 0: the model's default. */
  readonly priority: number;
  /** The client's own limit on the time in the queue; 0: none. */
  readonly timeoutMicroseconds: number;
  readonly id: string | undefined;
  /** `performance.now()` */
  readonly queuedAt: number;
}

export interface QueueSettings {
  /** 0: no priorities. */
  readonly levels: number;
  readonly defaultLevel: number;
  readonly policy: QueuePolicy;
  readonly levelPolicies: Readonly<Record<string, QueuePolicy>>;
}

interface Entry<W> {
  readonly waiting: W;
  /** `performance.now()`; Infinity: it waits as long as it takes. */
  readonly expiresAt: number;
}

interface Level<W> {
  readonly policy: QueuePolicy;
  queue: Entry<W>[];
  /** Expired under DELAY: they come when nothing else waits on this level. */
  delayed: Entry<W>[];
}

/**
 * Requests in the order in which they shall run: by priority, 1 first, then as they came. What has waited too long is refused
 * or put behind the others, as the queue policies say.
 */
export class RequestQueue<W extends Waiting> {
  private readonly levels: readonly Level<W>[];

  constructor(private readonly settings: QueueSettings) {
    this.levels = Array.from({ length: Math.max(1, settings.levels) }, (_, index) => ({
      policy: settings.levelPolicies[`${index + 1}`] ?? settings.policy,
      queue: [],
      delayed: [],
    }));
  }

  /** The error when the queue is full. */
  add(waiting: W): ServeError | undefined {
    const { levels, defaultLevel } = this.settings;
    const priority = waiting.priority === 0 || waiting.priority > levels ? defaultLevel : waiting.priority;
    const level = this.levels[Math.max(0, priority - 1)]!;
    const {
      max_queue_size: maxSize = 0,
      default_timeout_microseconds: defaultTimeout = 0,
      allow_timeout_override: isOverridable = false,
    } = level.policy;
    if (maxSize !== 0 && level.queue.length + level.delayed.length >= maxSize) {
      return serveError('UNAVAILABLE', `[request id: ${waiting.id || '<id_unknown>'}] Exceeds maximum queue size`);
    }
    let timeout = Number(defaultTimeout);
    // The client can only shorten it.
    if (isOverridable && waiting.timeoutMicroseconds !== 0) timeout = Math.min(timeout, waiting.timeoutMicroseconds);
    const expiresAt = timeout === 0 ? Number.POSITIVE_INFINITY : waiting.queuedAt + timeout / 1000;
    level.queue.push({ waiting, expiresAt });
    return undefined;
  }

  /** Takes out what has expired under REJECT, and puts behind what has under DELAY. */
  takeExpired(now: number): W[] {
    const expired: W[] = [];
    for (const level of this.levels) {
      const late = level.queue.filter(entry => entry.expiresAt <= now);
      if (late.length === 0) continue;
      level.queue = level.queue.filter(entry => entry.expiresAt > now);
      if (level.policy.timeout_action === 'DELAY') level.delayed.push(...late);
      else expired.push(...late.map(entry => entry.waiting));
    }
    return expired;
  }

  /** `performance.now()` at which the next one expires; Infinity when none will. */
  nextExpiry(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { queue } of this.levels) for (const { expiresAt } of queue) next = Math.min(next, expiresAt);
    return next;
  }

  /** All that wait, first come first. */
  *inOrder(): Generator<W> {
    for (const { queue, delayed } of this.levels) {
      for (const { waiting } of queue) yield waiting;
      for (const { waiting } of delayed) yield waiting;
    }
  }

  remove(gone: ReadonlySet<W>): void {
    for (const level of this.levels) {
      level.queue = level.queue.filter(entry => !gone.has(entry.waiting));
      level.delayed = level.delayed.filter(entry => !gone.has(entry.waiting));
    }
  }
}
