import type { SessionSettings, TensorDeclaration, Tensors } from '../../runtime/session.js';
import type { Failure } from '../../util/failure.js';
import type { Result } from '../../util/result.js';

/** What a thread is started with: the model that it shall run. */
export interface ThreadData {
  readonly folder: string;
  readonly file: string;
  readonly settings: SessionSettings;
}

/** First message of a thread. */
export type Opened = Result<
  { readonly inputs: readonly TensorDeclaration[]; readonly outputs: readonly TensorDeclaration[] },
  Failure
>;

export interface RunRequest {
  readonly feeds: Tensors;
  /** Outputs to give back. */
  readonly outputs: readonly string[];
}

export type RunReply = Result<{ readonly outputs: Tensors; readonly milliseconds: number }, Failure>;
