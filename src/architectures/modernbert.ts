import type { Value } from '../graph/graph.js';
import { activation, activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import {
  additiveMask,
  attention,
  embedding,
  firstToken,
  layerNorm,
  layerNormNoBias,
  linear,
  projected,
  stackedLinears,
  timesTransposed,
  windowMask,
} from './blocks.js';
import { encoderHeads } from './encoder-heads.js';
import { hiddenStates, startAndEnd, tokenClassification, wordScores } from './heads.js';
import { type LayerType, layerTypes } from './layer-types.js';
import type { Place } from './place.js';
import { firstUnpadded, meanOfTokens } from './pooling.js';
import {
  boolean,
  type ConfigJson,
  integer,
  labels,
  oneOf,
  type Parsed,
  positive,
  readFields,
  splitEvenly,
} from './read-config.js';
import { inPairs, type Rotation, ropeTheta, rotated, rotation } from './rotary.js';
import type { Texts } from './text-inputs.js';

/** Before transformers 5, what `rope_parameters` says of each type of layer had names of its own. */
const globalTheta = (json: ConfigJson): unknown => json.global_rope_theta ?? 160_000;
const localTheta = (json: ConfigJson): unknown =>
  json.local_rope_theta === null ? globalTheta(json) : (json.local_rope_theta ?? 10_000);

/** Defaults are those of transformers' ModernBertConfig. */
const fields = {
  vocabulary: integer('vocab_size', 50368),
  hiddenSize: integer('hidden_size', 768),
  layers: integer('num_hidden_layers', 22),
  heads: integer('num_attention_heads', 12),
  intermediateSize: integer('intermediate_size', 1152),
  activation: activationName('hidden_activation', 'gelu'),
  positions: integer('max_position_embeddings', 8192),
  layerNormEpsilon: positive('norm_eps', 1e-5),
  layerType: layerTypes(22),
  /** Tokens in sight of a layer with sliding attention, half of them on each side. */
  window: integer('local_attention', 128),
  fullTheta: ropeTheta(globalTheta, 'full_attention'),
  slidingTheta: ropeTheta(localTheta, 'sliding_attention'),
  normBias: boolean('norm_bias', false),
  attentionBias: boolean('attention_bias', false),
  feedForwardBias: boolean('mlp_bias', false),
  decoderBias: boolean('decoder_bias', true),
  headBias: boolean('classifier_bias', false),
  headActivation: activationName('classifier_activation', 'gelu'),
  pooling: oneOf('classifier_pooling', ['cls', 'mean'], 'cls'),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  labels,
};
type Config = Parsed<typeof fields>;

/**
 * ModernBERT, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/modernbert/modeling_modernbert.py
 */
export const modernbert = defineArchitecture<Config>({
  modelType: 'modernbert',
  basePrefix: 'model.',
  readConfig: json => inPairs(splitEvenly(readFields(fields, json))),
  maxSequence: config => config.positions,

  heads: encoderHeads<Config>(encoder, {
    base: (_model, _config, hidden) => hiddenStates(hidden),
    'sequence-classification': (model, config, hidden, { attentionMask }) => {
      const pooled = config.pooling === 'cls' ? firstToken(model, hidden) : meanOfTokens(model, hidden, attentionMask);
      return linear(model.at('classifier'), predictionHead(model, config, pooled), config.labels.length);
    },
    'token-classification': (model, config, hidden) =>
      tokenClassification(model, config, predictionHead(model, config, hidden)),
    'question-answering': (model, config, hidden) =>
      startAndEnd(model.at('classifier'), predictionHead(model, config, hidden)),
    'masked-language-model': (model, config, hidden) =>
      tokenScores(model, config, predictionHead(model, config, hidden)),
    'multiple-choice': (model, config, hidden, { attentionMask }) => {
      const pool = config.pooling === 'cls' ? firstUnpadded : meanOfTokens;
      return linear(model.at('classifier'), predictionHead(model, config, pool(model, hidden, attentionMask)), 1);
    },
  }),

  leftOut: [/^(head|decoder|classifier)\./],
});

/** What differs between the two types of layers. */
interface Sight {
  readonly mask: Value;
  readonly rotation: Rotation;
}

/** ModernBertModel: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, { ids, attentionMask }: Texts): Value {
  const at = model.at('model');
  const mask = additiveMask(at, attentionMask);
  const headSize = config.hiddenSize / config.heads;
  const [full, sliding] = [at.at('rotary_emb.full_attention'), at.at('rotary_emb.sliding_attention')];
  const sights: Readonly<Record<LayerType, Sight>> = {
    full_attention: { mask, rotation: rotation(full, ids, headSize, config.fullTheta) },
    sliding_attention: {
      mask: windowMask(at, ids, attentionMask, Math.floor(config.window / 2)),
      rotation: rotation(sliding, ids, headSize, config.slidingTheta),
    },
  };
  const embeddings = at.at('embeddings');
  const words = embedding(embeddings.at('tok_embeddings'), ids, config.vocabulary, config.hiddenSize);
  let hidden = norm(embeddings.at('norm'), config, words);
  for (let i = 0; i < config.layers; i++) {
    const layer = at.at(`layers.${i}`);
    // The embeddings are normalised already: the first layer has no norm of its own.
    const normed = i === 0 ? hidden : norm(layer.at('attn_norm'), config, hidden);
    hidden = at.op.Add(hidden, selfAttention(layer.at('attn'), config, normed, sights[config.layerType(i)]));
    hidden = at.op.Add(hidden, feedForward(layer.at('mlp'), config, norm(layer.at('mlp_norm'), config, hidden)));
  }
  return norm(at.at('final_norm'), config, hidden);
}

function selfAttention(at: Place, config: Config, x: Value, { mask, rotation }: Sight): Value {
  const { heads, hiddenSize, attentionBias } = config;
  const [query, key, value] = stackedLinears(at.at('Wqkv'), x, [hiddenSize, hiddenSize, hiddenSize], attentionBias);
  const turn = (projected: Value): Value => rotated(at, projected, rotation, heads);
  return projected(
    at.at('Wo'),
    attention(at, turn(query!), turn(key!), value!, mask, heads),
    hiddenSize,
    attentionBias,
  );
}

/** GeGLU: one half of what is wide is activated and opens or closes the other. */
function feedForward(at: Place, config: Config, x: Value): Value {
  const { intermediateSize, hiddenSize, feedForwardBias } = config;
  const [wide, gate] = stackedLinears(at.at('Wi'), x, [intermediateSize, intermediateSize], feedForwardBias);
  const gated = at.op.Mul(activation(at, wide!, config.activation), gate!);
  return projected(at.at('Wo'), gated, hiddenSize, feedForwardBias);
}

/** By the embedding table itself unless the checkpoint unties them. */
function tokenScores(model: Place, config: Config, hidden: Value): Value {
  const at = model.at('decoder');
  const table = config.tiesEmbeddings ? model.at('model.embeddings.tok_embeddings') : at;
  if (config.decoderBias) return wordScores(at, hidden, table, at.weight('bias', [config.vocabulary]));
  return timesTransposed(at, hidden, table.weight('weight', [config.vocabulary, config.hiddenSize]));
}

/** ModernBertPredictionHead: below the classifier and below the word scores alike. */
function predictionHead(model: Place, config: Config, x: Value): Value {
  const at = model.at('head');
  const wide = projected(at.at('dense'), x, config.hiddenSize, config.headBias);
  return norm(at.at('norm'), config, activation(at, wide, config.headActivation));
}

const norm = (at: Place, { normBias, layerNormEpsilon }: Config, x: Value): Value =>
  normBias ? layerNorm(at, x, layerNormEpsilon) : layerNormNoBias(at, x, layerNormEpsilon);
