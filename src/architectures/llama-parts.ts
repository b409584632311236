import type { Value } from '../graph/graph.js';
import { type ActivationName, activation } from './activations.js';
import type { Architecture } from './architecture.js';
import { embedding, featuresOf, linear, projected, timesTransposed } from './blocks.js';
import {
  type CausalAttention,
  cachedAttention,
  causalMasks,
  type KeyValueCache,
  onTokens,
  rmsNorm,
  softcapped,
  type Tokens,
  withoutCache,
} from './decoder-blocks.js';
import type { Windows } from './decoder-config.js';
import { lastTokenClassification } from './gpt-heads.js';
import { hiddenStates, logits } from './heads.js';
import type { Place } from './place.js';
import { type Rope, ropeRotation } from './rope.js';
import { type Rotation, rotated } from './rotary.js';
import { onTexts, type Texts } from './text-inputs.js';

/** What Llama and its many descendants share, down to the names of the weights. */

/** What the fields of config.json leave open, decided. */
export interface DecidedSizes {
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly rope: Rope;
}

export interface DecoderSizes {
  readonly vocabulary: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly normEpsilon: number;
  readonly tiesEmbeddings: boolean;
  /** Logits stay within ± this, by tanh. */
  readonly logitSoftcap?: number | undefined;
  readonly labels: readonly string[];
  readonly padding: number | undefined;
}

/** The final layers' output, normalised: [batch, sequence, hidden]. `at` is 'model'. */
type Decoder<C> = (at: Place, config: C, tokens: Tokens) => Value;

/**
 * The heads of a family by its decoder: a score for every token of the vocabulary, the hidden states, and classes of
 * texts and tokens (GenericForSequenceClassification and GenericForTokenClassification in modeling_layers.py).
 */
export function llamaHeads<C extends DecoderSizes>(decoder: Decoder<C>): Architecture<C>['heads'] {
  const whole = (model: Place, config: C, texts: Texts): Value => {
    const at = model.at('model');
    return decoder(at, config, withoutCache(at, texts));
  };
  return {
    'causal-language-model': (model, config) =>
      onTokens(config, tokens => tokenScores(model, config, decoder(model.at('model'), config, tokens))),
    base: (model, config) => onTexts(0, texts => hiddenStates(whole(model, config, texts))),
    'sequence-classification': (model, config) =>
      onTexts(0, texts => lastTokenClassification(model, config, texts, whole(model, config, texts))),
    'token-classification': (model, config) =>
      onTexts(0, texts => logits(linear(model.at('score'), whole(model, config, texts), config.labels.length))),
  };
}

/** Weights that may be there and are not read: other heads, and frequencies that are computed. Names without 'model.'. */
export const LLAMA_LEFT_OUT: readonly RegExp[] = [/^(lm_head|score)\./, /rotary_emb\.inv_freq$/];

function tokenScores(model: Place, { vocabulary, tiesEmbeddings, logitSoftcap }: DecoderSizes, hidden: Value): Value {
  const at = model.at('lm_head');
  const table = tiesEmbeddings ? model.at('model.embed_tokens') : at;
  const scores = timesTransposed(at, hidden, table.weight('weight', [vocabulary, featuresOf(hidden)]));
  return logitSoftcap === undefined ? scores : softcapped(at, scores, logitSoftcap);
}

export const tokenEmbeddings = (at: Place, { vocabulary, hiddenSize }: DecoderSizes, ids: Value): Value =>
  embedding(at.at('embed_tokens'), ids, vocabulary, hiddenSize);

/** How one layer looks back. */
export interface Sight {
  readonly rotation: Rotation;
  readonly mask: Value;
  readonly cache: KeyValueCache;
  readonly layer: number;
}

/**
 * LlamaModel: x + attention(norm(x)), then x + feedForward(norm(x)), as often as there are layers; then one more norm.
 * Layers see all tokens unless the family has windows. Gives the hidden states [batch, sequence, hidden].
 */
