import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { EngineMachine, EngineTarget } from '../plan/engine-tasks.js';
import { writeFileAtomic } from '../util/atomic-file.js';
import { digestIn } from '../util/digest.js';
import { environmentFailure, type Failure } from '../util/failure.js';
import { canonicalJson, type Json, prettyJson } from '../util/json.js';

/** An engine of a large model takes an hour; longer, and something is wrong. */
const TIMEOUT_MINUTES = 120;

/**
 * Asks what builds the engines of each target that is selected. Where nothing answers, what answered the last time stands in the
 * keys, so that an engine that is in the cache is found; what is not there lacks its machine.
 */
export async function engineMachines(
  config: ResolvedConfig,
  artefacts: readonly Artefact[],
  { cacheDirectory, signal }: { readonly cacheDirectory: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, EngineMachine>> {
  const machines = new Map<string, EngineMachine>();
  for (const name of new Set(artefacts.map(({ target }) => target))) {
    const target = config.targets[name]!;
    if (target.engine === 'tensorrt') machines.set(name, await machineFor(target, cacheDirectory, signal));
    else if (target.device !== 'cpu') {
      const { deviceMachine } = await import('./device-machines.js');
      machines.set(name, await deviceMachine(target, cacheDirectory));
    }
  }
  return machines;
}

async function machineFor(target: EngineTarget, cacheDirectory: string, signal: AbortSignal): Promise<EngineMachine> {
  // Most builds have no engines, and need none of this.
  const [{ findTrtexec }, { probeToolchain, toolsOf }] = await Promise.all([
    import('../tensorrt/find.js'),
    import('../tensorrt/probe.js'),
  ]);
  const remembered = join(cacheDirectory, 'engines', `${placeDigest(target)}.json`);
  const reach = findTrtexec(target);
  if (!reach.ok) return lacking(target, reach.error, remembered);
  const folder = mkdtempSync(join(tmpdir(), 'td-probe-'));
  try {
    const toolchain = await probeToolchain(reach.value, target.gpu, { folder, signal });
    if (!toolchain.ok) return lacking(target, toolchain.error, remembered);
    const tools = toolsOf(toolchain.value);
    await remember(remembered, tools);
    const { timeoutMinutes = TIMEOUT_MINUTES } = target.engineOptions;
    const timingCaches = join(cacheDirectory, 'engines');
    return {
      tools: { ...tools, ...tf32Override() },
      hints: { reach: reach.value, toolchain: toolchain.value, timeoutMinutes, timingCaches } as unknown as Json,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A variable that changes what engines compute, whatever their options say. */
function tf32Override(): Readonly<Record<string, string>> {
  const value = process.env.NVIDIA_TF32_OVERRIDE;
  return value === undefined ? {} : { tf32Override: value };
}

/** What the target says of the place; the same config finds the same place again. */
const placeDigest = ({ gpu, image, trtexec, command }: EngineTarget): string =>
  digestIn(
    'td:engine-place:1',
    canonicalJson({
      gpu,
      ...(image ? { image } : {}),
      ...(trtexec ? { trtexec } : {}),
      ...(command ? { command } : {}),
    }),
  );

async function remember(path: string, tools: Readonly<Record<string, string>>): Promise<void> {
  const text = prettyJson(tools);
  if (textOf(path) === text) return;
  // A cache that cannot be written costs the reuse on machines without a GPU, and nothing else.
  await writeFileAtomic(path, text).catch(() => undefined);
}

function lacking(target: EngineTarget, cause: Failure, remembered: string): EngineMachine {
  const known = textOf(remembered);
  const tools = known === undefined ? { gpu: target.gpu } : (JSON.parse(known) as Record<string, string>);
  return { tools: { ...tools, ...tf32Override() }, lacks: notBuiltHere(target, cause) };
}

export const NOT_BUILT_HERE = 'not-built-here';

const notBuiltHere = ({ name, gpu }: EngineTarget, cause: Failure): Failure =>
  environmentFailure(NOT_BUILT_HERE, `not built here: needs ${gpu}`, {
    where: `targets.${name}`,
    expected: `trtexec and a GPU of ${gpu}`,
    found: `${cause.message}${cause.found === undefined ? '' : `: ${cause.found}`}`,
    fix: `${cause.fix ?? 'build where they are'}; or let it be missing: --allow-missing-hardware`,
  });

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
