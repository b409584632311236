import type { Value } from '../graph/graph.js';
import { activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import type { Tokens } from './decoder-blocks.js';
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
import { boolean, integer, orNone, type Parsed, positive, readFields } from './read-config.js';
import { withRope } from './rope.js';

const layers = integer('num_hidden_layers', 32);

/** Defaults are those of transformers' Qwen2Config. */
const fields = {
  vocabulary: integer('vocab_size', 151936),
  hiddenSize: integer('hidden_size', 4096),
  intermediateSize: integer('intermediate_size', 22016),
  layers,
  heads: integer('num_attention_heads', 32),
  keyValueHeads: integer('num_key_value_heads', 32),
  headSize: orNone('head_dim', integer('head_dim')),
  activation: activationName('hidden_act', 'silu'),
  positions: integer('max_position_embeddings', 32768),
  normEpsilon: positive('rms_norm_eps', 1e-6),
  window: qwenWindows(layers),
  tiesEmbeddings: boolean('tie_word_embeddings', false),
  ...headFields,
};
type Config = Parsed<typeof fields> & DecidedSizes;

/**
 * Qwen 2 and 2.5: Llama with biases on query, key and value, and a window in some layers, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/qwen2/modeling_qwen2.py
 */
export const qwen2 = defineArchitecture<Config>({
  modelType: 'qwen2',
  basePrefix: 'model.',
  readConfig: json => withRope(sized(readFields(fields, json)), json),
  maxSequence: config => config.positions,
  heads: llamaHeads(decoder),
  leftOut: LLAMA_LEFT_OUT,
});

/** Qwen2Model: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function decoder(at: Place, config: Config, tokens: Tokens): Value {
  return llamaDecoder(
    at,
    config,
    tokens,
    (attn, x, sight) => llamaAttention(attn, config, x, sight, { bias: true, outputBias: false }),
    (mlp, x) => gatedFeedForward(mlp, x, config.intermediateSize, config.activation),
  );
}
