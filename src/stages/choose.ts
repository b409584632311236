import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { describeMachine } from '../benchmark/machine.js';
import type { Stage, StageContext } from '../build/task.js';
import { CHOICE_SCHEMA, type Choice } from '../choice/choice.js';
import { FORMS, type Mix, mixText } from '../choice/mix.js';
import { search } from '../choice/search.js';
import type { Failure } from '../util/failure.js';
import { prettyJson } from '../util/json.js';
import { mapped, ok, type Result } from '../util/result.js';
import { readReference } from '../validation/reference.js';
import { ModelWorkbench, type WorkbenchParams } from './choose-workbench.js';
import { writeMixFolder } from './mix-folder.js';

export interface ChooseParams extends Omit<WorkbenchParams, 'threads'> {
  readonly reduceRange: boolean;
  /** Of int8. */
  readonly method: string;
  /** Of all artefacts, where the configuration says so: then no others are tried. */
  readonly threads?: number;
  /** After them, no candidate is begun. */
  readonly maxMinutes: number;
}

/** What td.lock has takes the place of all measurements. */
type Params = ChooseParams | { readonly locked: Choice };

/**
 * What an artefact of the precision 'auto' is made of: measured here, or as it was locked. Inputs: `model`, the optimised folder;
 * `reference`; `calibration`, where int8 is a candidate; `tokenizer`, `config`, `generationConfig`, `data` as for a benchmark. Of a locked choice
 * `calibration` alone, and that only for int8. Outputs: `mix`, a folder with all that the quantiser needs; `choice`, everything that it was chosen
 * from. Failures: those of `search`.
 */
export const chooseStage: Stage = {
  name: 'choose',
  async run(context) {
    const params = context.params as unknown as Params;
    const choice = 'locked' in params ? ok(params.locked) : await measured(context, params, () => performance.now());
    if (!choice.ok) return choice;
    await writeMixFolder(context.out.mix!, choice.value.mix, context.in.calibration);
    await writeFile(context.out.choice!, prettyJson(choice.value));
    return ok(undefined);
  },
};

/** @param now milliseconds of a monotonic clock */
export async function measured(
  context: StageContext,
  params: ChooseParams,
  now: () => number,
): Promise<Result<Choice, Failure>> {
  const reference = readReference(context.in.reference!);
  if (!reference.ok) return reference;
  const { cpu, cores, onnxruntime } = describeMachine();
  const threads = params.threads ?? availableParallelism();
  const workbench = new ModelWorkbench(context, { ...params, threads }, reference.value, now);
  const found = await search(workbench, {
    candidates: candidatesOf(params, context.in.calibration !== undefined),
    threads: params.threads === undefined ? fewerThan(threads) : [],
    minutes: params.maxMinutes,
  });
  return mapped(found, ({ mix, candidates, untried }) => ({
    schema: CHOICE_SCHEMA,
    artefact: params.artefact,
    mix,
    machine: { cpu, cores, onnxruntime, threads },
    points: workbench.points,
    candidates,
    untried: [
      ...(context.in.calibration === undefined ? [{ precision: 'int8', reason: 'there is no calibration data' }] : []),
      ...untried.map(({ mix: without, reason }) => ({ precision: mixText(without), reason })),
    ],
  }));
}

/** fp32, and every form that was measured to be the fastest somewhere (docs/cpu-kernels.md, docs/precision.md). */
export function candidatesOf(
  { reduceRange, method }: Pick<ChooseParams, 'reduceRange' | 'method'>,
  isCalibrated: boolean,
): readonly Mix[] {
  const common = { exclude: [], reduceRange };
  return [
    { precision: 'fp32', ...common },
    { precision: 'int8-dynamic', ...common },
    ...FORMS.map((form): Mix => ({ precision: 'int8-dynamic', form, ...common })),
    ...(isCalibrated
      ? ([
          { precision: 'int8', ...common, method },
          { precision: 'int8', form: 'packed-attention', ...common, method },
          { precision: 'int8', ...common, method, smoothing: true },
        ] satisfies Mix[])
      : []),
    { precision: 'int8-weight', ...common },
    { precision: 'int4-weight', ...common },
  ];
}

/** 1, 2, 4 ... below the number of cores. */
function fewerThan(cores: number): readonly number[] {
  const counts: number[] = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return counts;
}
