import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import type { Range, ResolvedBenchmark, ResolvedModel } from './resolved.js';
import type { Metric, Task } from './types.generated.js';
import { METRICS } from './vocabulary.js';

/** A parsed config.json or tokenizer_config.json of a Hugging Face model folder. */
export type HubJson = Readonly<Record<string, unknown>>;

/** What a folder of sentence-transformers says beside its config.json: it is one when it has modules.json. */
export interface SentenceFacts {
  /** `max_seq_length` in sentence_bert_config.json: longer texts are cut. */
  readonly maxSequence?: number;
}

/** A model of which nothing is left open. */
export interface CompleteModel extends ResolvedModel {
  readonly task: Task;
  readonly shapes: { readonly batch: Range; readonly sequence: Range };
  readonly evaluation?: { readonly data: string; readonly metric: Metric; readonly maxDrop: number };
}

/**
 * Tasks by the end of the class name in `architectures[0]`; the first is the one meant unless another is asked for.
 * The names follow transformers' AutoModel classes.
 */
const TASKS_OF_HEAD: readonly (readonly [suffix: string, tasks: readonly Task[]])[] = [
  ['ForSequenceClassification', ['text-classification', 'zero-shot-classification', 'text-ranking']],
  ['ForTokenClassification', ['token-classification']],
  ['ForQuestionAnswering', ['question-answering']],
  ['ForMaskedLM', ['fill-mask', 'feature-extraction', 'sentence-similarity']],
  ['ForPreTraining', ['fill-mask', 'feature-extraction', 'sentence-similarity']],
  ['ForCausalLM', ['text-generation', 'feature-extraction', 'sentence-similarity']],
  ['LMHeadModel', ['text-generation', 'feature-extraction', 'sentence-similarity']],
  ['ForConditionalGeneration', ['text2text-generation']],
  ['MarianMTModel', ['text2text-generation']],
  ['ForImageClassification', ['image-classification']],
  ['ForSpeechSeq2Seq', ['automatic-speech-recognition']],
  ['Model', ['feature-extraction', 'sentence-similarity']],
];

/** Tasks that the model can do, the likeliest first; none when `architectures` is absent or unknown. */
export function tasksOf(config: HubJson, sentence?: SentenceFacts): readonly Task[] {
  const tasks = tasksOfHead(config);
  return sentence && (tasks.length === 0 || tasks.includes('sentence-similarity'))
    ? [...new Set(['sentence-similarity', 'feature-extraction', ...tasks] as const)]
    : tasks;
}

function tasksOfHead(config: HubJson): readonly Task[] {
  const architecture = architectureOf(config);
  if (architecture === 'WhisperForConditionalGeneration') return ['automatic-speech-recognition'];
  const tasks = TASKS_OF_HEAD.find(([suffix]) => architecture?.endsWith(suffix))?.[1] ?? [];
  if (!architecture?.endsWith('ForSequenceClassification')) return tasks;
  // A single score is a re-ranker's (or a regression's), several are classes.
  return labelCount(config) === 1
    ? ['text-ranking', 'text-classification']
    : tasks.filter(task => task !== 'text-ranking');
}

const architectureOf = (config: HubJson): string | undefined => {
  const first: unknown = Array.isArray(config.architectures) ? config.architectures[0] : undefined;
  return typeof first === 'string' ? first : undefined;
};

/** Number of classes as transformers' PretrainedConfig reads it: 2 unless told. */
export function labelCount(config: HubJson): number {
  const names = config.id2label;
  if (typeof names === 'object' && names !== null) return Object.keys(names).length;
  return typeof config.num_labels === 'number' ? config.num_labels : 2;
}

/** [channels, height, width] of the images that a model takes; undefined where its config says no size. */
export function imageSize({ image_size: size, num_channels: channels = 3 }: HubJson): readonly number[] | undefined {
  const sides: readonly unknown[] = Array.isArray(size) ? size : [size, size];
  const all = [channels, ...sides];
  return all.length === 3 && all.every(length => typeof length === 'number') ? (all as number[]) : undefined;
}

/** Model types whose first position is padding_idx + 1 (modeling_roberta.py, create_position_ids_from_input_ids). */
const POSITIONS_AFTER_PADDING: ReadonlySet<string> = new Set([
  'roberta',
  'xlm-roberta',
  'xlm-roberta-xl',
  'camembert',
  'roberta-prelayernorm',
  'data2vec-text',
  'longformer',
  'mpnet',
  'ibert',
  'xmod',
]);

