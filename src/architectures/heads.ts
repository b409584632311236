import type { Constant, Output, Value } from '../graph/graph.js';
import { gelu } from './activations.js';
import { featuresOf, firstToken, layerNorm, linear, timesTransposed } from './blocks.js';
import type { Place } from './place.js';

/** Heads that many families share word for word. `hidden` is [batch_size, sequence_length, hidden]. */

/** The hidden states as they are, and pooled where the checkpoint has a pooler. */
export const hiddenStates = (hidden: Value, poolerAt?: Place): readonly Output[] => [
  { name: 'last_hidden_state', value: hidden },
  ...(poolerAt?.has('dense.weight') ? [{ name: 'pooler_output', value: pooler(poolerAt, hidden) }] : []),
];

/** tanh(dense(first token)): [batch, hidden]. */
export function pooler(at: Place, hidden: Value): Value {
  return at.op.Tanh(linear(at.at('dense'), firstToken(at, hidden), featuresOf(hidden)));
}

export const logits = (value: Value): readonly Output[] => [{ name: 'logits', value }];

interface Labelled {
  readonly labels: readonly string[];
}

/** out_proj(activated(dense(first token))): [batch_size, labels]. RoBERTa's classifier, and that of others. */
export const firstTokenClassification =
  (activated: (at: Place, x: Value) => Value) =>
  (model: Place, { labels }: Labelled, hidden: Value): Value => {
    const at = model.at('classifier');
    const dense = linear(at.at('dense'), firstToken(at, hidden), featuresOf(hidden));
    return linear(at.at('out_proj'), activated(at, dense), labels.length);
  };

/** One score per token and label: [batch_size, sequence_length, labels]. */
export const tokenClassification = (model: Place, { labels }: Labelled, hidden: Value): Value =>
  linear(model.at('classifier'), hidden, labels.length);

/** How well each token would begin and end the answer: start_logits and end_logits [batch_size, sequence_length]. */
export const questionAnswering = (model: Place, _config: unknown, hidden: Value): readonly Output[] =>
  startAndEnd(model.at('qa_outputs'), hidden);

/** The same with a layer of another name. */
export function startAndEnd(at: Place, hidden: Value): readonly Output[] {
  const [start, end] = at.op.Split(linear(at, hidden, 2), [1, 1], { axis: -1 });
  return [
    { name: 'start_logits', value: at.op.Squeeze(start!, [-1]) },
    { name: 'end_logits', value: at.op.Squeeze(end!, [-1]) },
  ];
}

/**
 * RoBERTa's head of the masked language model: always the exact GELU, whatever the layers have. `tied` is the table of
 * the word embeddings, unless the checkpoint has one of its own.
 */
export function robertaWordScores(at: Place, hidden: Value, vocabulary: number, epsilon: number, tied?: Place): Value {
  const dense = gelu(at, linear(at.at('dense'), hidden, featuresOf(hidden)));
  const normal = layerNorm(at.at('layer_norm'), dense, epsilon);
  return decoderScores(at, normal, vocabulary, tied);
}

/**
 * The scores of a head whose last layer is `decoder`. A tied one shares its bias with the head, and checkpoints hold it under
 * either name; one with a table of its own has a bias of its own, which is not the head's unless it is the only one.
 */
export function decoderScores(at: Place, x: Value, vocabulary: number, tied?: Place): Value {
  const [bias, other] = tied ? ['bias', 'decoder.bias'] : ['decoder.bias', 'bias'];
  return wordScores(at.at('decoder'), x, tied ?? at.at('decoder'), at.weight(bias!, [vocabulary], other));
}

/** A score for each word of the vocabulary: x · tableᵀ + bias. The table is usually that of the embeddings. */
export function wordScores(at: Place, x: Value, table: Place, bias: Constant): Value {
  const [vocabulary] = bias.tensor.shape;
  return at.op.Add(timesTransposed(at, x, table.weight('weight', [vocabulary!, featuresOf(x)])), bias);
}
