import { integers } from '../graph/constants.js';
import type { Value } from '../graph/graph.js';
import { fail, type Result } from '../util/result.js';
import { activation, activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { feedForward, project } from './bert-layers.js';
import { layerNorm, linear, pairMask } from './blocks.js';
import {
  debertaEmbeddings,
  debertaFields,
  debertaHeads,
  debertaLeftOut,
  pooledScores,
  relativeSpan,
  tokenFlags,
} from './deberta-parts.js';
import { disentangledAttention, distances } from './disentangled-attention.js';
import { logBuckets } from './log-buckets.js';
import type { Place } from './place.js';
import { boolean, type ConfigProblem, integer, oneOf, type Parsed, readFields, splitEvenly } from './read-config.js';
import type { Texts } from './text-inputs.js';

/** Defaults are those of transformers' DebertaV2Config. */
const fields = {
  ...debertaFields,
  vocabulary: integer('vocab_size', 128100),
  hiddenSize: integer('hidden_size', 1536),
  embeddingSize: integer(['embedding_size', 'hidden_size'], 1536),
  layers: integer('num_hidden_layers', 24),
  heads: integer('num_attention_heads', 24),
  intermediateSize: integer('intermediate_size', 6144),
  headSize: integer('attention_head_size', 0, 0),
  sharesAttentionKey: boolean('share_att_key', false),
  /** 0 and below: each distance has an embedding of its own. */
  positionBuckets: integer('position_buckets', -1, -Number.MAX_SAFE_INTEGER),
  relativeNorm: oneOf('norm_rel_ebd', ['none', 'layer_norm'], 'none'),
  /** 0: no convolution. */
  kernelSize: integer('conv_kernel_size', 0, 0),
  convolutionGroups: integer('conv_groups', 1),
  convolutionActivation: activationName('conv_act', 'tanh'),
};
type Config = Parsed<typeof fields>;

/**
 * DeBERTa-v2 and v3, which differ in their configs alone, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/deberta_v2/modeling_deberta_v2.py
 */
export const debertaV2 = defineArchitecture<Config>({
  modelType: 'deberta-v2',
  basePrefix: 'deberta.',
  readConfig: json => consistent(splitEvenly(readFields(fields, json))),
  maxSequence: config => config.positions,
  heads: debertaHeads(encoder, {
    'multiple-choice': (model, config, hidden) => pooledScores(model, config, hidden, 1),
  }),
  // The norm of position embeddings stays in checkpoints of models that have no relative attention.
  leftOut: [...debertaLeftOut, /^encoder\.LayerNorm\./],
});

function consistent(read: Result<Config, readonly ConfigProblem[]>): Result<Config, readonly ConfigProblem[]> {
  if (!read.ok) return read;
  const { hiddenSize, heads, headSize, kernelSize, convolutionGroups, positionBuckets } = read.value;
  if (headSize !== 0 && headSize * heads !== hiddenSize) {
    const expected = `hidden_size / num_attention_heads, which is ${hiddenSize / heads}`;
    return fail([{ key: 'attention_head_size', expected, found: `${headSize}` }]);
  }
  if (kernelSize > 0 && kernelSize % 2 === 0) {
    return fail([{ key: 'conv_kernel_size', expected: 'an odd number', found: `${kernelSize}` }]);
  }
  if (hiddenSize % convolutionGroups !== 0) {
    const expected = `a divisor of hidden_size, which is ${hiddenSize}`;
    return fail([{ key: 'conv_groups', expected, found: `${convolutionGroups}` }]);
  }
  const most = 2 * relativeSpan(read.value) - 3;
  if (positionBuckets > 0 && (positionBuckets < 4 || positionBuckets > most)) {
    const expected = `4 to ${most} buckets, or -1 for none: max_relative_positions is ${relativeSpan(read.value)}`;
    return fail([{ key: 'position_buckets', expected, found: `${positionBuckets}` }]);
  }
  return read;
}

/** DebertaV2Model: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, texts: Texts): Value {
  const at = model.at('deberta');
  const mask = pairMask(at, texts.attentionMask);
  const positions = config.relativeAttention ? relativePositions(at.at('encoder'), config, texts.ids) : undefined;
  const embedded = debertaEmbeddings(at.at('embeddings'), config, texts);
  let hidden = embedded;
  for (let i = 0; i < config.layers; i++) {
    const layer = at.at(`encoder.layer.${i}`);
    const attended = selfAttention(layer.at('attention.self'), config, hidden, positions, mask);
    hidden = feedForward(layer, config, project(layer.at('attention.output'), config, attended, hidden));
    if (i === 0 && config.kernelSize > 0) hidden = convolution(at.at('encoder.conv'), config, embedded, hidden, texts);
  }
  return hidden;
}

/** ConvLayer: what neighbouring embeddings say together is added to what the first layer says of each. */
function convolution(at: Place, config: Config, embedded: Value, hidden: Value, texts: Texts): Value {
  const { op } = at;
  const { hiddenSize, kernelSize, convolutionGroups } = config;
  const flags = tokenFlags(at, texts);
  const weight = at.weight('conv.weight', [hiddenSize, hiddenSize / convolutionGroups, kernelSize]);
  const padding = (kernelSize - 1) / 2;
  const convolved = op.Conv(op.Transpose(embedded, { perm: [0, 2, 1] }), weight, at.weight('conv.bias', [hiddenSize]), {
    pads: [padding, padding],
    kernel_shape: [kernelSize],
    group: convolutionGroups,
  });
  const ofTokens = op.Mul(op.Transpose(convolved, { perm: [0, 2, 1] }), flags);
  const activated = activation(at, ofTokens, config.convolutionActivation);
  return op.Mul(layerNorm(at.at('LayerNorm'), op.Add(hidden, activated), config.layerNormEpsilon), flags);
}

interface RelativePositions {
  /** One embedding for each distance or bucket, and the rows of it for distances that fall and that rise. */
  readonly table: Value;
  readonly falling: Value;
  readonly rising: Value;
}

function relativePositions(at: Place, config: Config, ids: Value): RelativePositions {
  const { op } = at;
  const { positionBuckets, hiddenSize } = config;
  const span = positionBuckets > 0 ? positionBuckets : relativeSpan(config);
  const rowOf = (distance: Value): Value => {
    if (positionBuckets < 1) return op.Clip(op.Add(distance, span), 0, 2 * span - 1);
    const { rows, furthest } = logBuckets(positionBuckets, relativeSpan(config));
    return op.Gather(integers(rows), op.Add(op.Clip(distance, -furthest, furthest), furthest));
  };
  const embeddings = at.weight('rel_embeddings.weight', [2 * span, hiddenSize]);
  const rising = distances(at, ids);
  return {
    table:
      config.relativeNorm === 'layer_norm'
        ? layerNorm(at.at('LayerNorm'), embeddings, config.layerNormEpsilon)
        : embeddings,
    falling: rowOf(op.Neg(rising)),
    rising: rowOf(rising),
  };
}

function selfAttention(
  at: Place,
  config: Config,
  x: Value,
  positions: RelativePositions | undefined,
  mask: Value,
): Value {
  const { op } = at;
  const { heads, hiddenSize, positionAttention } = config;
  const projected = {
    query: linear(at.at('query_proj'), x, hiddenSize),
    key: linear(at.at('key_proj'), x, hiddenSize),
    value: linear(at.at('value_proj'), x, hiddenSize),
  };
  const has = (type: 'c2p' | 'p2c') => positionAttention.includes(type);
  const [ofKeys, ofQueries] = config.sharesAttentionKey
    ? ['key_proj', 'query_proj']
    : ['pos_key_proj', 'pos_query_proj'];
  // The projections depend on weights alone: a session computes them when it loads the model.
  const projectedPositions = {
    keys:
      positions && has('c2p')
        ? op.Gather(linear(at.at(ofKeys!), positions.table, hiddenSize), positions.falling)
        : undefined,
    queries:
      positions && has('p2c')
        ? op.Gather(linear(at.at(ofQueries!), positions.table, hiddenSize), positions.rising)
        : undefined,
  };
  return disentangledAttention(at, projected, projectedPositions, { heads, terms: 1 + positionAttention.length, mask });
}
