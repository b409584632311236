import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { bytesOfNumbers, numbersOf } from '../../src/graph/elements.js';
import type { Tensors } from '../../src/runtime/session.js';
import { exportGraph } from '../support/architectures.js';
import { exportedFrom, run } from '../support/exported.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { largestDifference, rightPadded, textBatch } from '../support/text-batches.js';
import { randomWeights, type Shapes, type StoredTensor } from '../support/tiny-checkpoint.js';
import { type DebertaConfig, debertaShapes, TINY_DEBERTA, TINY_DEBERTA_V2 } from '../support/tiny-relative-encoders.js';

const folder = temporaryFolders();
const HIDDEN = 24;

type Weights = Record<string, StoredTensor>;
type Config = Readonly<Record<string, unknown>>;

async function outputOf(config: Config, weights: Weights, task: string, batch: Tensors): Promise<Float32Array> {
  const session = await exportedFrom(config, weights, task, folder());
  const outputs = await run(session, batch);
  await session.release();
  return Object.values(outputs)[0]!.data as Float32Array;
}

const float32 = (shape: readonly number[], numberAt: (index: number) => number): StoredTensor => ({
  dtype: 'F32',
  shape,
  bytes: bytesOfNumbers(
    'float32',
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => numberAt(i)),
  ),
});

const batch = textBatch(TINY_DEBERTA, rightPadded([9, 5, 1]), 7);
const base = (config: Config, weights: Weights) => outputOf(config, weights, 'feature-extraction', batch);

test('DeBERTa is DeBERTa-v2 without buckets, its projections packed by head and its keys without bias', async () => {
  const second: DebertaConfig = {
    ...TINY_DEBERTA_V2,
    share_att_key: false,
    norm_rel_ebd: 'none',
    position_buckets: -1,
  };
  const ours = randomWeights(debertaShapes(TINY_DEBERTA));
  const theirs: Weights = {};
  const zeros = float32([HIDDEN], () => 0);
  for (const [name, tensor] of Object.entries(ours)) {
    const self = name.slice(0, name.lastIndexOf('self.') + 5);
    if (name.endsWith('in_proj.weight')) {
      const numbers = numbersOf('float32', tensor.bytes);
      for (const [part, projection] of ['query_proj', 'key_proj', 'value_proj'].entries()) {
        // Row r of a projection is row r % 8 of head r / 8; a head has 8 rows of each of the three.
        theirs[`${self}${projection}.weight`] = float32([HIDDEN, HIDDEN], i => {
          const row = Math.floor(i / HIDDEN);
          const packed = Math.floor(row / 8) * 24 + part * 8 + (row % 8);
          return numbers[packed * HIDDEN + (i % HIDDEN)]!;
        });
      }
      theirs[`${self}key_proj.bias`] = zeros;
    } else if (name.endsWith('q_bias')) theirs[`${self}query_proj.bias`] = tensor;
    else if (name.endsWith('v_bias')) theirs[`${self}value_proj.bias`] = tensor;
    else if (name.endsWith('pos_proj.weight')) {
      theirs[`${self}pos_key_proj.weight`] = tensor;
      theirs[`${self}pos_key_proj.bias`] = zeros;
    } else theirs[name.replace('pos_q_proj', 'pos_query_proj')] = tensor;
  }
  expect(largestDifference(await base(TINY_DEBERTA, ours), await base(second, theirs))).toBeLessThan(1e-5);
});

