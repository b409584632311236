import type { Parameters } from '../../kserve/messages.js';

/** Parameters by which a request is scheduled. */
const UNSIGNED = ['priority', 'timeout'];

/** Why the server would not take these parameters of a request, in its words. */
export function parameterProblem(parameters: Parameters): string | undefined {
  if (Object.keys(parameters).some(name => name.startsWith('triton_'))) {
    return "parameter keys starting with 'triton_' are reserved for Triton usage and should not be specified.";
  }
  const wrong = UNSIGNED.find(name => {
    const value = parameters[name];
    return value !== undefined && !(Number.isSafeInteger(value) && Number(value) >= 0);
  });
  return wrong && `Unable to parse '${wrong}': attempt to access JSON non-unsigned-integer as unsigned-integer`;
}
