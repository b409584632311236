import { stringify } from 'yaml';
import { type Failure, usageFailure } from '../util/failure.js';
import { prettyJson } from '../util/json.js';
import type { DataType, Message, ModelConfig } from './model-config.js';
import { writeModelConfig } from './pbtxt-write.js';
import type { RepositoryFacts, RepositoryFile } from './repository.js';
import { clientSettings, type ServerSettings } from './server-settings.js';

/** Who may run text-generation instead of the exported decoder. Both read the checkpoint by themselves. */
export type LanguageBackend = 'vllm' | 'tensorrt-llm';

const NAMES: Readonly<Record<LanguageBackend, string>> = {
  vllm: 'vLLM',
  'tensorrt-llm': 'TensorRT-LLM',
};

interface LanguageModel {
  /** Arguments in the backend's own words, `model` among them. */
  readonly engine: Readonly<Record<string, unknown>>;
  readonly server: ServerSettings;
  /** Sources of the Python models by file name. */
  readonly python: RepositoryFacts['python'];
}

/** The model repository of a language model that one of these backends runs. */
export const languageModel = (name: string, backend: LanguageBackend, model: LanguageModel): RepositoryFile[] =>
  backend === 'vllm' ? vllmModel(name, model) : llmApiModel(name, model);

/**
 * A model of the vLLM backend: model.json has vLLM's own engine arguments. Inputs and outputs are the backend's; it adds them to the
 * configuration by itself.
 */
const vllmModel = (name: string, { engine, server }: LanguageModel): RepositoryFile[] => [
  {
    path: `${name}/config.pbtxt`,
    content: writeModelConfig({
      name,
      backend: 'vllm',
      ...clientSettings(server),
      // vLLM chooses its GPUs itself.
      instance_group: [{ kind: 'KIND_MODEL', count: 1 }],
    }),
  },
  { path: `${name}/1/model.json`, content: prettyJson(engine) },
];

export interface LanguageModelUse {
  readonly backend: LanguageBackend;
  readonly engine: Readonly<Record<string, unknown>>;
  readonly compat: 'none' | 'els-rd';
  /** A target runs on a GPU. */
  readonly hasGpu: boolean;
}

/** Why a model cannot be given to one of these backends; known before anything is built. */
export function languageModelFailure(model: string, use: LanguageModelUse): Failure | undefined {
  const { backend, engine, compat, hasGpu } = use;
  const name = NAMES[backend];
  if (engine.model === undefined) {
    return usageFailure(
      'triton-checkpoint',
      `${name} reads the checkpoint of ${model} by itself, and does not know where it is`,
      {
        where: 'triton.backendOptions',
        expected: 'model, a folder on the server or a name on the Hub',
        fix: `add backendOptions: { model: '/checkpoints/${model}' }, or take the model from the Hub`,
      },
    );
  }
  if (compat === 'els-rd') {
    return usageFailure('triton-settings', `the names of els-rd are not those of ${name}: ${model} cannot have both`, {
      where: 'triton.compat',
      fix: "remove compat, or choose backend: 'onnx'",
    });
  }
  if (backend === 'vllm') return undefined;
  if (!hasGpu) {
    return usageFailure('triton-settings', `${name} runs on GPUs, and no target of ${model} has one`, {
      where: 'triton.backend',
      fix: "add a target with device: 'cuda', or choose backend: 'onnx'",
    });
  }
  if (engine.triton_config !== undefined) {
    return usageFailure('triton-settings', 'triton_config of model.yaml is not an argument of LLM()', {
      where: 'triton.backendOptions.triton_config',
      expected: 'arguments of LLM()',
      fix: 'remove it: it says what config.pbtxt says, and is written by the build',
    });
  }
  return undefined;
}

/** What model.yaml says to the server: requests are not joined by it but by TensorRT-LLM, and answered in pieces. */
const TRITON_CONFIG = { max_batch_size: 0, decoupled: true } as const;

/**
 * The LLM-API layout of TensorRT-LLM: a Python model, and model.yaml with the arguments of LLM(). config.pbtxt is complete, and says the
 * same as triton_config in model.yaml, so that it does not matter whether the server completes configurations.
 */
const llmApiModel = (name: string, { engine, server, python }: LanguageModel): RepositoryFile[] => [
  {
    path: `${name}/config.pbtxt`,
    content: writeModelConfig({
      name,
      backend: 'python',
      max_batch_size: TRITON_CONFIG.max_batch_size,
      ...LLM_API_IO,
      model_transaction_policy: { decoupled: TRITON_CONFIG.decoupled },
      ...clientSettings(server),
      // One process: TensorRT-LLM chooses its GPUs and starts one more for each itself.
      instance_group: [{ kind: 'KIND_CPU', count: 1 }],
    }),
  },
  { path: `${name}/1/model.py`, content: python['llm_api.py']! },
  {
    path: `${name}/1/model.yaml`,
    content: stringify({ backend: 'pytorch', ...engine, triton_config: TRITON_CONFIG }),
  },
];

const optional = (name: string, type: DataType, dim: number = 1): Message<'ModelInput'> => ({
  name,
  data_type: type,
  dims: [dim],
  optional: true,
});

const LLM_API_IO: Pick<ModelConfig, 'input' | 'output'> = {
  input: [
    { name: 'text_input', data_type: 'TYPE_STRING', dims: [-1] },
    optional('streaming', 'TYPE_BOOL'),
    optional('sampling_param_best_of', 'TYPE_INT32'),
    optional('sampling_param_temperature', 'TYPE_FP32'),
    optional('sampling_param_top_k', 'TYPE_INT32'),
    optional('sampling_param_top_p', 'TYPE_FP32'),
    optional('sampling_param_frequency_penalty', 'TYPE_FP32'),
    optional('sampling_param_presence_penalty', 'TYPE_FP32'),
    optional('sampling_param_max_tokens', 'TYPE_INT32'),
    optional('sampling_param_stop', 'TYPE_STRING', -1),
    optional('sampling_param_seed', 'TYPE_UINT64'),
    optional('sampling_param_exclude_input_from_output', 'TYPE_BOOL'),
    optional('return_finish_reason', 'TYPE_BOOL'),
    optional('return_stop_reason', 'TYPE_BOOL'),
    optional('return_cumulative_logprob', 'TYPE_BOOL'),
  ],
  output: [
    { name: 'text_output', data_type: 'TYPE_STRING', dims: [-1] },
    { name: 'finish_reason', data_type: 'TYPE_STRING', dims: [-1] },
    { name: 'stop_reason', data_type: 'TYPE_STRING', dims: [-1] },
    { name: 'cumulative_logprob', data_type: 'TYPE_FP32', dims: [-1] },
  ],
};
