import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import type { TensorValue } from '../../src/runtime/session.js';
import { exportGraph } from '../support/architectures.js';
import { emptyCache, int64, numbersOf, type Rows, step } from '../support/decoding.js';
import { exportedFrom, run } from '../support/exported.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { largestDifference, rightPadded, textBatch } from '../support/text-batches.js';
import { randomWeights, type StoredTensor } from '../support/tiny-checkpoint.js';
import { type LlamaConfig, llamaShapes, TINY_LLAMA } from '../support/tiny-decoders.js';

const folder = temporaryFolders();
type Weights = Readonly<Record<string, StoredTensor>>;
type Change = Readonly<Record<string, unknown>>;

const VOCABULARY = TINY_LLAMA.vocab_size;
const config = (model_type: string, change: Change = {}): LlamaConfig => ({ ...TINY_LLAMA, model_type, ...change });
const weightsOf = (of: LlamaConfig): Weights => randomWeights(llamaShapes(of));
const ones = (rows: Rows): Rows => rows.map(row => row.map(() => 1));

/** Logits [batch, sequence, vocabulary] of tokens that nothing came before. */
async function logits(of: LlamaConfig, ids: Rows, mask: Rows = ones(ids), weights = weightsOf(of)): Promise<number[]> {
  const session = await exportedFrom(of, weights, 'text-generation', folder());
  const { logits: found } = await step(session, ids, mask, emptyCache(session, ids.length));
  await session.release();
  return numbersOf(found);
}

const TEXT = [3, 17, 8, 25, 39, 0, 12, 31, 6, 22, 14, 5];

/** How far each token is seen: the positions whose logits change with the first token. */
async function reach(of: LlamaConfig): Promise<readonly number[]> {
  const [before, after] = [await logits(of, [TEXT]), await logits(of, [TEXT.with(0, 4)])];
  const at = (all: readonly number[], position: number) =>
    all.slice(position * VOCABULARY, (position + 1) * VOCABULARY);
  return TEXT.map((_, i) => i).filter(i => largestDifference(at(before, i), at(after, i)) > 1e-6);
}
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

const WITHOUT_CHOICE_OF_BIAS: ReadonlySet<string> = new Set(['mistral', 'qwen2', 'phi3']);
const FAMILIES = ['llama', 'mistral', 'qwen2', 'qwen3', 'phi3', 'gemma2', 'gemma3_text'];

