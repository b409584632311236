import { isStrings } from '../kserve/binary.js';
import { elementsOf, type WireTensor } from '../kserve/datatypes.js';
import { fail, ok, type Result } from '../util/result.js';
import { type ServeError, serveError } from './model.js';

/**
 * The classification extension: instead of the tensor, of each row (all of it without batches) the `count` largest elements as
 * 'value:index' or 'value:index:label', the largest first.
 */
export function classify(
  { name, datatype, shape, data }: WireTensor,
  count: number,
  labels: readonly string[] | undefined,
  isBatched: boolean,
): Result<WireTensor, ServeError> {
  if (isStrings(data) || datatype === 'FP16' || datatype === 'BF16' || datatype === 'BOOL') {
    return fail(
      serveError('INVALID_ARG', `class result not available for output due to unsupported type '${datatype}'`),
    );
  }
  const rows = isBatched ? shape[0]! : 1;
  const width = rows === 0 ? 0 : elementsOf(shape) / rows;
  const kept = Math.min(count, width);
  const classes: Uint8Array[] = [];
  for (let row = 0; row < rows; row++) {
    const values = Array.from(data.subarray(row * width, (row + 1) * width), Number);
    const best = values.map((_, index) => index).sort((a, b) => values[b]! - values[a]! || a - b);
    for (const index of best.slice(0, kept)) {
      const label = labels?.[index];
      const value = datatype.startsWith('FP') ? values[index]!.toFixed(6) : `${data[row * width + index]}`;
      classes.push(Buffer.from(`${value}:${index}${label === undefined ? '' : `:${label}`}`));
    }
  }
  return ok({ name, datatype: 'BYTES', shape: isBatched ? [rows, kept] : [kept], data: classes });
}
