import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  benchmarkShapes,
  checkModelAgainstConfig,
  completeModel,
  type HubJson,
  longestSequence,
  tasksOf,
} from '../../src/config/model-checks.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { ResolvedModel } from '../../src/config/resolved.js';
import type { Model } from '../../src/config/types.generated.js';
import { printed } from './support.js';

/** The model as the configuration gives it, defaults filled in. */
function resolved(model: Omit<Model, 'source'>): ResolvedModel {
  return resolveConfig({ models: { m: { source: './m', ...model } }, targets: {} }, '/project').models.m!;
}

const bert = (head: string, more: HubJson = {}): HubJson => ({
  architectures: [`Bert${head}`],
  model_type: 'bert',
  max_position_embeddings: 128,
  pad_token_id: 0,
  ...more,
});
const labels = (...names: string[]): HubJson => ({ id2label: Object.fromEntries(names.map((name, i) => [i, name])) });

const TASKS: readonly (readonly [architecture: string, more: HubJson, tasks: string])[] = [
  ['BertForSequenceClassification', {}, 'text-classification zero-shot-classification'],
  ['BertForSequenceClassification', labels('a', 'b', 'c'), 'text-classification zero-shot-classification'],
  ['BertForSequenceClassification', { num_labels: 1 }, 'text-ranking text-classification'],
  ['XLMRobertaForSequenceClassification', labels('LABEL_0'), 'text-ranking text-classification'],
  ['BertForTokenClassification', {}, 'token-classification'],
  ['DistilBertForQuestionAnswering', {}, 'question-answering'],
  ['RobertaForMaskedLM', {}, 'fill-mask feature-extraction sentence-similarity'],
  ['BertModel', {}, 'feature-extraction sentence-similarity'],
  ['Qwen3Model', {}, 'feature-extraction sentence-similarity'],
  ['LlamaForCausalLM', {}, 'text-generation feature-extraction sentence-similarity'],
  ['GPT2LMHeadModel', {}, 'text-generation feature-extraction sentence-similarity'],
  ['T5ForConditionalGeneration', {}, 'text2text-generation'],
  ['MarianMTModel', {}, 'text2text-generation'],
  ['WhisperForConditionalGeneration', {}, 'automatic-speech-recognition'],
  ['ViTForImageClassification', {}, 'image-classification'],
  ['BertForMultipleChoice', {}, ''],
];

test.each(TASKS)('%s %j: %s', (architecture, more, tasks) => {
  expect(tasksOf({ architectures: [architecture], ...more }).join(' ')).toBe(tasks);
});

test.each([
  ['BertModel', 'sentence-similarity feature-extraction'],
  ['RobertaForMaskedLM', 'sentence-similarity feature-extraction fill-mask'],
  ['BertForSequenceClassification', 'text-classification zero-shot-classification'],
  [undefined, 'sentence-similarity feature-extraction'],
])('%s with modules.json: %s', (architecture, tasks) => {
  expect(tasksOf(architecture ? { architectures: [architecture] } : {}, {}).join(' ')).toBe(tasks);
});

test('a sentence-transformers folder: its task, its metric, its limit of length', () => {
  const model = resolved({ evaluation: { data: 'e.jsonl' } });
  expect(checkModelAgainstConfig(bert('Model'), model, { maxSequence: 24 })).toEqual([]);
  const complete = completeModel(bert('Model'), { model_max_length: 100 }, model, { maxSequence: 24 });
  expect(complete.task).toBe('sentence-similarity');
  expect(complete.evaluation?.metric).toBe('recall@1');
  expect(complete.shapes.sequence).toEqual({ min: 1, optimum: 24, max: 24 });
});

const POSITIONS: readonly (readonly [config: HubJson, limit: number | undefined])[] = [
  [bert('Model'), 128],
  [{ model_type: 'roberta', max_position_embeddings: 514, pad_token_id: 1 }, 512],
  [{ model_type: 'xlm-roberta', max_position_embeddings: 514 }, 512],
  [{ model_type: 'camembert', max_position_embeddings: 514, pad_token_id: 1 }, 512],
  [{ model_type: 'roberta', max_position_embeddings: 130, pad_token_id: 0 }, 129],
  [{ model_type: 'mpnet', max_position_embeddings: 514, pad_token_id: 1 }, 512],
  [{ model_type: 'mpnet', max_position_embeddings: 514, pad_token_id: 0 }, 512],
  [{ model_type: 'gpt2', n_positions: 1024 }, 1024],
  [{ model_type: 't5', n_positions: 512 }, undefined],
  [{ model_type: 'bloom' }, undefined],
];

