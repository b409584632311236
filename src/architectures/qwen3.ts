import type { Value } from '../graph/graph.js';
import { activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { rmsNorm, type Tokens } from './decoder-blocks.js';
import { qwenWindows, sized } from './decoder-config.js';
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
import { boolean, integer, type Parsed, positive, readFields } from './read-config.js';
import { withRope } from './rope.js';

const layers = integer('num_hidden_layers', 32);

/** Defaults are those of transformers' Qwen3Config. */
const fields = {
  vocabulary: integer('vocab_size', 151936),
  hiddenSize: integer('hidden_size', 4096),
  intermediateSize: integer('intermediate_size', 22016),
  layers,
  heads: integer('num_attention_heads', 32),
  keyValueHeads: integer('num_key_value_heads', 32),
  headSize: integer('head_dim', 128),
  activation: activationName('hidden_act', 'silu'),
  positions: integer('max_position_embeddings', 32768),
  normEpsilon: positive('rms_norm_eps', 1e-6),
  attentionBias: boolean('attention_bias', false),
  window: qwenWindows(layers),
  tiesEmbeddings: boolean('tie_word_embeddings', false),
  ...headFields,
};
type Config = Parsed<typeof fields> & DecidedSizes;

/**
 * Qwen 3: Llama with a norm for each head of query and key, and a window in some layers, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/qwen3/modeling_qwen3.py
 */
export const qwen3 = defineArchitecture<Config>({
  modelType: 'qwen3',
  basePrefix: 'model.',
  readConfig: json => withRope(sized(readFields(fields, json)), json),
  maxSequence: config => config.positions,
  heads: llamaHeads(decoder),
  leftOut: LLAMA_LEFT_OUT,
});

/** Qwen3Model: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function decoder(at: Place, config: Config, tokens: Tokens): Value {
  const { attentionBias, normEpsilon, intermediateSize, activation } = config;
  const headNorm = (norm: Place, x: Value) => rmsNorm(norm, x, normEpsilon);
  const habits = { bias: attentionBias, outputBias: attentionBias, headNorm };
  return llamaDecoder(
    at,
    config,
    tokens,
    (attn, x, sight) => llamaAttention(attn, config, x, sight, habits),
    (mlp, x) => gatedFeedForward(mlp, x, intermediateSize, activation),
  );
}
