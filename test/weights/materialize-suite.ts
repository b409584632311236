import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOfNumbers, numbersOf, roundedTo } from '../../src/graph/elements.js';
import {
  BYTES_PER_ELEMENT,
  type ColumnBlockWeight,
  type DType,
  elementCount,
  type QuantizedWeight,
  type Tensor,
} from '../../src/graph/tensor.js';
import { checkFinite, countNonFinite, materialize } from '../../src/weights/materialize.js';
import { type DataEntry, writeTensors } from '../../src/weights/write-data.js';

/** int4 is never moved nor converted. */
type Numeric = Exclude<DType, 'string' | 'int4'>;

/** The meaning of each expression, element by element, and nothing else. */
function evaluate(tensor: Tensor): number[] {
  const { data, shape, dtype } = tensor;
  switch (data.from) {
    case 'bytes':
      return [...numbersOf(dtype, data.bytes)];
    case 'file':
      return [...numbersOf(dtype, readFileSync(data.file).subarray(data.offset, data.offset + data.byteLength))];
    case 'reshape':
      return evaluate(data.of);
    case 'cast':
      return [...numbersOf(dtype, bytesOfNumbers(dtype, evaluate(data.of)))];
    case 'transpose': {
      const source = evaluate(data.of);
      return indexesOf(shape).map(index => {
        const from: number[] = [];
        for (const [to, axis] of data.perm.entries()) from[axis] = index[to]!;
        return source[flat(from, data.of.shape)]!;
      });
    }
    case 'concat': {
      const parts = data.of.map(part => ({ shape: part.shape, values: evaluate(part) }));
      return indexesOf(shape).map(index => {
        let position = index[data.axis]!;
        const part = parts.find(({ shape: partShape }) => {
          if (position < partShape[data.axis]!) return true;
          position -= partShape[data.axis]!;
          return false;
        })!;
        return part.values[flat(index.with(data.axis, position), part.shape)]!;
      });
    }
    case 'scaled': {
      const columns = elementCount(shape) / data.factors.length;
      return evaluate(data.of).map((number, i) => Math.fround(number * data.factors[Math.floor(i / columns)]!));
    }
    case 'quantized': {
      const { values, scales } = quantizedNumbers(data.of);
      return data.part === 'values' ? values : data.part === 'scales' ? scales : new Array(elementCount(shape)).fill(0);
    }
    case 'blocks':
      throw new Error('blocks have a test of their own: blocks.test.ts');
    case 'columnBlocks':
      return columnBlockNumbers(data.of)[data.part];
  }
}

function quantizedNumbers({ weight, axis, reduceRange }: QuantizedWeight): { values: number[]; scales: number[] } {
  const numbers = evaluate(weight);
  const limit = reduceRange ? 64 : 127;
  const channelOf = indexesOf(weight.shape).map(index => (axis === undefined ? 0 : index[axis]!));
  const largest = new Array<number>(axis === undefined ? 1 : weight.shape[axis]!).fill(0);
  for (const [i, number] of numbers.entries())
    largest[channelOf[i]!] = Math.max(largest[channelOf[i]!]!, Math.abs(number));
  const scales = largest.map(magnitude => (Math.fround(magnitude / limit) === 0 ? 1 : Math.fround(magnitude / limit)));
  const values = numbers.map((number, i) => {
    const quotient = Math.fround(number / scales[channelOf[i]!]!);
    const floor = Math.floor(quotient);
    const rest = quotient - floor;
    const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
    return Math.max(-limit, Math.min(limit, rounded)) + 0;
  });
  return { values, scales };
}

function columnBlockNumbers({ weight, blockSize }: ColumnBlockWeight): { values: number[]; scales: number[] } {
  const [rows, columns] = weight.shape as [number, number];
  const numbers = evaluate(weight);
  const scales = indexesOf([rows / blockSize, columns]).map(([block, column]) => {
    const elements = Array.from(
      { length: blockSize },
      (_, i) => numbers[(block! * blockSize + i) * columns + column!]!,
    );
    return roundedTo('float16', Math.fround(Math.max(...elements.map(Math.abs)) / 7)) || 1;
  });
  const values = numbers.map((number, i) => {
    const quotient = Math.fround(number / scales[Math.floor(i / columns / blockSize) * columns + (i % columns)]!);
    const floor = Math.floor(quotient);
    const rest = quotient - floor;
    const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
    return Math.max(-7, Math.min(7, rounded)) + 0;
  });
  return { values, scales };
}

function indexesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (indexes, size) => indexes.flatMap(index => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

const flat = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((position, i, axis) => position * shape[axis]! + i, 0);

/** Everything but the sign of zero, which quantised values do not have. */
const bytesOf = (tensor: Tensor): string => Buffer.from(bytesOfNumbers(tensor.dtype, evaluate(tensor))).toString('hex');

const hex = (result: ReturnType<typeof materialize>): string => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return Buffer.from(result.value).toString('hex');
};

const transposed = (of: Tensor, perm: readonly number[]): Tensor => ({
  dtype: of.dtype,
  shape: perm.map(axis => of.shape[axis]!),
  data: { from: 'transpose', of, perm },
});
const reshaped = (of: Tensor, shape: readonly number[]): Tensor => ({
  dtype: of.dtype,
  shape,
  data: { from: 'reshape', of },
});
const cast = (of: Tensor, dtype: Numeric): Tensor => ({ dtype, shape: of.shape, data: { from: 'cast', of } });
const scaled = (of: Tensor, factors: readonly number[]): Tensor => ({
  dtype: 'float32',
  shape: of.shape,
  data: { from: 'scaled', of, factors: Float32Array.from(factors) },
});
const concat = (of: readonly Tensor[], axis: number): Tensor => ({
  dtype: of[0]!.dtype,
  shape: of[0]!.shape.with(
    axis,
    of.reduce((sum, part) => sum + part.shape[axis]!, 0),
  ),
  data: { from: 'concat', of, axis },
});
function quantized(of: QuantizedWeight): { values: Tensor; scales: Tensor; zeroPoints: Tensor } {
  const channels = of.axis === undefined ? [] : [of.weight.shape[of.axis]!];
  return {
    values: { dtype: 'int8', shape: of.weight.shape, data: { from: 'quantized', of, part: 'values' } },
    scales: { dtype: 'float32', shape: channels, data: { from: 'quantized', of, part: 'scales' } },
    zeroPoints: { dtype: 'int8', shape: channels, data: { from: 'quantized', of, part: 'zeroPoints' } },
  };
}

