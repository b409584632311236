import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage } from '../build/task.js';
import { prettyJson } from '../util/json.js';
import { ok } from '../util/result.js';

/**
 * The part of an artefact folder that is not the model: config.json, the tokenizer, how texts are generated and how speech is prepared, as on the Hub.
 * `transformers.js_config` tells that library what it cannot see from the file names: the weights stand beside
 * `onnx/model.onnx`, and there is no second file for another dtype. `modules` is for sentence-transformers, which runs the
 * model by ONNX Runtime and its modules itself.
 */
export const packageStage: Stage = {
  name: 'package',
  async run({ in: { config, tokenizer, generationConfig, preprocessorConfig, modules }, out }) {
    await mkdir(out.folder!, { recursive: true });
    const modelConfig = JSON.parse(await readFile(config!, 'utf8'));
    await writeFile(
      join(out.folder!, 'config.json'),
      prettyJson({
        ...modelConfig,
        'transformers.js_config': {
          dtype: 'fp32',
          use_external_data_format: true,
        },
      }),
    );
    for (const name of await readdir(tokenizer!)) await copyFile(join(tokenizer!, name), join(out.folder!, name));
    if (generationConfig) await copyFile(generationConfig, join(out.folder!, 'generation_config.json'));
    if (preprocessorConfig) await copyFile(preprocessorConfig, join(out.folder!, 'preprocessor_config.json'));
    if (modules) await cp(modules, out.folder!, { recursive: true, dereference: true });
    return ok(undefined);
  },
};
