import type { Value } from '../graph/graph.js';
import { activation, activationName, tanh } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { bertEmbeddings } from './bert-layers.js';
import { additiveMask, attention, countedPositions, firstToken, layerNorm, linear } from './blocks.js';
import { encoderHeads } from './encoder-heads.js';
import { decoderScores, hiddenStates, questionAnswering, tokenClassification } from './heads.js';
import type { Place } from './place.js';
import { boolean, integer, labels, only, type Parsed, positive, readFields, splitEvenly } from './read-config.js';
import type { Texts } from './text-inputs.js';

/** Defaults are those of transformers' AlbertConfig, which are the sizes of albert-xxlarge. */
const fields = {
  vocabulary: integer('vocab_size', 30000),
  embeddingSize: integer('embedding_size', 128),
  hiddenSize: integer('hidden_size', 4096),
  layers: integer('num_hidden_layers', 12),
  /** Groups of layers that have weights of their own. */
  groups: integer('num_hidden_groups', 1),
  /** Layers in a group, each with its weights; a group runs as a whole wherever a layer is asked for. */
  layersInGroup: integer('inner_group_num', 1),
  heads: integer('num_attention_heads', 64),
  intermediateSize: integer('intermediate_size', 16384),
  activation: activationName('hidden_act', 'gelu_new'),
  positions: integer('max_position_embeddings', 512),
  tokenTypes: integer('type_vocab_size', 2, 0),
  layerNormEpsilon: positive('layer_norm_eps', 1e-12),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
  positionEmbeddings: only('position_embedding_type', 'absolute', 'relative position embeddings are not supported yet'),
};
type Config = Parsed<typeof fields>;

/**
 * ALBERT: narrow embeddings, and one layer that runs again and again, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/albert/modeling_albert.py
 */
export const albert = defineArchitecture<Config>({
  modelType: 'albert',
  basePrefix: 'albert.',

  readConfig: json => splitEvenly(readFields(fields, json)),
  maxSequence: config => config.positions,

  heads: encoderHeads<Config>(encoder, {
    base: (model, config, hidden) => [
      ...hiddenStates(hidden),
      ...(model.has('albert.pooler.weight') ? [{ name: 'pooler_output', value: pooler(model, config, hidden) }] : []),
    ],
    'sequence-classification': (model, config, hidden) => scored(model, config, hidden, config.labels.length),
    'token-classification': tokenClassification,
    'question-answering': questionAnswering,
    'masked-language-model': tokenScores,
    'multiple-choice': (model, config, hidden) => scored(model, config, hidden, 1),
  }),

  leftOut: [
    /^embeddings\.position_ids$/,
    /^pooler\./,
    /^predictions\./,
    /^sop_classifier\./,
    /^classifier\./,
    /^qa_outputs\./,
  ],
});

/** AlbertModel without its pooler: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, texts: Texts): Value {
  const at = model.at('albert');
  const embeddings = at.at('embeddings');
  const positionIds = countedPositions(embeddings.at('position_embeddings'), texts.ids);
  const embedded = bertEmbeddings(embeddings, config, config.embeddingSize, texts, positionIds);
  const mask = additiveMask(at, texts.attentionMask);
  const encoding = at.at('encoder');
  let hidden = linear(encoding.at('embedding_hidden_mapping_in'), embedded, config.hiddenSize);
  for (let i = 0; i < config.layers; i++) {
    const group = encoding.at(`albert_layer_groups.${Math.floor(i / (config.layers / config.groups))}`);
    for (let j = 0; j < config.layersInGroup; j++) hidden = layer(group.at(`albert_layers.${j}`), config, hidden, mask);
  }
  return hidden;
}

function layer(at: Place, config: Config, x: Value, mask: Value): Value {
  const attended = selfAttention(at.at('attention'), config, x, mask);
  const wide = activation(at, linear(at.at('ffn'), attended, config.intermediateSize), config.activation);
  const narrow = linear(at.at('ffn_output'), wide, config.hiddenSize);
  return layerNorm(at.at('full_layer_layer_norm'), at.op.Add(narrow, attended), config.layerNormEpsilon);
}

function selfAttention(at: Place, config: Config, x: Value, mask: Value): Value {
  const query = linear(at.at('query'), x, config.hiddenSize);
  const key = linear(at.at('key'), x, config.hiddenSize);
  const value = linear(at.at('value'), x, config.hiddenSize);
  const attended = attention(at, query, key, value, mask, config.heads);
  const dense = linear(at.at('dense'), attended, config.hiddenSize);
  return layerNorm(at.at('LayerNorm'), at.op.Add(x, dense), config.layerNormEpsilon);
}

/** tanh(pooler(first token)): [batch, hidden]. */
function pooler(model: Place, { hiddenSize }: Config, hidden: Value): Value {
  const at = model.at('albert.pooler');
  return tanh(at, linear(at, firstToken(at, hidden), hiddenSize));
}

const scored = (model: Place, config: Config, hidden: Value, scores: number): Value =>
  linear(model.at('classifier'), pooler(model, config, hidden), scores);

/** The head's transformation narrows the hidden states to the width of the embeddings. */
function tokenScores(model: Place, config: Config, hidden: Value): Value {
  const at = model.at('predictions');
  const narrow = activation(at, linear(at.at('dense'), hidden, config.embeddingSize), config.activation);
  const transformed = layerNorm(at.at('LayerNorm'), narrow, config.layerNormEpsilon);
  const tied = config.tiesEmbeddings ? model.at('albert.embeddings.word_embeddings') : undefined;
  return decoderScores(at, transformed, config.vocabulary, tied);
}
