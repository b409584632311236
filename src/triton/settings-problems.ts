import { ACCELERATOR_RULES } from './lint-accelerators.js';
import { BATCHING_RULES } from './lint-batching.js';
import { backendOf, CONFIG_RULES } from './lint-config.js';
import type { LintModel } from './lint-rule.js';
import type { ModelConfig } from './model-config.js';
import type { Artefact, Batching } from './repository.js';
import {
  clientSettings,
  dynamicBatching,
  networkSettings,
  pythonSettings,
  type ServerSettings,
} from './server-settings.js';

export interface SettingsUse {
  readonly task: string;
  readonly batching: Batching;
  readonly server: ServerSettings;
  readonly artefacts: readonly Pick<Artefact, 'device' | 'engine'>[];
}

/** Tasks whose answers come in pieces. */
const DECOUPLED: ReadonlySet<string> = new Set(['text-generation', 'text2text-generation']);

/**
 * What a server would refuse of the settings, in its words, whatever the model: known before anything is built. The finished repository is
 * linted as well.
 */
export function settingsProblems(name: string, { task, batching, server, artefacts }: SettingsUse): readonly string[] {
  const isDecoupled = DECOUPLED.has(task);
  const io = { name: 'x', data_type: 'TYPE_INT64', dims: [-1] } as const;
  const common: ModelConfig = {
    name,
    max_batch_size: isDecoupled ? 0 : batching.maxBatchSize,
    input: [io],
    output: [io],
    ...(isDecoupled ? {} : dynamicBatching(batching)),
  };
  const configs: ModelConfig[] = [
    {
      ...common,
      backend: 'python',
      ...(isDecoupled ? { model_transaction_policy: { decoupled: true } } : {}),
      ...clientSettings(server),
      ...pythonSettings(server),
    },
    ...artefacts.map(artefact => ({
      ...common,
      backend: artefact.engine,
      ...networkSettings(server, { ...artefact, id: name, target: '', precision: '', networks: {} }, []),
    })),
  ];
  return [...new Set(configs.flatMap(config => [...problemsOf(name, config)]))];
}

function* problemsOf(name: string, config: ModelConfig): Iterable<string> {
  const model: LintModel = {
    name,
    config,
    backend: backendOf(config),
    isCompleted: false,
    files: new Map(),
    versions: [1],
    labels: new Map(),
    networks: new Map(),
    arguments: new Map(),
  };
  for (const rule of [...CONFIG_RULES, ...BATCHING_RULES, ...ACCELERATOR_RULES]) {
    for (const finding of rule.check(model, new Map())) yield typeof finding === 'string' ? finding : finding.message;
  }
}
