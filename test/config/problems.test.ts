import { describe, expect, test } from 'vitest';
import { checkConfig, configProblems } from '../../src/config/check-config.js';
import { loadConfig } from '../../src/config/load.js';
import { folderWith, printed } from './support.js';

/** All problems of a value, as printed, without a file. */
function problemsOf(value: unknown): string {
  const checked = checkConfig(value, { name: 'config' });
  return checked.ok ? 'no problem' : printed(checked.error);
}

const cpu = { engine: 'onnxruntime', precisions: ['fp32'] };
const model = { source: './model' };
/** A valid configuration with other members laid over it. */
const config = (changes: Record<string, unknown>) => ({ models: { intents: model }, targets: { cpu }, ...changes });
const withModel = (changes: Record<string, unknown>) => config({ models: { intents: { ...model, ...changes } } });
const withTarget = (target: Record<string, unknown>) =>
  config({ models: { intents: { ...model, calibration: { data: 'c.jsonl' } } }, targets: { target } });

test('the valid configuration that the tables vary is valid', () => {
  expect(configProblems(config({}))).toEqual([]);
  expect(configProblems(withModel({}))).toEqual([]);
  expect(configProblems(withTarget(cpu))).toEqual([]);
});

const SHAPE: readonly (readonly [title: string, value: unknown, text: string])[] = [
  ['not an object', 5, 'wrong type|where: config|expected: an object|found: 5 (a number)'],
  ['a list', [], 'wrong type|where: config|expected: an object|found: a list'],
  [
    'no models',
    { targets: { cpu } },
    "'models' is missing|where: config|fix: add models: { intents: { source: './models/support-intents' } }",
  ],
  ['empty models', config({ models: {} }), 'empty|where: config models|expected: at least 1 entry'],
  [
    'models as a list',
    config({ models: [model] }),
    "wrong type|where: config models|expected: an object|found: a list|fix: for instance { intents: { source: './models/support-intents' } }",
  ],
  [
    'unknown section',
    config({ bencmark: {} }),
    "unknown key 'bencmark'|where: config bencmark|expected: one of models, targets, triton, benchmark, validation, auto, cache, architectures, outDir|fix: did you mean 'benchmark'?",
  ],
  [
    'a key in the wrong place',
    withModel({ batch: [1, 2, 3] }),
    "unknown key 'batch'|where: config models.intents.batch|expected: one of source, tokenizer, task, shapes, calibration, quantization, evaluation, tolerance, labels, exporter|fix: put it into shapes",
  ],
  [
    'a name with a dot',
    config({ models: { 'v1.intents': model } }),
    "invalid name 'v1.intents'|where: config models.v1.intents|expected: letters, digits, _ and -, beginning with a letter or digit (a dot would make Triton look for a backend)",
  ],
  [
    'a name that leaves the folder',
    config({ targets: { '../cpu': cpu } }),
    "invalid name '../cpu'|where: config targets.../cpu|expected: letters, digits, _ and -, beginning with a letter or digit (a dot would make Triton look for a backend)",
  ],
  [
    'source of another form',
    withModel({ source: 'https://huggingface.co/bert' }),
    "invalid value|where: config models.intents.source|expected: a folder, 'hub:org/name@revision' or { onnx: path }|found: 'https://huggingface.co/bert'",
  ],
  [
    'source object without its key',
    withModel({ source: {} }),
    "'onnx' is missing|where: config models.intents.source|fix: add onnx: './model.onnx'",
  ],
  [
    'one sentence for a union of types',
    withModel({ source: true }),
    "wrong type|where: config models.intents.source|expected: a string or an object|found: true (a boolean)|fix: for instance './models/support-intents'",
  ],
  [
    'unknown task',
    withModel({ task: 'text_classification' }),
    "unknown task 'text_classification'|where: config models.intents.task|expected: one of text-classification, token-classification, question-answering, fill-mask, feature-extraction, sentence-similarity, text-ranking, text-generation, text2text-generation, zero-shot-classification, image-classification, automatic-speech-recognition|fix: did you mean 'text-classification'?",
  ],
  [
    "another tool's word",
    withTarget({ ...cpu, precisions: ['float16'] }),
    "unknown precision 'float16'|where: config targets.target.precisions[0]|expected: one of fp32, fp16, bf16, fp8, int8, int8-dynamic, int8-weight, int4-weight, auto|fix: did you mean 'fp16'?",
  ],
  [
    'a precision twice',
    withTarget({ ...cpu, precisions: ['fp32', 'int8-dynamic', 'fp32'] }),
    "'fp32' stands twice|where: config targets.target.precisions[2]|fix: remove one of them",
  ],
  [
    'no precision',
    withTarget({ ...cpu, precisions: [] }),
    'too few items|where: config targets.target.precisions|expected: at least 1|found: []',
  ],
  [
    'two sizes',
    withModel({ shapes: { batch: [1, 8] } }),
    'too few items|where: config models.intents.shapes.batch|expected: exactly 3|found: [1, 8]',
  ],
  [
    'four sizes',
    withModel({ shapes: { batch: [1, 2, 3, 4] } }),
    'too many items|where: config models.intents.shapes.batch|expected: exactly 3|found: [1, 2, 3, 4]',
  ],
  [
    'a size of zero',
    withModel({ shapes: { sequence: [0, 1, 2] } }),
    'too small|where: config models.intents.shapes.sequence[0]|expected: at least 1|found: 0',
  ],
  [
    'a fraction of a token',
    withModel({ shapes: { sequence: [1, 1.5, 2] } }),
    'wrong type|where: config models.intents.shapes.sequence[1]|expected: a whole number|found: 1.5 (a number)',
  ],
  [
    'maxDrop without data',
    withModel({ evaluation: { maxDrop: 0.01 } }),
    "'data' is missing|where: config models.intents.evaluation|fix: add data: './data/eval.jsonl'",
  ],
  [
    'maxDrop without evaluation',
    withModel({ maxDrop: 0.01 }),
    "unknown key 'maxDrop'|where: config models.intents.maxDrop|expected: one of source, tokenizer, task, shapes, calibration, quantization, evaluation, tolerance, labels, exporter|fix: put it into evaluation",
  ],
  [
    'maxDrop in points',
    withModel({ evaluation: { data: 'e.jsonl', maxDrop: 1.5 } }),
    'too large|where: config models.intents.evaluation.maxDrop|expected: at most 1|found: 1.5',
  ],
  [
    'a tolerance of nothing',
    withModel({ tolerance: { fp32: 0 } }),
    'too small|where: config models.intents.tolerance.fp32|expected: more than 0|found: 0',
  ],
  [
    'a size without a unit',
    config({ cache: { maxSize: '50' } }),
    "invalid value|where: config cache.maxSize|expected: a size such as '50 GB' (MB, GB or TB)|found: '50'",
  ],
  [
    'a secret in the file is not repeated',
    config({ cache: { remote: { url: 'https://cache.example.com', token: 'hunter2' } } }),
    "wrong type|where: config cache.remote.token|expected: an object|found: a string|fix: for instance { env: 'TD_CACHE_TOKEN' }",
  ],
  [
    'a password in an address is not repeated',
    config({ cache: { remote: { url: 'https://me:hunter2@cache.example.com' } } }),
    'invalid value|where: config cache.remote.url|expected: an http or https address without user or password|found: a string',
  ],
  [
    'a repository outside of outDir',
    config({ triton: { repository: '../triton' } }),
    "invalid value|where: config triton.repository|expected: a path inside outDir, without ..|found: '../triton'",
  ],
  [
    'a function for a value',
    config({ outDir: () => 'dist' }),
    "wrong type|where: config outDir|expected: a string|found: a function|fix: for instance 'dist'",
  ],
];

