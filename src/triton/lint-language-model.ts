import { parse } from 'yaml';
import { isObject } from '../util/json.js';
import type { Rule } from './lint-rule.js';

/** Files with the arguments of a language model, by the backend that reads them. */
export const ARGUMENT_FILES: Readonly<Record<string, string>> = { vllm: 'model.json', python: 'model.yaml' };

/** The members of a file; undefined where it is no object. */
export function readArguments(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    // JSON is YAML.
    const value: unknown = parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** model.json of the vLLM backend, and model.yaml of TensorRT-LLM's LLM API. */
export const LANGUAGE_MODEL_RULES: readonly Rule[] = [
  {
    id: 'vllm-arguments',
    *check({ name, backend, arguments: files }) {
      if (backend !== 'vllm') return;
      for (const [where, read] of files) {
        if (read === undefined) yield { where, message: `model.json of '${name}' is not a JSON object` };
        else if (typeof read.model !== 'string' || read.model === '') {
          yield { where, message: `model.json of '${name}' does not say which checkpoint to read: 'model' is missing` };
        }
      }
    },
  },
  {
    id: 'vllm-cache',
    *check({ name, backend, config }) {
      // The backend completes the configuration as decoupled.
      if (backend === 'vllm' && config.response_cache?.enable) {
        yield `Response Cache does not currently support model ${name} with 'decoupled' transaction policy. Please disable the response cache.`;
      }
    },
  },
  {
    id: 'llm-api-arguments',
    *check({ name, backend, config, arguments: files }) {
      for (const [where, read] of backend === 'python' ? files : []) {
        // Another model.py may have a model.yaml of its own.
        const { triton_config: server, model } = read ?? {};
        if (!isObject(server)) continue;
        if (typeof model !== 'string') {
          yield { where, message: `model.yaml of '${name}' does not say which checkpoint to read: 'model' is missing` };
        }
        for (const member of ['max_batch_size', 'decoupled']) {
          if (server[member] === undefined) {
            yield { where, message: `triton_config in model.yaml of '${name}' must have '${member}'` };
          }
        }
        const { max_batch_size: max, model_transaction_policy: policy } = config;
        if (max !== undefined && server.max_batch_size !== undefined && max !== server.max_batch_size) {
          yield {
            where,
            message: `max_batch_size of '${name}' is ${server.max_batch_size} in model.yaml, but ${max} in config.pbtxt`,
          };
        }
        if (policy && server.decoupled !== undefined && (policy.decoupled ?? false) !== server.decoupled) {
          yield {
            where,
            message: `decoupled of '${name}' is ${server.decoupled} in model.yaml, but ${policy.decoupled ?? false} in config.pbtxt`,
          };
        }
        const count = config.instance_group?.[0]?.count ?? 1;
        if (count > 1 && !config.parameters?.gpu_device_ids?.string_value) {
          yield `gpu_device_ids parameter required when instance count > 1`;
        }
      }
    },
  },
];
