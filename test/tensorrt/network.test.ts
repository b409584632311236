import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeMessage, type Message } from '../../src/onnx/protobuf.js';
import { type Network, readNetwork } from '../../src/tensorrt/network.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { must } from './support.js';

const folders = temporaryFolders();
const [FLOAT, INT8, INT64, HALF] = [1, 3, 7, 10];

const value = (name: string, elem_type: number | undefined): Message<'ValueInfoProto'> => ({
  name,
  type: {
    tensor_type: {
      ...(elem_type ? { elem_type } : {}),
      shape: { dim: [{ dim_param: 'batch_size' }, { dim_value: 4 }] },
    },
  },
});
const node = (name: string, op_type: string, input: string[], output: string): Message<'NodeProto'> => ({
  name,
  op_type,
  input,
  output: [output],
});

function network(inner: readonly Message<'ValueInfoProto'>[], input = value('x', FLOAT)) {
  const file = join(folders(), 'model.onnx');
  const graph: Message<'GraphProto'> = {
    input: [input],
    output: [value('y', FLOAT)],
    value_info: [...inner],
    node: [
      node('norm', 'LayerNormalization', ['x'], 'normed'),
      node('quantize', 'QuantizeLinear', ['normed'], 'quantized'),
      node('dequantize', 'DequantizeLinear', ['quantized'], 'dequantized'),
      node('product', 'MatMul', ['dequantized', 'w'], 'product'),
      node('cast', 'Cast', ['product'], 'half'),
      node('add', 'Add', ['half', 'half'], 'sum'),
      node('back', 'Cast', ['sum'], 'y'),
    ],
  };
  writeFileSync(
    file,
    encodeMessage('ModelProto', { ir_version: 8, graph, opset_import: [{ domain: '', version: 17 }] }),
  );
  return readNetwork(file);
}

const typed = (halves: number) => [
  value('normed', FLOAT),
  value('quantized', INT8),
  value('dequantized', FLOAT),
  value('product', FLOAT),
  value('half', halves),
  value('sum', halves),
];

test('what must stay in float32 beside fp16 is named, and nothing that is computed on integers', () => {
  const found: Network = must(network(typed(HALF!)));
  expect([found.floats, Object.keys(found.floatNodes)]).toEqual(['fp16', ['norm', 'back']]);
  expect(found.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['batch_size', 4] }]);
});

test('in a network without fp16 nothing has to be named', () => {
  expect(must(network(typed(FLOAT!)))).toMatchObject({ floats: 'fp32', floatNodes: {} });
});

test('an input without a type', () => {
  const found = network([], value('x', undefined));
  expect(found.ok ? '' : `${found.error.code}: ${found.error.message}`).toBe(
    "onnx-untyped: 'x' has no element type or no shape",
  );
  expect(must(network([], value('x', INT64))).inputs[0]!.dtype).toBe('int64');
});
