import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionSettings } from '../runtime/session.js';
import { backendOf } from '../triton/lint-config.js';
import type { ModelConfig } from '../triton/model-config.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { Ensemble, type FindModel } from './ensemble.js';
import type { Instance } from './instance.js';
import { openKindInstance } from './kind-instance.js';
import type { ExecuteContext } from './model.js';
import { openOnnxInstance } from './onnx/onnx-instance.js';
import { reshaped } from './reshape.js';
import { CachedModel } from './response-cache.js';
import { ScheduledModel } from './scheduled-model.js';
import { initialStates, networkConfig } from './sequence-inputs.js';
import { SequenceModel } from './sequences.js';
import type { ServedVersion, VersionFacts } from './served-version.js';
import { ModelStatistics } from './statistics.js';
import { warmUp } from './warm-up.js';

/** What a version of a model is loaded from. */
export interface VersionPlace {
  readonly name: string;
  readonly version: number;
  /** `<repository>/<model>` */
  readonly folder: string;
  readonly config: ModelConfig;
}

/** Opens all instances of a version and warms them up. Failures tell why the server cannot serve it. */
export async function loadVersion(
  place: VersionPlace,
  find: FindModel,
  context: ExecuteContext,
): Promise<Result<ServedVersion, Failure>> {
  const started = performance.now();
  const { name, version, config } = place;
  const unsupported = unsupportedField(config);
  if (unsupported !== undefined) return fail(notServed(place, unsupported));
  const labels = await readLabels(place);
  const facts = () => {
    const statistics = new ModelStatistics((performance.now() - started) / 1000);
    return { name, version, config, labels, statistics };
  };
  const isCached = config.response_cache?.enable ?? false;
  const cached = (model: ServedVersion): ServedVersion => (isCached ? new CachedModel(model) : model);
  if (config.platform === 'ensemble') {
    const stream = decoupledStep(config, find);
    if (stream !== undefined) return fail(notServed(place, `the decoupled model '${stream}' as a step of an ensemble`));
    return ok(cached(new Ensemble(facts(), find)));
  }

  const instances: Instance[] = [];
  const close = () => Promise.all(instances.map(instance => instance.close()));
  for (let index = 0; index < instanceCount(config); index++) {
    const instance = await openInstance(place);
    if (!instance.ok) {
      await close();
      return instance;
    }
    const usable = reshaped(instance.value, config);
    instances.push(usable);
    const warm = await warmUp(usable, config, place.folder, context);
    if (!warm.ok) {
      await close();
      return warm;
    }
  }
  if (config.sequence_batching) return sequenceModel(place, facts(), instances, context);
  return ok(cached(new ScheduledModel(facts(), instances, context)));
}

async function sequenceModel(
  { folder, config }: VersionPlace,
  facts: VersionFacts,
  instances: readonly Instance[],
  context: ExecuteContext,
): Promise<Result<ServedVersion, Failure>> {
  const states = await initialStates(config, folder);
  if (!states.ok) {
    await Promise.all(instances.map(instance => instance.close()));
    return states;
  }
  const network = new ScheduledModel({ ...facts, config: networkConfig(config) }, instances, context);
  const perInstance =
    config.sequence_batching?.oldest?.max_candidate_sequences || Math.max(1, config.max_batch_size ?? 0);
  return ok(new SequenceModel(facts, network, { slots: perInstance * instances.length, states: states.value }));
}

async function readLabels({ folder, config }: VersionPlace): Promise<ReadonlyMap<string, readonly string[]>> {
  const labels = new Map<string, readonly string[]>();
  for (const { name = '', label_filename: file = '' } of config.output ?? []) {
    if (file === '') continue;
    const text = await readFile(join(folder, file), 'utf8');
    labels.set(
      name,
      text.split('\n').filter(line => line !== ''),
    );
  }
  return labels;
}

async function openInstance(place: VersionPlace): Promise<Result<Instance, Failure>> {
  const { folder, version, config } = place;
  const versionFolder = join(folder, `${version}`);
  const backend = backendOf(config);
  if (backend === 'python') return openKindInstance(versionFolder, config);
  if (backend !== 'onnxruntime') return fail(notServed(place, `backend '${backend}'`));
  const file = config.default_model_filename || 'model.onnx';
  // The server also takes a folder of that name, which holds the model and its external data.
  const inFolder = existsSync(join(versionFolder, file, 'model.onnx'));
  const data = inFolder
    ? { folder: join(versionFolder, file), file: 'model.onnx', settings: sessionSettings(config) }
    : { folder: versionFolder, file, settings: sessionSettings(config) };
  return openOnnxInstance(data, config);
}

/** What Triton does with these fields is not done here; better no answer than another one. */
function unsupportedField(config: ModelConfig): string | undefined {
  if (config.sequence_batching?.iterative_sequence) return 'sequence_batching.iterative_sequence';
  if (config.sequence_batching && config.model_warmup?.length) return 'model_warmup of sequences';
  if (config.batch_input?.length) return 'batch_input';
  if (config.batch_output?.length) return 'batch_output';
  if (config.input?.some(input => input.allow_ragged_batch)) return 'allow_ragged_batch';
  return undefined;
}

/** A step that may give several responses to one request, each of which would go through the steps behind it. */
const decoupledStep = ({ ensemble_scheduling: ensemble }: ModelConfig, find: FindModel): string | undefined =>
  ensemble?.step
    ?.map(({ model_name: name = '', model_version: version = -1 }) => find(name, Number(version)))
    .flatMap(model => (model.ok && model.value.isDecoupled ? [model.value.facts.name] : []))[0];

const notServed = ({ folder }: VersionPlace, found: string): Failure =>
  usageFailure('model-not-served', `td serve does not do what this model needs: ${found}`, {
    where: folder,
    fix: 'serve it with Triton',
  });

/** As the server counts: one, and two of a CPU group for ONNX Runtime without a count. GPU groups run on the CPU here. */
function instanceCount(config: ModelConfig): number {
  const groups = config.instance_group ?? [];
  if (groups.length === 0) return 1;
  const byDefault = (kind: string | undefined) => (kind === 'KIND_CPU' && backendOf(config) === 'onnxruntime' ? 2 : 1);
  return groups.reduce((sum, { count, kind, passive }) => sum + (passive ? 0 : count || byDefault(kind)), 0);
}

/** optimization.graph.level, as the onnxruntime backend reads it. */
const GRAPH_LEVELS: Readonly<Record<number, NonNullable<SessionSettings['graphOptimizationLevel']>>> = {
  [-1]: 'basic',
  1: 'extended',
  2: 'disabled',
};

function sessionSettings(config: ModelConfig): SessionSettings {
  const threads = Number(config.parameters?.intra_op_thread_count?.string_value ?? 0);
  const level = GRAPH_LEVELS[config.optimization?.graph?.level ?? 0];
  return {
    // 0 means all cores.
    ...(threads > 0 ? { threads } : {}),
    ...(level === undefined ? {} : { graphOptimizationLevel: level }),
  };
}
