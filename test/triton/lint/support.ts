import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LintProblem, lintRepository } from '../../../src/triton/lint.js';
import type { Rule } from '../../../src/triton/lint-rule.js';
import { readModelInterface } from '../../../src/triton/model-interface.js';
import { INTENTS, networkBytes, PARAMS, runStage } from '../intents.js';

/** A good repository, networks in their places: what the tests spoil copies of. */
export let good: string;
export const scratch = mkdtempSync(join(tmpdir(), 'td-lint-'));

beforeAll(async () => {
  const { result, repository, models } = await runStage({ artefacts: PARAMS.artefacts.slice(0, 1) });
  expect(result.ok).toBe(true);
  cpSync(Object.values(models)[0]!, join(repository, 'intents-cpu-fp32-model/1'), { recursive: true });
  good = repository;
});

afterAll(() => rmSync(scratch, { recursive: true }));

export const lint = (folder: string) => lintRepository(folder, { readInterface: readModelInterface });

export type Spoil = (folder: string) => void;

/** Replaces text in a file; the text must be there. */
export const edit =
  (path: string, from: string, to: string): Spoil =>
  folder => {
    const text = readFileSync(join(folder, path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`);
    writeFileSync(join(folder, path), text.replace(from, to));
  };
export const append =
  (path: string, text: string): Spoil =>
  folder =>
    writeFileSync(join(folder, path), readFileSync(join(folder, path), 'utf8') + text);
export const remove =
  (path: string): Spoil =>
  folder =>
    rmSync(join(folder, path), { recursive: true });
export const network =
  (changes: Partial<typeof INTENTS>): Spoil =>
  folder =>
    writeFileSync(join(folder, NETWORK, '1/model.onnx'), networkBytes({ ...INTENTS, ...changes }));

/** A model of its own beside the good ones. */
export function writeWhole(folder: string, model: string, text: string): void {
  mkdirSync(join(folder, model, '1'), { recursive: true });
  writeFileSync(join(folder, model, '1/.keep'), '');
  writeFileSync(join(folder, model, 'config.pbtxt'), text);
}

export const TOKENIZER = 'intents-tokenize';
export const NETWORK = 'intents-cpu-fp32-model';
export const ENSEMBLE = 'intents-cpu-fp32';
export const config = (model: string) => `${model}/config.pbtxt`;

export const problem = (model: string, rule: string, message: string, where = 'config.pbtxt'): LintProblem => ({
  model,
  rule,
  message,
  where: `${model}/${where}`,
});

export const [inputIds, mask, types] = INTENTS.inputs as [
  (typeof INTENTS.inputs)[0],
  (typeof INTENTS.inputs)[0],
  (typeof INTENTS.inputs)[0],
];
export const logits = INTENTS.outputs[0]!;

/** A way to spoil the good repository that a rule is there for, and exactly what must be found. */
export type Mutation = readonly [title: string, spoil: Spoil, ...LintProblem[]];

/** Each mutation is a test, and each rule must have one. */
export function testMutations(rules: readonly Pick<Rule, 'id'>[], mutations: readonly Mutation[]): void {
  describe('a spoilt repository', () => {
    for (const [title, spoil, ...expected] of mutations) {
      test(title, async () => {
        const folder = mkdtempSync(join(scratch, 'case-'));
        cpSync(good, folder, { recursive: true });
        spoil(folder);
        expect(await lint(folder)).toEqual(expected);
      });
    }

    test('every rule has its case', () => {
      const covered = new Set(mutations.flatMap(([, , ...problems]) => problems.map(({ rule }) => rule)));
      expect(rules.map(rule => rule.id).filter(id => !covered.has(id))).toEqual([]);
    });
  });
}
