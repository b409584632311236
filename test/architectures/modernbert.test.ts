import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { numbersOf } from '../../src/graph/elements.js';
import type { Tensors, TensorValue } from '../../src/runtime/session.js';
import { exportGraph } from '../support/architectures.js';
import { exportedFrom, run } from '../support/exported.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { largestDifference, rightPadded, textBatch } from '../support/text-batches.js';
import { randomWeights, type Shapes, type StoredTensor } from '../support/tiny-checkpoint.js';
import {
  type ModernBertConfig,
  modernBertShapes,
  nomicBertShapes,
  SIZES,
  TINY_MODERNBERT,
  TINY_NOMIC_BERT,
} from '../support/tiny-relative-encoders.js';

const folder = temporaryFolders();
const HIDDEN = 24;

type Weights = Record<string, StoredTensor>;
type Config = Readonly<Record<string, unknown>>;

async function outputsOf(config: Config, weights: Weights, task: string, batch: Tensors): Promise<Tensors> {
  const session = await exportedFrom(config, weights, task, folder());
  const outputs = await run(session, batch);
  await session.release();
  return outputs;
}
const outputOf = async (...asked: Parameters<typeof outputsOf>): Promise<Float32Array> =>
  Object.values(await outputsOf(...asked))[0]!.data as Float32Array;

const batch = textBatch(TINY_MODERNBERT, rightPadded([9, 5, 1]), 7);
const weights = randomWeights(modernBertShapes(TINY_MODERNBERT));
const base = (config: Config, own = weights, texts = batch) => outputOf(config, own, 'feature-extraction', texts);

describe('the config of transformers 4 and that of transformers 5', () => {
  test('say the same in their own words', async () => {
    const newer = {
      ...SIZES,
      model_type: 'modernbert',
      local_attention: 4,
      layer_types: ['full_attention', 'sliding_attention', 'full_attention'],
      rope_parameters: {
        full_attention: { rope_type: 'default', rope_theta: 100 },
        sliding_attention: { rope_type: 'default', rope_theta: 10 },
      },
    };
    const older = { ...TINY_MODERNBERT, global_rope_theta: 100, local_rope_theta: 10 };
    const expected = await base(older);
    expect(await base(newer)).toEqual(expected);
    const swapped = { ...older, global_rope_theta: 10, local_rope_theta: 100 };
    expect(largestDifference(await base(swapped), expected)).toBeGreaterThan(1e-3);
  });

  test('defaults are the same, and null means as in the other layers', async () => {
    const expected = await base(TINY_MODERNBERT);
    expect(await base({ ...TINY_MODERNBERT, global_rope_theta: 160000, local_rope_theta: 10000 })).toEqual(expected);
    expect(await base({ ...TINY_MODERNBERT, rope_parameters: {} })).toEqual(expected);
    const one = { ...TINY_MODERNBERT, global_rope_theta: 50, local_rope_theta: 50 };
    expect(await base({ ...one, local_rope_theta: null })).toEqual(await base(one));
  });
});

test('a layer with sliding attention sees half the window to each side, that far and no further', async () => {
  const config: ModernBertConfig = {
    ...TINY_MODERNBERT,
    num_hidden_layers: 1,
    layer_types: ['sliding_attention'],
    local_attention: 5,
  };
  const own = randomWeights(modernBertShapes(config));
  const text = textBatch(config, [new Array<boolean>(9).fill(true)], 3);
  const ids = text.input_ids!.data as BigInt64Array;
  const changed = { ...text.input_ids!, data: ids.with(4, (ids[4]! + 1n) % 40n) } as TensorValue;
  const [before, after] = [await base(config, own, text), await base(config, own, { ...text, input_ids: changed })];
  const differs = Array.from({ length: 9 }, (_, i) => {
    const at = (all: Float32Array) => all.slice(i * HIDDEN, (i + 1) * HIDDEN);
    return largestDifference(at(before), at(after)) > 1e-6;
  });
  expect(differs).toEqual([false, false, true, true, true, true, true, false, false]);
});

