import { rmSync } from 'node:fs';
import { STAGES } from '../../src/plan/stage-tasks.js';
import { type Mistake, model, testMistakes } from '../support/mistakes.js';
import { CONFIG, type TinyConfig, workspaces } from '../support/td.js';

const make = workspaces();

/** In the config, and on the command line. */
const MISTAKES: readonly Mistake[] = [
  {
    mistake: 'what the config knows and this version does not build',
    make: workspace =>
      workspace.edit(CONFIG, (config: TinyConfig) =>
        Object.assign(config, {
          models: { tiny: { source: './model', task: 'text-classification' } },
          targets: { gpu: { engine: 'onnxruntime', device: 'cuda', gpu: 'sm_90', precisions: ['auto'] } },
          cache: { remote: { url: 'https://cache.example' } },
        }),
      ),
    code: 2,
    says: `
error: this version cannot build everything that is declared

error: not-built: this version does not read the setting 'cache.remote'
  where     cache.remote
  fix       remove it from the config

error: not-built: tiny/gpu/auto cannot be built by this version
  expected  onnxruntime on cuda, fp32, fp16, int8-weight, int4-weight
  found     precision 'auto'
`,
  },
  {
    mistake: 'several mistakes in the config at once',
    make: workspace =>
      workspace.write(
        CONFIG,
        `{
  "models": { "tiny": { "sorce": "./model", "task": "text-clasification", "shapes": { "batch": [1, 8] } } },
  "targets": {
    "cpu": { "engine": "onnxruntime", "device": "cpu", "precisions": ["fp32", "int9"] }
  },
  "outdir": "dist"
}
`,
      ),
    code: 2,
    says: `
error: 6 problems in transformer-deploy.config.json

error: config-invalid: 'source' is missing
  where     transformer-deploy.config.json:2:23 models.tiny
  fix       add source: './models/support-intents'

error: config-invalid: unknown key 'sorce'
  where     transformer-deploy.config.json:2:25 models.tiny.sorce
  expected  one of source, tokenizer, task, shapes, calibration, quantization, evaluation, tolerance, labels, exporter
  fix       did you mean 'source'?

error: config-invalid: unknown task 'text-clasification'
  where     transformer-deploy.config.json:2:53 models.tiny.task
  expected  one of text-classification, token-classification, question-answering, fill-mask, feature-extraction, sentence-similarity, text-ranking, text-generation, text2text-generation, zero-shot-classification, image-classification, automatic-speech-recognition
  fix       did you mean 'text-classification'?

error: config-invalid: too few items
  where     transformer-deploy.config.json:2:96 models.tiny.shapes.batch
  expected  exactly 3
  found     [1, 8]

error: config-invalid: unknown precision 'int9'
  where     transformer-deploy.config.json:4:79 targets.cpu.precisions[1]
  expected  one of fp32, fp16, bf16, fp8, int8, int8-dynamic, int8-weight, int4-weight, auto
  fix       did you mean 'int8'?

error: config-invalid: unknown key 'outdir'
  where     transformer-deploy.config.json:6:3 outdir
  expected  one of models, targets, triton, benchmark, validation, auto, cache, architectures, outDir
  fix       did you mean 'outDir'?
`,
  },
  {
    mistake: 'a config that is not JSON',
    make: workspace => workspace.write(CONFIG, '{\n  "models": {},\n  "targets": {,}\n}\n'),
    code: 2,
    says: `
error: config-syntax: syntax error: Unexpected token
  where     transformer-deploy.config.json:3:15
`,
  },
  {
    mistake: 'fp16 on the CPU',
    make: workspace =>
      workspace.edit(CONFIG, (config: TinyConfig) => {
        config.targets.cpu!.precisions = ['fp32', 'int8-dynamic', 'fp16'];
      }),
    code: 2,
    says: `
error: config-invalid: no fp16 on onnxruntime cpu: ONNX Runtime's CPU kernels run fp16 by inserting casts to fp32: slower, and no more exact
  where     transformer-deploy.config.json:36:9 targets.cpu.precisions[2]
  expected  one of fp32, int8, int8-dynamic, int8-weight, int4-weight, auto
  fix       for fp16 use a cuda, webgpu or tensorrt target
`,
  },
  {
    mistake: 'texts longer than the model has positions',
    make: workspace =>
      model(workspace, model => {
        model.shapes = { batch: [1, 2, 4], sequence: [4, 8, 64] };
      }),
    code: 2,
    says: `
error: sequence-too-long: the model takes 40 tokens at most
  where     models.tiny.shapes.sequence
  expected  at most 40: max_position_embeddings 40
  found     64
  fix       write [4, 8, 40]
`,
  },
  {
    mistake: 'a file where the output folder goes',
    make: workspace => workspace.write('dist', 'mine'),
    code: 3,
    says: `
error: not-a-folder: could not write the output folder: a file is where a folder should be
  where     <dir>/project/dist
  found     EEXIST: file already exists, mkdir '<dir>/project/dist'
  fix       move that file away, or choose another folder
`,
  },
  {
    mistake: 'an unknown option',
    make: () => undefined,
    args: ['build', '--keepgoing'],
    code: 2,
    says: `
error: unknown-option: td build has no option --keepgoing
  fix       did you mean --keep-going? td build --help lists every option
`,
  },
  {
    mistake: 'an unknown command',
    make: () => undefined,
    args: ['biuld'],
    code: 2,
    says: `
error: unknown-command: td has no command 'biuld'
  fix       did you mean 'td build'?
`,
  },
  {
    mistake: 'an unknown stage',
    make: () => undefined,
    args: ['build', '--skip', 'benchmrk'],
    code: 2,
    says: `
error: unknown-stage: there is no stage 'benchmrk'
  where     --skip
  expected  one of ${STAGES.join(', ')}
  fix       did you mean 'benchmark'?
`,
  },
  {
    mistake: 'a stage that another needs',
    make: () => undefined,
    args: ['build', '--skip', 'export'],
    code: 2,
    says: `
error: stage-needed: tiny/reference reads what tiny/export makes, so that cannot be skipped
  where     --skip
  fix       skip reference too, or skip neither
`,
  },
  {
    mistake: 'a model that is not there',
    make: () => undefined,
    args: ['build', 'tyni'],
    code: 2,
    says: `
error: selection-unknown: unknown model 'tyni'
  where     'tyni'
  expected  one of tiny
`,
  },
  {
    mistake: 'a precision that is not there',
    make: () => undefined,
    args: ['build', 'tiny/cpu/fp23'],
    code: 2,
    says: `
error: selection-unknown: unknown precision 'fp23' of tiny/cpu
  where     'tiny/cpu/fp23'
  expected  one of fp32, int8-dynamic
  fix       did you mean 'tiny/cpu/fp32'?
`,
  },
  {
    mistake: 'no config',
    make: workspace => rmSync(workspace.path(CONFIG)),
    code: 2,
    says: `
error: config-not-found: no configuration here
  expected  transformer-deploy.config.{ts,mts,js,mjs,cjs,json,yaml,yml} or the key 'transformer-deploy' in package.json
  found     none in <dir>/project, <dir>, /tmp, /
  fix       \`td init\` writes one; --config names one that lies elsewhere
`,
  },
  {
    mistake: 'a config that is named and not there',
    make: () => undefined,
    args: ['build', '--config', 'other.config.ts'],
    code: 2,
    says: `
error: config-not-found: there is no such file
  where     other.config.ts
  fix       \`td init\` writes one; without --config the nearest one above this folder is used
`,
  },
  {
    mistake: 'no jobs at all',
    make: () => undefined,
    args: ['build', '--jobs', '0'],
    code: 2,
    says: `
error: invalid-option: --jobs is not a whole number of at least 1
  expected  a whole number >= 1
  found     0
`,
  },
  {
    mistake: 'a reporter that is not there',
    make: () => undefined,
    args: ['build', '--reporter', 'tee'],
    code: 2,
    says: `
error: invalid-option: there is no reporter 'tee'
  where     --reporter
  expected  auto, tree, plain, json, silent
  fix       did you mean 'tree'?
`,
  },
  {
    mistake: 'a task that is not there',
    make: () => undefined,
    args: ['explain', 'tiny/cpu/fp32/valdate'],
    code: 2,
    says: `
error: unknown-task: there is no task 'tiny/cpu/fp32/valdate'
  expected  one of
            tiny/export
            tiny/reference
            tiny/package
            tiny/onnxruntime-cpu/optimize
            tiny/cpu/fp32/validate
            tiny/cpu/int8-dynamic/quantize
            tiny/cpu/int8-dynamic/validate
            tiny/triton
            tiny/benchmark
            report
            deploy
  fix       did you mean 'tiny/cpu/fp32/validate'?
`,
  },
];

testMistakes(MISTAKES, make.tiny);
