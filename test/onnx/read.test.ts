import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elementsOf, tensorOf } from '../../src/graph/constants.js';
import { type Constant, constant, type Graph, type Input, nodesOf, type Value } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { printGraph } from '../../src/graph/print.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Message } from '../../src/onnx/protobuf.js';
import { readModel, readModelBytes } from '../../src/onnx/read.js';
import { unwrap } from '../graph/support/unwrap.js';

import { bytesOf, failureOf, info, type Proto, printed, relu } from './support/protos.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'td-onnx-read-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('models of other exporters', () => {
  it('may have constants as nodes, raw or typed, and Identity', () => {
    const text = printed({
      node: [
        { op_type: 'Constant', output: ['two'], attribute: [{ name: 'value_float', f: 2, type: 1 }] },
        {
          op_type: 'Constant',
          output: ['s'],
          attribute: [{ name: 'value', type: 4, t: { dims: [2], data_type: 7, int64_data: [0n, -1n] } }],
        },
        { op_type: 'Mul', name: '/model/Mul_3', input: ['x', 'two'], output: ['m'] },
        { op_type: 'Reshape', name: 'Reshape_7', input: ['m', 's'], output: ['y'] },
      ],
      input: [info('x', 1, 'batch_size', 2, 2)],
      output: [info('y', 1, 'batch_size', 4)],
    });
    expect(text).toBe(`input x : float32[batch_size, 2, 2]
%0 = Mul(x, 2) : float32[batch_size, 2, 2]  # /model
%1 = Reshape(%0, [0,-1]) : float32[batch_size, 4]
output y = %1
`);
  });

  it('may have operators that we do not know, if their results are declared', () => {
    const graph: Proto = {
      node: [
        {
          op_type: 'Magic',
          domain: 'org.example',
          input: ['x'],
          output: ['', 'm'],
          attribute: [{ name: 'words', strings: [Buffer.from('a')], type: 8 }],
        },
        { op_type: 'Relu', input: ['m'], output: ['y'] },
      ],
      input: [info('x', 1, 'n')],
      output: [info('y', 1, 'n', undefined)],
      value_info: [info('m', 1, 'n', undefined)],
    };
    const more = { opset_import: [{ version: 17 }, { domain: 'org.example', version: 3 }] };
    const loaded = unwrap(readModelBytes(bytesOf(graph, more)));
    const text = `input x : float32[n]
_, %0 = org.example.Magic(x, words=["a"]) : float32[n, m.1]
%1 = Relu(%0) : float32[n, m.1]
output y = %1
`;
    expect(printGraph(loaded.graph)).toBe(text);
    const again = unwrap(readModelBytes(encodeModel(loaded.graph, { opsets: loaded.opsets }).bytes));
    expect(printGraph(again.graph)).toBe(text);
    expect(again.opsets).toEqual({ '': 17, 'org.example': 3 });
  });

  it('may list initialisers as inputs, and spell the default domain out', () => {
    const text = printed(
      {
        node: [{ op_type: 'Add', domain: 'ai.onnx', input: ['x', 'w'], output: ['y'] }],
        initializer: [{ name: 'w', dims: [2], data_type: 1, float_data: [1, 2] }],
        input: [info('x', 1, 2), info('w', 1, 2)],
        output: [info('y', 1, 2)],
      },
      { opset_import: [{ domain: 'ai.onnx', version: 9 }], ir_version: 3 },
    );
    expect(text).toBe(`input x : float32[2]\n%0 = Add(x, w) : float32[2]\noutput y = %0\n`);
  });

  it('may leave lengths unnamed: each gets a name of its own', () => {
    const text = printed({ ...relu, input: [info('x', 1, undefined, -1)], output: [info('y', 1)] });
    expect(text).toBe('input x : float32[x.0, x.1]\n%0 = Relu(x) : float32[x.0, x.1]\noutput y = %0\n');
  });

  it('take from the file what cannot be inferred, and its numbers where it has them', () => {
    const graph: Proto = {
      node: [{ op_type: 'Reshape', input: ['x', 's'], output: ['y'] }],
      input: [info('x', 1, 'n', 4), info('s', 7, 3)],
      output: [info('y', 1, 'heads', undefined, 8)],
    };
    expect(printed(graph)).toContain('Reshape(x, s) : float32[heads, y.1, 8]');
  });

  const elements: [string, Message<'TensorProto'>, number[]][] = [
    ['float', { data_type: 1, float_data: [1.5, -2] }, [1.5, -2]],
    ['uint8', { data_type: 2, int32_data: [1, 255] }, [1, 255]],
    ['int8', { data_type: 3, int32_data: [1, -128] }, [1, -128]],
    ['uint16', { data_type: 4, int32_data: [1, 65535] }, [1, 65535]],
    ['int16', { data_type: 5, int32_data: [1, -32768] }, [1, -32768]],
    ['int32', { data_type: 6, int32_data: [1, -2147483648] }, [1, -2147483648]],
    ['int64', { data_type: 7, int64_data: [1n, -(2n ** 53n)] }, [1, -(2 ** 53)]],
    ['bool', { data_type: 9, int32_data: [0, 1] }, [0, 1]],
    ['float16 as bits', { data_type: 10, int32_data: [0x3c00, 0xc000] }, [1, -2]],
    ['double', { data_type: 11, double_data: [1e300, -2] }, [1e300, -2]],
    ['uint32', { data_type: 12, uint64_data: [1n, 4294967295n] }, [1, 4294967295]],
    ['uint64', { data_type: 13, uint64_data: [1n, 2n ** 63n] }, [1, 2 ** 63]],
    ['bfloat16 as bits', { data_type: 16, int32_data: [0x3f80, 0xc000] }, [1, -2]],
  ];
  it.each(elements)('may hold %s in its typed field', (_, tensor, expected) => {
    const graph: Proto = {
      initializer: [{ name: 'c', dims: [2], ...tensor }],
      output: [info('c', tensor.data_type!, 2)],
    };
    const { value } = unwrap(readModelBytes(bytesOf(graph))).graph.outputs[0]!;
    expect(Array.from(elementsOf(value as Constant)!)).toEqual(expected);
  });
});

