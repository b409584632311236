import type { Value } from '../graph/graph.js';
import { ok, type Result } from '../util/result.js';
import { activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { causalMasks, rmsNormAroundOne, type Tokens } from './decoder-blocks.js';
import { sized, type Windows, windowsByType } from './decoder-config.js';
import { gemmaLayer, scaledEmbeddings, softcap } from './gemma-parts.js';
import { headFields } from './gpt-heads.js';
import { type DecidedSizes, LLAMA_LEFT_OUT, llamaAttention, llamaHeads } from './llama-parts.js';
import type { Place } from './place.js';
import {
  boolean,
  type ConfigJson,
  type ConfigProblem,
  type Field,
  integer,
  only,
  type Parsed,
  positive,
  readFields,
} from './read-config.js';
import { type Rope, type RopeSource, readRope, ropeRotation, ropeSource } from './rope.js';
import { objectOf } from './rotary.js';

const layers = integer('num_hidden_layers', 26);

/** Before transformers 5, every sixth layer sees all. */
const gemma3Windows: Field<Windows> = {
  read(json) {
    const pattern = integer(['sliding_window_pattern', '_sliding_window_pattern'], 6).read(json);
    return pattern.ok ? windowsByType(layers, layer => (layer + 1) % pattern.value !== 0).read(json) : pattern;
  },
};

/** Defaults are those of transformers' Gemma3TextConfig. */
const fields = {
  vocabulary: integer('vocab_size', 262208),
  hiddenSize: integer('hidden_size', 2304),
  intermediateSize: integer('intermediate_size', 9216),
  layers,
  heads: integer('num_attention_heads', 8),
  keyValueHeads: integer('num_key_value_heads', 4),
  headSize: integer('head_dim', 256),
  activation: activationName('hidden_activation', 'gelu_pytorch_tanh'),
  positions: integer('max_position_embeddings', 131072),
  normEpsilon: positive('rms_norm_eps', 1e-6),
  attentionBias: boolean('attention_bias', false),
  window: gemma3Windows,
  /** Scores are divided by its square root, which need not be that of the head size. */
  scoreDivisor: positive('query_pre_attn_scalar', 256),
  logitSoftcap: softcap('final_logit_softcapping'),
  tiesEmbeddings: boolean('tie_word_embeddings', true),
  ...headFields,
  bidirectional: only('use_bidirectional_attention', false, 'attention to the tokens after is not supported'),
};
type Config = Parsed<typeof fields> &
  Omit<DecidedSizes, 'rope'> & { readonly fullRope: Rope; readonly slidingRope: Rope };

/** transformers has no class for tokens. */
const { 'token-classification': _, ...heads } = llamaHeads(decoder);

/**
 * The text model of Gemma 3, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/gemma3/modeling_gemma3.py
 */
export const gemma3Text = defineArchitecture<Config>({
  modelType: 'gemma3_text',
  basePrefix: 'model.',
  readConfig: json => withRopes(sized(readFields(fields, json)), json),
  maxSequence: config => config.positions,
  heads,
  leftOut: LLAMA_LEFT_OUT,
});

/** Before transformers 5, what `rope_parameters` says of each type of layers had names of its own, and one was not scaled. */
function withRopes(
  config: Result<Omit<Config, 'fullRope' | 'slidingRope'>, readonly ConfigProblem[]>,
  json: ConfigJson,
): Result<Config, readonly ConfigProblem[]> {
  if (!config.ok) return config;
  const { full_attention: full, sliding_attention: sliding } = objectOf(json.rope_parameters);
  const fullSource = full === undefined ? ropeSource(json, 1_000_000) : typeSource('full_attention', full, 1_000_000);
  const slidingSource = typeSource('sliding_attention', sliding, json.rope_local_base_freq ?? 10_000);
  const fullRope = readRope(json, fullSource, config.value);
  const slidingRope = readRope(json, slidingSource, config.value);
  if (!fullRope.ok) return fullRope;
  if (!slidingRope.ok) return slidingRope;
  return ok({ ...config.value, fullRope: fullRope.value, slidingRope: slidingRope.value });
}

function typeSource(type: string, said: unknown, theta: unknown): RopeSource {
  const parameters = objectOf(said);
  return { parameters, key: `rope_parameters.${type}`, theta: parameters.rope_theta ?? theta };
}

/** Gemma3TextModel: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function decoder(at: Place, config: Config, tokens: Tokens): Value {
  const { attentionBias, normEpsilon, scoreDivisor } = config;
  const headNorm = (norm: Place, x: Value) => rmsNormAroundOne(norm, x, normEpsilon);
  const habits = { bias: attentionBias, outputBias: attentionBias, headNorm, scale: 1 / Math.sqrt(scoreDivisor) };
  const rotary = at.at('rotary_emb');
  const full = ropeRotation(rotary.at('full_attention'), config.fullRope, tokens.positions);
  const sliding = ropeRotation(rotary.at('sliding_attention'), config.slidingRope, tokens.positions);
  const maskOf = causalMasks(at, tokens, config.window, config.heads / config.keyValueHeads);
  let hidden = scaledEmbeddings(at, config, tokens.ids);
  for (let i = 0; i < config.layers; i++) {
    const rotation = config.window(i) === undefined ? full : sliding;
    const sight = { rotation, mask: maskOf(i), cache: tokens.cache, layer: i };
    hidden = gemmaLayer(at.at(`layers.${i}`), config, hidden, (attn, x) =>
      llamaAttention(attn, config, x, sight, habits),
    );
  }
  return rmsNormAroundOne(at.at('norm'), hidden, normEpsilon);
}
