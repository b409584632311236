import type { ModelConfig } from './model-config.js';
import type { ModelInterface } from './repository.js';

/** A rule looks at one model, and may look at the others. It yields a message for each problem. */
export interface Rule {
  readonly id: string;
  check(model: LintModel, repository: ReadonlyMap<string, LintModel>): Iterable<string | LintFinding>;
}

export interface LintFinding {
  readonly message: string;
  /** Path inside the model's folder; config.pbtxt unless given. */
  readonly where: string;
}

/** A model's folder, read once; rules are pure. */
export interface LintModel {
  readonly name: string;
  readonly config: ModelConfig;
  /** What loads it: as the configuration says, or else as the files of its versions are called; '' where neither tells, and of ensembles. */
  readonly backend: string;
  /** The server asks the backend for what the configuration lacks. */
  readonly isCompleted: boolean;
  /** Path inside the model's folder -> size in bytes. */
  readonly files: ReadonlyMap<string, number>;
  /** Versions that the version policy makes available, ascending. */
  readonly versions: readonly number[];
  /** label_filename -> number of lines, for files that exist. */
  readonly labels: ReadonlyMap<string, number>;
  /** Path inside the model's folder -> inputs and outputs of an ONNX file, or of an engine that is described. */
  readonly networks: ReadonlyMap<string, ModelInterface>;
  /** Path of model.json or model.yaml of a language model -> its members; undefined where it has none. */
  readonly arguments: ReadonlyMap<string, Readonly<Record<string, unknown>> | undefined>;
}
