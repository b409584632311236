import type { ConfigPath, Problem } from './problem.js';
import type { Target } from './types.generated.js';

/** Fields of a target that only TensorRT reads. */
export const ENGINE_FIELDS = ['trtexec', 'command', 'engineOptions'] as const;

/** What a target says wrongly of where trtexec is and how it builds. */
export function engineProblems(path: ConfigPath, { image, trtexec, command, engineOptions = {} }: Target): Problem[] {
  const problems: Problem[] = [];
  const places = Object.entries({ trtexec, command, image }).filter(([, place]) => place !== undefined);
  if (places.length > 1) {
    const names = places.map(([name]) => name);
    problems.push({
      path: [...path, names[0]!],
      at: 'key',
      message: `trtexec can be in one place only, and ${names.join(' and ')} name several`,
      fix: `keep one of ${names.join(', ')}`,
    });
  }
  if (command && !command.some(word => word.includes('{program}'))) {
    problems.push({
      path: [...path, 'command'],
      at: 'value',
      message: 'the command does not say where the name of the program goes',
      expected: "a word with {program}, which stands for 'trtexec' or 'nvidia-smi'",
      found: command.join(' '),
      fix: "end it with '{program}'",
    });
  }
  for (const [index, { batch, sequence, past, dimensions }] of (engineOptions.profiles ?? []).entries()) {
    const at: ConfigPath = [...path, 'engineOptions', 'profiles', index];
    for (const [name, sizes] of Object.entries({ batch, sequence, past, ...dimensions })) {
      if (!sizes || (sizes[0] <= sizes[1] && sizes[1] <= sizes[2])) continue;
      const isOther = dimensions !== undefined && name in dimensions;
      problems.push({
        path: [...at, ...(isOther ? ['dimensions'] : []), name],
        at: 'value',
        message: 'the sizes are out of order',
        expected: 'min <= optimum <= max',
        found: `[${sizes.join(', ')}]`,
        fix: `write [${sizes.toSorted((a, b) => a - b).join(', ')}]`,
      });
    }
  }
  if (engineOptions.excludeLeanRuntime && !engineOptions.versionCompatible) {
    problems.push({
      path: [...path, 'engineOptions', 'excludeLeanRuntime'],
      at: 'key',
      message: 'only a version compatible engine brings a runtime along that could be left out',
      fix: 'add versionCompatible: true, or remove excludeLeanRuntime',
    });
  }
  return problems;
}
