import { ok } from '../../util/result.js';
import type { Session, Tensors } from '../session.js';
import { cacheInputs, presentOf } from './cache.js';

type Network = Pick<Session, 'inputs' | 'run'>;

/**
 * A decoder of which the first call and the calls with a cache are files of their own, decoder_model and decoder_with_past_model, as the
 * one file that chooses by `use_cache_branch`. Each reads what it takes of the feeds. What a call does not give of the cache, the keys and
 * values of the encoder's tokens, stays what it was.
 */
export function joinedDecoder(first: Network, withPast: Network): Network {
  const known = new Set(withPast.inputs.map(({ name }) => name));
  return {
    inputs: [...withPast.inputs, ...first.inputs.filter(({ name }) => !known.has(name))],
    async run(feeds) {
      const isFirst = feeds.use_cache_branch!.data[0] === 0;
      const { inputs, run } = isFirst ? first : withPast;
      const outputs = await run(Object.fromEntries(inputs.map(({ name }) => [name, feeds[name]!])));
      return outputs.ok && !isFirst ? ok({ ...keptCache(withPast, feeds), ...outputs.value }) : outputs;
    },
  };
}

const keptCache = ({ inputs }: Network, feeds: Tensors): Tensors =>
  Object.fromEntries(cacheInputs(inputs).map(({ name }) => [presentOf(name), feeds[name]!]));
