import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointText, parseEndpoint } from '../../src/client/endpoint.js';
import { ServerSentEvents } from '../../src/client/server-sent-events.js';
import { type InputData, type InputTensor, type Nested, toNested, toWireTensor } from '../../src/client/tensors.js';

describe('inputs', () => {
  const GOOD: readonly (readonly [string, InputTensor | InputData, string, readonly number[]])[] = [
    ['a string', 'a', 'BYTES', []],
    ['strings', ['a', 'b'], 'BYTES', [2]],
    ['rows of strings', [['a'], ['b']], 'BYTES', [2, 1]],
    ['bytes', [new Uint8Array([255])], 'BYTES', [1]],
    ['booleans', [[true, false]], 'BOOL', [1, 2]],
    ['floats', new Float32Array(3), 'FP32', [3]],
    ['doubles', new Float64Array(3), 'FP64', [3]],
    ['int64', new BigInt64Array(1), 'INT64', [1]],
    ['uint64', new BigUint64Array(1), 'UINT64', [1]],
    ['uint16', new Uint16Array(1), 'UINT16', [1]],
    ['bfloat16', { datatype: 'BF16', data: new Uint16Array(1) }, 'BF16', [1]],
    ['another shape', { shape: [2, 2], data: new Int8Array(4) }, 'INT8', [2, 2]],
    ['numbers with a datatype', { datatype: 'INT32', data: [[1, 2]] }, 'INT32', [1, 2]],
    ['nothing', { datatype: 'FP32', data: [] }, 'FP32', [0]],
  ];
  for (const [what, input, datatype, shape] of GOOD) {
    test(what, () => {
      expect(toWireTensor('x', input)).toMatchObject({ ok: true, value: { name: 'x', datatype, shape } });
    });
  }

  const BAD: readonly (readonly [InputTensor | InputData, string])[] = [
    [[1, 2], 'numbers need a datatype, or a typed array'],
    [[], 'numbers need a datatype, or a typed array'],
    [[[1], [1, 2]], 'row 1 has not the shape of row 0'],
    [{ shape: [3], data: ['a'] }, '1 elements, where the shape [3] has 3'],
    [{ shape: [1.5], data: ['a'] }, 'the shape [1.5] is not of whole numbers'],
    [{ datatype: 'INT64', data: new Int32Array(1) }, 'a Int32Array does not hold INT64'],
    [{ datatype: 'FP16', data: [1] }, 'sending FP16 data via JSON is not supported, use the binary data format'],
    [{ datatype: 'INT8', data: [128] }, "element 0 of 'data' is no INT8"],
    [{ datatype: 'INT64', data: [1n, 2n ** 63n] }, 'element 1 is no INT64'],
    [{ datatype: 'UINT64', data: [-1n] }, 'element 0 is no UINT64'],
    [{ datatype: 'INT64', data: [1n, 'a'] }, 'element 1 is no INT64'],
    [['a', 1], "element 1 of 'data' is not a string"],
  ];
  for (const [input, message] of BAD) {
    test(`refused: ${message}`, () => {
      expect(toWireTensor('x', input)).toEqual({ ok: false, error: `input 'x': ${message}` });
    });
  }

  test('nested values come back as they went', () => {
    const row = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.array(row, { minLength: 2, maxLength: 2 }), { minLength: 1 }), data => {
        const tensor = toWireTensor('x', { datatype: 'INT64', data: data as Nested });
        expect(tensor.ok && toNested(tensor.value)).toEqual(data);
      }),
      { numRuns: 50 },
    );
  });
});

describe('addresses', () => {
  test.each([
    ['http://localhost:8000', undefined, 'http://localhost:8000'],
    ['localhost:8000', undefined, 'http://localhost:8000'],
    ['localhost', undefined, 'http://localhost:8000'],
    ['localhost', 'grpc', 'grpc://localhost:8001'],
    ['grpc://h', undefined, 'grpc://h:8001'],
    ['grpcs://h:443', undefined, 'grpcs://h:443'],
    ['https://h/serving/m/', undefined, 'https://h:443/serving/m'],
    ['http://h:80', undefined, 'http://h:80'],
    ['http://[::1]:9000', undefined, 'http://[::1]:9000'],
    ['http://h:8001', 'grpc', 'grpc://h:8001'],
  ] as const)('%s (%s)', (url, protocol, expected) => {
    const endpoint = parseEndpoint(url, protocol);
    expect(endpoint.ok && endpointText(endpoint.value)).toBe(expected);
  });

  test.each([
    ['ftp://h', "'ftp://' is none of http://, https://, grpc://, grpcs://"],
    ['http://', "'http://' is no address of a server"],
    ['', "'' is no address of a server"],
    ['h:99999', "'h:99999' is no address of a server"],
  ])('%s is refused', (url, message) => {
    expect(parseEndpoint(url)).toEqual({ ok: false, error: message });
  });
});

test('events are the same in whatever pieces they come', () => {
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  const stream = fc.array(fc.tuple(fc.constantFrom('data: é', 'data:b', 'event: x\ndata: c', ': note'), lineEnd), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(stream, fc.integer({ min: 1, max: 7 }), (events, size) => {
      const text = events.map(([event, end]) => `${event.replaceAll('\n', end)}${end}${end}`).join('');
      // A line end that is a carriage return alone is only known to be one by what follows.
      const bytes = Buffer.from(`${text}:`);
      const parser = new ServerSentEvents();
      const got: string[] = [];
      for (let at = 0; at < bytes.length; at += size) got.push(...parser.push(bytes.subarray(at, at + size)));
      const expected = events.flatMap(([event]) => /data: ?(.*)$/.exec(event)?.[1] ?? []);
      expect(got).toEqual(expected);
      expect(parser.rest).toBe(':');
    }),
  );
});