describe.each(FAMILIES)('%s', type => {
  test('padding on either side changes nothing, and makes nothing that is not a number', async () => {
    const of = config(type, { sliding_window: 4 });
    const text = TEXT.slice(0, 7);
    const alone = await logits(of, [text]);
    const left = [7, 7, 7, ...text];
    const right = [...text, 7, 7, 7];
    const mask = [
      [0, 0, 0, ...text.map(() => 1)],
      [...text.map(() => 1), 0, 0, 0],
    ];
    const both = await logits(of, [left, right], mask);
    expect(both.every(Number.isFinite)).toBe(true);
    const width = 10 * VOCABULARY;
    expect(largestDifference(both.slice(3 * VOCABULARY, width), alone)).toBeLessThan(1e-5);
    expect(largestDifference(both.slice(width, width + 7 * VOCABULARY), alone)).toBeLessThan(1e-5);
  });

  test('every weight has its effect, and one that is missing is named', async () => {
    const biases = { attention_bias: !WITHOUT_CHOICE_OF_BIAS.has(type), mlp_bias: type === 'llama' };
    const of = config(type, { num_hidden_layers: 2, sliding_window: 4, sliding_window_pattern: 2, ...biases });
    const weights = weightsOf(of);
    const expected = await logits(of, [TEXT]);
    for (const name of Object.keys(weights).filter(name => !name.includes('layers.1.'))) {
      const other = { ...weights, ...randomWeights({ [name]: weights[name]!.shape }, { seed: 9 }) };
      const changed = await logits(of, [TEXT], ones([TEXT]), other);
      expect(largestDifference(changed, expected), name).toBeGreaterThan(1e-4);
    }
    const { 'model.norm.weight': _, ...lacking } = weights;
    expect(refusal(of, lacking)).toContain('weight-missing: the checkpoint lacks a weight that the model needs');
    expect(refusal(of, lacking)).toContain('expected  model.norm.weight');
  });

  test('hidden states of whole texts are what the logits are made of', async () => {
    const of = config(type, { tie_word_embeddings: false, final_logit_softcapping: null, sliding_window: 4 });
    const weights = weightsOf(of);
    const batch = textBatch(of, rightPadded([9, 5, 1]), 3);
    const session = await exportedFrom(of, weights, 'feature-extraction', folder());
    expect(session.inputs.map(({ name }) => name)).toEqual(['input_ids', 'attention_mask']);
    const { last_hidden_state: hidden } = await run(session, batch);
    await session.release();
    const [ids, mask] = [batch.input_ids!, batch.attention_mask!].map(rows) as [Rows, Rows];
    const expected = await logits(of, ids, mask, weights);
    const table = new Float32Array(Uint8Array.from(weights['lm_head.weight']!.bytes).buffer);
    const states = numbersOf(hidden!);
    for (const position of [0, 8, 9, 13, 18]) {
      const state = states.slice(position * of.hidden_size, (position + 1) * of.hidden_size);
      const scores = Array.from({ length: VOCABULARY }, (_, token) =>
        state.reduce((sum, x, i) => sum + x * table[token * of.hidden_size + i]!, 0),
      );
      const found = expected.slice(position * VOCABULARY, (position + 1) * VOCABULARY);
      expect(largestDifference(scores, found), `position ${position}`).toBeLessThan(1e-4);
    }
  });

  test('texts are classified by their last token, whatever stands after it, and tokens each by itself', async () => {
    const of = config(type, { tie_word_embeddings: true, sliding_window: 4, pad_token_id: 7, num_labels: 3 });
    const score = randomWeights({ 'score.weight': [3, of.hidden_size], 'score.bias': [3] }, { seed: 5 });
    const { 'score.bias': _, ...withoutBias } = score;
    const batch = {
      input_ids: int64([
        [3, 17, 8, 25, 7],
        [7, 7, 7, 31, 12],
      ]),
      attention_mask: int64([
        [1, 1, 1, 1, 0],
        [0, 0, 0, 1, 1],
      ]),
    };
    const outputOf = async (task: string, head: Weights): Promise<readonly number[]> => {
      const session = await exportedFrom(of, { ...weightsOf(of), ...head }, task, folder());
      const [output] = Object.values(await run(session, batch));
      await session.release();
      return numbersOf(output!);
    };
    const hidden = await outputOf('feature-extraction', {});
    const numbers = (name: string) => new Float32Array(Uint8Array.from(score[name]!.bytes).buffer);
    const scoresAt = (position: number, hasBias: boolean): readonly number[] =>
      [0, 1, 2].map(label =>
        hidden
          .slice(position * of.hidden_size, (position + 1) * of.hidden_size)
          .reduce(
            (sum, x, i) => sum + x * numbers('score.weight')[label * of.hidden_size + i]!,
            hasBias ? numbers('score.bias')[label]! : 0,
          ),
      );
    const texts = await outputOf('text-classification', withoutBias);
    expect(largestDifference(texts, [scoresAt(3, false), scoresAt(9, false)].flat())).toBeLessThan(1e-4);
    if (type === 'gemma3_text') return; // transformers has no class for its tokens
    const tokens = await outputOf('token-classification', score);
    const all = upTo(10).flatMap(position => scoresAt(position, true));
    expect(largestDifference(tokens, all)).toBeLessThan(1e-4);
  });

  test('half precision is widened, and the head may be tied or not', async () => {
    const of = config(type, { tie_word_embeddings: true });
    const halved = randomWeights(llamaShapes(of), { dtype: 'BF16' });
    const tied = await logits(of, [TEXT], ones([TEXT]), halved);
    const own = { ...halved, 'lm_head.weight': halved['model.embed_tokens.weight']! };
    const untied = await logits({ ...of, tie_word_embeddings: false }, [TEXT], ones([TEXT]), own);
    expect(largestDifference(tied, untied)).toBeLessThan(1e-6);
    // Some checkpoints store the tied head once more.
    expect(await logits(of, [TEXT], ones([TEXT]), own)).toEqual(tied);
    expect(largestDifference(tied, await logits(of, [TEXT]))).toBeGreaterThan(1e-5);
  });
});

