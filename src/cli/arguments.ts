import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';

export interface Option {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** Takes that many values in a row: `--seq-len 16 64 128`. One value with commas will do as well. */
  readonly values?: number;
  /** What stands for the value in the help text. */
  readonly placeholder?: string;
  readonly help: string;
}
export type Options = Readonly<Record<string, Option>>;

export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  /** The values as they were given, commas and all. */
  verbatim(name: string): readonly string[];
  /** A whole number of at least `minimum`, or undefined when not given. Call through `numberProblem` first. */
  number(name: string): number | undefined;
}

/** Strict: an unknown flag is an error that names the nearest one; nothing is ignored. */
export function parseArguments(command: string, options: Options, argv: readonly string[]): Result<Arguments, Failure> {
  const config: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, option] of Object.entries(options)) {
    config[name] = {
      type: option.type,
      ...(option.short ? { short: option.short } : {}),
      ...(option.multiple ? { multiple: true } : {}),
    };
  }
  try {
    const parsed = parseArgs({
      args: joinValues(options, argv),
      options: config,
      allowPositionals: true,
      strict: true,
    });
    const values = parsed.values as Record<string, string | boolean | (string | boolean)[] | undefined>;
    return ok({
      positionals: parsed.positionals,
      flag: name => values[name] === true,
      text: name => values[name] as string | undefined,
      list: name =>
        [values[name] ?? []]
          .flat()
          .flatMap(value => String(value).split(','))
          .filter(part => part !== ''),
      verbatim: name => [values[name] ?? []].flat().map(String),
      number: name => (values[name] === undefined ? undefined : Number(values[name])),
    });
  } catch (error) {
    return fail(argumentFailure(command, options, error as Error & { code?: string }));
  }
}

/** Turns `-s 16 64 128` into `-s 16,64,128`, which `parseArgs` understands. */
function joinValues(options: Options, argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    joined.push(argument);
    if (argument === '--') return [...joined, ...argv.slice(i + 1)];
    const name = argument.replace(/^--?/, '');
    const option = argument.startsWith('--')
      ? options[name]
      : Object.values(options).find(candidate => argument.startsWith('-') && candidate.short === name);
    if (!option?.values) continue;
    const values = argv.slice(i + 1, i + 1 + option.values);
    const following = values.findIndex(value => value.startsWith('-'));
    const taken = following < 0 ? values : values.slice(0, following);
    if (taken.length > 1 && !taken[0]!.includes(',')) {
      joined.push(taken.join(','));
      i += taken.length;
    }
  }
  return joined;
}

function argumentFailure(command: string, options: Options, error: Error & { code?: string }): Failure {
  const help = `td ${command} --help lists every option`;
  const quoted = /'([^']+)'/.exec(error.message)?.[1] ?? '';
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const meant = nearest(quoted.replace(/^--?/, ''), Object.keys(options));
    return usageFailure('unknown-option', `td ${command} has no option ${quoted}`, {
      fix: meant ? `did you mean --${meant}? ${help}` : help,
    });
  }
  return usageFailure('invalid-option', error.message.split('. ')[0]!, {
    fix: help,
  });
}

/** The problem with a numeric option, or undefined: checked before anything runs. */
export function numberProblem(given: Arguments, name: string, minimum: number): Failure | undefined {
  const text = given.text(name);
  const value = Number(text);
  if (text === undefined || (text.trim() !== '' && Number.isInteger(value) && value >= minimum)) return undefined;
  return usageFailure('invalid-option', `--${name} is not a whole number of at least ${minimum}`, {
    expected: `a whole number >= ${minimum}`,
    found: text,
  });
}

/** The option list of `--help`. */
export function optionsHelp(options: Options): string {
  const rows = Object.entries(options).map(([name, option]): [string, string] => {
    const short = option.short ? `-${option.short}, ` : '    ';
    const value = option.type === 'string' ? ` ${option.placeholder ?? 'TEXT'}` : '';
    return [`  ${short}--${name}${value}`, option.help];
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `${left.padEnd(width)}${right}`).join('\n');
}
