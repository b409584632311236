import type { ModelMetadata } from '../client/messages.js';
import type { Level } from '../load/generate-load.js';
import type { LoadSettings } from '../load/measure-load.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Arguments, Options } from './arguments.js';

/** Of td bench --url; the meanings are perf_analyzer's. */
export const LOAD_OPTIONS: Options = {
  concurrency: { type: 'string', placeholder: 'N|FROM:TO:STEP', help: 'with --url: requests in flight (default: 1)' },
  'request-rate': { type: 'string', placeholder: 'N|FROM:TO:STEP', help: 'with --url: requests begun in a second' },
  distribution: { type: 'string', placeholder: 'constant|poisson', help: 'of --request-rate (default: constant)' },
  batch: { type: 'string', placeholder: 'N', help: 'with --url: rows of made-up inputs (default: 1)' },
  shape: {
    type: 'string',
    multiple: true,
    placeholder: 'NAME:D,D',
    help: 'with --url: of a made-up input, without batch',
  },
  window: { type: 'string', placeholder: 'SECONDS', help: 'of one measurement (default: 5)' },
  stability: { type: 'string', placeholder: 'PERCENT', help: 'that three windows may differ (default: 10)' },
  'max-trials': { type: 'string', placeholder: 'N', help: 'windows, at most (default: 10)' },
  percentile: { type: 'string', placeholder: 'P', help: 'of latency that must be stable, instead of the mean' },
  'latency-threshold': { type: 'string', placeholder: 'MS', help: 'no further levels once the mean is above it' },
  'warmup-requests': { type: 'string', placeholder: 'N', help: 'before anything counts (default: 10)' },
  binary: { type: 'boolean', help: 'with --url: tensors as bytes instead of JSON numbers' },
};

/** The levels of load, in order. */
export function levelsOf(given: Arguments): Result<readonly Level[], Failure> {
  const distribution = given.text('distribution') ?? 'constant';
  if (distribution !== 'constant' && distribution !== 'poisson') {
    return fail(
      usageFailure('invalid-option', '--distribution is unknown', {
        expected: 'constant or poisson',
        found: distribution,
      }),
    );
  }
  const rate = given.text('request-rate');
  const concurrency = given.text('concurrency');
  if (rate !== undefined && concurrency !== undefined) {
    return fail(usageFailure('invalid-option', 'either --concurrency or --request-rate', { fix: 'leave one out' }));
  }
  if (rate !== undefined) {
    const rates = rangeOf('request-rate', rate, value => value > 0);
    return rates.ok ? ok(rates.value.map(requestRate => ({ requestRate, distribution }))) : rates;
  }
  const values = rangeOf('concurrency', concurrency ?? '1', value => Number.isInteger(value) && value > 0);
  return values.ok ? ok(values.value.map(value => ({ concurrency: value }))) : values;
}

/** 'N', or 'FROM:TO:STEP' with both ends. */
function rangeOf(option: string, text: string, valid: (value: number) => boolean): Result<readonly number[], Failure> {
  const [from, to = from, step = 1, ...more] = text
    .split(':')
    .map(part => (part.trim() === '' ? Number.NaN : Number(part)));
  if (more.length > 0 || ![from, to, step].every(value => valid(value!)) || to! < from!) {
    return fail(
      usageFailure('invalid-option', `--${option} is no number or range`, {
        expected: 'N or FROM:TO:STEP',
        found: text,
      }),
    );
  }
  const values: number[] = [];
  // Counted, so that steps of a tenth do not lose the last one.
  for (let index = 0; from! + index * step <= to! + step * 1e-9; index++) values.push(from! + index * step);
  return ok(values);
}

export function settingsOf(given: Arguments): Result<LoadSettings & { readonly latencyThreshold?: number }, Failure> {
  const numbers = {
    window: numberOf(given, 'window', 5, value => value > 0),
    stability: numberOf(given, 'stability', 10, value => value > 0),
    'max-trials': numberOf(given, 'max-trials', 10, value => Number.isInteger(value) && value >= 3),
    'warmup-requests': numberOf(given, 'warmup-requests', 10, value => Number.isInteger(value) && value >= 0),
    batch: numberOf(given, 'batch', 1, value => Number.isInteger(value) && value >= 1),
    percentile: numberOf(given, 'percentile', undefined, value => value > 0 && value <= 100),
    'latency-threshold': numberOf(given, 'latency-threshold', undefined, value => value > 0),
  };
  const wrong = Object.entries(numbers).find(([, value]) => value === 'invalid');
  if (wrong)
    return fail(usageFailure('invalid-option', `--${wrong[0]} is out of range`, { found: given.text(wrong[0])! }));
  const value = (name: keyof typeof numbers): number => numbers[name] as number;
  return ok({
    windowMilliseconds: value('window') * 1000,
    stability: {
      share: value('stability') / 100,
      ...(numbers.percentile === undefined ? {} : { percentile: value('percentile') }),
    },
    maxTrials: value('max-trials'),
    warmupRequests: value('warmup-requests'),
    batch: value('batch'),
    ...(numbers['latency-threshold'] === undefined ? {} : { latencyThreshold: value('latency-threshold') }),
  });
}

function numberOf<T extends number | undefined>(
  given: Arguments,
  name: string,
  otherwise: T,
  valid: (value: number) => boolean,
): number | T | 'invalid' {
  const text = given.text(name);
  if (text === undefined) return otherwise;
  return text.trim() !== '' && valid(Number(text)) ? Number(text) : 'invalid';
}

export function shapesOf(
  given: Arguments,
  { inputs }: ModelMetadata,
): Result<Readonly<Record<string, readonly number[]>>, Failure> {
  const shapes: Record<string, readonly number[]> = {};
  const names = inputs.map(({ name }) => name);
  for (const text of given.verbatim('shape')) {
    const [, name = '', dims = ''] = /^(.+):([\d,]+)$/.exec(text) ?? [];
    if (name === '') return fail(usageFailure('invalid-option', `--shape ${text} is not NAME:D,D`));
    if (!names.includes(name)) {
      const meant = nearest(name, names);
      return fail(
        usageFailure('input-unknown', `the model has no input '${name}'`, {
          where: '--shape',
          expected: names.join(', '),
          ...(meant === undefined ? {} : { fix: `did you mean '${meant}'?` }),
        }),
      );
    }
    shapes[name] = dims.split(',').map(Number);
  }
  return ok(shapes);
}
