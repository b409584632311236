import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from '../benchmark/machine.js';
import type { Benchmark, DecodingResult, ShapeResult } from '../benchmark/result.js';
import { summarize } from '../benchmark/statistics.js';
import type { Shape } from '../benchmark/workload.js';
import type { Stage } from '../build/task.js';
import { readDescription } from '../tensorrt/description.js';
import { prettyJson } from '../util/json.js';
import { ok } from '../util/result.js';
import { shapesFor } from './benchmark-workloads.js';
import { type EngineLatency, engineClock } from './engine-latency.js';
import { engineFilesOf } from './engine-session.js';

interface BenchmarkEngineParams {
  readonly artefact: { readonly id: string; readonly target: string; readonly precision: string };
  readonly shapes: readonly (readonly [batch: number, sequence: number])[];
  readonly runs: number;
  readonly minSeconds: number;
  readonly seed: number;
  readonly cudaGraphs: boolean;
}

const WARM_UP_MILLISECONDS = 200;

/**
 * Latency of an artefact's engines on their GPU, by trtexec: from the first kernel to the last, inputs being there already. Inputs: `model`, the engine
 * stage's; `plugins` if there are any. Output: a folder with <target>-<precision>.json.
 */
export const benchmarkEngineStage: Stage = {
  name: 'benchmark-engine',
  async run(context) {
    const { artefact, shapes, runs, minSeconds, seed, cudaGraphs } = context.params as unknown as BenchmarkEngineParams;
    const folder = context.in.model!;
    const files = engineFilesOf(folder);
    if (!files.ok) return files;
    const settings = { warmUpMilliseconds: WARM_UP_MILLISECONDS, seconds: minSeconds, runs, cudaGraphs };
    const measure = engineClock(context, folder, files.value, settings);
    const { engines } = readDescription(folder);
    const wanted = shapesFor(engines[files.value.whole ?? files.value.encoder]!.inputs, shapes);
    const results: ShapeResult[] = [];
    for (const [done, shape] of wanted.entries()) {
      context.progress({ done, total: wanted.length, unit: 'shapes' });
      const measured = await measure(shape);
      if (!measured.ok) return measured;
      results.push(resultOf(shape, measured.value, seed));
    }
    const { gpu, tensorrt, cuda } = readDescription(folder);
    const { id, target, precision } = artefact;
    const benchmark: Benchmark = {
      schema: 'transformer-deploy/benchmark/1',
      artefact: id,
      target,
      precision,
      machine: { ...describeMachine(), gpu: gpu.name, tensorrt, cuda },
      warnings: [],
      settings: { warmup: 0, runs, minSeconds, seed, threads: 1, texts: 'none', interleaved: [id] },
      results,
    };
    await mkdir(context.out.benchmark!, { recursive: true });
    await writeFile(join(context.out.benchmark!, `${target}-${precision}.json`), prettyJson(benchmark));
    return ok(undefined);
  },
};

function resultOf({ batch, sequence }: Shape, { read, written }: EngineLatency, seed: number): ShapeResult {
  const milliseconds = summarize(read, seed);
  const textsPerSecond = (1000 * batch) / milliseconds.median;
  return {
    batch,
    sequence,
    runs: read.length,
    warmupRuns: 0,
    milliseconds,
    throughput: { textsPerSecond, tokensPerSecond: textsPerSecond * sequence },
    ...(written ? { decoding: decodingOf(batch, written, seed) } : {}),
  };
}

function decodingOf(batch: number, written: readonly number[], seed: number): DecodingResult {
  const millisecondsPerToken = summarize(written, seed);
  const tokensPerSecond = (1000 * batch) / millisecondsPerToken.median;
  return { tokens: 1, runs: written.length, millisecondsPerToken, tokensPerSecond };
}
