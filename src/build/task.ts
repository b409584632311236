import type { Digest } from '../util/digest.js';
import type { Failure } from '../util/failure.js';
import type { Json } from '../util/json.js';
import type { Result } from '../util/result.js';

/** 'intents/cpu-int8-dynamic/validate': model, artefact, stage. Unique within a plan. */
export type TaskId = string & { readonly __taskId: never };

/** Where an input of a task comes from. */
export type Source =
  /** The user's files, read where they are and never copied: path inside the input -> absolute path. '' alone is a single file. */
  | { readonly from: 'files'; readonly files: Readonly<Record<string, string>> }
  /** An output of another task. */
  | { readonly from: 'task'; readonly task: TaskId; readonly output: string };

/** What a task takes from the machine while it runs. Never part of the key: it cannot change the result. */
export interface Resources {
  /** Upper estimate; tasks run together only while their sum fits. */
  readonly memoryMiB: number;
  /** Alone on the machine: anything else running would disturb its measurements. */
  readonly exclusive?: boolean;
}

/** One stage applied to given parameters and inputs: a node of the plan. */
export interface Task {
  readonly id: TaskId;
  /** Name in the worker's stage registry. */
  readonly stage: string;
  /** Digest of the stage's own code: a new version of it is a new action. */
  readonly code: string;
  readonly params: Json;
  /** What helps the stage and cannot change its outputs, such as where bytes of a known digest can be had. Never part of the key. */
  readonly hints?: Json;
  /**
   * What this machine lacks to run it, if anything. A known result is used all the same; otherwise the task fails with this, and
   * what does not need it is built. Never part of the key.
   */
  readonly lacks?: Failure;
  readonly inputs: Readonly<Record<string, Source>>;
  /** Names of the outputs; each is a file or a folder, as the stage likes. */
  readonly outputs: readonly string[];
  /** What lies outside this package and can change the output: { onnxruntime: '1.30.0', cpu: 'x86_64 avx512_vnni' }. */
  readonly tools: Readonly<Record<string, string>>;
  readonly resources: Resources;
  /** Tasks that must have succeeded before this one counts as done, though it reads nothing of theirs (gates). */
  readonly after?: readonly TaskId[];
}

/** A file of a result that is put where the user sees it. */
export interface Delivery {
  readonly task: TaskId;
  readonly output: string;
  /** Path inside the output; '' for the output itself, file or whole folder. */
  readonly from: string;
  /** Path inside the output folder, with '/'. */
  readonly to: string;
  /** Delivered only when these succeeded too: an artefact that fails its gate is never left in the output folder. */
  readonly gates: readonly TaskId[];
  /** Copied into manifest.json beside path, sha256, size and action. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Plan {
  readonly tasks: ReadonlyMap<TaskId, Task>;
  readonly goals: readonly TaskId[];
  readonly deliveries: readonly Delivery[];
}

/** A file of a result: content and nothing of its place or time. */
export interface FileNode {
  readonly digest: Digest;
  readonly size: number;
}

/** Content of one input or output: path inside it -> file; '' alone means it is a single file. */
export type Tree = Readonly<Record<string, FileNode>>;

/** What a stage is given. It knows nothing of caching, scheduling or where the bytes come from. */
export interface StageContext {
  readonly params: Json;
  /** The task's own. */
  readonly hints?: Json;
  /** Input name -> absolute path of a file or folder. Read only. */
  readonly in: Readonly<Record<string, string>>;
  /** Output name -> absolute path that the stage creates, as a file or as a folder. Adopted only if it succeeds. */
  readonly out: Readonly<Record<string, string>>;
  /** An empty folder on the same file system as `out`, thrown away afterwards. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

/** `done` of `total` in `unit` ('bytes', 'samples', 'runs'); `note` for what has no measure. */
export interface Progress {
  readonly done?: number;
  readonly total?: number;
  readonly unit?: string;
  readonly note?: string;
}

/** One kind of work. */
export interface Stage {
  readonly name: string;
  run(context: StageContext): Promise<Result<void, Failure>>;
}
