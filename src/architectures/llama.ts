import type { Value } from '../graph/graph.js';
import { activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import type { Tokens } from './decoder-blocks.js';
import { sized } from './decoder-config.js';
import { headFields } from './gpt-heads.js';
import {
  type DecidedSizes,
  gatedFeedForward,
  LLAMA_LEFT_OUT,
  llamaAttention,
  llamaDecoder,
  llamaHeads,
} from './llama-parts.js';
import type { Place } from './place.js';
import { boolean, integer, orNone, type Parsed, positive, readFields } from './read-config.js';
import { withRope } from './rope.js';

/** Defaults are those of transformers' LlamaConfig. */
const fields = {
  vocabulary: integer('vocab_size', 32000),
  hiddenSize: integer('hidden_size', 4096),
  intermediateSize: integer('intermediate_size', 11008),
  layers: integer('num_hidden_layers', 32),
  heads: integer('num_attention_heads', 32),
  keyValueHeads: orNone('num_key_value_heads', integer('num_key_value_heads')),
  headSize: orNone('head_dim', integer('head_dim')),
  activation: activationName('hidden_act', 'silu'),
  positions: integer('max_position_embeddings', 2048),
  normEpsilon: positive('rms_norm_eps', 1e-6),
  attentionBias: boolean('attention_bias', false),
  feedForwardBias: boolean('mlp_bias', false),
  tiesEmbeddings: boolean('tie_word_embeddings', false),
  ...headFields,
};
type Config = Parsed<typeof fields> & DecidedSizes;

/**
 * Llama 1 to 3, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/llama/modeling_llama.py
 */
export const llama = defineArchitecture<Config>({
  modelType: 'llama',
  basePrefix: 'model.',
  readConfig: json => withRope(sized(readFields(fields, json)), json),
  maxSequence: config => config.positions,
  heads: llamaHeads(decoder),
  leftOut: LLAMA_LEFT_OUT,
});

/** LlamaModel: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function decoder(at: Place, config: Config, tokens: Tokens): Value {
  const { attentionBias, intermediateSize, activation, feedForwardBias } = config;
  return llamaDecoder(
    at,
    config,
    tokens,
    (attn, x, sight) => llamaAttention(attn, config, x, sight, { bias: attentionBias, outputBias: attentionBias }),
    (mlp, x) => gatedFeedForward(mlp, x, intermediateSize, activation, feedForwardBias),
  );
}
