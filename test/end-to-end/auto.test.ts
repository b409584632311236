import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Choice } from '../../src/choice/choice.js';
import { mixText } from '../../src/choice/mix.js';
import { type Workspace, workspaces } from '../support/td.js';

const make = workspaces();
const CONFIG = 'transformer-deploy.config.ts';
const AUTO = 'dist/models/intents/cpu-auto';
const MODEL = [`${AUTO}/onnx/model.onnx`, `${AUTO}/onnx/model.onnx_data`];

/** The example, for 'auto' beside fp32, measured as briefly as possible. */
function project(): Workspace {
  const workspace = make.example();
  edit(workspace, /precisions: \[[^\]]*\]/, "precisions: ['fp32', 'auto']");
  edit(
    workspace,
    /benchmark: \{[\s\S]*?\n {2}\},/,
    'benchmark: { shapes: [[1, 16]], warmup: 1, runs: 3, minSeconds: 0 },',
  );
  return workspace;
}

function edit(workspace: Workspace, from: RegExp | string, to: string): void {
  const before = workspace.read(CONFIG);
  const after = before.replace(from, to);
  if (after === before) throw new Error(`nothing to replace in the config: ${from}`);
  writeFileSync(workspace.path(CONFIG), after);
}

const digests = (workspace: Workspace): readonly string[] =>
  MODEL.map(path => readFileSync(workspace.path(path)).toString('base64'));

describe('auto', { timeout: 240_000 }, () => {
  let first: Workspace;
  let told: string;

  beforeAll(async () => {
    first = project();
    const outcome = await first.td(['build', '--reporter', 'plain']);
    expect(outcome.code, outcome.stderr).toBe(0);
    told = outcome.stderr;
  }, 240_000);

  test('the build that chooses writes td.lock, and says so', () => {
    const choice = first.json<Choice & Record<string, unknown>>(`${AUTO}/choice.json`);
    expect(told).toContain(`td.lock: intents/cpu/auto is ${mixText(choice.mix)}\n`);
    const lock = first.json<{ choices: Record<string, { choice: Choice; basis: { settings: object } }> }>('td.lock');
    expect(lock.choices['intents/cpu/auto']!.choice).toEqual(choice);
    expect(lock.choices['intents/cpu/auto']!.basis.settings).toMatchObject({ maxDrop: 0.01, shapes: [[1, 16]] });
    expect(choice.candidates.map(({ mix }) => mix.precision)).toEqual(
      expect.arrayContaining(['fp32', 'int8-dynamic', 'int8', 'int8-weight', 'int4-weight']),
    );
    expect(choice.candidates.filter(({ verdict }) => verdict === 'chosen')).toHaveLength(1);
    expect(choice.untried).toEqual([
      { precision: 'int8, smoothed', reason: 'no activation has channels that are far larger than its others' },
    ]);
    const quantized = choice.candidates.some(({ mix }) => mix.embeddings);
    expect(quantized).toBe(choice.mix.precision === 'int8' || choice.mix.precision === 'int8-dynamic');
    expect(first.read('dist/report.md')).toContain(`intents/cpu/auto is ${mixText(choice.mix)}. Measured on `);
    // Whoever serves the model opens it as it was measured.
    expect(first.read('dist/triton/intents-cpu-auto-model/config.pbtxt').replaceAll(/\s+/g, ' ')).toContain(
      `key: "intra_op_thread_count" value { string_value: "${choice.mix.threads ?? 0}" }`,
    );
  });

  test('another build from the lock measures nothing to choose, and has the same bytes', async () => {
    const second = project();
    copyFileSync(first.path('td.lock'), second.path('td.lock'));
    const build = await second.build(['--skip', 'benchmark,report']);
    expect(build.failures).toEqual([]);
    expect(build.ran).toContain('intents/cpu/auto/choose');
    expect(digests(second)).toEqual(digests(first));
    expect(second.read(`${AUTO}/choice.json`)).toBe(first.read(`${AUTO}/choice.json`));
    expect(second.read('td.lock')).toBe(first.read('td.lock'));
  });

  test('in place, the lock takes the place of the measurement, and nothing after it runs again', async () => {
    const build = await first.build();
    expect(build.failures).toEqual([]);
    expect(build.ran).toContain('intents/cpu/auto/choose');
    expect(build.ran.filter(task => /quantize|validate|benchmark|triton|reference/.test(task))).toEqual([]);
    expect((await first.build()).ran).toEqual([]);
  });

  test('frozen: what was chosen for something else is refused with the difference, and plan says it', async () => {
    expect((await first.td(['lock'])).code).toBe(0);
    const lock = first.read('td.lock');
    expect(lock).toContain('"choices"');
    expect((await first.td(['build', '--frozen'])).code).toBe(0);
    edit(first, 'maxDrop: 0.01', 'maxDrop: 0.02');
    const frozen = await first.td(['build', '--frozen']);
    expect(frozen.code).toBe(2);
    expect(frozen.stderr).toBe(
      'error: lock-mismatch: intents/cpu/auto was chosen for something else\n' +
        '  where     settings.maxDrop\n' +
        '  expected  0.01\n' +
        '  found     0.02\n' +
        '  fix       if the change is meant, td build chooses anew and locks it\n',
    );
    const plan = await first.td(['plan']);
    expect(plan.stderr).toBe('intents/cpu/auto: settings.maxDrop 0.01 -> 0.02; it is chosen anew\n');
    expect(plan.stdout).toMatch(/^intents\/cpu\/auto\/choose +will run/m);
    edit(first, 'maxDrop: 0.02', 'maxDrop: 0.01');
    const data = first.read('data/eval.jsonl').trimEnd().split('\n');
    first.write('data/eval.jsonl', `${data.slice(1).join('\n')}\n`);
    const other = await first.td(['build', '--frozen']);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('  where     evaluation.data\n');
    expect(first.read('td.lock')).toBe(lock);
  });
});
