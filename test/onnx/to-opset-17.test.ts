import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { verifyGraph } from '../../src/graph/verify.js';
import { encodeMessage, type Message } from '../../src/onnx/protobuf.js';
import { readModelBytes } from '../../src/onnx/read.js';
import { toOpset17 } from '../../src/onnx/to-opset-17.js';
import { writeModel } from '../../src/onnx/write.js';
import { typed } from '../imports/support.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const folder = temporaryFolders();

type NodeProto = Message<'NodeProto'>;
type AttributeProto = Message<'AttributeProto'>;

const int = (name: string, i: number): AttributeProto => ({ name, i, type: 2 });
const ints = (name: string, values: readonly number[]): AttributeProto => ({ name, ints: values, type: 7 });
const float = (name: string, f: number): AttributeProto => ({ name, f, type: 1 });
const text = (name: string, s: string): AttributeProto => ({ name, s: new TextEncoder().encode(s), type: 3 });
const node = (
  op_type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attribute: AttributeProto[] = [],
): NodeProto => ({
  op_type,
  name: op_type,
  input: inputs,
  output: outputs,
  attribute,
});
const int64 = (name: string, values: readonly number[]): Message<'TensorProto'> => ({
  name,
  data_type: 7,
  dims: [values.length],
  raw_data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

/** What RMSNormalization multiplies with. */
const SCALE: Message<'TensorProto'> = { name: 'scale', data_type: 1, dims: [6], float_data: [1, 2, 0.5, -1, 3, 0.1] };

const SHAPE = [2, 3, 4, 6] as const;

/** x float32 [2, 3, 4, 6] and a mask bool [2, 1, 4, 4] -> y. Constants c are int64 lists. */
function modelOf(opset: number, nodes: readonly NodeProto[], constants: Readonly<Record<string, readonly number[]>>) {
  const read = new Set(nodes.flatMap(({ input }) => input ?? []));
  return encodeMessage('ModelProto', {
    ir_version: Math.min(10, Math.max(3, opset - 7)),
    opset_import: [{ domain: '', version: opset }],
    graph: {
      name: 'g',
      node: nodes,
      initializer: [...Object.entries(constants).map(([name, values]) => int64(name, values)), SCALE],
      input: [
        typed('x', 'float32', ['a', 3, 4, 6]),
        ...(read.has('mask') ? [typed('mask', 'bool', ['a', 1, 4, 4])] : []),
        // Up to IR version 3, initialisers are inputs as well.
        ...(opset < 11 ? [typed('scale', 'float32', [6])] : []),
      ],
      output: [{ name: 'y', type: { tensor_type: { elem_type: 1 } } }],
    },
  });
}

async function outputOf(model: Uint8Array | string): Promise<readonly number[]> {
  const options = { graphOptimizationLevel: 'disabled', logSeverityLevel: 4 } as const;
  const session =
    typeof model === 'string'
      ? await InferenceSession.create(model, options)
      : await InferenceSession.create(model, options);
  const data = Float32Array.from({ length: 2 * 3 * 4 * 6 }, (_, i) => Math.sin(i * 1.7) * 3);
  // Every query sees a key.
  const seen = Uint8Array.from({ length: 32 }, (_, i) => (i % 3 === 0 || i % 4 === 0 ? 1 : 0));
  const feeds: Record<string, Tensor> = { x: new Tensor('float32', data, SHAPE) };
  if (session.inputNames.includes('mask')) feeds.mask = new Tensor('bool', seen, [2, 1, 4, 4]);
  const { y } = await session.run(feeds);
  await session.release();
  return Array.from(y!.data as Float32Array);
}

/** Operator and opset, the nodes that read x and give y, and the constants they read. */
const CONVERTED: readonly (readonly [
  string,
  number,
  readonly NodeProto[],
  Readonly<Record<string, readonly number[]>>,
])[] = [
  [
    'Unsqueeze, Squeeze',
    11,
    [node('Unsqueeze', ['x'], ['u'], [ints('axes', [1])]), node('Squeeze', ['u'], ['y'], [ints('axes', [1])])],
    {},
  ],
  ['ReduceSum', 12, [node('ReduceSum', ['x'], ['y'], [ints('axes', [1, -1]), int('keepdims', 0)])], {}],
  ['ReduceSum of all', 12, [node('ReduceSum', ['x'], ['y'], [int('keepdims', 1)])], {}],
  [
    'Split',
    12,
    [node('Split', ['x'], ['a', 'b'], [ints('split', [2, 4]), int('axis', 3)]), node('Identity', ['b'], ['y'])],
    {},
  ],
  ['Softmax over the last axis', 11, [node('Softmax', ['x'], ['y'], [int('axis', 3)])], {}],
  ['Clip', 10, [node('Clip', ['x'], ['y'], [float('min', -1), float('max', 0.5)])], {}],
  ['Clip from below', 7, [node('Clip', ['x'], ['y'], [float('min', -1)])], {}],
  [
    'Slice',
    9,
    [node('Slice', ['x'], ['y'], [ints('starts', [1, 0]), ints('ends', [9, -1]), ints('axes', [2, 3])])],
    {},
  ],
  ['Dropout', 11, [node('Dropout', ['x'], ['y'], [float('ratio', 0.4)])], {}],
  ['ReduceMean', 18, [node('ReduceMean', ['x', 'axes'], ['y'], [int('keepdims', 1)])], { axes: [-1] }],
  ['ReduceMax of nothing', 18, [node('ReduceMax', ['x'], ['y'], [int('noop_with_empty_axes', 1)])], {}],
  ['ReduceL2 of all', 18, [node('ReduceL2', ['x'], ['y'], [])], {}],
  [
    'Split into parts',
    18,
    [
      node('Split', ['x'], ['a', 'b'], [int('num_outputs', 2), int('axis', 1)]),
      node('Concat', ['b', 'a'], ['y'], [int('axis', 1)]),
    ],
    {},
  ],
  ['Gelu', 20, [node('Gelu', ['x'], ['y'])], {}],
  ['Gelu by tanh', 20, [node('Gelu', ['x'], ['y'], [text('approximate', 'tanh')])], {}],
  ['Cast', 19, [node('Cast', ['x'], ['y'], [int('to', 1), int('saturate', 1)])], {}],
  ['RMSNormalization', 23, [node('RMSNormalization', ['x', 'scale'], ['y'], [float('epsilon', 0.01)])], {}],
  ['Attention', 23, [node('Attention', ['x', 'x', 'x'], ['y'])], {}],
  [
    'Attention with a mask and a scale',
    23,
    [node('Attention', ['x', 'x', 'x', 'mask'], ['y'], [float('scale', 0.3)])],
    {},
  ],
];

describe('what has another form in opset 17', () => {
  test.each(CONVERTED)('%s of opset %i computes the same', async (_, opset, nodes, constants) => {
    const bytes = modelOf(opset, nodes, constants);
    const model = readModelBytes(bytes);
    if (!model.ok) throw new Error(JSON.stringify(model.error));
    const { graph, refused } = toOpset17(model.value.graph, opset);
    expect(refused).toEqual([]);
    expect(verifyGraph(graph)).toEqual([]);
    const at = folder();
    const written = await writeModel(graph, { folder: at, file: 'model.onnx' });
    if (!written.ok) throw new Error(JSON.stringify(written.error));
    const [expected, found] = [await outputOf(bytes), await outputOf(join(at, 'model.onnx'))];
    expect(found).toHaveLength(expected.length);
    expect(Math.max(...found.map((value, index) => Math.abs(value - expected[index]!)))).toBeLessThanOrEqual(2e-6);
  });
});

/** What opset 17 has no exact form of: the reason that is given. */
const REFUSED: readonly (readonly [string, number, NodeProto, string])[] = [
  [
    'Softmax over several axes',
    11,
    node('Softmax', ['x'], ['y'], [int('axis', 1)]),
    'its axis 1 of 4 means several axes up to opset 12',
  ],
  [
    'a causal Attention',
    23,
    node('Attention', ['x', 'x', 'x'], ['y'], [int('is_causal', 1)]),
    'it is causal by attribute',
  ],
  [
    'an operator whose meaning may have changed',
    20,
    node('HardSwish', ['x'], ['y']),
    'HardSwish is not among the operators whose opset 20 is known to mean what opset 17 means',
  ],
];

describe('what has none', () => {
  test.each(REFUSED)('%s', (_, opset, refusedNode, reason) => {
    const model = readModelBytes(modelOf(opset, [refusedNode], {}));
    if (!model.ok) throw new Error(JSON.stringify(model.error));
    const { refused } = toOpset17(model.value.graph, opset);
    expect(refused.map(refusal => refusal.reason)).toEqual([reason]);
  });
});
