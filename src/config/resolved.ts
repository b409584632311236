import type {
  Calibration,
  EngineOptions,
  Metric,
  Model,
  Precision,
  ProviderOptions,
  Quantization,
  Task,
  Triton,
} from './types.generated.js';
import type { Device } from './vocabulary.js';

/** The configuration with every default filled in and every path absolute. What the plan is made from. */
export interface ResolvedConfig {
  /** Absolute folder that relative paths were relative to: the config file's. */
  readonly root: string;
  readonly outDir: string;
  /** In the order of the config file. */
  readonly models: Readonly<Record<string, ResolvedModel>>;
  readonly targets: Readonly<Record<string, ResolvedTarget>>;
  readonly triton: ResolvedTriton;
  readonly benchmark: ResolvedBenchmark;
  readonly validation: ResolvedValidation;
  readonly auto: { readonly maxMinutes: number };
  readonly cache: ResolvedCache;
  /** Absolute paths of modules. */
  readonly architectures: readonly string[];
}

/** Smallest, most usual and largest size. */
export interface Range {
  readonly min: number;
  readonly optimum: number;
  readonly max: number;
}

export type ResolvedSource =
  /** Absolute path of a folder with config.json and safetensors files. */
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'hub'; readonly repository: string; readonly revision: string }
  /** Absolute path of an ONNX file. */
  | { readonly kind: 'onnx'; readonly path: string };

export interface ResolvedModel {
  readonly name: string;
  readonly source: ResolvedSource;
  /** Absolute path of the tokenizer's folder; undefined: the model's. */
  readonly tokenizer?: string;
  /** undefined: to be inferred from config.json (`completeModel`). */
  readonly task?: Task;
  readonly shapes: {
    readonly batch: Range;
    /** undefined: to be taken from the model's positions (`completeModel`). */
    readonly sequence?: Range;
  };
  readonly calibration?: Required<Calibration>;
  readonly quantization?: Quantization;
  readonly evaluation?: {
    readonly data: string;
    /** undefined: the task's first (`completeModel`). */
    readonly metric?: Metric;
    readonly maxDrop: number;
  };
  /** Largest absolute difference from the fp32 export. Where undefined, the precision's own limits hold. */
  readonly tolerance: NonNullable<Model['tolerance']>;
  readonly labels?: readonly string[];
  readonly exporter: NonNullable<Model['exporter']>;
}

export type ResolvedTarget = {
  readonly name: string;
  readonly precisions: readonly Precision[];
  readonly image?: string;
} & (
  | {
      readonly engine: 'onnxruntime';
      readonly device: Device;
      /** Where it is not that of the device: on cuda. */
      readonly provider?: 'tensorrt';
      /** For the server, by ONNX Runtime's names. */
      readonly providerOptions?: ProviderOptions;
      readonly gpu?: string;
    }
  | {
      readonly engine: 'tensorrt';
      readonly device: 'cuda';
      readonly gpu: string;
      /** Absolute path of trtexec. */
      readonly trtexec?: string;
      /** Paths in it, './on-gpu.sh', are absolute. */
      readonly command?: readonly string[];
      /** Paths are absolute. */
      readonly engineOptions: EngineOptions;
    }
);

export interface ResolvedTriton {
  /** Relative to outDir, with '/'. */
  readonly repository: string;
  /** undefined: each model's own largest batch. 0: no batching by the server. */
  readonly maxBatchSize?: number;
  /** undefined: off. */
  readonly dynamicBatching?: Omit<DynamicBatching, 'maxQueueDelayMicroseconds' | 'preferredBatchSizes'> & {
    readonly maxQueueDelayMicroseconds: number;
    readonly preferredBatchSizes: readonly number[];
  };
  readonly compat: NonNullable<Triton['compat']>;
  /** By name, targets whose engines are one model of the server. */
  readonly joinTargets: NonNullable<Triton['joinTargets']>;
  /** How the server runs the models; what is absent is left to the models themselves. */
  readonly server: Pick<
    Triton,
    'instances' | 'pythonInstances' | 'threads' | 'responseCache' | 'versionPolicy' | 'accelerators' | 'checksum'
  >;
  /** Who runs text-generation. */
  readonly backend: NonNullable<Triton['backend']>;
  readonly backendOptions: NonNullable<Triton['backendOptions']>;
}

type DynamicBatching = Exclude<NonNullable<Triton['dynamicBatching']>, boolean>;

export interface ResolvedBenchmark {
  /** [batch, sequence]; undefined: each model's own (`benchmarkShapes`). */
  readonly shapes?: readonly (readonly [batch: number, sequence: number])[];
  readonly warmup: number;
  readonly runs: number;
  readonly minSeconds: number;
  /** undefined: one per core. */
  readonly threads?: number;
}

export interface ResolvedValidation {
  readonly samples: number;
  readonly seed: number;
}

export interface ResolvedCache {
  readonly directory: string;
  readonly maxBytes: number;
  readonly remote?: { readonly url: string; readonly token?: EnvironmentReference };
}

/** A secret by the name of the variable that holds it. Only `readEnvironment` turns it into its value. */
export interface EnvironmentReference {
  readonly env: string;
}
