import { scalar } from '../graph/constants.js';
import type { Input, Value } from '../graph/graph.js';
import type { Place } from './place.js';

/** Inputs are int64, as everywhere on the Hub. */
export const int64Input = (name: string, shape: readonly string[]): Input => ({
  kind: 'input',
  name,
  type: { dtype: 'int64', shape },
});

/** The size of the last axis, which is always known: hidden size, features. */
export function featuresOf(x: Value): number {
  const size = x.type.shape.at(-1);
  if (typeof size !== 'number') throw new Error(`internal error: the last axis of [${x.type.shape}] is not static`);
  return size;
}

/** nn.Linear: x · Wᵀ + b, x [..., in] -> [..., out]. Its weight is [out, in] and is used where it lies. */
export function linear(at: Place, x: Value, outFeatures: number): Value {
  return at.op.Add(linearNoBias(at, x, outFeatures), at.weight('bias', [outFeatures]));
}

export function linearNoBias(at: Place, x: Value, outFeatures: number): Value {
  return timesTransposed(at, x, at.weight('weight', [outFeatures, featuresOf(x)]));
}

/** nn.Linear with or without its bias. */
export const projected = (at: Place, x: Value, outFeatures: number, hasBias: boolean): Value =>
  hasBias ? linear(at, x, outFeatures) : linearNoBias(at, x, outFeatures);

/**
 * Several nn.Linear layers that a checkpoint stores as one, their rows one below the other: x [..., in] -> [..., size] for
 * each. Each is a product of its own, because to take one product apart is to copy it.
 */
export function stackedLinears(at: Place, x: Value, sizes: readonly number[], hasBias: boolean): readonly Value[] {
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size, i) => {
    const first = sizes.slice(0, i).reduce((sum, before) => sum + before, 0);
    const product = timesTransposed(at, x, at.rows('weight', [rows, featuresOf(x)], first, size));
    return hasBias ? at.op.Add(product, at.rows('bias', [rows], first, size)) : product;
  });
}

/**
 * Query, key and value where one nn.Linear gives them side by side for each head: [batch, sequence, heads · 3 · headSize]
 * -> [batch, sequence, heads · headSize] each.
 */
export function queryKeyValue({ op }: Place, projected: Value, heads: number): readonly [Value, Value, Value] {
  const hidden = featuresOf(projected) / 3;
  const size = hidden / heads;
  const parts = op.Split(op.Reshape(projected, [0, 0, heads, 3 * size]), [size, size, size], { axis: -1 });
  const [query, key, value] = parts.map(part => op.Reshape(part, [0, 0, hidden]));
  return [query!, key!, value!];
}

/** x [..., in] · weightᵀ, weight [out, in] -> [..., out]. */
export function timesTransposed({ op }: Place, x: Value, weight: Value): Value {
  return op.MatMul(x, op.Transpose(weight, { perm: [1, 0] }));
}

/** nn.LayerNorm over the last axis. Checkpoints from before 2019 call scale and bias gamma and beta. */
export function layerNorm(at: Place, x: Value, epsilon: number): Value {
  const size = [featuresOf(x)];
  const scale = at.weight('weight', size, 'gamma');
  const bias = at.weight('bias', size, 'beta');
  return at.op.LayerNormalization(x, scale, bias, { axis: -1, epsilon });
}

export function layerNormNoBias(at: Place, x: Value, epsilon: number): Value {
  return at.op.LayerNormalization(x, at.weight('weight', [featuresOf(x)]), undefined, { axis: -1, epsilon });
}

/** nn.Embedding: ids [...] -> [..., features]. */
export function embedding(at: Place, ids: Value, rows: number, features: number): Value {
  return at.op.Gather(at.weight('weight', [rows, features]), ids, { axis: 0 });
}

/** The positions 0, 1, …: [sequence_length]. `ids` is [batch_size, sequence_length]. */
export function countedPositions({ op }: Place, ids: Value): Value {
  return op.Range(0, op.Squeeze(op.Shape(ids, { start: 1, end: 2 }), [0]), 1);
}

/**
 * RoBERTa's positions: the tokens are counted from padding + 1 on, and padding stays at `padding`, [batch, sequence].
 * What padding is says the id, not the attention mask (create_position_ids_from_input_ids in modeling_roberta.py).
 */
export function positionsAfterPadding({ op }: Place, ids: Value, padding: number): Value {
  const isToken = op.Cast(op.Not(op.Equal(ids, padding)), { to: 'int64' });
  return op.Add(op.Mul(op.CumSum(isToken, 1), isToken), padding);
}

