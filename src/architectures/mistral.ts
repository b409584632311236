import type { Value } from '../graph/graph.js';
import { activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import type { Tokens } from './decoder-blocks.js';
import { sized, windowOfAll } from './decoder-config.js';
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

/** Defaults are those of transformers' MistralConfig. */
const fields = {
  vocabulary: integer('vocab_size', 32000),
  hiddenSize: integer('hidden_size', 4096),
  intermediateSize: integer('intermediate_size', 14336),
  layers: integer('num_hidden_layers', 32),
  heads: integer('num_attention_heads', 32),
  keyValueHeads: integer('num_key_value_heads', 8),
  headSize: orNone('head_dim', integer('head_dim')),
  activation: activationName('hidden_act', 'silu'),
  positions: integer('max_position_embeddings', 131072),
  normEpsilon: positive('rms_norm_eps', 1e-6),
  window: windowOfAll(4096),
  tiesEmbeddings: boolean('tie_word_embeddings', false),
  ...headFields,
};
type Config = Parsed<typeof fields> & DecidedSizes;

/**
 * Mistral: Llama whose layers see no further than a sliding window, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/mistral/modeling_mistral.py
 */
export const mistral = defineArchitecture<Config>({
  modelType: 'mistral',
  basePrefix: 'model.',
  readConfig: json => withRope(sized(readFields(fields, json)), json),
  maxSequence: config => config.positions,
  heads: llamaHeads(decoder),
  leftOut: LLAMA_LEFT_OUT,
});

/** MistralModel: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function decoder(at: Place, config: Config, tokens: Tokens): Value {
  return llamaDecoder(
    at,
    config,
    tokens,
    (attn, x, sight) => llamaAttention(attn, config, x, sight, { bias: false, outputBias: false }),
    (mlp, x) => gatedFeedForward(mlp, x, config.intermediateSize, config.activation),
  );
}
