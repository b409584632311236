import type { Value } from '../graph/graph.js';
import { activation, activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { withTokenTypes } from './bert-layers.js';
import { additiveMask, attention, embedding, layerNorm, linear, linearNoBias, stackedLinears } from './blocks.js';
import { encoderHeads } from './encoder-heads.js';
import { decoderScores, hiddenStates, pooler, tokenClassification } from './heads.js';
import type { Place } from './place.js';
import { boolean, integer, labels, only, type Parsed, positive, readFields, splitEvenly } from './read-config.js';
import { inPairs, type Rotation, ropeTheta, rotated, rotation } from './rotary.js';
import type { Texts } from './text-inputs.js';

/** Defaults are those of transformers' NomicBertConfig; second spellings are those of the authors' own code. */
const fields = {
  vocabulary: integer('vocab_size', 30528),
  hiddenSize: integer(['hidden_size', 'n_embd'], 768),
  layers: integer(['num_hidden_layers', 'n_layer'], 12),
  heads: integer(['num_attention_heads', 'n_head'], 12),
  intermediateSize: integer(['intermediate_size', 'n_inner'], 3072),
  activation: activationName('hidden_act', 'silu'),
  positions: integer(['max_position_embeddings', 'max_trained_positions', 'n_positions'], 2048),
  tokenTypes: integer('type_vocab_size', 2, 0),
  layerNormEpsilon: positive(['layer_norm_eps', 'layer_norm_epsilon'], 1e-12),
  theta: ropeTheta(json => json.rotary_emb_base ?? 1000),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
  feedForward: only('activation_function', 'swiglu', 'only the gated feed-forward layer is supported'),
  preNorm: only('prenorm', false, 'layers that normalise before attention are not supported'),
  attentionBias: only('qkv_proj_bias', false, 'biases of attention are not supported'),
  wideBias: only('mlp_fc1_bias', false, 'biases of the feed-forward layer are not supported'),
  narrowBias: only('mlp_fc2_bias', false, 'biases of the feed-forward layer are not supported'),
  rotatedShare: only('rotary_emb_fraction', 1, 'heads of which only a part is rotated are not supported'),
  interleaved: only('rotary_emb_interleaved', false, 'only the rotation of halves is supported'),
  isCausal: only('causal', false, 'a decoder needs a causal mask: it is not supported for this family'),
};
type Config = Parsed<typeof fields>;

/**
 * NomicBERT: BERT with rotary positions and SwiGLU, without biases, as in
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/nomic_bert/modeling_nomic_bert.py.
 * Checkpoints have the names of the authors' code, which transformers renames when it loads them.
 */
export const nomicBert = defineArchitecture<Config>({
  modelType: 'nomic_bert',
  basePrefix: 'nomic_bert.',
  readConfig: json => inPairs(splitEvenly(readFields(fields, json))),
  maxSequence: config => config.positions,

  heads: encoderHeads<Config>(encoder, {
    base: (model, _config, hidden) => hiddenStates(hidden, model.at('nomic_bert.pooler')),
    'sequence-classification': (model, config, hidden) =>
      linear(model.at('classifier'), pooler(model.at('nomic_bert.pooler'), hidden), config.labels.length),
    'token-classification': tokenClassification,
    'masked-language-model': tokenScores,
  }),

  leftOut: [/^(pooler|cls|classifier)\./],
});

/** NomicBertModel without its pooler: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, { ids, attentionMask, tokenTypes }: Texts): Value {
  const at = model.at('nomic_bert');
  const mask = additiveMask(at, attentionMask);
  const turn = rotation(at.at('rotary_emb'), ids, config.hiddenSize / config.heads, config.theta);
  const embeddings = at.at('embeddings');
  const words = embedding(embeddings.at('word_embeddings'), ids, config.vocabulary, config.hiddenSize);
  const typed = withTokenTypes(embeddings.at('token_type_embeddings'), config.tokenTypes, words, tokenTypes);
  let hidden = layerNorm(at.at('emb_ln'), typed, config.layerNormEpsilon);
  for (let i = 0; i < config.layers; i++) hidden = layer(at.at(`encoder.layers.${i}`), config, hidden, mask, turn);
  return hidden;
}

function layer(at: Place, config: Config, x: Value, mask: Value, turn: Rotation): Value {
  const attended = at.op.Add(x, selfAttention(at.at('attn'), config, x, mask, turn));
  const normal = layerNorm(at.at('norm1'), attended, config.layerNormEpsilon);
  const fed = at.op.Add(normal, feedForward(at.at('mlp'), config, normal));
  return layerNorm(at.at('norm2'), fed, config.layerNormEpsilon);
}

function selfAttention(at: Place, { heads, hiddenSize }: Config, x: Value, mask: Value, turn: Rotation): Value {
  const [query, key, value] = stackedLinears(at.at('Wqkv'), x, [hiddenSize, hiddenSize, hiddenSize], false);
  const turned = [query!, key!].map(projected => rotated(at, projected, turn, heads));
  return linearNoBias(at.at('out_proj'), attention(at, turned[0]!, turned[1]!, value!, mask, heads), hiddenSize);
}

/** SwiGLU: fc12 is activated and opens or closes fc11. */
function feedForward(at: Place, config: Config, x: Value): Value {
  const wide = linearNoBias(at.at('fc11'), x, config.intermediateSize);
  const gate = activation(at, linearNoBias(at.at('fc12'), x, config.intermediateSize), config.activation);
  return linearNoBias(at.at('fc2'), at.op.Mul(wide, gate), config.hiddenSize);
}

/** A score for each word of the vocabulary, by the embedding table itself unless the checkpoint unties them. */
function tokenScores(model: Place, config: Config, hidden: Value): Value {
  const at = model.at('cls.predictions');
  const transform = at.at('transform');
  const dense = linear(transform.at('dense'), hidden, config.hiddenSize);
  const transformed = layerNorm(
    transform.at('layer_norm'),
    activation(transform, dense, config.activation),
    config.layerNormEpsilon,
  );
  const tied = config.tiesEmbeddings ? model.at('nomic_bert.embeddings.word_embeddings') : undefined;
  return decoderScores(at, transformed, config.vocabulary, tied);
}
