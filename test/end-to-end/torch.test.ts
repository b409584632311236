import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CONFIG, type TinyConfig, type Workspace, workspaces } from '../support/td.js';
import { standInPython } from '../torch/stand-in.js';

const { tiny } = workspaces();

function project(model: Readonly<Record<string, unknown>> = {}): Workspace {
  const workspace = tiny();
  workspace.edit(CONFIG, (config: TinyConfig) => {
    Object.assign(config.models.tiny!, { exporter: 'torch', tolerance: { fp32: 1e-4 }, ...model });
    config.targets.cpu!.precisions = ['fp32'];
  });
  return workspace;
}

const BUILD = ['build', '--skip', 'benchmark,report', '--reporter', 'silent'];

describe("exporter 'torch' before any work", () => {
  const said = async (workspace: Workspace, TD_PYTHON: string) => {
    const { code, stderr } = await workspace.td(BUILD, { env: { TD_PYTHON } });
    return [code, workspace.normal(stderr)];
  };

  test('Python is not there', async () => {
    const [code, text] = await said(project(), '/nowhere/python');
    expect(code).toBe(3);
    expect(text).toContain("error: python-missing: exporter 'torch' needs Python, which is not there\n");
  });

  test('a task that cannot be traced', async () => {
    const workspace = project({ task: 'text-generation' });
    workspace.edit('model/config.json', (json: { architectures: string[] }) => {
      json.architectures = ['GPT2LMHeadModel'];
    });
    workspace.edit(CONFIG, (config: TinyConfig) => {
      delete config.models.tiny!.evaluation;
    });
    expect(await said(workspace, 'python3')).toEqual([
      2,
      `error: torch-task: exporter 'torch' cannot export a model for text-generation
  where     models.tiny.exporter
  expected  one of text-classification, zero-shot-classification, text-ranking, token-classification, question-answering, fill-mask, feature-extraction
  found     text-generation
  fix       use exporter 'td', with an architecture of your own if the family is not known
`,
    ]);
  });
});

test('another version of a package is another export', async () => {
  const workspace = project();
  const explained = async (torch: string) => {
    const versions = { python: '3.11.7', torch, transformers: '5.18.0', onnx: '1', onnxscript: '1' };
    const python = standInPython(workspace.folder, 'touch "$3/model.onnx"', versions);
    return workspace.build(['--only', 'export-torch'], { env: { TD_PYTHON: python } });
  };
  expect((await explained('2.13.0')).ran).toEqual(['tiny/export-torch']);
  expect((await explained('2.13.0')).ran).toEqual([]);
  expect((await explained('2.14.0')).ran).toEqual(['tiny/export-torch']);
});

const python = process.env.TD_TEST_TORCH_PYTHON;

describe.skipIf(!python)(`with PyTorch${python ? '' : ' (skipped: TD_TEST_TORCH_PYTHON names no interpreter)'}`, () => {
  const env = { TD_PYTHON: python };

  test('a model is traced, imported, fused and agrees with what PyTorch wrote', { timeout: 180_000 }, async () => {
    const workspace = project();
    const outcome = await workspace.build(['--skip', 'benchmark,report'], { env });
    expect([outcome.code, outcome.failures]).toEqual([0, []]);
    expect(outcome.ran).toEqual(
      expect.arrayContaining(['tiny/export-torch', 'tiny/import', 'tiny/reference', 'tiny/cpu/fp32/validate']),
    );
    expect(workspace.files('dist/models/tiny/cpu-fp32')).toContain('onnx/model.onnx');
    const again = await workspace.build(['--skip', 'benchmark,report'], { env });
    expect([again.ran, again.failures]).toEqual([[], []]);
  });

  test('a head that the checkpoint lacks is not drawn at random', { timeout: 180_000 }, async () => {
    const workspace = project({ task: 'token-classification' });
    workspace.edit(CONFIG, (config: TinyConfig) => {
      delete config.models.tiny!.evaluation;
    });
    workspace.edit('model/config.json', (json: { architectures: string[]; model_type: string }) => {
      json.architectures = ['BertForTokenClassification'];
      json.model_type = 'distilbert';
    });
    writeFileSync(workspace.path('.keep'), '');
    const outcome = await workspace.build(['--skip', 'benchmark,report'], { env });
    expect(outcome.failures[0]).toMatchObject({ code: 'torch-weights', kind: 'usage' });
  });
});
