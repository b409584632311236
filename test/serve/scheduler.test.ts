import { describe, expect, test } from 'vitest';
import type { Waiting } from '../../src/serve/request-queue.js';
import { Scheduler } from '../../src/serve/scheduler.js';
import type { ModelConfig } from '../../src/triton/model-config.js';

interface Job extends Waiting {
  readonly name: string;
}

/** A scheduler whose batches end when they are told to. */
function rig(config: ModelConfig, instances = 1) {
  const batches: string[] = [];
  const refused: string[] = [];
  const running: (() => void)[] = [];
  const scheduler = new Scheduler<Job, number>(
    config,
    Array.from({ length: instances }, (_, index) => index),
    {
      run: (_, jobs) => {
        batches.push(jobs.map(job => job.name).join('+'));
        return new Promise(resolve => running.push(resolve));
      },
      refuse: (job, { status, message }) => refused.push(`${job.name}: ${status} ${message}`),
    },
  );
  return {
    scheduler,
    batches,
    refused,
    add(name: string, changes: Partial<Job> = {}): Job {
      const job: Job = {
        name,
        rows: 1,
        shapes: 'same',
        priority: 0,
        timeoutMicroseconds: 0,
        id: undefined,
        queuedAt: performance.now(),
        ...changes,
      };
      scheduler.add(job);
      return job;
    },
    /** Ends the oldest batch. */
    async next(): Promise<void> {
      running.shift()!();
      await new Promise(resolve => setImmediate(resolve));
    },
  };
}

const dynamic = (changes: ModelConfig['dynamic_batching'] = {}): ModelConfig => ({
  max_batch_size: 4,
  dynamic_batching: changes,
});
const A_MINUTE = 60_000_000;
const until = async (isDone: () => boolean) => {
  while (!isDone()) await new Promise(resolve => setTimeout(resolve, 1));
};

describe('batches', () => {
  test('without dynamic batching, one request at a time to each instance', async () => {
    const { add, batches, next } = rig({ max_batch_size: 4 }, 2);
    for (const name of ['a', 'b', 'c']) add(name);
    expect(batches).toEqual(['a', 'b']);
    await next();
    expect(batches).toEqual(['a', 'b', 'c']);
  });

  test('what waits meanwhile is joined, up to max_batch_size rows', async () => {
    const { add, batches, next } = rig(dynamic());
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) add(name, { rows: name === 'e' ? 2 : 1 });
    expect(batches).toEqual(['a']);
    await next();
    // b, c, d have three rows; e would make five.
    expect(batches).toEqual(['a', 'b+c+d']);
    await next();
    expect(batches).toEqual(['a', 'b+c+d', 'e+f']);
  });

  test('only neighbours with equal shapes are joined', async () => {
    const { add, batches, next } = rig(dynamic());
    for (const [name, shapes] of Object.entries({ a: 'x', b: 'x', c: 'y', d: 'x' })) add(name, { shapes });
    await next();
    await next();
    await next();
    expect(batches).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a batch waits for others until the oldest has waited long enough', async () => {
    const { add, batches } = rig(dynamic({ max_queue_delay_microseconds: A_MINUTE }));
    add('a');
    add('b');
    expect(batches).toEqual([]);
    add('late', { queuedAt: performance.now() - 60_001 });
    expect(batches).toEqual(['a+b+late']);
  });

  test('less than a millisecond is waited for, too', async () => {
    const { add, batches } = rig(dynamic({ max_queue_delay_microseconds: 500 }));
    add('a');
    await until(() => batches.length > 0);
    expect(batches).toEqual(['a']);
  });

  test('a full batch waits for nothing', () => {
    const { add, batches } = rig(dynamic({ max_queue_delay_microseconds: A_MINUTE }));
    for (const name of ['a', 'b', 'c', 'd']) add(name);
    expect(batches).toEqual(['a+b+c+d']);
  });

  test('a preferred size is taken at once, the largest first', async () => {
    const { add, batches, next } = rig(
      dynamic({ max_queue_delay_microseconds: A_MINUTE, preferred_batch_size: [1, 3] }),
    );
    for (const name of ['a', 'b', 'c', 'd', 'e']) add(name);
    expect(batches).toEqual(['a']);
    await next();
    expect(batches).toEqual(['a', 'b+c+d']);
  });

  test('another shape behind it sends a batch off', () => {
    const { add, batches } = rig(dynamic({ max_queue_delay_microseconds: A_MINUTE }));
    add('a');
    add('b', { shapes: 'other' });
    expect(batches).toEqual(['a']);
  });
});

