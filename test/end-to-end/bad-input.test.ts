import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { STAGES } from '../../src/plan/stage-tasks.js';
import { CONFIG, filesBelow, type TinyConfig, type Workspace, workspaces } from '../support/td.js';

/** Every mistake is told in full: what, where, expected, found, what to do. And nothing is left behind. */

const make = workspaces();

interface Mistake {
  readonly mistake: string;
  readonly make: (workspace: Workspace) => void;
  readonly args?: readonly string[];
  readonly code: number;
  readonly says: string;
}

const model = (workspace: Workspace, change: (model: Record<string, unknown>) => void): void =>
  workspace.edit(CONFIG, (config: TinyConfig) => change(config.models.tiny!));

const modelJson = (workspace: Workspace, change: (json: Record<string, unknown>) => void): void =>
  workspace.edit('model/config.json', change as never);

const WEIGHTS = 'model/model.safetensors';

/** Rewrites the header of the weights; the data stays. */
function weights(workspace: Workspace, change: (header: Record<string, unknown>, data: Buffer) => Buffer): void {
  const bytes = readFileSync(workspace.path(WEIGHTS));
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, unknown>;
  const data = bytes.subarray(8 + length);
  const changed = change(header, data);
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(workspace.path(WEIGHTS), Buffer.concat([size, text, changed]));
}

/** One task after the other, so that what is told does not depend on the machine's speed; only failures are told. */
const BUILD = ['build', '--skip', 'benchmark,report', '--jobs', '1', '--reporter', 'silent'];

