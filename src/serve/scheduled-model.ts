import { fail, ok } from '../util/result.js';
import { Channel } from './channel.js';
import type { Executed, Instance } from './instance.js';
import { type Answer, type ExecuteContext, type ServeError, serveError } from './model.js';
import { checkRequest } from './request-checks.js';
import type { Waiting } from './request-queue.js';
import { Scheduler } from './scheduler.js';
import { failureReason, type ScheduledRequest, type ServedVersion, type VersionFacts } from './served-version.js';
import type { FailureReason, Spent } from './statistics.js';

interface Job extends Waiting {
  readonly request: ScheduledRequest;
  readonly answers: Channel<Answer>;
  /** The last answer. */
  settle(answer: Answer, reason?: FailureReason): void;
}

/** A model with instances that requests wait for. */
export class ScheduledModel implements ServedVersion {
  readonly isDecoupled: boolean;
  private readonly scheduler: Scheduler<Job, Instance>;

  constructor(
    readonly facts: VersionFacts,
    private readonly instances: readonly Instance[],
    private readonly context: ExecuteContext,
  ) {
    this.isDecoupled = facts.config.model_transaction_policy?.decoupled ?? false;
    this.scheduler = new Scheduler(facts.config, instances, {
      run: (instance, batch) => (this.isDecoupled ? this.stream(instance, batch[0]!) : this.execute(instance, batch)),
      refuse: (job, error) => {
        this.facts.statistics.pending--;
        job.settle(fail(error), failureReason(error));
      },
    });
  }

  answers(request: ScheduledRequest): AsyncIterable<Answer> {
    const answers = new Channel<Answer>();
    const rows = checkRequest(this.facts.config, request);
    if (!rows.ok) {
      this.facts.statistics.failed('OTHER', 0);
      answers.push(rows);
      answers.end();
      return answers;
    }
    const job = this.job(request, rows.value, answers);
    const cancel = () => this.scheduler.cancel(job);
    request.signal.addEventListener('abort', cancel, { once: true });
    // One signal may stand for many requests one after the other: a text is written with one for each token.
    answers.onEnd = () => request.signal.removeEventListener('abort', cancel);
    this.facts.statistics.pending++;
    this.scheduler.add(job);
    if (request.signal.aborted) cancel();
    return answers;
  }

  async close(): Promise<void> {
    await this.scheduler.close();
    for (const instance of this.instances) await instance.close();
  }

  private job(request: ScheduledRequest, rows: number, answers: Channel<Answer>): Job {
    const queuedAt = performance.now();
    const isJoined = !this.isDecoupled && this.facts.config.dynamic_batching !== undefined;
    const { statistics } = this.facts;
    return {
      request,
      answers,
      rows,
      id: request.id,
      queuedAt,
      shapes: isJoined ? shapesOf(request) : undefined,
      priority: Number(request.parameters.priority ?? 0),
      timeoutMicroseconds: Number(request.parameters.timeout ?? 0),
      settle(answer, reason) {
        if (reason) statistics.failed(reason, performance.now() - queuedAt);
        answers.push(answer);
        answers.end();
      },
    };
  }

  private async execute(instance: Instance, batch: readonly Job[]): Promise<void> {
    const started = performance.now();
    this.facts.statistics.pending -= batch.length;
    let executed: Executed;
    try {
      executed = await instance.execute(
        batch.map(job => job.request),
        this.context,
      );
    } catch (error) {
      const answer = fail(this.crashed(error));
      for (const job of batch) job.settle(answer, 'BACKEND');
      return;
    }
    const { answers, spent } = executed;
    if (answers.some(answer => answer.ok)) this.facts.statistics.executed(sumOfRows(batch), spent);
    for (const [index, job] of batch.entries()) {
      const answer = answers[index]!;
      if (!answer.ok) {
        job.settle(answer, 'BACKEND');
        continue;
      }
      this.succeeded(job, { ...spent, queue: started - job.queuedAt });
      job.settle(ok({ ...answer.value, outputs: wanted(answer.value.outputs, job.request.outputs) }));
    }
  }

  private async stream(instance: Instance, job: Job): Promise<void> {
    const started = performance.now();
    this.facts.statistics.pending--;
    let error: ServeError | undefined;
    try {
      for await (const answer of instance.stream!(job.request, this.context)) {
        if (!answer.ok) error = answer.error;
        else job.answers.push(ok({ ...answer.value, outputs: wanted(answer.value.outputs, job.request.outputs) }));
        if (!answer.ok || job.request.signal.aborted) break;
      }
    } catch (thrown) {
      error = this.crashed(thrown);
    }
    if (error) {
      job.settle(fail(error), 'BACKEND');
      return;
    }
    const spent = { computeInput: 0, computeInfer: performance.now() - started, computeOutput: 0 };
    this.facts.statistics.executed(job.rows, spent);
    this.succeeded(job, { ...spent, queue: started - job.queuedAt });
    job.answers.end();
  }

  private succeeded(job: Job, spent: Spent): void {
    this.facts.statistics.succeeded(job.rows, performance.now() - job.queuedAt, spent);
    const { account } = job.request;
    if (account === undefined) return;
    account.queue += spent.queue;
    account.computeInput += spent.computeInput;
    account.computeInfer += spent.computeInfer;
    account.computeOutput += spent.computeOutput;
  }

  private crashed(error: unknown): ServeError {
    const message = error instanceof Error ? error.message : String(error);
    return serveError(
      'INTERNAL',
      `Failed to process the request(s) for model '${this.facts.name}', message: ${message}`,
    );
  }
}

const sumOfRows = (batch: readonly Job[]): number => batch.reduce((sum, job) => sum + job.rows, 0);

const wanted = <T extends { readonly name: string }>(outputs: readonly T[], names: readonly string[]): readonly T[] =>
  names.length === 0 ? outputs : outputs.filter(output => names.includes(output.name));

/** Requests with equal texts here may be joined: the same inputs, and of each the same dimensions behind the batch. */
const shapesOf = (request: ScheduledRequest): string =>
  request.inputs
    .map(({ name, shape }) => `${name}:${shape.slice(1).join(',')}`)
    .sort()
    .join(';');
