import { type Mistake, model, testMistakes } from '../support/mistakes.js';
import { CONFIG, type TinyConfig, type Workspace, workspaces } from '../support/td.js';

const make = workspaces();

/** The tiny classifier in int8, calibrated on these lines. */
const calibratedOn = (lines: string) => (workspace: Workspace) => {
  workspace.write('calibration.jsonl', lines);
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets.cpu!.precisions = ['int8'];
  });
  model(workspace, tiny => {
    tiny.calibration = { data: './calibration.jsonl' };
    tiny.tolerance = { int8: 1 };
  });
};

/** Data that no range can be measured on. */
const MISTAKES: readonly Mistake[] = [
  {
    mistake: 'calibration data without a line',
    make: calibratedOn(''),
    code: 2,
    says: `
error: data-empty: the data file has no samples
  where     <dir>/project/calibration.jsonl
  expected  one JSON object per line, for instance {"text": "..."}
  found     an empty file
`,
  },
  {
    mistake: 'nothing but padding and special tokens',
    make: calibratedOn('{"text": ""}\n{"text": "[PAD] [PAD] [SEP]"}\n{"text": "  "}\n'),
    code: 2,
    says: `
error: calibration-empty: no text has a token to calibrate with
  where     <dir>/project/calibration.jsonl
  expected  texts with words of the model’s language
  found     3 texts of padding and special tokens alone
  fix       give the model calibration.data: texts as it will see them
`,
  },
  {
    mistake: 'a line that is no text',
    make: calibratedOn('{"text": "good"}\n{"sentence": "bad"}\n{"text": 7}\n'),
    code: 2,
    says: `
error: the data file has 2 problems

error: data-line-invalid: the field 'text' is missing
  where     <dir>/project/calibration.jsonl:2
  expected  a string
  found     the fields sentence

error: data-line-invalid: the field 'text' has the wrong type
  where     <dir>/project/calibration.jsonl:3
  expected  a string
  found     a number
`,
  },
  {
    mistake: 'a folder in the place of the file',
    make(workspace) {
      calibratedOn('')(workspace);
      model(workspace, tiny => {
        tiny.calibration = { data: './folder.jsonl' };
      });
      workspace.write('folder.jsonl/file', '');
    },
    code: 2,
    says: `
error: data-missing: a data file does not exist
  where     models.tiny.calibration.data
  expected  <dir>/project/folder.jsonl
  found     a folder
  fix       paths are relative to the config file
`,
  },
  {
    mistake: 'a file that is not there',
    make(workspace) {
      calibratedOn('')(workspace);
      model(workspace, tiny => {
        tiny.calibration = { data: './calibraton.jsonl' };
      });
    },
    code: 2,
    says: `
error: data-missing: a data file does not exist
  where     models.tiny.calibration.data
  expected  <dir>/project/calibraton.jsonl
  found     nothing
  fix       paths are relative to the config file
`,
  },
];

testMistakes(MISTAKES, make.tiny);
