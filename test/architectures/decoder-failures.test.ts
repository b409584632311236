import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import type { HubJson } from '../../src/config/model-checks.js';
import { type Checkpoint, openCheckpoint } from '../../src/weights/checkpoint.js';
import { exportGraph, readModelFacts } from '../support/architectures.js';

const folderOf = (name: string): string => fileURLToPath(new URL(`../reference/${name}`, import.meta.url));
const configOf = (name: string): HubJson => JSON.parse(readFileSync(`${folderOf(name)}/config.json`, 'utf8'));

/** The refusal of a reference case with other settings. */
function refusal(name: string, change: HubJson, task = 'text-generation'): string {
  const facts = readModelFacts({ ...configOf(name), ...change }, task, 'model');
  expect(facts.ok).toBe(false);
  return facts.ok ? '' : failureText(facts.error);
}

const problem = (key: string, expected: string, found: string, fix?: string): string =>
  [
    'error: model-config: config.json asks for what cannot be exported',
    `  where     model/config.json: ${key}`,
    `  expected  ${expected}`,
    `  found     ${found}`,
    ...(fix === undefined ? [] : [`  fix       ${fix}`]),
  ].join('\n');

describe('settings that are wrong or not supported', () => {
  test.each<[name: string, change: HubJson, ...text: [string, string, string, string?]]>([
    ['gpt2', { n_head: 5 }, 'n_head', 'a divisor of n_embd, which is 48', '5'],
    ['gpt2', { n_inner: 0 }, 'n_inner', 'an integer from 1 up', '0'],
    [
      'gpt2',
      { add_cross_attention: true },
      'add_cross_attention',
      'false',
      'true',
      'cross-attention is not supported for this family',
    ],
    ['gpt_neo', { num_heads: 5 }, 'num_heads', 'a divisor of hidden_size, which is 48', '5'],
    [
      'gpt_neo',
      { attention_layers: ['global', 'locl'] },
      'attention_layers',
      'global or local for each of the layers',
      '["global","locl"]',
    ],
    [
      'gpt_neo',
      { attention_layers: null, attention_types: [[['global', 'local'], 3]] },
      'attention_types',
      'global or local for each of the layers',
      '[[["global","local"],3]]',
    ],
    [
      'gpt_neo',
      { attention_layers: null, attention_types: 'global' },
      'attention_types',
      'global or local for each of the layers',
      '"global"',
    ],
    ['gptj', { rotary_dim: 14 }, 'rotary_dim', 'an even number up to the size of a head, which is 12', '14'],
    ['gptj', { rotary_dim: 7 }, 'rotary_dim', 'an even number up to the size of a head, which is 12', '7'],
    ['gptj', { rotary_dim: null }, 'rotary_dim', 'an integer from 1 up', 'null'],
    [
      'gpt_neox',
      { rope_scaling: { type: 'lineer', factor: 2 } },
      'rope_scaling.type',
      'one of default, linear, dynamic, llama3, yarn, longrope',
      '"lineer"',
      'did you mean "linear"?',
    ],
    ['gpt_neox', { rope_scaling: { type: 'linear' } }, 'rope_scaling.factor', 'a number greater than 0', 'nothing'],
    ['opt', { num_attention_heads: 5 }, 'num_attention_heads', 'a divisor of hidden_size, which is 48', '5'],
    ['opt', { word_embed_proj_dim: -1 }, 'word_embed_proj_dim', 'an integer from 1 up', '-1'],
    [
      'bloom',
      { pretraining_tp: 2, slow_but_exact: true },
      'slow_but_exact',
      'false',
      'true',
      'sums of pretraining_tp parts, which have no bias, are not supported',
    ],
  ])('%s: %j', (name, change, ...text) => {
    expect(refusal(name, change)).toBe(problem(...text));
  });

  test('one part alone is summed as ever', () => {
    const config = { ...configOf('bloom'), pretraining_tp: 1, slow_but_exact: true };
    expect(readModelFacts(config, 'text-generation', 'model').ok).toBe(true);
  });
});

test.each([
  ['gpt2', 'GPT2LMHeadModel'],
  ['gpt_neox', 'GPTNeoXForCausalLM'],
])('%s was not saved as a classifier', (name, architecture) => {
  expect(refusal(name, {}, 'text-classification')).toBe(
    `error: task-impossible: this checkpoint cannot do text-classification
  where     model
  expected  one of its tasks: text-generation, feature-extraction, sentence-similarity
  found     a checkpoint saved as ${architecture}
  fix       change the task, or use a checkpoint that was trained for it`,
  );
});

