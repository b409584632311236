import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENSEMBLE_RULES } from '../../../src/triton/lint-ensemble.js';
import {
  append,
  config,
  ENSEMBLE,
  edit,
  logits,
  type Mutation,
  NETWORK,
  network,
  problem,
  remove,
  TOKENIZER,
  testMutations,
  writeWhole,
} from './support.js';

/** A model with the input x and the output y. */
const IO = (
  name: string,
  by: 'python' | 'ensemble',
): string => `name: "${name}" ${by === 'python' ? 'backend' : 'platform'}: "${by}"
  input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] } output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }`;
const step = (model: string, from: string, to: string): string => `step { model_name: "${model}" model_version: -1
  input_map { key: "x" value: "${from}" } output_map { key: "y" value: "${to}" } }`;
const passing = (name: string, to: string): string =>
  `${IO(name, 'ensemble')} ensemble_scheduling { ${step(to, 'x', 'y')} }`;

const MUTATIONS: readonly Mutation[] = [
  [
    'an ensemble of nothing',
    edit(config(ENSEMBLE), 'platform: "ensemble"', 'backend: "identity"'),
    problem(
      ENSEMBLE,
      'ensemble-platform',
      `ensemble scheduling cannot be set for model '${ENSEMBLE}' whose platform is not ensemble`,
    ),
  ],
  [
    'an ensemble without scheduling',
    folder =>
      writeFileSync(
        join(folder, config(ENSEMBLE)),
        readFileSync(join(folder, config(ENSEMBLE)), 'utf8').split('ensemble_scheduling')[0]!,
      ),
    problem(
      ENSEMBLE,
      'ensemble-platform',
      `ensemble scheduling must be set for ensemble ${ENSEMBLE} whose platform is ensemble`,
    ),
  ],
  ...(
    [
      ['instance_group { kind: KIND_CPU }', `instance group should not be specified for ensemble '${ENSEMBLE}'`],
      ['optimization { }', `optimization should not be specified for ensemble '${ENSEMBLE}'`],
      [
        'model_warmup { name: "x" batch_size: 1 inputs { key: "TEXT" value { data_type: TYPE_STRING dims: 1 zero_data: true } } }',
        `model_warmup can not be specified for ensemble '${ENSEMBLE}'`,
      ],
    ] as const
  ).map(
    ([text, message]) =>
      [message, append(config(ENSEMBLE), text), problem(ENSEMBLE, 'ensemble-field', message)] as const,
  ),
  [
    'a step without a model',
    edit(config(ENSEMBLE), `model_name: "${TOKENIZER}"`, ''),
    problem(ENSEMBLE, 'ensemble-step', `must specify 'model_name' in step 0 of ensemble '${ENSEMBLE}'`),
  ],
  [
    'a step without outputs',
    edit(config(ENSEMBLE), 'output_map { key: "logits" value: "logits" }', ''),
    problem(ENSEMBLE, 'ensemble-step', `must specify 'output_map' in step 1 of ensemble '${ENSEMBLE}'`),
    problem(ENSEMBLE, 'ensemble-tensor', `output 'logits' for ensemble '${ENSEMBLE}' is not written`),
  ],
  [
    'a model that is not there',
    remove(NETWORK),
    problem(ENSEMBLE, 'ensemble-model', `ensemble ${ENSEMBLE} contains models that are not available: ${NETWORK}`),
  ],
  [
    'a mapped input that is not there',
    edit(
      config(ENSEMBLE),
      'input_map { key: "token_type_ids" value: "token_type_ids" }',
      'input_map { key: "type_ids" value: "token_type_ids" }',
    ),
    problem(
      ENSEMBLE,
      'ensemble-mapping',
      `in ensemble ${ENSEMBLE}, ensemble tensor token_type_ids is mapping to non-existing input type_ids in model ${NETWORK}`,
    ),
    problem(
      ENSEMBLE,
      'ensemble-mapping',
      `in ensemble ${ENSEMBLE}, input token_type_ids in model ${NETWORK} is not mapped to any ensemble tensors`,
    ),
  ],
  [
    'a mapped output that is not there',
    edit(
      config(ENSEMBLE),
      'output_map { key: "logits" value: "logits" }',
      'output_map { key: "scores" value: "logits" }',
    ),
    problem(
      ENSEMBLE,
      'ensemble-mapping',
      `in ensemble ${ENSEMBLE}, ensemble tensor logits is mapped from non-existing output scores in model ${NETWORK}`,
    ),
  ],
  [
    'an unused ensemble input',
    append(config(ENSEMBLE), 'input { name: "OTHER" data_type: TYPE_STRING dims: 1 }'),
    problem(ENSEMBLE, 'ensemble-tensor', `ensemble input 'OTHER' for ensemble ${ENSEMBLE} is not used`),
  ],
  [
    'an output that nobody writes',
    append(config(ENSEMBLE), 'output { name: "scores" data_type: TYPE_FP32 dims: 1 }'),
    problem(ENSEMBLE, 'ensemble-tensor', `output 'scores' for ensemble '${ENSEMBLE}' is not written`),
  ],
  [
    'an intermediate tensor that nobody reads',
    folder => {
      edit(
        config(ENSEMBLE),
        'output_map { key: "logits" value: "logits" }',
        'output_map { key: "logits" value: "logits" } output_map { key: "pooled" value: "pooled" }',
      )(folder);
      append(config(NETWORK), 'output { name: "pooled" data_type: TYPE_FP32 dims: 4 }')(folder);
      network({ outputs: [logits, { name: 'pooled', dtype: 'float32', shape: ['batch_size', 4] }] })(folder);
    },
    problem(ENSEMBLE, 'ensemble-tensor', `ensemble tensor 'pooled' is unused in ensemble '${ENSEMBLE}'`),
  ],
  [
    'a tensor written twice',
    edit(
      config(ENSEMBLE),
      'output_map { key: "attention_mask" value: "attention_mask" }',
      'output_map { key: "attention_mask" value: "input_ids" }',
    ),
    problem(ENSEMBLE, 'ensemble-tensor', `output 'logits' for ensemble '${ENSEMBLE}' is not written`),
    problem(ENSEMBLE, 'ensemble-tensor', `ensemble tensor 'attention_mask' is unused in ensemble '${ENSEMBLE}'`),
    problem(
      ENSEMBLE,
      'ensemble-tensor',
      `ensemble tensor 'input_ids' can appear in an output map only once for ensemble '${ENSEMBLE}'`,
    ),
  ],
  [
    'types that differ between the steps',
    edit(config(TOKENIZER), 'name: "input_ids" data_type: TYPE_INT64', 'name: "input_ids" data_type: TYPE_INT32'),
    problem(
      ENSEMBLE,
      'ensemble-consistency',
      `in ensemble ${ENSEMBLE}, ensemble tensor input_ids: inconsistent data type: TYPE_INT32 is inferred from model ${TOKENIZER} while TYPE_INT64 is inferred from model ${NETWORK}`,
    ),
  ],
  [
    'shapes that differ between ensemble and step',
    edit(config(ENSEMBLE), 'dims: [ 8 ] label_filename: "labels.txt"', 'dims: [ 9 ]'),
    problem(
      ENSEMBLE,
      'ensemble-consistency',
      `in ensemble ${ENSEMBLE}, ensemble tensor logits: inconsistent shape: [-1,9] is inferred from model ${ENSEMBLE} while [-1,8] is inferred from model ${NETWORK}`,
    ),
  ],
  [
    'larger batches than a step takes',
    edit(config(TOKENIZER), 'max_batch_size: 32', 'max_batch_size: 16'),
    problem(
      ENSEMBLE,
      'ensemble-batch-size',
      `ensemble ${ENSEMBLE} allows maximum batch size 32, but it contains model ${TOKENIZER} which only allows maximum batch size to be 16`,
    ),
  ],
  [
    'a version that is not there',
    edit(config(ENSEMBLE), 'model_version: -1', 'model_version: 2'),
    problem(
      ENSEMBLE,
      'ensemble-version',
      `ensemble '${ENSEMBLE}' depends on '${TOKENIZER}' whose required version 2 is not loaded`,
    ),
  ],
  [
    'ensembles that ask each other',
    folder => {
      writeWhole(folder, 'a', passing('a', 'b'));
      writeWhole(folder, 'b', passing('b', 'a'));
      writeWhole(folder, 'c', passing('c', 'a'));
    },
    problem('a', 'ensemble-circle', 'circular dependency between ensembles: a -> ... -> b -> a'),
    problem('b', 'ensemble-circle', 'circular dependency between ensembles: b -> ... -> a -> b'),
  ],
  [
    'two streams that one step would join',
    folder => {
      writeWhole(folder, 'stream', `${IO('stream', 'python')} model_transaction_policy { decoupled: true }`);
      writeWhole(
        folder,
        'both',
        `name: "both" backend: "python"
        input [ { name: "a" data_type: TYPE_FP32 dims: [ 1 ] }, { name: "b" data_type: TYPE_FP32 dims: [ 1 ] } ]
        output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }`,
      );
      for (const model of ['stream', 'both']) writeFileSync(join(folder, model, '1/model.py'), '');
      writeWhole(
        folder,
        'joined',
        `${IO('joined', 'ensemble')} ensemble_scheduling { ${step('stream', 'x', 's')} ${step('stream', 'x', 't')}
          step { model_name: "both" model_version: -1 input_map [ { key: "a" value: "s" }, { key: "b" value: "t" } ]
            output_map { key: "y" value: "y" } } }`,
      );
    },
    problem(
      'joined',
      'ensemble-decoupled',
      "in ensemble joined, step of model 'both' receives inputs originated from different decoupled models",
    ),
  ],
];

testMutations(ENSEMBLE_RULES, MUTATIONS);