/** All tests of evaluation and writing; run once for each implementation of the kernels. */
export function describeEvaluation(implementation: string): void {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'td-materialize-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let files = 0;
  /** A tensor in a file of its own, at an odd offset. */
  function inFile(dtype: Numeric, shape: readonly number[], numbers: ArrayLike<number>): Tensor {
    const file = join(folder, `weights-${files++}`);
    const bytes = bytesOfNumbers(dtype, numbers);
    writeFileSync(file, Buffer.concat([Buffer.from('odd'), bytes, Buffer.from('rest')]));
    return { dtype, shape, data: { from: 'file', file, offset: 3, byteLength: bytes.length } };
  }
  const counting = (shape: readonly number[], dtype: Numeric = 'float32'): Tensor =>
    inFile(
      dtype,
      shape,
      Array.from({ length: elementCount(shape) }, (_, i) => ((i * 37) % 251) - 125),
    );

  const number = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }),
    fc.constantFrom(0, -0, 1e-40, -1e-45, 2 ** -14, 2 ** -25, 0.5, 2.5),
  );
  const leaf = (shape: readonly number[]): fc.Arbitrary<Tensor> =>
    fc
      .tuple(
        fc.constantFrom<Numeric>('float32', 'float16', 'bfloat16'),
        fc.array(number, { minLength: elementCount(shape), maxLength: elementCount(shape) }),
        fc.boolean(),
      )
      .map(([dtype, numbers, stored]) => {
        const tensor: Tensor = { dtype, shape, data: { from: 'bytes', bytes: bytesOfNumbers(dtype, numbers) } };
        return cast(
          stored ? inFile(dtype, shape, numbersOf(dtype, bytesOfNumbers(dtype, numbers))) : tensor,
          'float32',
        );
      });
  const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
  const expression = (shape: readonly number[], depth: number): fc.Arbitrary<Tensor> => {
    if (depth === 0) return leaf(shape);
    const axes = shape.map((_, axis) => axis);
    return fc.oneof(
      fc.shuffledSubarray(axes, { minLength: axes.length }).chain(perm => {
        const sourceShape: number[] = [];
        for (const [to, axis] of perm.entries()) sourceShape[axis] = shape[to]!;
        return expression(sourceShape, depth - 1).map(of => transposed(of, perm));
      }),
      fc.constantFrom(...axes).chain(axis => {
        const size = shape[axis]!;
        const sizes = size === 1 ? [1] : [1, size - 1];
        return fc
          .tuple(...sizes.map(part => expression(shape.with(axis, part), depth - 1)))
          .map(parts => concat(parts, axis));
      }),
      expression([elementCount(shape)], depth - 1).map(of => reshaped(of, shape)),
      expression(shape, depth - 1).map(of => cast(cast(of, 'bfloat16'), 'float32')),
      fc
        .tuple(
          expression(shape, depth - 1),
          fc.array(fc.float({ noNaN: true, min: -8, max: 8 }), { minLength: shape[0]!, maxLength: shape[0]! }),
        )
        .map(([of, factors]) => scaled(of, factors)),
    );
  };
  const tensors = shapes.chain(shape => expression(shape, 3));

  describe(`materialize (${implementation})`, () => {
    it('gives what an element-by-element evaluation gives, for any expression', () => {
      fc.assert(
        fc.property(tensors, tensor => {
          expect(hex(materialize(tensor))).toBe(bytesOf(tensor));
        }),
        { numRuns: 200 },
      );
    });

    it('quantises any expression along any axis: values, scales and zero points', () => {
      fc.assert(
        fc.property(tensors, fc.nat(), fc.boolean(), (weight, n, reduceRange) => {
          const axis = n % (weight.shape.length + 1);
          const parts = quantized({ weight, reduceRange, ...(axis === weight.shape.length ? {} : { axis }) });
          for (const part of Object.values(parts)) expect(hex(materialize(part))).toBe(bytesOf(part));
        }),
        { numRuns: 200 },
      );
    });

    it('quantises a matrix to 4 bits in blocks of its columns', () => {
      const block = fc.oneof(
        fc.constant(new Array<number>(4).fill(0)),
        fc
          .float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 })
          .map(x => new Array<number>(4).fill(x)),
        fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 4, maxLength: 4 }),
        // Steps that float16 rounds, has with fewer bits, or makes 0.
        fc.array(fc.constantFrom(1e-40, -3e-7, 2 ** -21, 7 * 2 ** -25, -1e-12, 0.5), { minLength: 4, maxLength: 4 }),
      );
      const matrix = fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 9 }))
        .chain(([blocks, pairs]) =>
          fc
            .array(block, { minLength: blocks * pairs * 2, maxLength: blocks * pairs * 2 })
            .map(columns => ({ blocks, columns: pairs * 2, drawn: columns })),
        );
      fc.assert(
        fc.property(matrix, fc.boolean(), ({ blocks, columns, drawn }, isTransposed) => {
          const rows = blocks * 4;
          // drawn[block * columns + column] lies down a column.
          const numbers = Array.from({ length: rows * columns }, (_, i) => {
            const [row, column] = [Math.floor(i / columns), i % columns];
            return drawn[Math.floor(row / 4) * columns + column]![row % 4]!;
          });
          const plain: Tensor = {
            dtype: 'float32',
            shape: [rows, columns],
            data: { from: 'bytes', bytes: bytesOfNumbers('float32', numbers) },
          };
          const weight = isTransposed ? transposed(transposed(plain, [1, 0]), [1, 0]) : plain;
          const of = { weight, blockSize: 4 };
          const values: Tensor = {
            dtype: 'int4',
            shape: [rows, columns],
            data: { from: 'columnBlocks', of, part: 'values' },
          };
          const scales: Tensor = {
            dtype: 'float16',
            shape: [blocks, columns],
            data: { from: 'columnBlocks', of, part: 'scales' },
          };
          expect(hex(materialize(scales, 'w'))).toBe(bytesOf(scales));
          expect(hex(materialize(values, 'w'))).toBe(bytesOf(values));
        }),
      );
    });

    it('casts between every pair of number types', () => {
      const floats: Numeric[] = ['float64', 'float32', 'float16', 'bfloat16'];
      const integers: Numeric[] = ['int64', 'int32', 'int16', 'int8', 'uint8'];
      for (const from of [...floats, ...integers]) {
        for (const to of [...floats, ...integers]) {
          const tensor = cast(inFile(from, [2, 3], [0, 1, 2, 100, 5, 7]), to);
          expect([from, to, hex(materialize(tensor))]).toEqual([from, to, bytesOf(tensor)]);
        }
      }
    });

    it('moves elements of every width, also more than one piece of them', () => {
      for (const dtype of Object.keys(BYTES_PER_ELEMENT).filter(name => name !== 'int4') as Numeric[]) {
        const tensor = transposed(
          inFile(
            dtype,
            [3, 5],
            Array.from({ length: 15 }, (_, i) => i),
          ),
          [1, 0],
        );
        expect(hex(materialize(tensor))).toBe(bytesOf(tensor));
      }
      const rows = 1500;
      const columns = 1100;
      const source = inFile(
        'float32',
        [rows, columns],
        Float32Array.from({ length: rows * columns }, (_, i) => i),
      );
      const result = materialize(transposed(source, [1, 0]));
      expect(result.ok).toBe(true);
      const numbers = new Float32Array((result as { value: Uint8Array }).value.buffer);
      const wrong = numbers.findIndex((value, i) => value !== (i % rows) * columns + Math.floor(i / rows));
      expect(wrong).toBe(-1);
    });

    it('gives memory of its own: writing to it changes no file and no other tensor', () => {
      const source = counting([4]);
      const first = materialize(source);
      if (!first.ok) throw new Error(first.error.message);
      expect(first.value.byteOffset % 8).toBe(0);
      first.value.fill(0xff);
      expect(hex(materialize(source))).toBe(bytesOf(source));
    });

    it('evaluates tensors without elements', () => {
      expect(hex(materialize(transposed(cast(counting([0, 3]), 'float16'), [1, 0])))).toBe('');
    });

    it('refuses to quantise NaN and infinity, with their number and the name', () => {
      const weight = inFile('float32', [2, 3], [1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5, 6]);
      const parts = quantized({ weight: transposed(weight, [1, 0]), axis: 1, reduceRange: false });
      const expected = {
        ok: false,
        error: {
          code: 'weight-not-finite',
          kind: 'usage',
          message: 'a weight holds NaN or infinity',
          where: 'encoder.weight',
          expected: 'finite numbers',
          found: '2 elements of 6 are not finite',
          fix: 'the checkpoint is damaged, or its training diverged: take another one',
        },
      };
      expect(materialize(parts.values, 'encoder.weight')).toEqual(expected);
      expect(materialize(parts.scales, 'encoder.weight')).toEqual(expected);
      expect(checkFinite(weight, 'encoder.weight')).toEqual(expected);
    });

    it('refuses a cast that would make an infinity, and keeps those that are there', () => {
      expect(materialize(cast(inFile('float32', [3], [1, 65519, -65520]), 'float16'), 'w')).toEqual({
        ok: false,
        error: {
          code: 'weight-overflow',
          kind: 'task',
          message: 'a weight does not fit float16',
          where: 'w',
          expected: 'magnitudes below 65520',
          found: 'at least 1 element of 3 becomes infinite',
          fix: 'keep this weight in float32, or choose bf16',
        },
      });
      expect(materialize(cast(inFile('float64', [1], [1e39]), 'float32'), 'w')).toMatchObject({
        error: { code: 'weight-overflow', expected: 'magnitudes that float32 can hold' },
      });
      const infinite = cast(inFile('float32', [2], [Number.NEGATIVE_INFINITY, 1]), 'float16');
      expect(hex(materialize(infinite))).toBe(bytesOf(infinite));
    });

    it('multiplies each row with its factor, by itself and below a quantisation', () => {
      for (const weight of [counting([5, 3]), transposed(counting([3, 5]), [1, 0])]) {
        const factors = Float32Array.of(0.5, 2, 1, 0.3, 64);
        const scaled: Tensor = { dtype: 'float32', shape: [5, 3], data: { from: 'scaled', of: weight, factors } };
        const { values, scales } = quantized({ weight: scaled, axis: 1, reduceRange: false });
        for (const tensor of [scaled, values, scales]) expect(hex(materialize(tensor))).toBe(bytesOf(tensor));
        // The weight itself is not touched.
        expect(hex(materialize(weight))).toBe(bytesOf(weight));
      }
    });

    it('counts NaN and infinity in every float type, through any expression', () => {
      const numbers = [1, Number.NaN, Number.POSITIVE_INFINITY, 4, Number.NEGATIVE_INFINITY, 6];
      for (const dtype of ['float64', 'float32', 'float16', 'bfloat16'] as const) {
        const weight = inFile(dtype, [2, 3], numbers);
        const joined = concat([transposed(weight, [1, 0]), transposed(weight, [1, 0])], 1);
        expect(countNonFinite(reshaped(joined, [12]))).toEqual({ ok: true, value: 6 });
      }
      expect(countNonFinite(counting([5], 'int64'))).toEqual({ ok: true, value: 0 });
      expect(checkFinite(counting([5]), 'w')).toEqual({ ok: true, value: undefined });
    });

    it('names a file that is missing or too short', () => {
      const weight = counting([100]);
      const file = (weight.data as { file: string }).file;
      truncateSync(file, 200);
      expect(materialize(weight)).toEqual({
        ok: false,
        error: {
          code: 'weight-file-truncated',
          kind: 'usage',
          message: 'a weight lies beyond the end of its file',
          where: file,
          expected: 'at least 403 bytes',
          found: '200 bytes',
          fix: 'the file is damaged or incomplete: download it again',
        },
      });
      rmSync(file);
      expect(materialize(weight)).toEqual({
        ok: false,
        error: { code: 'weight-file-missing', kind: 'usage', message: 'a file of weights is missing', where: file },
      });
    });
  });

  describe(`writeTensors (${implementation})`, () => {
    it('writes each tensor at its place and zeros between, in any order given', async () => {
      const quantizedParts = quantized({ weight: transposed(counting([7, 5]), [1, 0]), axis: 1, reduceRange: true });
      const parts: Tensor[] = [
        counting([3, 3]),
        transposed(counting([9, 4]), [1, 0]),
        reshaped(counting([6]), [2, 3]),
        cast(counting([8]), 'float16'),
        quantizedParts.values,
        quantizedParts.scales,
        quantizedParts.zeroPoints,
        counting([0]),
        { dtype: 'int64', shape: [2], data: { from: 'bytes', bytes: bytesOfNumbers('int64', [1, -1]) } },
      ];
      const entries = parts.map((tensor, i): DataEntry => ({ tensor, offset: 1 + i * 256, name: `t${i}` }));
      const size = 256 * parts.length + 100;
      const path = join(folder, 'new', 'folder', 'model.onnx_data');
      const seen: [number, number][] = [];
      const written = await writeTensors(path, [...entries].reverse(), size, {
        progress: (...step) => seen.push(step),
      });
      expect(written).toEqual({ ok: true, value: undefined });
      const expected = Buffer.alloc(size);
      for (const { tensor, offset } of entries) expected.set(Buffer.from(bytesOf(tensor), 'hex'), offset);
      expect(readFileSync(path).equals(expected)).toBe(true);
      const total = parts.reduce((sum, tensor) => sum + bytesOf(tensor).length / 2, 0);
      expect(seen.at(-1)).toEqual([total, total]);
      expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b));
    });

    it('writes what materialize gives, over many pieces and threads', async () => {
      const source = inFile(
        'float32',
        [1300, 1700],
        Float32Array.from({ length: 1300 * 1700 }, (_, i) => Math.sin(i)),
      );
      const tensor = transposed(source, [1, 0]);
      const { values, scales } = quantized({ weight: concat([tensor, tensor], 1), axis: 1, reduceRange: false });
      const half = cast(tensor, 'float16');
      const entries: DataEntry[] = [];
      let size = 0;
      for (const [i, part] of [source, tensor, concat([tensor, tensor], 1), values, scales, half].entries()) {
        entries.push({ tensor: part, offset: size, name: `t${i}` });
        size += elementCount(part.shape) * BYTES_PER_ELEMENT[part.dtype as Numeric];
      }
      const path = join(folder, 'large');
      expect(await writeTensors(path, entries, size, { durable: false })).toEqual({ ok: true, value: undefined });
      const content = readFileSync(path);
      for (const { tensor: part, offset, name } of entries) {
        const expected = materialize(part);
        if (!expected.ok) throw new Error(expected.error.message);
        const same = content.subarray(offset, offset + expected.value.length).equals(expected.value);
        expect([name, same]).toEqual([name, true]);
      }
    });

    it('leaves nothing behind after a failure, and an older file as it was', async () => {
      const target = mkdtempSync(join(folder, 'target-'));
      const path = join(target, 'data');
      writeFileSync(path, 'older');
      const good: DataEntry = { tensor: counting([1000, 30]), offset: 0, name: 'good' };
      const nan = quantized({ weight: inFile('float32', [1], [Number.NaN]), reduceRange: false }).values;
      const missing: Tensor = {
        dtype: 'int8',
        shape: [1],
        data: { from: 'file', file: join(target, 'no'), offset: 0, byteLength: 1 },
      };
      const aborted = AbortSignal.abort();
      const outcomes = [
        await writeTensors(path, [good, { tensor: nan, offset: 200_000, name: 'nan' }], 300_000),
        await writeTensors(path, [good, { tensor: missing, offset: 200_000, name: 'missing' }], 300_000),
        await writeTensors(path, [good], 300_000, { signal: aborted }),
      ];
      expect(outcomes.map(outcome => !outcome.ok && outcome.error.code)).toEqual([
        'weight-not-finite',
        'weight-file-missing',
        'interrupted',
      ]);
      expect(readdirSync(target)).toEqual(['data']);
      expect(readFileSync(path, 'utf8')).toBe('older');
    });

    it('stops between two pieces when it is interrupted', async () => {
      const tensor = transposed(counting([1500, 1500]), [1, 0]);
      const controller = new AbortController();
      const path = join(folder, 'interrupted');
      const written = await writeTensors(path, [{ tensor, offset: 0, name: 't' }], 9_000_000, {
        signal: controller.signal,
        progress: () => controller.abort(),
      });
      expect(written).toEqual({
        ok: false,
        error: { code: 'interrupted', kind: 'interrupted', message: 'interrupted' },
      });
      expect(readdirSync(folder).filter(name => name.startsWith('interrupted'))).toEqual([]);
    });

    it('notices that a file changed while it was read', async () => {
      const first = counting([10]);
      const { file } = first.data as { file: string };
      const path = join(folder, 'changed');
      for (const change of [
        () => writeFileSync(file, Buffer.alloc(47, 1)),
        () => truncateSync(file, 20),
        () => {
          rmSync(file);
          writeFileSync(file, Buffer.alloc(47, 2));
        },
      ]) {
        const entries = [0, 40].map(offset => ({ tensor: cast(first, 'float64'), offset: offset * 2, name: 't' }));
        let changed = false;
        const written = await writeTensors(path, entries, 200, {
          progress: () => {
            if (!changed) change();
            changed = true;
          },
        });
        expect(written).toEqual({
          ok: false,
          error: {
            code: 'weight-file-changed',
            kind: 'task',
            message: 'a file of weights changed while it was read',
            where: file,
            fix: 'let nothing write to the checkpoint during a build, then build again',
          },
        });
        expect(readdirSync(folder).filter(name => name.startsWith('changed'))).toEqual([]);
        writeFileSync(file, Buffer.alloc(47));
      }
    });

    it('names a place that cannot be written to', async () => {
      writeFileSync(join(folder, 'a-file'), '');
      const path = join(folder, 'a-file', 'data');
      expect(await writeTensors(path, [], 10)).toMatchObject({
        ok: false,
        error: { code: 'data-file-unwritable', kind: 'environment', message: 'could not write data', where: path },
      });
    });

    it('takes overlapping or overlong entries for the bug that they are', async () => {
      const tensor = counting([10]);
      const at = (offset: number): DataEntry => ({ tensor, offset, name: `at ${offset}` });
      await expect(writeTensors(join(folder, 'x'), [at(0), at(39)], 100)).rejects.toThrow(
        'data entries overlap at byte 39: at 39',
      );
      await expect(writeTensors(join(folder, 'x'), [at(61)], 100)).rejects.toThrow(
        "end at byte 101, beyond the file's 100",
      );
    });
  });
}