test.each(POSITIONS)('%j has positions for %s tokens', (config, limit) => {
  expect(longestSequence(config)).toBe(limit);
});

const CHECKS: readonly (readonly [title: string, config: HubJson, model: Omit<Model, 'source'>, failures: string])[] = [
  [
    'all is well',
    bert('ForSequenceClassification'),
    { task: 'text-classification', shapes: { sequence: [1, 64, 128] } },
    '',
  ],
  ['all is left open', bert('ForTokenClassification'), {}, ''],
  [
    'a task of another head',
    bert('ForSequenceClassification'),
    { task: 'token-classification' },
    "task-mismatch (usage): BertForSequenceClassification does not do token-classification|where: models.m.task|expected: one of text-classification, zero-shot-classification|found: 'token-classification'|fix: use 'text-classification', or a checkpoint with another head",
  ],
  [
    'a re-ranker wants one score',
    bert('ForSequenceClassification', labels('yes', 'no')),
    { task: 'text-ranking' },
    "task-mismatch (usage): BertForSequenceClassification with 2 labels instead of one does not do text-ranking|where: models.m.task|expected: one of text-classification, zero-shot-classification|found: 'text-ranking'|fix: use 'text-classification', or a checkpoint with another head",
  ],
  [
    'a head without tasks',
    bert('ForMultipleChoice'),
    {},
    "task-unknown (usage): the task cannot be told from config.json|where: models.m.task|found: architectures: ['BertForMultipleChoice']|fix: add task, for instance task: 'text-classification'",
  ],
  [
    'no architectures',
    { model_type: 'bert' },
    {},
    "task-unknown (usage): the task cannot be told from config.json|where: models.m.task|found: no architectures|fix: add task, for instance task: 'text-classification'",
  ],
  ['no architectures, but a task', { model_type: 'bert' }, { task: 'fill-mask' }, ''],
  [
    'more tokens than positions',
    bert('Model'),
    { shapes: { sequence: [16, 200, 512] } },
    'sequence-too-long (usage): the model takes 128 tokens at most|where: models.m.shapes.sequence|expected: at most 128: max_position_embeddings 128|found: 512|fix: write [16, 128, 128]',
  ],
  [
    'positions that RoBERTa keeps',
    { architectures: ['RobertaModel'], model_type: 'roberta', max_position_embeddings: 514, pad_token_id: 1 },
    { shapes: { sequence: [1, 128, 513] } },
    'sequence-too-long (usage): the model takes 512 tokens at most|where: models.m.shapes.sequence|expected: at most 512: max_position_embeddings 514 less 2 that roberta keeps for padding|found: 513|fix: write [1, 128, 512]',
  ],
  [
    'n_positions',
    { architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', n_positions: 1024 },
    { shapes: { sequence: [1, 1, 2048] } },
    'sequence-too-long (usage): the model takes 1024 tokens at most|where: models.m.shapes.sequence|expected: at most 1024: n_positions 1024|found: 2048|fix: write [1, 1, 1024]',
  ],
  [
    'the metric of an inferred task',
    bert('ForTokenClassification'),
    { evaluation: { data: 'e.jsonl', metric: 'accuracy' } },
    "metric-mismatch (usage): 'accuracy' does not score token-classification|where: models.m.evaluation.metric|expected: one of f1|fix: use 'f1'",
  ],
  [
    'evaluation of an inferred task without metric',
    { architectures: ['WhisperForConditionalGeneration'], model_type: 'whisper' },
    { evaluation: { data: 'e.jsonl' } },
    'metric-mismatch (usage): no metric scores automatic-speech-recognition|where: models.m.evaluation|fix: remove evaluation',
  ],
  [
    'labels for a checkpoint without names',
    bert('ForSequenceClassification', labels('LABEL_0', 'LABEL_1')),
    { labels: ['no', 'yes'] },
    '',
  ],
  [
    'labels as in the checkpoint',
    bert('ForSequenceClassification', labels('no', 'yes')),
    { labels: ['no', 'yes'] },
    '',
  ],
  [
    'calibration texts for a model of images',
    { architectures: ['ViTForImageClassification'], model_type: 'vit' },
    { calibration: { data: 'c.jsonl' } },
    'calibration-unread (usage): image-classification is given images, and calibration data are texts|where: models.m.calibration|expected: no calibration: ranges are measured on noise, and the report says so|found: /project/c.jsonl|fix: remove calibration',
  ],
  [
    'calibration texts for a model that hears',
    { architectures: ['WhisperForConditionalGeneration'], model_type: 'whisper' },
    { calibration: { data: 'c.jsonl' } },
    'calibration-unread (usage): automatic-speech-recognition is given sound, and calibration data are texts|where: models.m.calibration|expected: no calibration: ranges are measured on noise, and the report says so|found: /project/c.jsonl|fix: remove calibration',
  ],
  [
    'too few labels',
    bert('ForSequenceClassification', labels('a', 'b', 'c')),
    { labels: ['a', 'b'] },
    'labels-mismatch (usage): not one label per output|where: models.m.labels|expected: 3|found: 2',
  ],
  [
    'labels in another order',
    bert('ForSequenceClassification', labels('no', 'maybe', 'yes')),
    { labels: ['no', 'yes', 'sure'] },
    "labels-mismatch (usage): config.json gives this output another name|where: models.m.labels[1]|expected: 'maybe'|found: 'yes'|fix: write the labels in the order of id2label, or remove labels\nlabels-mismatch (usage): config.json gives this output another name|where: models.m.labels[2]|expected: 'yes'|found: 'sure'|fix: remove labels",
  ],
];

describe.each(CHECKS)('%s', (_, config, model, failures) => {
  test('is told exactly', () => {
    const found = checkModelAgainstConfig(config, resolved(model)).map(printed);
    expect(found.join('\n')).toBe(failures.split('|').join('\n  '));
  });
});

test('what is left open is taken from the model', () => {
  const config = bert('ForSequenceClassification');
  const complete = completeModel(config, undefined, resolved({ evaluation: { data: 'e.jsonl' } }));
  expect(complete.task).toBe('text-classification');
  expect(complete.shapes.sequence).toEqual({ min: 1, optimum: 128, max: 128 });
  expect(complete.evaluation).toEqual({ data: '/project/e.jsonl', metric: 'accuracy', maxDrop: 0.01 });
  expect(completeModel(config, { model_max_length: 64 }, resolved({})).shapes.sequence).toEqual({
    min: 1,
    optimum: 64,
    max: 64,
  });
  expect(
    completeModel({ ...config, max_position_embeddings: 4096 }, { model_max_length: 1e30 }, resolved({})).shapes
      .sequence,
  ).toEqual({
    min: 1,
    optimum: 128,
    max: 512,
  });
});

test('what is given is kept', () => {
  const model = resolved({ task: 'zero-shot-classification', shapes: { batch: [2, 2, 2], sequence: [8, 16, 32] } });
  const complete = completeModel(bert('ForSequenceClassification'), { model_max_length: 16 }, model);
  expect(complete).toEqual(model);
});

test('benchmark shapes: those configured that the model takes, else its own', () => {
  const { benchmark } = resolveConfig({ models: {}, targets: {} }, '/project');
  const model = completeModel(
    bert('Model'),
    undefined,
    resolved({ shapes: { batch: [1, 8, 32], sequence: [16, 64, 128] } }),
  );
  expect(benchmarkShapes(model, benchmark)).toEqual([
    [1, 64],
    [8, 64],
  ]);
  const single = completeModel(
    bert('Model'),
    undefined,
    resolved({ shapes: { batch: [1, 1, 1], sequence: [16, 64, 128] } }),
  );
  expect(benchmarkShapes(single, benchmark)).toEqual([[1, 64]]);
  const shapes = [
    [1, 16],
    [1, 15],
    [32, 128],
    [33, 128],
  ] as const;
  expect(benchmarkShapes(model, { ...benchmark, shapes })).toEqual([
    [1, 16],
    [32, 128],
  ]);
});

const REFERENCE = new URL('../reference/', import.meta.url);

describe.each(readdirSync(REFERENCE))('reference checkpoint %s', name => {
  test('its own task is among those told from its config.json', () => {
    const read = (file: string): HubJson => JSON.parse(readFileSync(new URL(`${name}/${file}`, REFERENCE), 'utf8'));
    const { task } = read('meta.json');
    const config = read(
      readdirSync(new URL(name, REFERENCE)).includes('config.json') ? 'config.json' : 'checkpoint/config.json',
    );
    expect(tasksOf(config)).toContain(task);
  });
});
