import { environmentFailure, type Failure, taskFailure, usageFailure } from '../util/failure.js';
import type { Fault } from './fault.js';
import { FAULTS_OF_BUILD } from './faults-of-build.js';
import { FAULTS_OF_PLACE } from './faults-of-place.js';

/**
 * The first that matches is the cause: a lack of the place explains what follows it, and a cause stands before its consequences.
 */
const FAULTS: readonly Fault[] = [...FAULTS_OF_PLACE, ...FAULTS_OF_BUILD];

const KINDS = { environment: environmentFailure, task: taskFailure, usage: usageFailure };

/** Every code that `faultIn` gives, for documentation and tests. */
export const FAULT_CODES: readonly string[] = FAULTS.map(({ code }) => code);

/** The cause that these lines tell, or undefined when none is known. The line itself is what was found. */
export function faultIn(lines: readonly string[]): Failure | undefined {
  for (const { code, kind, line, message, fix, expected } of FAULTS) {
    for (const text of lines) {
      const match = line.exec(text);
      if (!match) continue;
      const subject = match.slice(1).find(group => group !== undefined) ?? '';
      return KINDS[kind](code, typeof message === 'string' ? message : message(subject), {
        ...(expected === undefined ? {} : { expected }),
        found: text.trim(),
        fix,
      });
    }
  }
  return undefined;
}
