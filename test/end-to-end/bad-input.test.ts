import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Mistake, model, modelJson, testMistakes } from '../support/mistakes.js';
import { type Workspace, workspaces } from '../support/td.js';

const make = workspaces();

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

/** In checkpoints, tokenizers and data. */
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
];

testMistakes(MISTAKES, make.tiny);
