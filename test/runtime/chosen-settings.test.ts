import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chosenSettings } from '../../src/runtime/chosen-settings.js';

function folderWith(files: Readonly<Record<string, object>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'td-chosen-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  return folder;
}

test.each([
  ['a folder of anybody’s', {}, {}],
  ['threads that auto chose', { 'choice.json': { mix: { threads: 2 } } }, { threads: 2 }],
  ['all cores', { 'choice.json': { mix: {} } }, {}],
  ['a model for the CPU', { 'validation.json': { precision: 'fp32' } }, {}],
  [
    'a model that was validated on a GPU',
    { 'validation.json': { placement: { provider: 'webgpu', products: 3 } } },
    { provider: 'webgpu' },
  ],
])('%s', (_, files, expected) => {
  expect(chosenSettings(folderWith(files))).toEqual(expected);
});
