import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { Session, Tensors, TensorValue } from './session.js';

/** What the inputs and outputs of a session are to be called, and what they are called in its file. */
export interface SessionNames {
  readonly inputs: readonly { readonly name: string; readonly given: string }[];
  readonly outputs: readonly { readonly name: string; readonly given: string }[];
}

/**
 * A session of a model that others made, by other names. It takes int64 where the model takes int32, and gives only the
 * outputs that are named.
 */
export function renamedSession(session: Session, names: SessionNames): Session {
  const declared = (given: string, declarations: Session['inputs']) => declarations.find(({ name }) => name === given)!;
  const feedsOf = (feeds: Tensors): Tensors =>
    Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => {
        const given = names.inputs.find(input => input.name === name)?.given ?? name;
        return [given, declared(given, session.inputs)?.dtype === 'int32' ? narrowed(value) : value];
      }),
    );
  return {
    inputs: names.inputs.map(({ name, given }) => {
      const input = declared(given, session.inputs);
      return { ...input, name, dtype: input.dtype === 'int32' ? 'int64' : input.dtype };
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
