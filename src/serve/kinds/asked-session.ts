import type { WireTensor } from '../../kserve/datatypes.js';
import type { Session, TensorDeclaration, Tensors, TensorValue } from '../../runtime/session.js';
import { type Failure, taskFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import type { ExecuteContext, ServeError } from '../model.js';

/** td.json's description of a network that is asked by name. */
export interface AskedNetwork {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly type: string; readonly dims: readonly number[] }[];
  readonly outputs: readonly string[];
}

const DTYPES: Readonly<Record<string, string>> = {
  TYPE_INT64: 'int64',
  TYPE_INT32: 'int32',
  TYPE_FP32: 'float32',
  TYPE_BOOL: 'bool',
};
const DATATYPES = { int64: 'INT64', int32: 'INT32', float32: 'FP32', bool: 'BOOL' } as const;

/**
 * A model of the repository as a session that generation runs on. What the model answers instead of its outputs is told to `onError`,
 * since a failure has no status of the server.
 */
export function askedSession(
  { name, inputs, outputs }: AskedNetwork,
  context: ExecuteContext,
  signal: AbortSignal,
  onError: (error: ServeError) => void,
): Pick<Session, 'inputs' | 'outputs' | 'run'> {
  const declared = inputs.map(
    (input): TensorDeclaration => ({
      name: input.name,
      dtype: DTYPES[input.type] ?? input.type,
      shape: input.dims.map((dim, axis) => (dim < 0 ? `${axis}` : dim)),
    }),
  );
  return {
    inputs: declared,
    outputs: outputs.map(output => ({ name: output, dtype: 'float32', shape: [] })),
    async run(feeds): Promise<Result<Tensors, Failure>> {
      const answer = await context.call(name, {
        parameters: {},
        inputs: declared.map(input => wireTensor(input.name, feeds[input.name]!)),
        outputs,
        signal,
      });
      if (!answer.ok) {
        onError(answer.error);
        return fail(taskFailure('network-refused', answer.error.message));
      }
      return ok(Object.fromEntries(answer.value.outputs.map(output => [output.name, tensorValue(output)])));
    },
  };
}

const wireTensor = (name: string, { dtype, shape, data }: TensorValue): WireTensor => ({
  name,
  datatype: DATATYPES[dtype],
  shape,
  data,
});

function tensorValue({ name, shape, data }: WireTensor): TensorValue {
  if (!(data instanceof Float32Array)) throw new Error(`the output '${name}' is not FP32`);
  return { dtype: 'float32', shape, data };
}
