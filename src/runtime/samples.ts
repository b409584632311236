import type { Failure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import { type LineParser, type LineProblem, readJsonl } from './jsonl.js';

/** A text to run the model on. */
export interface TextSample {
  readonly text: string;
  readonly textPair?: string;
  /** What an encoder-decoder should write of it, where that is known. */
  readonly target?: string;
}

/** A text and the index of its right label. */
export interface LabelledText extends TextSample {
  readonly label: number;
}

/**
 * A text per line: `{"text": ..., "text_pair": ...}`; the pair is optional, other fields (labels) are ignored, so that
 * the evaluation file can serve as calibration data. Of a search, `{"query": ...}`, the question is the text.
 */
export const readTexts = (path: string, limit?: number): Promise<Result<readonly TextSample[], Failure>> =>
  readJsonl(
    path,
    line => {
      const problems: LineProblem[] = [];
      const sample = textOf(
        line.text === undefined && line.query !== undefined ? { text: line.query } : line,
        problems,
      );
      return problems.length === 0 ? ok(sample) : fail(problems);
    },
    limit === undefined ? {} : { limit },
  );

/**
 * Text classification: `{"text": ..., "text_pair": ..., "label": ...}`. `labels` are the names of `id2label` in order;
 * a label is one of them, or its index.
 */
export const readLabelledTexts = (
  path: string,
  labels: readonly string[],
): Promise<Result<readonly LabelledText[], Failure>> => readJsonl(path, labelledText(labels));

function labelledText(labels: readonly string[]): LineParser<LabelledText> {
  return line => {
    const problems: LineProblem[] = [];
    const sample = textOf(line, problems);
    const label = labelOf(line.label, labels, problems);
    return problems.length === 0 ? ok({ ...sample, label }) : fail(problems);
  };
}

function textOf(line: Readonly<Record<string, unknown>>, problems: LineProblem[]): TextSample {
  const { text, text_pair: textPair, target } = line;
  if (text === undefined) {
    const close = nearest('text', Object.keys(line));
    problems.push({
      message: "the field 'text' is missing",
      expected: 'a string',
      found: `the fields ${Object.keys(line).join(', ') || '(none)'}`,
      ...(close ? { fix: `rename '${close}' to 'text'` } : {}),
    });
  } else if (typeof text !== 'string') {
    problems.push({ message: "the field 'text' has the wrong type", expected: 'a string', found: typeName(text) });
  }
  if (textPair !== undefined && textPair !== null && typeof textPair !== 'string') {
    problems.push({
      message: "the field 'text_pair' has the wrong type",
      expected: 'a string, or no such field',
      found: typeName(textPair),
    });
  }
  return {
    text: typeof text === 'string' ? text : '',
    ...(typeof textPair === 'string' ? { textPair } : {}),
    ...(typeof target === 'string' ? { target } : {}),
  };
}

function labelOf(label: unknown, labels: readonly string[], problems: LineProblem[]): number {
  if (label === undefined) {
    problems.push({ message: "the field 'label' is missing", expected: oneOf(labels) });
  } else if (typeof label === 'string') {
    const index = labels.indexOf(label);
    if (index >= 0) return index;
    const close = nearest(label, labels);
    problems.push({
      message: `the model has no label '${label}'`,
      expected: oneOf(labels),
      ...(close ? { fix: `did you mean '${close}'?` } : {}),
    });
  } else if (typeof label === 'number') {
    if (Number.isInteger(label) && label >= 0 && label < labels.length) return label;
    problems.push({
      message: `the model has no label ${label}`,
      expected: `an index from 0 to ${labels.length - 1}, or ${oneOf(labels)}`,
    });
  } else {
    problems.push({
      message: "the field 'label' has the wrong type",
      expected: oneOf(labels),
      found: typeName(label),
    });
  }
  return -1;
}

/** 'one of a, b, c'; long lists are cut. */
function oneOf(labels: readonly string[]): string {
  const shown = labels.slice(0, 12).join(', ');
  return `one of ${shown}${labels.length > 12 ? `, … (${labels.length} labels)` : ''}`;
}

const typeName = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
