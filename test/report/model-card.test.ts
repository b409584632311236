import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { modelCard } from '../../src/report/model-card.js';
import { REPORT } from './fixture.js';

const [model] = REPORT.models;

test('a card says where the model is from, and the figures of the report', () => {
  const commit = 'c'.repeat(40);
  const card = modelCard(model!, `org/intents@${commit}`);
  const [, frontMatter, ...text] = card.split('---\n');
  expect(parse(frontMatter!)).toEqual({
    pipeline_tag: model!.task,
    library_name: 'onnx',
    tags: ['onnx', 'triton', 'transformer-deploy'],
    base_model: 'org/intents',
  });
  expect(text.join('')).toContain(`[org/intents@${commit}](https://huggingface.co/org/intents/tree/${commit})`);
  for (const { id } of model!.artefacts) expect(card).toContain(`\`${id}\``);
  expect(card).toContain('0.50 (0.45 to 0.55)');
});

test('where a folder lies is not said', () => {
  const card = modelCard(model!, undefined);
  expect(card).toContain('Made from a checkpoint that is not on the Hub.');
  expect(card).not.toContain('base_model');
});
