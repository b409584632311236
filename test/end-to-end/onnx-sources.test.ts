import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeMessage } from '../../src/onnx/protobuf.js';
import { openSession } from '../../src/runtime/session.js';
import { readProto, renamed, typed } from '../imports/support.js';
import { errorsOf } from '../support/exported.js';
import { readReference } from '../support/reference.js';
import { type Build, CONFIG, copyCheckpoint, TINY_MODEL, type Workspace, workspaces } from '../support/td.js';

const traced = (name: string): string => fileURLToPath(new URL(`../passes/traced/${name}/model.onnx`, import.meta.url));

const reference = readReference('bert_seqcls');
const make = workspaces();

/** config.json and the tokenizer of a checkpoint, without its weights. */
function described(workspace: Workspace, folder: string): void {
  copyCheckpoint(TINY_MODEL, workspace.path(folder));
  rmSync(workspace.path(folder, 'model.safetensors'));
}

/** A model with the names and types that TensorFlow's converters give. */
function withOtherNames(path: string): Uint8Array {
  const names = { input_ids: 'input_ids:0', attention_mask: 'input_mask:0', token_type_ids: 'segment_ids:0' };
  const model = renamed(readProto(path), { ...names, logits: 'Identity:0' });
  const input = Object.values(names).map(name => typed(name, 'int32', ['unk__0', 'unk__1']));
  const output = [typed('Identity:0', 'float32', ['unk__0', 2])];
  return encodeMessage('ModelProto', { ...model, graph: { ...model.graph!, input, output } });
}

const tolerance = { fp32: 1e-4, 'int8-dynamic': 1 };

describe('an ONNX file as a source', () => {
  const models = {
    beside: { source: { onnx: './beside/model.onnx' }, tolerance },
    hub: { source: './hub', tolerance },
    elsewhere: { source: { onnx: './files/bert.onnx' }, tokenizer: './beside', tolerance },
    renamed: { source: { onnx: './renamed/model.onnx' }, tolerance },
  };
  let workspace: Workspace;
  let build: Build;

  beforeAll(async () => {
    workspace = make.empty();
    for (const folder of ['beside', 'hub', 'renamed']) described(workspace, folder);
    workspace.write('beside/model.onnx', readFileSync(traced('bert-torchscript-11-eager')));
    workspace.write('hub/onnx/model.onnx', readFileSync(traced('bert-dynamo-20-eager')));
    workspace.write('files/bert.onnx', readFileSync(traced('bert-torchscript-17')));
    workspace.write('renamed/model.onnx', withOtherNames(traced('bert-torchscript-14')));
    workspace.write(CONFIG, {
      models,
      targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32', 'int8-dynamic'] } },
      benchmark: { shapes: [[1, 8]], warmup: 1, runs: 3, minSeconds: 0.02 },
    });
    build = await workspace.build();
  }, 120_000);

  test('is built like any other: validated, measured, packaged, and served by Triton', () => {
    expect(build.failures).toEqual([]);
    expect(build.code).toBe(0);
    for (const name of Object.keys(models)) {
      expect(build.ran).toContain(`${name}/import`);
      expect(build.ran).not.toContain(`${name}/export`);
      const files = workspace.files(`dist/models/${name}/cpu-int8-dynamic`);
      expect(files).toEqual(
        expect.arrayContaining([
          'benchmark.json',
          'config.json',
          'onnx/model.onnx',
          'tokenizer.json',
          'validation.json',
        ]),
      );
      expect(workspace.read(`dist/triton/${name}-cpu-fp32/config.pbtxt`)).toContain(
        'input_map { key: "input_ids" value: "input_ids" }',
      );
    }
  });

  test.each(Object.keys(models))('%s gives what PyTorch gives, by the names of the Hub', async name => {
    const session = await openSession(workspace.path('dist/models', name, 'cpu-fp32/onnx'), 'model.onnx');
    if (!session.ok) throw new Error(JSON.stringify(session.error));
    expect(session.value.inputs.map(input => `${input.name} ${input.dtype}`)).toEqual([
      'input_ids int64',
      'attention_mask int64',
      'token_type_ids int64',
    ]);
    const errors = await errorsOf(session.value, reference);
    await session.value.release();
    expect(Object.keys(errors)).toEqual(['logits']);
    expect(errors.logits).toBeLessThanOrEqual(reference.tolerance);
  });

  test('a second build has nothing to do; another file is imported anew', async () => {
    expect((await workspace.build()).ran).toEqual([]);
    workspace.write('beside/model.onnx', readFileSync(traced('bert-torchscript-17')));
    expect((await workspace.build(['beside', '--skip', 'benchmark,report'])).ran).toContain('beside/import');
  });
});

describe('what is said, and the exit code', () => {
  const CASES: readonly (readonly [mistake: string, make: (workspace: Workspace) => void, says: string])[] = [
    [
      'no such file',
      workspace => rmSync(workspace.path('m/model.onnx')),
      `
error: onnx-missing: the ONNX file does not exist
  where     <dir>/project/m/model.onnx
  found     nothing
  fix       correct the path; it is relative to the config file
`,
    ],
    [
      'no config.json',
      workspace => rmSync(workspace.path('m/config.json')),
      `
error: config-missing: there is no config.json for the ONNX file
  where     <dir>/project/m
  expected  <dir>/project/m/config.json
  found     no such file
  fix       put config.json and the tokenizer files of the original model beside it, or name their folder: tokenizer: './folder'
`,
    ],
    [
      'half of a file',
      workspace => workspace.write('m/model.onnx', readFileSync(traced('bert-torchscript-17')).subarray(0, 100_000)),
      `
error: onnx-malformed: the bytes are not an ONNX model
  where     <dir>/project/m/model.onnx
  expected  an ONNX model (protobuf)
  found     field 7 of ModelProto runs over its end, at byte 23
  fix       the file is damaged or incomplete, or of another format: get it again
`,
    ],
    [
      'another head',
      workspace => workspace.write('m/model.onnx', readFileSync(traced('distilbert-qa-torchscript-17'))),
      `
error: onnx-outputs: the outputs of the model are not those of text-classification
  where     <dir>/project/m/model.onnx
  expected  logits of 2 axes
  found     'start_logits' float32[batch_size, sequence_length], 'end_logits' float32[batch_size, sequence_length]
  fix       name the task that the model was exported for, or export it again with this head
`,
    ],
  ];

  test.each(CASES)('%s', async (_, change, says) => {
    const workspace = make.empty();
    described(workspace, 'm');
    workspace.write('m/model.onnx', readFileSync(traced('bert-torchscript-17')));
    change(workspace);
    workspace.write(CONFIG, {
      models: { m: { source: { onnx: './m/model.onnx' } } },
      targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32'] } },
    });
    const outcome = await workspace.td(['build']);
    expect(`\n${workspace.normal(outcome.stderr)}`).toContain(says);
    expect(outcome.code).toBe(2);
  });
});
