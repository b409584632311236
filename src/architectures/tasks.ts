import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import type { ConfigJson } from './read-config.js';

/** What stands on top of the encoder or decoder. transformers has one class for each. */
export type Head =
  | 'sequence-classification'
  | 'token-classification'
  | 'question-answering'
  | 'masked-language-model'
  | 'causal-language-model'
  | 'conditional-generation'
  | 'speech-to-text'
  | 'multiple-choice'
  | 'image-classification'
  | 'base';

/** The Hub's task names, and the head that does each. */
const HEAD_OF_TASK = {
  'text-classification': 'sequence-classification',
  'text-ranking': 'sequence-classification',
  'zero-shot-classification': 'sequence-classification',
  'token-classification': 'token-classification',
  'question-answering': 'question-answering',
  'fill-mask': 'masked-language-model',
  'text-generation': 'causal-language-model',
  'text2text-generation': 'conditional-generation',
  'automatic-speech-recognition': 'speech-to-text',
  'multiple-choice': 'multiple-choice',
  'image-classification': 'image-classification',
  'feature-extraction': 'base',
  'sentence-similarity': 'base',
} as const satisfies Readonly<Record<string, Head>>;

export type Task = keyof typeof HEAD_OF_TASK;

export const TASKS = Object.keys(HEAD_OF_TASK) as readonly Task[];

export const headOf = (task: Task): Head => HEAD_OF_TASK[task];

export const tasksOf = (heads: Iterable<Head>): readonly Task[] => {
  const able = new Set(heads);
  return TASKS.filter(task => able.has(headOf(task)));
};

export function readTask(name: string): Result<Task, Failure> {
  const task = TASKS.find(known => known === name);
  if (task) return ok(task);
  const meant = nearest(name, TASKS);
  return fail(
    usageFailure('task-unknown', 'there is no such task, or it cannot be exported yet', {
      expected: `one of ${TASKS.join(', ')}`,
      found: name,
      ...(meant === undefined ? {} : { fix: `did you mean ${meant}?` }),
    }),
  );
}

/** Ends of the class names in config.json's `architectures`: BertForSequenceClassification, BertModel. */
const HEADS_OF_CLASS: readonly (readonly [suffix: string, heads: readonly Head[]])[] = [
  ['ForSequenceClassification', ['sequence-classification', 'base']],
  ['ForTokenClassification', ['token-classification', 'base']],
  ['ForQuestionAnswering', ['question-answering', 'base']],
  ['ForMaskedLM', ['masked-language-model', 'base']],
  ['ForPreTraining', ['masked-language-model', 'base']],
  ['ForCausalLM', ['causal-language-model', 'base']],
  ['LMHeadModel', ['causal-language-model', 'base']],
  ['WhisperForConditionalGeneration', ['speech-to-text']],
  ['ForConditionalGeneration', ['conditional-generation', 'base']],
  ['MTModel', ['conditional-generation', 'base']],
  ['ForImageClassification', ['image-classification', 'base']],
  ['ForMultipleChoice', ['multiple-choice', 'base']],
  ['Model', ['base']],
];

/**
 * The heads that the checkpoint was saved with, as its config says; undefined where it does not say. The weights
 * alone cannot tell: a token classifier and a text classifier may have the same names and shapes.
 */
export function declaredHeads(json: ConfigJson): readonly Head[] | undefined {
  const classes = Array.isArray(json.architectures) ? json.architectures : [];
  for (const name of classes) {
    const known = HEADS_OF_CLASS.find(([suffix]) => typeof name === 'string' && name.endsWith(suffix));
    if (known) return known[1];
  }
  return undefined;
}
