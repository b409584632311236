import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lintRepository } from '../../../src/triton/lint.js';
import { NETWORK_RULES } from '../../../src/triton/lint-network.js';
import { readModelInterface } from '../../../src/triton/model-interface.js';
import { INTENTS, networkBytes } from '../intents.js';
import {
  config,
  ENSEMBLE,
  edit,
  good,
  inputIds,
  logits,
  type Mutation,
  mask,
  NETWORK,
  network,
  problem,
  scratch,
  TOKENIZER,
  testMutations,
  types,
} from './support.js';

const MUTATIONS: readonly Mutation[] = [
  [
    'a network that is no ONNX file',
    folder => writeFileSync(join(folder, NETWORK, '1/model.onnx'), 'version https://git-lfs.github.com/spec/v1\n'),
    problem(NETWORK, 'network-unreadable', 'the bytes are not an ONNX model', '1/model.onnx'),
  ],
  [
    'an input that the network lacks',
    network({ inputs: [inputIds, mask] }),
    problem(
      NETWORK,
      'network-names',
      "unexpected inference input 'token_type_ids', allowed inputs are: input_ids, attention_mask",
    ),
  ],
  [
    'an output that the network lacks',
    network({ outputs: [{ ...logits, name: 'output' }] }),
    problem(NETWORK, 'network-names', "unexpected inference output 'logits', allowed outputs are: output"),
  ],
  [
    'an input that the configuration lacks',
    network({ inputs: [inputIds, mask, types, { ...types, name: 'position_ids' }] }),
    problem(
      NETWORK,
      'network-names',
      `model '${NETWORK}' requires the input 'position_ids', which the configuration does not have`,
    ),
  ],
  [
    'a type that is not the network’s',
    network({ inputs: [{ ...inputIds, dtype: 'int32' }, mask, types] }),
    problem(
      NETWORK,
      'network-data-type',
      `unable to load model '${NETWORK}', configuration expects datatype TYPE_INT64 for input 'input_ids', model provides TYPE_INT32`,
    ),
  ],
  [
    'a network of a fixed batch',
    network({ outputs: [{ ...logits, shape: [1, 8] }] }),
    problem(
      NETWORK,
      'network-batch-dimension',
      `model '${NETWORK}', output 'logits': for the model to support batching the first dimension must be -1; shape expected by the model is [1,8]`,
    ),
  ],
  [
    'a length that is not the network’s',
    network({ outputs: [{ ...logits, shape: ['batch_size', 4] }] }),
    problem(
      NETWORK,
      'network-dims',
      `model '${NETWORK}', output 'logits': the model expects 2 dimensions (shape [-1,4]) but the model configuration specifies 2 dimensions (shape [-1,8])`,
    ),
  ],
  [
    'the batch dimension written out although the server adds it',
    folder => {
      edit(
        config(NETWORK),
        'name: "input_ids" data_type: TYPE_INT64 dims: [ -1 ]',
        'name: "input_ids" data_type: TYPE_INT64 dims: [ -1, -1 ]',
      )(folder);
      for (const length of [64, 128]) {
        edit(
          config(NETWORK),
          `dims: [ ${length} ] input_data_file: "input_ids-${length}"`,
          `dims: [ 1, ${length} ] input_data_file: "input_ids-${length}"`,
        )(folder);
      }
    },
    problem(
      ENSEMBLE,
      'ensemble-consistency',
      `in ensemble ${ENSEMBLE}, ensemble tensor input_ids: inconsistent shape: [-1,-1] is inferred from model ${TOKENIZER} while [-1,-1,-1] is inferred from model ${NETWORK}`,
    ),
    problem(
      NETWORK,
      'network-dims',
      `model '${NETWORK}', input 'input_ids': the model expects 2 dimensions (shape [-1,-1]) but the model configuration specifies 3 dimensions (shape [-1,-1,-1])`,
    ),
  ],
];

testMutations([...NETWORK_RULES, { id: 'network-unreadable' }], MUTATIONS);

test('networks that are yet to be placed are looked at where they are', async () => {
  const folder = mkdtempSync(join(scratch, 'placed-'));
  cpSync(good, folder, { recursive: true });
  const elsewhere = join(scratch, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(
    join(elsewhere, 'model.onnx'),
    networkBytes({ ...INTENTS, outputs: [{ ...logits, dtype: 'float64' }] }),
  );
  rmSync(join(folder, NETWORK, '1'), { recursive: true });
  const placed = { [`${NETWORK}/1`]: elsewhere };
  const problems = await lintRepository(folder, { readInterface: readModelInterface, placed });
  expect(problems.map(({ rule, where }) => [rule, where])).toEqual([['network-data-type', config(NETWORK)]]);
});
