import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TASKS } from '../../src/architectures/tasks.js';
import type { Tensors, TensorValue } from '../../src/runtime/session.js';
import { readSafetensorsHeader } from '../../src/weights/safetensors.js';
import { ARCHITECTURES } from './architectures.js';

/** A tiny checkpoint with the outputs that PyTorch gives for it, computed in float64. */
export interface ReferenceCase {
  readonly name: string;
  /** The checkpoint's folder. */
  readonly folder: string;
  /** As the case says it: a name of the Hub. */
  readonly task: string;
  readonly modelType: string;
  /** Largest absolute error that a float32 graph may have. */
  readonly tolerance: number;
  readonly batches: readonly ReferenceBatch[];
  /** Of models that generate. */
  readonly generations: readonly ReferenceGeneration[];
}

/** One set of inputs. Outputs at positions whose attention_mask is 0 are not defined. */
export interface ReferenceBatch {
  readonly name: string;
  readonly note: string;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  /** A decoder's cache after the call: `present.0.key`. Empty where it is not known. */
  readonly present: Tensors;
}

/** What generate() makes of prompts, and what its settings are by the names of generation_config.json. */
export interface ReferenceGeneration {
  readonly name: string;
  readonly note: string;
  /** Of speech, in place of input_ids, with the words that the decoder is given. */
  readonly features?: TensorValue;
  readonly decoder_input_ids?: readonly (readonly number[])[];
  readonly input_ids: readonly (readonly number[])[];
  readonly attention_mask: readonly (readonly number[])[];
  readonly settings: {
    readonly max_new_tokens: number;
    readonly num_beams: number;
    readonly repetition_penalty: number;
    readonly eos_token_id: number | readonly number[];
    readonly pad_token_id: number;
    /** Of encoder-decoders. */
    readonly decoder_start_token_id?: number;
    readonly forced_bos_token_id?: number;
    readonly forced_eos_token_id?: number;
    readonly bad_words_ids?: readonly (readonly number[])[];
  };
  /** Of a greedy run, by how much its closest decision was won. */
  readonly smallest_top1_top2_gap?: number;
  /** Rows as long as the longest: after its end token, padding. */
  readonly new_ids: readonly (readonly number[])[];
  /** The new tokens as text, by transformers' tokenizers. */
  readonly decoded_skip_special?: readonly string[];
  /** Logits of the last position at each step, [batch, steps, vocabulary]; 0 in rows that have ended. */
  readonly stepLogits: TensorValue;
}

interface Meta {
  readonly task: string;
  readonly model_type: string;
  readonly tolerance: { readonly max_abs_error: number };
  readonly cases: readonly {
    readonly name: string;
    readonly note: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, unknown>>;
  }[];
  readonly generation?: readonly Omit<ReferenceGeneration, 'stepLogits'>[];
}

