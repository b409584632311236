import { nearest } from '../util/nearest.js';
import { PROFILE } from './execution-provider.js';
import { backendOf } from './lint-config.js';
import type { Rule } from './lint-rule.js';
import type { ModelConfig } from './model-config.js';

/** What the onnxruntime backend knows, by the group that it is named in. */
const ACCELERATORS = {
  gpu_execution_accelerator: ['tensorrt', 'cuda'],
  cpu_execution_accelerator: ['openvino'],
} as const;

const PRECISION_MODES = ['FP32', 'FP16', 'BF16', 'INT8'];

/** Parameters of the accelerator tensorrt; the backend refuses others. Those of cuda go to ONNX Runtime as they are. */
const TENSORRT_PARAMETERS = [
  'precision_mode',
  'max_workspace_size_bytes',
  'int8_calibration_table_name',
  'int8_use_native_calibration_table',
  'trt_max_partition_iterations',
  'trt_min_subgraph_size',
  'trt_dla_enable',
  'trt_dla_core',
  'trt_engine_cache_enable',
  'trt_engine_cache_path',
  'trt_engine_cache_prefix',
  'trt_dump_subgraphs',
  'trt_force_sequential_engine_build',
  'trt_context_memory_sharing_enable',
  'trt_layer_norm_fp32_fallback',
  'trt_timing_cache_enable',
  'trt_timing_cache_path',
  'trt_force_timing_cache',
  'trt_detailed_build_log',
  'trt_build_heuristics_enable',
  'trt_sparsity_enable',
  'trt_builder_optimization_level',
  'trt_auxiliary_streams',
  'trt_tactic_sources',
  'trt_extra_plugin_lib_paths',
  'trt_profile_min_shapes',
  'trt_profile_max_shapes',
  'trt_profile_opt_shapes',
  'trt_cuda_graph_enable',
  'trt_dump_ep_context_model',
  'trt_ep_context_file_path',
  'trt_ep_context_embed_mode',
];

/** Parameters of each accelerator tensorrt that is asked for. */
const tensorrtParameters = ({ optimization }: ModelConfig): Readonly<Record<string, string>>[] =>
  (optimization?.execution_accelerators?.gpu_execution_accelerator ?? [])
    .filter(({ name }) => name === 'tensorrt')
    .map(({ parameters = {} }) => parameters);

/** Execution providers of ONNX Runtime that a configuration asks for. */
export const ACCELERATOR_RULES: readonly Rule[] = [
  {
    id: 'execution-accelerator',
    *check({ config }) {
      if (backendOf(config) !== 'onnxruntime') return;
      const given = config.optimization?.execution_accelerators ?? {};
      for (const group of ['gpu_execution_accelerator', 'cpu_execution_accelerator'] as const) {
        for (const { name = '' } of given[group] ?? []) {
          const known: readonly string[] = ACCELERATORS[group];
          if (!known.includes(name)) yield `unknown Execution Accelerator '${name}' is requested`;
        }
      }
    },
  },
  {
    id: 'accelerator-parameter',
    *check({ config }) {
      if (backendOf(config) !== 'onnxruntime') return;
      for (const parameters of tensorrtParameters(config)) {
        for (const [parameter, value] of Object.entries(parameters)) {
          if (!TENSORRT_PARAMETERS.includes(parameter)) {
            const meant = nearest(parameter, TENSORRT_PARAMETERS);
            const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
            yield `unknown parameter '${parameter}' is provided for TensorRT Execution Accelerator${hint}`;
          } else if (parameter === 'precision_mode' && !PRECISION_MODES.includes(value)) {
            yield `unsupported precision mode '${value}' is requested`;
          }
        }
      }
    },
  },
  {
    id: 'accelerator-profile',
    *check({ config }) {
      for (const parameters of tensorrtParameters(config)) {
        const given = Object.values(PROFILE);
        const missing = given.filter(parameter => !parameters[parameter]);
        if (missing.length === given.length) continue;
        for (const parameter of missing)
          yield `a profile of TensorRT needs ${given.join(', ')}; there is no ${parameter}`;
        for (const parameter of given.filter(each => !missing.includes(each))) {
          const names = parameters[parameter]!.split(',').map(shape => shape.slice(0, shape.lastIndexOf(':')));
          for (const { name = '' } of config.input ?? []) {
            if (!names.includes(name)) yield `${parameter} has no shape for the input '${name}'`;
          }
        }
      }
    },
  },
];
