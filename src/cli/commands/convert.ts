import { existsSync } from 'node:fs';
import { checkConfig } from '../../config/check-config.js';
import { resolveConfig } from '../../config/resolve.js';
import { type Failure, together, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import { type Arguments, numberProblem } from '../arguments.js';
import type { Command } from '../command.js';
import { planProject } from '../project.js';
import { BUILD_OPTIONS, buildProject, exitCodeOf, speaksToPeople } from '../run-build.js';
import { STAGE_OPTIONS } from '../stage-options.js';
import { printVerdicts } from '../verdicts.js';

/** What ELS-RD/transformer-deploy called its tasks -> the Hub's names. */
const FORMER_TASKS: Readonly<Record<string, string>> = {
  classification: 'text-classification',
  embedding: 'feature-extraction',
};

export const command: Command = {
  name: 'convert',
  usage: '-m ID|DIR [OPTIONS]',
  summary: 'Builds one model without a config file. The flags of ELS-RD/transformer-deploy are understood.',
  options: {
    model: {
      type: 'string',
      short: 'm',
      placeholder: 'ID|DIR',
      help: 'a model folder, or organisation/name on the Hub',
    },
    task: { type: 'string', short: 't', placeholder: 'TASK', help: 'default: what the checkpoint was made for' },
    backend: { type: 'string', multiple: true, placeholder: 'onnx|tensorrt', help: 'default: onnx' },
    device: { type: 'string', short: 'd', placeholder: 'cpu|cuda', help: 'default: cpu' },
    'batch-size': { type: 'string', short: 'b', values: 3, placeholder: 'MIN OPT MAX', help: 'default: 1 8 32' },
    'seq-len': {
      type: 'string',
      short: 's',
      values: 3,
      placeholder: 'MIN OPT MAX',
      help: "default: from the model's positions",
    },
    quantization: { type: 'boolean', short: 'q', help: 'int8 as well as fp32' },
    name: {
      type: 'string',
      short: 'n',
      placeholder: 'NAME',
      help: 'of the model in the output (default: transformer)',
    },
    output: { type: 'string', short: 'o', placeholder: 'DIR', help: 'default: triton_models' },
    atol: { type: 'string', placeholder: 'X', help: 'largest absolute difference from the fp32 export' },
    calibration: { type: 'string', placeholder: 'FILE', help: 'jsonl with texts for validation and benchmark' },
    evaluation: { type: 'string', placeholder: 'FILE', help: 'jsonl with texts and right answers' },
    warmup: { type: 'string', placeholder: 'N', help: 'benchmark runs before measuring' },
    'nb-measures': { type: 'string', placeholder: 'N', help: 'benchmark runs' },
    'nb-threads': { type: 'string', placeholder: 'N', help: 'threads of the benchmark' },
    seed: { type: 'string', placeholder: 'N', help: 'of everything that is drawn at random' },
    ...STAGE_OPTIONS,
    ...BUILD_OPTIONS,
  },
  async run(given, context) {
    const asked = configFrom(given);
    if (!asked.ok) return asked;
    const checked = checkConfig(asked.value, { name: 'td convert' });
    if (!checked.ok) return checked;
    const config = resolveConfig(checked.value, context.cwd);
    const project = await planProject(config, [], context, { only: given.list('only'), skip: given.list('skip') });
    if (!project.ok) return project;
    const outcome = await buildProject(project.value, given, context);
    if (!outcome.ok) return outcome;
    if (speaksToPeople(given)) printVerdicts(project.value, context, outcome.value);
    return ok(exitCodeOf(outcome.value));
  },
};

/** The config that these flags stand for. It is then checked like one from a file. */
function configFrom(given: Arguments): Result<Readonly<Record<string, unknown>>, Failure> {
  const model = given.text('model');
  if (model === undefined) {
    return fail(usageFailure('model-not-named', 'which model?', { fix: 'td convert -m ./my-model' }));
  }
  const problems = ['warmup', 'nb-measures', 'nb-threads', 'seed']
    .map(name => numberProblem(given, name, name === 'seed' || name === 'warmup' ? 0 : 1))
    .filter(problem => problem !== undefined);
  const ranges: Record<string, number[]> = {};
  for (const [option, field] of [
    ['batch-size', 'batch'],
    ['seq-len', 'sequence'],
  ] as const) {
    const text = given.text(option);
    if (text === undefined) continue;
    const sizes = text.split(',').map(Number);
    if (sizes.length === 3 && sizes.every(size => Number.isInteger(size) && size > 0)) ranges[field] = sizes;
    else
      problems.push(
        usageFailure('invalid-option', `--${option} needs three sizes`, { expected: 'MIN OPT MAX', found: text }),
      );
  }
  const [first, ...rest] = problems;
  if (first) return fail(together('invalid-options', `${problems.length} options are wrong`, [first, ...rest]));

  const precisions = given.flag('quantization') ? ['fp32', 'int8-dynamic'] : ['fp32'];
  const backends = given.list('backend');
  const device = given.text('device') ?? 'cpu';
  const targets = Object.fromEntries(
    (backends.length > 0 ? backends : ['onnx']).map(backend => [
      backend,
      { engine: backend === 'onnx' ? 'onnxruntime' : backend, device, precisions },
    ]),
  );
  const atol = given.text('atol');
  const task = given.text('task');
  const evaluation = given.text('evaluation');
  const calibration = given.text('calibration');
  const benchmark = {
    warmup: given.number('warmup'),
    runs: given.number('nb-measures'),
    threads: given.number('nb-threads'),
  };
  return ok(
    withoutUndefined({
      models: {
        [given.text('name') ?? 'transformer']: withoutUndefined({
          source: sourceOf(model),
          task: task === undefined ? undefined : (FORMER_TASKS[task] ?? task),
          shapes: Object.keys(ranges).length > 0 ? ranges : undefined,
          tolerance: atol === undefined ? undefined : Object.fromEntries(precisions.map(name => [name, Number(atol)])),
          calibration: calibration === undefined ? undefined : { data: calibration },
          evaluation: evaluation === undefined ? undefined : { data: evaluation },
        }),
      },
      targets,
      benchmark: withoutUndefined(benchmark),
      validation: withoutUndefined({ seed: given.number('seed') }),
      outDir: given.text('output') ?? 'triton_models',
    }),
  );
}

/** A folder, an ONNX file, or a name on the Hub. */
function sourceOf(model: string): string | { readonly onnx: string } {
  if (model.endsWith('.onnx')) return { onnx: model };
  return existsSync(model) || /^[./~]/.test(model) ? model : `hub:${model}`;
}

const withoutUndefined = (object: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
