import type { DType, TensorType } from '../graph/tensor.js';
import { prettyJson } from '../util/json.js';
import type { Message, ModelConfig } from './model-config.js';
import { DATA_TYPES, networkModelName, tokenizerModelName } from './names.js';
import { writeModelConfig } from './pbtxt-write.js';

/** A model repository: what is written, and what is put in from elsewhere. Paths are relative, with '/'. */
export interface Repository {
  readonly files: readonly RepositoryFile[];
  /** The network of an artefact: everything in its folder belongs into `folder`. Placed by the plan, never copied here. */
  readonly networks: readonly { readonly artefact: string; readonly folder: string }[];
}

export interface RepositoryFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Inputs and outputs of a network, as its own file states them, the batch dimension included. */
export interface ModelInterface {
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}

export interface NamedTensor extends TensorType {
  readonly name: string;
}

export interface Artefact {
  readonly id: string;
  readonly target: string;
  readonly precision: string;
  readonly device: 'cpu' | 'cuda';
  readonly interface: ModelInterface;
}

export interface Batching {
  /** 0: the server makes no batches, and shapes carry the batch dimension themselves. */
  readonly maxBatchSize: number;
  /** Absent: requests are never joined. */
  readonly dynamic?: { readonly maxQueueDelayMicroseconds: number; readonly preferredBatchSizes: readonly number[] };
}

export interface TokenizerFacts {
  /** Tokens that a text is cut to. */
  readonly maxLength: number;
  /** Lengths that a request is padded to, ascending; the last is `maxLength`. */
  readonly buckets: readonly number[];
  readonly padTokenId: number;
  readonly padTokenTypeId: number;
  readonly paddingSide: 'left' | 'right';
  readonly truncationSide: 'left' | 'right';
  /** Every request brings a second text, TEXT_PAIR. */
  readonly pairs: boolean;
  readonly files: {
    readonly tokenizerJson: string | Uint8Array;
    /** The code of the Python model. */
    readonly modelPy: string | Uint8Array;
  };
}

/** A real text in tokens, `inputIds.length` long; the server runs `batchSize` of it before it reports to be ready. */
export interface WarmupText {
  readonly batchSize: number;
  readonly inputIds: readonly number[];
  readonly tokenTypeIds: readonly number[];
}

/** A text longer than this is refused: it costs time, and all but its beginning would be cut off anyway. */
const MAX_CHARACTERS = 100_000;

/** What the tokenizer can give to a network. */
export const TOKENIZER_OUTPUTS: readonly string[] = ['input_ids', 'attention_mask', 'token_type_ids'];

/** Powers of two times the shortest length that occurs, at least 8 tokens, with the optimum and the maximum. */
export function lengthBuckets([min, optimum, max]: readonly [number, number, number]): number[] {
  const buckets = new Set([optimum, max]);
  for (let length = Math.max(min, 8); length < max; length *= 2) buckets.add(length);
  return [...buckets].sort((a, b) => a - b);
}

const one = <T>(value: T): readonly [T] => [value];
const newestVersion = { latest: { num_versions: 1 } } as const;

/** dims in a config.pbtxt: symbolic dimensions are -1, and the batch dimension is left out where the server makes batches. */
const dimsOf = ({ shape }: TensorType, { maxBatchSize }: Batching): number[] =>
  (maxBatchSize > 0 ? shape.slice(1) : shape).map(dim => (typeof dim === 'number' ? dim : -1));

export const ioOf = (tensor: NamedTensor, batching: Batching): Message<'ModelInput'> & Message<'ModelOutput'> => ({
  name: tensor.name,
  data_type: DATA_TYPES[tensor.dtype],
  dims: dimsOf(tensor, batching),
});

/** Names and types of the texts that clients send: one per row of the batch. */
export function textInputs(pairs: boolean, batching: Batching): Message<'ModelInput'>[] {
  const names = pairs ? ['TEXT', 'TEXT_PAIR'] : ['TEXT'];
  return names.map(name => ({ name, data_type: 'TYPE_STRING', dims: [batching.maxBatchSize > 0 ? 1 : -1] }));
}

const dynamicBatching = ({ maxBatchSize, dynamic }: Batching): Pick<ModelConfig, 'dynamic_batching'> =>
  maxBatchSize === 0 || dynamic === undefined
    ? {}
    : {
        dynamic_batching: {
          max_queue_delay_microseconds: dynamic.maxQueueDelayMicroseconds,
          preferred_batch_size: dynamic.preferredBatchSizes.filter(size => size <= maxBatchSize),
        },
      };

