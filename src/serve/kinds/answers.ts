import { indicesOfLargest } from '../../runtime/generation/logits.js';
import type { TokenSpan } from '../../runtime/token-spans.js';
import type { TextTokenizer } from '../../runtime/tokenizer.js';
import { ok, type Result } from '../../util/result.js';
import type { ModelRequest, ServeError } from '../model.js';
import { wholeWords } from './answer-words.js';
import type { RowOutput, RowOutputs } from './network.js';
import { Options } from './options.js';
import type { TokenRow } from './padding.js';
import { shapeOf, type TextSettings, textModel, tokenized } from './text-model.js';
import { readTexts, refused } from './texts.js';

interface Settings extends TextSettings {
  /** Tokens of a long context that a window shares with the one before. */
  readonly stride: number;
}

interface Wishes {
  readonly topK: number;
  readonly longest: number;
  /** Whether "there is no answer" is one. */
  readonly impossible: boolean;
  readonly align: boolean;
}

/** A question and its context, tokenised together and not cut: tokens [first, last) are the context's. */
interface Reading {
  readonly row: TokenRow;
  readonly first: number;
  readonly last: number;
  /** Of the context's tokens. */
  readonly spans: readonly TokenSpan[];
}

/** Tokens [first, last) of a reading, as many as the network reads at once. */
interface Window {
  readonly first: number;
  readonly last: number;
}

interface Found {
  score: number;
  readonly start: number;
  readonly end: number;
  readonly answer: string;
}

/** Answers found in texts, as transformers' question-answering pipeline finds them: the twin of src/triton/python/answers.py. */
export const answers = textModel<Settings>({
  pairs: true,
  read(request, { settings, tokenizer }) {
    const questions = readTexts(request, 'QUESTION', settings.max_characters);
    if (!questions.ok) return questions;
    const contexts = readTexts(request, 'CONTEXT', settings.max_characters);
    if (!contexts.ok) return contexts;
    if (questions.value.length !== contexts.value.length) {
      return refused(`QUESTION has ${questions.value.length} rows, but CONTEXT has ${contexts.value.length}`);
    }
    const wishes = wishesOf(request);
    if (!wishes.ok) return wishes;
    const readings = tokenized(questions.value, (question, row) =>
      readingOf(tokenizer, question, contexts.value[row]!),
    );
    if (!readings.ok) return readings;
    const windows: Window[][] = [];
    for (const [row, reading] of readings.value.entries()) {
      const own = windowsOf(row, reading, settings);
      if (!own.ok) return own;
      windows.push(own.value);
    }
    return ok({
      shape: shapeOf(request, 'QUESTION'),
      rows: windows.flatMap((own, row) => own.map(window => windowRow(readings.value[row]!, window))),
      answer(outputs) {
        let next = 0;
        return windows.map((own, row) => {
          const context = [...contexts.value[row]!];
          const found: Found[] = [];
          let leastNull = 1_000_000;
          for (const window of own) {
            const none = addAnswers(found, context, readings.value[row]!, window, outputs[next++]!, wishes.value);
            leastNull = Math.min(leastNull, none);
          }
          if (wishes.value.impossible) found.push({ score: leastNull, start: 0, end: 0, answer: '' });
          found.sort((a, b) => b.score - a.score);
          return wishes.value.topK === 1 ? found[0] : found.slice(0, wishes.value.topK);
        });
      },
    });
  },
});

function wishesOf(request: ModelRequest): Result<Wishes, ServeError> {
  const options = new Options(request.parameters);
  const topK = options.integer('top_k', 1, 1, 100);
  if (!topK.ok) return topK;
  const longest = options.integer('max_answer_len', 15, 1, 1000);
  if (!longest.ok) return longest;
  const impossible = options.boolean('handle_impossible_answer', false);
  if (!impossible.ok) return impossible;
  const align = options.boolean('align_to_words', true);
  if (!align.ok) return align;
  return ok({ topK: topK.value, longest: longest.value, impossible: impossible.value, align: align.value });
}

