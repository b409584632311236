import { expect, test } from 'vitest';
import { nodesOf } from '../../src/graph/graph.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { encodeMessage, type Message } from '../../src/onnx/protobuf.js';
import { readModelBytes } from '../../src/onnx/read.js';
import { typed } from '../imports/support.js';

type Node = Message<'NodeProto'>;

const node = (op_type: string, input: string[], output: string[], more: Partial<Node> = {}): Node => ({
  op_type,
  name: output[0]!,
  input,
  output,
  ...more,
});

/** x [rows, 4] with its sign changed where `compared` is as long, else its lengths, which have another rank and type. */
function model(compared: string): Uint8Array {
  const branches = {
    then_branch: { name: 'yes', node: [node('Shape', ['x'], ['lengths'])], output: [{ name: 'lengths' }] },
    else_branch: { name: 'no', node: [node('Neg', ['x'], ['minus'])], output: [{ name: 'minus' }] },
  };
  const attribute = Object.entries(branches).map(([name, g]) => ({ name, type: 5, g }));
  return encodeMessage('ModelProto', {
    ir_version: 8,
    opset_import: [{ domain: '', version: 17 }],
    graph: {
      name: 'decided',
      input: [typed('x', 'float32', ['rows', 4]), typed('z', 'float32', ['others', 4])],
      node: [
        node('Shape', ['x'], ['xs']),
        node('Shape', [compared], ['cs']),
        node('Gather', ['xs', 'first'], ['a']),
        node('Gather', ['cs', 'first'], ['b']),
        node('Equal', ['a', 'b'], ['same']),
        node('Not', ['same'], ['differs']),
        node('If', ['differs'], ['chosen'], { attribute }),
        node('Abs', ['chosen'], ['y']),
      ],
      initializer: [{ name: 'first', dims: [], data_type: 7, raw_data: new Uint8Array(8) }],
      output: [{ name: 'y' }],
    },
  });
}

test('a branch that the shapes decide is taken, and the other need not fit', () => {
  const read = readModelBytes(model('x'));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { graph } = read.value;
  expect(nodesOf(graph).map(({ op }) => op)).toEqual(['Neg', 'Abs']);
  expect(graph.outputs[0]!.value.type).toEqual({ dtype: 'float32', shape: ['rows', 4] });
  expect(verifyGraph(graph)).toEqual([]);
});

test('a branch that is decided while it runs is not', () => {
  const read = readModelBytes(model('z'));
  expect(read.ok || [read.error.code, read.error.found]).toEqual([
    'onnx-untyped',
    "If(bool[]) at 'chosen': output 0 differs in dtype or rank between the branches",
  ]);
});
