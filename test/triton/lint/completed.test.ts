import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeMessage, type Message } from '../../../src/onnx/protobuf.js';
import { lintRepository } from '../../../src/triton/lint.js';
import { readModelInterface } from '../../../src/triton/model-interface.js';
import { scratch } from './support.js';

const FLOAT = 1;
const value = (name: string, ...dims: number[]): Message<'ValueInfoProto'> => ({
  name,
  type: { tensor_type: { elem_type: FLOAT, shape: { dim: dims.map(dim_value => ({ dim_value })) } } },
});
const anyShape = (name: string): Message<'ValueInfoProto'> => ({ name, type: { tensor_type: { elem_type: FLOAT } } });

const network = (
  input: readonly Message<'ValueInfoProto'>[],
  output: readonly Message<'ValueInfoProto'>[],
  initializer: readonly Message<'TensorProto'>[] = [],
): Uint8Array => encodeMessage('ModelProto', { ir_version: 8, graph: { name: 'g', input, output, initializer } });

type Files = Readonly<Record<string, string | Uint8Array>>;

function repository(files: Files): string {
  const folder = mkdtempSync(join(scratch, 'others-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const lint = async (files: Files, completes: boolean): Promise<string[]> => {
  const problems = await lintRepository(repository(files), { readInterface: readModelInterface, completes });
  return problems.map(({ rule }) => rule);
};

const ADD = network([value('x', 1)], [value('y', 1)]);
const tensor = (kind: string, name: string): string => `${kind} { name: "${name}" data_type: TYPE_FP32 dims: [ 1 ] }`;
const IO = `${tensor('input', 'x')} ${tensor('output', 'y')}`;

/** Files, what is wrong with them where the server adds nothing by itself; it then completes them. */
test.each<[string, Files, readonly string[]]>([
  ['no configuration', { 'm/1/model.onnx': ADD }, ['config-missing']],
  [
    'an output that only the backend knows',
    { 'm/config.pbtxt': `${tensor('input', 'x')} output { name: "y" }`, 'm/1/model.onnx': ADD },
    ['tensor-data-type', 'tensor-dims'],
  ],
  [
    'inputs that only the backend knows',
    { 'm/config.pbtxt': tensor('output', 'y'), 'm/1/model.onnx': ADD },
    ['network-names'],
  ],
  [
    'an ensemble of such a model',
    {
      'm/config.pbtxt': 'backend: "python"',
      'm/1/model.py': '',
      'e/config.pbtxt': `platform: "ensemble" ${IO} ensemble_scheduling { step { model_name: "m" model_version: -1
        input_map { key: "a" value: "x" } output_map { key: "b" value: "y" } } }`,
      'e/1/.keep': '',
    },
    ['ensemble-mapping', 'ensemble-mapping'],
  ],
  [
    'a tensor of any rank',
    { 'm/config.pbtxt': IO, 'm/1/model.onnx': network([value('x', 1)], [anyShape('y')]) },
    ['network-unreadable'],
  ],
])('%s', async (_, files, found) => {
  expect(await lint(files, false)).toEqual(found);
  expect(await lint(files, true)).toEqual([]);
});

/** What is right for every server, and of which our own repositories have none. */
test.each<[string, Files]>([
  ['the backend, told by the name of the file', { 'm/config.pbtxt': IO, 'm/1/model.onnx': ADD }],
  ['the backend, told by the name of the model', { 'm.custom/config.pbtxt': IO, 'm.custom/1/libtriton_custom.so': '' }],
  [
    'a backend of TensorFlow',
    { 'm/config.pbtxt': `platform: "tensorflow_savedmodel" ${IO}`, 'm/1/model.savedmodel/saved_model.pb': '' },
  ],
  [
    'inputs that the server makes for sequences, their states and batches',
    {
      'm/config.pbtxt': `${IO} sequence_batching { control_input { name: "start" control { fp32_false_true: [ 0, 1 ] } }
        state { input_name: "in" output_name: "out" data_type: TYPE_FP32 dims: [ 1 ] } }
        batch_input { kind: BATCH_ELEMENT_COUNT target_name: "count" data_type: TYPE_FP32 source_input: "x" }`,
      'm/1/model.onnx': network(
        [value('x', 1), value('start', 1), value('in', 1), value('count', 1)],
        [value('y', 1), value('out', 1)],
      ),
    },
  ],
  [
    'a weight that a request may replace',
    {
      'm/config.pbtxt': `${IO} ${tensor('input', 'w')}`,
      'm/1/model.onnx': network(
        [value('x', 1), value('w', 1)],
        [value('y', 1)],
        [{ name: 'w', data_type: FLOAT, dims: [1] }],
      ),
    },
  ],
])('%s', async (_, files) => {
  expect(await lint(files, false)).toEqual([]);
});

test('completing is no pardon: what is said must be right', async () => {
  const files = { 'm/config.pbtxt': IO.replaceAll('FP32', 'INT64'), 'm/1/model.onnx': ADD };
  expect(await lint(files, true)).toEqual(['network-data-type', 'network-data-type']);
  expect(await lint({ 'm/config.pbtxt': IO, 'm/1/weights.bin': '' }, true)).toEqual(['backend']);
});
