import type { Graph } from '../graph/graph.js';
import type { Dim, DType } from '../graph/tensor.js';
import { ENCODER_DECODER_TASKS, isEncoderDecoder } from '../onnx/hub-files.js';

/** What the task and the folder ask of a model. */
export interface Wanted {
  readonly task: string;
  /** Which file of an encoder-decoder it is. */
  readonly part?: 'encoder' | 'decoder' | undefined;
  /** Classes, as config.json says. */
  readonly labels?: number | undefined;
  /** [channels, height, width], as config.json says, for files that leave them open. */
  readonly image?: readonly number[] | undefined;
}

/** A length by the convention's name; a number; or any number, which the file has to say. */
export type WantedDim = Dim | 'any number';

export interface InputSpec {
  readonly name: string;
  readonly dtype: 'int64' | 'float32' | 'bool';
  readonly shape: readonly WantedDim[];
  readonly optional?: boolean;
  /** Names that others give it. */
  readonly also?: readonly string[];
}

export interface OutputSpec {
  readonly name: string;
  readonly rank: number;
  readonly optional?: boolean;
  /** Names that others give it. */
  readonly also?: readonly string[];
  /** Whether its last axis has one number for each label of config.json. */
  readonly labels?: boolean;
}

/** What a file of one task takes and gives. */
export interface Convention {
  /** What takes such inputs: 'a model for texts'. */
  readonly takes: string;
  /** The inputs in words. */
  readonly expected: string;
  readonly fix: string;
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly OutputSpec[];
}

const int64 = (name: string, shape: readonly WantedDim[], also: readonly string[] = []): InputSpec => ({
  name,
  dtype: 'int64',
  shape,
  also,
});
const float32 = (name: string, shape: readonly WantedDim[]): InputSpec => ({ name, dtype: 'float32', shape });
const optional = (input: InputSpec): InputSpec => ({ ...input, optional: true });

const CLASSES: OutputSpec = { name: 'logits', rank: 2, labels: true, also: ['output', 'scores'] };
const HIDDEN: OutputSpec = {
  name: 'last_hidden_state',
  rank: 3,
  also: ['token_embeddings', 'output', 'hidden_states'],
};
const SCORES: OutputSpec = { name: 'logits', rank: 3 };

/** What each task of texts gives. */
const TEXT_OUTPUTS: Readonly<Record<string, readonly OutputSpec[]>> = {
  'text-classification': [CLASSES],
  'zero-shot-classification': [CLASSES],
  'text-ranking': [CLASSES],
  'token-classification': [{ name: 'logits', rank: 3, labels: true, also: ['output'] }],
  'fill-mask': [{ name: 'logits', rank: 3, also: ['output', 'prediction_logits'] }],
  'question-answering': [
    { name: 'start_logits', rank: 2, also: ['start', 'output_start_logits'] },
    { name: 'end_logits', rank: 2, also: ['end', 'output_end_logits'] },
  ],
  'feature-extraction': [
    HIDDEN,
    { name: 'pooler_output', rank: 2, optional: true },
    { name: 'sentence_embedding', rank: 2, optional: true },
  ],
  'sentence-similarity': [
    { ...HIDDEN, optional: true },
    { name: 'sentence_embedding', rank: 2 },
  ],
};

export const IMPORTED_TASKS: readonly string[] = [
  ...Object.keys(TEXT_OUTPUTS),
  'image-classification',
  'text-generation',
  ...ENCODER_DECODER_TASKS,
];

/** What a file of this task takes and gives; as many layers have a cache as the graph has. undefined: no such task. */
export function conventionOf({ task, part, image }: Wanted, graph: Graph): Convention | undefined {
  const outputs = TEXT_OUTPUTS[task];
  if (outputs) return texts('sequence_length', outputs);
  if (task === 'image-classification') return images(image);
  if (task === 'text-generation') return decoder(graph);
  if (!isEncoderDecoder(task)) return undefined;
  const isSpeech = task === 'automatic-speech-recognition';
  if (part === 'decoder') return crossDecoder(graph, isSpeech);
  return isSpeech ? speech() : texts('encoder_sequence_length', [{ name: 'last_hidden_state', rank: 3 }]);
}

function texts(length: string, outputs: readonly OutputSpec[]): Convention {
  const shape = ['batch_size', length];
  return {
    takes: 'a model for texts',
    expected: 'input_ids, attention_mask and, where the model knows them, token_type_ids',
    fix: 'export it with input_names of the convention, as Optimum does',
    inputs: [
      int64('input_ids', shape, ['ids', 'input', 'tokens', 'input_word_ids']),
      int64('attention_mask', shape, ['mask', 'input_mask']),
      optional(int64('token_type_ids', shape, ['segment_ids', 'input_type_ids', 'segments'])),
    ],
    outputs,
  };
}

