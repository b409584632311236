import { expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { type Failure, taskFailure, together, usageFailure } from '../../src/util/failure.js';

test('every fact has its line, in a fixed order', () => {
  const failure = usageFailure('weight-missing', 'the checkpoint lacks a weight', {
    fix: 'use the whole checkpoint',
    found: 'cls.weight',
    expected: 'classifier.weight float32[8, 128]',
    where: 'model/model.safetensors',
  });
  expect(failureText(failure)).toBe(`error: weight-missing: the checkpoint lacks a weight
  where     model/model.safetensors
  expected  classifier.weight float32[8, 128]
  found     cls.weight
  fix       use the whole checkpoint`);
});

test('facts of several lines stay in their column, details follow', () => {
  const failure = taskFailure('validation-failed', 'too far from the export', {
    expected: 'one of\na\nb',
    details: ['output   max', 'logits   0.5'],
  });
  expect(failureText(failure)).toBe(`error: validation-failed: too far from the export
  expected  one of
            a
            b
  | output   max
  | logits   0.5`);
});

test('several problems are each printed whole; a single one stays itself', () => {
  const one = usageFailure('data-missing', 'a data file does not exist');
  const two = usageFailure('task-unknown', 'unknown task');
  expect(failureText(together('x', '2 problems', [one, two]))).toBe(`error: 2 problems

error: data-missing: a data file does not exist

error: task-unknown: unknown task`);
  expect(together('x', '1 problem', [one])).toBe(one);
});

test('what is left out of several causes is said at the end', () => {
  const cause = { code: 'data-line-invalid', kind: 'usage', message: 'the line is not JSON' } as const;
  const failure: Failure = {
    ...cause,
    code: 'data-invalid',
    message: 'many',
    causes: [cause, cause],
    details: ['and 25 more'],
  };
  expect(failureText(failure)).toBe(
    'error: many\n\nerror: data-line-invalid: the line is not JSON\n\nerror: data-line-invalid: the line is not JSON\n\nand 25 more',
  );
});
