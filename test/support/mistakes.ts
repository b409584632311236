import { expect, test } from 'vitest';
import { CONFIG, filesBelow, type TinyConfig, type Workspace } from './td.js';

/** Something wrong in the tiny workspace, and all that is said of it. */
export interface Mistake {
  readonly mistake: string;
  readonly make: (workspace: Workspace) => void;
  /** Of `td`; a build unless given. */
  readonly args?: readonly string[];
  readonly code: number;
  readonly says: string;
}

export const model = (workspace: Workspace, change: (model: Record<string, unknown>) => void): void =>
  workspace.edit(CONFIG, (config: TinyConfig) => change(config.models.tiny!));

export const modelJson = (workspace: Workspace, change: (json: Record<string, unknown>) => void): void =>
  workspace.edit('model/config.json', change as never);

/** One task after the other, so that what is told does not depend on the machine's speed; only failures are told. */
export const BUILD = ['build', '--skip', 'benchmark,report', '--jobs', '1', '--reporter', 'silent'];

/** Every mistake is told in full: what, where, expected, found, what to do. And nothing is left behind. */
export function testMistakes(mistakes: readonly Mistake[], tiny: () => Workspace): void {
  test.each(mistakes)('$mistake', async ({ make: change, args = BUILD, code, says }) => {
    const workspace = tiny();
    change(workspace);
    const before = filesBelow(workspace.project);
    const outcome = await workspace.td([...args]);
    expect(normal(workspace, outcome.stderr)).toBe(says.trimStart());
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toBe('');
    expect(filesBelow(workspace.project).filter(path => !path.startsWith('.td/'))).toEqual(before);
  });
}

// The families of models that are known grow.
const normal = (workspace: Workspace, text: string): string =>
  workspace.normal(text.trimStart()).replace(/^( {2}expected {2}one of) albert, .*$/m, '$1 <families>');
