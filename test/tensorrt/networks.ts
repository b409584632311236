import type { NetworkInput } from '../../src/tensorrt/profiles.js';

/** Inputs of exports, as `td` writes them. */
export const ENCODER: readonly NetworkInput[] = ['input_ids', 'attention_mask'].map(name => ({
  name,
  shape: ['batch_size', 'sequence_length'],
}));

const cache = (name: string, length: string): NetworkInput[] =>
  ['key', 'value'].map(part => ({ name: `past_key_values.0.${name}${part}`, shape: ['batch_size', 4, length, 12] }));

export const DECODER: readonly NetworkInput[] = [
  { name: 'input_ids', shape: ['batch_size', 'sequence_length'] },
  { name: 'attention_mask', shape: ['batch_size', 'past_sequence_length + sequence_length'] },
  { name: 'position_ids', shape: ['batch_size', 'sequence_length'] },
  ...cache('', 'past_sequence_length'),
];

export const T5_ENCODER: readonly NetworkInput[] = ['input_ids', 'attention_mask'].map(name => ({
  name,
  shape: ['batch_size', 'encoder_sequence_length'],
}));

/** Both kinds of a decoder's calls: the first one has no cache, and the others need nothing of the encoder but what the first has made of it. */
export const T5_FIRST_CALL: readonly NetworkInput[] = [
  { name: 'input_ids', shape: ['batch_size', 'decoder_sequence_length'] },
  { name: 'encoder_attention_mask', shape: ['batch_size', 'encoder_sequence_length'] },
  { name: 'encoder_hidden_states', shape: ['batch_size', 'encoder_sequence_length', 48] },
];

export const T5_WITH_PAST: readonly NetworkInput[] = [
  ...T5_FIRST_CALL.slice(0, 2),
  ...cache('decoder.', 'past_decoder_sequence_length'),
  ...cache('encoder.', 'encoder_sequence_length_out'),
];