describe('external data', () => {
  const tensor = (location: string, offset = '4', length = '8'): Proto => ({
    node: [{ op_type: 'Add', input: ['x', 'w'], output: ['y'] }],
    initializer: [
      {
        name: 'w',
        dims: [2],
        data_type: 1,
        data_location: 1,
        external_data: [
          { key: 'location', value: location },
          { key: 'offset', value: offset },
          { key: 'length', value: length },
        ],
      },
    ],
    input: [info('x', 1, 2)],
    output: [info('y', 1, 2)],
  });
  const failure = (graph: Proto) => failureOf(bytesOf(graph), folder);

  it('becomes a span of the file, also of a file that is a link', () => {
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere', 'blob'), new Uint8Array(16));
    symlinkSync(join(folder, 'elsewhere', 'blob'), join(folder, 'weights'));
    writeFileSync(join(folder, 'model.onnx'), bytesOf(tensor('weights')));
    const { graph } = unwrap(readModel(join(folder, 'model.onnx')));
    const [, w] = nodesOf(graph)[0]!.inputs as [Value, Constant];
    expect(w.tensor.data).toEqual({ from: 'file', file: join(folder, 'weights'), offset: 4, byteLength: 8 });
  });

  const outside = ['../weights', '/etc/passwd', 'sub/../../weights', '..', ''];
  it.each(outside)("may not lie at '%s'", location => {
    expect(failure(tensor(location))).toEqual({
      code: 'onnx-data-outside',
      kind: 'usage',
      message: `the data of the tensor 'w' lies outside of the model's folder`,
      where: 'model.onnx',
      expected: 'a file name or a path below the folder of the model',
      found: `'${location}'`,
      fix: 'do not use this model: a sound exporter writes no such path',
    });
  });

  it('must exist', () => {
    expect(failure(tensor('absent'))).toEqual({
      code: 'onnx-data-missing',
      kind: 'usage',
      message: 'a data file of the model does not exist',
      where: 'model.onnx',
      expected: join(folder, 'absent'),
      found: 'no such file',
      fix: 'keep the model together with its external data files',
    });
  });

  const misfits: [string, string][] = [
    ['12', '8'],
    ['-4', '8'],
    ['4', '4'],
    ['x', '8'],
    ['1.5', '8'],
  ];
  it.each(misfits)('must fit the file (offset %s, length %s)', (offset, length) => {
    expect(failure(tensor('weights', offset, length))).toEqual({
      code: 'onnx-invalid',
      kind: 'usage',
      message: `the data of the tensor 'w' does not fit`,
      where: 'model.onnx',
      expected: '8 bytes within the 16 of weights',
      found: `${length} bytes from ${offset}`,
    });
  });

  it('is refused where its folder is not known', () => {
    expect(failureOf(bytesOf(tensor('weights')))).toMatchObject({
      code: 'onnx-unsupported',
      message: 'the model has external data, and its folder is not known',
    });
  });
});

