import type { Graph, Input, Output, Value } from '../graph/graph.js';
import { fail, ok } from '../util/result.js';
import { activation, activationName } from './activations.js';
import { defineArchitecture } from './architecture.js';
import { attention, featuresOf, firstToken, layerNorm, linear, projected } from './blocks.js';
import { hiddenStates, logits } from './heads.js';
import type { Place } from './place.js';
import {
  boolean,
  type Field,
  integer,
  labels,
  orNone,
  type Parsed,
  positive,
  readFields,
  splitEvenly,
} from './read-config.js';

/** Height and width in pixels: one number for both, or [height, width]. */
const sides = (key: string, fallback: number): Field<readonly [height: number, width: number]> => ({
  read(json) {
    const said = json[key] ?? fallback;
    const both: readonly unknown[] = Array.isArray(said) ? said : [said, said];
    if (both.length === 2 && both.every(side => Number.isSafeInteger(side) && (side as number) > 0)) {
      return ok(both as readonly [number, number]);
    }
    return fail({ key, expected: 'a number of pixels, or [height, width]', found: JSON.stringify(said) });
  },
});

/** Defaults are those of transformers' ViTConfig. */
const fields = {
  hiddenSize: integer('hidden_size', 768),
  layers: integer('num_hidden_layers', 12),
  heads: integer('num_attention_heads', 12),
  intermediateSize: integer('intermediate_size', 3072),
  activation: activationName('hidden_act', 'gelu'),
  layerNormEpsilon: positive('layer_norm_eps', 1e-12),
  imageSize: sides('image_size', 224),
  patchSize: sides('patch_size', 16),
  channels: integer('num_channels', 3),
  attentionBias: boolean('qkv_bias', true),
  poolerSize: orNone('pooler_output_size', integer('pooler_output_size')),
  poolerActivation: activationName('pooler_act', 'tanh'),
  labels,
};
type Config = Parsed<typeof fields>;

/**
 * ViT: the patches of an image as words, and a first one that stands for the whole, as in
 * https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/models/vit/modeling_vit.py
 * Images have the size of the config: position embeddings are not stretched to others.
 */
export const vit = defineArchitecture<Config>({
  modelType: 'vit',
  basePrefix: 'vit.',
  readConfig: json => splitEvenly(readFields(fields, json)),
  maxSequence: () => undefined,

  heads: {
    base: (model, config) =>
      onImages(config, pixels => {
        const hidden = encoder(model.at('vit'), config, pixels);
        const at = model.at('vit.pooler');
        return at.has('dense.weight')
          ? [...hiddenStates(hidden), { name: 'pooler_output', value: pooler(at, config, hidden) }]
          : hiddenStates(hidden);
      }),
    'image-classification': (model, config) =>
      onImages(config, pixels => {
        const hidden = encoder(model.at('vit'), config, pixels);
        return logits(linear(model.at('classifier'), firstToken(model, hidden), config.labels.length));
      }),
  },

  // A model that was trained to fill in hidden patches keeps what it put in their place.
  leftOut: [/^embeddings\.mask_token$/, /^pooler\./, /^classifier\./, /^decoder\./],
});

/** Input pixel_values [batch_size, channels, height, width], normalised as preprocessor_config.json says. */
function onImages({ channels, imageSize }: Config, outputs: (pixels: Value) => readonly Output[]): Graph {
  const pixels: Input = {
    kind: 'input',
    name: 'pixel_values',
    type: { dtype: 'float32', shape: ['batch_size', channels, ...imageSize] },
  };
  return { inputs: [pixels], outputs: outputs(pixels) };
}

/** ViTModel without its pooler: [batch, channels, height, width] -> hidden states [batch, 1 + patches, hidden]. */
function encoder(at: Place, config: Config, pixels: Value): Value {
  let hidden = embeddings(at.at('embeddings'), config, pixels);
  for (let i = 0; i < config.layers; i++) hidden = layer(at.at(`encoder.layer.${i}`), config, hidden);
  return layerNorm(at.at('layernorm'), hidden, config.layerNormEpsilon);
}

/** The patches row by row, the one for the whole before them, and where each is. Pixels that fill no patch are left out. */
function embeddings(at: Place, { hiddenSize, channels, imageSize, patchSize }: Config, pixels: Value): Value {
  const { op } = at;
  const projection = at.at('patch_embeddings.projection');
  const weight = projection.weight('weight', [hiddenSize, channels, ...patchSize]);
  const bias = projection.weight('bias', [hiddenSize]);
  const [rows, columns] = imageSize.map((side, axis) => Math.floor(side / patchSize[axis]!));
  const grid = projection.op.Conv(pixels, weight, bias, { kernel_shape: [...patchSize], strides: [...patchSize] });
  const patches = op.Transpose(op.Reshape(grid, [0, hiddenSize, rows! * columns!]), { perm: [0, 2, 1] });
  // One more row of zeros in front, and the word for the whole among what is added: no batch of it has to be made.
  const words = op.Pad(patches, [0, 1, 0, 0, 0, 0]);
  const whole = op.Pad(at.weight('cls_token', [1, 1, hiddenSize]), [0, 0, 0, 0, rows! * columns!, 0]);
  return op.Add(words, op.Add(at.weight('position_embeddings', [1, 1 + rows! * columns!, hiddenSize]), whole));
}

function layer(at: Place, config: Config, x: Value): Value {
  const { layerNormEpsilon, hiddenSize, intermediateSize } = config;
  const before = layerNorm(at.at('layernorm_before'), x, layerNormEpsilon);
  const attended = linear(
    at.at('attention.output.dense'),
    selfAttention(at.at('attention.attention'), config, before),
    hiddenSize,
  );
  const between = at.op.Add(attended, x);
  const after = layerNorm(at.at('layernorm_after'), between, layerNormEpsilon);
  const wide = activation(at, linear(at.at('intermediate.dense'), after, intermediateSize), config.activation);
  return at.op.Add(linear(at.at('output.dense'), wide, hiddenSize), between);
}

function selfAttention(at: Place, { heads, attentionBias }: Config, x: Value): Value {
  const [query, key, value] = ['query', 'key', 'value'].map(name =>
    projected(at.at(name), x, featuresOf(x), attentionBias),
  );
  return attention(at, query!, key!, value!, undefined, heads);
}

/** activated(dense(first token)): [batch, poolerSize]. */
function pooler(at: Place, { hiddenSize, poolerSize = hiddenSize, poolerActivation }: Config, hidden: Value): Value {
  return activation(at, linear(at.at('dense'), firstToken(at, hidden), poolerSize), poolerActivation);
}