/** What is said of one option of TensorRT's provider, but for the list of those that there are. */
const ofOption = (option: string): string =>
  problemsOf(withTarget({ ...cpu, device: 'cuda', provider: 'tensorrt', providerOptions: { [option]: true } })).replace(
    /expected: one of trt_max_workspace_size, .*/,
    'expected: one of ...',
  );

test.each<[option: string, fix: string]>([
  ['trt_engine_cache', "did you mean 'trt_engine_cache_path'?"],
  ['trt_fp16_enable', 'remove it: the precision is written into the model, as precisions says'],
  ['enable_cuda_graph', 'remove it: a captured graph has one shape and one place in memory, and requests bring others'],
  ['device_id', 'remove it: triton.instances.gpus says which GPUs the server uses'],
])('the option %s of a provider', (option, fix) => {
  expect(ofOption(option).split('\n')).toEqual([
    expect.stringContaining(`unknown key '${option}'`),
    `  where: config targets.target.providerOptions.${option}`,
    '  expected: one of ...',
    `  fix: ${fix}`,
  ]);
});

const h100 = { engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp16'] };

/** Engines for an A100 and an H100 as one model. */
const joined = (gpus: readonly string[], others: object = {}, more: object = {}) =>
  config({
    targets: { cpu, a100: { ...h100, gpu: 'sm_80' }, h100, second: h100, ...more },
    triton: { joinTargets: { gpus, ...others } },
  });

const MEANING: typeof SHAPE = [
  [
    'fp16 on the CPU',
    withTarget({ ...cpu, precisions: ['fp16'] }),
    "no fp16 on onnxruntime cpu: ONNX Runtime's CPU kernels run fp16 by inserting casts to fp32: slower, and no more exact|where: config targets.target.precisions[0]|expected: one of fp32, int8, int8-dynamic, int8-weight, int4-weight, auto|fix: for fp16 use a cuda, webgpu or tensorrt target",
  ],
  [
    'bf16 on the CPU',
    withTarget({ ...cpu, device: 'cpu', precisions: ['fp32', 'bf16'] }),
    "no bf16 on onnxruntime cpu: ONNX Runtime's CPU has bf16 kernels for normalisation only|where: config targets.target.precisions[1]|expected: one of fp32, int8, int8-dynamic, int8-weight, int4-weight, auto|fix: for bf16 use a tensorrt target",
  ],
  [
    'int8 on the CUDA provider',
    withTarget({ ...cpu, device: 'cuda', precisions: ['int8'] }),
    "no int8 on onnxruntime cuda: ONNX Runtime's CUDA provider has no int8 matrix product, so it would run as fp32|where: config targets.target.precisions[0]|expected: one of fp32, fp16, int8-weight, int4-weight, auto|fix: for int8 use a cpu or tensorrt target",
  ],
  [
    'bf16 on the CUDA provider',
    withTarget({ ...cpu, device: 'cuda', gpu: 'sm_90', precisions: ['bf16'] }),
    "no bf16 on onnxruntime cuda: ONNX Runtime's CUDA provider has bf16 kernels for some operators only, and none for ReduceMean and Reciprocal|where: config targets.target.precisions[0]|expected: one of fp32, fp16, int8-weight, int4-weight, auto|fix: for bf16 use a tensorrt target",
  ],
  [
    'int8-weight on the TensorRT provider',
    withTarget({ ...cpu, device: 'cuda', provider: 'tensorrt', precisions: ['int8-weight'] }),
    'no int8-weight on onnxruntime cuda-tensorrt: TensorRT has no weight-only int8|where: config targets.target.precisions[0]|expected: one of fp32, fp16, int8, int4-weight, auto|fix: for int8-weight use a cpu, cuda or webgpu target',
  ],
  [
    'a provider on the CPU',
    withTarget({ ...cpu, provider: 'tensorrt' }),
    "provider says nothing about a target on cpu|where: config targets.target.provider|fix: remove provider, or use device: 'cuda'",
  ],
  [
    'options of a provider for an engine',
    withTarget({ engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp16'], providerOptions: { gpu_mem_limit: 1 } }),
    "providerOptions is about ONNX Runtime, which engines of TensorRT do without|where: config targets.target.providerOptions|fix: remove providerOptions, or use engine: 'onnxruntime' with device: 'cuda'",
  ],
  [
    'options of TensorRT for CUDA',
    withTarget({ ...cpu, device: 'cuda', providerOptions: { trt_engine_cache_enable: true } }),
    "trt_engine_cache_enable is for TensorRT, and the provider is cuda|where: config targets.target.providerOptions.trt_engine_cache_enable|fix: remove it, or add provider: 'tensorrt'",
  ],
  [
    'half a profile of the TensorRT provider',
    withTarget({
      ...cpu,
      device: 'cuda',
      provider: 'tensorrt',
      providerOptions: { trt_profile_min_shapes: 'input_ids:1x1' },
    }),
    "a profile of TensorRT has smallest, usual and largest shapes|where: config targets.target.providerOptions|expected: trt_profile_min_shapes, trt_profile_opt_shapes, trt_profile_max_shapes|found: trt_profile_min_shapes|fix: add trt_profile_opt_shapes, trt_profile_max_shapes, or leave all out: they follow from the model's shapes",
  ],
  [
    'joined targets, one of which there is not',
    joined(['a100', 'h10']),
    "unknown target 'h10'|where: config triton.joinTargets.gpus[1]|expected: one of cpu, a100, h100, second|fix: did you mean 'h100'?",
  ],
  [
    'joined targets, one without engines',
    joined(['a100', 'cpu']),
    "only engines of TensorRT are for one GPU each, and 'cpu' has none|where: config triton.joinTargets.gpus[1]|expected: targets with engine: 'tensorrt'|found: 'cpu'|fix: remove it: one model of ONNX Runtime runs on all GPUs",
  ],
  [
    'joined targets for the same GPU',
    joined(['h100', 'second']),
    "'h100' and 'second' are for the same GPU, and the server could take one only|where: config triton.joinTargets.gpus[1]|found: sm_90|fix: remove one of them",
  ],
  [
    'a target that is joined twice',
    joined(['a100', 'h100'], { others: ['second', 'a100'] }),
    "'a100' is in 'gpus' already|where: config triton.joinTargets.others[1]|fix: remove it from one of them",
  ],
  [
    'joined targets with the name of a target',
    joined(['a100', 'h100'], { cpu: ['second', 'third'] }, { third: { ...h100, gpu: 'sm_89' } }),
    "'cpu' is a target, too|where: config triton.joinTargets.cpu|fix: choose another name",
  ],
  [
    'int8-dynamic on tensorrt',
    withTarget({ engine: 'tensorrt', gpu: 'sm_90', precisions: ['int8-dynamic'] }),
    'no int8-dynamic on tensorrt: TensorRT takes int8 ranges from the model only, none found while running|where: config targets.target.precisions[0]|expected: one of fp32, fp16, bf16, fp8, int8, int4-weight, auto|fix: for int8-dynamic use a cpu target',
  ],
  [
    'tensorrt without gpu',
    withTarget({ engine: 'tensorrt', precisions: ['fp16'] }),
    "a tensorrt target without gpu: an engine is built for one kind of GPU|where: config targets.target|fix: add gpu: 'sm_90' for an H100; `nvidia-smi --query-gpu=compute_cap --format=csv` names yours (9.0 is sm_90)",
  ],
  [
    'tensorrt on the CPU',
    withTarget({ engine: 'tensorrt', device: 'cpu', gpu: 'sm_90', precisions: ['fp16'] }),
    'a tensorrt target cannot run on cpu|where: config targets.target.device|fix: remove device',
  ],
  [
    'two places of trtexec',
    withTarget({ engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp16'], image: 'trt:10', trtexec: '/opt/trtexec' }),
    'trtexec can be in one place only, and trtexec and image name several|where: config targets.target.trtexec|fix: keep one of trtexec, image',
  ],
  [
    'a command without its program',
    withTarget({ engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp16'], command: ['ssh', 'gpu-1'] }),
    "the command does not say where the name of the program goes|where: config targets.target.command|expected: a word with {program}, which stands for 'trtexec' or 'nvidia-smi'|found: ssh gpu-1|fix: end it with '{program}'",
  ],
  [
    'a profile out of order',
    withTarget({
      engine: 'tensorrt',
      gpu: 'sm_90',
      precisions: ['fp16'],
      engineOptions: { profiles: [{ batch: [1, 1, 1], sequence: [1, 1, 1], dimensions: { frames: [1, 9, 3] } }] },
    }),
    'the sizes are out of order|where: config targets.target.engineOptions.profiles[0].dimensions.frames|expected: min <= optimum <= max|found: [1, 9, 3]|fix: write [1, 3, 9]',
  ],
  [
    'no lean runtime to leave out',
    withTarget({
      engine: 'tensorrt',
      gpu: 'sm_90',
      precisions: ['fp16'],
      engineOptions: { excludeLeanRuntime: true },
    }),
    'only a version compatible engine brings a runtime along that could be left out|where: config targets.target.engineOptions.excludeLeanRuntime|fix: add versionCompatible: true, or remove excludeLeanRuntime',
  ],
  [
    'engine options for ONNX Runtime',
    withTarget({ ...cpu, engineOptions: { workspaceMiB: 64 } }),
    "engineOptions is about engines of TensorRT|where: config targets.target.engineOptions|fix: remove engineOptions, or use engine: 'tensorrt'",
  ],
  [
    'a gpu for the CPU',
    withTarget({ ...cpu, gpu: 'sm_90' }),
    "gpu says nothing about a target on cpu|where: config targets.target.gpu|fix: remove gpu, or use device: 'cuda'",
  ],
  [
    'bf16 on an old GPU',
    withTarget({ engine: 'tensorrt', gpu: 'sm_75', precisions: ['bf16'] }),
    'no bf16 on this GPU|where: config targets.target.precisions[0]|expected: gpu sm_80 or newer|found: sm_75',
  ],
  [
    'fp8 on a GPU that has none',
    withTarget({ engine: 'tensorrt', gpu: 'sm_86', precisions: ['fp8'] }),
    'no fp8 on this GPU|where: config targets.target.precisions[0]|expected: gpu sm_89 or newer|found: sm_86',
  ],
  [
    'fp8 on the CPU',
    withTarget({ ...cpu, precisions: ['fp8'] }),
    "no fp8 on onnxruntime cpu: ONNX Runtime's CPU has no fp8 matrix product, so it would run as fp32|where: config targets.target.precisions[0]|expected: one of fp32, int8, int8-dynamic, int8-weight, int4-weight, auto|fix: for fp8 use a tensorrt target",
  ],
  [
    'a setting of quantization that nothing takes',
    config({
      models: { intents: { source: './model', quantization: { smoothing: true, blockSize: 32 } } },
      targets: {
        cpu: { ...cpu, precisions: ['fp32', 'int4-weight'] },
        h100: { engine: 'tensorrt', gpu: 'sm_90', precisions: ['int8'] },
      },
    }),
    "no onnxruntime target builds a precision that takes smoothing|where: config models.intents.quantization.smoothing|expected: int8|fix: remove it, or add int8 to a target's precisions",
  ],
  [
    'a block of no size that there is',
    withModel({ quantization: { blockSize: 48 } } as never),
    'unknown block size 48|where: config models.intents.quantization.blockSize|expected: one of 16, 32, 64, 128',
  ],
  [
    'smoothing one level too high',
    withModel({ smoothing: true } as never),
    "unknown key 'smoothing'|where: config models.intents.smoothing|expected: one of source, tokenizer, task, shapes, calibration, quantization, evaluation, tolerance, labels, exporter|fix: put it into quantization",
  ],
  [
    'min above optimum',
    withModel({ shapes: { batch: [8, 1, 32] } }),
    'the sizes are out of order|where: config models.intents.shapes.batch|expected: min <= optimum <= max|found: [8, 1, 32]|fix: write [1, 8, 32]',
  ],
  [
    'optimum above max',
    withModel({ shapes: { sequence: [1, 512, 128] } }),
    'the sizes are out of order|where: config models.intents.shapes.sequence|expected: min <= optimum <= max|found: [1, 512, 128]|fix: write [1, 128, 512]',
  ],
  [
    'Triton would send more than the model takes',
    { ...withModel({ shapes: { batch: [1, 8, 16] } }), triton: { maxBatchSize: 32 } },
    'the server would send batches of up to 32, more than the model takes|where: config models.intents.shapes.batch|expected: a largest batch of 32, as triton.maxBatchSize says|found: 16|fix: make them equal, or remove triton.maxBatchSize: each model then has its own',
  ],
  [
    'Triton would never send what the model takes',
    { ...withModel({ shapes: { batch: [1, 8, 64] } }), triton: { maxBatchSize: 32 } },
    'batches above 32 never reach the model|where: config models.intents.shapes.batch|expected: a largest batch of 32, as triton.maxBatchSize says|found: 64|fix: make them equal, or remove triton.maxBatchSize: each model then has its own',
  ],
  [
    'els-rd with a batch size',
    config({ triton: { compat: 'els-rd', maxBatchSize: 8 } }),
    "compat 'els-rd' means max_batch_size 0|where: config triton.maxBatchSize|found: 8|fix: remove maxBatchSize or compat",
  ],
  [
    'a repository over the artefacts',
    config({ triton: { repository: 'models/triton' } }),
    "'models' in outDir holds other things|where: config triton.repository|found: 'models/triton'|fix: choose another folder, for instance 'triton'",
  ],
  [
    'a benchmark that no model takes',
    {
      ...withModel({ shapes: { batch: [1, 8, 32], sequence: [16, 64, 128] } }),
      benchmark: {
        shapes: [
          [1, 16],
          [1, 256],
        ],
      },
    },
    'no model takes this shape|where: config benchmark.shapes[1]|expected: intents: batch 1 to 32, sequence 16 to 128|found: batch 1, sequence 256',
  ],
  [
    'a metric of another task',
    withModel({ task: 'token-classification', evaluation: { data: 'e.jsonl', metric: 'f1-macro' } }),
    "'f1-macro' does not score token-classification|where: config models.intents.evaluation.metric|expected: one of f1|fix: use 'f1'",
  ],
  [
    'evaluation of a task without a metric',
    withModel({ task: 'automatic-speech-recognition', evaluation: { data: 'e.jsonl' } }),
    'no metric scores automatic-speech-recognition|where: config models.intents.evaluation|fix: remove evaluation',
  ],
  [
    'tolerance for what is not built',
    withModel({ tolerance: { fp32: 1e-4, fp16: 0.02 } }),
    "no target builds fp16|where: config models.intents.tolerance.fp16|expected: one of fp32|fix: remove it, or add fp16 to a target's precisions",
  ],
  [
    'names that differ in case',
    config({ models: { intents: model, Intents: model } }),
    "intents/cpu/fp32 and Intents/cpu/fp32 would have the same path|where: config models.Intents|found: 'Intents-cpu-fp32'|fix: rename the model",
  ],
  [
    'names that join to the same',
    config({ models: { a: model, 'a-b': model }, targets: { 'b-c': cpu, c: { ...cpu, precisions: ['fp32'] } } }),
    "a/b-c/fp32 and a-b/c/fp32 would have the same path|where: config models.a-b|found: 'a-b-c-fp32'|fix: rename the model",
  ],
  [
    'targets that differ in case',
    config({ targets: { cpu, CPU: { ...cpu, precisions: ['fp32', 'int8-dynamic'] } } }),
    "intents/cpu/fp32 and intents/CPU/fp32 would have the same path|where: config targets.CPU|found: 'intents-CPU-fp32'|fix: rename the target",
  ],
  [
    'outDir over the project',
    config({ outDir: '..' }),
    "the output folder holds the configuration itself|where: config outDir|found: '..'|fix: choose a folder of its own, for instance 'dist'",
  ],
  [
    'a source in outDir',
    { ...withModel({ source: './out/model' }), outDir: 'out' },
    "the source lies in the output folder|where: config models.intents.source|found: './out/model'|fix: move one of them",
  ],
];

describe.each([...SHAPE, ...MEANING])('%s', (_, value, text) => {
  test('is told in one sentence', () => {
    expect(problemsOf(value)).toBe(`config-invalid (usage): ${text.split('|').join('\n  ')}`);
  });
});

test('what the schema refuses does not hide what else is wrong, nor make up problems', () => {
  const value = {
    models: { broken: { source: 5 }, intents: { ...model, shapes: { batch: [4, 2, 8] }, tolerance: { fp16: 1 } } },
    targets: { broken: { engine: 'onnx' }, cpu: { ...cpu, precisions: ['bf16'] } },
    benchmark: { shapes: [[100, 100]] },
  };
  expect(configProblems(value).map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
    'models.broken.source: wrong type',
    "targets.broken: 'precisions' is missing",
    "targets.broken.engine: unknown engine 'onnx'",
    "targets.cpu.precisions.0: no bf16 on onnxruntime cpu: ONNX Runtime's CPU has bf16 kernels for normalisation only",
    'models.intents.shapes.batch: the sizes are out of order',
  ]);
});

const PLACES = {
  'transformer-deploy.config.ts': `import { defineConfig } from 'transformer-deploy';
interface Sizes { batch: [number, number, number] }
const shared = { task: 'text-clasification' } as const;
const shapes: Sizes = { batch: [8, 4, 16] };
export default defineConfig({
  models: {
    intents: { source: './model', shapes, ...shared },
    slots: { source: './slots', tsk: 'x' },
  },
  targets: {
    cpu: { engine: 'onnxruntime', precisions: [...['fp32' as const], 'fp16'] },
    'gpu': { engine: 'tensorrt', precisions: ['fp16'] },
  } satisfies object,
  [\`out\${'Dir'}\`]: 5,
});
`,
  'transformer-deploy.config.cjs': `const config = () => {
  return {
    models: { intents: { source: './model', shapes: { batch: [8, 4, 16] }, task: 'text-clasification' }, slots: {
      source: './slots', tsk: 'x' } },
    targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32', 'fp16'] },
      gpu: { engine: 'tensorrt', precisions: ['fp16'] } },
    outDir: 5,
  };
};
module.exports = config;
`,
  'transformer-deploy.config.json': `{
  "models": {
    "intents": { "source": "./model", "shapes": { "batch": [8, 4, 16] }, "task": "text-clasification" },
    "slots": { "source": "./slots", "tsk": "x" }
  },
  "targets": {
    "cpu": { "engine": "onnxruntime", "precisions": ["fp32", "fp16"] },
    "gpu": { "engine": "tensorrt", "precisions": ["fp16"] }
  },
  "outDir": 5
}
`,
  'transformer-deploy.config.yaml': `models:
  intents:
    source: ./model
    shapes: &shapes
      batch: [8, 4, 16]
    task: text-clasification
  slots:
    source: ./slots
    "tsk": x
targets:
  cpu:
    engine: onnxruntime
    precisions:
      - fp32
      - fp16
  gpu: { engine: tensorrt, precisions: [fp16] }
outDir: 5
`,
  'package.json': `{
  "name": "somebody",
  "transformer-deploy": {
    "models": {
      "intents": { "source": "./model", "shapes": { "batch": [8, 4, 16] }, "task": "text-clasification" },
      "slots": { "source": "./slots", "tsk": "x" }
    },
    "targets": {
      "cpu": { "engine": "onnxruntime", "precisions": ["fp32", "fp16"] },
      "gpu": { "engine": "tensorrt", "precisions": ["fp16"] }
    },
    "outDir": 5
  }
}
`,
};

/** The same mistakes in each language: where each is found. */
const FOUND: Readonly<Record<keyof typeof PLACES, readonly string[]>> = {
  'transformer-deploy.config.ts': [
    "3:24 models.intents.task: unknown task 'text-clasification'",
    "8:33 models.slots.tsk: unknown key 'tsk'",
    '11:47 targets.cpu.precisions[1]: no fp16 on onnxruntime cpu',
    '12:12 targets.gpu: a tensorrt target without gpu',
    'outDir: wrong type',
  ],
  'transformer-deploy.config.cjs': [
    "3:82 models.intents.task: unknown task 'text-clasification'",
    "4:26 models.slots.tsk: unknown key 'tsk'",
    '5:67 targets.cpu.precisions[1]: no fp16 on onnxruntime cpu',
    '6:12 targets.gpu: a tensorrt target without gpu',
    '7:13 outDir: wrong type',
  ],
  'transformer-deploy.config.json': [
    "3:82 models.intents.task: unknown task 'text-clasification'",
    "4:37 models.slots.tsk: unknown key 'tsk'",
    '7:62 targets.cpu.precisions[1]: no fp16 on onnxruntime cpu',
    '8:12 targets.gpu: a tensorrt target without gpu',
    '10:13 outDir: wrong type',
  ],
  'transformer-deploy.config.yaml': [
    "6:11 models.intents.task: unknown task 'text-clasification'",
    "9:5 models.slots.tsk: unknown key 'tsk'",
    '15:9 targets.cpu.precisions[1]: no fp16 on onnxruntime cpu',
    '16:8 targets.gpu: a tensorrt target without gpu',
    '17:9 outDir: wrong type',
  ],
  'package.json': [
    "5:84 models.intents.task: unknown task 'text-clasification'",
    "6:39 models.slots.tsk: unknown key 'tsk'",
    '9:64 targets.cpu.precisions[1]: no fp16 on onnxruntime cpu',
    '10:14 targets.gpu: a tensorrt target without gpu',
    '12:15 outDir: wrong type',
  ],
};

describe.each(Object.keys(PLACES) as (keyof typeof PLACES)[])('%s', name => {
  test('problems are found with line and column, in the order of the text', async () => {
    const loaded = await loadConfig({ cwd: folderWith({ [name]: PLACES[name] }) });
    if (loaded.ok) throw new Error('expected problems');
    expect(loaded.error.message).toBe(`5 problems in ${name}`);
    const lines = loaded.error.causes!.map(({ where, message }) => `${where}: ${message.split(':')[0]}`);
    const text = (line: string) => (/^\d/.test(line) ? `${name}:${line}` : `${name} ${line}`);
    expect(lines).toEqual(FOUND[name].map(text));
  });
});
