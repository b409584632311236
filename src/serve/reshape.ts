import type { WireTensor } from '../kserve/datatypes.js';
import type { Message, ModelConfig } from '../triton/model-config.js';
import { ok } from '../util/result.js';
import type { Instance } from './instance.js';
import type { Answer, ModelRequest } from './model.js';

type Tensor = Pick<Message<'ModelInput'>, 'name' | 'dims' | 'reshape'>;

const WILDCARD = -1;

/** An instance whose network has other shapes than clients see, as `reshape` in the configuration says; else the instance itself. */
export function reshaped(instance: Instance, config: ModelConfig): Instance {
  const isBatched = (config.max_batch_size ?? 0) > 0;
  const inputs = shapesOf(config.input, ({ dims, shape }) => ({ from: dims, to: shape }));
  const outputs = shapesOf(config.output, ({ dims, shape }) => ({ from: shape, to: dims }));
  if (inputs.size + outputs.size === 0) return instance;
  const request = (given: ModelRequest): ModelRequest => ({
    ...given,
    inputs: given.inputs.map(tensor => inShape(tensor, inputs.get(tensor.name), isBatched)),
  });
  const answer = (given: Answer): Answer =>
    given.ok
      ? ok({
          ...given.value,
          outputs: given.value.outputs.map(tensor => inShape(tensor, outputs.get(tensor.name), isBatched)),
        })
      : given;
  const { stream } = instance;
  return {
    async execute(requests, context) {
      const { answers, spent } = await instance.execute(requests.map(request), context);
      return { answers: answers.map(answer), spent };
    },
    ...(stream
      ? {
          async *stream(given, context) {
            for await (const each of stream.call(instance, request(given), context)) yield answer(each);
          },
        }
      : {}),
    close: () => instance.close(),
  };
}

interface Change {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

const shapesOf = (
  tensors: readonly Tensor[] = [],
  direction: (tensor: { readonly dims: number[]; readonly shape: number[] }) => Change,
): ReadonlyMap<string, Change> =>
  new Map(
    tensors.flatMap(({ name = '', dims = [], reshape }) =>
      reshape ? [[name, direction({ dims: dims.map(Number), shape: (reshape.shape ?? []).map(Number) })] as const] : [],
    ),
  );

/** Dimensions of variable size keep their order: the first -1 of the one is the first of the other. */
function inShape(tensor: WireTensor, change: Change | undefined, isBatched: boolean): WireTensor {
  if (change === undefined) return tensor;
  const rows = isBatched ? tensor.shape.slice(0, 1) : [];
  const given = tensor.shape.slice(rows.length);
  const sizes = change.from.flatMap((dim, axis) => (dim === WILDCARD ? [given[axis]!] : []));
  return { ...tensor, shape: [...rows, ...change.to.map(dim => (dim === WILDCARD ? sizes.shift()! : dim))] };
}
