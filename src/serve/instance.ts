import type { Answer, ExecuteContext, ModelRequest } from './model.js';
import type { Spent } from './statistics.js';

/** One place where a model runs: one batch at a time. Exceptions fail the whole batch with status INTERNAL. */
export interface Instance {
  /** One answer for each request, in order. */
  execute(requests: readonly ModelRequest[], context: ExecuteContext): Promise<Executed>;
  /** Of a decoupled model. */
  stream?(request: ModelRequest, context: ExecuteContext): AsyncIterable<Answer>;
  close(): Promise<void>;
}

export interface Executed {
  readonly answers: readonly Answer[];
  /** Milliseconds of the batch. */
  readonly spent: Omit<Spent, 'queue'>;
}
