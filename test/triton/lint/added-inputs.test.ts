import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDED_INPUT_RULES } from '../../../src/triton/lint-added-inputs.js';
import { type Mutation, problem, testMutations, writeWhole } from './support.js';

const IO = 'input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] } output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }';

/** A Python model m with these fields. */
const model =
  (fields: string) =>
  (folder: string): void => {
    writeWhole(folder, 'm', `name: "m" backend: "python" max_batch_size: 4 ${IO} ${fields}`);
    writeFileSync(join(folder, 'm/1/model.py'), '');
  };
const sequences = (fields: string) => model(`sequence_batching { ${fields} }`);
const control = (name: string, fields: string): string => `control_input { name: "${name}" control { ${fields} } }`;
const START = 'kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ]';
const END = 'kind: CONTROL_SEQUENCE_END fp32_false_true: [ 0, 1 ]';

const MUTATIONS: readonly Mutation[] = [
  [
    'nothing wrong',
    sequences(`${control('START', START)} ${control('END', END)} ${control('READY', 'kind: CONTROL_SEQUENCE_READY bool_false_true: [ false, true ]')}
      ${control('ID', 'kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_UINT64')} oldest { preferred_batch_size: [ 4 ] }`),
  ],
  [
    'a control without a name',
    sequences(control('', START)),
    problem('m', 'sequence-control', 'sequence batching control tensor must have a name for m'),
  ],
  [
    'one tensor for two controls',
    sequences(`${control('A', START)} ${control('A', END)}`),
    problem(
      'm',
      'sequence-control',
      "sequence batching control tensor 'A' is specified for multiple control kinds for m",
    ),
  ],
  [
    'two tensors for one control',
    sequences(`${control('A', START)} ${control('B', START)}`),
    problem('m', 'sequence-control', 'sequence batching specifies multiple CONTROL_SEQUENCE_START tensors for m'),
  ],
  [
    'a control without values',
    sequences(control('A', 'kind: CONTROL_SEQUENCE_END')),
    problem(
      'm',
      'sequence-control',
      "sequence batching must specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' for CONTROL_SEQUENCE_END for m",
    ),
  ],
  [
    'a control of two types',
    sequences(control('A', `${START} fp32_false_true: [ 0, 1 ]`)),
    problem(
      'm',
      'sequence-control',
      "sequence batching specifies more than one from 'int32_false_true', 'fp32_false_true' and 'bool_false_true' for CONTROL_SEQUENCE_START for m",
    ),
  ],
  [
    'a control of one value',
    sequences(control('A', 'int32_false_true: [ 0 ]')),
    problem(
      'm',
      'sequence-control',
      "sequence batching control 'int32_false_true' must have exactly 2 entries for CONTROL_SEQUENCE_START for m",
    ),
  ],
  [
    'a correlation id with values, of a type that it has not',
    sequences(control('A', 'kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_FP32 int32_false_true: [ 0, 1 ]')),
    problem(
      'm',
      'sequence-control',
      "sequence batching must not specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' for CONTROL_SEQUENCE_CORRID for m",
    ),
    problem(
      'm',
      'sequence-control',
      'unexpected data type for control CONTROL_SEQUENCE_CORRID for m. Allowed data types are TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32 and TYPE_STRING',
    ),
  ],
  [
    'batches of sequences that are none, or too large',
    sequences('oldest { preferred_batch_size: [ 0, 8 ] }'),
    problem('m', 'sequence-batching', 'sequence batching preferred batch size must be positive for m'),
    problem('m', 'sequence-batching', 'sequence batching preferred batch size must be <= max batch size for m'),
  ],
  [
    'more slots than there are',
    sequences('direct { minimum_slot_utilization: 1.5 }'),
    problem('m', 'sequence-batching', 'sequence batching minimum slot utilization must be in range (0.0, 1.0] for m'),
  ],
  [
    'batch inputs and outputs of nothing',
    model(`batch_input { kind: BATCH_ITEM_SHAPE target_name: "s" data_type: TYPE_INT64 source_input: [ "z" ] }
      batch_output { target_name: "w" source_input: [] }`),
    problem('m', 'batch-io', "unknown source input name 'z'"),
    problem('m', 'batch-io', "batch output kind 'BATCH_SCATTER_WITH_INPUT_SHAPE' expects 1 source input, got 0"),
    problem('m', 'batch-io', 'batch input data type must be TYPE_INT32 or TYPE_FP32'),
    problem('m', 'batch-io', "unknown target output name 'w'"),
  ],
];

testMutations(ADDED_INPUT_RULES, MUTATIONS);
