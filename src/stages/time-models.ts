import { decodedTokens, decodingRun } from '../benchmark/decoding.js';
import { interleave, type RunSettings, type TimedRun } from '../benchmark/runner.js';
import type { StageContext } from '../build/task.js';
import { cacheInputs } from '../runtime/generation/cache.js';
import type { OpenedModel } from '../runtime/open-model.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import { median } from '../util/statistics.js';
import { type WorkloadParams, workloadsFor } from './benchmark-workloads.js';

export interface TimingParams extends WorkloadParams, RunSettings {
  /** Tokens that a model that generates has positions for; absent where nothing limits them. */
  readonly positions?: number;
}

export interface ModelTimes {
  /** '1 x 16', '1 x 16, per token'. */
  readonly points: readonly string[];
  /** Per model, the median at each point, in milliseconds. */
  readonly milliseconds: readonly (readonly number[])[];
}

/**
 * Models of one kind, in turns, at each shape; where they generate, also a token after what they have read.
 *
 * @param now milliseconds of a monotonic clock
 */
export async function timeModels(
  context: Pick<StageContext, 'in' | 'signal' | 'progress'>,
  params: TimingParams,
  models: readonly OpenedModel[],
  now: () => number,
): Promise<Result<ModelTimes, Failure>> {
  const [first] = models as [OpenedModel];
  const prepared = await workloadsFor(context, params, first);
  if (!prepared.ok) return prepared;
  const { shapes, workloads } = prepared.value;
  const generates = first.parts !== undefined || cacheInputs(first.whole.inputs).length > 0;
  const points: string[] = [];
  const milliseconds: number[][] = models.map(() => []);
  const measure = async (point: string, runs: readonly TimedRun[]): Promise<Result<void, Failure>> => {
    const measured = await interleave(runs, params, {
      now,
      signal: context.signal,
      progress: (done, total) => context.progress({ done, total, unit: 'runs', note: point }),
    });
    if (!measured.ok) return measured;
    points.push(point);
    for (const [index, latencies] of measured.value.milliseconds.entries())
      milliseconds[index]!.push(median(latencies));
    return ok(undefined);
  };
  for (const [index, { batch, sequence }] of shapes.entries()) {
    const { prompts, feeds } = workloads[index]!;
    const point = `${batch} x ${sequence}`;
    const read = await measure(
      point,
      models.map(
        ({ whole }) =>
          () =>
            whole.runTimed(feeds, now),
      ),
    );
    if (!read.ok) return read;
    const tokens = decodedTokens(Math.max(0, ...prompts.map(prompt => prompt.length)), params.positions);
    if (!generates || tokens === 0) continue;
    const runs: TimedRun[] = [];
    for (const model of models) {
      const run = await decodingRun(model, workloads[index]!, tokens, now);
      if (!run.ok) return run;
      runs.push(run.value);
    }
    const written = await measure(`${point}, per token`, runs);
    if (!written.ok) return written;
  }
  return ok({ points, milliseconds });
}
