import type { DType, TensorType } from '../graph/tensor.js';
import type { ExecutionProvider } from './execution-provider.js';
import type { Message } from './model-config.js';
import { DATA_TYPES, type Names } from './names.js';
import type { QueuePolicy, ServerSettings } from './server-settings.js';

/** A model repository: what is written, and what is put in from elsewhere. Paths are relative, with '/'. */
export interface Repository {
  readonly files: readonly RepositoryFile[];
  /** The networks of artefacts: everything in an artefact's folder, or `files` of it, belongs into `folder`. Placed by the plan, never copied here. */
  readonly networks: readonly NetworkPlace[];
}

export interface NetworkPlace {
  readonly artefact: string;
  readonly folder: string;
}

export interface RepositoryFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Inputs and outputs of a network, as its own file states them, the batch dimension included. */
export interface ModelInterface {
  readonly inputs: readonly NamedTensor[];
  /** Weights that a request may replace: initializers that are inputs, too. */
  readonly optionalInputs?: readonly NamedTensor[];
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
  readonly engine: 'onnxruntime' | 'tensorrt';
  /** By file: 'model.onnx', 'model.plan', or those of an encoder-decoder. */
  readonly networks: Readonly<Record<string, ModelInterface>>;
  /** The files themselves, where their checksums are asked for. */
  readonly contents?: Readonly<Record<string, Uint8Array>>;
  /** Of an engine, how many ranges of shapes it was built for. */
  readonly profiles?: number;
  /** Of an engine with a cache, how many tokens that holds. */
  readonly longestCache?: number;
  /** Of a session of ONNX Runtime; one per core where absent. */
  readonly threads?: number;
  /** Of ONNX Runtime on a GPU; CUDA without options where absent. */
  readonly provider?: ExecutionProvider;
  /** The engines beside each other, of which a server takes the one for its GPU; `networks` is what each of them takes and gives. */
  readonly variants?: readonly EngineVariant[];
}

/** An engine for one GPU among several. */
export interface EngineVariant {
  readonly artefact: string;
  /** '9.0' */
  readonly computeCapability: string;
  /** Of its files' names. */
  readonly suffix: string;
}

/** 'model.plan' -> 'model_sm90.plan'. */
export const variantFile = (file: string, { suffix }: Pick<EngineVariant, 'suffix'>): string =>
  file.replace(/\.plan$/, `${suffix}.plan`);

