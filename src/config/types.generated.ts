// biome-ignore-all format: generated
// biome-ignore-all lint: generated
// Generated from deploy.config.schema.json by `npm run generate`.

/**
 * What the model does, by the Hugging Face Hub's name.
 *
 * @example "text-classification"
 */
export type Task =
  | 'text-classification'
  | 'token-classification'
  | 'question-answering'
  | 'fill-mask'
  | 'feature-extraction'
  | 'sentence-similarity'
  | 'text-ranking'
  | 'text-generation'
  | 'text2text-generation'
  | 'zero-shot-classification'
  | 'image-classification'
  | 'automatic-speech-recognition';
/**
 * How answers are scored. text-classification: accuracy, f1-macro; token-classification: f1; question-answering: exact-match, f1; feature-extraction, sentence-similarity: recall@1, mrr, spearman; text-ranking: ndcg@10, mrr; fill-mask: accuracy; text-generation, text2text-generation: perplexity.
 *
 * @example "accuracy"
 */
export type Metric =
  'accuracy' | 'f1-macro' | 'f1' | 'exact-match' | 'recall@1' | 'mrr' | 'spearman' | 'ndcg@10' | 'perplexity';
/**
 * Largest absolute difference allowed.
 *
 * @example 0.001
 */
export type Difference = number;
/**
 * fp32, fp16, bf16: the floating-point type. fp8, int8: weights and activations of products, ranges calibrated on data; fp8 on tensorrt alone, from sm_89 on. int8-dynamic: ranges found while running. int8-weight, int4-weight: weights only. auto: the fastest mix that keeps the metric.
 *
 * @example "int8-dynamic"
 */
export type Precision =
  'fp32' | 'fp16' | 'bf16' | 'fp8' | 'int8' | 'int8-dynamic' | 'int8-weight' | 'int4-weight' | 'auto';
/**
 * Smallest, usual and largest size.
 *
 * @example [1,8,32]
 *
 * @minItems 3
 * @maxItems 3
 */
export type Sizes = [number, number, number];

/**
 * What transformer-deploy builds: models, the targets they run on, and how they are served.
 */
export interface DeployConfig {
  /**
   * Path or address of this schema, for editors; ignored by the build.
   *
   * @example "./node_modules/transformer-deploy/deploy.config.schema.json"
   */
  $schema?: string;
  /**
   * The models by name. The name becomes a folder and part of a Triton model's name.
   */
  models: {
    [k: string]: Model;
  };
  /**
   * Where the models run, by name. Every model is built for every target, in each of its precisions.
   */
  targets: {
    [k: string]: Target;
  };
  triton?: Triton;
  benchmark?: Benchmark;
  validation?: Validation;
  auto?: Auto;
  cache?: Cache;
  /**
   * Modules that teach the exporter further architectures; paths relative to the config file.
   *
   * @default []
   * @example ["./my-architecture.ts"]
   */
  architectures?: string[];
  /**
   * Where the build leaves its result; relative to the config file.
   *
   * @default "dist"
   * @example "dist"
   */
  outDir?: string;
}
/**
 * One model: where it comes from, the shapes it must take, and how its accuracy is proven.
 */
