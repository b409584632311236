import type { DType } from '../graph/tensor.js';
import type { Message, ModelConfig } from './model-config.js';
import { DATA_TYPES } from './names.js';
import { writeModelConfig } from './pbtxt-write.js';
import {
  type Artefact,
  type Batching,
  labelFile,
  type ModelInterface,
  type NamedTensor,
  networkIoOf,
  type RepositoryFile,
  variantFile,
  type WarmupText,
  withLabels,
} from './repository.js';
import { checksumAgent, dynamicBatching, networkSettings, type ServerSettings } from './server-settings.js';

export interface NetworkFacts {
  readonly artefact: Artefact;
  /** 'model.onnx', 'model.plan', 'encoder_model.onnx'. */
  readonly file: string;
  readonly interface: ModelInterface;
  readonly batching: Batching;
  readonly warmups: readonly WarmupText[];
  readonly labels?: readonly string[] | undefined;
  readonly server: ServerSettings;
}

/** A network in the backend of its engine. The network's own file is placed by the plan. */
export function networkModel(name: string, facts: NetworkFacts): RepositoryFile[] {
  const { artefact, file, interface: network, batching, warmups, labels, server } = facts;
  const isEngine = artefact.engine === 'tensorrt';
  const samples = warmups.map(text => warmupSample(text, network.inputs, batching));
  const config: ModelConfig = {
    name,
    platform: isEngine ? 'tensorrt_plan' : 'onnxruntime_onnx',
    backend: artefact.engine,
    max_batch_size: batching.maxBatchSize,
    ...fileNames(artefact, file),
    input: network.inputs.map(input => networkIoOf(input, batching)),
    output: network.outputs.map(output => withLabels(networkIoOf(output, batching), labels)),
    ...networkSettings(server, artefact, network.inputs),
    ...dynamicBatching(batching),
    ...checksums(artefact, file),
    model_warmup: samples.map(sample => sample.warmup),
  };
  const files = new Map(samples.flatMap(sample => sample.files).map(each => [each.path, each.content]));
  return [
    { path: `${name}/config.pbtxt`, content: writeModelConfig(config) },
    ...labelFile(name, labels),
    ...[...files].map(([path, content]) => ({ path: `${name}/warmup/${path}`, content })),
  ];
}

/**
 * Of engines for several GPUs, the server looks its own up. There is no default among them: on another GPU, it would be an engine that does
 * not load.
 */
function fileNames({ variants }: Artefact, file: string): ModelConfig {
  if (variants === undefined) return { default_model_filename: file };
  const names = variants.map(variant => [variant.computeCapability, variantFile(file, variant)]);
  return { cc_model_filenames: Object.fromEntries(names) };
}

function checksums({ contents, variants }: Artefact, file: string): ModelConfig {
  if (contents === undefined) return {};
  const files = variants?.map(variant => variantFile(file, variant)) ?? [file];
  return checksumAgent(Object.fromEntries(files.map(each => [`1/${each}`, contents[each]!])));
}

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
    prompt_length: [0],
  };
  const files = inputs.map(({ name, dtype }) => ({
    path: `${name}-${length}`,
    content: littleEndian(dtype, rows[name]!),
  }));
  const sampleInputs = inputs.map(({ name, dtype, shape }): [string, Message<'ModelWarmup.Input'>] => {
    const row = shape.length === 1 ? [1] : [length];
    return [
      name,
      {
        data_type: DATA_TYPES[dtype],
        dims: maxBatchSize > 0 || shape.length === 1 ? row : [1, ...row],
        input_data_file: `${name}-${length}`,
      },
    ];
  });
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
