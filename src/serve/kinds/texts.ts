import { isStrings } from '../../kserve/binary.js';
import { fail, ok, type Result } from '../../util/result.js';
import { type ModelRequest, type ServeError, serveError } from '../model.js';

/** Longest UTF-8 sequence of one character. */
const BYTES_PER_CHARACTER = 4;

/**
 * The texts of one input, in row-major order. INVALID_ARG when the input is missing, when a row is longer than `maxCharacters`
 * code points or when it is not UTF-8, in the words of our model.py.
 */
export function readTexts(
  request: ModelRequest,
  name: string,
  maxCharacters: number,
): Result<readonly string[], ServeError> {
  const tensor = request.inputs.find(input => input.name === name);
  if (tensor === undefined || !isStrings(tensor.data)) return refused(`input ${name} is missing`);
  const texts: string[] = [];
  for (const [row, bytes] of tensor.data.entries()) {
    const tooLong = `${name}, row ${row}: longer than ${maxCharacters} characters`;
    // No need to decode what is certainly too long.
    if (bytes.length > BYTES_PER_CHARACTER * maxCharacters) return refused(tooLong);
    const invalid = invalidUtf8At(bytes);
    if (invalid !== undefined) return refused(`${name}, row ${row}: not UTF-8 at byte ${invalid}`);
    const text = UTF8.decode(bytes);
    if (text.length > maxCharacters && codePoints(text) > maxCharacters) return refused(tooLong);
    texts.push(text);
  }
  return ok(texts);
}

export const refused = (message: string) => fail(serveError('INVALID_ARG', message));

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Where the first sequence starts that is not UTF-8 (RFC 3629: no overlong forms, no surrogates); undefined: there is none. */
export function invalidUtf8At(bytes: Uint8Array): number | undefined {
  let start = 0;
  while (start < bytes.length) {
    const lead = bytes[start]!;
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0) return start;
    for (let offset = 1; offset < length; offset++) {
      const [low, high] = offset === 1 ? secondByte(lead) : [0x80, 0xbf];
      const byte = bytes[start + offset];
      if (byte === undefined || byte < low || byte > high) return start;
    }
    start += length;
  }
  return undefined;
}

/** The bytes that may follow a lead byte; the narrower ranges shut out overlong forms, surrogates and what is above U+10FFFF. */
function secondByte(lead: number): readonly [low: number, high: number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
