import { prettyJson } from '../util/json.js';
import { writeModelConfig } from './pbtxt-write.js';
import type { RepositoryFile } from './repository.js';
import { clientSettings, type ServerSettings } from './server-settings.js';

/**
 * A model of the vLLM backend: model.json has vLLM's own engine arguments, `model` among them. Inputs and outputs are the backend's; it
 * adds them to the configuration by itself.
 */
export const vllmModel = (name: string, engine: object, server: ServerSettings): RepositoryFile[] => [
  {
    path: `${name}/config.pbtxt`,
    content: writeModelConfig({
      name,
      backend: 'vllm',
      ...clientSettings(server),
      // vLLM chooses its GPUs itself.
      instance_group: [{ kind: 'KIND_MODEL', count: 1 }],
    }),
  },
  { path: `${name}/1/model.json`, content: prettyJson(engine) },
];
