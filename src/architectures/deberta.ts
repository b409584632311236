import type { Value } from '../graph/graph.js';
import { defineArchitecture } from './architecture.js';
import { feedForward, project } from './bert-layers.js';
import { linear, linearNoBias, pairMask, timesTransposed } from './blocks.js';
import { debertaEmbeddings, debertaFields, debertaHeads, debertaLeftOut, relativeSpan } from './deberta-parts.js';
import { disentangledAttention, distances } from './disentangled-attention.js';
import type { Place } from './place.js';
import { integer, only, type Parsed, readFields, splitEvenly } from './read-config.js';
import type { Texts } from './text-inputs.js';

/** Defaults are those of transformers' DebertaConfig. */
const fields = {
  ...debertaFields,
  vocabulary: integer('vocab_size', 50265),
  hiddenSize: integer('hidden_size', 768),
  embeddingSize: integer(['embedding_size', 'hidden_size'], 768),
  intermediateSize: integer('intermediate_size', 3072),
  talkingHead: only('talking_head', false, 'scores that are mixed between heads are not supported yet'),
};
type Config = Parsed<typeof fields>;

/**
 * DeBERTa, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/deberta/modeling_deberta.py
 */
export const deberta = defineArchitecture<Config>({
  modelType: 'deberta',
  basePrefix: 'deberta.',
  readConfig: json => splitEvenly(readFields(fields, json)),
  maxSequence: config => config.positions,
  heads: debertaHeads(encoder),
  leftOut: debertaLeftOut,
});

/** DebertaModel: [batch, sequence] -> hidden states [batch, sequence, hidden]. */
function encoder(model: Place, config: Config, texts: Texts): Value {
  const at = model.at('deberta');
  const mask = pairMask(at, texts.attentionMask);
  const positions = config.relativeAttention ? relativePositions(at.at('encoder'), config, texts.ids) : undefined;
  let hidden = debertaEmbeddings(at.at('embeddings'), config, texts);
  for (let i = 0; i < config.layers; i++) {
    const layer = at.at(`encoder.layer.${i}`);
    const attended = selfAttention(layer.at('attention.self'), config, hidden, positions, mask);
    hidden = feedForward(layer, config, project(layer.at('attention.output'), config, attended, hidden));
  }
  return hidden;
}

interface RelativePositions {
  /** One embedding for each distance, and the rows of it for distances that fall and that rise. */
  readonly table: Value;
  readonly falling: Value;
  readonly rising: Value;
}

/** The table's middle row is that of distance 0; what is further apart than its ends counts as they do. */
function relativePositions(at: Place, config: Config, ids: Value): RelativePositions {
  const { op } = at;
  const span = relativeSpan(config);
  const rowOf = (distance: Value): Value => op.Clip(op.Add(distance, span), 0, 2 * span - 1);
  const rising = distances(at, ids);
  return {
    table: at.weight('rel_embeddings.weight', [2 * span, config.hiddenSize]),
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
  const [query, key, value] = op.Split(
    timesTransposed(at.at('in_proj'), x, packedWeight(at, config)),
    [hiddenSize, hiddenSize, hiddenSize],
    { axis: -1 },
  );
  const biased = {
    query: op.Add(query!, at.weight('q_bias', [hiddenSize])),
    key: key!,
    value: op.Add(value!, at.weight('v_bias', [hiddenSize])),
  };
  const has = (type: 'c2p' | 'p2c') => positionAttention.includes(type);
  // The projections depend on weights alone: a session computes them when it loads the model.
  const projected = {
    keys:
      positions && has('c2p')
        ? op.Gather(linearNoBias(at.at('pos_proj'), positions.table, hiddenSize), positions.falling)
        : undefined,
    queries:
      positions && has('p2c')
        ? op.Gather(linear(at.at('pos_q_proj'), positions.table, hiddenSize), positions.rising)
        : undefined,
  };
  return disentangledAttention(at, biased, projected, { heads, terms: 1 + positionAttention.length, mask });
}

/** in_proj holds the query, key and value of each head side by side -> all queries, all keys, all values. */
function packedWeight(at: Place, { heads, hiddenSize }: Config): Value {
  const { op } = at;
  const weight = at.weight('in_proj.weight', [3 * hiddenSize, hiddenSize]);
  const perHead = op.Reshape(weight, [heads, 3, hiddenSize / heads, hiddenSize]);
  return op.Reshape(op.Transpose(perHead, { perm: [1, 0, 2, 3] }), [3 * hiddenSize, hiddenSize]);
}
