import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { PlannedModel } from '../plan/planned.js';
import { engineArguments, languageBackendOf } from '../plan/triton-tasks.js';
import { languageModelFailure } from '../triton/language-model.js';
import { settingsProblems } from '../triton/settings-problems.js';
import { type Failure, together, usageFailure } from '../util/failure.js';

/** Settings of the server that it would refuse, in its words, before anything is built. */
export function tritonProblems(
  config: ResolvedConfig,
  models: readonly PlannedModel[],
  artefacts: readonly Artefact[],
): Failure | undefined {
  const { triton, targets } = config;
  const { maxBatchSize, dynamicBatching, server, compat } = triton;
  const failures = models.flatMap(planned => {
    const { name, task, shapes } = planned.model;
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
    const refused = settingsProblems(name, use).map(message =>
      usageFailure('triton-settings', message, { where: 'triton' }),
    );
    const backend = languageBackendOf(config, planned);
    if (backend === undefined) return refused;
    const engine = engineArguments(planned.model, config);
    const hasGpu = use.artefacts.some(({ device }) => device === 'cuda');
    const misused = languageModelFailure(name, { backend, engine, compat, hasGpu });
    return misused ? [...refused, misused] : refused;
  });
  const [first, ...others] = [...failures, ...unusedBackend(config, models)];
  return first && together('triton-settings', 'the server would refuse these settings', [first, ...others]);
}

/** A setting that nothing takes would be ignored. Only a selection of all models shows it. */
function unusedBackend(config: ResolvedConfig, models: readonly PlannedModel[]): readonly Failure[] {
  const { backend } = config.triton;
  if (backend === 'onnx' || models.length < Object.keys(config.models).length) return [];
  if (models.some(planned => languageBackendOf(config, planned) !== undefined)) return [];
  const failure = usageFailure('triton-settings', `backend '${backend}' runs text-generation, and no model does that`, {
    where: 'triton.backend',
    found: models.map(({ model: { name, task } }) => `${name}: ${task}`).join(', '),
    fix: 'remove backend',
  });
  return [failure];
}
