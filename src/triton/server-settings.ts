import type { ModelConfig } from './model-config.js';
import { type Artefact, type Batching, dynamicBatching } from './repository.js';

/** How the server runs the models, as far as it is not told by the models themselves. */
export type ServerSettings = Readonly<Record<string, never>>;

export const NEWEST_VERSION = { latest: { num_versions: 1 } } as const;

/** The fields of a network's configuration that the settings decide. */
export const networkSettings = (
  _server: ServerSettings,
  { device, engine, profiles = 1, threads = 0 }: Artefact,
  batching: Batching,
): ModelConfig => ({
  version_policy: NEWEST_VERSION,
  // KIND_AUTO takes a GPU where there is one, and does not keep a server without one from starting. An engine needs one.
  instance_group: [
    {
      kind: engine === 'tensorrt' ? 'KIND_GPU' : device === 'cpu' ? 'KIND_CPU' : 'KIND_AUTO',
      count: 1,
      // Unless they are listed, the server uses the first only.
      ...(profiles > 1 ? { profile: Array.from({ length: profiles }, (_, profile) => `${profile}`) } : {}),
    },
  ],
  ...dynamicBatching(batching),
  // One instance, so it may have all cores (0), unless fewer threads were measured to be faster. With several instances, divide them.
  ...(engine === 'tensorrt' ? {} : { parameters: { intra_op_thread_count: { string_value: `${threads}` } } }),
});

/** Those of a Python model. */
export const pythonSettings = (_server: ServerSettings, batching: Batching): ModelConfig => ({
  version_policy: NEWEST_VERSION,
  instance_group: [{ kind: 'KIND_CPU', count: 1 }],
  ...dynamicBatching(batching),
});

/** Those of an ensemble. */
export const ensembleSettings = (_server: ServerSettings): ModelConfig => ({ version_policy: NEWEST_VERSION });
