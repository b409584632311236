import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageContext } from '../build/task.js';
import { type Mix, mixText } from '../choice/mix.js';
import type { Check, Workbench } from '../choice/search.js';
import { firstCall } from '../runtime/generation/cache.js';
import { type OpenedModel, openModel } from '../runtime/open-model.js';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { Comparison } from '../validation/compare.js';
import type { Reference } from '../validation/reference.js';
import { judge, type Validation } from '../validation/verdict.js';
import { writeMixFolder } from './mix-folder.js';
import { quantizeStage } from './quantize.js';
import { type TimingParams, timeModels } from './time-models.js';
import { type ValidateParams, validationOf } from './validate.js';

export interface WorkbenchParams extends TimingParams, Omit<ValidateParams, 'precision'> {
  /** Of sessions, where a mix does not say otherwise. */
  readonly threads: number;
}

/** Inputs on which a part of a mix is tried: enough to tell a bad layer from a good one. */
const PROBED_CASES = 8;

/** The quantiser's report, as far as it is read here. */
interface QuantizationReport {
  readonly models: Readonly<
    Record<string, { readonly quantized: readonly string[]; readonly smoothed?: readonly string[] }>
  >;
}

/**
 * The search's questions, answered by the stages themselves: a mix is made by `quantize`, judged as `validate` does and timed as
 * `benchmark` does. Inputs of the context: `model`, `reference`, `calibration` if there is one, those of `workloadsFor`. Models
 * are kept in the context's scratch folder.
 */
export class ModelWorkbench implements Workbench {
  /** Files do not depend on threads. */
  private readonly folders = new Map<string, string>();
  /** What the last figures of `time` are of. */
  points: readonly string[] = [];

  constructor(
    private readonly context: StageContext,
    private readonly params: WorkbenchParams,
    private readonly reference: Reference,
    readonly now: () => number,
  ) {}

  async products(mix: Mix): Promise<Result<readonly string[], Failure>> {
    const made = await this.make(mix);
    if (!made.ok) return made;
    return ok([...new Set(reportsIn(made.value).flatMap(({ quantized }) => quantized))]);
  }

  async check(mix: Mix): Promise<Result<Check, Failure>> {
    this.context.progress({ note: mixText(mix) });
    const made = await this.make(mix);
    if (!made.ok) return made;
    if (mix.smoothing && reportsIn(made.value).every(({ smoothed = [] }) => smoothed.length === 0)) {
      return fail(taskFailure('nothing-smoothed', 'no activation has channels that are far larger than its others'));
    }
    const [model, quantization] = [join(made.value, MODEL), join(made.value, REPORT)];
    const scratch = join(made.value, 'executed');
    await mkdir(scratch, { recursive: true });
    const context = { ...this.context, scratch, in: { ...this.context.in, model, quantization } };
    const validation = await validationOf(context, { ...this.params, precision: mix.precision }, this.reference);
    await rm(scratch, { recursive: true });
    if (!validation.ok) return validation;
    const verdict = judge(validation.value);
    return ok({
      bytes: await bytesIn(model),
      ...figuresOf(validation.value),
      ...(verdict.ok ? {} : { unfit: unfitText(verdict.error) }),
    });
  }

  async probe(mix: Mix): Promise<Result<number, Failure>> {
    this.context.progress({ note: `sensitivity of ${mix.precision}` });
    const made = await this.make(mix);
    if (!made.ok) return made;
    const model = await openModel(join(made.value, MODEL), { spinning: false });
    if (!model.ok) return model;
    const { whole } = model.value;
    try {
      const comparison = new Comparison(this.reference.outputs);
      for (const each of this.reference.cases.slice(0, PROBED_CASES)) {
        const run = await whole.run(firstCall(whole.inputs, each.inputs));
        if (!run.ok) return run;
        comparison.add(each, run.value);
      }
      return ok(differenceOf(comparison.result()));
    } finally {
      await whole.release();
      this.folders.delete(keyOf(mix));
      await rm(made.value, { recursive: true });
    }
  }

  async time(mixes: readonly Mix[]): Promise<Result<readonly (readonly number[])[], Failure>> {
    const models: OpenedModel[] = [];
    try {
      for (const mix of mixes) {
        const made = await this.make(mix);
        if (!made.ok) return made;
        const threads = mix.threads ?? this.params.threads;
        const model = await openModel(join(made.value, MODEL), { threads });
        if (!model.ok) return model;
        models.push(model.value);
      }
      const times = await timeModels(this.context, this.params, models, this.now);
      if (!times.ok) return times;
      this.points = times.value.points;
      return ok(times.value.milliseconds);
    } finally {
      for (const { whole } of models) await whole.release();
    }
  }

  /** The folder of a mix: what the quantiser reads, its model and its report. */
  private async make(mix: Mix): Promise<Result<string, Failure>> {
    const key = keyOf(mix);
    const known = this.folders.get(key);
    if (known) return ok(known);
    const folder = join(this.context.scratch, `mix-${this.made++}`);
    const mixFolder = join(folder, 'mix');
    await writeMixFolder(mixFolder, mix, this.context.in.calibration);
    const quantized = await quantizeStage.run({
      ...this.context,
      params: {},
      in: { model: this.context.in.model!, mix: mixFolder },
      out: { model: join(folder, MODEL), report: join(folder, REPORT) },
      progress: () => undefined,
    });
    if (!quantized.ok) return quantized;
    this.folders.set(key, folder);
    return ok(folder);
  }

  private made = 0;
}

const MODEL = 'model';
const REPORT = 'report.json';

const reportsIn = (folder: string) =>
  Object.values((JSON.parse(readFileSync(join(folder, REPORT), 'utf8')) as QuantizationReport).models);

/** What decides the bytes of a model. */
const keyOf = ({ threads: _, ...mix }: Mix): string => JSON.stringify(mix);

function figuresOf({ outputs, evaluation }: Validation): Omit<Check, 'bytes' | 'unfit'> {
  return {
    difference: Number(differenceOf(outputs).toPrecision(4)),
    ...(evaluation ? { metric: evaluation.metric, drop: evaluation.drop.value } : {}),
  };
}

/** The largest relative difference of an output. Where a value is no number, it is larger than any. */
const differenceOf = (outputs: Validation['outputs']): number =>
  Math.max(...Object.values(outputs).map(({ all }) => (all.notFinite > 0 ? Number.MAX_VALUE : all.relative)));

const unfitText = ({ code, message, expected, found }: Failure): string =>
  code === 'validation-failed' ? `${expected}, and it has ${found}` : `${message}: ${found}`;

async function bytesIn(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async name => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
