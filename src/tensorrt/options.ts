/** What a config says of its engines: `engineOptions` of a target. Absent means TensorRT's own default. */
export interface EngineOptions {
  /** Scratch memory that a layer may use. TensorRT's default is the whole GPU. */
  readonly workspaceMiB?: number;
  /** 0 builds fastest, 5 looks longest for the fastest engine; 3 unless given. */
  readonly builderOptimizationLevel?: number;
  readonly maxAuxStreams?: number;
  readonly tilingOptimizationLevel?: number;
  /** GPUs other than the one it was built on: 'ampere+' is sm_80 and newer. */
  readonly hardwareCompatibility?: 'none' | 'ampere+' | 'sameComputeCapability';
  /** Loads in newer releases, too. */
  readonly versionCompatible?: boolean;
  /** Leaves out the runtime that a version compatible engine brings along. */
  readonly excludeLeanRuntime?: boolean;
  /** An engine without weights, which are filled in from the ONNX when it is loaded. */
  readonly stripWeights?: boolean;
  /** Weights may be replaced later. */
  readonly refit?: boolean;
  /** Weights with two zeros in four: 'enable' uses them where they are, 'force' makes them. */
  readonly sparsity?: 'disable' | 'enable' | 'force';
  /** fp32 may be multiplied as TF32, with 10 bits of mantissa. Off unless given: fp32 is then exact. */
  readonly tf32?: boolean;
  /** Whether latency is measured with a CUDA graph. */
  readonly cudaGraphs?: boolean;
}

/** What an engine's weights and activations are kept in. */
export type EnginePrecision = 'fp32' | 'fp16' | 'bf16' | 'int8' | 'fp8' | 'int4';
