import type { Value } from '../graph/graph.js';
import { activation, activationName, gelu } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { bertEmbeddings, bertLayers } from './bert-layers.js';
import { additiveMask, countedPositions, firstToken, layerNorm, linear } from './blocks.js';
import { encoderHeads } from './encoder-heads.js';
import { firstTokenClassification, hiddenStates, questionAnswering, tokenClassification, wordScores } from './heads.js';
import type { Place } from './place.js';
import { boolean, integer, labels, only, type Parsed, positive, readFields, splitEvenly } from './read-config.js';
import type { Texts } from './text-inputs.js';

/** Defaults are those of transformers' ElectraConfig. */
const fields = {
  vocabulary: integer('vocab_size', 30522),
  embeddingSize: integer('embedding_size', 128),
  hiddenSize: integer('hidden_size', 256),
  layers: integer('num_hidden_layers', 12),
  heads: integer('num_attention_heads', 4),
  intermediateSize: integer('intermediate_size', 1024),
  activation: activationName('hidden_act', 'gelu'),
  positions: integer('max_position_embeddings', 512),
  tokenTypes: integer('type_vocab_size', 2, 0),
  layerNormEpsilon: positive('layer_norm_eps', 1e-12),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
  summaryActivation: activationName('summary_activation', 'gelu'),
  summaryType: only('summary_type', 'first', 'only the first token as the summary of a text is supported'),
  summaryProjection: only('summary_use_proj', true, 'a summary without a projection is not supported'),
  positionEmbeddings: only('position_embedding_type', 'absolute', 'relative position embeddings are not supported yet'),
  isDecoder: only('is_decoder', false, 'a decoder needs a causal mask: it is not supported for this family'),
  crossAttention: only('add_cross_attention', false, 'cross-attention is not supported for this family'),
};
type Config = Parsed<typeof fields>;

/**
 * ELECTRA, discriminator and generator: BERT's layers on embeddings that may be narrower, without a pooler, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/electra/modeling_electra.py
 */
export const electra = defineArchitecture<Config>({
  modelType: 'electra',
  basePrefix: 'electra.',

  readConfig: json => splitEvenly(readFields(fields, json)),
  maxSequence: config => config.positions,

  heads: encoderHeads<Config>(encoder, {
    base: (_model, _config, hidden) => hiddenStates(hidden),
    'sequence-classification': firstTokenClassification(gelu),
    'token-classification': tokenClassification,
    'question-answering': questionAnswering,
    'masked-language-model': tokenScores,
    'multiple-choice': (model, config, hidden) => linear(model.at('classifier'), summary(model, config, hidden), 1),
  }),

  leftOut: [
    /^embeddings\.position_ids$/,
    /^discriminator_predictions\./,
    /^generator_predictions\./,
    /^generator_lm_head\./,
    /^sequence_summary\./,
    /^classifier\./,
    /^qa_outputs\./,
  ],
});

/** ElectraModel: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, texts: Texts): Value {
  const at = model.at('electra');
  const embeddings = at.at('embeddings');
  const positionIds = countedPositions(embeddings.at('position_embeddings'), texts.ids);
  const embedded = bertEmbeddings(embeddings, config, config.embeddingSize, texts, positionIds);
  const { embeddingSize, hiddenSize } = config;
  const hidden = embeddingSize === hiddenSize ? embedded : linear(at.at('embeddings_project'), embedded, hiddenSize);
  return bertLayers(at.at('encoder'), config, hidden, additiveMask(at, texts.attentionMask));
}

/** SequenceSummary: activated(projection(first token)), [batch, hidden]. */
function summary(model: Place, config: Config, hidden: Value): Value {
  const at = model.at('sequence_summary.summary');
  return activation(at, linear(at, firstToken(at, hidden), config.hiddenSize), config.summaryActivation);
}

/** The generator's head: back to the width of the embeddings, always with the exact GELU, and compared with them. */
function tokenScores(model: Place, config: Config, hidden: Value): Value {
  const at = model.at('generator_predictions');
  const narrow = gelu(at, linear(at.at('dense'), hidden, config.embeddingSize));
  const transformed = layerNorm(at.at('LayerNorm'), narrow, config.layerNormEpsilon);
  const decoder = model.at('generator_lm_head');
  const table = config.tiesEmbeddings ? model.at('electra.embeddings.word_embeddings') : decoder;
  return wordScores(decoder, transformed, table, decoder.weight('bias', [config.vocabulary]));
}
