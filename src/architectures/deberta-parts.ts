import type { Value } from '../graph/graph.js';
import { type ActivationName, activation, activationName } from './activations.js';
import type { Architecture } from './architecture.js';
import { withTokenTypes } from './bert-layers.js';
import { embedding, firstPositions, firstToken, layerNorm, linear, linearNoBias } from './blocks.js';
import { positionAttention } from './disentangled-attention.js';
import { encoderHeads } from './encoder-heads.js';
import { decoderScores, hiddenStates, questionAnswering, tokenClassification, wordScores } from './heads.js';
import type { Place } from './place.js';
import { boolean, integer, labels, type Parsed, positive } from './read-config.js';
import type { Texts } from './text-inputs.js';

/** What DeBERTa and DeBERTa-v2 share word for word, weight names included. */

export const debertaFields = {
  layers: integer('num_hidden_layers', 12),
  heads: integer('num_attention_heads', 12),
  activation: activationName('hidden_act', 'gelu'),
  positions: integer('max_position_embeddings', 512),
  tokenTypes: integer('type_vocab_size', 0, 0),
  layerNormEpsilon: positive('layer_norm_eps', 1e-7),
  positionBiasedInput: boolean('position_biased_input', true),
  relativeAttention: boolean('relative_attention', false),
  /** 0 and below: as many as there are positions. */
  maxRelativePositions: integer('max_relative_positions', -1, -Number.MAX_SAFE_INTEGER),
  positionAttention,
  poolerActivation: activationName('pooler_hidden_act', 'gelu'),
  legacyHead: boolean('legacy', true),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
};
export type DebertaConfig = Parsed<typeof debertaFields> & {
  readonly vocabulary: number;
  readonly hiddenSize: number;
  /** Width of the word embeddings, where it is not hiddenSize. */
  readonly embeddingSize: number;
};

/** How far apart two tokens may be to be told from those further apart. */
export const relativeSpan = ({ maxRelativePositions, positions }: DebertaConfig): number =>
  maxRelativePositions < 1 ? positions : maxRelativePositions;

/** 1 for tokens, 0 for padding: [batch, sequence, 1]. */
export const tokenFlags = ({ op }: Place, { attentionMask }: Texts): Value =>
  op.Unsqueeze(op.Cast(attentionMask, { to: 'float32' }), [2]);

/** Words with what else is added to them, normalised, and 0 for padding: [batch, sequence] -> [batch, sequence, hidden]. */
export function debertaEmbeddings(at: Place, config: DebertaConfig, texts: Texts): Value {
  const { op } = at;
  const { embeddingSize, hiddenSize } = config;
  let embedded = embedding(at.at('word_embeddings'), texts.ids, config.vocabulary, embeddingSize);
  if (config.positionBiasedInput) {
    embedded = op.Add(
      embedded,
      firstPositions(at.at('position_embeddings'), texts.ids, config.positions, embeddingSize),
    );
  }
  embedded = withTokenTypes(at.at('token_type_embeddings'), config.tokenTypes, embedded, texts.tokenTypes);
  if (embeddingSize !== hiddenSize) embedded = linearNoBias(at.at('embed_proj'), embedded, hiddenSize);
  return op.Mul(layerNorm(at.at('LayerNorm'), embedded, config.layerNormEpsilon), tokenFlags(at, texts));
}

/** classifier(ContextPooler(hidden)): [batch, sequence, hidden] -> [batch, scores]. Any activation, unlike in BERT. */
export function pooledScores(model: Place, config: DebertaConfig, hidden: Value, scores: number): Value {
  const at = model.at('pooler');
  const dense = linear(at.at('dense'), firstToken(at, hidden), config.hiddenSize);
  return linear(model.at('classifier'), activation(at, dense, config.poolerActivation), scores);
}

/** The heads that both families have. `encoder` gives the last hidden states. */
export const debertaHeads = <C extends DebertaConfig>(
  encoder: (model: Place, config: C, texts: Texts) => Value,
  more: { readonly 'multiple-choice'?: (model: Place, config: C, hidden: Value) => Value } = {},
): Architecture<C>['heads'] =>
  encoderHeads(encoder, {
    base: (_model, _config, hidden) => hiddenStates(hidden),
    'sequence-classification': (model, config, hidden) => pooledScores(model, config, hidden, config.labels.length),
    'token-classification': tokenClassification,
    'question-answering': questionAnswering,
    'masked-language-model': tokenScores,
    ...more,
  });

/**
 * The head of early versions of transformers (`legacy`), or that of DeBERTa itself. Its authors' checkpoints hold the
 * second and do not say so.
 */
function tokenScores(model: Place, config: DebertaConfig, hidden: Value): Value {
  const [legacy, original] = [model.at('cls.predictions'), model.at('lm_predictions.lm_head')];
  const words = model.at('deberta.embeddings.word_embeddings');
  if (config.legacyHead && (legacy.has('bias') || !original.has('bias'))) {
    const transformed = transform(legacy.at('transform'), config, hidden, config.embeddingSize);
    return decoderScores(legacy, transformed, config.vocabulary, config.tiesEmbeddings ? words : undefined);
  }
  const transformed = transform(original, config, hidden, config.hiddenSize);
  return wordScores(original, transformed, words, original.weight('bias', [config.vocabulary]));
}

function transform(
  at: Place,
  config: { readonly activation: ActivationName; readonly layerNormEpsilon: number },
  hidden: Value,
  features: number,
): Value {
  const activated = activation(at, linear(at.at('dense'), hidden, features), config.activation);
  return layerNorm(at.at('LayerNorm'), activated, config.layerNormEpsilon);
}

/** Other heads; buffers; absolute positions that checkpoints keep although the model is without. */
export const debertaLeftOut: readonly RegExp[] = [
  /^embeddings\.position_(ids|embeddings\.weight)$/,
  /^(pooler|classifier|qa_outputs|cls|lm_predictions|mask_predictions)\./,
];
