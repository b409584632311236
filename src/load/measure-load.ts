import type { ModelStatistics } from '../client/messages.js';
import type { Random } from '../util/random.js';
import { generateLoad, type Level, type LoadClock, type Send } from './generate-load.js';
import { type ServerSplit, serverSplit } from './server-split.js';
import {
  isStable,
  type Latency,
  latencyOf,
  merged,
  STABLE_WINDOWS,
  type Stability,
  type Window,
  windowOf,
} from './windows.js';

export interface LoadSettings {
  readonly windowMilliseconds: number;
  readonly stability: Stability;
  /** Windows, at most. */
  readonly maxTrials: number;
  /** Requests before anything counts. */
  readonly warmupRequests: number;
  /** Inferences in one request. */
  readonly batch: number;
}

/** What one level of load came to: the last three windows together. */
export interface LevelResult {
  readonly level: Level;
  readonly stable: boolean;
  /** That were measured. */
  readonly windows: number;
  /** Of the windows that count, as are all that follow. */
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly requestsPerSecond: number;
  readonly inferencesPerSecond: number;
  /** Absent when no request succeeded. */
  readonly milliseconds?: Latency;
  /** The model and those it is made of; empty where the server has no statistics. */
  readonly server: readonly ServerSplit[];
  /** What of the mean latency the server does not account for: network, client, waiting to be read. */
  readonly overheadMilliseconds?: number;
  /** Requests that began late, of all windows. */
  readonly delayed: number;
}

export interface LoadTarget {
  readonly send: Send;
  /** Of the model and those that it is made of, the model first; [] where the server does not tell. */
  statistics(): Promise<readonly ModelStatistics[]>;
}

/** Puts one level of load on a server until it is stable, and says what it came to. */
export async function measureLoad(
  level: Level,
  target: LoadTarget,
  settings: LoadSettings,
  { clock, random, signal }: { readonly clock: LoadClock; readonly random: Random; readonly signal: AbortSignal },
): Promise<LevelResult> {
  for (let request = 0; request < settings.warmupRequests && !signal.aborted; request++) await target.send(signal);

  const load = generateLoad(level, target.send, clock, random);
  const windows: Window[] = [];
  const readings = [await target.statistics()];
  while (windows.length < settings.maxTrials && !signal.aborted && !isStable(windows, settings.stability)) {
    const from = clock.now();
    await clock.sleep(settings.windowMilliseconds, signal);
    windows.push(windowOf(load.ended, from, clock.now()));
    readings.push(await target.statistics());
  }
  await load.stop();

  const counted = merged(windows.slice(-STABLE_WINDOWS));
  const server = serverSplit(readings.at(-1 - Math.min(windows.length, STABLE_WINDOWS))!, readings.at(-1)!);
  const latency = latencyOf(counted.milliseconds);
  const requests = counted.milliseconds.length;
  return {
    level,
    stable: isStable(windows, settings.stability),
    windows: windows.length,
    seconds: counted.seconds,
    requests,
    failed: counted.failed,
    requestsPerSecond: requests / counted.seconds,
    inferencesPerSecond: (requests * settings.batch) / counted.seconds,
    ...(latency ? { milliseconds: latency } : {}),
    server,
    ...(latency && server[0] ? { overheadMilliseconds: latency.mean - server[0].microseconds.request / 1000 } : {}),
    delayed: load.delayed,
  };
}