export interface Model {
  /**
   * A folder with config.json and safetensors files (or onnx/model.onnx in their place), 'hub:org/name@revision', or { onnx: path } for an existing ONNX file.
   *
   * @example "./models/support-intents"
   */
  source:
    | string
    | {
        /**
         * Path of an ONNX model; config.json and the tokenizer files are looked for beside it, above a folder named onnx, and in tokenizer.
         *
         * @example "./model.onnx"
         */
        onnx: string;
      };
  /**
   * Folder with tokenizer.json and its companions, where they are not with the model. For an ONNX file, also the folder with config.json.
   *
   * @example "./models/support-intents"
   */
  tokenizer?: string;
  task?: Task;
  /**
   * Sizes of the inputs: [min, optimum, max] each.
   */
  shapes?: {
    /**
     * Texts per request: [min, optimum, max]. Unless given, up to triton.maxBatchSize.
     *
     * @default [1,8,32]
     * @example [1,8,32]
     *
     * @minItems 3
     * @maxItems 3
     */
    batch?: [number, number, number];
    /**
     * Tokens per text: [min, optimum, max]. Unless given, from 1 to what the model's positions allow, 512 at most, with an optimum of 128.
     *
     * @example [16,64,128]
     *
     * @minItems 3
     * @maxItems 3
     */
    sequence?: [number, number, number];
  };
  calibration?: Calibration;
  quantization?: Quantization;
  evaluation?: Evaluation;
  /**
   * Largest absolute difference from the fp32 export's outputs, per precision. Beyond it the build fails. Without one, the precision's own limits hold: 0.0001 for fp32; for int8, an error relative to the signal and the share of changed labels.
   */
  tolerance?: {
    fp32?: Difference;
    fp16?: Difference;
    bf16?: Difference;
    fp8?: Difference;
    int8?: Difference;
    'int8-dynamic'?: Difference;
    'int8-weight'?: Difference;
    'int4-weight'?: Difference;
    auto?: Difference;
  };
  /**
   * Names of the classes in the order of the model's outputs, for checkpoints that only have LABEL_0, LABEL_1.
   *
   * @example ["negative","positive"]
   */
  labels?: string[];
  /**
   * td: this package writes the graph itself. torch: the Python on this machine traces it with torch.onnx, for architectures that td does not know.
   *
   * @default "td"
   * @example "td"
   */
  exporter?: 'td' | 'torch';
}
/**
 * Texts from which the ranges of activations are measured, for int8, fp8, fp16 and bf16; used by validation as real text. Without them the evaluation's texts are taken, else words of the vocabulary, and the report warns.
 */
export interface Calibration {
  /**
   * A JSON Lines file with a field "text" per line; no labels needed. With a field "target", the decoder of an encoder-decoder is run on that.
   *
   * @example "./data/calibration.jsonl"
   */
  data: string;
  /**
   * How many lines are used, from the first on.
   *
   * @default 256
   * @example 256
   */
  samples?: number;
  /**
   * How a range is drawn from the values seen. percentile leaves out 1 of 100 000 values, as percentile-99.999 does.
   *
   * @default "percentile"
   * @example "percentile"
   */
  method?: 'min-max' | 'moving-average' | 'percentile' | 'percentile-99.99' | 'percentile-99.999' | 'entropy' | 'mse';
}
/**
 * How artefacts of int8, int8-dynamic, int8-weight and int4-weight on onnxruntime are made. Each setting holds for the precisions that take it; auto chooses for itself, and tensorrt has rules of its own.
 */
export interface Quantization {
  /**
   * int8, int8-dynamic: weights of 7 bits, for processors that add two products of u8 and s8 in 16 bits. Unless given, as the processor that builds needs it.
   *
   * @example true
   */
  reduceRange?: boolean;
  /**
   * int8: outliers of activations go into the weights, where that halves the expected error (SmoothQuant).
   *
   * @default false
   * @example true
   */
  smoothing?: boolean;
  /**
   * int8, int8-dynamic: embedding tables have 8 bits, too.
   *
   * @default false
   * @example true
   */
  embeddings?: boolean;
  /**
   * int8, int8-dynamic, int8-weight, int4-weight: paths of the model whose products and tables stay in float32, with all that is below them.
   *
   * @example ["classifier","bert.encoder.layer.11"]
   */
  exclude?: string[];
  /**
   * int8-weight, int4-weight: weights of a product that share a scale: 16, 32, 64 or 128. Unless given, 128 for 8 bits and 32 for 4.
   *
   * @example 32
   */
  blockSize?: 16 | 32 | 64 | 128;
}
/**
 * Texts with known answers: each artefact must answer them as well as fp32 does, within maxDrop.
 */
export interface Evaluation {
  /**
   * A JSON Lines file with the text and its answer per line; the fields depend on the task.
   *
   * @example "./data/eval.jsonl"
   */
  data: string;
  metric?: Metric;
  /**
   * How far the metric may fall below that of fp32, as a fraction (0.01: one point); of perplexity, by which share it may rise.
   *
   * @default 0.01
   * @example 0.01
   */
  maxDrop?: number;
}
/**
 * Where models run: an engine, a device, and the precisions wanted there.
 */
