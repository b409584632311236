import type { WireTensor } from '../kserve/datatypes.js';
import { fail, ok } from '../util/result.js';
import { Channel } from './channel.js';
import { type Answer, type ServeError, serveError } from './model.js';
import { checkRequest } from './request-checks.js';
import { controlInputs, idProblem, type SequenceFlags, type SequenceId, takeStates } from './sequence-inputs.js';
import type { ScheduledRequest, ServedVersion, VersionFacts } from './served-version.js';

/** As the server's max_sequence_idle_microseconds where it is not said. */
const IDLE_MICROSECONDS = 1_000_000;

interface Sequence {
  /** What the next request is given. */
  states: readonly WireTensor[];
  /** Resolves when all requests before the next one are answered. */
  before: Promise<void>;
  waiting: number;
  idle?: NodeJS.Timeout;
  /** Gives the slot back, once. */
  leave(): void;
}

/** One request of a sequence. */
interface Turn {
  readonly request: ScheduledRequest;
  readonly flags: SequenceFlags;
  readonly sequence: Sequence;
  readonly before: Promise<void>;
  readonly answers: Channel<Answer>;
}

export interface SequenceSettings {
  /** Sequences that are open at a time; the others wait for one of them to end. */
  readonly slots: number;
  readonly states: readonly WireTensor[];
}

/**
 * A model whose requests belong to sequences: those of one sequence run one after the other, each with the control tensors and with the
 * states that the one before gave; those of different sequences run together where the model has batches. Direct and oldest strategy
 * are the same here, since every request brings its state along.
 */
export class SequenceModel implements ServedVersion {
  readonly isDecoupled: boolean;
  private readonly sequences = new Map<string, Sequence>();
  private readonly backlog: (() => void)[] = [];
  private free: number;
  private readonly running = new Set<Promise<void>>();
  private isClosed = false;

  /** @param network takes what clients send, and control tensors and states */
  constructor(
    readonly facts: VersionFacts,
    private readonly network: ServedVersion,
    private readonly settings: SequenceSettings,
  ) {
    this.isDecoupled = network.isDecoupled;
    this.free = settings.slots;
  }

  answers(request: ScheduledRequest): AsyncIterable<Answer> {
    const { sequence_start: start, sequence_end: end, sequence_id: id } = request.parameters;
    const flags = { id: id as SequenceId, start: start === true, end: end === true };
    const error = this.problem(request, flags.start);
    if (error) {
      this.facts.statistics.failed('OTHER', 0);
      const refused = new Channel<Answer>();
      refused.push(fail(error));
      refused.end();
      return refused;
    }
    const key = keyOf(flags.id);
    const sequence = flags.start ? this.begin(key) : this.sequences.get(key)!;
    // Whoever comes after the end must begin anew.
    if (flags.end) this.forget(key, sequence);
    else this.awaitNext(key, sequence);
    // The place in the line is taken now, whenever the answer is read.
    const before = sequence.before;
    let done = (): void => undefined;
    sequence.before = new Promise(resolve => {
      done = resolve;
    });
    sequence.waiting++;
    const answers = new Channel<Answer>();
    const run = this.run({ request, flags, sequence, before, answers }).finally(() => {
      sequence.waiting--;
      done();
      if (flags.end) sequence.leave();
      this.running.delete(run);
      answers.end();
    });
    this.running.add(run);
    return answers;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const [key, sequence] of this.sequences) this.forget(key, sequence);
    for (const enter of this.backlog.splice(0)) enter();
    await Promise.all(this.running);
    await this.network.close();
  }

  private async run({ request, flags, sequence, before, answers }: Turn): Promise<void> {
    await before;
    const { config } = this.facts;
    const inputs = [...request.inputs, ...controlInputs(config, flags), ...sequence.states];
    // States are outputs, too, that nobody asked for.
    for await (const answer of this.network.answers({ ...request, inputs, outputs: [] })) {
      if (!answer.ok) {
        answers.push(answer);
        continue;
      }
      const { states, outputs } = takeStates(config, answer.value.outputs, request.outputs);
      if (states.length > 0) sequence.states = states;
      answers.push(ok({ ...answer.value, outputs }));
    }
  }

  private problem(request: ScheduledRequest, start: boolean): ServeError | undefined {
    const { config, name } = this.facts;
    const { sequence_id: id } = request.parameters;
    const rows = checkRequest(config, request);
    if (!rows.ok) return rows.error;
    const invalid = (message: string) => serveError('INVALID_ARG', message);
    if (rows.value > 1) {
      return invalid(
        `inference request to model '${name}' must specify batch-size 1 due to requirements of sequence batcher`,
      );
    }
    if (id === undefined || typeof id === 'boolean' || id === '' || id === 0 || id === 0n) {
      return invalid(`inference request to model '${name}' must specify a non-zero or non-empty correlation ID`);
    }
    const strange = idProblem(config, id);
    if (strange !== undefined) return invalid(`[request id: ${request.id || '<id_unknown>'}] ${strange}`);
    if (start && this.isClosed) {
      return serveError(
        'UNAVAILABLE',
        'Server is stopping, scheduler for model has stopped accepting new inference requests',
      );
    }
    if (start || this.sequences.has(keyOf(id))) return undefined;
    return invalid(
      `inference request for sequence ${id} to model '${name}' must specify the START flag on the first request of the sequence`,
    );
  }

  /** A sequence with a slot, or one that waits for it. One of the same name that has not ended is answered first. */
  private begin(key: string): Sequence {
    const previous = this.sequences.get(key);
    if (previous) {
      // It goes on in the slot that it has.
      const next: Sequence = { ...previous, states: this.settings.states, waiting: 0 };
      clearTimeout(previous.idle);
      this.sequences.set(key, next);
      return next;
    }
    let hasLeft = false;
    const sequence: Sequence = {
      states: this.settings.states,
      before: this.slot(),
      waiting: 0,
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        // The slot goes to the one that has waited longest.
        const next = this.backlog.shift();
        if (next) next();
        else this.free++;
      },
    };
    this.sequences.set(key, sequence);
    return sequence;
  }

  /** Resolves when there is a slot, which is taken then. */
  private slot(): Promise<void> {
    if (this.free === 0) {
      return new Promise(resolve => {
        this.backlog.push(resolve);
      });
    }
    this.free--;
    return Promise.resolve();
  }

  private forget(key: string, sequence: Sequence): void {
    clearTimeout(sequence.idle);
    if (this.sequences.get(key) === sequence) this.sequences.delete(key);
  }

  /** A client that stays away longer than the model allows has lost its sequence. */
  private awaitNext(key: string, sequence: Sequence): void {
    const { max_sequence_idle_microseconds: idle } = this.facts.config.sequence_batching ?? {};
    clearTimeout(sequence.idle);
    sequence.idle = setTimeout(
      () => {
        if (sequence.waiting > 0) {
          this.awaitNext(key, sequence);
          return;
        }
        this.forget(key, sequence);
        sequence.leave();
      },
      Number(idle || IDLE_MICROSECONDS) / 1000,
    );
    sequence.idle.unref();
  }
}

/** A number is another sequence than the text with its digits. */
const keyOf = (id: SequenceId | boolean): string => `${typeof id === 'string'} ${id}`;
