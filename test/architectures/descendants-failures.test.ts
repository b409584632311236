import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { type HubJson, longestSequence } from '../../src/config/model-checks.js';
import type { Tensor } from '../../src/graph/tensor.js';
import { exportGraph, readModelFacts } from '../support/architectures.js';
import { exported, run } from '../support/exported.js';
import { exportableReferences, readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { rightPadded, textBatch } from '../support/text-batches.js';
import { randomWeights, TINY_BERT, writeCheckpoint } from '../support/tiny-checkpoint.js';
import { DESCENDANTS, DISTILBERT, ELECTRA, MPNET, ROBERTA, shapesOf } from '../support/tiny-encoders.js';

const folder = temporaryFolders();

const refusal = (config: HubJson, task = 'feature-extraction'): string => {
  const facts = readModelFacts(config, task, 'model');
  expect(facts.ok).toBe(false);
  return facts.ok ? '' : failureText(facts.error);
};

const problem = (key: string, expected: string, found: string, fix?: string): string =>
  [
    'error: model-config: config.json asks for what cannot be exported',
    `  where     model/config.json: ${key}`,
    `  expected  ${expected}`,
    `  found     ${found}`,
    ...(fix === undefined ? [] : [`  fix       ${fix}`]),
  ].join('\n');

describe('settings that are not supported', () => {
  const roberta = ROBERTA.config(TINY_BERT);
  const relative = [
    'position_embedding_type',
    '"absolute"',
    '"relative_key"',
    'relative position embeddings are not supported yet',
  ] as const;

  test.each(['roberta', 'camembert', 'xlm-roberta', 'electra', 'albert'])('%s with relative positions', model_type => {
    expect(refusal({ ...roberta, model_type, position_embedding_type: 'relative_key' })).toBe(problem(...relative));
  });

  test.each(['roberta', 'electra'])('%s as a decoder, with cross-attention', model_type => {
    expect(refusal({ ...roberta, model_type, is_decoder: true, add_cross_attention: true })).toBe(
      [
        'error: config.json asks for what cannot be exported',
        problem('is_decoder', 'false', 'true', 'a decoder needs a causal mask: it is not supported for this family'),
        problem('add_cross_attention', 'false', 'true', 'cross-attention is not supported for this family'),
      ].join('\n\n'),
    );
  });

  test('ELECTRA with another summary of a text', () => {
    const config = { ...ELECTRA.config(TINY_BERT), summary_type: 'mean', summary_use_proj: false };
    expect(refusal(config, 'multiple-choice')).toBe(
      [
        'error: config.json asks for what cannot be exported',
        problem('summary_type', '"first"', '"mean"', 'only the first token as the summary of a text is supported'),
        problem('summary_use_proj', 'true', 'false', 'a summary without a projection is not supported'),
      ].join('\n\n'),
    );
  });

  test('DistilBERT, by its own names', () => {
    const config = DISTILBERT.config(TINY_BERT);
    expect(refusal({ ...config, n_heads: 5 })).toBe(problem('n_heads', 'a divisor of dim, which is 24', '5'));
    expect(refusal({ ...config, n_layers: 0 })).toBe(problem('n_layers', 'an integer from 1 up', '0'));
  });

  test('MPNet with fewer rows than it has buckets', () => {
    const config = { ...MPNET.config(TINY_BERT), relative_attention_num_buckets: 16 };
    expect(refusal(config)).toBe(problem('relative_attention_num_buckets', 'an integer from 32 up', '16'));
  });
});

test('the discriminator of ELECTRA fills no masks', () => {
  const shapes = {
    ...shapesOf(ELECTRA, TINY_BERT),
    'discriminator_predictions.dense.weight': [24, 24],
    'discriminator_predictions.dense.bias': [24],
    'discriminator_predictions.dense_prediction.weight': [1, 24],
    'discriminator_predictions.dense_prediction.bias': [1],
  };
  const tensors = Object.entries(shapes).map(([name, shape]): [string, Tensor] => [
    name,
    { dtype: 'float32', shape, data: { from: 'file', file: '/model.safetensors', offset: 0, byteLength: 0 } },
  ]);
  const configJson = { ...ELECTRA.config(TINY_BERT), architectures: ['ElectraForPreTraining'] };
  const checkpoint = { folder: 'model', configJson, tensors: new Map(tensors), metadata: {} };
  expect(exportGraph(checkpoint, { task: 'feature-extraction' }).ok).toBe(true);
  const filled = exportGraph(checkpoint, { task: 'fill-mask' });
  expect(filled.ok ? '' : failureText(filled.error)).toBe(`error: task-impossible: this checkpoint cannot do fill-mask
  where     model
  expected  one of its tasks: feature-extraction, sentence-similarity
  found     no weights of a head for this task
  fix       change the task, or use a checkpoint that was trained for it`);
});

describe('the longest sequence', () => {
  test.each(exportableReferences())('%s: config.json gives what the architecture gives', name => {
    const { folder: checkpoint, task, batches } = readReference(name);
    const configJson = JSON.parse(readFileSync(join(checkpoint, 'config.json'), 'utf8')) as HubJson;
    const longest = Math.max(...batches.map(({ inputs }) => inputs.input_ids!.shape[1]!));
    for (const change of [{}, { pad_token_id: 0 }, { pad_token_id: 3 }]) {
      const facts = readModelFacts({ ...configJson, ...change }, task, name);
      if (!facts.ok) throw new Error(failureText(facts.error));
      expect(facts.value.maxSequence).toBe(longestSequence({ ...configJson, ...change }));
      if (Object.keys(change).length === 0) expect(facts.value.maxSequence ?? longest).toBe(longest);
    }
  });

  test.each(DESCENDANTS.map(family => [family.modelType, family] as const))(
    '%s runs it, and no more',
    async (_, family) => {
      const config = family.config(TINY_BERT);
      const facts = readModelFacts(config, 'feature-extraction', 'model');
      const limit = facts.ok ? facts.value.maxSequence! : 0;
      expect(limit).toBe(TINY_BERT.max_position_embeddings - family.unusedPositions);
      const at = folder();
      const checkpoint = writeCheckpoint(join(at, 'checkpoint'), config, randomWeights(shapesOf(family, TINY_BERT)));
      const session = await exported(checkpoint, 'feature-extraction', at);
      // Ids from 3 on: none of them is padding, whichever family's.
      const texts = (length: number) => {
        const batch = textBatch(config, rightPadded([length]), 1);
        const ids = Array.from(batch.input_ids!.data as BigInt64Array, id => (id < 3n ? 3n : id));
        return { ...batch, input_ids: { dtype: 'int64' as const, shape: [1, length], data: BigInt64Array.from(ids) } };
      };
      const { last_hidden_state } = await run(session, texts(limit));
      expect(last_hidden_state!.shape).toEqual([1, limit, 24]);
      expect((await session.run(texts(limit + 1))).ok).toBe(false);
      await session.release();
    },
  );
});
