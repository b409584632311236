import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBinary, encodeBinary } from '../../src/kserve/binary.js';
import { ARRAYS, type Datatype, elementsOf, type TensorData, type WireTensor } from '../../src/kserve/datatypes.js';
import {
  readInferRequest,
  readInferResponse,
  writeInferRequest,
  writeInferResponse,
} from '../../src/kserve/http-body.js';
import { dataFromJson, dataToJson } from '../../src/kserve/json-data.js';
import { jsonText } from '../../src/kserve/json-text.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const request = (json: unknown, rest = ''): [Uint8Array, number] => {
  const head = bytes(JSON.stringify(json));
  return [Buffer.concat([head, Buffer.from(rest, 'latin1')]), head.length];
};

/** Any tensor of any datatype; FP32 only finite, since JSON has no other numbers. */
const tensors: fc.Arbitrary<WireTensor> = fc
  .record({
    datatype: fc.constantFrom<Datatype>('BYTES', ...(Object.keys(ARRAYS) as Exclude<Datatype, 'BYTES'>[])),
    shape: fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
    name: fc.string({ minLength: 1 }),
  })
  .chain(({ name, datatype, shape }) =>
    fc.array(fc.nat({ max: 127 }), { minLength: 600, maxLength: 600 }).map((numbers): WireTensor => {
      const elements = elementsOf(shape);
      if (datatype === 'BYTES') {
        const data = Array.from({ length: elements }, (_, index) => bytes('é'.repeat(numbers[index]! % 5)));
        return { name, datatype, shape, data };
      }
      const data = new ARRAYS[datatype](elements);
      const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
      for (let index = 0; index < elements; index++) {
        const value = datatype === 'BOOL' ? numbers[index]! % 2 : numbers[index]!;
        data[index] = (wide ? BigInt(value) : value) as never;
      }
      return { name, datatype, shape, data };
    }),
  );

describe('a tensor', () => {
  test('is the same after bytes', () => {
    fc.assert(
      fc.property(tensors, ({ datatype, shape, data }) => {
        expect(decodeBinary(datatype, encodeBinary(data), elementsOf(shape))).toEqual({ ok: true, value: data });
      }),
    );
  });

  test('is the same after a request and a response, in JSON and in bytes', () => {
    fc.assert(
      fc.property(fc.array(tensors, { maxLength: 3 }), fc.boolean(), (inputs, binary) => {
        const sent = { id: 'a', parameters: { priority: 1 }, inputs, outputs: [] };
        const body = writeInferRequest(sent, { binary });
        if (!body.ok) throw new Error(body.error);
        expect(readInferRequest(body.value.bytes, body.value.jsonLength)).toEqual({ ok: true, value: sent });

        const response = { modelName: 'm', modelVersion: '1', parameters: {}, outputs: inputs };
        const answer = writeInferResponse(response, () => binary);
        if (!answer.ok) throw new Error(answer.error);
        expect(readInferResponse(answer.value.bytes, answer.value.jsonLength)).toEqual({ ok: true, value: response });
      }),
    );
  });

  test.each<[Datatype, Uint8Array, number, string]>([
    ['INT64', new Uint8Array(12), 1, '1 elements of INT64 are 8 bytes, not 12'],
    ['BYTES', new Uint8Array([1, 0, 0]), 1, 'the length of element 0 is cut off'],
    ['BYTES', new Uint8Array([2, 0, 0, 0, 65]), 1, 'element 0 is cut off'],
    ['BYTES', new Uint8Array([0, 0, 0, 0]), 2, '1 elements of BYTES, not 2'],
    ['BYTES', new Uint8Array(8), 1, 'more than 1 elements of BYTES'],
    ['BYTES', new Uint8Array([255, 255, 255, 255, 65]), 1, 'element 0 is cut off'],
  ])('%s in wrong bytes', (datatype, wrong, elements, error) => {
    expect(decodeBinary(datatype, wrong, elements)).toEqual({ ok: false, error });
  });
});