export interface Target {
  /**
   * What executes the model.
   *
   * @example "onnxruntime"
   */
  engine: 'onnxruntime' | 'tensorrt';
  /**
   * Device of the onnxruntime engine; tensorrt always runs on cuda. Unless given, cpu for onnxruntime.
   *
   * @example "cpu"
   */
  device?: 'cpu' | 'cuda' | 'webgpu';
  /**
   * What of ONNX Runtime runs models on cuda: its own kernels, or TensorRT, which compiles them when they are loaded and leaves to cuda what it does not take. Unless given, cuda.
   *
   * @example "tensorrt"
   */
  provider?: 'cuda' | 'tensorrt';
  providerOptions?: ProviderOptions;
  /**
   * Compute capability of the GPU: sm_75 (T4), sm_80 (A100), sm_86 (A10), sm_89 (L4, L40), sm_90 (H100).
   *
   * @example "sm_90"
   */
  gpu?: string;
  /**
   * Each becomes an artefact of every model.
   *
   * @example ["fp32","int8-dynamic"]
   */
  precisions: Precision[];
  /**
   * Container image in which engines are built and served. Its TensorRT decides what the engines load in.
   *
   * @example "nvcr.io/nvidia/tritonserver:26.06-py3"
   */
  image?: string;
  /**
   * Where trtexec is on this machine. Unless given, PATH and the usual install folders are searched.
   *
   * @example "/usr/src/tensorrt/bin/trtexec"
   */
  trtexec?: string;
  /**
   * Words that run a program elsewhere, for instance on a GPU node. {program} stands for trtexec or nvidia-smi; its arguments follow. The working folder holds all files that it reads and writes, by relative paths.
   *
   * @example ["./on-gpu-node.sh","{program}"]
   */
  command?: string[];
  engineOptions?: EngineOptions;
}
/**
 * Options of ONNX Runtime's TensorRT and CUDA providers by ONNX Runtime's own names, for the server: they are written into config.pbtxt. What is absent is ONNX Runtime's own default.
 */
