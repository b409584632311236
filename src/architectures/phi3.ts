import type { Value } from '../graph/graph.js';
import { activation, activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { linearNoBias, stackedLinears } from './blocks.js';
import type { Tokens } from './decoder-blocks.js';
import { sized, windowOfAll } from './decoder-config.js';
import { headFields } from './gpt-heads.js';
import {
  type DecidedSizes,
  LLAMA_LEFT_OUT,
  llamaDecoder,
  llamaHeads,
  rotaryAttention,
  type Sight,
} from './llama-parts.js';
import type { Place } from './place.js';
import { boolean, integer, orNone, type Parsed, positive, readFields } from './read-config.js';
import { type RopeHabits, withRope } from './rope.js';

/** Defaults are those of transformers' Phi3Config. */
const fields = {
  vocabulary: integer('vocab_size', 32064),
  hiddenSize: integer('hidden_size', 3072),
  intermediateSize: integer('intermediate_size', 8192),
  layers: integer('num_hidden_layers', 32),
  heads: integer('num_attention_heads', 32),
  keyValueHeads: orNone('num_key_value_heads', integer('num_key_value_heads')),
  headSize: orNone('head_dim', integer('head_dim')),
  activation: activationName('hidden_act', 'silu'),
  positions: integer('max_position_embeddings', 4096),
  normEpsilon: positive('rms_norm_eps', 1e-5),
  window: windowOfAll(),
  tiesEmbeddings: boolean('tie_word_embeddings', false),
  ...headFields,
};

/** Early checkpoints have other names for longrope, one of them that of another type. Phi-4-mini turns a part of each head. */
const LONGROPE: RopeHabits = { longrope: ['su', 'yarn'], turnsParts: true };

type Config = Parsed<typeof fields> & DecidedSizes;

/**
 * Phi-3, 3.5 and 4: Llama with query, key and value stored as one, and gate and up too, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/phi3/modeling_phi3.py
 */
export const phi3 = defineArchitecture<Config>({
  modelType: 'phi3',
  basePrefix: 'model.',
  readConfig: json =>
    withRope(sized(readFields(fields, json)), { original_max_position_embeddings: 4096, ...json }, LONGROPE),
  maxSequence: config => config.positions,
  heads: llamaHeads(decoder),
  leftOut: LLAMA_LEFT_OUT,
});

/** Phi3Model: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function decoder(at: Place, config: Config, tokens: Tokens): Value {
  return llamaDecoder(
    at,
    config,
    tokens,
    (attn, x, sight) => selfAttention(attn, config, x, sight),
    (mlp, x) => feedForward(mlp, config, x),
  );
}

function selfAttention(at: Place, config: Config, x: Value, sight: Sight): Value {
  const { heads, keyValueHeads, headSize } = config;
  const sizes = [heads, keyValueHeads, keyValueHeads].map(count => count * headSize);
  const [query, key, value] = stackedLinears(at.at('qkv_proj'), x, sizes, false);
  const context = rotaryAttention(at, config, [query!, key!, value!], sight);
  return linearNoBias(at.at('o_proj'), context, config.hiddenSize);
}

function feedForward(at: Place, config: Config, x: Value): Value {
  const { intermediateSize, hiddenSize } = config;
  const [gate, up] = stackedLinears(at.at('gate_up_proj'), x, [intermediateSize, intermediateSize], false);
  const gated = at.op.Mul(activation(at, gate!, config.activation), up!);
  return linearNoBias(at.at('down_proj'), gated, hiddenSize);
}
