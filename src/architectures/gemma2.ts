import type { Value } from '../graph/graph.js';
import { activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { causalMasks, rmsNormAroundOne, type Tokens } from './decoder-blocks.js';
import { sized, windowsByType } from './decoder-config.js';
import { gemmaLayer, scaledEmbeddings, softcap } from './gemma-parts.js';
import { headFields } from './gpt-heads.js';
import { type DecidedSizes, LLAMA_LEFT_OUT, llamaAttention, llamaHeads } from './llama-parts.js';
import type { Place } from './place.js';
import { boolean, integer, only, type Parsed, positive, readFields } from './read-config.js';
import { ropeRotation, withRope } from './rope.js';

const layers = integer('num_hidden_layers', 26);

/** Defaults are those of transformers' Gemma2Config. */
const fields = {
  vocabulary: integer('vocab_size', 256000),
  hiddenSize: integer('hidden_size', 2304),
  intermediateSize: integer('intermediate_size', 9216),
  layers,
  heads: integer('num_attention_heads', 8),
  keyValueHeads: integer('num_key_value_heads', 4),
  headSize: integer('head_dim', 256),
  activation: activationName('hidden_activation', 'gelu_pytorch_tanh'),
  positions: integer('max_position_embeddings', 8192),
  normEpsilon: positive('rms_norm_eps', 1e-6),
  attentionBias: boolean('attention_bias', false),
  window: windowsByType(layers, layer => layer % 2 === 0),
  /** Scores are divided by its square root, which need not be that of the head size. */
  scoreDivisor: positive('query_pre_attn_scalar', 256),
  scoreSoftcap: softcap('attn_logit_softcapping', 50),
  logitSoftcap: softcap('final_logit_softcapping', 30),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  ...headFields,
  bidirectional: only('use_bidirectional_attention', false, 'attention to the tokens after is not supported'),
};
type Config = Parsed<typeof fields> & DecidedSizes;

/**
 * Gemma 2, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/gemma2/modeling_gemma2.py
 */
export const gemma2 = defineArchitecture<Config>({
  modelType: 'gemma2',
  basePrefix: 'model.',
  readConfig: json => withRope(sized(readFields(fields, json)), json),
  maxSequence: config => config.positions,
  heads: llamaHeads(decoder),
  leftOut: LLAMA_LEFT_OUT,
});

/** Gemma2Model: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function decoder(at: Place, config: Config, tokens: Tokens): Value {
  const { attentionBias, scoreDivisor, scoreSoftcap } = config;
  const scale = 1 / Math.sqrt(scoreDivisor);
  const habits = { bias: attentionBias, outputBias: attentionBias, scale, softcap: scoreSoftcap };
  const rotation = ropeRotation(at.at('rotary_emb'), config.rope, tokens.positions);
  const maskOf = causalMasks(at, tokens, config.window, config.heads / config.keyValueHeads);
  let hidden = scaledEmbeddings(at, config, tokens.ids);
  for (let i = 0; i < config.layers; i++) {
    const sight = { rotation, mask: maskOf(i), cache: tokens.cache, layer: i };
    hidden = gemmaLayer(at.at(`layers.${i}`), config, hidden, (attn, x) =>
      llamaAttention(attn, config, x, sight, habits),
    );
  }
  return rmsNormAroundOne(at.at('norm'), hidden, config.normEpsilon);
}
