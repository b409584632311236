import { levelValue } from '../load/generate-load.js';
import type { LevelResult } from '../load/measure-load.js';
import { tableText } from './client-text.js';

const milliseconds = (value: number | undefined): string => (value === undefined ? '-' : `${value.toFixed(2)} ms`);
const microseconds = (value: number): string => `${Math.round(value)} µs`;

/** A row for each level. Latencies are the client's; queue and compute are means by the server's own count. */
export function loadText(results: readonly LevelResult[]): string {
  const byRate = results.some(({ level }) => 'requestRate' in level);
  const head = [byRate ? 'requests/s' : 'concurrency', 'infer/s', 'mean', 'p50', 'p90', 'p95', 'p99', 'failed'];
  const serverHead = ['queue', 'input', 'infer', 'output', 'overhead', 'batch'];
  const rows = results.map(result => {
    const latency = result.milliseconds;
    const split = result.server[0];
    // The steps of an ensemble do its calculating; it has no times of its own.
    const steps = result.server.length > 1 ? result.server.slice(1) : result.server;
    const sum = (of: (times: (typeof result.server)[number]['microseconds']) => number): string =>
      microseconds(result.server.length > 0 ? steps.reduce((total, step) => total + of(step.microseconds), 0) : 0);
    return [
      `${levelValue(result.level)}${result.stable ? '' : ' (unstable)'}`,
      result.inferencesPerSecond.toFixed(1),
      milliseconds(latency?.mean),
      milliseconds(latency?.p50),
      milliseconds(latency?.p90),
      milliseconds(latency?.p95),
      milliseconds(latency?.p99),
      String(result.failed),
      ...(split
        ? [
            sum(times => times.queue),
            sum(times => times.computeInput),
            sum(times => times.computeInfer),
            sum(times => times.computeOutput),
            milliseconds(result.overheadMilliseconds),
            Math.max(...result.server.map(({ averageBatch }) => averageBatch)).toFixed(1),
          ]
        : serverHead.map(() => '-')),
    ];
  });
  return tableText([[...head, ...serverHead], ...rows]);
}

/** What is wrong with the figures. */
export function loadWarnings(results: readonly LevelResult[]): string[] {
  return results.flatMap(({ level, stable, windows, delayed, failed, requests }) => {
    const at = `at ${levelValue(level)}`;
    return [
      ...(stable ? [] : [`${at}: not stable after ${windows} windows`]),
      ...(failed > 0 ? [`${at}: ${failed} of ${failed + requests} requests failed`] : []),
      ...(delayed > 0 ? [`${at}: ${delayed} requests began late, this machine does not keep the rate`] : []),
    ];
  });
}
