import { setTimeout as sleep } from 'node:timers/promises';
import type { InferOptions, TritonClient } from '../client/client.js';
import type { ModelMetadata, ModelStatistics } from '../client/messages.js';
import type { JsonObject } from '../client/transport.js';
import type { Level, LoadClock } from '../load/generate-load.js';
import { type LevelResult, type LoadSettings, measureLoad } from '../load/measure-load.js';
import { syntheticInputs } from '../load/synthetic-inputs.js';
import { type Failure, taskFailure, usageFailure } from '../util/failure.js';
import { prettyJson } from '../util/json.js';
import { seededRandom } from '../util/random.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Arguments } from './arguments.js';
import { callFailure } from './client-failure.js';
import { readInputs } from './client-inputs.js';
import type { CommandContext } from './command.js';
import { levelsOf, settingsOf, shapesOf } from './load-options.js';
import { loadText, loadWarnings } from './load-text.js';
import { openClient } from './open-client.js';

/** td bench --url: load on a server, level after level. Exit code 1 when a level was not stable or a request failed. */
export async function benchLive(
  given: Arguments,
  { cwd, signal, print, note }: CommandContext,
): Promise<Result<number, Failure>> {
  const [model, ...rest] = given.positionals;
  if (model === undefined || rest.length > 0) {
    return fail(usageFailure('model-not-named', 'one model of the server', { fix: 'td bench MODEL --url URL' }));
  }
  const levels = levelsOf(given);
  if (!levels.ok) return levels;
  const settings = settingsOf(given);
  if (!settings.ok) return settings;
  // A request that is refused is one that failed: it is counted, not repeated.
  const client = openClient(given, { retry: { attempts: 1 } });
  if (!client.ok) return client;
  try {
    const request = await requestFor(client.value, model, given, settings.value.batch, cwd);
    if (!request.ok) return request;
    const first = await client.value.infer(model, { ...request.value, signal });
    if (!first.ok) return fail(await callFailure(first.error, client.value, model));

    const names = await modelAndSteps(client.value, model);
    const target = {
      send: async (aborted: AbortSignal) => (await client.value.infer(model, { ...request.value, signal: aborted })).ok,
      statistics: () => statisticsOf(client.value, names),
    };
    const results = await measureLevels(levels.value, target, settings.value, { signal, note });
    print(given.flag('json') ? reportJson(model, settings.value, results) : loadText(results));
    if (signal.aborted) return ok(130);
    const warnings = loadWarnings(results);
    for (const warning of warnings) note(`warning: ${warning}\n`);
    return ok(warnings.length > 0 ? 1 : 0);
  } finally {
    await client.value.close();
  }
}

async function measureLevels(
  levels: readonly Level[],
  target: Parameters<typeof measureLoad>[1],
  settings: LoadSettings & { readonly latencyThreshold?: number },
  { signal, note }: Pick<CommandContext, 'signal' | 'note'>,
): Promise<LevelResult[]> {
  const results: LevelResult[] = [];
  for (const level of levels) {
    if (signal.aborted) break;
    const result = await measureLoad(level, target, settings, { clock: SYSTEM_CLOCK, random: seededRandom(0), signal });
    results.push(result);
    const latency = result.milliseconds?.mean;
    if (settings.latencyThreshold !== undefined && latency !== undefined && latency > settings.latencyThreshold) {
      note(`mean latency is above ${settings.latencyThreshold} ms: no further levels\n`);
      break;
    }
  }
  return results;
}

const SYSTEM_CLOCK: LoadClock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
};

/** What is sent: what the user gives, and made-up values for the model's other inputs. */
async function requestFor(
  client: TritonClient,
  model: string,
  given: Arguments,
  batch: number,
  cwd: string,
): Promise<Result<InferOptions, Failure>> {
  const metadata = await client.modelMetadata(model);
  if (!metadata.ok) return fail(await callFailure(metadata.error, client, model));
  const inputs = await readInputs(metadata.value, given, cwd);
  if (!inputs.ok) return inputs;
  const shapes = shapesOf(given, metadata.value);
  if (!shapes.ok) return shapes;
  const batched = await makesBatches(client, metadata.value);
  if (batch > 1 && !batched) {
    return fail(
      usageFailure('batch-not-taken', 'the server makes no batches of this model', {
        where: '--batch',
        fix: 'leave --batch out',
      }),
    );
  }
  const others = metadata.value.inputs.filter(({ name }) => !(name in inputs.value));
  const made =
    Object.keys(inputs.value).length > 0
      ? ok({})
      : syntheticInputs(
          { ...metadata.value, inputs: others },
          { batch, batched, shapes: shapes.value },
          seededRandom(0),
        );
  if (!made.ok) return fail(taskFailure('shape-open', made.error, { where: model }));
  return ok({ inputs: { ...made.value, ...inputs.value }, binary: given.flag('binary') });
}

/** Servers other than Triton have no config; their shapes begin with an open dimension where they take batches. */
async function makesBatches(client: TritonClient, { name, inputs }: ModelMetadata): Promise<boolean> {
  const config = await client.modelConfig(name);
  if (config.ok) return Number(config.value.max_batch_size ?? 0) > 0;
  return inputs.every(({ shape }) => shape[0] === -1);
}

/** An ensemble's calculating is counted by its steps. */
async function modelAndSteps(client: TritonClient, model: string): Promise<readonly string[]> {
  const config = await client.modelConfig(model);
  const scheduling = config.ok ? (config.value.ensemble_scheduling as JsonObject | undefined) : undefined;
  const steps = Array.isArray(scheduling?.step) ? (scheduling.step as readonly JsonObject[]) : [];
  return [model, ...new Set(steps.map(({ model_name: name }) => String(name)))];
}

async function statisticsOf(client: TritonClient, models: readonly string[]): Promise<readonly ModelStatistics[]> {
  const all: ModelStatistics[] = [];
  for (const model of models) {
    const statistics = await client.statistics(model);
    if (statistics.ok) all.push(...statistics.value);
  }
  return all;
}

const reportJson = (
  model: string,
  { windowMilliseconds, stability, batch }: LoadSettings,
  levels: readonly LevelResult[],
): string =>
  prettyJson({
    schema: 'transformer-deploy/load/1',
    model,
    batch,
    windowMilliseconds,
    stability: {
      share: stability.share,
      ...(stability.percentile === undefined ? {} : { percentile: stability.percentile }),
    },
    levels,
  });