describe('DeBERTa-v2', () => {
  const weights = randomWeights(debertaShapes(TINY_DEBERTA_V2));

  test('shared position projections are those of the content', async () => {
    const apart = { ...TINY_DEBERTA_V2, share_att_key: false };
    const copies = Object.entries(weights).flatMap(([name, tensor]): [string, StoredTensor][] =>
      /(key|query)_proj/.test(name) ? [[name.replace(/(key|query)_proj/, 'pos_$1_proj'), tensor]] : [],
    );
    expect(await base(apart, { ...weights, ...Object.fromEntries(copies) })).toEqual(
      await base(TINY_DEBERTA_V2, weights),
    );
  });

  test.each<[string, Config]>([
    ['fewer buckets', { position_buckets: 6, max_position_embeddings: 12 }],
    ['a norm', { norm_rel_ebd: 'none' }],
    ['another epsilon', { layer_norm_eps: 0.1 }],
    ['one kind of comparison', { pos_att_type: 'c2p' }],
    ['the other kind', { pos_att_type: 'p2c' }],
    ['no positions at all', { relative_attention: false }],
  ])('a setting is not ignored: %s', async (_, change) => {
    const config = { ...TINY_DEBERTA_V2, ...change } as DebertaConfig;
    const own = Object.keys(debertaShapes(config));
    const kept = Object.fromEntries(
      Object.entries(weights).filter(([name]) => own.includes(name) || !/rel_embeddings|encoder\.LayerNorm/.test(name)),
    );
    expect(largestDifference(await base(config, kept), await base(TINY_DEBERTA_V2, weights))).toBeGreaterThan(1e-3);
  });

  test('a convolution in groups is one whose other weights are 0', async () => {
    const grouped = { ...TINY_DEBERTA_V2, conv_kernel_size: 3, conv_groups: 2 };
    const whole = { ...grouped, conv_groups: 1 };
    const ofGroups = randomWeights(debertaShapes(grouped));
    const name = 'deberta.encoder.conv.conv.weight';
    const numbers = numbersOf('float32', ofGroups[name]!.bytes);
    const [groupSize, kernel] = [HIDDEN / 2, 3];
    const spread = float32([HIDDEN, HIDDEN, kernel], i => {
      const [out, into, tap] = [Math.floor(i / (HIDDEN * kernel)), Math.floor(i / kernel) % HIDDEN, i % kernel];
      if (Math.floor(out / groupSize) !== Math.floor(into / groupSize)) return 0;
      return numbers[(out * groupSize + (into % groupSize)) * kernel + tap]!;
    });
    const expected = await base(grouped, ofGroups);
    expect(largestDifference(await base(whole, { ...ofGroups, [name]: spread }), expected)).toBeLessThan(1e-5);
    // The default activation is tanh.
    const gelu = await base({ ...grouped, conv_act: 'gelu' }, ofGroups);
    expect(largestDifference(gelu, expected)).toBeGreaterThan(1e-3);
  });

  test('absolute positions that a checkpoint keeps unused are left out', async () => {
    const kept = { ...weights, 'deberta.embeddings.position_embeddings.weight': float32([16, HIDDEN], () => 1) };
    expect(await base(TINY_DEBERTA_V2, kept)).toEqual(await base(TINY_DEBERTA_V2, weights));
  });

  test('multiple choice is a score for each choice, side by side', async () => {
    const head: Shapes = {
      'pooler.dense.weight': [HIDDEN, HIDDEN],
      'pooler.dense.bias': [HIDDEN],
      'classifier.weight': [1, HIDDEN],
      'classifier.bias': [1],
    };
    const withHead = { ...weights, ...randomWeights(head, { seed: 2 }) };
    const flat = textBatch(TINY_DEBERTA_V2, rightPadded([5, 4, 3, 5, 2, 1]), 5);
    const nested = Object.fromEntries(
      Object.entries(flat).map(([name, value]) => [name, { ...value, shape: [2, 3, 5] }]),
    ) as Tensors;
    const scores = await outputOf({ ...TINY_DEBERTA_V2, num_labels: 1 }, withHead, 'text-ranking', flat);
    const choices = await outputOf(TINY_DEBERTA_V2, withHead, 'multiple-choice', nested);
    expect(largestDifference(choices, scores)).toBeLessThan(1e-6);
  });
});