const rows = ({ data, shape: [batch, width] }: TensorValue): Rows =>
  Array.from({ length: batch! }, (_, row) => Array.from(data, Number).slice(row * width!, (row + 1) * width!));

test('query heads that share a key and a value are as if each had its own copy', async () => {
  const shared = config('llama');
  const own = config('llama', { num_key_value_heads: 6 });
  const weights = weightsOf(shared);
  const copied = Object.fromEntries(
    Object.entries(weights).map(([name, { dtype, shape, bytes }]) => {
      if (!/[kv]_proj/.test(name)) return [name, weights[name]!];
      const half = bytes.byteLength / 2;
      const [first, second] = [bytes.subarray(0, half), bytes.subarray(half)];
      const repeated = Buffer.concat([first, first, first, second, second, second]);
      return [name, { dtype, shape: [3 * shape[0]!, shape[1]!], bytes: new Uint8Array(repeated) }];
    }),
  );
  const expected = await logits(own, [TEXT], ones([TEXT]), copied);
  expect(largestDifference(await logits(shared, [TEXT]), expected)).toBeLessThan(1e-5);
});

describe('a window: itself and the tokens before, that many in all', () => {
  const single = (type: string, change: Change) => reach(config(type, { num_hidden_layers: 1, ...change }));

  test.each(['mistral', 'phi3', 'gemma2', 'gemma3_text'])('%s has it in the first layer', async type => {
    expect(await single(type, { sliding_window: 4 })).toEqual(upTo(4));
    expect(await single(type, { sliding_window: 1 })).toEqual(upTo(1));
  });

  test('absent or null is none', async () => {
    expect(await single('mistral', { sliding_window: null })).toEqual(upTo(12));
    expect(await single('phi3', {})).toEqual(upTo(12));
    expect(await single('llama', { sliding_window: 4 })).toEqual(upTo(12));
  });

  test('layers add up', async () => {
    expect(await reach(config('mistral', { num_hidden_layers: 3, sliding_window: 4 }))).toEqual(upTo(10));
  });

  test.each(['qwen2', 'qwen3'])('%s: only where it is switched on, and from a layer on', async type => {
    expect(await single(type, { sliding_window: 4, max_window_layers: 0 })).toEqual(upTo(12));
    const on = { sliding_window: 4, use_sliding_window: true };
    expect(await single(type, { ...on, max_window_layers: 0 })).toEqual(upTo(4));
    expect(await single(type, { ...on, max_window_layers: 1 })).toEqual(upTo(12));
    expect(await single(type, { ...on, sliding_window: null })).toEqual(upTo(12));
    expect(await single(type, { ...on, layer_types: ['sliding_attention'] })).toEqual(upTo(4));
    expect(await single(type, { ...on, layer_types: ['full_attention'], max_window_layers: 0 })).toEqual(upTo(12));
  });

  test('gemma2: in every second layer; gemma3_text: in all but every sixth', async () => {
    const typed = (type: string, change: Change, layer_types: readonly string[]) =>
      Promise.all([logits(config(type, change), [TEXT]), logits(config(type, { ...change, layer_types }), [TEXT])]);
    const [sliding, full] = ['sliding_attention', 'full_attention'];
    const window = { num_hidden_layers: 3, sliding_window: 3 };
    const [a, b] = await typed('gemma2', window, [sliding, full, sliding]);
    expect(a).toEqual(b);
    const seven = { num_hidden_layers: 7, sliding_window: 3 };
    const [c, d] = await typed('gemma3_text', seven, [sliding, sliding, sliding, sliding, sliding, full, sliding]);
    expect(c).toEqual(d);
    const [e, f] = await typed('gemma3_text', { ...window, sliding_window_pattern: 2 }, [sliding, full, sliding]);
    expect(e).toEqual(f);
    const [g, h] = await typed('gemma3_text', window, [full, sliding, sliding]);
    expect(largestDifference(g, h)).toBeGreaterThan(1e-3);
  });
});