describe('data in JSON', () => {
  test.each<[Datatype, unknown, TensorData]>([
    ['INT64', [[1, -2], [3]], new BigInt64Array([1n, -2n, 3n])],
    ['UINT8', [0, 255], new Uint8Array([0, 255])],
    ['BOOL', [true, 0, 1], new Uint8Array([1, 0, 1])],
    ['FP32', [0.5, -1e30], new Float32Array([0.5, -1e30])],
    ['BYTES', ['é', ''], [bytes('é'), bytes('')]],
  ])('%s %j', (datatype, json, value) => {
    expect(dataFromJson(datatype, json, value.length)).toEqual({ ok: true, value });
  });

  test.each<[Datatype, unknown, number, string]>([
    ['INT8', [128], 1, "element 0 of 'data' is no INT8"],
    ['UINT64', [-1], 1, "element 0 of 'data' is no UINT64"],
    ['INT64', [2 ** 63], 1, "element 0 of 'data' is no INT64"],
    ['INT32', [1.5], 1, "element 0 of 'data' is no INT32"],
    ['FP32', [null], 1, "element 0 of 'data' is no FP32"],
    ['BOOL', [2], 1, "element 0 of 'data' is no BOOL"],
    ['BYTES', ['a', 1], 2, "element 1 of 'data' is not a string"],
    ['FP32', [1], 2, "1 elements in 'data', where the shape has 2"],
    ['FP16', [1], 1, 'sending FP16 data via JSON is not supported, use the binary data format'],
  ])('%s %j is refused', (datatype, json, elements, error) => {
    expect(dataFromJson(datatype, json, elements)).toEqual({ ok: false, error });
  });

  test('any depth of nesting is read', () => {
    let nested: unknown = 7;
    for (let depth = 0; depth < 100_000; depth++) nested = [nested];
    expect(dataFromJson('INT32', nested, 1)).toEqual({ ok: true, value: new Int32Array([7]) });
  });

  test('bytes that are no text are refused, not mangled', () => {
    expect(dataToJson('BYTES', [new Uint8Array([0xff])])).toEqual({
      ok: false,
      error: 'element 0 is not UTF-8, use the binary data format',
    });
  });

  test('64-bit integers keep all digits', () => {
    expect(jsonText({ a: [9007199254740993n], b: undefined, c: 'x"' })).toBe('{"a":[9007199254740993],"c":"x\\""}');
  });
});

describe('a request', () => {
  const input = { name: 'x', datatype: 'INT8', shape: [1], data: [1] };

  test('with bytes behind the JSON', () => {
    const [body, length] = request(
      {
        inputs: [{ name: 'TEXT', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: 6 } }],
        outputs: [{ name: 'output', parameters: { binary_data: false } }],
      },
      '\x02\x00\x00\x00hi',
    );
    expect(readInferRequest(body, length)).toEqual({
      ok: true,
      value: {
        parameters: {},
        inputs: [{ name: 'TEXT', datatype: 'BYTES', shape: [1], data: [bytes('hi')] }],
        outputs: [{ name: 'output', binary: false, classification: 0 }],
      },
    });
  });

  test('binary_data_output holds for outputs that say nothing', () => {
    const [body] = request({
      parameters: { binary_data_output: true },
      inputs: [input],
      outputs: [{ name: 'a' }, { name: 'b', parameters: { binary_data: false, classification: 2 } }],
    });
    const read = readInferRequest(body);
    expect(read.ok && read.value.outputs).toEqual([
      { name: 'a', binary: true, classification: 0 },
      { name: 'b', binary: false, classification: 2 },
    ]);
  });

  test.each<[string, unknown, string, string]>([
    ['no inputs', {}, '', "Unable to parse 'inputs': attribute not found or not an array"],
    ['an array', [], '', 'failed to parse the request JSON buffer: not an object'],
    ['an id that is a number', { id: 1, inputs: [] }, '', "'id' must be a string"],
    ['a nameless input', { inputs: [{}] }, '', "input 0 has no 'name'"],
    ['an unknown datatype', { inputs: [{ ...input, datatype: 'FP8' }] }, '', `input 'x': unknown datatype "FP8"`],
    [
      'a negative dimension',
      { inputs: [{ ...input, shape: [-1] }] },
      '',
      "input 'x': 'shape' must be an array of whole numbers",
    ],
    [
      'a shape without end',
      { inputs: [{ ...input, shape: [2 ** 40, 2 ** 40] }] },
      '',
      "input 'x': 'shape' must be an array of whole numbers",
    ],
    [
      'neither data nor bytes',
      { inputs: [{ ...input, data: undefined }] },
      '',
      "input 'x' must have either 'data' or the parameter 'binary_data_size'",
    ],
    [
      'both data and bytes',
      { inputs: [{ ...input, parameters: { binary_data_size: 1 } }] },
      'a',
      "input 'x' must have either 'data' or the parameter 'binary_data_size'",
    ],
    [
      'too few bytes',
      { inputs: [{ ...input, data: undefined, parameters: { binary_data_size: 2 } }] },
      'a',
      "input 'x': binary_data_size is 2, but 1 bytes are left",
    ],
    ['too many bytes', { inputs: [input] }, 'abc', '3 bytes behind the JSON belong to no input'],
    ['a nameless output', { inputs: [input], outputs: [{}] }, '', "an output must be an object with a 'name'"],
    [
      'a class count of -1',
      { inputs: [input], outputs: [{ name: 'y', parameters: { classification: -1 } }] },
      '',
      "output 'y': 'classification' must be a whole number",
    ],
    [
      'a nested parameter',
      { inputs: [input], parameters: { a: {} } },
      '',
      "'parameters' must be an object of strings, numbers and booleans",
    ],
  ])('%s is refused', (_, json, rest, error) => {
    expect(readInferRequest(...request(json, rest))).toEqual({ ok: false, error });
  });

  test('whatever the body holds, the answer is a value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 250 }), (body, length) => {
        expect(typeof readInferRequest(body, length).ok).toBe('boolean');
      }),
    );
  });
});
