import type { WireTensor } from '../../src/kserve/datatypes.js';
import type { Answer, ExecuteContext } from '../../src/serve/model.js';
import { serveError } from '../../src/serve/model.js';
import { fail, ok } from '../../src/util/result.js';

/** As python/networks.py: outputs are arithmetic of the tokens, and padding does not change them. */
export interface FakeNetwork {
  /** Output -> numbers for each token, or row. */
  readonly outputs: Readonly<Record<string, number>>;
  readonly per_token: boolean;
  /** A token at which the network fails. */
  readonly refuses: number | null;
}

/** A decoder whose cache holds the tokens themselves. */
export interface FakeDecoder {
  readonly vocabulary: number;
  readonly refuses?: number;
}
/** An encoder that gives the tokens. */
export interface FakeEncoder {
  readonly hidden: 1;
}
export type Fake = FakeNetwork | FakeDecoder | FakeEncoder;

export const networkContext = (networks: Readonly<Record<string, Fake>>): ExecuteContext => ({
  async call(name, { inputs }) {
    const fake = networks[name]!;
    const tensor = (input: string): WireTensor | undefined => inputs.find(other => other.name === input);
    if ('vocabulary' in fake) return decoded(fake, tensor);
    if ('hidden' in fake) {
      const [ids, mask] = [tensor('input_ids')!, numbersOf(tensor('attention_mask')!)];
      const data = Float32Array.from(numbersOf(ids), (id, at) => id * mask[at]!);
      return ok({ outputs: [{ name: 'last_hidden_state', datatype: 'FP32', shape: [...ids.shape, 1], data }] });
    }
    const { outputs, per_token: perToken, refuses } = fake;
    const [ids, mask] = ['input_ids', 'attention_mask'].map(input => tensor(input));
    const [rows, length] = ids!.shape as [number, number];
    const tokens = numbersOf(ids!);
    const shown = numbersOf(mask!);
    if (tokens.some(token => token === refuses)) return fail(serveError('UNAVAILABLE', 'the network is out of memory'));
    const tensors = Object.entries(outputs).map(([output, width], place): WireTensor => {
      const data = new Float32Array(rows * (perToken ? length : 1) * width).fill(Number.NaN);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < width; column++) {
          let state = 0;
          for (let at = row * length; at < (row + 1) * length; at++) {
            if (shown[at] !== 1) continue;
            state = (state * 31 + tokens[at]! * 17 + (column + 100 * place) * 7919 + 13) % 1009;
            data[(perToken ? at : row) * width + column] = state / 100 - 5;
          }
        }
      }
      const shape = perToken ? (width === 1 ? [rows, length] : [rows, length, width]) : [rows, width];
      return { name: output, datatype: 'FP32', shape, data };
    });
    return ok({ outputs: tensors });
  },
});

const numbersOf = ({ data }: WireTensor): number[] => Array.from(data as ArrayLike<number | bigint>, Number);

function decoded({ vocabulary, refuses }: FakeDecoder, tensor: (name: string) => WireTensor | undefined): Answer {
  const ids = tensor('input_ids')!;
  const [rows, columns] = ids.shape as [number, number];
  const past = tensor('past_key_values.0.key')!;
  const before = past.shape[2]!;
  const total = before + columns;
  const [tokens, known] = [numbersOf(ids), numbersOf(past)];
  const refused = (message: string) => fail(serveError('UNAVAILABLE', message));
  const branch = tensor('use_cache_branch');
  if (branch && (numbersOf(branch)[0] === 1) !== before > 0) return refused('use_cache_branch is wrong');
  if (refuses !== undefined && tokens.includes(refuses)) return refused('the network is out of memory');
  const cache = new Float32Array(rows * total);
  const logits = new Float32Array(rows * columns * vocabulary).fill(Number.NaN);
  const mask = tensor('attention_mask');
  const shown = mask ? numbersOf(mask) : undefined;
  for (let row = 0; row < rows; row++) {
    cache.set(known.slice(row * before, (row + 1) * before), row * total);
    cache.set(tokens.slice(row * columns, (row + 1) * columns), row * total + before);
    let history = [...cache.subarray(row * total, (row + 1) * total)].filter(
      (_, at) => shown?.[row * total + at] !== 0,
    );
    const hidden = tensor('encoder_hidden_states');
    if (hidden) {
      const length = hidden.shape[1]!;
      const read = numbersOf(tensor('encoder_attention_mask')!).slice(row * length, (row + 1) * length);
      history = [
        ...numbersOf(hidden)
          .slice(row * length, (row + 1) * length)
          .filter((_, at) => read[at] === 1),
        ...history,
      ];
    } else if (numbersOf(tensor('position_ids')!).at((row + 1) * columns - 1) !== history.length - 1) {
      return refused('position_ids are wrong');
    }
    let state = 0;
    for (const token of history) state = (state * 31 + token * 17 + 13) % 1009;
    const last = ((row + 1) * columns - 1) * vocabulary;
    for (let token = 0; token < vocabulary; token++) logits[last + token] = ((state * 31 + token * 7919) % 1009) / 100;
  }
  const shape = [rows, 1, total, 1];
  return ok({
    outputs: [
      { name: 'logits', datatype: 'FP32', shape: [rows, columns, vocabulary], data: logits },
      { name: 'present.0.key', datatype: 'FP32', shape, data: cache },
      { name: 'present.0.value', datatype: 'FP32', shape, data: cache.map(value => value + 1) },
    ],
  });
}
