import { expect, test } from 'vitest';
import { joinedDecoder } from '../../../src/runtime/generation/joined-decoder.js';
import { runDecoder } from '../../../src/runtime/generation/text-to-text.js';
import type { Tensors, TensorValue } from '../../../src/runtime/session.js';
import { taskFailure } from '../../../src/util/failure.js';
import { fail, ok } from '../../../src/util/result.js';

const floats = (shape: readonly number[], ...values: readonly number[]): TensorValue => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});
const ids = (...tokens: readonly number[]): TensorValue => ({
  dtype: 'int64',
  shape: [1, tokens.length],
  data: BigInt64Array.from(tokens, BigInt),
});

/** Networks that tell what they were asked, and answer with numbers of their own. */
function networks() {
  const asked: string[] = [];
  const network = (name: string, inputs: readonly string[], outputs: Tensors) => ({
    inputs: inputs.map(input => ({ name: input, dtype: 'float32', shape: [1, 1, 'length', 1] })),
    async run(feeds: Tensors) {
      asked.push(
        `${name}: ${Object.entries(feeds)
          .map(([input, { data }]) => `${input} ${data}`)
          .join(', ')}`,
      );
      return ok(outputs);
    },
  });
  const first = network('first', ['input_ids', 'encoder_hidden_states'], {
    logits: floats([1, 1, 1], 1),
    'present.0.decoder.key': floats([1, 1, 1, 1], 2),
    'present.0.encoder.key': floats([1, 1, 1, 1], 3),
  });
  const later = network('later', ['input_ids', 'past_key_values.0.decoder.key', 'past_key_values.0.encoder.key'], {
    logits: floats([1, 1, 1], 4),
    'present.0.decoder.key': floats([1, 1, 2, 1], 2, 5),
  });
  return { asked, first, later };
}

test('each call goes to its network, which gets what it reads; the cache of the text is kept', async () => {
  const { asked, first, later } = networks();
  const decoder = joinedDecoder(first, later);
  expect(decoder.inputs.map(({ name }) => name)).toEqual([
    'input_ids',
    'past_key_values.0.decoder.key',
    'past_key_values.0.encoder.key',
    'encoder_hidden_states',
  ]);
  const encoded = { encoder_hidden_states: floats([1, 1, 1], 7) };
  const begun = await runDecoder({ decoder }, ids(0), { encoded });
  if (!begun.ok) throw new Error(begun.error.message);
  const continued = await runDecoder({ decoder }, ids(9), { encoded, cache: begun.value.cache });
  if (!continued.ok) throw new Error(continued.error.message);
  expect(asked).toEqual([
    'first: input_ids 0, encoder_hidden_states 7',
    'later: input_ids 9, past_key_values.0.decoder.key 2, past_key_values.0.encoder.key 3',
  ]);
  expect(continued.value.logits.data).toEqual(Float32Array.of(4));
  expect(Object.entries(continued.value.cache).map(([name, { data }]) => [name, ...data])).toEqual([
    ['past_key_values.0.decoder.key', 2, 5],
    ['past_key_values.0.encoder.key', 3],
  ]);
});

test('a failure of either is that of the decoder', async () => {
  const { first, later } = networks();
  const broken = { ...later, run: async () => fail(taskFailure('engine-shape', 'too long')) };
  const decoder = joinedDecoder(first, broken);
  const encoded = { encoder_hidden_states: floats([1, 1, 1], 7) };
  const begun = await runDecoder({ decoder }, ids(0), { encoded });
  if (!begun.ok) throw new Error(begun.error.message);
  const continued = await runDecoder({ decoder }, ids(9), { encoded, cache: begun.value.cache });
  expect(continued.ok ? '' : continued.error.code).toBe('engine-shape');
});