/** A reference case with some of its weights gone, others added, and other settings. */
function changed(name: string, change: HubJson, gone: readonly string[] = [], added: Record<string, number[]> = {}) {
  const opened = openCheckpoint(folderOf(name));
  if (!opened.ok) throw new Error(failureText(opened.error));
  const tensors = new Map(opened.value.tensors);
  for (const weight of gone) expect(tensors.delete(weight)).toBe(true);
  const data = { from: 'file', file: '/model/model.safetensors', offset: 0, byteLength: 0 } as const;
  for (const [weight, shape] of Object.entries(added)) tensors.set(weight, { dtype: 'float32', shape, data });
  const configJson = { ...configOf(name), ...change };
  return { ...opened.value, folder: 'model', configJson, tensors } satisfies Checkpoint;
}

function weightRefusal(checkpoint: Checkpoint): string {
  const exported = exportGraph(checkpoint, { task: 'text-generation' });
  expect(exported.ok).toBe(false);
  return exported.ok ? '' : failureText(exported.error);
}

describe('weights', () => {
  const missing = (expected: string, found: string) =>
    `error: weight-missing: the checkpoint lacks a weight that the model needs
  where     model
  expected  ${expected}
  found     ${found} is the nearest name
  fix       use a checkpoint that was saved whole; config.json must be the one that it was saved with`;

  test.each([
    ['gpt2_legacy', 'h.1.attn.c_attn.bias', 'h.0.attn.c_attn.bias'],
    ['gpt_neo', 'transformer.h.0.attn.attention.k_proj.weight', 'transformer.h.0.attn.attention.q_proj.weight'],
    ['opt_postnorm_proj', 'model.decoder.project_out.weight', 'model.decoder.project_in.weight'],
    ['bloom', 'transformer.ln_f.bias', 'transformer.ln_f.weight'],
  ])('%s without %s', (name, weight, nearest) => {
    expect(weightRefusal(changed(name, {}, [weight]))).toBe(missing(weight, nearest));
  });

  const headless = `error: task-impossible: this checkpoint cannot do text-generation
  where     model
  expected  one of its tasks: feature-extraction, sentence-similarity
  found     no weights of a head for this task
  fix       change the task, or use a checkpoint that was trained for it`;

  test.each(['gpt2', 'gpt_neo', 'opt', 'bloom'])('%s, untied, needs a table of its own', name => {
    expect(weightRefusal(changed(name, { tie_word_embeddings: false }))).toBe(headless);
  });

  test('gpt_neox has one, unless config.json ties it', () => {
    expect(weightRefusal(changed('gpt_neox', {}, ['embed_out.weight']))).toBe(headless);
    const tied = changed('gpt_neox', { tie_word_embeddings: true }, ['embed_out.weight']);
    expect(exportGraph(tied, { task: 'text-generation' }).ok).toBe(true);
  });

  test('gptj has one, and a bias whether config.json ties it or not', () => {
    expect(weightRefusal(changed('gptj', {}, ['lm_head.weight']))).toBe(missing('lm_head.weight', 'lm_head.bias'));
    const tied = { tie_word_embeddings: true };
    expect(exportGraph(changed('gptj', tied, ['lm_head.weight']), { task: 'text-generation' }).ok).toBe(true);
    expect(weightRefusal(changed('gptj', tied, ['lm_head.weight', 'lm_head.bias']))).toBe(headless);
  });

  test('a table that is tied may be stored again', () => {
    const checkpoint = changed('gpt2', {}, [], { 'lm_head.weight': [337, 48] });
    expect(exportGraph(checkpoint, { task: 'text-generation' }).ok).toBe(true);
  });

  test('a weight that nothing reads', () => {
    const added = { 'transformer.h.0.crossattention.c_attn.weight': [48, 96] };
    expect(weightRefusal(changed('gpt2', {}, [], added))).toBe(
      `error: weight-unused: the checkpoint holds weights that the model has no use for
  where     model
  expected  every weight to be used: one that is left out silently would make the model wrong
  found     1 weight
  fix       check that model_type and the sizes in config.json are those of this checkpoint
  | transformer.h.0.crossattention.c_attn.weight`,
    );
  });

  test('Conv1D stores its weight as [in, out]: a checkpoint with nn.Linear has another shape', () => {
    const weight = 'transformer.h.0.mlp.c_fc.weight';
    expect(weightRefusal(changed('gpt2', {}, [weight], { [weight]: [192, 48] }))).toBe(
      `error: weight-shape: a weight has another shape than config.json asks for
  where     model: ${weight}
  expected  [48, 192]
  found     [192, 48]
  fix       config.json and the weights are from different models: take both from the same one`,
    );
  });
});