export function llamaDecoder(
  at: Place,
  config: DecoderSizes & AttentionSizes & { readonly rope: Rope; readonly window?: Windows },
  tokens: Tokens,
  attention: (at: Place, x: Value, sight: Sight) => Value,
  feedForward: (at: Place, x: Value) => Value,
): Value {
  const { op } = at;
  const { heads, keyValueHeads, normEpsilon, window = () => undefined } = config;
  const rotation = ropeRotation(at.at('rotary_emb'), config.rope, tokens.positions);
  const maskOf = causalMasks(at, tokens, window, heads / keyValueHeads);
  let hidden = tokenEmbeddings(at, config, tokens.ids);
  for (let i = 0; i < config.layers; i++) {
    const layer = at.at(`layers.${i}`);
    const sight = { rotation, mask: maskOf(i), cache: tokens.cache, layer: i };
    const before = rmsNorm(layer.at('input_layernorm'), hidden, normEpsilon);
    hidden = op.Add(hidden, attention(layer.at('self_attn'), before, sight));
    const between = rmsNorm(layer.at('post_attention_layernorm'), hidden, normEpsilon);
    hidden = op.Add(hidden, feedForward(layer.at('mlp'), between));
  }
  return rmsNorm(at.at('norm'), hidden, normEpsilon);
}

interface AttentionSizes {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/** What the descendants of Llama do in their own way between q_proj and o_proj. */
export interface AttentionHabits extends Pick<CausalAttention, 'scale' | 'softcap'> {
  /** Whether q_proj, k_proj and v_proj have biases. */
  readonly bias: boolean;
  readonly outputBias: boolean;
  /** q_norm and k_norm: what happens to each head before it turns. */
  readonly headNorm?: (at: Place, x: Value) => Value;
}

/** LlamaAttention: [batch, sequence, hidden] -> the same. */
export function llamaAttention(
  at: Place,
  config: AttentionSizes,
  x: Value,
  sight: Sight,
  habits: AttentionHabits,
): Value {
  const { hiddenSize, heads, keyValueHeads, headSize } = config;
  const { bias, outputBias, headNorm, ...settings } = habits;
  const normal = (name: string, projection: Value, count: number): Value =>
    headNorm === undefined ? projection : normOfHeads(at.at(name), projection, count, headNorm);
  const query = projected(at.at('q_proj'), x, heads * headSize, bias);
  const key = projected(at.at('k_proj'), x, keyValueHeads * headSize, bias);
  const value = projected(at.at('v_proj'), x, keyValueHeads * headSize, bias);
  const parts = [normal('q_norm', query, heads), normal('k_norm', key, keyValueHeads), value] as const;
  return projected(at.at('o_proj'), rotaryAttention(at, config, parts, sight, settings), hiddenSize, outputBias);
}

/** Query and key turned by their positions, then attention to the tokens so far: [batch, sequence, heads · headSize]. */
export function rotaryAttention(
  at: Place,
  { heads, keyValueHeads }: Pick<AttentionSizes, 'heads' | 'keyValueHeads'>,
  [query, key, value]: readonly [query: Value, key: Value, value: Value],
  { rotation, mask, cache, layer }: Sight,
  settings: Pick<CausalAttention, 'scale' | 'softcap'> = {},
): Value {
  const turned = [rotated(at, query, rotation, heads), rotated(at, key, rotation, keyValueHeads), value] as const;
  return cachedAttention(at, turned, mask, { cache, layer, heads, keyValueHeads, ...settings });
}

/** A norm for each head, with one weight for all: [batch, sequence, heads · headSize] -> the same. */
function normOfHeads(at: Place, x: Value, heads: number, norm: (at: Place, x: Value) => Value): Value {
  const { op } = at;
  return op.Reshape(norm(at, op.Reshape(x, [0, 0, heads, featuresOf(x) / heads])), [0, 0, featuresOf(x)]);
}

/** down(activation(gate(x)) · up(x)), `wide` features in between. */
export function gatedFeedForward(at: Place, x: Value, wide: number, name: ActivationName, hasBias = false): Value {
  const gate = activation(at, projected(at.at('gate_proj'), x, wide, hasBias), name);
  const up = projected(at.at('up_proj'), x, wide, hasBias);
  return projected(at.at('down_proj'), at.op.Mul(gate, up), featuresOf(x), hasBias);
}
