import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dim, DType } from '../../src/graph/tensor.js';
import type { TritonParams } from '../../src/stages/triton.js';
import type { ModelInterface, NamedTensor } from '../../src/triton/repository.js';
import { runStage, type StageRun } from './intents.js';

const REFERENCE = fileURLToPath(new URL('../reference', import.meta.url));
export const referenceFolder = (name: string): string => join(REFERENCE, name);

const tensor = (name: string, ...shape: Dim[]): NamedTensor => ({ name, dtype: 'float32', shape });
const tokens = (dtype: DType, ...names: string[]): NamedTensor[] =>
  names.map(name => ({ name, dtype, shape: ['batch_size', 'sequence_length'] }));
const IDS = tokens('int64', 'input_ids', 'attention_mask');
const TYPED = tokens('int64', 'input_ids', 'attention_mask', 'token_type_ids');

const KEPT = ['key', 'value'];
const CACHE = KEPT.map(name => tensor(`past_key_values.0.${name}`, 'batch_size', 1, 'past_sequence_length', 1));
const PRESENT = KEPT.map(name => tensor(`present.0.${name}`, 'batch_size', 1, 'total_sequence_length', 1));

/** A task, a small model of the reference that does it, and what its network takes and gives. */
export interface TaskModel {
  readonly task: string;
  readonly reference: string;
  readonly network: ModelInterface;
  /** Of an encoder-decoder, whose encoder is `network`. */
  readonly decoder?: ModelInterface;
  /** Its decoder as engines. */
  readonly firstCall?: ModelInterface;
  readonly withPast?: ModelInterface;
}

export const TASK_MODELS: readonly TaskModel[] = [
  {
    task: 'text-ranking',
    reference: 'bert_rerank',
    network: { inputs: TYPED, outputs: [tensor('logits', 'batch_size', 1)] },
  },
  {
    task: 'feature-extraction',
    reference: 'bert_base',
    network: { inputs: TYPED, outputs: [tensor('last_hidden_state', 'batch_size', 'sequence_length', 48)] },
  },
  {
    task: 'sentence-similarity',
    reference: 'st_bert_mean_norm',
    network: {
      inputs: [...TYPED, { name: 'prompt_length', dtype: 'int64', shape: ['batch_size'] }],
      outputs: [
        tensor('last_hidden_state', 'batch_size', 'sequence_length', 48),
        tensor('sentence_embedding', 'batch_size', 48),
      ],
    },
  },
  {
    task: 'token-classification',
    reference: 'bert_tokcls',
    network: { inputs: TYPED, outputs: [tensor('logits', 'batch_size', 'sequence_length', 5)] },
  },
  {
    task: 'question-answering',
    reference: 'bert_qa',
    network: {
      inputs: TYPED,
      outputs: ['start_logits', 'end_logits'].map(name => tensor(name, 'batch_size', 'sequence_length')),
    },
  },
  {
    task: 'fill-mask',
    reference: 'bert_fillmask',
    network: { inputs: TYPED, outputs: [tensor('logits', 'batch_size', 'sequence_length', 99)] },
  },
  {
    task: 'zero-shot-classification',
    reference: 'roberta_seqcls',
    network: { inputs: IDS, outputs: [tensor('logits', 'batch_size', 3)] },
  },
  {
    task: 'text-generation',
    reference: 'gpt2',
    network: {
      inputs: [
        ...tokens('int64', 'input_ids'),
        { name: 'attention_mask', dtype: 'int64', shape: ['batch_size', 'total_sequence_length'] },
        ...tokens('int64', 'position_ids'),
        ...CACHE,
      ],
      outputs: [tensor('logits', 'batch_size', 'sequence_length', 337), ...PRESENT],
    },
  },
  {
    task: 'text2text-generation',
    reference: 't5',
    network: {
      inputs: IDS,
      outputs: [tensor('last_hidden_state', 'batch_size', 'sequence_length', 1)],
    },
    decoder: {
      inputs: [
        { name: 'encoder_attention_mask', dtype: 'int64', shape: ['batch_size', 'encoder_sequence_length'] },
        { name: 'input_ids', dtype: 'int64', shape: ['batch_size', 'decoder_sequence_length'] },
        tensor('encoder_hidden_states', 'batch_size', 'encoder_sequence_length', 1),
        ...CACHE,
        { name: 'use_cache_branch', dtype: 'bool', shape: [1] },
      ],
      outputs: [tensor('logits', 'batch_size', 'decoder_sequence_length', 276), ...PRESENT],
    },
    firstCall: {
      inputs: [
        { name: 'encoder_attention_mask', dtype: 'int64', shape: ['batch_size', 'encoder_sequence_length'] },
        { name: 'input_ids', dtype: 'int64', shape: ['batch_size', 'decoder_sequence_length'] },
        tensor('encoder_hidden_states', 'batch_size', 'encoder_sequence_length', 1),
      ],
      outputs: [
        tensor('logits', 'batch_size', 'decoder_sequence_length', 276),
        ...KEPT.map(name => tensor(`present.0.encoder.${name}`, 'batch_size', 1, 'encoder_sequence_length', 1)),
        ...KEPT.map(name => tensor(`present.0.decoder.${name}`, 'batch_size', 1, 'decoder_sequence_length', 1)),
      ],
    },
    withPast: {
      inputs: [
        { name: 'encoder_attention_mask', dtype: 'int64', shape: ['batch_size', 'encoder_sequence_length'] },
        { name: 'input_ids', dtype: 'int64', shape: ['batch_size', 'decoder_sequence_length'] },
        ...KEPT.map(name =>
          tensor(`past_key_values.0.encoder.${name}`, 'batch_size', 1, 'encoder_sequence_length_out', 1),
        ),
        ...KEPT.map(name =>
          tensor(`past_key_values.0.decoder.${name}`, 'batch_size', 1, 'past_decoder_sequence_length', 1),
        ),
      ],
      outputs: [
        tensor('logits', 'batch_size', 'decoder_sequence_length', 276),
        ...KEPT.map(name => tensor(`present.0.decoder.${name}`, 'batch_size', 1, 'total_sequence_length', 1)),
      ],
    },
  },
];