/** `<model>-tokenize`: texts -> what the networks read, padded to length buckets. `outputs`: name -> dtype. */
export function tokenizerModel(
  model: string,
  tokenizer: TokenizerFacts,
  outputs: ReadonlyMap<string, DType>,
  batching: Batching,
): RepositoryFile[] {
  const name = tokenizerModelName(model);
  const config: ModelConfig = {
    name,
    backend: 'python',
    max_batch_size: batching.maxBatchSize,
    version_policy: newestVersion,
    input: textInputs(tokenizer.pairs, batching),
    output: [...outputs].map(([output, dtype]) =>
      ioOf({ name: output, dtype, shape: ['batch_size', 'sequence_length'] }, batching),
    ),
    instance_group: one({ kind: 'KIND_CPU', count: 1 }),
    ...dynamicBatching(batching),
  };
  const settings = {
    kind: 'tokenize',
    max_length: tokenizer.maxLength,
    buckets: tokenizer.buckets,
    max_characters: MAX_CHARACTERS,
    pad_token_id: tokenizer.padTokenId,
    pad_token_type_id: tokenizer.padTokenTypeId,
    padding_side: tokenizer.paddingSide,
    truncation_side: tokenizer.truncationSide,
  };
  return [
    { path: `${name}/config.pbtxt`, content: writeModelConfig(config) },
    { path: `${name}/1/model.py`, content: tokenizer.files.modelPy },
    { path: `${name}/1/td.json`, content: prettyJson(settings) },
    { path: `${name}/1/tokenizer.json`, content: tokenizer.files.tokenizerJson },
  ];
}

/** `<model>-<target>-<precision>-model`: the network in the onnxruntime backend. The network itself is placed by the plan. */
export function networkModel(
  model: string,
  artefact: Artefact,
  batching: Batching,
  warmups: readonly WarmupText[],
  labels: readonly string[] | undefined,
): RepositoryFile[] {
  const name = networkModelName(model, artefact.target, artefact.precision);
  const { inputs, outputs } = artefact.interface;
  const samples = warmups.map(text => warmupSample(text, inputs, batching));
  const config: ModelConfig = {
    name,
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    max_batch_size: batching.maxBatchSize,
    version_policy: newestVersion,
    default_model_filename: 'model.onnx',
    input: inputs.map(input => ioOf(input, batching)),
    output: outputs.map(output => withLabels(ioOf(output, batching), labels)),
    // KIND_AUTO takes a GPU where there is one, and does not keep a server without one from starting.
    instance_group: one({ kind: artefact.device === 'cpu' ? 'KIND_CPU' : 'KIND_AUTO', count: 1 }),
    ...dynamicBatching(batching),
    // One instance, so it may have all cores (0). With several instances, divide them.
    parameters: { intra_op_thread_count: { string_value: '0' } },
    model_warmup: samples.map(sample => sample.warmup),
  };
  const files = new Map(samples.flatMap(sample => sample.files).map(file => [file.path, file.content]));
  return [
    { path: `${name}/config.pbtxt`, content: writeModelConfig(config) },
    ...labelFile(name, labels),
    ...[...files].map(([path, content]) => ({ path: `${name}/warmup/${path}`, content })),
  ];
}

/** `?classification` answers with label names where an output has them. They belong to the logits only. */
export const withLabels = (
  output: Message<'ModelOutput'>,
  labels: readonly string[] | undefined,
): Message<'ModelOutput'> =>
  labels === undefined || output.name !== 'logits' ? output : { ...output, label_filename: 'labels.txt' };

export const labelFile = (model: string, labels: readonly string[] | undefined): RepositoryFile[] =>
  labels === undefined ? [] : [{ path: `${model}/labels.txt`, content: labels.map(label => `${label}\n`).join('') }];

/**
 * One row, which the server repeats `batch_size` times. Zeros or noise would not do: a mask of zeros hides every
 * token, and a random number is no token id.
 */
function warmupSample(
  { batchSize, inputIds, tokenTypeIds }: WarmupText,
  inputs: readonly NamedTensor[],
  { maxBatchSize }: Batching,
): { readonly warmup: Message<'ModelWarmup'>; readonly files: readonly RepositoryFile[] } {
  const length = inputIds.length;
  const rows: Readonly<Record<string, readonly number[]>> = {
    input_ids: inputIds,
    attention_mask: inputIds.map(() => 1),
    token_type_ids: tokenTypeIds,
  };
  const files = inputs.map(({ name, dtype }) => ({
    path: `${name}-${length}`,
    content: littleEndian(dtype, rows[name]!),
  }));
  const sampleInputs = inputs.map(({ name, dtype }): [string, Message<'ModelWarmup.Input'>] => [
    name,
    {
      data_type: DATA_TYPES[dtype],
      dims: maxBatchSize > 0 ? [length] : [1, length],
      input_data_file: `${name}-${length}`,
    },
  ]);
  return {
    warmup: {
      name: `${batchSize}x${length}`,
      batch_size: batchSize,
      count: 1,
      inputs: Object.fromEntries(sampleInputs),
    },
    files,
  };
}

function littleEndian(dtype: DType, values: readonly number[]): Uint8Array {
  if (dtype !== 'int64' && dtype !== 'int32') throw new Error(`token ids as ${dtype}`);
  const width = dtype === 'int64' ? 8 : 4;
  const bytes = new DataView(new ArrayBuffer(values.length * width));
  for (const [index, value] of values.entries()) {
    if (dtype === 'int64') bytes.setBigInt64(index * width, BigInt(value), true);
    else bytes.setInt32(index * width, value, true);
  }
  return new Uint8Array(bytes.buffer);
}