test('positions matter by distance alone: padding on the left changes nothing', async () => {
  const text = textBatch(TINY_MODERNBERT, [new Array<boolean>(5).fill(true)], 3);
  const padded = Object.fromEntries(
    Object.entries(text).map(([name, { data }]) => {
      const filler = name === 'attention_mask' ? 0n : 7n;
      const numbers = BigInt64Array.from([filler, filler, filler, ...(data as BigInt64Array)]);
      return [name, { dtype: 'int64', shape: [1, 8], data: numbers }];
    }),
  ) as Tensors;
  const onTheLeft = await base(TINY_MODERNBERT, weights, padded);
  expect(largestDifference(onTheLeft.slice(3 * HIDDEN), await base(TINY_MODERNBERT, weights, text))).toBeLessThan(1e-5);
});

const PREDICTION_HEAD: Shapes = { 'head.dense.weight': [HIDDEN, HIDDEN], 'head.norm.weight': [HIDDEN] };
const CLASSIFIER: Shapes = { 'classifier.weight': [2, HIDDEN], 'classifier.bias': [2] };

describe('heads', () => {
  const classifier = { ...weights, ...randomWeights({ ...PREDICTION_HEAD, ...CLASSIFIER }, { seed: 2 }) };
  const numbers = (name: string): readonly number[] => Array.from(numbersOf('float32', classifier[name]!.bytes));

  /** The prediction head and the classifier, written out: no activation, so that only the pooling is of interest. */
  function scoresOf(pooled: readonly number[]): readonly number[] {
    const product = (name: string, x: readonly number[]): number[] => {
      const weight = numbers(name);
      return Array.from({ length: weight.length / x.length }, (_, row) =>
        x.reduce((sum, value, i) => sum + value * weight[row * x.length + i]!, 0),
      );
    };
    const dense = product('head.dense.weight', pooled);
    const mean = dense.reduce((a, b) => a + b) / HIDDEN;
    const deviation = Math.sqrt(dense.reduce((sum, x) => sum + (x - mean) ** 2, 0) / HIDDEN + 1e-5);
    const normal = dense.map((x, i) => ((x - mean) / deviation) * numbers('head.norm.weight')[i]!);
    return product('classifier.weight', normal).map((score, i) => score + numbers('classifier.bias')[i]!);
  }

  test.each([
    ['cls', (tokens: readonly (readonly number[])[]) => tokens[0]!],
    [
      'mean',
      (tokens: readonly (readonly number[])[]) =>
        tokens[0]!.map((_, i) => tokens.reduce((sum, token) => sum + token[i]!, 0) / tokens.length),
    ],
  ])('text classification pools by %s', async (classifier_pooling, pool) => {
    const config = { ...TINY_MODERNBERT, classifier_pooling, classifier_activation: 'linear' };
    const logits = await outputOf(config, classifier, 'text-classification', batch);
    const hidden = Array.from(await base(TINY_MODERNBERT));
    for (const [row, length] of [9, 5, 1].entries()) {
      const tokens = Array.from({ length }, (_, i) => hidden.slice((row * 9 + i) * HIDDEN, (row * 9 + i + 1) * HIDDEN));
      expect(largestDifference(logits.slice(2 * row, 2 * row + 2), scoresOf(pool(tokens)))).toBeLessThan(1e-4);
    }
  });

  test('answers and labels of tokens are scored by the same layers', async () => {
    const labels = await outputOf(TINY_MODERNBERT, classifier, 'token-classification', batch);
    const answers = await outputsOf(TINY_MODERNBERT, classifier, 'question-answering', batch);
    expect(Object.keys(answers)).toEqual(['start_logits', 'end_logits']);
    expect(Array.from(answers.start_logits!.data, Number)).toEqual(Array.from(labels).filter((_, i) => i % 2 === 0));
    expect(Array.from(answers.end_logits!.data, Number)).toEqual(Array.from(labels).filter((_, i) => i % 2 === 1));
  });

  test.each(['cls', 'mean'])(
    'multiple choice, %s: a score for each choice, wherever its text begins',
    async pooling => {
      const config = { ...TINY_MODERNBERT, classifier_pooling: pooling };
      const single = randomWeights({ 'classifier.weight': [1, HIDDEN], 'classifier.bias': [1] }, { seed: 2 });
      const own = { ...classifier, ...single };
      const flat = textBatch(config, rightPadded([5, 4, 3, 5, 2, 1]), 5);
      const nested = (texts: Tensors): Tensors =>
        Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, { ...value, shape: [2, 3, 5] }]));
      const scores = await outputOf({ ...config, num_labels: 1 }, own, 'text-ranking', flat);
      expect(largestDifference(await outputOf(config, own, 'multiple-choice', nested(flat)), scores)).toBeLessThan(
        1e-6,
      );
      const rotateRows = ({ dtype, shape, data }: TensorValue): TensorValue => {
        const mask = flat.attention_mask!.data;
        const moved = Array.from({ length: 30 }, (_, i) => {
          const row = Math.floor(i / 5) * 5;
          const length = Array.from(mask, Number)
            .slice(row, row + 5)
            .filter(flag => flag === 1).length;
          return data[row + ((i - row + length) % 5)] as bigint;
        });
        return { dtype, shape, data: BigInt64Array.from(moved) } as TensorValue;
      };
      const onTheLeft = Object.fromEntries(Object.entries(flat).map(([name, value]) => [name, rotateRows(value)]));
      const leftScores = await outputOf(config, own, 'multiple-choice', nested(onTheLeft));
      expect(largestDifference(leftScores, scores)).toBeLessThan(1e-5);
    },
  );

  test.each<[string, Config, Shapes]>([
    ['with a bias', {}, { 'decoder.bias': [40] }],
    ['without', { decoder_bias: false }, {}],
    ['untied', { tie_word_embeddings: false }, { 'decoder.bias': [40], 'decoder.weight': [40, HIDDEN] }],
    ['with the bias of the head', { classifier_bias: true }, { 'decoder.bias': [40], 'head.dense.bias': [HIDDEN] }],
  ])('masked language model %s', async (_, change, shapes) => {
    const own = { ...weights, ...randomWeights({ ...PREDICTION_HEAD, ...shapes }, { seed: 2 }) };
    const { logits } = await outputsOf({ ...TINY_MODERNBERT, ...change }, own, 'fill-mask', batch);
    expect(logits!.shape).toEqual([3, 9, 40]);
    // Each weight of the head has its effect.
    for (const name of Object.keys(shapes)) {
      const other = { ...own, ...randomWeights({ [name]: shapes[name]! }, { seed: 9 }) };
      const changed = await outputOf({ ...TINY_MODERNBERT, ...change }, other, 'fill-mask', batch);
      expect(largestDifference(changed, logits!.data), name).toBeGreaterThan(1e-3);
    }
  });
});