/**
 * The rows of an embedding table for positions 0, 1, …: [sequence_length, features]. `ids` is [batch_size, sequence_length].
 * A sequence that is too long fails when the graph runs.
 */
export function firstPositions(at: Place, ids: Value, positions: number, features: number): Value {
  return embedding(at, countedPositions(at, ids), positions, features);
}

/**
 * What is added to the score of a position that must not be attended to. exp(-30000 + score) is 0 for every score that
 * occurs, as with the lowest float, but it also holds in float16 and bfloat16 with room for the score, and a row in
 * which everything is masked stays finite: softmax gives no NaN.
 */
export const MASKED_SCORE = -30_000;

const LOWEST_FLOAT32 = -3.4028234663852886e38;

/** attention_mask [batch_size, sequence_length] of 0 and 1 -> what is added to the scores, [batch_size, 1, 1, sequence_length]. */
export function additiveMask({ op }: Place, attentionMask: Value): Value {
  const masked = op.Sub(1, op.Cast(attentionMask, { to: 'float32' }));
  return op.Unsqueeze(op.Mul(masked, MASKED_SCORE), [1, 2]);
}

/**
 * The same for queries that see no further than `reach` tokens to each side:
 * [batch_size, 1, sequence_length, sequence_length]. `ids` is [batch_size, sequence_length].
 *
 * Padding may have nothing but padding in its window. With the lowest float its scores are all equal, as in PyTorch;
 * with a smaller penalty they would be what rounding leaves of them.
 */
export function windowMask(at: Place, ids: Value, attentionMask: Value, reach: number): Value {
  const { op } = at;
  const positions = countedPositions(at, ids);
  const distances = op.Abs(op.Sub(op.Unsqueeze(positions, [1]), op.Unsqueeze(positions, [0])));
  const isToken = op.Unsqueeze(op.Cast(attentionMask, { to: 'bool' }), [1, 2]);
  const isSeen = op.And(op.LessOrEqual(distances, reach), isToken);
  return op.Where(isSeen, scalar('float32', 0), LOWEST_FLOAT32);
}

/**
 * For scores that count only where both query and key are tokens, as DeBERTa has it:
 * [batch_size, 1, sequence_length, sequence_length]. All scores of a padding position are equal then, so it attends to
 * everything alike; a classifier that reads the first position sees that where texts are padded on the left.
 */
export function pairMask({ op }: Place, attentionMask: Value): Value {
  const isToken = op.Cast(attentionMask, { to: 'bool' });
  const isPair = op.And(op.Unsqueeze(isToken, [1, 2]), op.Unsqueeze(isToken, [1, 3]));
  return op.Where(isPair, scalar('float32', 0), LOWEST_FLOAT32);
}

/** [batch, sequence, heads · headSize] -> [batch, heads, sequence, headSize]. */
export function splitHeads({ op }: Place, x: Value, heads: number): Value {
  return op.Transpose(op.Reshape(x, [0, 0, heads, featuresOf(x) / heads]), { perm: [0, 2, 1, 3] });
}

/** [batch, heads, sequence, headSize] -> [batch, sequence, heads · headSize]. */
export function mergeHeads({ op }: Place, x: Value, features: number): Value {
  return op.Reshape(op.Transpose(x, { perm: [0, 2, 1, 3] }), [0, 0, features]);
}

/**
 * Scaled dot-product attention: softmax(q · kᵀ / √headSize + mask) · v.
 * query, key, value [batch, sequence, hidden] before the split into heads; mask broadcasts to the scores
 * [batch, heads, sequence, sequence], and is undefined where everything is seen.
 */
export function attention(
  at: Place,
  query: Value,
  key: Value,
  value: Value,
  mask: Value | undefined,
  heads: number,
): Value {
  const { op } = at;
  const features = featuresOf(query);
  const q = splitHeads(at, query, heads);
  const v = splitHeads(at, value, heads);
  // Split and transposed for q · kᵀ in one step.
  const kTransposed = op.Transpose(op.Reshape(key, [0, 0, heads, features / heads]), { perm: [0, 2, 3, 1] });
  const scores = op.Div(op.MatMul(q, kTransposed), Math.sqrt(features / heads));
  const probabilities = op.Softmax(mask === undefined ? scores : op.Add(scores, mask), { axis: -1 });
  return mergeHeads(at, op.MatMul(probabilities, v), features);
}

/** The first token of each sequence: [batch, sequence, features] -> [batch, features]. */
export function firstToken({ op }: Place, x: Value): Value {
  return op.Gather(x, 0, { axis: 1 });
}
