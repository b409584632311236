import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ACCELERATOR_RULES } from '../../../src/triton/lint-accelerators.js';
import { CONFIG_RULES } from '../../../src/triton/lint-config.js';
import {
  append,
  config,
  ENSEMBLE,
  edit,
  good,
  lint,
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

const tensorrtWith = (parameter: string, value: string): string =>
  `optimization { execution_accelerators { gpu_execution_accelerator {
    name: "tensorrt" parameters { key: "${parameter}" value: "${value}" } } } }`;

const MUTATIONS: readonly Mutation[] = [
  [
    'no configuration',
    remove(config(TOKENIZER)),
    problem(TOKENIZER, 'config-missing', `model configuration is not provided for model '${TOKENIZER}'`),
    problem(ENSEMBLE, 'ensemble-model', `ensemble ${ENSEMBLE} contains models that are not available: ${TOKENIZER}`),
  ],
  [
    'a configuration that does not parse',
    edit(config(ENSEMBLE), 'max_batch_size', 'max_batchsize'),
    {
      ...problem(
        ENSEMBLE,
        'config-syntax',
        "failed to read text proto: expected a field of ModelConfig, found 'max_batchsize'",
      ),
      where: `${config(ENSEMBLE)}:3:1`,
    },
  ],
  [
    'another name than the folder',
    edit(config(ENSEMBLE), `name: "${ENSEMBLE}"`, 'name: "intents"'),
    problem(ENSEMBLE, 'name', `unexpected directory name '${ENSEMBLE}' for model 'intents'`),
  ],
  [
    'neither platform nor backend',
    folder => {
      edit(config(TOKENIZER), 'backend: "python"', '')(folder);
      // A file that a backend looks for tells which one it is.
      renameSync(join(folder, TOKENIZER, '1/model.py'), join(folder, TOKENIZER, '1/code.py'));
    },
    problem(TOKENIZER, 'backend', `must specify 'platform' or 'backend' for '${TOKENIZER}'`),
  ],
  [
    'an ensemble with a backend',
    append(config(ENSEMBLE), 'backend: "python"'),
    problem(
      ENSEMBLE,
      'backend',
      `Ensemble model '${ENSEMBLE}' must have platform type 'ensemble' and empty backend type`,
    ),
    problem(ENSEMBLE, 'model-file', `unable to find '1/model.py' for model '${ENSEMBLE}'`, '1/model.py'),
  ],
  [
    'an unknown platform',
    edit(config(NETWORK), 'onnxruntime_onnx', 'onnx'),
    problem(NETWORK, 'backend', `unexpected platform type 'onnx' for ${NETWORK}`),
  ],
  [
    'platform and backend of two kinds',
    edit(config(NETWORK), 'onnxruntime_onnx', 'tensorrt_plan'),
    problem(NETWORK, 'backend', "unexpected 'platform' and 'backend' pair, got:tensorrt_plan, onnxruntime"),
  ],
  [
    'a provider that ONNX Runtime is not built with in the server',
    append(config(NETWORK), 'optimization { execution_accelerators { gpu_execution_accelerator { name: "xla" } } }'),
    problem(NETWORK, 'execution-accelerator', "unknown Execution Accelerator 'xla' is requested"),
  ],
  [
    "a parameter that TensorRT's provider has by another name",
    append(config(NETWORK), tensorrtWith('trt_max_workspace_size', '1')),
    problem(
      NETWORK,
      'accelerator-parameter',
      "unknown parameter 'trt_max_workspace_size' is provided for TensorRT Execution Accelerator; did you mean 'max_workspace_size_bytes'?",
    ),
  ],
  [
    'a profile of which only the largest shapes are given',
    append(
      config(NETWORK),
      tensorrtWith('trt_profile_max_shapes', 'input_ids:1x1,attention_mask:1x1,token_type_ids:1x1'),
    ),
    ...['min', 'opt'].map(bound =>
      problem(
        NETWORK,
        'accelerator-profile',
        `a profile of TensorRT needs trt_profile_min_shapes, trt_profile_opt_shapes, trt_profile_max_shapes; there is no trt_profile_${bound}_shapes`,
      ),
    ),
  ],
  [
    'a negative batch size',
    edit(config(TOKENIZER), 'max_batch_size: 32', 'max_batch_size: -1'),
    problem(
      ENSEMBLE,
      'ensemble-batch-size',
      `ensemble ${ENSEMBLE} allows maximum batch size 32, but it contains model ${TOKENIZER} which only allows maximum batch size to be -1`,
    ),
    problem(TOKENIZER, 'max-batch-size', `'max_batch_size' must be non-negative value for ${TOKENIZER}`),
  ],
  [
    'an output without a name',
    append(config(TOKENIZER), 'output { data_type: TYPE_INT64 dims: 1 }'),
    problem(TOKENIZER, 'tensor-name', "model output '': must specify 'name'"),
  ],
  [
    'two outputs of one name',
    append(config(TOKENIZER), 'output { name: "input_ids" data_type: TYPE_INT64 dims: -1 }'),
    problem(TOKENIZER, 'tensor-name', "'input_ids' is declared more than once"),
  ],
  [
    'an output without a type',
    append(config(TOKENIZER), 'output { name: "x" dims: 1 }'),
    problem(TOKENIZER, 'tensor-data-type', "model output 'x' must specify 'data_type'"),
  ],
  [
    'an output without dims',
    append(config(TOKENIZER), 'output { name: "x" data_type: TYPE_INT64 }'),
    problem(TOKENIZER, 'tensor-dims', "model output 'x' must specify 'dims'"),
  ],
  [
    'a dimension of zero',
    append(config(TOKENIZER), 'output { name: "x" data_type: TYPE_INT64 dims: 0 }'),
    problem(
      TOKENIZER,
      'tensor-dims',
      "model output 'x' dimension must be integer >= 1, or -1 to indicate a variable-size dimension",
    ),
  ],
  ...(
    [
      ['dims: 4 reshape { shape: [ 2, 3 ] }', 'has different size for dims and reshape'],
      ['dims: [ -1, 2 ] reshape { shape: 2 }', 'has different number of variable-size dimensions for dims and reshape'],
      [
        'dims: 4 reshape { shape: 0 }',
        'reshape dimensions must be integer >= 1, or -1 to indicate a variable-size dimension',
      ],
    ] as const
  ).map(
    ([text, message]) =>
      [
        `a reshape: ${message}`,
        append(config(TOKENIZER), `output { name: "x" data_type: TYPE_INT64 ${text} }`),
        problem(TOKENIZER, 'tensor-reshape', `model output 'x' ${message}`),
      ] as const,
  ),
  [
    'a reshape to a scalar without batches',
    folder =>
      writeWhole(
        folder,
        'extra',
        'platform: "pytorch_libtorch" output { name: "x" data_type: TYPE_INT64 dims: 1 reshape { } }',
      ),
    problem(
      'extra',
      'tensor-reshape',
      "model output 'x' cannot have empty reshape for non-batching model as scalar tensors are not supported",
    ),
    problem('extra', 'model-file', "unable to find '1/model.pt' for model 'extra'", '1/model.pt'),
  ],
  [
    'a shape tensor outside TensorRT',
    append(config(TOKENIZER), 'output { name: "x" data_type: TYPE_INT64 dims: 1 is_shape_tensor: true }'),
    problem(TOKENIZER, 'tensorrt-only', "model output 'x': shape tensors are only supported for TensorRT platform"),
  ],
  [
    'a non-linear format outside TensorRT',
    append(config(TOKENIZER), 'output { name: "x" data_type: TYPE_INT64 dims: 1 is_non_linear_format_io: true }'),
    problem(
      TOKENIZER,
      'tensorrt-only',
      "model output 'x': Non-linear IO format is only supported for the TensorRT platform",
    ),
  ],
  [
    'a profile outside TensorRT',
    edit(config(NETWORK), 'kind: KIND_CPU', 'kind: KIND_CPU profile: "0"'),
    problem(
      NETWORK,
      'tensorrt-only',
      `instance group of model ${NETWORK} specifies profile field which is only supported for TensorRT models`,
    ),
  ],
  [
    'GPUs for the CPU',
    edit(config(NETWORK), 'kind: KIND_CPU', 'kind: KIND_CPU gpus: 0'),
    problem(
      NETWORK,
      'instance-group',
      `instance group of model ${NETWORK} has kind KIND_CPU but specifies one or more GPUs`,
    ),
  ],
  [
    'an output that JSON cannot carry',
    folder => {
      for (const model of [ENSEMBLE, NETWORK]) edit(config(model), 'TYPE_FP32', 'TYPE_FP16')(folder);
      network({ outputs: [{ ...logits, dtype: 'float16' }] })(folder);
    },
    problem(ENSEMBLE, 'json-output', "sending FP16 data via JSON is not supported: output 'logits'"),
  ],
];

testMutations([...CONFIG_RULES, ...ACCELERATOR_RULES, { id: 'config-missing' }, { id: 'config-syntax' }], MUTATIONS);

test('the good repository has no problem', async () => {
  expect(await lint(good)).toEqual([]);
});
