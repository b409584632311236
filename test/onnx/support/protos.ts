import { printGraph } from '../../../src/graph/print.js';
import { encodeMessage, type Message } from '../../../src/onnx/protobuf.js';
import { readModelBytes } from '../../../src/onnx/read.js';
import { unwrap } from '../../graph/support/unwrap.js';

/** Models as others write them, message by message. */
export type Proto = Message<'GraphProto'>;
type Info = Message<'ValueInfoProto'>;

export const info = (name: string, elem_type: number, ...dims: (number | string | undefined)[]): Info => ({
  name,
  type: {
    tensor_type: {
      elem_type,
      shape: {
        dim: dims.map(d => (d === undefined ? {} : typeof d === 'number' ? { dim_value: d } : { dim_param: d })),
      },
    },
  },
});

export const bytesOf = (graph: Proto, more: Partial<Message<'ModelProto'>> = {}): Uint8Array =>
  encodeMessage('ModelProto', { ir_version: 8, opset_import: [{ version: 17 }], graph, ...more });

export const relu: Proto = {
  node: [{ op_type: 'Relu', input: ['x'], output: ['y'] }],
  input: [info('x', 1, 'batch_size', 4)],
  output: [info('y', 1, 'batch_size', 4)],
};

export const failureOf = (bytes: Uint8Array, dataFolder?: string) => {
  const result = readModelBytes(bytes, { where: 'model.onnx', ...(dataFolder ? { dataFolder } : {}) });
  return result.ok ? 'no failure' : result.error;
};

export const printed = (graph: Proto, more: Partial<Message<'ModelProto'>> = {}) =>
  printGraph(unwrap(readModelBytes(bytesOf(graph, more))).graph);