describe('Gemma', () => {
  test('scores are bounded before the mask, logits at the end; null is no bound', async () => {
    const bounds = (attention: number | null, logit: number | null) =>
      logits(config('gemma2', { attn_logit_softcapping: attention, final_logit_softcapping: logit }), [TEXT]);
    const free = await bounds(null, null);
    const bounded = await bounds(null, 2);
    expect(
      largestDifference(
        bounded,
        free.map(x => 2 * Math.tanh(x / 2)),
      ),
    ).toBeLessThan(1e-5);
    expect(largestDifference(await bounds(0.05, null), free)).toBeGreaterThan(1e-3);
    expect(largestDifference(await bounds(1e6, 1e6), free)).toBeLessThan(1e-2);
  });

  test('scores are divided by the root of query_pre_attn_scalar, whatever the head size', async () => {
    const [a, b] = [64, 16].map(query_pre_attn_scalar => config('gemma2', { query_pre_attn_scalar }));
    const weights = weightsOf(a!);
    const doubled = Object.fromEntries(
      Object.entries(weights).map(([name, stored]) => {
        if (!name.includes('q_proj')) return [name, stored];
        const numbers = new Float32Array(Uint8Array.from(stored.bytes).buffer).map(x => 2 * x);
        return [name, { ...stored, bytes: new Uint8Array(numbers.buffer) }];
      }),
    );
    const expected = await logits(a!, [TEXT], ones([TEXT]), doubled);
    expect(largestDifference(await logits(b!, [TEXT]), expected)).toBeLessThan(1e-5);
  });

  test('gemma3_text: a base for each type of layers, in both spellings', async () => {
    const older = config('gemma3_text', {
      ...{ sliding_window: 4, sliding_window_pattern: 2, rope_theta: 100, rope_local_base_freq: 10 },
      rope_scaling: { rope_type: 'linear', factor: 2 },
    });
    const newer = config('gemma3_text', {
      ...{ sliding_window: 4, layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'] },
      rope_parameters: {
        full_attention: { rope_type: 'linear', factor: 2, rope_theta: 100 },
        sliding_attention: { rope_type: 'default', rope_theta: 10 },
      },
    });
    const expected = await logits(older, [TEXT]);
    expect(await logits(newer, [TEXT])).toEqual(expected);
    for (const change of [{ rope_theta: 50 }, { rope_local_base_freq: 50 }, { rope_scaling: null }]) {
      expect(largestDifference(await logits({ ...older, ...change }, [TEXT]), expected)).toBeGreaterThan(1e-4);
    }
    const defaults = config('gemma3_text', { sliding_window: 4, sliding_window_pattern: 2 });
    const said = { ...defaults, rope_theta: 1_000_000, rope_local_base_freq: 10_000 };
    expect(await logits(said, [TEXT])).toEqual(await logits(defaults, [TEXT]));
  });
});

test('phi3: the early names of longrope, and heads of which a part is rotated', async () => {
  const scaling = { short_factor: [2, 2, 2, 2], long_factor: [4, 4, 4, 4] };
  const longrope = (type: string) => config('phi3', { rope_scaling: { ...scaling, type } });
  const expected = await logits(longrope('longrope'), [TEXT]);
  expect(await logits(longrope('su'), [TEXT])).toEqual(expected);
  expect(await logits(longrope('yarn'), [TEXT])).toEqual(expected);
  const part = await logits(config('phi3', { partial_rotary_factor: 0.5 }), [TEXT]);
  expect(largestDifference(part, await logits(config('phi3'), [TEXT]))).toBeGreaterThan(1e-3);
});

function refusal(of: Change, weights: Weights = {}): string {
  const tensors = Object.entries(weights).map(([name, { shape }]) => {
    const data = { from: 'file', file: '/model/model.safetensors', offset: 0, byteLength: 0 } as const;
    return [name, { dtype: 'float32', shape, data }] as const;
  });
  const checkpoint = { folder: 'model', configJson: of, tensors: new Map(tensors), metadata: {} };
  const exported = exportGraph(checkpoint, { task: 'text-generation' });
  return exported.ok ? '' : failureText(exported.error);
}

describe('what is refused, word for word', () => {
  const problem = (key: string, expected: string, found: string, fix?: string): string =>
    [
      'error: model-config: config.json asks for what cannot be exported',
      `  where     model/config.json: ${key}`,
      `  expected  ${expected}`,
      `  found     ${found}`,
      ...(fix === undefined ? [] : [`  fix       ${fix}`]),
    ].join('\n');
  const types = 'one of default, linear, dynamic, llama3, yarn, longrope';

  test.each<[LlamaConfig, string]>([
    [
      config('llama', { rope_scaling: { rope_type: 'lama3' } }),
      problem('rope_scaling.rope_type', types, '"lama3"', 'did you mean "llama3"?'),
    ],
    [
      config('qwen2', { rope_scaling: { type: 'mrope', mrope_section: [1, 1, 2] } }),
      problem('rope_scaling.type', types, '"mrope"'),
    ],
    [
      config('llama', { rope_parameters: { rope_type: 'linear', rope_theta: 500 } }),
      problem('rope_parameters.factor', 'a number greater than 0', 'nothing'),
    ],
    [
      config('gemma3_text', { rope_parameters: { full_attention: { rope_type: 'proportional' } } }),
      problem('rope_parameters.full_attention.rope_type', types, '"proportional"'),
    ],
    [
      config('phi3', { rope_scaling: { type: 'longrope', short_factor: [1, 1, 1, 1], long_factor: [1, 1] } }),
      problem('rope_scaling.long_factor', '4 numbers greater than 0', '[1,1]'),
    ],
    [
      config('llama', { partial_rotary_factor: 0.5 }),
      problem(
        'rope_scaling.partial_rotary_factor',
        '1',
        '0.5',
        'heads of which only a part is rotated are not known in this family',
      ),
    ],
    [
      config('llama', { num_key_value_heads: 4 }),
      problem('num_key_value_heads', 'a divisor of num_attention_heads, which is 6', '4'),
    ],
    [config('llama', { head_dim: 7 }), problem('head_dim', 'an even number: features are rotated in pairs', '7')],
    [
      config('llama', { head_dim: null, num_attention_heads: 7, num_key_value_heads: 7 }),
      problem('head_dim', 'an even number: features are rotated in pairs', 'nothing, and 24 / 7 is not even'),
    ],
    [
      config('gemma2', { layer_types: ['full_attention'] }),
      problem('layer_types', 'one of full_attention, sliding_attention for each of the 3 layers', '["full_attention"]'),
    ],
    [config('mistral', { sliding_window: 0 }), problem('sliding_window', 'an integer from 1 up', '0')],
    [
      config('gemma3_text', { use_bidirectional_attention: true }),
      problem('use_bidirectional_attention', 'false', 'true', 'attention to the tokens after is not supported'),
    ],
  ])('%#', (of, text) => {
    expect(refusal(of)).toBe(text);
  });
});
