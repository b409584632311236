import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { openCheckpoint } from '../../src/weights/checkpoint.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { randomWeights, writeSafetensors } from '../support/tiny-checkpoint.js';

const temporaryFolder = temporaryFolders();

/** A folder with these files; a string is its text, an object is written as JSON. */
function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

function refusal(folder: string): string {
  const opened = openCheckpoint(folder);
  expect(opened.ok).toBe(false);
  if (opened.ok) return '';
  expect(opened.error.kind).toBe('usage');
  return failureText(opened.error).replaceAll(folder, 'model');
}

const CONFIG = { model_type: 'bert', architectures: ['BertForTokenClassification'] };

describe('openCheckpoint', () => {
  test('one file', () => {
    const folder = folderWith({ 'config.json': CONFIG });
    writeSafetensors(join(folder, 'model.safetensors'), randomWeights({ a: [2, 3], b: [4] }));
    const opened = openCheckpoint(folder);
    expect(opened.ok && opened.value.configJson).toEqual(CONFIG);
    expect(opened.ok && opened.value.metadata).toEqual({ format: 'pt' });
    expect(opened.ok && [...opened.value.tensors].map(([name, { shape }]) => [name, shape])).toEqual([
      ['a', [2, 3]],
      ['b', [4]],
    ]);
  });

  test('shards; each tensor lies in its own file', () => {
    const folder = folderWith({
      'config.json': CONFIG,
      'model.safetensors.index.json': {
        metadata: { total_size: 40 },
        weight_map: { b: 'model-00002-of-00002.safetensors', a: 'model-00001-of-00002.safetensors' },
      },
    });
    writeSafetensors(join(folder, 'model-00001-of-00002.safetensors'), randomWeights({ a: [2, 3] }));
    writeSafetensors(join(folder, 'model-00002-of-00002.safetensors'), randomWeights({ b: [4] }));
    const opened = openCheckpoint(folder);
    const files = opened.ok
      ? [...opened.value.tensors].map(([name, { data }]) => [name, 'file' in data && data.file])
      : [];
    expect(files).toEqual([
      ['a', join(folder, 'model-00001-of-00002.safetensors')],
      ['b', join(folder, 'model-00002-of-00002.safetensors')],
    ]);
  });

  test('model.safetensors comes before an index, as in from_pretrained', () => {
    const folder = folderWith({ 'config.json': CONFIG, 'model.safetensors.index.json': 'not read' });
    writeSafetensors(join(folder, 'model.safetensors'), randomWeights({ a: [1] }));
    expect(openCheckpoint(folder).ok).toBe(true);
  });

  test('a broken weight file is reported as the reader says it', () => {
    const folder = folderWith({ 'config.json': CONFIG, 'model.safetensors': '' });
    expect(refusal(folder)).toMatch(/^error: safetensors-truncated: /);
  });
});

const CONVERT =
  `python -c "from transformers import BertForTokenClassification; ` +
  `BertForTokenClassification.from_pretrained('model').save_pretrained('model', safe_serialization=True)"`;

