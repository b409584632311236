import { expect, test } from 'vitest';
import { planProject } from '../../src/cli/project.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { readReference } from '../support/reference.js';

function planned(name: string) {
  const { folder } = readReference(name);
  const config = {
    models: { [name]: { source: folder } },
    targets: { cpu: { engine: 'onnxruntime' as const, precisions: ['fp32' as const] } },
  };
  const { signal } = new AbortController();
  return planProject(resolveConfig(config, '/'), [], { signal, note() {} }, {});
}

test.each([
  ['t5', 'text2text-generation'],
  ['whisper', 'automatic-speech-recognition'],
  ['bart_seqcls', 'text-classification'],
])('an encoder-decoder is planned for what its head does: %s', async (name, task) => {
  const outcome = await planned(name);
  expect(outcome.ok && outcome.value.models[0]!.model.task).toBe(task);
});
