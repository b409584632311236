import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph, Input } from '../../src/graph/graph.js';
import { ops } from '../../src/graph/ops.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Message } from '../../src/onnx/protobuf.js';
import { readModel, readModelBytes } from '../../src/onnx/read.js';
import { relocateExternalData } from '../../src/onnx/relocate.js';
import { encoderGraph, TINY } from '../graph/support/encoder.js';

import { bytesOf, failureOf, info, relu } from './support/protos.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'td-onnx-read-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('refused with a clear text', () => {
  const w = (tensor: Message<'TensorProto'>): Uint8Array =>
    bytesOf({ ...relu, initializer: [{ name: 'w', ...tensor }] });
  const cases: [string, Uint8Array, string, string][] = [
    ['functions', bytesOf(relu, { functions: [new Uint8Array()] }), 'onnx-unsupported', 'the model has functions'],
    [
      'training',
      bytesOf(relu, { training_info: [new Uint8Array()] }),
      'onnx-unsupported',
      'the model has training information',
    ],
    [
      'sparse initialisers',
      bytesOf({ ...relu, sparse_initializer: [new Uint8Array()] }),
      'onnx-unsupported',
      'the model has sparse initialisers',
    ],
    [
      'an old opset',
      bytesOf(relu, { opset_import: [{ version: 6 }] }),
      'onnx-unsupported',
      'the model has an opset that is not supported',
    ],
    [
      'a new opset',
      bytesOf(relu, { opset_import: [{ version: 24 }] }),
      'onnx-unsupported',
      'the model has an opset that is not supported',
    ],
    [
      'no opset',
      bytesOf(relu, { opset_import: [] }),
      'onnx-unsupported',
      'the model has an opset that is not supported',
    ],
    [
      'float8 in another form',
      w({ dims: [1], data_type: 19, raw_data: new Uint8Array(1) }),
      'onnx-unsupported',
      `the model has the tensor 'w' of the type float8e5m2`,
    ],
    [
      'strings',
      w({ dims: [1], data_type: 8, string_data: [] }),
      'onnx-unsupported',
      `the model has the tensor 'w' of strings`,
    ],
    [
      'segments',
      w({ dims: [1], data_type: 1, segment: new Uint8Array() }),
      'onnx-unsupported',
      `the model has the tensor 'w' in segments`,
    ],
    [
      'too few elements',
      w({ dims: [3], data_type: 1, float_data: [1, 2] }),
      'onnx-invalid',
      `the tensor 'w' has the wrong number of bytes`,
    ],
    [
      'too many bytes',
      w({ dims: [1], data_type: 1, raw_data: new Uint8Array(5) }),
      'onnx-invalid',
      `the tensor 'w' has the wrong number of bytes`,
    ],
    ['a negative length', w({ dims: [-1], data_type: 1 }), 'onnx-invalid', `the tensor 'w' has an impossible shape`],
    [
      'a length beyond memory',
      w({ dims: [2 ** 40, 2 ** 40], data_type: 1 }),
      'onnx-invalid',
      `the tensor 'w' has an impossible shape`,
    ],
    [
      'an undefined name',
      bytesOf({ ...relu, node: [{ op_type: 'Relu', name: 'r', input: ['x_'], output: ['y'] }] }),
      'onnx-invalid',
      `an input of Relu 'r' is 'x_', which nothing before it makes`,
    ],
    [
      'an undefined output',
      bytesOf({ ...relu, output: [info('z', 1)] }),
      'onnx-invalid',
      `an output of the graph is 'z', which nothing before it makes`,
    ],
    [
      'a name twice',
      bytesOf({ ...relu, node: [...relu.node!, ...relu.node!] }),
      'onnx-invalid',
      `two values have the name 'y'`,
    ],
    [
      'an input without a shape',
      bytesOf({ ...relu, input: [{ name: 'x', type: { tensor_type: { elem_type: 1 } } }] }),
      'onnx-invalid',
      `the input 'x' has no shape`,
    ],
    [
      'an input that is a sequence',
      bytesOf({ ...relu, input: [{ name: 'x', type: { sequence_type: new Uint8Array() } }] }),
      'onnx-unsupported',
      `the model has the input 'x', which is not a tensor`,
    ],
    [
      'attributes of attributes',
      bytesOf({ ...relu, node: [{ ...relu.node![0]!, attribute: [{ name: 'a', ref_attr_name: 'b' }] }] }),
      'onnx-unsupported',
      'the model has attributes of functions',
    ],
    [
      'other attributes',
      bytesOf({ ...relu, node: [{ ...relu.node![0]!, attribute: [{ name: 'a', type: 11 }] }] }),
      'onnx-unsupported',
      `the model has the attribute 'a' of a kind that is not supported`,
    ],
    [
      'an operator against its rules',
      bytesOf({ ...relu, node: [{ op_type: 'Concat', input: ['x'], output: ['y'] }], output: [{ name: 'y' }] }),
      'onnx-untyped',
      `the type of the tensor 'y' is not known`,
    ],
  ];
  it.each(cases)('%s', (_, bytes, code, message) => {
    expect(failureOf(bytes)).toMatchObject({ code, kind: 'usage', message });
  });

  it('a tensor of an operator that is not known and not declared', () => {
    const magic = bytesOf({
      ...relu,
      node: [
        { op_type: 'Magic', input: ['x'], output: ['m'] },
        { op_type: 'Relu', input: ['m'], output: ['y'] },
      ],
    });
    expect(failureOf(magic)).toEqual({
      code: 'onnx-untyped',
      kind: 'usage',
      message: `the type of the tensor 'm' is not known`,
      where: 'model.onnx',
      expected: 'a value_info with dtype and shape',
      found: 'the operator Magic is not known',
      fix: 'add types to the model: onnx.shape_inference, or the symbolic shape inference of ONNX Runtime',
    });
  });

  it('a file that is not there', () => {
    expect(readModel(join(folder, 'no.onnx'))).toMatchObject({
      ok: false,
      error: { code: 'model-unreadable', kind: 'usage' },
    });
  });
});

