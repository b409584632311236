import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { type EngineMachine, enginePrecision, machineOf } from '../plan/engine-tasks.js';
import type { EnginePrecision } from '../tensorrt/options.js';
import { type Failure, together } from '../util/failure.js';

/**
 * Engines that the TensorRT of their target is too old for: said before any work, as soon as its release is known. Failures:
 * 'precision-unsupported'.
 */
export async function precisionProblem(
  config: ResolvedConfig,
  artefacts: readonly Artefact[],
  machines: ReadonlyMap<string, EngineMachine>,
): Promise<Failure | undefined> {
  const engines = artefacts.filter(({ target }) => config.targets[target]!.engine === 'tensorrt');
  if (engines.length === 0) return undefined;
  const [{ precisionLimit }, { parseVersion }] = await Promise.all([
    import('../tensorrt/precision-arguments.js'),
    import('../tensorrt/version.js'),
  ]);
  const problems = engines.flatMap(({ id, target, precision }): Failure[] => {
    // '10.13.3 build 9'; a machine that has told nothing yet may be any.
    const [release = ''] = machineOf(machines, target).tools.tensorrt?.split(' ') ?? [];
    const version = parseVersion(release);
    const limit = version && precisionLimit(version, enginePrecision(precision) as EnginePrecision);
    return limit ? [{ ...limit, where: id }] : [];
  });
  const [first, ...rest] = problems;
  return first && together('precision-unsupported', 'targets are too old for what they are to build', [first, ...rest]);
}
