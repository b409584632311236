import { expect, test } from 'vitest';
import { float32sOf, uint16sOf, uint32sOf } from '../../src/kernels/views.js';

/** 1, 2, 3 … as bytes from an odd place on; what files are read into is a Buffer. */
const KINDS = {
  Uint8Array: (length: number) => new Uint8Array(length),
  Buffer: (length: number) => Buffer.alloc(length),
} as const;

test.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('a view of a %s that is not aligned has its elements', kind => {
  const numbers = [1, 2, 3, 4];
  const view = <T extends ArrayBufferView>(elements: T, of: (bytes: Uint8Array) => T): void => {
    const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
    const large = KINDS[kind](bytes.length + 1);
    large.set(bytes, 1);
    expect(of(large.subarray(1))).toEqual(elements);
  };
  view(Uint32Array.from(numbers), uint32sOf);
  view(Float32Array.from(numbers), float32sOf);
  view(Uint16Array.from(numbers), uint16sOf);
});
