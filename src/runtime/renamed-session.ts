import type { Dim } from '../graph/tensor.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { Session, Tensors, TensorValue } from './session.js';

/** What the inputs and outputs of a session are to be called, and what they are called in its file. */
export interface SessionNames {
  readonly inputs: readonly { readonly name: string; readonly given: string; readonly shape?: readonly Dim[] }[];
  readonly outputs: readonly { readonly name: string; readonly given: string }[];
}

/** Of a decoder whose first call and others are branches of one graph: which of them a call is. */
const CHOICE = 'use_cache_branch';

/**
 * A session of a model that others made, by other names. It takes int64 where the model takes int32, and gives only the
 * outputs that are named. Where the names leave out `use_cache_branch`, it is what the length of the cache says.
 */
export function renamedSession(session: Session, names: SessionNames): Session {
  const declared = (given: string, declarations: Session['inputs']) => declarations.find(({ name }) => name === given)!;
  const isChosenHere =
    session.inputs.some(({ name }) => name === CHOICE) && names.inputs.every(({ given }) => given !== CHOICE);
  const feedsOf = (feeds: Tensors): Tensors => ({
    ...(isChosenHere ? { [CHOICE]: choiceFor(feeds) } : {}),
    ...Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => {
        const given = names.inputs.find(input => input.name === name)?.given ?? name;
        return [given, declared(given, session.inputs)?.dtype === 'int32' ? narrowed(value) : value];
      }),
    ),
  });
  return {
    inputs: names.inputs.map(({ name, given, shape }) => {
      const input = declared(given, session.inputs);
      return { name, dtype: input.dtype === 'int32' ? 'int64' : input.dtype, shape: shape ?? input.shape };
    }),
    outputs: names.outputs.map(({ name, given }) => ({ ...declared(given, session.outputs), name })),
    async run(feeds): Promise<Result<Tensors, Failure>> {
      const outputs = await session.run(feedsOf(feeds));
      if (!outputs.ok) return outputs;
      return ok(Object.fromEntries(names.outputs.map(({ name, given }) => [name, outputs.value[given]!])));
    },
    runTimed: (feeds, now) => session.runTimed(feedsOf(feeds), now),
    release: () => session.release(),
  };
}

const narrowed = (value: TensorValue): TensorValue =>
  value.dtype === 'int64' ? { dtype: 'int32', shape: value.shape, data: Int32Array.from(value.data, Number) } : value;

/** Whether anything was read before. */
function choiceFor(feeds: Tensors): TensorValue {
  const past = Object.entries(feeds).find(([name]) => name.startsWith('past_key_values.'))?.[1];
  return { dtype: 'bool', shape: [1], data: Uint8Array.of(past?.shape[2] === 0 ? 0 : 1) };
}
