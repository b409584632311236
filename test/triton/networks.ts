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
/** One kind of the calls of a decoder beside an encoder, as engines have it. */
export interface FakeCall {
  readonly call: 'first' | 'later';
  readonly vocabulary: number;
}
/** An encoder that gives the tokens. */
export interface FakeEncoder {
  readonly hidden: 1;
}
export type Fake = FakeNetwork | FakeDecoder | FakeCall | FakeEncoder;

export const networkContext = (networks: Readonly<Record<string, Fake>>): ExecuteContext => ({
  async call(name, { inputs }) {
    const fake = networks[name]!;
    const names = inputs.map(input => input.name);
    const tensor = (input: string): WireTensor | undefined => inputs.find(other => other.name === input);
    if ('call' in fake) return called(fake, names, tensor);
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

const refused = (message: string) => fail(serveError('UNAVAILABLE', message));

function decoded({ vocabulary, refuses }: FakeDecoder, tensor: (name: string) => WireTensor | undefined): Answer {
  const ids = tensor('input_ids')!;
  const [rows, columns] = ids.shape as [number, number];
  const past = tensor('past_key_values.0.key')!;
  const before = past.shape[2]!;
  const total = before + columns;
  const [tokens, known] = [numbersOf(ids), numbersOf(past)];
  const branch = tensor('use_cache_branch');
  if (branch && (numbersOf(branch)[0] === 1) !== before > 0) return refused('use_cache_branch is wrong');
  if (refuses !== undefined && tokens.includes(refuses)) return refused('the network is out of memory');
  const cache = new Float32Array(rows * total);
  const mask = tensor('attention_mask');
  const shown = mask ? numbersOf(mask) : undefined;
  const histories: (readonly number[])[] = [];
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
    histories.push(history);
  }
  const shape = [rows, 1, total, 1];
  return ok({
    outputs: [
      logitsOf(columns, histories, vocabulary),
      { name: 'present.0.key', datatype: 'FP32', shape, data: cache },
      { name: 'present.0.value', datatype: 'FP32', shape, data: cache.map(value => value + 1) },
    ],
  });
}

/** Of the last column, by all that was read before it. */
function logitsOf(columns: number, histories: readonly (readonly number[])[], vocabulary: number): WireTensor {
  const data = new Float32Array(histories.length * columns * vocabulary).fill(Number.NaN);
  for (const [row, history] of histories.entries()) {
    let state = 0;
    for (const token of history) state = (state * 31 + token * 17 + 13) % 1009;
    const last = ((row + 1) * columns - 1) * vocabulary;
    for (let token = 0; token < vocabulary; token++) data[last + token] = ((state * 31 + token * 7919) % 1009) / 100;
  }
  return { name: 'logits', datatype: 'FP32', shape: [histories.length, columns, vocabulary], data };
}

const READ = {
  first: ['encoder_hidden_states'],
  later: ['encoder', 'decoder'].flatMap(side => ['key', 'value'].map(part => `past_key_values.0.${side}.${part}`)),
};

/** One kind of a decoder's calls. The keys of the encoder's tokens are what the encoder gives; those of later calls are no output. */
function called(
  { call, vocabulary }: FakeCall,
  names: readonly string[],
  tensor: (name: string) => WireTensor | undefined,
): Answer {
  const wanted = ['encoder_attention_mask', 'input_ids', ...READ[call]];
  if (`${[...names].sort()}` !== `${wanted.sort()}`) return refused(`the ${call} call reads other inputs`);
  const ids = tensor('input_ids')!;
  const [rows, columns] = ids.shape as [number, number];
  const matrix = (name: string): number[][] => {
    const values = numbersOf(tensor(name)!);
    return Array.from({ length: rows }, (_, row) =>
      values.slice((row * values.length) / rows, ((row + 1) * values.length) / rows),
    );
  };
  const isFirst = call === 'first';
  const encoded = matrix(isFirst ? 'encoder_hidden_states' : 'past_key_values.0.encoder.key');
  const past = isFirst ? encoded.map(() => []) : matrix('past_key_values.0.decoder.key');
  for (const [side, keys] of isFirst
    ? []
    : ([
        ['encoder', encoded],
        ['decoder', past],
      ] as const)) {
    const expected = keys.map(row => row.map(key => key + 1));
    const isRight = `${matrix(`past_key_values.0.${side}.value`)}` === `${expected}`;
    if (keys[0]!.length === 0 || !isRight) return refused(`the ${side}'s cache is wrong`);
  }
  const tokens = matrix('input_ids');
  const cache = past.map((before, row) => [...before, ...tokens[row]!]);
  const mask = matrix('encoder_attention_mask');
  const histories = cache.map((written, row) => [...encoded[row]!.filter((_, at) => mask[row]![at] === 1), ...written]);
  const given = (side: string, keys: readonly (readonly number[])[]): WireTensor[] =>
    [0, 1].map(more => ({
      name: `present.0.${side}.${more === 0 ? 'key' : 'value'}`,
      datatype: 'FP32',
      shape: [rows, 1, keys[0]!.length, 1],
      data: Float32Array.from(keys.flat(), key => key + more),
    }));
  return ok({
    outputs: [
      logitsOf(columns, histories, vocabulary),
      ...given('decoder', cache),
      ...(isFirst ? given('encoder', encoded) : []),
    ],
  });
}