describe('bytes that are no model', () => {
  const malformed = (found: string) => ({
    code: 'onnx-malformed',
    kind: 'usage',
    message: 'the bytes are not an ONNX model',
    where: 'model.onnx',
    expected: 'an ONNX model (protobuf)',
    found,
    fix: 'the file is damaged or incomplete, or of another format: get it again',
  });

  it('are refused with the place of the fault', () => {
    expect(failureOf(new Uint8Array())).toEqual(malformed('there is no graph, at byte 0'));
    expect(failureOf(Buffer.from('{"a": 1}'))).toMatchObject({ code: 'onnx-malformed' });
    const bytes = bytesOf(relu);
    expect(failureOf(bytes.subarray(0, bytes.length - 1))).toMatchObject({ code: 'onnx-malformed' });
  });

  it('never throw: cut at every byte', () => {
    const x: Input = { kind: 'input', name: 'x', type: { dtype: 'float32', shape: ['batch_size', 4] } };
    const graph: Graph = { inputs: [x], outputs: [{ name: 'y', value: ops('a').Softmax(ops('a').Add(x, 0.5)) }] };
    const { bytes } = encodeModel(graph, { metadata: { task: 'none' } });
    const codes = new Set<string>();
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      const result = readModelBytes(cut);
      codes.add(result.ok ? 'ok' : result.error.code);
      relocateExternalData(cut, location => location);
    }
    // What is cut between two fields of the model is a model still, but for what comes after its graph.
    expect([...codes].sort()).toEqual(['ok', 'onnx-malformed', 'onnx-unsupported'].filter(code => codes.has(code)));
    expect(codes).toContain('onnx-malformed');
  });

  it('never throw: any byte changed, any bytes at all', () => {
    const { bytes } = encodeModel(encoderGraph({ ...TINY, layers: 1 }));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const damaged = bytes.slice();
        damaged[position]! ^= change;
        readModelBytes(damaged, { dataFolder: folder });
        relocateExternalData(damaged, location => location);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), noise => {
        readModelBytes(noise);
        relocateExternalData(noise, location => location);
      }),
      { numRuns: 500 },
    );
  });

  it('are refused when they nest without end', () => {
    let inner: Uint8Array = new Uint8Array();
    // GraphProto.node.attribute.g, again and again.
    for (let depth = 0; depth < 100; depth++) inner = wrapped(1, wrapped(5, wrapped(6, inner)));
    expect(failureOf(wrapped(7, inner))).toMatchObject({ code: 'onnx-malformed' });
  });

  function wrapped(field: number, content: Uint8Array): Uint8Array {
    const length: number[] = [];
    for (let rest = content.length; ; rest >>>= 7) {
      if (rest < 128) {
        length.push(rest);
        break;
      }
      length.push((rest & 127) | 128);
    }
    return Buffer.concat([Uint8Array.from([(field << 3) | 2, ...length]), content]);
  }
});