describe('random graphs', () => {
  const type = { dtype: 'float32', shape: ['batch_size', 4] } as const;
  const steps = fc.array(
    fc.tuple(fc.constantFrom('Add', 'Mul', 'Softmax', 'Split', 'Relu', 'LayerNormalization'), fc.nat(), fc.nat()),
    { minLength: 1, maxLength: 30 },
  );

  function graphFrom(choices: readonly (readonly [string, number, number])[]): Graph {
    const inputs: Input[] = ['x', 'y'].map(name => ({ kind: 'input', name, type }));
    const values: Value[] = [...inputs];
    for (const [name, a, b] of choices) {
      const op = ops(['', 'encoder', 'encoder.layer.0'][a % 3]!);
      const [left, right] = [values[a % values.length]!, values[b % values.length]!];
      if (name === 'Add') values.push(op.Add(left, right));
      else if (name === 'Mul') values.push(op.Mul(left, (b % 7) / 8));
      else if (name === 'Softmax') values.push(op.Softmax(left, { axis: (b % 2) - 1 }));
      else if (name === 'Relu') values.push(op.Relu(left));
      else if (name === 'Split')
        values.push(op.Concat([...op.Split(left, [1, 3], { axis: 1 })].reverse(), { axis: 1 }));
      else if (name === 'LayerNormalization') {
        const { outputs } = op.LayerNormalization(
          left,
          constant(tensorOf('float32', [4], [1, 2, 3, b % 5]), `scale.${b % 5}`),
        ).node;
        values.push(op.Add(outputs[0]!, op.Mul(outputs[b % 3]!, 2)));
      }
    }
    return { inputs, outputs: values.slice(-3).map((value, i) => ({ name: `z${i}`, value })) };
  }

  it('come back as they were, and are written as the same bytes', () => {
    fc.assert(
      fc.property(steps, choices => {
        const graph = graphFrom(choices);
        const { bytes } = encodeModel(graph);
        expect(Buffer.from(encodeModel(graph).bytes).equals(bytes)).toBe(true);
        const { graph: loaded } = unwrap(readModelBytes(bytes));
        const { bytes: again } = encodeModel(loaded);
        expect(printGraph(unwrap(readModelBytes(again)).graph)).toBe(printGraph(loaded));
        const isResult = graph.outputs.every(({ value }) => value.kind === 'output');
        const distinct = new Set(graph.outputs.map(({ value }) => value)).size === graph.outputs.length;
        if (isResult && distinct) {
          expect(printGraph(loaded)).toBe(printGraph(graph));
          expect(Buffer.from(again).equals(bytes)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