export const taskModel = (task: string): TaskModel => TASK_MODELS.find(model => model.task === task)!;

/** The same task done by a model without types of tokens, whose network has other columns perhaps. */
export const doneBy = ({ task, network }: TaskModel, reference: string, columns?: number): TaskModel => ({
  task,
  reference,
  network: {
    inputs: IDS,
    outputs: network.outputs.map(output =>
      columns === undefined ? output : { ...output, shape: [...output.shape.slice(0, -1), columns] },
    ),
  },
});

export const CPU = {
  id: 'm/cpu-fp32',
  target: 'cpu',
  precision: 'fp32',
  device: 'cpu',
  engine: 'onnxruntime',
} as const;
export const H100 = {
  id: 'm/h100-fp16',
  target: 'h100',
  precision: 'fp16',
  device: 'cuda',
  engine: 'tensorrt',
} as const;

/** Runs the stage for one artefact of `m`, for ONNX Runtime on a CPU. */
export function runTask(
  { task, reference, network, decoder, firstCall, withPast }: TaskModel,
  changes: Partial<TritonParams> = {},
  tokenizer = referenceFolder(reference),
): Promise<StageRun> {
  return runStage(
    { model: 'm', task, artefacts: [CPU], maxBatchSize: 4, largestBatch: 4, sequence: [8, 16, 32], ...changes },
    network,
    {
      config: join(referenceFolder(reference), 'config.json'),
      tokenizer,
      generationConfig:
        decoder || task === 'text-generation' ? join(referenceFolder(reference), 'generation_config.json') : undefined,
      decoder,
      firstCall,
      withPast,
    },
  );
}
