import { isStrings } from '../../kserve/binary.js';
import { ARRAYS, elementsOf, type NumericData, type TensorData, type WireTensor } from '../../kserve/datatypes.js';
import { fail, ok, type Result } from '../../util/result.js';

/** The tensors of several requests as those of one: joined along the first dimension. All others are equal. */
export function joinRows(requests: readonly (readonly WireTensor[])[]): WireTensor[] {
  return requests[0]!.map(first => {
    const parts = requests.map(request => request.find(tensor => tensor.name === first.name)!);
    const rows = parts.reduce((sum, part) => sum + part.shape[0]!, 0);
    return { ...first, shape: [rows, ...first.shape.slice(1)], data: joinData(parts.map(part => part.data)) };
  });
}

function joinData(parts: readonly TensorData[]): TensorData {
  const [first] = parts;
  if (first === undefined || isStrings(first)) return (parts as readonly (readonly Uint8Array[])[]).flat();
  const numbers = parts as readonly NumericData[];
  const length = numbers.reduce((sum, part) => sum + part.length, 0);
  const Data = first.constructor as new (length: number) => NumericData;
  const joined = new Data(length);
  let offset = 0;
  for (const part of numbers) {
    joined.set(part as never, offset);
    offset += part.length;
  }
  return joined;
}

/** The opposite: `rows[i]` of the first dimension belong to request `i`. Fails when there are more or fewer. */
export function splitRows(
  tensors: readonly WireTensor[],
  rows: readonly number[],
): Result<readonly (readonly WireTensor[])[], string> {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const wrong = tensors.find(tensor => tensor.shape[0] !== total);
  if (wrong) {
    return fail(`the output '${wrong.name}' has the shape [${wrong.shape.join(',')}], for a batch of ${total} rows`);
  }
  let start = 0;
  return ok(
    rows.map(count => {
      const end = start + count;
      const part = tensors.map(tensor => rowsOf(tensor, start, end));
      start = end;
      return part;
    }),
  );
}

function rowsOf(tensor: WireTensor, start: number, end: number): WireTensor {
  const inner = tensor.shape.slice(1);
  const width = elementsOf(inner);
  return {
    ...tensor,
    shape: [end - start, ...inner],
    data: tensor.data.slice(start * width, end * width) as TensorData,
  };
}

/** Zeros, or empty strings. */
export const zeros = (datatype: WireTensor['datatype'], elements: number): TensorData =>
  datatype === 'BYTES' ? Array.from({ length: elements }, () => new Uint8Array()) : new ARRAYS[datatype](elements);
