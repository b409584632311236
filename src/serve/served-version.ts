import type { ModelConfig } from '../triton/model-config.js';
import { type Answer, type ModelRequest, type ServeError, serveError } from './model.js';
import type { FailureReason, ModelStatistics } from './statistics.js';

/** What is known of a version besides how it calculates. */
export interface VersionFacts {
  readonly name: string;
  readonly version: number;
  readonly config: ModelConfig;
  /** Output -> the names of its classes, from its label_filename. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  readonly statistics: ModelStatistics;
}

/** One version of a model that is loaded and answers. */
export interface ServedVersion {
  readonly facts: VersionFacts;
  readonly isDecoupled: boolean;
  /** All answers to a request, as they come: exactly one unless the model is decoupled. */
  answers(request: ScheduledRequest): AsyncIterable<Answer>;
  /** Takes no more requests; resolves when those that it has are answered. */
  close(): Promise<void>;
}

/** Milliseconds that the models behind an ensemble spent for it; they add to it. */
export interface Account {
  queue: number;
  computeInput: number;
  computeInfer: number;
  computeOutput: number;
}

export interface ScheduledRequest extends ModelRequest {
  readonly account?: Account;
}

/** The answer of a model that gives exactly one. */
export async function singleAnswer(answers: AsyncIterable<Answer>): Promise<Answer> {
  const found: Answer[] = [];
  for await (const answer of answers) found.push(answer);
  if (found.length === 1) return found[0]!;
  return { ok: false, error: serveError('INTERNAL', `expected a single response, got ${found.length}`) };
}

export function failureReason({ status, message }: ServeError): FailureReason {
  if (status === 'CANCELLED') return 'CANCELED';
  if (status === 'UNAVAILABLE' && /Exceeds maximum queue size|Request timeout expired/.test(message)) return 'REJECTED';
  return 'OTHER';
}
