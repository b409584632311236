import type { Failure } from '../util/failure.js';

/**
 * The one place where a failure becomes text:
 *
 *     error: weight-missing: the checkpoint lacks a weight that the model needs
 *       where     model/model.safetensors
 *       expected  classifier.weight float32[8, 128]
 *       found     cls.weight float32[8, 128]
 *       fix       ...
 */
export function failureText(failure: Failure): string {
  if (failure.causes && failure.causes.length > 0) {
    return [`error: ${failure.message}`, ...failure.causes.map(failureText), ...(failure.details ?? [])].join('\n\n');
  }
  const facts: [string, string | undefined][] = [
    ['where', failure.where],
    ['expected', failure.expected],
    ['found', failure.found],
    ['fix', failure.fix],
  ];
  const lines = [`error: ${failure.code}: ${failure.message}`];
  for (const [name, text] of facts) {
    if (text !== undefined) lines.push(`  ${name.padEnd(8)}  ${text.split('\n').join('\n            ')}`);
  }
  for (const detail of failure.details ?? []) lines.push(`  | ${detail}`);
  return lines.join('\n');
}
