import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodesOf } from '../../src/graph/graph.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { importModel } from '../../src/imports/import-model.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { type Model, readProto, renamed, TRACED, typed, type Value, writeProto } from './support.js';

const folder = temporaryFolders();
const TASK = { task: 'text-classification', labels: 2 };
const traced = (): Model => readProto(TRACED);

/** The same model with other inputs or outputs. */
const withGraph = (change: (graph: NonNullable<Model['graph']>) => Partial<NonNullable<Model['graph']>>): Model => {
  const model = traced();
  return { ...model, graph: { ...model.graph!, ...change(model.graph!) } };
};

const withInput = (name: string, input: Value): Model =>
  withGraph(graph => ({ input: graph.input!.map(own => (own.name === name ? input : own)) }));

const withNode = (node: NonNullable<NonNullable<Model['graph']>['node']>[number]): Model =>
  withGraph(graph => ({ node: [...graph.node!, node] }));

describe('what is refused, and how it is said', () => {
  const CASES: readonly (readonly [mistake: string, make: () => Model | Uint8Array, task: string, says: string])[] = [
    [
      'a text',
      () => Buffer.from('import torch\n'),
      'text-classification',
      `onnx-malformed: the bytes are not an ONNX model
expected: an ONNX model (protobuf)
found: field 14 of ModelProto runs over its end, at byte 11
fix: the file is damaged or incomplete, or of another format: get it again`,
    ],
    [
      'the first half of a file',
      () => readFileSync(TRACED).subarray(0, 100_000),
      'text-classification',
      `onnx-malformed: the bytes are not an ONNX model
expected: an ONNX model (protobuf)
found: field 7 of ModelProto runs over its end, at byte 23
fix: the file is damaged or incomplete, or of another format: get it again`,
    ],
    [
      'an operator of somebody',
      () => withNode({ op_type: 'Fancy', domain: 'my.company', name: 'fancy', input: ['logits'], output: ['x'] }),
      'text-classification',
      `onnx-domain-unknown: the model has operators of a domain that is not known
expected: operators of ai.onnx and com.microsoft
found: my.company.Fancy 'fancy'
fix: export the model without custom operators`,
    ],
    [
      'an operator that ONNX Runtime has and this project does not know',
      () => withNode({ op_type: 'Tokenizer', domain: 'com.microsoft', name: 't', input: ['logits'], output: ['x'] }),
      'text-classification',
      `onnx-operator-unknown: the model has an operator that is not known
expected: operators of ai.onnx, or those that ONNX Runtime fuses
found: com.microsoft.Tokenizer 't'
fix: give the model as it was exported, before an optimizer rewrote it`,
    ],
    [
      'an operator that there is not',
      () =>
        withGraph(graph => ({
          node: [...graph.node!, { op_type: 'Fancy', input: ['logits'], output: ['fancy'] }],
          output: [{ name: 'fancy' }],
        })),
      'text-classification',
      `onnx-untyped: the type of the tensor 'fancy' is not known
expected: a value_info with dtype and shape
found: the operator Fancy is not known
fix: add types to the model: onnx.shape_inference, or the symbolic shape inference of ONNX Runtime`,
    ],
    [
      'integers',
      () => withNode({ op_type: 'DynamicQuantizeLinear', name: 'q', input: ['logits'], output: ['x', 'y', 'z'] }),
      'text-classification',
      `onnx-quantized: the model is quantised already
expected: a model in float32, of which every precision is made
found: DynamicQuantizeLinear 'q'
fix: give the model from which it was quantised: on the Hub, onnx/model.onnx`,
    ],
    [
      'another task',
      traced,
      'question-answering',
      `onnx-outputs: the outputs of the model are not those of question-answering
expected: start_logits of 2 axes, end_logits of 2 axes
found: 'logits' float32[batch_size, 2]
fix: name the task that the model was exported for, or export it again with this head`,
    ],
    [
      'a task that no file has',
      traced,
      'multiple-choice',
      `onnx-task: an ONNX file cannot be the source of multiple-choice
expected: one of text-classification, zero-shot-classification, text-ranking, token-classification, fill-mask, question-answering, feature-extraction, sentence-similarity, image-classification, text-generation, text2text-generation, automatic-speech-recognition
fix: build it from the checkpoint: a folder with safetensors`,
    ],
    [
      'an input of another kind',
      () => renamed(traced(), { token_type_ids: 'pixel_values' }),
      'text-classification',
      `onnx-inputs: the inputs of the model are not those of a model for texts
expected: input_ids, attention_mask and, where the model knows them, token_type_ids
found: 'input_ids', 'attention_mask', 'pixel_values'
fix: export it with input_names of the convention, as Optimum does`,
    ],
    [
      'two inputs that may be the same',
      () => renamed(traced(), { token_type_ids: 'input_ids.1' }),
      'text-classification',
      `onnx-inputs: the inputs of the model are not those of a model for texts
expected: input_ids, attention_mask and, where the model knows them, token_type_ids
found: 'input_ids', 'attention_mask', 'input_ids.1'
fix: export it with input_names of the convention, as Optimum does`,
    ],
    [
      'an input of other numbers',
      () => withInput('attention_mask', typed('attention_mask', 'float32', ['batch', 'sequence'])),
      'text-classification',
      `onnx-inputs: the inputs of the model are not those of a model for texts
expected: input_ids, attention_mask and, where the model knows them, token_type_ids
found: 'attention_mask' is float32[batch, sequence], not int64[batch_size, sequence_length]
fix: export it with input_names of the convention, as Optimum does`,
    ],
    [
      'one size only',
      () => withInput('input_ids', typed('input_ids', 'int64', ['batch', 32])),
      'text-classification',
      `onnx-fixed-shape: the model was exported for one size only
expected: [batch_size, sequence_length], both open
found: [batch, 32]
fix: export it again with dynamic axes: dynamic_axes of torch.onnx.export, or dynamic_shapes with dynamo`,
    ],
    [
      'an opset that is too old',
      () => ({ ...traced(), opset_import: [{ domain: '', version: 6 }] }),
      'text-classification',
      `onnx-unsupported: the model has an opset that is not supported
expected: opset 7 to 23 of ai.onnx
found: opset 6
fix: export it again, or convert it: onnx.version_converter.convert_version`,
    ],
    [
      'an opset that is too new',
      () => ({ ...traced(), opset_import: [{ domain: '', version: 99 }] }),
      'text-classification',
      `onnx-unsupported: the model has an opset that is not supported
expected: opset 7 to 23 of ai.onnx
found: opset 99
fix: export it again, or convert it: onnx.version_converter.convert_version`,
    ],
  ];

  test.each(CASES)('%s', (_, make, task, says) => {
    const made = make();
    const at = folder();
    const path = join(at, 'model.onnx');
    if (made instanceof Uint8Array) writeFileSync(path, made);
    else writeProto(at, made);
    const imported = importModel(path, { task, labels: 2 });
    if (imported.ok) throw new Error('was imported');
    const { code, kind, message, where, expected, found, fix } = imported.error;
    expect(kind).toBe('usage');
    expect(where?.startsWith(path)).toBe(true);
    const lines = [
      `${code}: ${message}`,
      expected && `expected: ${expected}`,
      found && `found: ${found}`,
      `fix: ${fix}`,
    ];
    expect(lines.filter(Boolean).join('\n')).toBe(says);
  });

  test('classes that are not those of config.json', () => {
    const imported = importModel(TRACED, { task: 'text-classification', labels: 3 });
    expect(imported.ok || imported.error.found).toBe("2 classes in 'logits', and 3 in config.json");
  });

  test('data that are cut off', () => {
    const at = folder();
    const model = traced();
    const [first, ...others] = model.graph!.initializer!;
    const { raw_data: raw, ...rest } = first!;
    const external_data = Object.entries({ location: 'weights.bin', offset: '0', length: `${raw!.length}` });
    const outside = {
      ...rest,
      external_data: external_data.map(([key, value]) => ({ key, value })),
      data_location: 1,
    };
    const path = writeProto(at, { ...model, graph: { ...model.graph!, initializer: [outside, ...others] } });
    const missing = importModel(path, TASK);
    expect(missing.ok || missing.error).toMatchObject({ code: 'onnx-data-missing', expected: join(at, 'weights.bin') });
    writeFileSync(join(at, 'weights.bin'), raw!.subarray(0, 100));
    const short = importModel(path, TASK);
    expect(short.ok || short.error).toMatchObject({
      code: 'onnx-invalid',
      expected: `${raw!.length} bytes within the 100 of weights.bin`,
    });
    writeFileSync(join(at, 'weights.bin'), raw!);
    expect(importModel(path, TASK).ok).toBe(true);
  });
});