/** MPNetEmbeddings has 1 as its padding_idx, whatever config.json says; with the others it is pad_token_id. */
const paddingOf = (type: string, config: HubJson): number =>
  type !== 'mpnet' && typeof config.pad_token_id === 'number' ? config.pad_token_id : 1;

/** Model types whose positions are not learned for a fixed number: longer texts work. */
const UNBOUNDED: ReadonlySet<string> = new Set(['t5', 'mt5', 'umt5', 'bloom', 'vit', 'whisper']);

/** The longest text in tokens that the model has positions for; undefined when it has no such limit. */
export function longestSequence(config: HubJson): number | undefined {
  const type = String(config.model_type);
  if (UNBOUNDED.has(type)) return undefined;
  const positions = config.max_position_embeddings ?? config.n_positions;
  if (typeof positions !== 'number') return undefined;
  return POSITIONS_AFTER_PADDING.has(type) ? positions - paddingOf(type, config) - 1 : positions;
}

/** What of the configuration does not fit the model, which is known only now that its folder is there. */
export function checkModelAgainstConfig(
  modelConfig: HubJson,
  model: ResolvedModel,
  sentence?: SentenceFacts,
): Failure[] {
  return [
    ...taskFailures(modelConfig, model, sentence),
    ...sequenceFailures(modelConfig, model),
    ...labelFailures(modelConfig, model),
  ];
}

function taskFailures(
  config: HubJson,
  { name, task, evaluation, calibration }: ResolvedModel,
  sentence: SentenceFacts | undefined,
): Failure[] {
  const tasks = tasksOf(config, sentence);
  const architecture = architectureOf(config);
  const where = `models.${name}.task`;
  if (!task && tasks.length === 0) {
    const found = architecture ? `architectures: ['${architecture}']` : 'no architectures';
    const fix = "add task, for instance task: 'text-classification'";
    return [usageFailure('task-unknown', 'the task cannot be told from config.json', { where, found, fix })];
  }
  if (task && tasks.length > 0 && !tasks.includes(task)) {
    return [
      usageFailure('task-mismatch', `${headText(config, task)} does not do ${task}`, {
        where,
        expected: `one of ${tasks.join(', ')}`,
        found: `'${task}'`,
        fix: `use '${nearest(task, tasks) ?? tasks[0]}', or a checkpoint with another head`,
      }),
    ];
  }
  return [
    ...metricFailures(task ?? tasks[0]!, name, evaluation),
    ...dataFailures(task ?? tasks[0]!, name, calibration),
  ];
}

/** What tasks without texts are given. */
const SENSES: Readonly<Partial<Record<Task, string>>> = {
  'image-classification': 'images',
  'automatic-speech-recognition': 'sound',
};

/** Calibration data are texts; models that see or hear are calibrated on noise. */
function dataFailures(task: Task, name: string, calibration: ResolvedModel['calibration']): Failure[] {
  const sensed = SENSES[task];
  if (sensed === undefined || calibration === undefined) return [];
  return [
    usageFailure('calibration-unread', `${task} is given ${sensed}, and calibration data are texts`, {
      where: `models.${name}.calibration`,
      expected: 'no calibration: ranges are measured on noise, and the report says so',
      found: calibration.data,
      fix: 'remove calibration',
    }),
  ];
}

/** A classifier ranks when it gives one score, so its class name alone would not tell why it does not. */
function headText(config: HubJson, task: Task): string {
  const architecture = `${architectureOf(config)}`;
  const isRanking = task === 'text-ranking' && architecture.endsWith('ForSequenceClassification');
  return isRanking ? `${architecture} with ${labelCount(config)} labels instead of one` : architecture;
}

/** The configuration's own check has seen this when it names the task; here the task may be inferred. */
function metricFailures(task: Task, name: string, evaluation: ResolvedModel['evaluation']): Failure[] {
  const metrics = METRICS[task];
  if (!evaluation || (evaluation.metric ? metrics.includes(evaluation.metric) : metrics.length > 0)) return [];
  if (metrics.length === 0) {
    const where = `models.${name}.evaluation`;
    return [usageFailure('metric-mismatch', `no metric scores ${task}`, { where, fix: 'remove evaluation' })];
  }
  return [
    usageFailure('metric-mismatch', `'${evaluation.metric}' does not score ${task}`, {
      where: `models.${name}.evaluation.metric`,
      expected: `one of ${metrics.join(', ')}`,
      fix: `use '${metrics[0]}'`,
    }),
  ];
}

