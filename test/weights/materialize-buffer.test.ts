import { expect, test } from 'vitest';
import { materialize } from '../../src/weights/materialize.js';

test('bytes that are a view of a file in memory get memory of their own', () => {
  const file = Buffer.from([9, 1, 2, 3, 4]);
  const tensor = { dtype: 'float32', shape: [1], data: { from: 'bytes', bytes: file.subarray(1) } } as const;
  const made = materialize(tensor);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  expect(made.value.byteOffset).toBe(0);
  file.fill(0);
  expect([...made.value]).toEqual([1, 2, 3, 4]);
});
