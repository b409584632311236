import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from '../benchmark/machine.js';
import type { Benchmark, ShapeResult } from '../benchmark/result.js';
import { summarize } from '../benchmark/statistics.js';
import type { Stage } from '../build/task.js';
import { readDescription } from '../tensorrt/description.js';
import { profilesOf, type Shapes } from '../tensorrt/profiles.js';
import { timeEngine } from '../tensorrt/run-engine.js';
import { prettyJson } from '../util/json.js';
import { ok } from '../util/result.js';
import { engineRunner } from './engine-session.js';

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
 * Latency of one engine on its GPU, by trtexec: from the first kernel to the last, inputs being there already. Inputs: `model`, the engine
 * stage's; `plugins` if there are any. Output: a folder with <target>-<precision>.json.
 */
export const benchmarkEngineStage: Stage = {
  name: 'benchmark-engine',
  async run(context) {
    const { artefact, shapes, runs, minSeconds, seed, cudaGraphs } = context.params as unknown as BenchmarkEngineParams;
    const runner = engineRunner(context, context.in.model!);
    if (!runner.ok) return runner;
    const results: ShapeResult[] = [];
    for (const [done, [batch, sequence]] of shapes.entries()) {
      context.progress({ done, total: shapes.length, unit: 'shapes' });
      const sizes = {
        batch: [batch, batch, batch],
        sequence: [sequence, sequence, sequence],
        past: [0, 0, 0],
      } as const;
      const asked = profilesOf(runner.value.facts.inputs, [sizes]);
      if (!asked.ok) return asked;
      const inputs: Shapes = asked.value[0]!.optimum;
      const settings = { warmUpMilliseconds: WARM_UP_MILLISECONDS, seconds: minSeconds, runs, cudaGraphs };
      const times = await timeEngine(runner.value, inputs, settings);
      if (!times.ok) return times;
      const milliseconds = summarize(times.value, seed);
      const textsPerSecond = (1000 * batch) / milliseconds.median;
      results.push({
        batch,
        sequence,
        runs: times.value.length,
        warmupRuns: 0,
        milliseconds,
        throughput: { textsPerSecond, tokensPerSecond: textsPerSecond * sequence },
      });
    }
    const { gpu, tensorrt, cuda } = readDescription(context.in.model!);
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
