import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_RULES } from '../../../src/triton/lint-files.js';
import {
  append,
  config,
  ENSEMBLE,
  edit,
  type Mutation,
  NETWORK,
  problem,
  remove,
  TOKENIZER,
  testMutations,
} from './support.js';

const MUTATIONS: readonly Mutation[] = [
  [
    'a GPU that is named by its architecture',
    append(config(NETWORK), 'cc_model_filenames { key: "sm_90" value: "model.onnx" }'),
    problem(
      NETWORK,
      'compute-capability',
      "cc_model_filenames has 'sm_90', which is no compute capability such as '9.0': no GPU takes 'model.onnx'",
    ),
  ],
  [
    'no version',
    remove(`${ENSEMBLE}/1`),
    problem(
      ENSEMBLE,
      'version',
      `at least one version must be available under the version policy of model '${ENSEMBLE}'`,
    ),
  ],
  [
    'a version that begins with zero',
    folder => cpSync(join(folder, ENSEMBLE, '1'), join(folder, ENSEMBLE, '01'), { recursive: true }),
  ],
  [
    'no version that the policy names',
    edit(config(ENSEMBLE), 'latest { num_versions: 1 }', 'specific { versions: 2 }'),
    problem(
      ENSEMBLE,
      'version',
      `at least one version must be available under the version policy of model '${ENSEMBLE}'`,
    ),
  ],
  [
    'no network',
    remove(`${NETWORK}/1/model.onnx`),
    problem(
      NETWORK,
      'version',
      `at least one version must be available under the version policy of model '${NETWORK}'`,
    ),
  ],
  [
    'a network under another name',
    edit(config(NETWORK), 'model.onnx', 'network.onnx'),
    problem(NETWORK, 'model-file', `unable to find '1/network.onnx' for model '${NETWORK}'`, '1/network.onnx'),
  ],
  [
    'no Python code',
    remove(`${TOKENIZER}/1/model.py`),
    problem(TOKENIZER, 'model-file', `unable to find '1/model.py' for model '${TOKENIZER}'`, '1/model.py'),
  ],
  [
    'no labels',
    remove(`${NETWORK}/labels.txt`),
    problem(NETWORK, 'labels', `label file of output 'logits' in model '${NETWORK}' is missing`, 'labels.txt'),
  ],
  [
    'a label too many',
    append(`${ENSEMBLE}/labels.txt`, 'other\n'),
    problem(ENSEMBLE, 'labels', `output 'logits' in model '${ENSEMBLE}' has 8 columns, but 9 labels`, 'labels.txt'),
  ],
  [
    'a warm-up beyond the largest batch',
    edit(config(NETWORK), 'batch_size: 32\n    count', 'batch_size: 33\n    count'),
    problem(
      NETWORK,
      'warmup-shape',
      `warmup sample '32x128' of model '${NETWORK}' has batch_size 33: must be in range [1, 32]`,
    ),
  ],
  [
    'a warm-up of an open length',
    edit(config(NETWORK), 'dims: [ 64 ] input_data_file: "input_ids-64"', 'dims: [ -1 ] zero_data: true'),
    problem(
      NETWORK,
      'warmup-shape',
      "warmup setting expects all variable-size dimensions are specified for input 'input_ids'",
    ),
  ],
  [
    'a warm-up of another type',
    edit(
      config(NETWORK),
      'data_type: TYPE_INT64 dims: [ 64 ] input_data_file: "input_ids-64"',
      'data_type: TYPE_UINT64 dims: [ 64 ] input_data_file: "input_ids-64"',
    ),
    problem(
      NETWORK,
      'warmup-shape',
      "warmup sample '1x64': input 'input_ids' is TYPE_UINT64, but the model expects TYPE_INT64",
    ),
  ],
  [
    'a warm-up of another rank',
    edit(
      config(NETWORK),
      'dims: [ 64 ] input_data_file: "input_ids-64"',
      'dims: [ 8, 8 ] input_data_file: "input_ids-64"',
    ),
    problem(NETWORK, 'warmup-shape', "warmup sample '1x64': input 'input_ids' is [8,8], but the model expects [-1]"),
  ],
  [
    'a warm-up of an input that is not there',
    edit(config(NETWORK), 'key: "input_ids"', 'key: "ids"'),
    problem(NETWORK, 'warmup-shape', `warmup sample '1x64' of model '${NETWORK}' has an unexpected input 'ids'`),
    problem(NETWORK, 'warmup-shape', `warmup sample '1x64' of model '${NETWORK}' is missing input 'input_ids'`),
  ],
  [
    'a warm-up file that is not there',
    remove(`${NETWORK}/warmup/input_ids-64`),
    problem(NETWORK, 'warmup-data', "failed to open the data file of warmup input 'input_ids'", 'warmup/input_ids-64'),
  ],
  [
    'a warm-up file that is too short',
    folder => writeFileSync(join(folder, NETWORK, 'warmup/input_ids-64'), Buffer.alloc(511)),
    problem(
      NETWORK,
      'warmup-data',
      'warmup setting expects 512 bytes, but the data provided from input_ids-64 has 511 bytes',
      'warmup/input_ids-64',
    ),
  ],
  [
    'a warm-up mask of zeros',
    edit(config(NETWORK), 'input_data_file: "attention_mask-64"', 'zero_data: true'),
    problem(
      NETWORK,
      'warmup-data',
      "warmup input 'attention_mask' must come from a file: a mask of zeros hides every token",
    ),
  ],
  [
    'a warm-up without data',
    edit(config(NETWORK), ' input_data_file: "input_ids-64"', ''),
    problem(NETWORK, 'warmup-data', "warmup setting expects input 'input_ids' to have input_data_type set"),
  ],
];

testMutations(FILE_RULES, MUTATIONS);
