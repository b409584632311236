import type { Parameters } from '../../kserve/messages.js';
import { ok, type Result } from '../../util/result.js';
import type { ServeError } from '../model.js';
import { refused } from './texts.js';

/** The parameters of a request, each of which may be left out. Refusals in the words of our model.py. */
export class Options {
  constructor(private readonly given: Parameters) {}

  choice<T extends string>(name: string, initial: T, choices: readonly T[]): Result<T, ServeError> {
    const value = this.given[name] ?? initial;
    const found = choices.find(choice => choice === value);
    return found === undefined ? refused(`${name} must be one of ${choices.join(', ')}`) : ok(found);
  }

  integer(name: string, initial: number, least: number, most: number): Result<number, ServeError> {
    const given = this.given[name] ?? initial;
    const value = typeof given === 'bigint' ? Number(given) : given;
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? ok(value)
      : refused(`${name} must be an integer from ${least} to ${most}`);
  }

  boolean(name: string, initial: boolean): Result<boolean, ServeError> {
    const value = this.given[name] ?? initial;
    return typeof value === 'boolean' ? ok(value) : refused(`${name} must be true or false`);
  }

  text(name: string, initial: string): Result<string, ServeError> {
    const value = this.given[name] ?? initial;
    return typeof value === 'string' ? ok(value) : refused(`${name} must be a text`);
  }
}