export interface ProviderOptions {
  /**
   * Scratch memory of TensorRT, in bytes.
   *
   * @example 4294967296
   */
  trt_max_workspace_size?: number;
  /**
   * How often the model is divided anew between TensorRT and cuda.
   *
   * @example 1000
   */
  trt_max_partition_iterations?: number;
  /**
   * Operators that a part must have for TensorRT to compile it.
   *
   * @example 5
   */
  trt_min_subgraph_size?: number;
  /**
   * Engines are kept in a folder of the server, so that only its first start builds them.
   *
   * @example true
   */
  trt_engine_cache_enable?: boolean;
  /**
   * On the server.
   *
   * @example "/var/cache/tensorrt"
   */
  trt_engine_cache_path?: string;
  /**
   * What the names of cached engines begin with.
   *
   * @example "intents"
   */
  trt_engine_cache_prefix?: string;
  /**
   * Timings of kernels are kept, so that a later engine is built faster.
   *
   * @example true
   */
  trt_timing_cache_enable?: boolean;
  /**
   * On the server.
   *
   * @example "/var/cache/tensorrt"
   */
  trt_timing_cache_path?: string;
  /**
   * A timing cache of another GPU of the same compute capability is taken, too.
   *
   * @example true
   */
  trt_force_timing_cache?: boolean;
  /**
   * 0 builds fastest, 5 looks longest for the fastest engine.
   *
   * @example 3
   */
  trt_builder_optimization_level?: number;
  /**
   * Streams beside the main one; -1 leaves it to TensorRT.
   *
   * @example 0
   */
  trt_auxiliary_streams?: number;
  /**
   * Kernels are chosen by heuristics: faster to build.
   *
   * @example true
   */
  trt_build_heuristics_enable?: boolean;
  /**
   * Weights with two zeros in four are used as such.
   *
   * @example true
   */
  trt_sparsity_enable?: boolean;
  /**
   * Libraries that kernels may come from, + or - before each.
   *
   * @example "-CUDNN,+CUBLAS"
   */
  trt_tactic_sources?: string;
  /**
   * Shared libraries on the server with operators that TensorRT lacks, with ; between them.
   *
   * @example "/opt/plugins/libmine.so"
   */
  trt_extra_plugin_lib_paths?: string;
  /**
   * Parts of the model share their working memory.
   *
   * @example true
   */
  trt_context_memory_sharing_enable?: boolean;
  /**
   * Engines for several GPUs are built one after another.
   *
   * @example true
   */
  trt_force_sequential_engine_build?: boolean;
  /**
   * How long each step of a build took is logged.
   *
   * @example true
   */
  trt_detailed_build_log?: boolean;
  /**
   * Of each input. Unless given, one text of one token.
   *
   * @example "input_ids:1x16,attention_mask:1x16"
   */
  trt_profile_min_shapes?: string;
  /**
   * Of each input. Unless given, the optimum of the model's shapes.
   *
   * @example "input_ids:1x16,attention_mask:1x16"
   */
  trt_profile_opt_shapes?: string;
  /**
   * Of each input. Unless given, the maximum of the model's shapes.
   *
   * @example "input_ids:1x16,attention_mask:1x16"
   */
  trt_profile_max_shapes?: string;
  /**
   * Most memory of the GPU that cuda takes, in bytes.
   *
   * @example 4294967296
   */
  gpu_mem_limit?: number;
  /**
   * How much is taken when memory is short: the next power of two, or what is asked for.
   *
   * @example "kSameAsRequested"
   */
  arena_extend_strategy?: 'kNextPowerOfTwo' | 'kSameAsRequested';
  /**
   * How cuDNN looks for the fastest algorithm.
   *
   * @example "HEURISTIC"
   */
  cudnn_conv_algo_search?: 'EXHAUSTIVE' | 'HEURISTIC' | 'DEFAULT';
  /**
   * cuDNN may take as much memory as it wants: 1, or a limit: 0.
   *
   * @example 1
   */
  cudnn_conv_use_max_workspace?: number;
  /**
   * Whether copies wait for computation.
   *
   * @example true
   */
  do_copy_in_default_stream?: boolean;
  /**
   * All sessions of the provider share a stream.
   *
   * @example true
   */
  use_ep_level_unified_stream?: boolean;
  /**
   * Whether products of fp32 may have 10 bits of mantissa, which is ONNX Runtime's default.
   *
   * @example false
   */
  use_tf32?: boolean;
  /**
   * Convolutions keep channels last.
   *
   * @example true
   */
  prefer_nhwc?: boolean;
  /**
   * Operators that can be tuned are.
   *
   * @example true
   */
  tunable_op_enable?: boolean;
  /**
   * They are tuned while the server runs.
   *
   * @example true
   */
  tunable_op_tuning_enable?: boolean;
  /**
   * Sums of SkipLayerNormalization are taken in fp32.
   *
   * @example true
   */
  enable_skip_layer_norm_strict_mode?: boolean;
}
/**
 * How TensorRT builds engines. What is absent is TensorRT's own default.
 */
export interface EngineOptions {
  /**
   * Scratch memory that a layer may use, in MiB. Unless given, the whole GPU.
   *
   * @example 4096
   */
  workspaceMiB?: number;
  /**
   * 0 builds fastest, 5 looks longest for the fastest engine.
   *
   * @example 3
   */
  builderOptimizationLevel?: number;
  /**
   * Streams beside the main one on which layers may run at the same time.
   *
   * @example 0
   */
  maxAuxStreams?: number;
  /**
   * How long the builder looks for tilings that keep data in the L2 cache. TensorRT 10.8 or later.
   *
   * @example 1
   */
  tilingOptimizationLevel?: number;
  /**
   * GPUs that the engine runs on besides the one it was built on; costs speed.
   *
   * @example "ampere+"
   */
  hardwareCompatibility?: 'none' | 'ampere+' | 'sameComputeCapability';
  /**
   * The engine loads in newer releases of TensorRT, too.
   *
   * @example true
   */
  versionCompatible?: boolean;
  /**
   * A version compatible engine does not bring the runtime along.
   *
   * @example true
   */
  excludeLeanRuntime?: boolean;
  /**
   * The engine holds no weights; the server fills them in from the ONNX. TensorRT 10.14 or later.
   *
   * @example true
   */
  stripWeights?: boolean;
  /**
   * Weights may be replaced in the engine later.
   *
   * @example true
   */
  refit?: boolean;
  /**
   * Weights with two zeros in four: enable uses them where they are, force makes them.
   *
   * @example "enable"
   */
  sparsity?: 'disable' | 'enable' | 'force';
  /**
   * fp32 engines may multiply with 10 bits of mantissa. Unless given, they do not.
   *
   * @example true
   */
  tf32?: boolean;
  /**
   * Whether latency is measured with a CUDA graph. Unless given, yes.
   *
   * @example false
   */
  cudaGraphs?: boolean;
  /**
   * A file that decides which kernels are taken; what it lacks fails the build. Unless given, each GPU has one of its own in the cache, which grows.
   *
   * @example "./h100.timing-cache"
   */
  timingCache?: string;
  /**
   * Shared libraries with operators that TensorRT lacks.
   *
   * @example ["./libmine.so"]
   */
  plugins?: string[];
  /**
   * Instead of the one that follows from the model's shapes. Several need TensorRT 9.1 or later.
   *
   * @example [{"batch":[1,1,1],"sequence":[1,32,128]}]
   */
  profiles?: EngineProfile[];
  /**
   * Longest time for one run of trtexec, in minutes.
   *
   * @example 120
   */
  timeoutMinutes?: number;
}
/**
 * Shapes that an engine takes, fastest at the usual ones.
 */