describe('refusals', () => {
  test('a folder that does not exist, and a file in its place', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const texts = ['absent', 'file'].map(name => refusal(join(folder, name)));
    const text = (found: string) => `error: model-folder-missing: the model folder does not exist
  where     model
  expected  a folder with config.json and model.safetensors
  found     ${found}
  fix       correct the path; a model on the Hub is written as 'hub:organisation/name@revision'`;
    expect(texts).toEqual([text('nothing'), text('a file')]);
  });

  const cases: [name: string, files: Record<string, unknown>, text: string][] = [
    [
      'an empty folder',
      {},
      `error: config-missing: the model folder has no config.json
  where     model
  expected  config.json, as save_pretrained writes it
  found     an empty folder
  fix       point to the folder that save_pretrained wrote, or download config.json from the model page`,
    ],
    [
      'weights without config.json',
      { 'model.safetensors': '', 'tokenizer.json': '' },
      `error: config-missing: the model folder has no config.json
  where     model
  expected  config.json, as save_pretrained writes it
  found     model.safetensors, tokenizer.json
  fix       point to the folder that save_pretrained wrote, or download config.json from the model page`,
    ],
    [
      'config.json that is a list',
      { 'config.json': '[]' },
      `error: config-invalid: config.json is not a JSON object
  where     model/config.json
  expected  {…}
  found     an array`,
    ],
    [
      'no weights at all',
      { 'config.json': CONFIG, 'tokenizer.json': '' },
      `error: weights-missing: the model folder has no weights
  where     model
  expected  model.safetensors, or model.safetensors.index.json with its files
  found     no weight file of a known kind
  fix       download the weights, or rename the one file to model.safetensors`,
    ],
    [
      'safetensors under another name',
      { 'config.json': CONFIG, 'model.fp16.safetensors': '' },
      `error: weights-missing: the model folder has no weights
  where     model
  expected  model.safetensors, or model.safetensors.index.json with its files
  found     model.fp16.safetensors
  fix       download the weights, or rename the one file to model.safetensors`,
    ],
    ...(
      [
        ['GPTQ', { quant_method: 'gptq', bits: 4, group_size: 128 }, "'gptq', 4 bits", ": precisions: ['int4-weight']"],
        ['fp8', { quant_method: 'fp8', weight_block_size: [128, 128] }, "'fp8'", ''],
        ['bitsandbytes without its name', { load_in_8bit: true }, "'bitsandbytes', 8 bits", ''],
        [
          'bitsandbytes',
          { quant_method: 'bitsandbytes', load_in_4bit: true },
          "'bitsandbytes', 4 bits",
          ": precisions: ['int4-weight']",
        ],
        ['a method without a name', { bits: 3 }, 'not named, 3 bits', ''],
      ] as const
    ).map(([what, settings, found, precision]): [string, Record<string, unknown>, string] => [
      `weights quantised by ${what}`,
      { 'config.json': { ...CONFIG, quantization_config: settings }, 'model.safetensors': '' },
      `error: weights-quantized: the checkpoint's weights are quantised already
  where     model/config.json
  expected  weights as they were trained: float32, float16 or bfloat16
  found     quantization_config with quant_method ${found}
  fix       use the checkpoint that it was made from, and let the build quantise it${precision}`,
    ]),
    [
      'a pickled checkpoint keeps its head when it is converted',
      { 'config.json': CONFIG, 'pytorch_model.bin': '', 'training_args.bin': '' },
      `error: weights-pickle: the checkpoint is pickled, which is never loaded: it can run any code
  where     model
  expected  model.safetensors
  found     pytorch_model.bin
  fix       convert it once: ${CONVERT}`,
    ],
    [
      'a pickled checkpoint whose class is not known',
      { 'config.json': { architectures: ["X'; rm"] }, 'model.pt': '' },
      `error: weights-pickle: the checkpoint is pickled, which is never loaded: it can run any code
  where     model
  expected  model.safetensors
  found     model.pt
  fix       convert it once: python -c "from transformers import AutoModel; AutoModel.from_pretrained('model').save_pretrained('model', safe_serialization=True)"`,
    ],
    [
      'GGUF',
      { 'config.json': CONFIG, 'model.Q4_K_M.gguf': '' },
      `error: weights-gguf: the weights are GGUF, not safetensors
  where     model
  expected  model.safetensors
  found     model.Q4_K_M.gguf
  fix       use the original checkpoint, or convert it once: ${CONVERT.replace("('model')", "('model', gguf_file='model.Q4_K_M.gguf')")}`,
    ],
    [
      'TensorFlow',
      { 'config.json': CONFIG, 'tf_model.h5': '' },
      `error: weights-tensorflow: the weights are for TensorFlow, not safetensors
  where     model
  expected  model.safetensors
  found     tf_model.h5
  fix       convert it once with transformers 4: ${CONVERT.replace("('model')", "('model', from_tf=True)")}`,
    ],
    [
      'Flax',
      { 'config.json': CONFIG, 'flax_model.msgpack': '' },
      `error: weights-flax: the weights are for Flax, not safetensors
  where     model
  expected  model.safetensors
  found     flax_model.msgpack
  fix       convert it once with transformers 4: ${CONVERT.replace("('model')", "('model', from_flax=True)")}`,
    ],
    [
      'an adapter',
      { 'config.json': CONFIG, 'adapter_model.safetensors': '' },
      `error: weights-adapter: the folder holds an adapter, not a whole model
  where     model
  expected  model.safetensors
  found     adapter_model.safetensors
  fix       merge it into its base model: python -c "from peft import AutoPeftModel; AutoPeftModel.from_pretrained('model').merge_and_unload().save_pretrained('model-merged')"`,
    ],
    [
      'an ONNX model, without config.json',
      { 'model.onnx': '' },
      `error: weights-onnx: the folder holds an ONNX model, not a checkpoint
  where     model
  expected  model.safetensors
  found     model.onnx
  fix       use source: { onnx: 'model/model.onnx' }`,
    ],
    [
      'an index without weight_map',
      { 'config.json': CONFIG, 'model.safetensors.index.json': { metadata: {} } },
      `error: shard-index-invalid: the index of a sharded checkpoint is not valid
  where     model/model.safetensors.index.json
  expected  {"weight_map": {"tensor": "model-00001-of-00002.safetensors", …}}
  found     no weight_map
  fix       download it again`,
    ],
    [
      'an index that lists nothing',
      { 'config.json': CONFIG, 'model.safetensors.index.json': { weight_map: {} } },
      `error: shard-index-invalid: the index of a sharded checkpoint is not valid
  where     model/model.safetensors.index.json
  expected  {"weight_map": {"tensor": "model-00001-of-00002.safetensors", …}}
  found     an empty weight_map
  fix       download it again`,
    ],
    [
      'an index with a number for a file',
      { 'config.json': CONFIG, 'model.safetensors.index.json': { weight_map: { a: 1 } } },
      `error: shard-index-invalid: the index of a sharded checkpoint is not valid
  where     model/model.safetensors.index.json
  expected  {"weight_map": {"tensor": "model-00001-of-00002.safetensors", …}}
  found     "a": 1
  fix       download it again`,
    ],
    ...['../other/model.safetensors', '/etc/model.safetensors', '..\\\\model.safetensors', 'passwd'].map(
      (shard): [string, Record<string, unknown>, string] => [
        `an index that names ${shard}`,
        { 'config.json': CONFIG, 'model.safetensors.index.json': { weight_map: { a: shard } } },
        `error: shard-name: the index of a sharded checkpoint names a file that is not allowed
  where     model/model.safetensors.index.json
  expected  the name of a .safetensors file in the same folder
  found     "a": ${JSON.stringify(shard)}`,
      ],
    ),
    [
      'a shard that is not there',
      {
        'config.json': CONFIG,
        'model.safetensors.index.json': { weight_map: { a: 'model-1.safetensors' } },
        'model-2.safetensors': '',
      },
      `error: shard-missing: a weight file that the index lists does not exist
  where     model/model.safetensors.index.json
  expected  model-1.safetensors
  found     model-2.safetensors
  fix       download the missing file`,
    ],
  ];
  test.each(cases)('%s', (_name, files, text) => {
    expect(refusal(folderWith(files))).toBe(text);
  });

  test('config.json that is not JSON says where', () => {
    expect(refusal(folderWith({ 'config.json': '{"model_type": bert}' }))).toMatch(
      /^error: config-invalid: config\.json is not a JSON object\n {2}where {5}model\/config\.json\n {2}expected {2}\{…\}\n {2}found {5}Unexpected token/,
    );
  });

  test('a listed tensor that is not in its shard', () => {
    const folder = folderWith({
      'config.json': CONFIG,
      'model.safetensors.index.json': { weight_map: { a: 'model-1.safetensors', b: 'model-1.safetensors' } },
    });
    writeSafetensors(join(folder, 'model-1.safetensors'), randomWeights({ a: [1] }));
    expect(refusal(folder)).toBe(`error: shard-tensor-missing: a weight is not in the file that the index names for it
  where     model/model.safetensors.index.json
  expected  b in model-1.safetensors
  found     no such tensor there
  fix       index and weight files are from different versions: download them all again`);
  });

  test('a tensor in two shards', () => {
    const folder = folderWith({
      'config.json': CONFIG,
      'model.safetensors.index.json': { weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' } },
    });
    writeSafetensors(join(folder, 'model-1.safetensors'), randomWeights({ a: [1] }));
    writeSafetensors(join(folder, 'model-2.safetensors'), randomWeights({ b: [1], a: [1] }));
    expect(refusal(folder)).toBe(`error: shard-tensor-twice: a weight is in two files of the checkpoint
  where     model
  expected  a once
  found     in model-1.safetensors and in model-2.safetensors
  fix       the weight files are from different versions: download them all again`);
  });

  test('a folder named config.json', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'config.json'));
    expect(refusal(folder)).toMatch(/^error: config-invalid: .*\n.*\n.*\n {2}found {5}EISDIR/);
  });
});
