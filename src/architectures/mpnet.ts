import type { Value } from '../graph/graph.js';
import { activationName, tanh } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { feedForward } from './bert-layers.js';
import {
  additiveMask,
  attention,
  countedPositions,
  embedding,
  layerNorm,
  linear,
  positionsAfterPadding,
} from './blocks.js';
import { encoderHeads } from './encoder-heads.js';
import {
  firstTokenClassification,
  hiddenStates,
  pooler,
  questionAnswering,
  robertaWordScores,
  tokenClassification,
} from './heads.js';
import type { Place } from './place.js';
import { boolean, integer, labels, type Parsed, positive, readFields, splitEvenly } from './read-config.js';
import { type Buckets, relativeBias } from './relative-buckets.js';
import type { Texts } from './text-inputs.js';

/** MPNetEncoder fills 32 buckets whatever config.json says: the table may have more rows, and no fewer. */
const BUCKETS: Buckets = { count: 32, farthest: 128 };

/** MPNetEmbeddings counts from here whatever pad_token_id is. */
const PADDING = 1;

/** Defaults are those of transformers' MPNetConfig. */
const fields = {
  vocabulary: integer('vocab_size', 30527),
  hiddenSize: integer('hidden_size', 768),
  layers: integer('num_hidden_layers', 12),
  heads: integer('num_attention_heads', 12),
  intermediateSize: integer('intermediate_size', 3072),
  activation: activationName('hidden_act', 'gelu'),
  positions: integer('max_position_embeddings', 512),
  bucketRows: integer('relative_attention_num_buckets', BUCKETS.count, BUCKETS.count),
  layerNormEpsilon: positive('layer_norm_eps', 1e-12),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
};
type Config = Parsed<typeof fields>;

/**
 * MPNet: no token types, absolute positions as RoBERTa's, and in every layer the same bias for positions relative to each other, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/mpnet/modeling_mpnet.py
 */
export const mpnet = defineArchitecture<Config>({
  modelType: 'mpnet',
  basePrefix: 'mpnet.',

  readConfig: json => splitEvenly(readFields(fields, json)),
  maxSequence: config => config.positions - PADDING - 1,

  heads: encoderHeads<Config>(encoder, {
    base: (model, _config, hidden) => hiddenStates(hidden, model.at('mpnet.pooler')),
    'sequence-classification': firstTokenClassification(tanh),
    'token-classification': tokenClassification,
    'question-answering': questionAnswering,
    'masked-language-model': tokenScores,
    'multiple-choice': (model, _config, hidden) =>
      linear(model.at('classifier'), pooler(model.at('mpnet.pooler'), hidden), 1),
  }),

  leftOut: [/^embeddings\.position_ids$/, /^pooler\./, /^lm_head\./, /^classifier\./, /^qa_outputs\./],
});

/** MPNetModel without its pooler: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, { ids, attentionMask }: Texts): Value {
  const at = model.at('mpnet');
  const encoding = at.at('encoder');
  const table = encoding.at('relative_attention_bias');
  const positions = countedPositions(table, ids);
  const bias = relativeBias(table, { queries: positions, keys: positions }, BUCKETS, config.bucketRows, config.heads);
  const added = at.op.Add(bias, additiveMask(at, attentionMask));
  let hidden = embeddings(at.at('embeddings'), config, ids);
  for (let i = 0; i < config.layers; i++) hidden = layer(encoding.at(`layer.${i}`), config, hidden, added);
  return hidden;
}

function embeddings(at: Place, config: Config, ids: Value): Value {
  const table = at.at('position_embeddings');
  const words = embedding(at.at('word_embeddings'), ids, config.vocabulary, config.hiddenSize);
  const positions = embedding(table, positionsAfterPadding(table, ids, PADDING), config.positions, config.hiddenSize);
  return layerNorm(at.at('LayerNorm'), at.op.Add(words, positions), config.layerNormEpsilon);
}

/** `added` to the scores [batch, heads, sequence, sequence]: relative positions and the mask. */
function layer(at: Place, config: Config, x: Value, added: Value): Value {
  const projected = selfAttention(at.at('attention.attn'), config, x, added);
  const attended = layerNorm(at.at('attention.LayerNorm'), at.op.Add(projected, x), config.layerNormEpsilon);
  return feedForward(at, config, attended);
}

function selfAttention(at: Place, config: Config, x: Value, added: Value): Value {
  const query = linear(at.at('q'), x, config.hiddenSize);
  const key = linear(at.at('k'), x, config.hiddenSize);
  const value = linear(at.at('v'), x, config.hiddenSize);
  return linear(at.at('o'), attention(at, query, key, value, added, config.heads), config.hiddenSize);
}

function tokenScores(model: Place, config: Config, hidden: Value): Value {
  const tied = config.tiesEmbeddings ? model.at('mpnet.embeddings.word_embeddings') : undefined;
  return robertaWordScores(model.at('lm_head'), hidden, config.vocabulary, config.layerNormEpsilon, tied);
}
