import {
  type AnyMessage,
  ENUMS,
  type Field,
  fieldsOf,
  isEnum,
  isMessage,
  type MessageName,
  type ModelConfig,
} from '../triton/model-config.js';
import type { ModelRepository } from './repository.js';
import { datatypeOf } from './request-checks.js';
import type { ServedVersion } from './served-version.js';
import type { BatchStatistics, Duration, ModelStatistics } from './statistics.js';

/** Protocol extensions that are really there. */
const EXTENSIONS = [
  'classification',
  'sequence',
  'model_repository',
  'model_repository(unload_dependents)',
  'schedule_policy',
  'model_configuration',
  'binary_tensor_data',
  'parameters',
  'statistics',
];

export const serverMetadata = (version: string) => ({ name: 'transformer-deploy', version, extensions: EXTENSIONS });

/** Shapes with the batch dimension, as clients send them. */
export function modelMetadata({ facts: { name, config } }: ServedVersion, versions: readonly string[]) {
  const tensors = (list: ModelConfig['input'] | ModelConfig['output'] = []) =>
    list.map(({ name: tensor = '', data_type: type, dims = [] }) => ({
      name: tensor,
      datatype: datatypeOf(type),
      shape: [...((config.max_batch_size ?? 0) > 0 ? [-1] : []), ...dims.map(Number)],
    }));
  return {
    name,
    versions,
    platform: config.platform || config.backend || '',
    inputs: tensors(config.input),
    outputs: tensors(config.output),
  };
}

export const versionsOf = (repository: ModelRepository, name: string): readonly string[] =>
  repository.served.flatMap(({ facts }) => (facts.name === name ? [`${facts.version}`] : []));

/** The configuration as JSON: every field of a message that is there, also those that nobody has set. */
export const configJson = (config: ModelConfig): object => messageJson('ModelConfig', config);

function messageJson(name: MessageName, message: AnyMessage): object {
  return Object.fromEntries(
    Object.entries(fieldsOf(name)).flatMap(([key, field]) => {
      const value = message[key] ?? defaultOf(field);
      return value === undefined ? [] : [[key, fieldJson(field, value)]];
    }),
  );
}

function defaultOf({ type, key, repeated, oneof }: Field): unknown {
  if (key !== undefined) return {};
  if (repeated) return [];
  if (isMessage(type) || oneof !== undefined) return undefined;
  if (isEnum(type)) return Object.keys(ENUMS[type])[0];
  return type === 'string' ? '' : type === 'bool' ? false : 0;
}

function fieldJson({ type, key, repeated }: Field, value: unknown): unknown {
  const one = (item: unknown) => (isMessage(type) ? messageJson(type, item as AnyMessage) : item);
  if (key !== undefined) return Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, one(v)]));
  return repeated ? (value as readonly unknown[]).map(one) : one(value);
}

const nanoseconds = ({ count, milliseconds }: Duration) => ({ count, ns: Math.round(milliseconds * 1e6) });

/** The statistics of one version, as the extension lays them out. */
export function statisticsJson({ facts: { name, version, statistics } }: ServedVersion) {
  return {
    name,
    version: `${version}`,
    last_inference: statistics.lastInference,
    inference_count: statistics.inferenceCount,
    execution_count: statistics.executionCount,
    inference_stats: {
      success: nanoseconds(statistics.success),
      fail: nanoseconds(statistics.fail),
      queue: nanoseconds(statistics.queue),
      compute_input: nanoseconds(statistics.computeInput),
      compute_infer: nanoseconds(statistics.computeInfer),
      compute_output: nanoseconds(statistics.computeOutput),
      cache_hit: nanoseconds(statistics.cacheHit),
      cache_miss: nanoseconds(statistics.cacheMiss),
    },
    response_stats: {},
    batch_stats: batchStatistics(statistics),
    memory_usage: [],
  };
}

const batchStatistics = ({ batches }: ModelStatistics) =>
  [...batches]
    .sort(([a], [b]) => a - b)
    .map(([size, batch]: readonly [number, BatchStatistics]) => ({
      batch_size: size,
      compute_input: nanoseconds(batch.computeInput),
      compute_infer: nanoseconds(batch.computeInfer),
      compute_output: nanoseconds(batch.computeOutput),
    }));