export interface EngineProfile {
  /**
   * Texts in a batch.
   *
   * @example [1,8,32]
   *
   * @minItems 3
   * @maxItems 3
   */
  batch: [number, number, number];
  /**
   * Tokens that a call reads.
   *
   * @example [1,8,32]
   *
   * @minItems 3
   * @maxItems 3
   */
  sequence: [number, number, number];
  /**
   * Tokens that a decoder's cache holds.
   *
   * @example [1,8,32]
   *
   * @minItems 3
   * @maxItems 3
   */
  past?: [number, number, number];
  /**
   * Axes of networks from elsewhere, by their own names.
   */
  dimensions?: {
    [k: string]: Sizes;
  };
}
/**
 * The Triton model repository that is written for the artefacts.
 */
export interface Triton {
  /**
   * Folder of the model repository, inside outDir.
   *
   * @default "triton"
   * @example "triton"
   */
  repository?: string;
  /**
   * By name, targets with engines for several GPUs: the repository has one model for all of them, and the server loads the engine of its own GPU (cc_model_filenames).
   */
  joinTargets?: {
    /**
     * Names of tensorrt targets, each for another GPU.
     *
     * @example ["a100","h100"]
     */
    [k: string]: string[];
  };
  /**
   * max_batch_size of every model; 0 turns the server's batching off. Unless given, each model's own largest batch.
   *
   * @example 32
   */
  maxBatchSize?: number;
  /**
   * Whether the server joins requests into batches; an object sets the details.
   *
   * @default true
   * @example true
   */
  dynamicBatching?:
    | boolean
    | {
        /**
         * max_queue_delay_microseconds: how long a request may wait for others.
         *
         * @default 0
         * @example 200
         */
        maxQueueDelayMicroseconds?: number;
        /**
         * preferred_batch_size. Best left out, except for TensorRT engines with several profiles.
         *
         * @default []
         * @example [8,16]
         */
        preferredBatchSizes?: number[];
        /**
         * preserve_ordering: answers come in the order of the requests.
         *
         * @example true
         */
        preserveOrdering?: boolean;
        /**
         * priority_levels: 1 is the most urgent.
         *
         * @example 2
         */
        priorityLevels?: number;
        /**
         * default_priority_level: of requests that bring none. Needed with priorityLevels.
         *
         * @example 2
         */
        defaultPriorityLevel?: number;
        /**
         * What happens to requests that wait: a time-out, and how many may wait.
         */
        queuePolicy?: {
          /**
           * default_timeout_microseconds: how long a request may wait; 0 is for ever.
           *
           * @example 500000
           */
          timeoutMicroseconds?: number;
          /**
           * timeout_action: refuse the request, or let it wait behind the others.
           *
           * @example "reject"
           */
          timeoutAction?: 'reject' | 'delay';
          /**
           * allow_timeout_override: whether a request may bring a shorter time-out.
           *
           * @example true
           */
          allowTimeoutOverride?: boolean;
          /**
           * max_queue_size: requests beyond it are refused; 0 is no limit.
           *
           * @example 512
           */
          maxSize?: number;
        };
        /**
         * priority_queue_policy: by level, instead of queuePolicy.
         */
        priorityQueuePolicies?: {
          /**
           * What happens to requests that wait: a time-out, and how many may wait.
           */
          [k: string]: {
            /**
             * default_timeout_microseconds: how long a request may wait; 0 is for ever.
             *
             * @example 500000
             */
            timeoutMicroseconds?: number;
            /**
             * timeout_action: refuse the request, or let it wait behind the others.
             *
             * @example "reject"
             */
            timeoutAction?: 'reject' | 'delay';
            /**
             * allow_timeout_override: whether a request may bring a shorter time-out.
             *
             * @example true
             */
            allowTimeoutOverride?: boolean;
            /**
             * max_queue_size: requests beyond it are refused; 0 is no limit.
             *
             * @example 512
             */
            maxSize?: number;
          };
        };
      };
  /**
   * els-rd: model and tensor names, and max_batch_size 0, as ELS-RD/transformer-deploy wrote them, for its clients.
   *
   * @default "none"
   * @example "els-rd"
   */
  compat?: 'none' | 'els-rd';
  /**
   * instance_group of every network: how many run at once, and where.
   */
  instances?: {
    /**
     * Instances, on each GPU where there are GPUs.
     *
     * @default 1
     * @example 2
     */
    count?: number;
    /**
     * Where they run. Unless given: on CPUs for the device cpu, on GPUs for an engine, else on GPUs where there are any.
     *
     * @example "gpu"
     */
    kind?: 'auto' | 'cpu' | 'gpu';
    /**
     * Indices of the GPUs that get instances; all GPUs unless given.
     *
     * @example [0,1]
     */
    gpus?: number[];
    /**
     * Of engines of TensorRT: the profiles that instances use. Unless given, all that the engine has.
     *
     * @example [0,1]
     */
    profiles?: number[];
    /**
     * rate_limiter: resources that an instance needs in order to run, of which the server has a limited number.
     */
    rateLimiter?: {
      /**
       * What an instance takes while it runs.
       *
       * @example [{"name":"gpu-memory","count":4}]
       */
      resources?: {
        /**
         * Any name; instances with the same one share it.
         *
         * @example "gpu-memory"
         */
        name: string;
        /**
         * How many of it.
         *
         * @example 4
         */
        count: number;
        /**
         * Shared by all devices, not by those of one.
         *
         * @example true
         */
        global?: boolean;
      }[];
      /**
       * Instances with a higher number get their turn less often.
       *
       * @example 2
       */
      priority?: number;
    };
  };
  /**
   * How many processes tokenise, or ask the networks. Each is a process of its own.
   *
   * @default 1
   * @example 2
   */
  pythonInstances?: number;
  /**
   * Threads of each instance in ONNX Runtime; 0 is all cores. With several instances, divide the cores among them.
   */
  threads?: {
    /**
     * intra_op_thread_count.
     *
     * @default 0
     * @example 4
     */
    intraOp?: number;
    /**
     * inter_op_thread_count; only with parallel execution.
     *
     * @example 1
     */
    interOp?: number;
    /**
     * execution_mode 1: operators that do not wait for each other run at once.
     *
     * @example false
     */
    parallel?: boolean;
  };
  /**
   * response_cache of the models that clients call: an equal request gets the answer of before. The server needs --cache-config too.
   *
   * @default false
   * @example true
   */
  responseCache?: boolean;
  /**
   * Which versions are served: the newest so many, all, or those listed.
   */
  versionPolicy?: {
    /**
     * num_versions.
     *
     * @example 2
     */
    latest?: number;
    /**
     * Every version in the folder.
     *
     * @example true
     */
    all?: true;
    /**
     * Their numbers.
     *
     * @example [1]
     */
    specific?: number[];
  };
  /**
   * Execution providers of ONNX Runtime, tried in order before its own.
   */
  accelerators?: {
    /**
     * gpu_execution_accelerator.
     *
     * @example [{"name":"tensorrt"}]
     */
    gpu?: {
      /**
       * The provider.
       *
       * @example "tensorrt"
       */
      name: 'tensorrt' | 'cuda';
      /**
       * As the onnxruntime backend calls them.
       */
      parameters?: {
        [k: string]: string;
      };
    }[];
    /**
     * cpu_execution_accelerator.
     *
     * @example [{"name":"openvino"}]
     */
    cpu?: {
      /**
       * The provider.
       *
       * @example "openvino"
       */
      name: 'openvino';
      /**
       * As the onnxruntime backend calls them.
       */
      parameters?: {
        [k: string]: string;
      };
    }[];
  };
  /**
   * The checksum agent compares each network file with its MD5 when the server loads it. The image must have the agent.
   *
   * @default false
   * @example true
   */
  checksum?: boolean;
  /**
   * Who runs text-generation: the exported decoder, or vLLM or TensorRT-LLM (its LLM API), which read the checkpoint by themselves.
   *
   * @default "onnx"
   * @example "vllm"
   */
  backend?: 'onnx' | 'vllm' | 'tensorrt-llm';
  /**
   * Engine arguments of vLLM, written into model.json, or arguments of LLM() of TensorRT-LLM, written into model.yaml, as they are. model, the checkpoint's place on the server or its name on the Hub, is needed unless the source is the Hub.
   */
  backendOptions?: {
    /**
     * As the backend spells it.
     *
     * @example 0.9
     */
    [k: string]:
      | string
      | number
      | boolean
      | (string | number | boolean)[]
      | {
          /**
           * As the backend spells it.
           *
           * @example 4096
           */
          [k: string]: string | number | boolean | (string | number | boolean)[];
        };
  };
}
/**
 * How artefacts are measured. Runs of all artefacts of a model take turns, at least runs times and minSeconds long.
 */
