import type { Failure } from '../../util/failure.js';
import { ok, type Result } from '../../util/result.js';
import type { Session, TensorDeclaration, Tensors, TensorValue } from '../session.js';

const PAST = /^past_key_values\.(.+)$/;

/** Name of the output that becomes the input `name` of the next step: past_key_values.0.key -> present.0.key. */
export const presentOf = (name: string): string => name.replace(PAST, 'present.$1');

/** The other way round: present.0.key -> past_key_values.0.key. */
export const pastOf = (name: string): string => name.replace(/^present\./, 'past_key_values.');

/** The inputs that hold the cache: keys and values of each layer. None for a model that is no decoder. */
export const cacheInputs = (inputs: readonly TensorDeclaration[]): readonly TensorDeclaration[] =>
  inputs.filter(({ name }) => PAST.test(name));

/** The outputs that hold it. */
export const presentOutputs = (inputs: readonly TensorDeclaration[]): ReadonlySet<string> =>
  new Set(cacheInputs(inputs).map(({ name }) => presentOf(name)));

/** The cache of `batch` rows before anything was read: float32 [batch, kv_heads, 0, head_dim] each. */
export function emptyCache(inputs: readonly TensorDeclaration[], batch: number): Tensors {
  return Object.fromEntries(
    cacheInputs(inputs).map(({ name, shape: [, heads, , size] }): [string, TensorValue] => {
      if (typeof heads !== 'number' || typeof size !== 'number') {
        throw new Error(`the input '${name}' does not say its number of heads and their size`);
      }
      return [name, { dtype: 'float32', shape: [batch, heads, 0, size], data: new Float32Array(0) }];
    }),
  );
}

/** A batch of texts, `input_ids` and `attention_mask`, as the first call of a decoder; of any other model as it is. */
export function firstCall(inputs: readonly TensorDeclaration[], texts: Tensors): Tensors {
  const mask = texts.attention_mask;
  if (!mask || cacheInputs(inputs).length === 0) return texts;
  const positions = inputs.some(({ name }) => name === 'position_ids') ? { position_ids: positionsOf(mask) } : {};
  return { ...texts, ...positions, ...emptyCache(inputs, mask.shape[0]!) };
}

/**
 * One call of a decoder that has read something before. ids: int64 [batch, sequence]; attentionMask: int64 [batch, past + sequence]. Gives
 * logits [batch, sequence, vocabulary] and the cache for the next call.
 */
export async function runWithCache(
  { inputs, run }: Pick<Session, 'inputs' | 'run'>,
  cache: Tensors,
  ids: TensorValue,
  attentionMask: TensorValue,
): Promise<Result<{ readonly logits: TensorValue; readonly cache: Tensors }, Failure>> {
  const feeds: Record<string, TensorValue> = { ...cache, input_ids: ids, attention_mask: attentionMask };
  if (inputs.some(({ name }) => name === 'position_ids')) {
    feeds.position_ids = columnsOf(positionsOf(attentionMask), -ids.shape[1]!);
  }
  const outputs = await run(feeds);
  if (!outputs.ok) return outputs;
  return ok({ logits: outputs.value.logits!, cache: cacheOf(inputs, outputs.value) });
}

/** Columns of an int64 matrix, as Array.slice counts them. */
export function columnsOf({ shape, data }: TensorValue, start: number, end?: number): TensorValue {
  const [rows = 0, columns = 0] = shape;
  const all = Array.from({ length: columns }, (_, column) => column).slice(start, end);
  const values = new BigInt64Array(rows * all.length);
  for (let row = 0; row < rows; row++) {
    for (const [at, column] of all.entries()) {
      values[row * all.length + at] = (data as BigInt64Array)[row * columns + column]!;
    }
  }
  return { dtype: 'int64', shape: [rows, all.length], data: values };
}

/** The cache that a call gives for the next one. The arrays are those that ONNX Runtime wrote: nothing is copied. */
export const cacheOf = (inputs: readonly TensorDeclaration[], outputs: Tensors): Tensors =>
  Object.fromEntries(cacheInputs(inputs).map(({ name }) => [name, outputs[presentOf(name)]!]));

/** The rows `rows` of each tensor, in that order: axis 0. */
export const selectRows = (tensors: Tensors, rows: readonly number[]): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data }]): [string, TensorValue] => {
      const selected = [rows.length, ...shape.slice(1)];
      if (dtype === 'float32')
        return [name, { dtype, shape: selected, data: gathered(data, Float32Array, rows, shape) }];
      if (dtype === 'int64')
        return [name, { dtype, shape: selected, data: gathered(data, BigInt64Array, rows, shape) }];
      throw new Error(`rows of '${name}', which is ${dtype}`);
    }),
  );

interface Values<Self> {
  readonly length: number;
  subarray(start: number, end: number): Self;
  set(values: Self, at: number): void;
}

function gathered<A extends Values<A>>(
  data: A,
  Values: new (length: number) => A,
  rows: readonly number[],
  shape: readonly number[],
): A {
  const size = data.length / shape[0]!;
  const selected = new Values(rows.length * size);
  for (const [to, from] of rows.entries()) selected.set(data.subarray(from * size, (from + 1) * size), to * size);
  return selected;
}

/** Of logits [rows, columns, vocabulary], those of each row's last column. */
export function lastLogits({ dtype, shape, data }: TensorValue): Float32Array[] {
  if (dtype !== 'float32') throw new Error(`logits of ${dtype}`);
  const [rows = 0, columns = 0, vocabulary = 0] = shape;
  return Array.from({ length: rows }, (_, row) => {
    const start = ((row + 1) * columns - 1) * vocabulary;
    return data.subarray(start, start + vocabulary);
  });
}

/** Positions of a mask's tokens, int64 of the same shape: counted from the first real one; 1 where the mask is 0, as transformers has it. */
export function positionsOf(mask: TensorValue): TensorValue {
  const [rows = 0, columns = 0] = mask.shape;
  const data = new BigInt64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    let position = 0n;
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      data[at] = Number(mask.data[at]) === 1 ? position++ : 1n;
    }
  }
  return { dtype: 'int64', shape: [rows, columns], data };
}