function readingOf(tokenizer: TextTokenizer, question: string, context: string): Reading {
  const maxLength = Number.POSITIVE_INFINITY;
  const { inputIds: ids, tokenTypeIds: typeIds } = tokenizer.encode(question, context, { maxLength });
  const located = tokenizer.locate(context, { maxLength });
  const own = located.inputIds.filter((_, token) => located.spans[token]);
  // Only special tokens stand behind the context.
  let first = ids.length - own.length;
  while (first > 0 && !own.every((token, index) => ids[first + index] === token)) first--;
  return {
    row: { ids, typeIds },
    first,
    last: first + own.length,
    spans: located.spans.filter(span => span !== undefined),
  };
}

function windowsOf(
  row: number,
  { row: { ids }, first, last }: Reading,
  { max_length: maxLength, stride }: Settings,
): Result<Window[], ServeError> {
  if (first === last) return refused(`row ${row}: CONTEXT has no tokens`);
  const room = maxLength - (ids.length - (last - first));
  if (room < Math.max(1, Math.floor(maxLength / 4))) {
    return refused(`row ${row}: QUESTION is too long: of ${maxLength} tokens it leaves ${room} for the context`);
  }
  // At least half of a window is new.
  const step = Math.max(room - stride, Math.floor((room + 1) / 2));
  const windows = [{ first, last: Math.min(first + room, last) }];
  while (windows.at(-1)!.last < last) {
    const start = windows.at(-1)!.first + step;
    windows.push({ first: start, last: Math.min(start + room, last) });
  }
  return ok(windows);
}

function windowRow({ row, first, last }: Reading, window: Window): TokenRow {
  const cut = (values: readonly number[]): number[] => [
    ...values.slice(0, first),
    ...values.slice(window.first, window.last),
    ...values.slice(last),
  ];
  return { ids: cut(row.ids), typeIds: cut(row.typeIds) };
}

/** Adds a window's best answers to `found`; gives the score of there being none. */
function addAnswers(
  found: Found[],
  context: readonly string[],
  reading: Reading,
  window: Window,
  outputs: RowOutputs,
  { topK, longest, align }: Wishes,
): number {
  const count = window.last - window.first;
  // The first token, the tokenizer's own, says that there is no answer: it takes part whether that is asked for or not.
  const logitsOf = ({ data }: RowOutput): Float64Array =>
    Float64Array.of(data[0]!, ...data.subarray(reading.first, reading.first + count));
  const starts = logitsOf(outputs.start_logits!);
  const ends = logitsOf(outputs.end_logits!);
  const total = logTotal(starts) + logTotal(ends);
  for (const { first, last, sum } of bestSpans(starts.subarray(1), ends.subarray(1), longest, topK)) {
    const score = Math.exp(sum - total);
    const base = window.first - reading.first;
    let [start, end] = [reading.spans[base + first]!.start, reading.spans[base + last]!.end];
    if (align) [start, end] = wholeWords(context, start, end);
    const answer = context.slice(start, end).join('');
    const same = found.find(other => other.answer.toLowerCase() === answer.toLowerCase());
    if (same) same.score += score;
    else found.push({ score, start, end, answer });
  }
  return Math.exp(starts[0]! + ends[0]! - total);
}

/** What a softmax divides by, as a logarithm. */
function logTotal(logits: Float64Array): number {
  const largest = Math.max(...logits);
  return largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
}

/** The `count` likeliest spans of up to `longest` tokens: by sums of logits, which are exact, so that equal ones stay in order. */
function bestSpans(starts: Float64Array, ends: Float64Array, longest: number, count: number) {
  const width = Math.min(longest, starts.length);
  const sums = new Float64Array(starts.length * width).fill(Number.NEGATIVE_INFINITY);
  for (let first = 0; first < starts.length; first++) {
    for (let further = 0; further < width && first + further < ends.length; further++) {
      sums[first * width + further] = starts[first]! + ends[first + further]!;
    }
  }
  return indicesOfLargest(sums, count).flatMap(place => {
    const first = Math.floor(place / width);
    const last = first + (place % width);
    return last < ends.length ? [{ first, last, sum: sums[place]! }] : [];
  });
}