describe.each([TINY_DEBERTA, TINY_DEBERTA_V2])('the heads of $model_type', config => {
  const own = randomWeights(debertaShapes(config));
  const transform = (at: string): Shapes => ({
    [`${at}.dense.weight`]: [HIDDEN, HIDDEN],
    [`${at}.dense.bias`]: [HIDDEN],
    [`${at}.LayerNorm.weight`]: [HIDDEN],
    [`${at}.LayerNorm.bias`]: [HIDDEN],
  });
  const legacy = randomWeights(
    { ...transform('cls.predictions.transform'), 'cls.predictions.bias': [40] },
    { seed: 2 },
  );
  const original = Object.fromEntries(
    Object.entries(legacy).map(([name, tensor]) => [
      name
        .replace('cls.predictions.transform', 'lm_predictions.lm_head')
        .replace('cls.predictions', 'lm_predictions.lm_head'),
      tensor,
    ]),
  );
  const words = (change: Config, weights: Weights) =>
    outputOf({ ...config, ...change }, { ...own, ...weights }, 'fill-mask', batch);

  test('both heads of the masked language model are the same function under other names', async () => {
    const expected = await words({}, legacy);
    expect(await words({ legacy: false }, original)).toEqual(expected);
    // What the authors published says nothing of `legacy`.
    expect(await words({}, original)).toEqual(expected);
  });

  test('where a checkpoint has both, `legacy` decides', async () => {
    const other = randomWeights(
      { ...transform('lm_predictions.lm_head'), 'lm_predictions.lm_head.bias': [40] },
      { seed: 3 },
    );
    const both = { ...legacy, ...other };
    expect(await words({}, both)).toEqual(await words({}, legacy));
    expect(await words({ legacy: false }, both)).toEqual(await words({ legacy: false }, other));
    expect(await words({}, both)).not.toEqual(await words({ legacy: false }, both));
  });

  test('a decoder of its own, when the config unties it', async () => {
    const table = own['deberta.embeddings.word_embeddings.weight']!;
    const copied = { ...legacy, 'cls.predictions.decoder.weight': table };
    expect(await words({ tie_word_embeddings: false }, copied)).toEqual(await words({}, legacy));
    const doubled = numbersOf('float32', table.bytes);
    const twice = { ...legacy, 'cls.predictions.decoder.weight': float32(table.shape, i => 2 * doubled[i]!) };
    expect(await words({ tie_word_embeddings: false }, twice)).not.toEqual(await words({}, legacy));
  });

  test('the pooler has the activation that the config names', async () => {
    const head = randomWeights(
      {
        'pooler.dense.weight': [HIDDEN, HIDDEN],
        'pooler.dense.bias': [HIDDEN],
        'classifier.weight': [2, HIDDEN],
        'classifier.bias': [2],
      },
      { seed: 2 },
    );
    const logits = (change: Config) =>
      outputOf({ ...config, ...change }, { ...own, ...head }, 'text-classification', batch);
    expect(await logits({})).toEqual(await logits({ pooler_hidden_act: 'gelu' }));
    expect(largestDifference(await logits({ pooler_hidden_act: 'tanh' }), await logits({}))).toBeGreaterThan(1e-3);
  });

  test.each([
    ['token-classification', 'classifier', [3, 9, 2]],
    ['question-answering', 'qa_outputs', [3, 9]],
  ])('%s', async (task, name, shape) => {
    const head = randomWeights({ [`${name}.weight`]: [2, HIDDEN], [`${name}.bias`]: [2] }, { seed: 2 });
    const session = await exportedFrom(config, { ...own, ...head }, task, folder());
    const outputs = await run(session, batch);
    for (const { shape: found } of Object.values(outputs)) expect(found).toEqual(shape);
    await session.release();
  });
});

describe('what is refused, word for word', () => {
  const refusal = (config: Config): string => {
    const exported = exportGraph(
      { folder: 'model', configJson: config, tensors: new Map(), metadata: {} },
      { task: 'feature-extraction' },
    );
    return exported.ok ? '' : failureText(exported.error);
  };
  const problem = (key: string, expected: string, found: string, fix?: string): string =>
    [
      'error: model-config: config.json asks for what cannot be exported',
      `  where     model/config.json: ${key}`,
      `  expected  ${expected}`,
      `  found     ${found}`,
      ...(fix === undefined ? [] : [`  fix       ${fix}`]),
    ].join('\n');

  test.each<[Config, string]>([
    [
      { ...TINY_DEBERTA, talking_head: true },
      problem('talking_head', 'false', 'true', 'scores that are mixed between heads are not supported yet'),
    ],
    [{ ...TINY_DEBERTA, pos_att_type: ['c2p', 'p2p'] }, problem('pos_att_type', 'c2p, p2c or both', '["c2p","p2p"]')],
    [
      { ...TINY_DEBERTA, num_attention_heads: 5 },
      problem('num_attention_heads', 'a divisor of hidden_size, which is 24', '5'),
    ],
    [
      { ...TINY_DEBERTA_V2, attention_head_size: 16 },
      problem('attention_head_size', 'hidden_size / num_attention_heads, which is 8', '16'),
    ],
    [{ ...TINY_DEBERTA_V2, conv_kernel_size: 4 }, problem('conv_kernel_size', 'an odd number', '4')],
    [
      { ...TINY_DEBERTA_V2, conv_kernel_size: 3, conv_groups: 5 },
      problem('conv_groups', 'a divisor of hidden_size, which is 24', '5'),
    ],
    [
      { ...TINY_DEBERTA_V2, position_buckets: 30 },
      problem('position_buckets', '4 to 29 buckets, or -1 for none: max_relative_positions is 16', '30'),
    ],
    [
      { ...TINY_DEBERTA_V2, norm_rel_ebd: 'layernorm' },
      problem('norm_rel_ebd', 'one of none, layer_norm', '"layernorm"', 'did you mean "layer_norm"?'),
    ],
  ])('%#', (config, text) => {
    expect(refusal(config)).toBe(text);
  });
});
