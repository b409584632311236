import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { decodedTokens, decodingRun } from '../benchmark/decoding.js';
import { describeMachine, warningsFor } from '../benchmark/machine.js';
import { measurePeakMemory } from '../benchmark/peak-memory.js';
import type { Benchmark, BenchmarkSettings, DecodingResult, ShapeResult } from '../benchmark/result.js';
import { interleave, type TimedRun } from '../benchmark/runner.js';
import { speedupOver, summarize } from '../benchmark/statistics.js';
import type { Shape, Workload } from '../benchmark/workload.js';
import type { Stage, StageContext } from '../build/task.js';
import { cacheInputs } from '../runtime/generation/cache.js';
import { type OpenedModel, openModel } from '../runtime/open-model.js';
import type { Provider, Session, Tensors } from '../runtime/session.js';
import type { Failure } from '../util/failure.js';
import { prettyJson } from '../util/json.js';
import { ok, type Result } from '../util/result.js';
import { workloadsFor } from './benchmark-workloads.js';
import { readMix } from './mix-folder.js';

interface BenchmarkParams {
  readonly task: string;
  /** Each artefact's model is the input 'model:<id>'. */
  readonly artefacts: readonly Artefact[];
  readonly shapes: readonly (readonly [batch: number, sequence: number])[];
  readonly warmup: number;
  readonly runs: number;
  readonly minSeconds: number;
  readonly threads?: number;
  readonly seed: number;
  /** What runs all of the artefacts; ONNX Runtime's CPU unless given. */
  readonly provider?: Provider;
  /** The device's name, of a provider that has one. */
  readonly device?: string;
  /** Tokens that a model that generates has positions for; absent where nothing limits them. */
  readonly positions?: number;
}

interface Artefact {
  readonly id: string;
  readonly target: string;
  readonly precision: string;
}

/**
 * Latency of all artefacts of a model side by side, and the peak memory of each alone. Inputs: a model for each artefact, `mix:<id>` of those
 * of the precision 'auto', `tokenizer`, `config`,
 * `generationConfig` if there is one, `data` if there are texts. Output: a folder with <target>-<precision>.json for each artefact.
 */
export const benchmarkStage: Stage = {
  name: 'benchmark',
  async run(context) {
    const params = context.params as unknown as BenchmarkParams;
    const machine = { ...describeMachine(), ...(params.device ? { gpu: params.device } : {}) };
    const provider = params.provider ? { provider: params.provider } : {};
    const { artefacts, warmup, runs, minSeconds, seed } = params;
    const settings: BenchmarkSettings = {
      warmup,
      runs,
      minSeconds,
      seed,
      threads: params.threads ?? availableParallelism(),
      texts: context.in.data ? 'data' : 'vocabulary',
      interleaved: artefacts.map(artefact => artefact.id),
    };
    const models: OpenedModel[] = [];
    try {
      for (const { id } of artefacts) {
        const model = await openModel(context.in[`model:${id}`]!, {
          ...provider,
          threads: threadsOf(context, id) ?? settings.threads,
        });
        if (!model.ok) return model;
        models.push(model.value);
      }
      const prepared = await workloadsFor(context, params, models[0]!);
      if (!prepared.ok) return prepared;
      const { shapes, workloads } = prepared.value;
      const feeds = workloads.map(workload => workload.feeds);
      const sessions = models.map(({ whole }) => whole);
      const read = await measureShapes(context, artefacts, sessions, shapes, feeds, settings);
      if (!read.ok) return read;
      const decoded = await measureDecoding(context, params, models, workloads, settings);
      if (!decoded.ok) return decoded;
      const largest = indexOfLargest(shapes);
      await mkdir(context.out.benchmark!, { recursive: true });
      for (const [index, { id, target, precision }] of artefacts.entries()) {
        context.progress({ note: `peak memory of ${id}` });
        const folder = context.in[`model:${id}`]!;
        const request = {
          ...provider,
          folder,
          threads: threadsOf(context, id) ?? settings.threads,
          feeds: feeds[largest]!,
        };
        const memory = await measurePeakMemory(request, context.signal);
        if (!memory.ok) return memory;
        const benchmark: Benchmark = {
          schema: 'transformer-deploy/benchmark/1',
          artefact: id,
          target,
          precision,
          machine,
          warnings: warningsFor(machine),
          settings,
          peakMemory: { ...shapes[largest]!, ...memory.value },
          results: read.value[index]!.map((result, shape) => ({ ...result, ...decoded.value[index]![shape] })),
        };
        await writeFile(join(context.out.benchmark!, `${target}-${precision}.json`), prettyJson(benchmark));
      }
      return ok(undefined);
    } finally {
      for (const { whole } of models) await whole.release();
    }
  },
};

