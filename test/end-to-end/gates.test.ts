import { describe, expect, test } from 'vitest';
import { BUILD, model } from '../support/mistakes.js';
import { type Workspace, workspaces } from '../support/td.js';

const make = workspaces();

describe('a gate that is not passed', () => {
  test('a tolerance: exit code 1, all numbers, and no artefact', async () => {
    const workspace = make.tiny();
    model(workspace, model => {
      model.tolerance = { fp32: 1e-12, 'int8-dynamic': 1 };
    });
    const { code, stderr } = await workspace.td([...BUILD, '--keep-going', '--reporter', 'plain']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ {2}tiny\/cpu\/fp32 +not delivered\n {2}tiny\/cpu\/int8-dynamic +max difference /m);
    const number = String.raw`[\d.e-]+`;
    expect(stderr).toMatch(
      new RegExp(
        [
          'error: validation-failed: tiny/cpu/fp32 differs too much from the fp32 export',
          '  where     tiny/cpu/fp32',
          '  expected  logits: largest difference at most 1.00e-12; evaluation logits: largest difference at most 1.00e-12',
          `  found     ${number}; ${number}`,
          String.raw`  fix       use a higher precision than fp32, or set tolerance.fp32 \(a largest difference\) if you accept this one`,
          String.raw`  \| gate +found +limit`,
          String.raw`  \| logits: values that are NaN or infinite +0 +0 +ok`,
          String.raw`  \| logits: largest difference +${number} +1.00e-12 +over`,
        ].join('\n'),
      ),
    );
    // What passed its gate is delivered, what did not is not.
    expect(workspace.files('dist/models/tiny/cpu-fp32')).toEqual([]);
    expect(workspace.files('dist/models/tiny/cpu-int8-dynamic')).toContain('onnx/model.onnx');
  });

  test('maxDrop: labels that fp32 gets right and int8 wrong', async () => {
    const workspace = make.tiny();
    model(workspace, model => {
      model.evaluation = { data: './eval.jsonl', metric: 'accuracy', maxDrop: 0 };
      model.tolerance = { 'int8-dynamic': 10 };
    });
    const changed = await labelsThatRoundingChanges(workspace);
    workspace.write('eval.jsonl', changed.map(line => `${JSON.stringify(line)}\n`).join(''));
    const { code, stderr } = await workspace.td([...BUILD, '--keep-going']);
    expect(code).toBe(1);
    // int8 takes its scale from the whole batch, so in another batch fewer labels may change.
    const share = String.raw`(1|0\.\d*[1-9]\d*)`;
    expect(stderr).toMatch(
      new RegExp(
        [
          'error: validation-failed: tiny/cpu/int8-dynamic differs too much from the fp32 export',
          '  where     tiny/cpu/int8-dynamic',
          '  expected  drop of accuracy at most 0',
          `  found     ${share}`,
          `  fix       use a higher precision than int8-dynamic, or raise evaluation.maxDrop if ${changed.length} samples show a drop you accept`,
        ].join('\n'),
      ),
    );
    expect(stderr).toMatch(
      /accuracy 1\.0000 -> 0\.\d{4}, drop [01]\.\d{4} \(95 %: .* to .*\); \d+ lost and 0 won of \d+/,
    );
    expect(workspace.files('dist/models/tiny/cpu-int8-dynamic')).toEqual([]);
    expect(workspace.files('dist/models/tiny/cpu-fp32')).toContain('validation.json');
  });

  /** Texts on which fp32 and int8 disagree, with the label that fp32 gives. */
  async function labelsThatRoundingChanges(workspace: Workspace): Promise<{ text: string; label: string }[]> {
    const { code } = await workspace.td([
      'build',
      '--only',
      'package,quantize,optimize,validate',
      '--reporter',
      'silent',
    ]);
    expect(code).toBe(0);
    const texts = Array.from({ length: 400 }, (_, index) => wordsOf(index));
    const { stdout } = await workspace.td(['infer', 'tiny', '--json'], { input: texts.join('\n') });
    const answers = stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as { artefact: string; text: string; labels: { label: string }[] });
    const labelsOf = (artefact: string): Map<string, string> =>
      new Map(answers.filter(a => a.artefact === artefact).map(({ text, labels }) => [text, labels[0]!.label]));
    const [fp32, int8] = [labelsOf('tiny/cpu/fp32'), labelsOf('tiny/cpu/int8-dynamic')];
    const changed = texts.flatMap(text =>
      fp32.get(text) === int8.get(text) ? [] : [{ text, label: fp32.get(text)! }],
    );
    expect(changed.length).toBeGreaterThan(0);
    return changed;
  }

  const WORDS = ['the', 'movie', 'was', 'great', 'bad', 'acting', 'good', 'music', 'story', 'it', 'a', 'not'];
  const wordsOf = (seed: number): string =>
    [1, 12, 144].map(place => WORDS[Math.floor(seed / place) % WORDS.length]!).join(' ');
});
