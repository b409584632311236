import { describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../support/architectures.js';
import { errorsOf, exported } from '../support/exported.js';
import { exportableReferences, readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();

/** Every case whose family and task can be exported: a new folder is a new case. */
const cases = exportableReferences();

test('every family of encoders has a case', () => {
  const covered = new Set(cases.map(name => readReference(name).modelType));
  const others = ['causal-language-model', 'conditional-generation', 'speech-to-text', 'image-classification'] as const;
  const encoders = ARCHITECTURES.filter(({ heads }) => others.every(head => !heads[head]));
  expect(encoders.map(({ modelType }) => modelType).filter(modelType => !covered.has(modelType))).toEqual([]);
});

describe('what PyTorch gives', () => {
  test.each(cases)('%s: every output of every batch is within the tolerance', async name => {
    const reference = readReference(name);
    const session = await exported(reference.folder, reference.task, folder());
    const { inputs, outputs } = reference.batches[0]!;
    expect(session.inputs.map(input => input.name)).toEqual(Object.keys(inputs));
    expect(session.outputs.map(output => output.name)).toEqual(Object.keys(outputs));
    expect(reference.batches).toHaveLength(4);
    const errors = await errorsOf(session, reference);
    await session.release();
    if (process.env.SHOW_ERRORS) console.log(name, errors);
    expect(Object.entries(errors).filter(([, error]) => !(error <= reference.tolerance))).toEqual([]);
  });
});
