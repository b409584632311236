import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LintProblem, lintRepository, RULES } from '../../src/triton/lint.js';
import { readModelInterface } from '../../src/triton/model-interface.js';
import { INTENTS, networkBytes, PARAMS, runStage } from './intents.js';

/** A good repository, networks in their places: what the tests spoil copies of. */
let good: string;
const scratch = mkdtempSync(join(tmpdir(), 'td-lint-'));

beforeAll(async () => {
  const { result, repository, models } = await runStage({ artefacts: PARAMS.artefacts.slice(0, 1) });
  expect(result.ok).toBe(true);
  cpSync(Object.values(models)[0]!, join(repository, 'intents-cpu-fp32-model/1'), { recursive: true });
  good = repository;
});

afterAll(() => rmSync(scratch, { recursive: true }));

const lint = (folder: string) => lintRepository(folder, { readInterface: readModelInterface });

type Spoil = (folder: string) => void;

/** Replaces text in a file; the text must be there. */
const edit =
  (path: string, from: string, to: string): Spoil =>
  folder => {
    const text = readFileSync(join(folder, path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`);
    writeFileSync(join(folder, path), text.replace(from, to));
  };
const append =
  (path: string, text: string): Spoil =>
  folder =>
    writeFileSync(join(folder, path), readFileSync(join(folder, path), 'utf8') + text);
const remove =
  (path: string): Spoil =>
  folder =>
    rmSync(join(folder, path), { recursive: true });
const network =
  (changes: Partial<typeof INTENTS>): Spoil =>
  folder =>
    writeFileSync(join(folder, NETWORK, '1/model.onnx'), networkBytes({ ...INTENTS, ...changes }));

/** A model of its own beside the good ones. */
function writeWhole(folder: string, model: string, text: string): void {
  mkdirSync(join(folder, model, '1'), { recursive: true });
  writeFileSync(join(folder, model, '1/.keep'), '');
  writeFileSync(join(folder, model, 'config.pbtxt'), text);
}

const TOKENIZER = 'intents-tokenize';
const NETWORK = 'intents-cpu-fp32-model';
const ENSEMBLE = 'intents-cpu-fp32';
const config = (model: string) => `${model}/config.pbtxt`;

const problem = (model: string, rule: string, message: string, where = 'config.pbtxt'): LintProblem => ({
  model,
  rule,
  message,
  where: `${model}/${where}`,
});

const [inputIds, mask, types] = INTENTS.inputs as [
  (typeof INTENTS.inputs)[0],
  (typeof INTENTS.inputs)[0],
  (typeof INTENTS.inputs)[0],
];
const logits = INTENTS.outputs[0]!;

const tensorrtWith = (parameter: string, value: string): string =>
  `optimization { execution_accelerators { gpu_execution_accelerator {
    name: "tensorrt" parameters { key: "${parameter}" value: "${value}" } } } }`;

/** Every way to spoil the good repository that a rule is there for, and exactly what must be found. */
const MUTATIONS: readonly (readonly [title: string, spoil: Spoil, ...LintProblem[]])[] = [
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
    edit(config(TOKENIZER), 'backend: "python"', ''),
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
    'dynamic batching without batches',
    folder => writeWhole(folder, 'extra', 'backend: "identity" dynamic_batching { }'),
    problem('extra', 'dynamic-batching', 'dynamic batching does nothing for extra: its max_batch_size is 0'),
  ],
  [
    'a cache for sequences',
    folder => writeWhole(folder, 'extra', 'backend: "identity" sequence_batching { } response_cache { enable: true }'),
    problem(
      'extra',
      'response-cache',
      'Response Cache does not currently support model extra with sequence batching scheduler. Please disable the response cache.',
    ),
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
    'a preferred batch beyond the largest',
    edit(config(NETWORK), 'dynamic_batching {', 'dynamic_batching { preferred_batch_size: [ 8, 64 ]'),
    problem(NETWORK, 'dynamic-batching', `dynamic batching preferred size must be <= max batch size for ${NETWORK}`),
  ],
  [
    'a preferred batch of nothing',
    edit(config(NETWORK), 'dynamic_batching {', 'dynamic_batching { preferred_batch_size: 0'),
    problem(NETWORK, 'dynamic-batching', `dynamic batching preferred size must be positive for ${NETWORK}`),
  ],
  [
    'a default priority out of range',
    edit(config(NETWORK), 'dynamic_batching {', 'dynamic_batching { priority_levels: 2'),
    problem(NETWORK, 'priority', `default priority level must be in range [1, 2] for ${NETWORK}`),
  ],
  [
    'a policy for a priority that is not there',
    edit(config(NETWORK), 'dynamic_batching {', 'dynamic_batching { priority_queue_policy { key: 1 value { } }'),
    problem(NETWORK, 'priority', `priority queue policy must have priority level in range [1, 0] for ${NETWORK}`),
  ],
  [
    'ordering with priorities',
    edit(
      config(NETWORK),
      'dynamic_batching {',
      'dynamic_batching { preserve_ordering: true priority_levels: 2 default_priority_level: 1',
    ),
    problem(NETWORK, 'priority', `Only one priority level is allowed when 'preserve_ordering' is true for ${NETWORK}`),
  ],
  [
    'ordering with delays',
    edit(
      config(NETWORK),
      'dynamic_batching {',
      'dynamic_batching { preserve_ordering: true default_queue_policy { timeout_action: DELAY }',
    ),
    problem(
      NETWORK,
      'priority',
      `Queue policy can not have DELAY as timeout action when 'preserve_ordering' is true for ${NETWORK}`,
    ),
  ],
  [
    'a cache for a decoupled model',
    append(config(TOKENIZER), 'response_cache { enable: true } model_transaction_policy { decoupled: true }'),
    problem(
      TOKENIZER,
      'response-cache',
      `Response Cache does not currently support model ${TOKENIZER} with 'decoupled' transaction policy. Please disable the response cache.`,
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
    'an output that JSON cannot carry',
    folder => {
      for (const model of [ENSEMBLE, NETWORK]) edit(config(model), 'TYPE_FP32', 'TYPE_FP16')(folder);
      network({ outputs: [{ ...logits, dtype: 'float16' }] })(folder);
    },
    problem(ENSEMBLE, 'json-output', "sending FP16 data via JSON is not supported: output 'logits'"),
  ],
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

test('the good repository has no problem', async () => {
  expect(await lint(good)).toEqual([]);
});

describe('a spoilt repository', () => {
  for (const [title, spoil, ...expected] of MUTATIONS) {
    test(title, async () => {
      const folder = mkdtempSync(join(scratch, 'case-'));
      cpSync(good, folder, { recursive: true });
      spoil(folder);
      expect(await lint(folder)).toEqual(expected);
    });
  }

  test('every rule has its case', () => {
    const covered = new Set(MUTATIONS.flatMap(([, , ...problems]) => problems.map(({ rule }) => rule)));
    expect(RULES.map(rule => rule.id).filter(id => !covered.has(id))).toEqual([]);
  });
});

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
