import { fail, ok, type Result } from '../util/result.js';
import { ARRAYS, type Datatype, type NumericData, type TensorData } from './datatypes.js';

/** Before each element of BYTES stands its length, four bytes. */
const LENGTH_BYTES = 4;

/** The bytes of a tensor, row-major and little-endian, as the binary extension and `raw_input_contents` carry them. */
export function encodeBinary(data: TensorData): Uint8Array {
  if (!isStrings(data)) return littleEndian(data);
  const size = data.reduce((sum, element) => sum + LENGTH_BYTES + element.length, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const element of data) {
    view.setUint32(offset, element.length, true);
    bytes.set(element, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + element.length;
  }
  return bytes;
}

/**
 * The opposite of `encodeBinary`. Copies numbers, since a body's offsets need not be aligned; elements of BYTES are views.
 * Fails with a sentence when `bytes` do not hold exactly `elements` elements.
 */
export function decodeBinary(datatype: Datatype, bytes: Uint8Array, elements: number): Result<TensorData, string> {
  if (datatype === 'BYTES') return decodeStrings(bytes, elements);
  const array = ARRAYS[datatype];
  const size = elements * array.BYTES_PER_ELEMENT;
  if (bytes.length !== size) {
    return fail(`${elements} elements of ${datatype} are ${size} bytes, not ${bytes.length}`);
  }
  const data = new array(elements);
  new Uint8Array(data.buffer).set(bytes);
  return ok(data);
}

function decodeStrings(bytes: Uint8Array, elements: number): Result<readonly Uint8Array[], string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (strings.length === elements) return fail(`more than ${elements} elements of BYTES`);
    const start = offset + LENGTH_BYTES;
    if (start > bytes.length) return fail(`the length of element ${strings.length} is cut off`);
    const end = start + view.getUint32(offset, true);
    if (end > bytes.length) return fail(`element ${strings.length} is cut off`);
    strings.push(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
    offset = end;
  }
  return strings.length === elements ? ok(strings) : fail(`${strings.length} elements of BYTES, not ${elements}`);
}

/** Every machine that runs Node.js with ONNX Runtime is little-endian, so memory is the wire's form. */
const littleEndian = (data: NumericData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

export const isStrings = (data: TensorData): data is readonly Uint8Array[] => Array.isArray(data);
