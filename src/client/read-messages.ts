import { ok } from '../util/result.js';
import { malformed } from './errors.js';
import {
  INFERENCE_DURATIONS,
  type InferenceDuration,
  type ModelMetadata,
  type ModelStatistics,
  type RepositoryEntry,
  type ServerMetadata,
  type StatisticDuration,
  type TensorMetadata,
} from './messages.js';
import type { Outcome } from './transport.js';

/** A message as JSON or as gRPC's decoder gives it: fields by the protocol's names, 64-bit integers as numbers or as text. */
type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Absent members are 0, as in protobuf. Nanoseconds above 2^53, 104 days, lose their last digits. */
const numberOf = (value: unknown): number => {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? number : 0;
};
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((text): text is string => typeof text === 'string') : [];

export function readServerMetadata(message: unknown): Outcome<ServerMetadata> {
  if (!isFields(message) || typeof message.name !== 'string') return malformed("the server's metadata have no name");
  return ok({ name: message.name, version: textOf(message.version), extensions: textsOf(message.extensions) });
}

export function readModelMetadata(message: unknown): Outcome<ModelMetadata> {
  if (!isFields(message) || typeof message.name !== 'string') return malformed("the model's metadata have no name");
  const tensors = [...listOf(message.inputs), ...listOf(message.outputs)];
  const odd = tensors.find(({ name, datatype }) => typeof name !== 'string' || typeof datatype !== 'string');
  if (odd) return malformed("the model's metadata have a tensor without name or datatype");
  return ok({
    name: message.name,
    versions: textsOf(message.versions),
    platform: textOf(message.platform),
    inputs: listOf(message.inputs).map(tensorOf),
    outputs: listOf(message.outputs).map(tensorOf),
  });
}

const tensorOf = ({ name, datatype, shape }: Fields): TensorMetadata => ({
  name: textOf(name),
  datatype: textOf(datatype),
  shape: Array.isArray(shape) ? shape.map(numberOf) : [],
});

/** @param message the list itself, or an object with it as 'models' */
export function readRepositoryIndex(message: unknown): Outcome<readonly RepositoryEntry[]> {
  const models = isFields(message) ? message.models : message;
  if (!Array.isArray(models)) return malformed('the repository index is no list');
  return ok(
    listOf(models).map(({ name, version, state, reason }) => ({
      name: textOf(name),
      version: textOf(version),
      state: textOf(state),
      reason: textOf(reason),
    })),
  );
}

export function readStatistics(message: unknown): Outcome<readonly ModelStatistics[]> {
  if (!isFields(message) || !Array.isArray(message.model_stats)) {
    return malformed("the statistics have no 'model_stats'");
  }
  return ok(
    listOf(message.model_stats).map((model): ModelStatistics => {
      const inference = isFields(model.inference_stats) ? model.inference_stats : {};
      return {
        name: textOf(model.name),
        version: textOf(model.version),
        last_inference: numberOf(model.last_inference),
        inference_count: numberOf(model.inference_count),
        execution_count: numberOf(model.execution_count),
        inference_stats: Object.fromEntries(
          INFERENCE_DURATIONS.map(name => [name, durationOf(inference[name])]),
        ) as Record<InferenceDuration, StatisticDuration>,
        batch_stats: listOf(model.batch_stats).map(batch => ({
          batch_size: numberOf(batch.batch_size),
          compute_input: durationOf(batch.compute_input),
          compute_infer: durationOf(batch.compute_infer),
          compute_output: durationOf(batch.compute_output),
        })),
      };
    }),
  );
}

const durationOf = (value: unknown): StatisticDuration =>
  isFields(value) ? { count: numberOf(value.count), ns: numberOf(value.ns) } : { count: 0, ns: 0 };
