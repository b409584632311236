import type { ModelMetadata, TensorMetadata } from '../client/messages.js';
import type { InputTensor } from '../client/tensors.js';
import { ARRAYS, elementsOf, isDatatype } from '../kserve/datatypes.js';
import type { Random } from '../util/random.js';
import { fail, ok, type Result } from '../util/result.js';

export interface SyntheticShapes {
  /** Rows of each input; 1 unless the model makes batches. */
  readonly batch: number;
  /** The first dimension of every input is the batch. */
  readonly batched: boolean;
  /** Input name -> dimensions without the batch. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

const TEXTS = [
  'where is my parcel',
  'I would like to change the address of my last order, please',
  'the quick brown fox jumps over the lazy dog, and nobody knows why it did so again this morning',
];

/** Token ids below this are in every vocabulary. */
const TOKENS = 1000;

/** Inputs for a model of which nothing is known but its metadata. Fails with a sentence where a shape is open. */
export function syntheticInputs(
  { inputs }: ModelMetadata,
  { batch, batched, shapes }: SyntheticShapes,
  random: Random,
): Result<Readonly<Record<string, InputTensor>>, string> {
  const made: Record<string, InputTensor> = {};
  for (const input of inputs) {
    const own = batched ? input.shape.slice(1) : input.shape;
    const given = shapes[input.name] ?? (input.datatype === 'BYTES' ? own.map(dim => Math.max(dim, 1)) : own);
    if (given.some(dim => dim < 0)) {
      return fail(`input '${input.name}' has the shape [${own.join(', ')}]: which? --shape ${input.name}:16`);
    }
    const tensor = tensorOf(input, batched ? [batch, ...given] : given, random);
    if (!tensor.ok) return tensor;
    made[input.name] = tensor.value;
  }
  return ok(made);
}

function tensorOf(
  { name, datatype }: TensorMetadata,
  shape: readonly number[],
  random: Random,
): Result<InputTensor, string> {
  const elements = elementsOf(shape);
  if (!isDatatype(datatype)) return fail(`input '${name}' is of the unknown type ${datatype}`);
  if (datatype === 'BYTES') {
    const texts = Array.from({ length: elements }, () => TEXTS[random.below(TEXTS.length)]!);
    return ok({ datatype, shape, data: texts });
  }
  const data = new ARRAYS[datatype](elements);
  for (let index = 0; index < elements; index++) {
    // A mask of anything but ones would hide tokens; types of tokens are 0 or 1.
    const value = /mask/.test(name) ? 1 : /type/.test(name) ? 0 : datatype === 'BOOL' ? random.below(2) : undefined;
    const isReal = data instanceof Float32Array || data instanceof Float64Array;
    const isBits = datatype === 'FP16' || datatype === 'BF16';
    const drawn = value ?? (isReal ? random.next() : isBits ? 0 : random.below(Math.min(TOKENS, largest(data))));
    data[index] = (data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(drawn) : drawn) as never;
  }
  return ok({ datatype, shape, data });
}

const largest = ({ BYTES_PER_ELEMENT }: { readonly BYTES_PER_ELEMENT: number }): number =>
  BYTES_PER_ELEMENT === 1 ? 2 ** 7 : TOKENS;
