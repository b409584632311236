/** Typed views of bytes. The bytes themselves where they are aligned, else a copy: for reading only. */
export const uint32sOf = (bytes: Uint8Array): Uint32Array => {
  const aligned = alignedTo(4, bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
};

export const float32sOf = (bytes: Uint8Array): Float32Array => {
  const aligned = alignedTo(4, bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
};

export const uint16sOf = (bytes: Uint8Array): Uint16Array => {
  const aligned = alignedTo(2, bytes);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2);
};

const alignedTo = (alignment: number, bytes: Uint8Array): Uint8Array =>
  // Not slice(): that of a Buffer copies nothing.
  bytes.byteOffset % alignment === 0 ? bytes : new Uint8Array(bytes);

/** Gives `fill` a view to write to, and brings what it wrote back to bytes that are not aligned. */
export function writeWords(into: Uint8Array, fill: (words: Uint32Array) => void): void {
  const aligned = into.byteOffset % 4 === 0 ? into : new Uint8Array(into.byteLength);
  fill(new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4));
  if (aligned !== into) into.set(aligned);
}

export function writeHalves(into: Uint8Array, fill: (halves: Uint16Array) => void): void {
  const aligned = into.byteOffset % 2 === 0 ? into : new Uint8Array(into.byteLength);
  fill(new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2));
  if (aligned !== into) into.set(aligned);
}
