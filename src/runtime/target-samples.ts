import type { Failure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import { type LineProblem, readJsonl } from './jsonl.js';

/** A text, and what should be written of it. */
export interface TextWithTarget {
  readonly text: string;
  readonly target: string;
}

/** A pair per line: `{"text": ..., "target": ...}`, as the model reads and writes them: a prefix that it wants is part of the text. */
export const readTextsWithTargets = (path: string): Promise<Result<readonly TextWithTarget[], Failure>> =>
  readJsonl(path, line => {
    const problems = (['text', 'target'] as const).flatMap(name => problemWith(name, line));
    const { text, target } = line;
    return problems.length === 0 ? ok({ text: text as string, target: target as string }) : fail(problems);
  });

function problemWith(name: string, line: Readonly<Record<string, unknown>>): LineProblem[] {
  const value = line[name];
  if (typeof value === 'string') return [];
  const names = Object.keys(line);
  if (value !== undefined) {
    return [{ message: `the field '${name}' has the wrong type`, expected: 'a string', found: JSON.stringify(value) }];
  }
  const close = nearest(name, names);
  return [
    {
      message: `the field '${name}' is missing`,
      expected: 'a string',
      found: `the fields ${names.join(', ') || '(none)'}`,
      ...(close ? { fix: `rename '${close}' to '${name}'` } : {}),
    },
  ];
}