/** Of build in the tiny workspace unless args say otherwise. */
const MISTAKES: readonly Mistake[] = [
  {
    mistake: 'no model folder',
    make: workspace => rmSync(workspace.path('model'), { recursive: true }),
    code: 2,
    says: `
error: model-folder-missing: the model folder does not exist
  where     <dir>/project/model
  expected  a folder with config.json and model.safetensors
  found     nothing
  fix       correct the path; a model on the Hub is written as 'hub:organisation/name@revision'
`,
  },
  {
    mistake: 'what the config knows and this version does not build',
    make: workspace =>
      workspace.edit(CONFIG, (config: TinyConfig) =>
        Object.assign(config, {
          models: { tiny: { source: './model', task: 'text-classification' } },
          targets: { gpu: { engine: 'tensorrt', device: 'cuda', gpu: 'sm_90', precisions: ['int4-weight'] } },
          cache: { remote: { url: 'https://cache.example' } },
        }),
      ),
    code: 2,
    says: `
error: this version cannot build everything that is declared

error: not-built: this version does not read the setting 'cache.remote'
  where     cache.remote
  fix       remove it from the config

error: not-built: tiny/gpu/int4-weight cannot be built by this version
  expected  tensorrt, fp32, fp16, bf16, fp8, int8
  found     precision 'int4-weight'
`,
  },
  {
    mistake: 'a pickle-only checkpoint',
    make(workspace) {
      rmSync(workspace.path(WEIGHTS));
      workspace.write('model/pytorch_model.bin', 'PK');
    },
    code: 2,
    says: `
error: weights-pickle: the checkpoint is pickled, which is never loaded: it can run any code
  where     <dir>/project/model
  expected  model.safetensors
  found     pytorch_model.bin
  fix       convert it once: python -c "from transformers import BertForSequenceClassification; BertForSequenceClassification.from_pretrained('<dir>/project/model').save_pretrained('<dir>/project/model', safe_serialization=True)"
`,
  },
  {
    mistake: 'a checkpoint that is quantised already',
    make: workspace =>
      modelJson(workspace, json => {
        json.quantization_config = { quant_method: 'awq', bits: 4, group_size: 128, version: 'gemm' };
      }),
    code: 2,
    says: `
error: weights-quantized: the checkpoint's weights are quantised already
  where     <dir>/project/model/config.json
  expected  weights as they were trained: float32, float16 or bfloat16
  found     quantization_config with quant_method 'awq', 4 bits
  fix       use the checkpoint that it was made from, and let the build quantise it: precisions: ['int4-weight']
`,
  },
  {
    mistake: 'an architecture that is not known',
    make: workspace =>
      modelJson(workspace, json => {
        json.model_type = 'bertt';
        json.architectures = ['BrtForSequenceClassification'];
      }),
    code: 2,
    says: `
error: architecture-unknown: this family of models cannot be exported yet
  where     <dir>/project/model/config.json: model_type
  expected  one of <families>
  found     "bertt"
  fix       did you mean "bert"? If not, use exporter: 'torch', or write it yourself: docs/adding-an-architecture.md
`,
  },
  {
    mistake: 'a head that does not do the task',
    make: workspace =>
      model(workspace, model => {
        model.task = 'question-answering';
        delete model.evaluation;
      }),
    code: 2,
    says: `
error: task-mismatch: BertForSequenceClassification does not do question-answering
  where     models.tiny.task
  expected  one of text-classification, zero-shot-classification
  found     'question-answering'
  fix       use 'text-classification', or a checkpoint with another head
`,
  },
  {
    mistake: 'a weight under another name: one missing, one unused',
    make: workspace =>
      weights(workspace, (header, data) => {
        header['clasifier.weight'] = header['classifier.weight'];
        delete header['classifier.weight'];
        return data;
      }),
    code: 2,
    says: `
error: weight-missing: the checkpoint lacks a weight that the model needs
  where     <dir>/project/model
  expected  classifier.weight
  found     clasifier.weight is the nearest name
  fix       use a checkpoint that was saved whole; config.json must be the one that it was saved with
`,
  },
  {
    mistake: 'a weight that the model has no use for',
    make: workspace =>
      weights(workspace, (header, data) => {
        header['bert.encoder.layer.7.output.dense.bias'] = {
          dtype: 'F32',
          shape: [2],
          data_offsets: [data.length, data.length + 8],
        };
        return Buffer.concat([data, Buffer.alloc(8)]);
      }),
    code: 2,
    says: `
error: weight-unused: the checkpoint holds weights that the model has no use for
  where     <dir>/project/model
  expected  every weight to be used: one that is left out silently would make the model wrong
  found     1 weight
  fix       check that model_type and the sizes in config.json are those of this checkpoint
  | bert.encoder.layer.7.output.dense.bias
`,
  },
  {
    mistake: 'a weight that is not a number',
    make: workspace =>
      weights(workspace, (header, data) => {
        const [start] = (header['classifier.bias'] as { data_offsets: [number, number] }).data_offsets;
        data.writeFloatLE(Number.NaN, start);
        return data;
      }),
    code: 2,
    says: `
error: weight-not-finite: a weight holds NaN or infinity
  where     classifier.bias
  expected  finite numbers
  found     1 element of 2 is not finite
  fix       the checkpoint is damaged, or its training diverged: take another one
`,
  },
  {
    mistake: 'a truncated weight file',
    make(workspace) {
      const bytes = readFileSync(workspace.path(WEIGHTS));
      writeFileSync(workspace.path(WEIGHTS), bytes.subarray(0, bytes.length - 1000));
    },
    code: 2,
    says: `
error: safetensors-outside: a tensor lies outside of its safetensors file
  where     <dir>/project/model/model.safetensors: bert.pooler.dense.weight
  expected  data_offsets up to 226528, where the file ends
  found     data_offsets [217920, 227136]
  fix       the file is damaged or incomplete: download it again and compare its sha256
`,
  },
  {
    mistake: 'no tokenizer.json',
    make: workspace => rmSync(workspace.path('model/tokenizer.json')),
    code: 2,
    says: `
error: tokenizer-missing: the model folder has no tokenizer.json
  where     <dir>/project/model
  expected  tokenizer.json, the fast tokenizer that save_pretrained writes
  found     tokenizer_config.json, special_tokens_map.json
  fix       convert a slow tokenizer once: python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('<dir>/project/model').save_pretrained('<dir>/project/model')"
`,
  },
  {
    mistake: 'a broken tokenizer.json',
    make: workspace => workspace.write('model/tokenizer.json', '{"version": '),
    code: 2,
    says: `
error: tokenizer-invalid: a tokenizer file is not a JSON object
  where     <dir>/project/model/tokenizer.json
  expected  a JSON object
  found     "{\\"version\\": "
  fix       save it with transformers: AutoTokenizer.from_pretrained(...).save_pretrained(...)
`,
  },
  {
    mistake: 'a vocabulary larger than the embedding table',
    make: workspace =>
      workspace.edit('model/tokenizer.json', (json: { model: { vocab: Record<string, number> } }) => {
        json.model.vocab.zebra = 300;
      }),
    code: 2,
    says: `
error: tokenizer-too-large: the tokenizer knows tokens that the model does not
  where     <dir>/project/model/tokenizer.json
  expected  ids below 300 (vocab_size in config.json)
  found     1 token beyond, the first is 'zebra' with id 300
  fix       use the tokenizer that the model was trained with, or resize the embeddings
`,
  },
  {
    mistake: 'evaluation data without a line',
    make: workspace => workspace.write('eval.jsonl', '\n\n'),
    code: 2,
    says: `
error: data-empty: the data file has no samples
  where     <dir>/project/eval.jsonl
  expected  one JSON object per line, for instance {"text": "..."}
  found     2 blank lines
`,
  },
  {
    mistake: 'lines that are not what they should be',
    make: workspace =>
      workspace.write(
        'eval.jsonl',
        '{"text": "good", "label": 0}\n{"text": "bad", "label": 1\n{"txt": "x", "label": "POSITIV"}\n[1]\n',
      ),
    code: 2,
    says: `
error: the data file has 3 problems

error: data-line-invalid: the line is not JSON
  where     <dir>/project/eval.jsonl:2
  expected  one JSON object on one line
  found     {"text": "bad", "label": 1

error: data-line-invalid: the field 'text' is missing
  where     <dir>/project/eval.jsonl:3
  expected  a string
  found     the fields txt, label
  fix       rename 'txt' to 'text'

error: data-line-invalid: the line is not a JSON object
  where     <dir>/project/eval.jsonl:4
  expected  {"text": ...}
  found     [1]
`,
  },
  {
    mistake: 'a label that the model does not have',
    make: workspace =>
      workspace.write('eval.jsonl', '{"text": "good", "label": "POSITVE"}\n{"text": "bad", "label": 2}\n'),
    code: 2,
    says: `
error: the data file has 2 problems

error: data-line-invalid: the model has no label 'POSITVE'
  where     <dir>/project/eval.jsonl:1
  expected  one of NEGATIVE, POSITIVE
  fix       did you mean 'POSITIVE'?

error: data-line-invalid: the model has no label 2
  where     <dir>/project/eval.jsonl:2
  expected  an index from 0 to 1, or one of NEGATIVE, POSITIVE
`,
  },
  {
    mistake: 'data files that do not exist',
    make: workspace =>
      model(workspace, model => {
        model.calibration = { data: './calibraton.jsonl' };
        model.evaluation = { data: './evl.jsonl' };
      }),
    code: 2,
    says: `
error: model 'tiny' does not fit its configuration

error: data-missing: a data file does not exist
  where     models.tiny.calibration.data
  expected  <dir>/project/calibraton.jsonl
  found     nothing
  fix       paths are relative to the config file

error: data-missing: a data file does not exist
  where     models.tiny.evaluation.data
  expected  <dir>/project/evl.jsonl
  found     nothing
  fix       paths are relative to the config file
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

describe('what is said, and the exit code', () => {
  test.each(MISTAKES)('$mistake', async ({ make: change, args = BUILD, code, says }) => {
    const workspace = make.tiny();
    change(workspace);
    const before = filesBelow(workspace.project);
    const outcome = await workspace.td([...args]);
    expect(normal(workspace, outcome.stderr)).toBe(says.trimStart());
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toBe('');
    expect(filesBelow(workspace.project).filter(path => !path.startsWith('.td/'))).toEqual(before);
  });

  // The families of models that are known grow.
  const normal = (workspace: Workspace, text: string): string =>
    workspace.normal(text.trimStart()).replace(/^( {2}expected {2}one of) albert, .*$/m, '$1 <families>');
});

describe('a gate that is not passed', () => {
  test('a tolerance: exit code 1, all numbers, and no artefact', async () => {
    const workspace = make.tiny();
    model(workspace, model => {
      model.tolerance = { fp32: 1e-12, 'int8-dynamic': 1 };
    });
    const { code, stderr } = await workspace.td([...BUILD, '--keep-going']);
    expect(code).toBe(1);
    const number = String.raw`[\d.e-]+`;
    expect(stderr).toMatch(
      new RegExp(
        [
          'error: validation-failed: tiny/cpu/fp32 differs too much from the fp32 export',
          '  where     tiny/cpu/fp32',
          '  expected  logits: largest difference at most 1.00e-12; evaluation logits: largest difference at most 1.00e-12',
          `  found     ${number}; ${number}`,
          String.raw`  fix       use a higher precision than fp32, or set tolerance.fp32 \(a largest difference\) if you accept this one`,
          String.raw`  \| gate +found +limit`,
          String.raw`  \| logits: values that are NaN or infinite +0 +0 +ok`,
          String.raw`  \| logits: largest difference +${number} +1.00e-12 +over`,
        ].join('\n'),
      ),
    );
    // What passed its gate is delivered, what did not is not.
    expect(workspace.files('dist/models/tiny/cpu-fp32')).toEqual([]);
    expect(workspace.files('dist/models/tiny/cpu-int8-dynamic')).toContain('onnx/model.onnx');
  });

  test('maxDrop: labels that fp32 gets right and int8 wrong', async () => {
    const workspace = make.tiny();
    model(workspace, model => {
      model.evaluation = { data: './eval.jsonl', metric: 'accuracy', maxDrop: 0 };
      model.tolerance = { 'int8-dynamic': 10 };
    });
    const changed = await labelsThatRoundingChanges(workspace);
    workspace.write('eval.jsonl', changed.map(line => `${JSON.stringify(line)}\n`).join(''));
    const { code, stderr } = await workspace.td([...BUILD, '--keep-going']);
    expect(code).toBe(1);
    // int8 takes its scale from the whole batch, so in another batch fewer labels may change.
    const share = String.raw`(1|0\.\d*[1-9]\d*)`;
    expect(stderr).toMatch(
      new RegExp(
        [
          'error: validation-failed: tiny/cpu/int8-dynamic differs too much from the fp32 export',
          '  where     tiny/cpu/int8-dynamic',
          '  expected  drop of accuracy at most 0',
          `  found     ${share}`,
          `  fix       use a higher precision than int8-dynamic, or raise evaluation.maxDrop if ${changed.length} samples show a drop you accept`,
        ].join('\n'),
      ),
    );
    expect(stderr).toMatch(
      /accuracy 1\.0000 -> 0\.\d{4}, drop [01]\.\d{4} \(95 %: .* to .*\); \d+ lost and 0 won of \d+/,
    );
    expect(workspace.files('dist/models/tiny/cpu-int8-dynamic')).toEqual([]);
    expect(workspace.files('dist/models/tiny/cpu-fp32')).toContain('validation.json');
  });

  /** Texts on which fp32 and int8 disagree, with the label that fp32 gives. */
  async function labelsThatRoundingChanges(workspace: Workspace): Promise<{ text: string; label: string }[]> {
    const { code } = await workspace.td([
      'build',
      '--only',
      'package,quantize,optimize,validate',
      '--reporter',
      'silent',
    ]);
    expect(code).toBe(0);
    const texts = Array.from({ length: 400 }, (_, index) => wordsOf(index));
    const { stdout } = await workspace.td(['infer', 'tiny', '--json'], { input: texts.join('\n') });
    const answers = stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as { artefact: string; text: string; labels: { label: string }[] });
    const labelsOf = (artefact: string): Map<string, string> =>
      new Map(answers.filter(a => a.artefact === artefact).map(({ text, labels }) => [text, labels[0]!.label]));
    const [fp32, int8] = [labelsOf('tiny/cpu/fp32'), labelsOf('tiny/cpu/int8-dynamic')];
    const changed = texts.flatMap(text =>
      fp32.get(text) === int8.get(text) ? [] : [{ text, label: fp32.get(text)! }],
    );
    expect(changed.length).toBeGreaterThan(0);
    return changed;
  }

  const WORDS = ['the', 'movie', 'was', 'great', 'bad', 'acting', 'good', 'music', 'story', 'it', 'a', 'not'];
  const wordsOf = (seed: number): string =>
    [1, 12, 144].map(place => WORDS[Math.floor(seed / place) % WORDS.length]!).join(' ');
});

describe('folders that cannot be written', () => {
  // root may write everywhere, so a file stands where a folder should be.
  test('the cache: a build without one, and a warning', async () => {
    const workspace = make.tiny();
    writeFileSync(workspace.cache, 'not a folder');
    const { code, stderr } = await workspace.td(['build', '--skip', 'benchmark,report']);
    expect(workspace.normal(stderr)).toContain(
      [
        "warning  the cache cannot be written, so that new results are not kept: EEXIST: file already exists, mkdir '<dir>/cache'",
        '         make <dir>/cache a folder that this user may write, or set cache.directory',
        '',
      ].join('\n'),
    );
    expect(workspace.files()).toContain('models/tiny/cpu-fp32/onnx/model.onnx');
    expect(code).toBe(0);
  });
});