describe('NomicBERT', () => {
  test("the authors' config says the same as that of transformers", async () => {
    const own = randomWeights(nomicBertShapes(TINY_NOMIC_BERT));
    const texts = textBatch(TINY_NOMIC_BERT, rightPadded([9, 5, 1]), 7);
    const { model_type, vocab_size, type_vocab_size } = TINY_NOMIC_BERT;
    const authors = {
      ...{ model_type, vocab_size, type_vocab_size, n_embd: HIDDEN, n_layer: 3, n_head: 3, n_inner: 36 },
      ...{ n_positions: 16, layer_norm_epsilon: 1e-12, rotary_emb_base: 500, activation_function: 'swiglu' },
      ...{
        rotary_emb_fraction: 1.0,
        rotary_emb_interleaved: false,
        prenorm: false,
        qkv_proj_bias: false,
        causal: false,
      },
    };
    const config = { ...TINY_NOMIC_BERT, rope_parameters: { rope_type: 'default', rope_theta: 500 } };
    const expected = await outputOf(config, own, 'feature-extraction', texts);
    expect(await outputOf(authors, own, 'feature-extraction', texts)).toEqual(expected);
    const other = await outputOf(TINY_NOMIC_BERT, own, 'feature-extraction', texts);
    expect(largestDifference(other, expected)).toBeGreaterThan(1e-4);
  });

  test('heads', async () => {
    const shapes: Shapes = {
      'nomic_bert.pooler.dense.weight': [HIDDEN, HIDDEN],
      'nomic_bert.pooler.dense.bias': [HIDDEN],
      'classifier.weight': [2, HIDDEN],
      'classifier.bias': [2],
      'cls.predictions.transform.dense.weight': [HIDDEN, HIDDEN],
      'cls.predictions.transform.dense.bias': [HIDDEN],
      'cls.predictions.transform.layer_norm.weight': [HIDDEN],
      'cls.predictions.transform.layer_norm.bias': [HIDDEN],
      'cls.predictions.bias': [40],
    };
    const own = randomWeights({ ...nomicBertShapes(TINY_NOMIC_BERT), ...shapes });
    const texts = textBatch(TINY_NOMIC_BERT, rightPadded([9, 5, 1]), 7);
    const shapeOf = async (task: string) => (await outputsOf(TINY_NOMIC_BERT, own, task, texts)).logits!.shape;
    expect(await shapeOf('text-classification')).toEqual([3, 2]);
    expect(await shapeOf('token-classification')).toEqual([3, 9, 2]);
    expect(await shapeOf('fill-mask')).toEqual([3, 9, 40]);
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
  const scaled = 'scaled rotary positions are not supported yet for this family';
  const partly = 'heads of which only a part is rotated are not supported yet for this family';

  test.each<[Config, string]>([
    [
      { ...TINY_MODERNBERT, rope_parameters: { sliding_attention: { rope_type: 'yarn', factor: 4 } } },
      problem('rope_parameters.sliding_attention.rope_type', '"default"', '"yarn"', scaled),
    ],
    [
      { ...TINY_MODERNBERT, rope_parameters: { full_attention: { rope_theta: 0 } } },
      problem('rope_parameters.full_attention.rope_theta', 'a number greater than 0', '0'),
    ],
    [
      { ...TINY_MODERNBERT, layer_types: ['full_attention', 'sliding_attention'] },
      problem(
        'layer_types',
        'one of full_attention, sliding_attention for each of the layers',
        '["full_attention","sliding_attention"]',
      ),
    ],
    [
      { ...TINY_MODERNBERT, layer_types: ['full_attention', 'linear_attention', 'full_attention'] },
      problem(
        'layer_types',
        'one of full_attention, sliding_attention for each of the layers',
        '["full_attention","linear_attention","full_attention"]',
      ),
    ],
    [{ ...TINY_MODERNBERT, classifier_pooling: 'max' }, problem('classifier_pooling', 'one of cls, mean', '"max"')],
    [
      { ...TINY_MODERNBERT, num_attention_heads: 8 },
      problem('num_attention_heads', 'heads of an even size: 24 / 8 is 3', '8'),
    ],
    [
      { ...TINY_NOMIC_BERT, rope_parameters: { rope_type: 'dynamic' } },
      problem('rope_parameters.rope_type', '"default"', '"dynamic"', scaled),
    ],
    [
      { ...TINY_NOMIC_BERT, rope_parameters: { partial_rotary_factor: 0.5 } },
      problem('rope_parameters.partial_rotary_factor', '1', '0.5', partly),
    ],
    [
      { ...TINY_NOMIC_BERT, prenorm: true },
      problem('prenorm', 'false', 'true', 'layers that normalise before attention are not supported'),
    ],
    [
      { ...TINY_NOMIC_BERT, rotary_emb_fraction: 0.5 },
      problem('rotary_emb_fraction', '1', '0.5', 'heads of which only a part is rotated are not supported'),
    ],
  ])('%#', (config, text) => {
    expect(refusal(config)).toBe(text);
  });
});
