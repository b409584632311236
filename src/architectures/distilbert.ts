import type { Value } from '../graph/graph.js';
import { activation, activationName, relu } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { additiveMask, attention, embedding, firstPositions, firstToken, layerNorm, linear } from './blocks.js';
import { encoderHeads } from './encoder-heads.js';
import { hiddenStates, questionAnswering, tokenClassification, wordScores } from './heads.js';
import type { Place } from './place.js';
import { boolean, integer, labels, type Parsed, readFields, splitEvenly } from './read-config.js';
import type { Texts } from './text-inputs.js';

/** DistilBertConfig has names of its own; it also takes BERT's (`attribute_map`). */
const fields = {
  vocabulary: integer('vocab_size', 30522),
  hiddenSize: integer(['dim', 'hidden_size'], 768),
  layers: integer(['n_layers', 'num_hidden_layers'], 6),
  heads: integer(['n_heads', 'num_attention_heads'], 12),
  intermediateSize: integer('hidden_dim', 3072),
  activation: activationName('activation', 'gelu'),
  positions: integer('max_position_embeddings', 512),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
};
type Config = Parsed<typeof fields>;

/** Not in config.json: the same in every LayerNorm of every checkpoint. */
const EPSILON = 1e-12;

/**
 * DistilBERT: half of BERT's layers, without token types and pooler, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/distilbert/modeling_distilbert.py
 */
export const distilbert = defineArchitecture<Config>({
  modelType: 'distilbert',
  basePrefix: 'distilbert.',

  readConfig: json => splitEvenly(readFields(fields, json), { heads: 'n_heads', hiddenSize: 'dim' }),
  maxSequence: config => config.positions,

  heads: encoderHeads<Config>(encoder, {
    base: (_model, _config, hidden) => hiddenStates(hidden),
    'sequence-classification': (model, config, hidden) => classifier(model, config, hidden, config.labels.length),
    'token-classification': tokenClassification,
    'question-answering': questionAnswering,
    'masked-language-model': tokenScores,
    'multiple-choice': (model, config, hidden) => classifier(model, config, hidden, 1),
  }),

  leftOut: [/^embeddings\.position_ids$/, /^vocab_/, /^pre_classifier\./, /^classifier\./, /^qa_outputs\./],
});

/** DistilBertModel: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, { ids, attentionMask }: Texts): Value {
  const at = model.at('distilbert');
  const mask = additiveMask(at, attentionMask);
  let hidden = embeddings(at.at('embeddings'), config, ids);
  for (let i = 0; i < config.layers; i++) hidden = layer(at.at(`transformer.layer.${i}`), config, hidden, mask);
  return hidden;
}

function embeddings(at: Place, config: Config, ids: Value): Value {
  const words = embedding(at.at('word_embeddings'), ids, config.vocabulary, config.hiddenSize);
  const positions = firstPositions(at.at('position_embeddings'), ids, config.positions, config.hiddenSize);
  return layerNorm(at.at('LayerNorm'), at.op.Add(words, positions), EPSILON);
}

function layer(at: Place, config: Config, x: Value, mask: Value): Value {
  const attended = layerNorm(
    at.at('sa_layer_norm'),
    at.op.Add(selfAttention(at.at('attention'), config, x, mask), x),
    EPSILON,
  );
  const wide = linear(at.at('ffn.lin1'), attended, config.intermediateSize);
  const narrow = linear(at.at('ffn.lin2'), activation(at.at('ffn'), wide, config.activation), config.hiddenSize);
  return layerNorm(at.at('output_layer_norm'), at.op.Add(narrow, attended), EPSILON);
}

function selfAttention(at: Place, config: Config, x: Value, mask: Value): Value {
  const query = linear(at.at('q_lin'), x, config.hiddenSize);
  const key = linear(at.at('k_lin'), x, config.hiddenSize);
  const value = linear(at.at('v_lin'), x, config.hiddenSize);
  return linear(at.at('out_lin'), attention(at, query, key, value, mask, config.heads), config.hiddenSize);
}

/** classifier(relu(pre_classifier(first token))): [batch, scores]. */
function classifier(model: Place, config: Config, hidden: Value, scores: number): Value {
  const at = model.at('pre_classifier');
  const pooled = relu(at, linear(at, firstToken(at, hidden), config.hiddenSize));
  return linear(model.at('classifier'), pooled, scores);
}

function tokenScores(model: Place, config: Config, hidden: Value): Value {
  const at = model.at('vocab_projector');
  const transform = model.at('vocab_transform');
  const dense = activation(transform, linear(transform, hidden, config.hiddenSize), config.activation);
  const transformed = layerNorm(model.at('vocab_layer_norm'), dense, EPSILON);
  const table = config.tiesEmbeddings ? model.at('distilbert.embeddings.word_embeddings') : at;
  return wordScores(at, transformed, table, at.weight('bias', [config.vocabulary]));
}
