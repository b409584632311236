import type { Value } from '../graph/graph.js';
import { activation, activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { bertEmbeddings, bertLayers } from './bert-layers.js';
import { additiveMask, countedPositions, layerNorm, linear } from './blocks.js';
import { encoderHeads } from './encoder-heads.js';
import { decoderScores, hiddenStates, pooler, questionAnswering, tokenClassification } from './heads.js';
import type { Place } from './place.js';
import { boolean, integer, labels, only, type Parsed, positive, readFields, splitEvenly } from './read-config.js';
import type { Texts } from './text-inputs.js';

/** Defaults are those of transformers' BertConfig: older config.json files leave out what is at its default. */
const fields = {
  vocabulary: integer('vocab_size', 30522),
  hiddenSize: integer('hidden_size', 768),
  layers: integer('num_hidden_layers', 12),
  heads: integer('num_attention_heads', 12),
  intermediateSize: integer('intermediate_size', 3072),
  activation: activationName('hidden_act', 'gelu'),
  positions: integer('max_position_embeddings', 512),
  tokenTypes: integer('type_vocab_size', 2, 0),
  layerNormEpsilon: positive('layer_norm_eps', 1e-12),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
  positionEmbeddings: only('position_embedding_type', 'absolute', 'relative position embeddings are not supported yet'),
  isDecoder: only('is_decoder', false, 'a decoder needs a causal mask: it is not supported for this family'),
  crossAttention: only('add_cross_attention', false, 'cross-attention is not supported for this family'),
};
type Config = Parsed<typeof fields>;

/**
 * BERT, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/bert/modeling_bert.py
 */
export const bert = defineArchitecture<Config>({
  modelType: 'bert',
  basePrefix: 'bert.',

  readConfig: json => splitEvenly(readFields(fields, json)),
  maxSequence: config => config.positions,

  heads: encoderHeads<Config>(encoder, {
    base: (model, _config, hidden) => hiddenStates(hidden, model.at('bert.pooler')),
    'sequence-classification': (model, config, hidden) => scored(model, hidden, config.labels.length),
    'token-classification': tokenClassification,
    'question-answering': questionAnswering,
    'masked-language-model': tokenScores,
    'multiple-choice': (model, _config, hidden) => scored(model, hidden, 1),
  }),

  leftOut: [/^embeddings\.position_ids$/, /^pooler\./, /^cls\./, /^classifier\./, /^qa_outputs\./],
});

/** BertModel without its pooler: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, texts: Texts): Value {
  const at = model.at('bert');
  const embeddings = at.at('embeddings');
  const positionIds = countedPositions(embeddings.at('position_embeddings'), texts.ids);
  const embedded = bertEmbeddings(embeddings, config, config.hiddenSize, texts, positionIds);
  return bertLayers(at.at('encoder'), config, embedded, additiveMask(at, texts.attentionMask));
}

/** classifier(pooler(first token)): [batch, scores]. */
const scored = (model: Place, hidden: Value, scores: number): Value =>
  linear(model.at('classifier'), pooler(model.at('bert.pooler'), hidden), scores);

/** A score for each word of the vocabulary, by the embedding table itself unless the checkpoint unties them. */
function tokenScores(model: Place, config: Config, hidden: Value): Value {
  const at = model.at('cls.predictions');
  const transform = at.at('transform');
  const dense = linear(transform.at('dense'), hidden, config.hiddenSize);
  const activated = activation(transform, dense, config.activation);
  const transformed = layerNorm(transform.at('LayerNorm'), activated, config.layerNormEpsilon);

  const tied = config.tiesEmbeddings ? model.at('bert.embeddings.word_embeddings') : undefined;
  return decoderScores(at, transformed, config.vocabulary, tied);
}
