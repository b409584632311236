import { expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { planProject } from '../../src/cli/project.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { readReference } from '../support/reference.js';

const CPU = { engine: 'onnxruntime' as const, precisions: ['fp32' as const] };

function planned(name: string, target: Parameters<typeof resolveConfig>[0]['targets'][string] = CPU) {
  const { folder } = readReference(name);
  const config = {
    models: { [name]: { source: folder } },
    targets: { here: target },
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

test('one that writes is refused for TensorRT before any work', async () => {
  const outcome = await planned('t5', { engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp32'] });
  expect(
    outcome.ok ? '' : failureText(outcome.error),
  ).toBe(`error: not-built: t5/here/fp32 cannot be built by this version
  expected  for tensorrt, a task whose model is one file
  found     'text2text-generation'
  fix       use an onnxruntime target`);
});