export interface Benchmark {
  /**
   * [batch, sequence] pairs. Unless given, the smallest and the optimum batch at the optimum sequence of each model.
   *
   * @example [[1,16],[1,128],[8,128]]
   */
  shapes?: [number, number][];
  /**
   * Runs that are not counted, before the measurement.
   *
   * @default 5
   * @example 5
   */
  warmup?: number;
  /**
   * Least number of measured runs per shape.
   *
   * @default 50
   * @example 50
   */
  runs?: number;
  /**
   * Least measured time per shape and artefact, in seconds.
   *
   * @default 1
   * @example 1
   */
  minSeconds?: number;
  /**
   * Threads of one inference. Unless given, one per core.
   *
   * @example 2
   */
  threads?: number;
}
/**
 * The inputs on which each artefact is compared with the fp32 export.
 */
export interface Validation {
  /**
   * Texts compared: from the evaluation or calibration data, else made from the tokenizer's vocabulary.
   *
   * @default 64
   * @example 64
   */
  samples?: number;
  /**
   * Start of the pseudo-random choices; another seed, other texts.
   *
   * @default 0
   * @example 0
   */
  seed?: number;
}
/**
 * How artefacts of the precision auto are chosen: the fastest mix within maxDrop, or without evaluation data within the precision's tolerance. What was chosen is kept in td.lock.
 */
export interface Auto {
  /**
   * Minutes after which no other candidate is begun; what there is then is still measured.
   *
   * @default 10
   * @example 10
   */
  maxMinutes?: number;
}
/**
 * Where results of earlier builds are kept.
 */
export interface Cache {
  /**
   * Folder of the cache; ~ is the home folder.
   *
   * @default "~/.cache/transformer-deploy"
   * @example "~/.cache/transformer-deploy"
   */
  directory?: string;
  /**
   * What the cache may take on disk; the least recently used results go first.
   *
   * @default "50 GB"
   * @example "50 GB"
   */
  maxSize?: string;
  /**
   * An HTTP cache that several machines share.
   */
  remote?: {
    /**
     * http or https address. Put no password into it: use token.
     *
     * @example "https://cache.example.com/transformer-deploy"
     */
    url: string;
    /**
     * Bearer token, read from an environment variable when the remote is used.
     */
    token?: {
      /**
       * Name of the environment variable.
       *
       * @example "TD_CACHE_TOKEN"
       */
      env: string;
    };
  };
}
