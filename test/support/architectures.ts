import type { Architecture } from '../../src/architectures/architecture.js';
import {
  exportGraph as exportAs,
  ARCHITECTURES as FAMILIES,
  readModelFacts as readFactsAs,
} from '../../src/architectures/index.js';
import type { ConfigJson } from '../../src/architectures/read-config.js';
import type { Checkpoint } from '../../src/weights/checkpoint.js';

/** Every family, loaded. */
export const ARCHITECTURES: readonly Architecture[] = await Promise.all(Object.values(FAMILIES).map(load => load()));

function familyOf({ model_type: modelType }: ConfigJson): Architecture {
  const known = ARCHITECTURES.find(architecture => architecture.modelType === modelType);
  if (!known) throw new Error(`no family ${modelType}`);
  return known;
}

/** The graphs of a checkpoint of a family that is in the list. */
export const exportGraph = (checkpoint: Checkpoint, settings: { readonly task: string }): ReturnType<typeof exportAs> =>
  exportAs(familyOf(checkpoint.configJson), checkpoint, settings);

export const readModelFacts = (configJson: ConfigJson, task: string, where: string): ReturnType<typeof readFactsAs> =>
  readFactsAs(familyOf(configJson), configJson, task, where);