const ANY_IMAGE: readonly WantedDim[] = ['any number', 'any number', 'any number'];

/** Images are of one size, which the file says, or else config.json. */
const images = (size: readonly number[] | undefined): Convention => ({
  takes: 'a model for images',
  expected: 'pixel_values [batch_size, channels, height, width]',
  fix: 'export it with input_names of the convention, as Optimum does',
  inputs: [{ ...float32('pixel_values', ['batch_size', ...(size ?? ANY_IMAGE)]), also: ['pixels', 'input', 'image'] }],
  outputs: [CLASSES],
});

const speech = (): Convention => ({
  takes: 'an encoder of speech',
  expected: 'input_features [batch_size, mel bins, frames]',
  fix: 'export it with input_names of the convention, as Optimum does',
  inputs: [float32('input_features', ['batch_size', 'any number', 'any number'])],
  outputs: [{ name: 'last_hidden_state', rank: 3 }],
});

const TOTAL_LENGTH = 'past_sequence_length + sequence_length';

function decoder(graph: Graph): Convention {
  const layers = layersOf(graph, /^past_key_values\.(\d+)\.key$/);
  return {
    takes: 'a decoder with a cache',
    expected:
      'input_ids, attention_mask, position_ids where the model reads them, and past_key_values.N.key and .value of every layer',
    fix: 'export it with its cache: optimum-cli export onnx --task text-generation-with-past',
    inputs: [
      int64('input_ids', ['batch_size', 'sequence_length']),
      int64('attention_mask', ['batch_size', TOTAL_LENGTH]),
      optional(int64('position_ids', ['batch_size', 'sequence_length'])),
      ...cacheOf(layers, [['', 'past_sequence_length']]),
    ],
    outputs: [SCORES, ...presentOf(layers, [''])],
  };
}

/** A decoder that looks at what an encoder has made, in the form in which this project delivers it. */
function crossDecoder(graph: Graph, isSpeech: boolean): Convention {
  const layers = layersOf(graph, /^past_key_values\.(\d+)\.decoder\.key$/);
  const encoded = ['batch_size', 'encoder_sequence_length', 'any number'];
  return {
    takes: 'a decoder that follows an encoder, merged into one file',
    expected: `input_ids, ${isSpeech ? '' : 'encoder_attention_mask, '}encoder_hidden_states, use_cache_branch, and past_key_values.N.{decoder,encoder}.{key,value} of every layer`,
    fix: 'build it from the checkpoint: a folder with safetensors',
    inputs: [
      int64('input_ids', ['batch_size', 'decoder_sequence_length']),
      ...(isSpeech ? [] : [int64('encoder_attention_mask', ['batch_size', 'encoder_sequence_length'])]),
      float32('encoder_hidden_states', encoded),
      ...cacheOf(layers, [
        ['decoder.', 'past_decoder_sequence_length'],
        ['encoder.', 'encoder_sequence_length_out'],
      ]),
      { name: 'use_cache_branch', dtype: 'bool', shape: [1] },
    ],
    outputs: [SCORES, ...presentOf(layers, ['decoder.', 'encoder.'])],
  };
}

/** One more than the highest layer that the graph has a past of; one at least, so that a file without is told what it lacks. */
const layersOf = ({ inputs }: Graph, pattern: RegExp): number =>
  Math.max(1, ...inputs.map(({ name }) => Number(pattern.exec(name)?.[1] ?? -1) + 1));

const keysAndValues = (layers: number, sides: readonly string[]): string[] =>
  Array.from({ length: layers }, (_, layer) =>
    sides.flatMap(side => [`${layer}.${side}key`, `${layer}.${side}value`]),
  ).flat();

const cacheOf = (layers: number, sides: readonly (readonly [side: string, length: string])[]): InputSpec[] =>
  sides.flatMap(([side, length]) =>
    keysAndValues(layers, [side]).map(name =>
      float32(`past_key_values.${name}`, ['batch_size', 'any number', length, 'any number']),
    ),
  );

const presentOf = (layers: number, sides: readonly string[]): OutputSpec[] =>
  keysAndValues(layers, sides).map(name => ({ name: `present.${name}`, rank: 4 }));

/** What the convention's dtype may be in a file: whole numbers of 32 bits are taken, too. */
export const fitsDType = (wanted: InputSpec['dtype'], found: DType): boolean =>
  found === wanted || (wanted === 'int64' && found === 'int32');