describe('queues', () => {
  test('priority 1 goes first; none, and one too many, are the default', async () => {
    const { add, batches, next } = rig({
      max_batch_size: 1,
      dynamic_batching: { priority_levels: 3, default_priority_level: 2 },
    });
    add('first');
    for (const [name, priority] of Object.entries({ low: 3, none: 0, high: 1, many: 9 })) add(name, { priority });
    for (let run = 0; run < 4; run++) await next();
    expect(batches).toEqual(['first', 'high', 'none', 'many', 'low']);
  });

  test('a full queue refuses', () => {
    const { add, refused } = rig(dynamic({ default_queue_policy: { max_queue_size: 1 } }));
    add('runs');
    add('waits');
    add('third', { id: 'x' });
    expect(refused).toEqual(['third: UNAVAILABLE [request id: x] Exceeds maximum queue size']);
  });

  test('REJECT: who has waited too long is refused while all instances are busy', async () => {
    const { add, refused } = rig(dynamic({ default_queue_policy: { default_timeout_microseconds: 3000 } }));
    add('runs');
    add('waits');
    await until(() => refused.length > 0);
    expect(refused).toEqual(['waits: UNAVAILABLE Request timeout expired']);
  });

  test('DELAY: who has waited too long comes after the others', async () => {
    const { add, batches, refused, next } = rig({
      max_batch_size: 1,
      dynamic_batching: {
        default_queue_policy: { default_timeout_microseconds: A_MINUTE, timeout_action: 'DELAY' },
      },
    });
    add('runs');
    add('late', { queuedAt: performance.now() - 60_001 });
    add('punctual');
    await next();
    await next();
    expect([batches, refused]).toEqual([['runs', 'punctual', 'late'], []]);
  });

  test('a client may shorten its time, where the policy lets it, and never lengthen it', async () => {
    const policy = { default_timeout_microseconds: A_MINUTE };
    const queuedAt = performance.now() - 30_000;
    for (const [isAllowed, expected] of [
      [true, ['short: UNAVAILABLE Request timeout expired']],
      [false, []],
    ] as const) {
      const { add, refused } = rig(dynamic({ default_queue_policy: { ...policy, allow_timeout_override: isAllowed } }));
      add('runs');
      add('short', { queuedAt, timeoutMicroseconds: 10_000_000 });
      add('long', { queuedAt, timeoutMicroseconds: 2 * A_MINUTE });
      expect(refused).toEqual(expected);
    }
    const { add, refused } = rig(dynamic({ default_queue_policy: { ...policy, allow_timeout_override: true } }));
    add('runs');
    add('long', { queuedAt: performance.now() - 60_001, timeoutMicroseconds: 2 * A_MINUTE });
    expect(refused).toHaveLength(1);
  });

  test('each priority has a policy of its own', () => {
    const { add, refused } = rig({
      max_batch_size: 1,
      dynamic_batching: {
        priority_levels: 2,
        default_priority_level: 2,
        priority_queue_policy: { 1: { max_queue_size: 1 } },
      },
    });
    add('runs');
    for (const [name, priority] of Object.entries({ a: 1, b: 1, c: 2, d: 2 })) add(name, { priority });
    expect(refused.map(text => text[0])).toEqual(['b']);
  });

  test('a request that nobody waits for is taken out, unless it runs', async () => {
    const { add, batches, refused, next, scheduler } = rig(dynamic());
    const [runs, waits] = ['runs', 'waits', 'other'].map(name => add(name));
    scheduler.cancel(runs!);
    scheduler.cancel(waits!);
    await next();
    expect([batches, refused]).toEqual([['runs', 'other'], ['waits: CANCELLED request cancelled']]);
  });

  test('closing: who waits still runs, who comes later is refused', async () => {
    const { add, batches, refused, next, scheduler } = rig(dynamic({ max_queue_delay_microseconds: A_MINUTE }));
    add('a');
    const closed = scheduler.close();
    add('b');
    await next();
    await closed;
    expect(batches).toEqual(['a']);
    expect(refused).toEqual([
      'b: UNAVAILABLE [request id: <id_unknown>] Server is stopping, scheduler for model has stopped accepting new inference requests',
    ]);
  });
});