describe('the interface', () => {
  test('names that exporters give become those of the Hub; int32 becomes int64; dimensions get their names', () => {
    const model = renamed(traced(), {
      input_ids: 'input.1',
      attention_mask: 'Input_Mask:0',
      token_type_ids: 'segment_ids',
      logits: 'output_0',
    });
    const inputs = model.graph!.input!.map(({ name }) => typed(name!, 'int32', ['N', 'seq']));
    const outputs = [typed('output_0', 'float32', ['N', 2])];
    const path = writeProto(folder(), { ...model, graph: { ...model.graph!, input: inputs, output: outputs } });
    const imported = importModel(path, TASK);
    if (!imported.ok) throw new Error(JSON.stringify(imported.error));
    const { graph, interface: found } = imported.value;
    expect(found).toEqual({
      inputs: [
        { name: 'input_ids', given: 'input.1', dtype: 'int32', shape: ['batch_size', 'sequence_length'] },
        { name: 'attention_mask', given: 'Input_Mask:0', dtype: 'int32', shape: ['batch_size', 'sequence_length'] },
        { name: 'token_type_ids', given: 'segment_ids', dtype: 'int32', shape: ['batch_size', 'sequence_length'] },
      ],
      outputs: [{ name: 'logits', given: 'output_0' }],
      dropped: [],
    });
    const type = { dtype: 'int64', shape: ['batch_size', 'sequence_length'] };
    expect(graph.inputs.map(input => [input.name, input.type])).toEqual(
      ['input_ids', 'attention_mask', 'token_type_ids'].map(name => [name, type]),
    );
    expect(graph.outputs.map(({ name, value }) => [name, value.type.shape])).toEqual([['logits', ['batch_size', 2]]]);
    expect(verifyGraph(graph)).toEqual([]);
    // Nothing keeps a dimension's old name.
    const dims = nodesOf(graph).flatMap(node => node.outputs.flatMap(output => output.type.shape));
    expect(dims.filter(dim => /\b(N|seq)\b/.test(`${dim}`))).toEqual([]);
  });

  test('outputs that the task does not read are left out', () => {
    const extra = '/model/bert/embeddings/LayerNorm/LayerNormalization_output_0';
    const more = withGraph(graph => ({
      output: [typed(extra, 'float32', ['batch_size', 'sequence_length', 48]), ...graph.output!],
    }));
    const imported = importModel(writeProto(folder(), more), TASK);
    if (!imported.ok) throw new Error(JSON.stringify(imported.error));
    expect(imported.value.interface.dropped).toEqual([extra]);
    expect(imported.value.graph.outputs.map(({ name }) => name)).toEqual(['logits']);
  });
});
