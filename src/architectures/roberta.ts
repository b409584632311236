import type { Value } from '../graph/graph.js';
import { activationName, tanh } from './activations.js';
import { type Architecture, defineArchitecture } from './architecture.js';
import { bertEmbeddings, bertLayers } from './bert-layers.js';
import { additiveMask, linear, positionsAfterPadding } from './blocks.js';
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
import { boolean, integer, labels, only, type Parsed, positive, readFields, splitEvenly } from './read-config.js';
import type { Texts } from './text-inputs.js';

/** Defaults are those of transformers' RobertaConfig; the three model types differ in that of the vocabulary. */
const fields = (vocabulary: number) => ({
  vocabulary: integer('vocab_size', vocabulary),
  hiddenSize: integer('hidden_size', 768),
  layers: integer('num_hidden_layers', 12),
  heads: integer('num_attention_heads', 12),
  intermediateSize: integer('intermediate_size', 3072),
  activation: activationName('hidden_act', 'gelu'),
  /** Rows of the table. Those up to that of padding are never a token's. */
  positions: integer('max_position_embeddings', 512),
  padding: integer('pad_token_id', 1, 0),
  tokenTypes: integer('type_vocab_size', 2, 0),
  layerNormEpsilon: positive('layer_norm_eps', 1e-12),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
  positionEmbeddings: only('position_embedding_type', 'absolute', 'relative position embeddings are not supported yet'),
  isDecoder: only('is_decoder', false, 'a decoder needs a causal mask: it is not supported for this family'),
  crossAttention: only('add_cross_attention', false, 'cross-attention is not supported for this family'),
});
type Config = Parsed<ReturnType<typeof fields>>;

/**
 * RoBERTa: BERT's layers, positions counted after padding, and its own heads, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/roberta/modeling_roberta.py
 */
export const roberta = family('roberta', 50265);

/** The same model for French, whose weights are called `roberta.` too (modeling_camembert.py). */
export const camembert = family('camembert', 30522);

/** The same model for a hundred languages (modeling_xlm_roberta.py). */
export const xlmRoberta = family('xlm-roberta', 30522);

function family(modelType: string, vocabulary: number): Architecture {
  return defineArchitecture<Config>({
    modelType,
    basePrefix: 'roberta.',

    readConfig: json => splitEvenly(readFields(fields(vocabulary), json)),
    maxSequence: config => config.positions - config.padding - 1,

    heads: encoderHeads<Config>(encoder, {
      base: (model, _config, hidden) => hiddenStates(hidden, model.at('roberta.pooler')),
      'sequence-classification': firstTokenClassification(tanh),
      'token-classification': tokenClassification,
      'question-answering': questionAnswering,
      'masked-language-model': tokenScores,
      'multiple-choice': (model, _config, hidden) =>
        linear(model.at('classifier'), pooler(model.at('roberta.pooler'), hidden), 1),
    }),

    leftOut: [/^embeddings\.position_ids$/, /^pooler\./, /^lm_head\./, /^classifier\./, /^qa_outputs\./],
  });
}

/** RobertaModel without its pooler: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, texts: Texts): Value {
  const at = model.at('roberta');
  const embeddings = at.at('embeddings');
  const positionIds = positionsAfterPadding(embeddings.at('position_embeddings'), texts.ids, config.padding);
  const embedded = bertEmbeddings(embeddings, config, config.hiddenSize, texts, positionIds);
  return bertLayers(at.at('encoder'), config, embedded, additiveMask(at, texts.attentionMask));
}

function tokenScores(model: Place, config: Config, hidden: Value): Value {
  const tied = config.tiesEmbeddings ? model.at('roberta.embeddings.word_embeddings') : undefined;
  return robertaWordScores(model.at('lm_head'), hidden, config.vocabulary, config.layerNormEpsilon, tied);
}
