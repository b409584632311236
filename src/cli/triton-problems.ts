import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { PlannedModel } from '../plan/planned.js';
import { settingsProblems } from '../triton/settings-problems.js';
import { type Failure, together, usageFailure } from '../util/failure.js';

/** Settings of the server that it would refuse, in its words, before anything is built. */
export function tritonProblems(
  { triton, targets }: ResolvedConfig,
  models: readonly PlannedModel[],
  artefacts: readonly Artefact[],
): Failure | undefined {
  const { maxBatchSize, dynamicBatching, server } = triton;
  const failures = models.flatMap(({ model: { name, task, shapes } }) => {
    const use = {
      task,
      batching: {
        maxBatchSize: maxBatchSize ?? shapes.batch.max,
        ...(dynamicBatching ? { dynamic: dynamicBatching } : {}),
      },
      server,
      artefacts: artefacts
        .filter(({ model }) => model === name)
        .map(({ target }) => targets[target]!)
        .map(({ engine, device }) => ({ engine, device: device === 'cpu' ? ('cpu' as const) : ('cuda' as const) })),
    };
    return settingsProblems(name, use).map(message => usageFailure('triton-settings', message, { where: 'triton' }));
  });
  const [first, ...others] = failures;
  return first && together('triton-settings', 'the server would refuse these settings', [first, ...others]);
}
