import type { GenerationSettings } from '../../runtime/generation/settings.js';
import { ok, type Result } from '../../util/result.js';
import type { ServeError } from '../model.js';
import { refused } from './texts.js';

/** What one request asks of a text that is written. */
export interface Wishes {
  readonly settings: GenerationSettings;
  /** The text ends before the first of these. */
  readonly stops: readonly string[];
}

type Parameter = readonly [expected: string, accepts: (value: unknown) => boolean];

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const integer = (least: number): Parameter => [
  `an integer, ${least} or more`,
  value => Number.isSafeInteger(value) && (value as number) >= least,
];
const SHARE: Parameter = ['a number from 0 to 1', value => isNumber(value) && value >= 0 && value <= 1];

const PARAMETERS: Readonly<Record<string, Parameter>> = {
  max_new_tokens: integer(1),
  min_new_tokens: integer(0),
  do_sample: ['true or false', value => typeof value === 'boolean'],
  temperature: ['a number, 0 or more', value => isNumber(value) && value >= 0],
  top_k: integer(0),
  top_p: SHARE,
  min_p: SHARE,
  repetition_penalty: ['a number above 0', value => isNumber(value) && value > 0],
  no_repeat_ngram_size: integer(0),
  seed: integer(0),
  num_beams: ['1: beams are not searched here', value => value === 1],
  stop: [
    'a list of up to 16 texts that are not empty',
    value =>
      Array.isArray(value) && value.length <= 16 && value.every(stop => typeof stop === 'string' && stop.length > 0),
  ],
};

/** As vLLM calls them. */
const ALIASES: Readonly<Record<string, string>> = { max_tokens: 'max_new_tokens', min_tokens: 'min_new_tokens' };

/** The JSON of `sampling_parameters` over the model's own settings. Refusals in the words of generate.py. */
export function readSamplingParameters(text: string, defaults: GenerationSettings): Result<Wishes, ServeError> {
  const given = parsed(text);
  if (!given) return refused('sampling_parameters must be a JSON object');
  const settings: Record<string, unknown> = { ...defaults };
  let stops: readonly string[] = [];
  for (const [alias, value] of Object.entries(given)) {
    const name = Object.hasOwn(ALIASES, alias) ? ALIASES[alias]! : alias;
    if (!Object.hasOwn(PARAMETERS, name)) {
      const known = Object.keys(PARAMETERS).join(', ');
      return refused(`there is no sampling parameter '${alias}'; there are ${known}`);
    }
    const [expected, accepts] = PARAMETERS[name]!;
    if (!accepts(value)) return refused(`${alias} must be ${expected}`);
    if (name === 'stop') stops = value as string[];
    else settings[name] = value;
  }
  // A temperature of 0 is no division by it: the likeliest token is taken.
  const { temperature, do_sample: samples } = given;
  if (typeof temperature === 'number') {
    settings.do_sample = (samples ?? true) && temperature > 0;
    settings.temperature = temperature || 1;
  }
  // Every member was checked by its own entry of PARAMETERS.
  return ok({ settings: settings as unknown as GenerationSettings, stops });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
