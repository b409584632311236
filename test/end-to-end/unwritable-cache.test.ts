import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workspaces } from '../support/td.js';

const make = workspaces();

// root may write everywhere, so a file stands where a folder should be.
test('the cache: a build without one, and a warning', async () => {
  const workspace = make.tiny();
  writeFileSync(workspace.cache, 'not a folder');
  const { code, stderr } = await workspace.td(['build', '--skip', 'benchmark,report']);
  expect(workspace.normal(stderr)).toContain(
    [
      "warning  the cache cannot be written, so that new results are not kept: EEXIST: file already exists, mkdir '<dir>/cache'",
      '         make <dir>/cache a folder that this user may write, or set cache.directory',
      '',
    ].join('\n'),
  );
  expect(workspace.files()).toContain('models/tiny/cpu-fp32/onnx/model.onnx');
  expect(code).toBe(0);
});
