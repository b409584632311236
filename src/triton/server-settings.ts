import { createHash } from 'node:crypto';
import { acceleratorsOf } from './execution-provider.js';
import type { Message, ModelConfig } from './model-config.js';
import type { Accelerator, Artefact, Batching, NamedTensor } from './repository.js';

/** How the server runs the models, in the words of the project's configuration; what is absent is left to the models. */
export interface ServerSettings {
  readonly instances?: {
    readonly count?: number;
    readonly kind?: 'auto' | 'cpu' | 'gpu';
    readonly gpus?: readonly number[];
    readonly profiles?: readonly number[];
    readonly rateLimiter?: {
      readonly resources?: readonly { readonly name: string; readonly count: number; readonly global?: boolean }[];
      readonly priority?: number;
    };
  };
  readonly pythonInstances?: number;
  readonly threads?: { readonly intraOp?: number; readonly interOp?: number; readonly parallel?: boolean };
  readonly responseCache?: boolean;
  readonly versionPolicy?: {
    readonly latest?: number;
    readonly all?: true;
    readonly specific?: readonly number[];
  };
  readonly accelerators?: {
    readonly gpu?: readonly Accelerator[];
    readonly cpu?: readonly Accelerator[];
  };
  readonly checksum?: boolean;
}

const KINDS = { auto: 'KIND_AUTO', cpu: 'KIND_CPU', gpu: 'KIND_GPU' } as const;

/** The fields of a network's configuration that the settings decide. */
export const networkSettings = (
  server: ServerSettings,
  artefact: Artefact,
  inputs: readonly NamedTensor[],
): ModelConfig => ({
  ...versionSettings(server),
  instance_group: [instanceGroup(server, artefact)],
  ...(artefact.engine === 'tensorrt'
    ? {}
    : { ...optimizationSettings(server, artefact, inputs), parameters: threadSettings(server, artefact) }),
});

/** Those of a Python model. */
export const pythonSettings = (server: ServerSettings): ModelConfig => ({
  ...versionSettings(server),
  instance_group: [{ kind: 'KIND_CPU', count: server.pythonInstances ?? 1 }],
});

/** Those of the model that clients call. */
export const clientSettings = (server: ServerSettings): ModelConfig => ({
  ...versionSettings(server),
  ...(server.responseCache ? { response_cache: { enable: true } } : {}),
});

function versionSettings({ versionPolicy = {} }: ServerSettings): Pick<ModelConfig, 'version_policy'> {
  const { latest = 1, all, specific } = versionPolicy;
  if (all) return { version_policy: { all: {} } };
  return { version_policy: specific ? { specific: { versions: specific } } : { latest: { num_versions: latest } } };
}

function instanceGroup({ instances = {} }: ServerSettings, artefact: Artefact): Message<'ModelInstanceGroup'> {
  const { device, engine, profiles: built = 1 } = artefact;
  const { count = 1, kind, gpus, profiles, rateLimiter } = instances;
  // KIND_AUTO takes a GPU where there is one, and does not keep a server without one from starting. An engine needs one.
  const ownKind = engine === 'tensorrt' ? 'KIND_GPU' : device === 'cpu' ? 'KIND_CPU' : 'KIND_AUTO';
  // Unless they are listed, the server uses the first profile only.
  const listed = profiles ?? (built > 1 ? Array.from({ length: built }, (_, profile) => profile) : []);
  return {
    kind: kind ? KINDS[kind] : ownKind,
    count,
    ...(gpus ? { gpus } : {}),
    ...(listed.length > 0 ? { profile: listed.map(String) } : {}),
    ...(rateLimiter
      ? {
          rate_limiter: {
            ...(rateLimiter.resources ? { resources: rateLimiter.resources } : {}),
            ...(rateLimiter.priority === undefined ? {} : { priority: rateLimiter.priority }),
          },
        }
      : {}),
  };
}

