import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { openSession } from '../../src/runtime/session.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import type { Validation } from '../../src/validation/verdict.js';
import { generated } from '../support/decoding.js';
import { errorsOf } from '../support/exported.js';
import { type ReferenceGeneration, readReference } from '../support/reference.js';
import { type Build, CONFIG, copyCheckpoint, type Workspace, workspaces } from '../support/td.js';
import { generated as generatedFromText, openTextToText } from '../support/text-to-text.js';

const make = workspaces();
const traced = (name: string): string => fileURLToPath(new URL(`../passes/traced/${name}/model.onnx`, import.meta.url));

/** Models that are built from their checkpoints first, and whose delivered folders are then sources. */
const DELIVERED = ['llama', 't5', 'whisper', 'vit'];

let workspace: Workspace;
let build: Build;

beforeAll(async () => {
  workspace = make.empty();
  for (const name of [...DELIVERED, 'gpt2']) copyCheckpoint(readReference(name).folder, workspace.path(name));
  const settings = {
    targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32'] } },
    benchmark: { shapes: [[2, 8]], warmup: 1, runs: 2, minSeconds: 0 },
  };
  const shapes = { batch: [1, 2, 4], sequence: [4, 8, 48] };
  const fromCheckpoints = DELIVERED.map(
    name => [name, { source: `./${name}`, ...(name === 'vit' ? {} : { shapes }) }] as const,
  );
  workspace.write(CONFIG, { ...settings, models: Object.fromEntries(fromCheckpoints) });
  const first = await workspace.build(['--skip', 'benchmark,report']);
  expect(first.failures).toEqual([]);
  cpSync(workspace.path('dist/models'), workspace.path('delivered'), { recursive: true });

  rmSync(workspace.path('gpt2/model.safetensors'));
  workspace.write('gpt2/onnx/model.onnx', readFileSync(traced('gpt2-torchscript-14-eager')));
  workspace.write('eval.jsonl', `${JSON.stringify({ text: 'I would not see it again.' })}\n`);
  const tolerance = { 'int8-dynamic': 5 };
  const models = Object.fromEntries(
    fromCheckpoints.map(([name, model]) => [name, { ...model, source: `./delivered/${name}/cpu-fp32`, tolerance }]),
  );
  const gpt2 = { source: './gpt2', shapes, tolerance, evaluation: { data: './eval.jsonl', maxDrop: 0.5 } };
  workspace.write(CONFIG, {
    ...settings,
    models: { ...models, gpt2 },
    targets: { cpu: { engine: 'onnxruntime', precisions: ['fp32', 'int8-dynamic'] } },
  });
  build = await workspace.build();
}, 120_000);

test('delivered folders and a traced decoder are sources: validated in both precisions, and no checkpoint is asked', () => {
  expect(build.failures).toEqual([]);
  expect(build.code).toBe(0);
  for (const name of [...DELIVERED, 'gpt2']) {
    expect(build.ran).toContain(`${name}/import`);
    expect(build.ran).not.toContain(`${name}/export`);
    const verdict = workspace.json<Validation>(`dist/models/${name}/cpu-fp32/validation.json`);
    expect(verdict.outputs.logits).toBeDefined();
  }
  const { outputs, evaluation } = workspace.json<Validation>('dist/models/gpt2/cpu-fp32/validation.json');
  expect(outputs.logits!.modes['with-cache']!.rows).toBeGreaterThan(20);
  expect(evaluation!.metric).toBe('perplexity');
});

test.each(['t5', 'whisper'])('%s has both files again', name => {
  expect(workspace.files(`dist/models/${name}/cpu-int8-dynamic/onnx`)).toEqual([
    'decoder_model_merged.onnx',
    'decoder_model_merged.onnx_data',
    'encoder_model.onnx',
    'encoder_model.onnx_data',
  ]);
});

test('td infer continues a text with the traced decoder as PyTorch does', async () => {
  const { folder, generations } = readReference('gpt2');
  const [
    {
      input_ids: [prompt],
      new_ids: [tokens],
    },
  ] = generations as [ReferenceGeneration & { input_ids: [number[]] }];
  const tokenizer = await loadTokenizer(folder);
  if (!tokenizer.ok) throw new Error(tokenizer.error.message);
  const request = ['infer', 'gpt2/cpu/fp32', tokenizer.value.decode(prompt), '--max-new-tokens', `${tokens!.length}`];
  const { code, stdout, stderr } = await workspace.td([...request, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout).generated.tokens).toEqual(tokens);
});

test('what was delivered twice still says what PyTorch says', async () => {
  const folderOf = (name: string): string => workspace.path('dist/models', name, 'cpu-fp32/onnx');
  const greedy = (name: string) => readReference(name).generations.find(({ settings }) => settings.num_beams === 1)!;
  const llama = await openSession(folderOf('llama'), 'model.onnx', { threads: 1 });
  if (!llama.ok) throw new Error(JSON.stringify(llama.error));
  expect((await generated(llama.value, greedy('llama'))).newIds).toEqual(greedy('llama').new_ids);
  await llama.value.release();
  const t5 = await openTextToText(folderOf('t5'));
  expect((await generatedFromText(t5, greedy('t5'))).newIds).toEqual(greedy('t5').new_ids);
  await Promise.all([t5.encoder.release(), t5.decoder.release()]);
  const vit = await openSession(folderOf('vit'), 'model.onnx', { threads: 1 });
  if (!vit.ok) throw new Error(JSON.stringify(vit.error));
  expect((await errorsOf(vit.value, readReference('vit'))).logits).toBeLessThanOrEqual(readReference('vit').tolerance);
  await vit.value.release();
});

test('an encoder without its merged decoder is refused, by name', async () => {
  const at = make.empty();
  cpSync(workspace.path('delivered/t5/cpu-fp32'), at.path('m'), { recursive: true });
  renameSync(at.path('m/onnx/decoder_model_merged.onnx'), at.path('m/onnx/decoder_model.onnx'));
  const targets = { cpu: { engine: 'onnxruntime', precisions: ['fp32'] } };
  at.write(CONFIG, { models: { m: { source: './m' } }, targets });
  const outcome = await at.td(['build']);
  expect(`\n${at.normal(outcome.stderr)}`).toContain(`
error: onnx-decoder-missing: the decoder that belongs to the encoder does not exist
  where     <dir>/project/m/onnx/encoder_model.onnx
  expected  <dir>/project/m/onnx/decoder_model_merged.onnx
  found     decoder_model.onnx
  fix       build it from the checkpoint: a folder with safetensors
`);
  expect(outcome.code).toBe(2);
});