function sequenceFailures(config: HubJson, { name, shapes: { sequence } }: ResolvedModel): Failure[] {
  const limit = longestSequence(config);
  if (!sequence || limit === undefined || sequence.max <= limit) return [];
  return [
    usageFailure('sequence-too-long', `the model takes ${limit} tokens at most`, {
      where: `models.${name}.shapes.sequence`,
      expected: `at most ${limit}: ${positionsText(config, limit)}`,
      found: `${sequence.max}`,
      fix: `write [${Math.min(sequence.min, limit)}, ${Math.min(sequence.optimum, limit)}, ${limit}]`,
    }),
  ];
}

function positionsText(config: HubJson, limit: number): string {
  const field = config.max_position_embeddings === undefined ? 'n_positions' : 'max_position_embeddings';
  const offset = (config[field] as number) - limit;
  return `${field} ${config[field]}${offset > 0 ? ` less ${offset} that ${config.model_type} keeps for padding` : ''}`;
}

function labelFailures(config: HubJson, { name, labels }: ResolvedModel): Failure[] {
  if (!labels) return [];
  const where = `models.${name}.labels`;
  const outputs = labelCount(config);
  if (labels.length !== outputs) {
    const found = `${labels.length}`;
    return [usageFailure('labels-mismatch', 'not one label per output', { where, expected: `${outputs}`, found })];
  }
  const own = Object.values((config.id2label ?? {}) as Readonly<Record<string, unknown>>).map(String);
  if (own.every(label => /^LABEL_\d+$/.test(label))) return [];
  return labels.flatMap((label, index): Failure[] => {
    if (label === own[index]) return [];
    return [
      usageFailure('labels-mismatch', 'config.json gives this output another name', {
        where: `${where}[${index}]`,
        expected: `'${own[index]}'`,
        found: `'${label}'`,
        fix: own.includes(label) ? 'write the labels in the order of id2label, or remove labels' : 'remove labels',
      }),
    ];
  });
}

const LONGEST_BY_DEFAULT = 512;
const OPTIMUM_BY_DEFAULT = 128;

/**
 * Decides what the configuration left open. A tokenizer's `model_max_length` is advice, so it bounds the default only
 * (tokenizers without one say 1e30), and so is the limit of a sentence-transformers model. The model must have passed `checkModelAgainstConfig`.
 */
export function completeModel(
  modelConfig: HubJson,
  tokenizerConfig: HubJson | undefined,
  model: ResolvedModel,
  sentence?: SentenceFacts,
): CompleteModel {
  const task = model.task ?? tasksOf(modelConfig, sentence)[0];
  if (!task) throw new Error(`model ${model.name} was not checked: no task`);
  const { evaluation, ...rest } = model;
  const metric = evaluation?.metric ?? METRICS[task][0];
  const limits = [longestSequence(modelConfig), tokenizerConfig?.model_max_length, sentence?.maxSequence];
  const max = Math.min(LONGEST_BY_DEFAULT, ...limits.filter(limit => typeof limit === 'number'));
  return {
    ...rest,
    task,
    shapes: {
      batch: model.shapes.batch,
      sequence: model.shapes.sequence ?? { min: 1, optimum: Math.min(OPTIMUM_BY_DEFAULT, max), max },
    },
    ...(evaluation && metric ? { evaluation: { ...evaluation, metric } } : {}),
  };
}

/**
 * The [batch, sequence] pairs in which a model is measured: the configured ones that it takes, else the smallest and
 * the optimum batch at the optimum sequence.
 */
export function benchmarkShapes(
  { shapes: { batch, sequence } }: CompleteModel,
  benchmark: ResolvedBenchmark,
): readonly (readonly [batch: number, sequence: number])[] {
  const within = (size: number, range: Range) => size >= range.min && size <= range.max;
  if (benchmark.shapes) return benchmark.shapes.filter(([b, s]) => within(b, batch) && within(s, sequence));
  return [...new Set([batch.min, batch.optimum])].map(size => [size, sequence.optimum] as const);
}