/** One instance may have all cores (0). With several instances, they are to be divided. */
function threadSettings(
  { threads = {} }: ServerSettings,
  { threads: chosen = 0 }: Artefact,
): NonNullable<ModelConfig['parameters']> {
  const { intraOp = 0, interOp, parallel } = threads;
  const parameter = (value: number) => ({ string_value: `${value}` });
  return {
    // Where the configuration does not say, as many as were measured to be the fastest.
    intra_op_thread_count: parameter(intraOp > 0 ? intraOp : chosen),
    ...(interOp === undefined ? {} : { inter_op_thread_count: parameter(interOp) }),
    ...(parallel === undefined ? {} : { execution_mode: parameter(parallel ? 1 : 0) }),
  };
}

/** What the target says of its provider holds before what the server's settings say of all networks. */
function optimizationSettings(
  { accelerators = {} }: ServerSettings,
  { provider }: Artefact,
  inputs: readonly NamedTensor[],
): Pick<ModelConfig, 'optimization'> {
  const own = provider === undefined ? [] : acceleratorsOf(provider, inputs);
  const others = (accelerators.gpu ?? []).filter(({ name }) => !own.some(other => other.name === name));
  const gpu = [...own, ...others];
  const cpu = accelerators.cpu ?? [];
  if (gpu.length === 0 && cpu.length === 0) return {};
  return {
    optimization: {
      execution_accelerators: { gpu_execution_accelerator: gpu, cpu_execution_accelerator: cpu },
    },
  };
}

/** The agent that compares files with their MD5 when the server loads the model. Paths are inside the model's folder. */
export const checksumAgent = (
  files: Readonly<Record<string, Uint8Array>>,
): Pick<ModelConfig, 'model_repository_agents'> => ({
  model_repository_agents: {
    agents: [
      {
        name: 'checksum',
        parameters: Object.fromEntries(
          Object.entries(files).map(([path, bytes]) => [`MD5:${path}`, createHash('md5').update(bytes).digest('hex')]),
        ),
      },
    ],
  },
});

export interface QueuePolicy {
  readonly timeoutMicroseconds?: number;
  readonly timeoutAction?: 'reject' | 'delay';
  readonly allowTimeoutOverride?: boolean;
  readonly maxSize?: number;
}

const queuePolicy = (policy: QueuePolicy): Message<'ModelQueuePolicy'> => ({
  ...(policy.timeoutAction ? { timeout_action: policy.timeoutAction === 'delay' ? 'DELAY' : 'REJECT' } : {}),
  ...(policy.timeoutMicroseconds === undefined ? {} : { default_timeout_microseconds: policy.timeoutMicroseconds }),
  ...(policy.allowTimeoutOverride === undefined ? {} : { allow_timeout_override: policy.allowTimeoutOverride }),
  ...(policy.maxSize === undefined ? {} : { max_queue_size: policy.maxSize }),
});

/** How requests wait and are joined; nothing where the server makes no batches. */
export function dynamicBatching({ maxBatchSize, dynamic }: Batching): Pick<ModelConfig, 'dynamic_batching'> {
  if (maxBatchSize === 0 || dynamic === undefined) return {};
  const {
    preserveOrdering,
    priorityLevels,
    defaultPriorityLevel,
    queuePolicy: policy,
    priorityQueuePolicies,
  } = dynamic;
  return {
    dynamic_batching: {
      max_queue_delay_microseconds: dynamic.maxQueueDelayMicroseconds,
      preferred_batch_size: dynamic.preferredBatchSizes.filter(size => size <= maxBatchSize),
      ...(preserveOrdering === undefined ? {} : { preserve_ordering: preserveOrdering }),
      ...(priorityLevels === undefined ? {} : { priority_levels: priorityLevels }),
      ...(defaultPriorityLevel === undefined ? {} : { default_priority_level: defaultPriorityLevel }),
      ...(policy ? { default_queue_policy: queuePolicy(policy) } : {}),
      ...(priorityQueuePolicies
        ? {
            priority_queue_policy: Object.fromEntries(
              Object.entries(priorityQueuePolicies).map(([level, each]) => [level, queuePolicy(each)]),
            ),
          }
        : {}),
    },
  };
}