/** What was chosen for an artefact of the precision 'auto'; nothing for others, and where there is to be one for each core. */
function threadsOf({ in: inputs }: StageContext, artefact: string): number | undefined {
  const folder = inputs[`mix:${artefact}`];
  return folder === undefined ? undefined : readMix(folder).threads;
}

/** Per artefact and shape, the decoding after its prompts; nothing for models that do not generate. */
async function measureDecoding(
  context: StageContext,
  { artefacts, positions }: BenchmarkParams,
  models: readonly OpenedModel[],
  workloads: readonly Workload[],
  settings: BenchmarkSettings,
): Promise<Result<readonly (readonly { readonly decoding?: DecodingResult }[])[], Failure>> {
  const results: { decoding?: DecodingResult }[][] = artefacts.map(() => workloads.map(() => ({})));
  if (!models.some(({ whole, parts }) => parts || cacheInputs(whole.inputs).length > 0)) return ok(results);
  const now = (): number => performance.now();
  for (const [number, workload] of workloads.entries()) {
    const { prompts } = workload;
    const tokens = decodedTokens(Math.max(...prompts.map(prompt => prompt.length)), positions);
    if (tokens === 0) continue;
    const runs: TimedRun[] = [];
    for (const model of models) {
      const run = await decodingRun(model, workload, tokens, now);
      if (!run.ok) return run;
      runs.push(run.value);
    }
    const measured = await interleave(runs, settings, {
      now,
      signal: context.signal,
      progress: (done, total) =>
        context.progress({ done: number * total + done, total: workloads.length * total, unit: 'runs' }),
    });
    if (!measured.ok) return measured;
    const { milliseconds } = measured.value;
    for (const [index, latencies] of milliseconds.entries()) {
      const summary = summarize(latencies, settings.seed);
      results[index]![number]!.decoding = {
        tokens,
        runs: latencies.length,
        millisecondsPerToken: summary,
        tokensPerSecond: (1000 * prompts.length) / summary.median,
        ...speedupOf(artefacts, index, milliseconds, settings.seed),
      };
    }
  }
  return ok(results);
}

/** Per artefact, its results at each shape. */
async function measureShapes(
  context: StageContext,
  artefacts: readonly Artefact[],
  sessions: readonly Session[],
  shapes: readonly Shape[],
  workloads: readonly Tensors[],
  settings: BenchmarkSettings,
): Promise<Result<readonly (readonly ShapeResult[])[], Failure>> {
  const results: ShapeResult[][] = artefacts.map(() => []);
  const now = (): number => performance.now();
  for (const [number, shape] of shapes.entries()) {
    const measured = await interleave(
      sessions.map(session => () => session.runTimed(workloads[number]!, now)),
      settings,
      {
        now,
        signal: context.signal,
        progress: (done, total) =>
          context.progress({ done: number * total + done, total: shapes.length * total, unit: 'runs' }),
      },
    );
    if (!measured.ok) return measured;
    const { milliseconds, warmupRuns } = measured.value;
    for (const [index, latencies] of milliseconds.entries()) {
      const summary = summarize(latencies, settings.seed);
      const baseline = baselineOf(artefacts, index);
      const textsPerSecond = (1000 * shape.batch) / summary.median;
      results[index]!.push({
        ...shape,
        runs: latencies.length,
        warmupRuns: warmupRuns[index]!,
        milliseconds: summary,
        throughput: { textsPerSecond, tokensPerSecond: textsPerSecond * shape.sequence },
        ...(baseline === undefined
          ? {}
          : {
              speedup: {
                over: artefacts[baseline]!.id,
                ...speedupOver(milliseconds[baseline]!, latencies, settings.seed),
              },
            }),
      });
    }
  }
  return ok(results);
}

/** How much faster an artefact is than its baseline; nothing for that one itself. */
function speedupOf(
  artefacts: readonly Artefact[],
  index: number,
  milliseconds: readonly (readonly number[])[],
  seed: number,
): Pick<ShapeResult, 'speedup'> {
  const baseline = baselineOf(artefacts, index);
  if (baseline === undefined) return {};
  const { id: over } = artefacts[baseline]!;
  return { speedup: { over, ...speedupOver(milliseconds[baseline]!, milliseconds[index]!, seed) } };
}

/** The fp32 artefact that `index` is compared with; its own target's first. undefined for fp32 itself. */
function baselineOf(artefacts: readonly Artefact[], index: number): number | undefined {
  const { target, precision } = artefacts[index]!;
  if (precision === 'fp32') return undefined;
  const fp32 = artefacts.map((artefact, at) => ({ ...artefact, at })).filter(artefact => artefact.precision === 'fp32');
  return (fp32.find(artefact => artefact.target === target) ?? fp32[0])?.at;
}

function indexOfLargest(shapes: readonly Shape[]): number {
  const sizes = shapes.map(shape => shape.batch * shape.sequence);
  return sizes.indexOf(Math.max(...sizes));
}