/** What a server may try before its usual way to run a network, in the words of its configuration. */
export interface Accelerator {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface Batching {
  /** 0: the server makes no batches, and shapes carry the batch dimension themselves. */
  readonly maxBatchSize: number;
  /** Absent: requests are never joined. */
  readonly dynamic?: {
    readonly maxQueueDelayMicroseconds: number;
    readonly preferredBatchSizes: readonly number[];
    readonly preserveOrdering?: boolean;
    /** 1 is the most urgent. */
    readonly priorityLevels?: number;
    readonly defaultPriorityLevel?: number;
    readonly queuePolicy?: QueuePolicy;
    /** By level. */
    readonly priorityQueuePolicies?: Readonly<Record<string, QueuePolicy>>;
  };
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
  /** Put before each text; its tokens and what stands before them. */
  readonly prompt: { readonly text: string; readonly length: number };
  readonly lowerCase: boolean;
  /** What WordPiece writes before a token within a word; null for other tokenizers. */
  readonly continuation: string | null;
  readonly mask?: { readonly token: string; readonly id: number };
  readonly tokenizerJson: string | Uint8Array;
}

/** A real text in tokens, `inputIds.length` long; the server runs `batchSize` of it before it reports to be ready. */
export interface WarmupText {
  readonly batchSize: number;
  readonly inputIds: readonly number[];
  readonly tokenTypeIds: readonly number[];
}

/** What a repository is made of, whatever the task. */
export interface RepositoryFacts {
  readonly model: string;
  readonly task: string;
  readonly names: Names;
  readonly artefacts: readonly Artefact[];
  readonly batching: Batching;
  /** Rows that a network is given at once where the server makes no batches. */
  readonly largestBatch: number;
  readonly tokenizer: TokenizerFacts;
  /** One sample per text. */
  readonly warmups: readonly WarmupText[];
  /** Names of the columns of `logits`, in order; absent where they are none, as of a regression. */
  readonly labels: readonly string[] | undefined;
  /** Sources of the Python models by file name. */
  readonly python: Readonly<Record<string, string | Uint8Array>>;
  readonly server: ServerSettings;
  /** Of a model that writes. */
  readonly generation?: GenerationFacts;
  /** Names of the outputs as ELS-RD/transformer-deploy had them. */
  readonly isElsRd: boolean;
}

/** How a model writes, when a request does not say it. */
export interface GenerationFacts {
  /** In the words of generation_config.json. */
  readonly settings: object;
  /** Tokens that the decoder has positions for; absent where there is no such limit. */
  readonly positions?: number;
  /** Of an encoder-decoder: what the decoder begins with, and what stands before every text. */
  readonly startTokenId?: number;
  readonly prefix: string;
}

/** A text longer than this is refused: it costs time, and all but its beginning would be cut off anyway. */
export const MAX_CHARACTERS = 100_000;

/** Powers of two times the shortest length that occurs, at least 8 tokens, with the optimum and the maximum. */
export function lengthBuckets([min, optimum, max]: readonly [number, number, number]): number[] {
  const buckets = new Set([optimum, max]);
  for (let length = Math.max(min, 8); length < max; length *= 2) buckets.add(length);
  return [...buckets].sort((a, b) => a - b);
}

/** dims in a config.pbtxt: symbolic dimensions are -1, and the batch dimension is left out where the server makes batches. */
const dimsOf = ({ shape }: TensorType, { maxBatchSize }: Batching): number[] =>
  (maxBatchSize > 0 ? shape.slice(1) : shape).map(dim => (typeof dim === 'number' ? dim : -1));

/** One number for each row: dims may not be empty, so that the server reshapes it for the network. */
const isByRow = ({ shape }: TensorType, { maxBatchSize }: Batching): boolean => maxBatchSize > 0 && shape.length === 1;

export const ioOf = (tensor: NamedTensor, batching: Batching): Message<'ModelInput'> & Message<'ModelOutput'> => ({
  name: tensor.name,
  data_type: DATA_TYPES[tensor.dtype],
  dims: isByRow(tensor, batching) ? [1] : dimsOf(tensor, batching),
});

/** As `ioOf`, for the network itself. */
export const networkIoOf = (
  tensor: NamedTensor,
  batching: Batching,
): Message<'ModelInput'> & Message<'ModelOutput'> => ({
  ...ioOf(tensor, batching),
  ...(isByRow(tensor, batching) ? { reshape: { shape: [] } } : {}),
});

/** BYTES that clients send or get: one per row of the batch. */
export const textIo = (
  name: string,
  { maxBatchSize }: Batching,
): { readonly name: string; readonly data_type: 'TYPE_STRING'; readonly dims: readonly number[] } => ({
  name,
  data_type: 'TYPE_STRING',
  dims: [maxBatchSize > 0 ? 1 : -1],
});

/** Of a model with one network, that network. */
export const networkOf = ({ networks, engine }: Artefact): ModelInterface =>
  networks[engine === 'tensorrt' ? 'model.plan' : 'model.onnx']!;

/** `?classification` answers with label names where an output has them. They belong to the logits only. */
export const withLabels = <Output extends Message<'ModelOutput'>>(
  output: Output,
  labels: readonly string[] | undefined,
  named = 'logits',
): Output => (labels === undefined || output.name !== named ? output : { ...output, label_filename: 'labels.txt' });

export const labelFile = (model: string, labels: readonly string[] | undefined): RepositoryFile[] =>
  labels === undefined ? [] : [{ path: `${model}/labels.txt`, content: labels.map(label => `${label}\n`).join('') }];

export type TokenInputs = ReadonlyMap<string, DType>;