/** The cases that come with the tests; where a larger collection lies beside the repository, those too. */
const FOLDERS = ['../reference/', '../../../shared/reference/'].map(path =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Names of all cases, sorted, each once. */
export function referenceNames(): readonly string[] {
  const names = FOLDERS.filter(folder => existsSync(folder)).flatMap(folder =>
    readdirSync(folder).filter(name => existsSync(join(folder, name, 'meta.json'))),
  );
  return [...new Set(names)].sort();
}

/** Names of the encoders of texts that can be exported. Sentence embeddings are models of several modules. */
export const exportableReferences = (): readonly string[] =>
  referenceNames().filter(name => {
    const { task } = readReference(name);
    return task !== 'image-classification' && !GENERATING.has(task) && isExportable(name);
  });

/** Names of the models of images that can be exported. */
export const imageReferences = (): readonly string[] =>
  referenceNames().filter(name => readReference(name).task === 'image-classification' && isExportable(name));

/** Names of the decoders that can be exported. They have a cache: a call is one step of many. */
export const decoderReferences = (): readonly string[] =>
  referenceNames().filter(name => readReference(name).task === 'text-generation' && isExportable(name));

/** Names of the encoder-decoders that can be exported: two files each. */
export const textToTextReferences = (): readonly string[] =>
  referenceNames().filter(name => readReference(name).task === 'text2text-generation' && isExportable(name));

const GENERATING: ReadonlySet<string> = new Set([
  'text-generation',
  'text2text-generation',
  'automatic-speech-recognition',
]);

function isExportable(name: string): boolean {
  const { modelType, task } = readReference(name);
  return ARCHITECTURES.some(known => known.modelType === modelType) && (TASKS as readonly string[]).includes(task);
}

export function readReference(name: string): ReferenceCase {
  const folder = FOLDERS.map(parent => join(parent, name)).find(path => existsSync(join(path, 'meta.json')));
  if (folder === undefined) throw new Error(`no reference case ${name}`);
  const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as Meta;
  const inputs = readTensors(join(folder, 'inputs.safetensors'));
  const expected = readTensors(join(folder, 'expected.safetensors'));
  const pick = (from: Tensors, batch: string, names: Readonly<Record<string, unknown>>): Tensors =>
    Object.fromEntries(Object.keys(names).map(tensor => [tensor, from[`${batch}.${tensor}`]!]));
  return {
    name,
    folder,
    task: meta.task,
    modelType: meta.model_type,
    tolerance: meta.tolerance.max_abs_error,
    batches: meta.cases.map(batch => ({
      name: batch.name,
      note: batch.note,
      inputs: pick(inputs, batch.name, batch.inputs),
      outputs: pick(expected, batch.name, batch.outputs),
      present: Object.fromEntries(
        Object.entries(expected)
          .filter(([tensor]) => tensor.startsWith(`${batch.name}.present.`))
          .map(([tensor, value]) => [tensor.slice(batch.name.length + 1), value]),
      ),
    })),
    generations: (meta.generation ?? []).map(generation => ({
      ...generation,
      ...(inputs[`${generation.name}.input_features`]
        ? { features: inputs[`${generation.name}.input_features`]! }
        : {}),
      stepLogits: expected[`${generation.name}.step_logits`]!,
    })),
  };
}

/** All float32 and int64 tensors of a safetensors file. */
export function readTensors(file: string): Tensors {
  const header = readSafetensorsHeader(file);
  if (!header.ok) throw new Error(`${file}: ${header.error.message}`);
  const bytes = readFileSync(file);
  const tensors: Record<string, TensorValue> = {};
  for (const [name, { dtype, shape, data }] of header.value.tensors) {
    if (data.from !== 'file') continue;
    const buffer = Uint8Array.from(bytes.subarray(data.offset, data.offset + data.byteLength)).buffer;
    if (dtype === 'float32') tensors[name] = { dtype, shape, data: new Float32Array(buffer) };
    else if (dtype === 'int64') tensors[name] = { dtype, shape, data: new BigInt64Array(buffer) };
    else throw new Error(`${file}: ${name} is ${dtype}`);
  }
  return tensors;
}

/**
 * The largest absolute difference of one output from what is expected, over the positions where attention_mask is 1
 * (everywhere in an output that has no sequence axis). Infinity where dtype, shape or finiteness differ.
 */
export function largestError(batch: ReferenceBatch, name: string, found: TensorValue | undefined): number {
  const expected = batch.outputs[name]!;
  if (found?.dtype !== expected.dtype || `${found.shape}` !== `${expected.shape}`) return Number.POSITIVE_INFINITY;
  const mask = batch.inputs.attention_mask;
  const perPosition = mask !== undefined && `${expected.shape.slice(0, 2)}` === `${mask.shape}`;
  const width = perPosition ? expected.data.length / mask.data.length : 1;
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    if (perPosition && mask.data[Math.floor(i / width)] === 0n) continue;
    const error = Math.abs(Number(found.data[i]) - Number(expected.data[i]));
    if (Number.isNaN(error)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, error);
  }
  return largest;
}
