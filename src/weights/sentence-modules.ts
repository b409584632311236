import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '../graph/tensor.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { isObject } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';
import { weightsMissing } from './foreign-weights.js';
import { readSafetensorsHeader } from './safetensors.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** One step of a sentence-transformers model, as `modules.json` lists it. */
export interface SentenceModule {
  /** Its class: 'sentence_transformers.models.Pooling'. */
  readonly type: string;
  /** Its folder within the model folder: '1_Pooling'; '' is the model folder itself. */
  readonly path: string;
  /** undefined: it has no config.json, as modules without settings. */
  readonly configJson: JsonObject | undefined;
  /** Its weights by their names in its own file; empty where it has none. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What of it is on the disk, relative to the model folder. */
  readonly files: readonly string[];
  /** Why there are no weights, for modules that need some. */
  readonly weightsMissing: Failure | undefined;
}

/**
 * Reads `modules.json` and what each module has in its folder, in the order in which they run; undefined where the
 * model folder has no such file. Failures: 'modules-invalid', those of the weight files.
 */
export function readSentenceModules(folder: string): Result<readonly SentenceModule[] | undefined, Failure> {
  const file = join(folder, 'modules.json');
  if (!existsSync(file)) return ok(undefined);
  const list = readJson(file);
  if (!list.ok) return list;
  if (!Array.isArray(list.value) || list.value.length === 0) {
    return fail(invalid(file, '[{"path": "", "type": "sentence_transformers.models.Transformer"}, …]', list.value));
  }
  const modules: SentenceModule[] = [];
  for (const [index, entry] of (list.value as readonly unknown[]).entries()) {
    const { path, type } = (entry ?? {}) as JsonObject;
    if (typeof path !== 'string' || typeof type !== 'string' || !isInside(path)) {
      const expected = '"type", a class, and "path", a folder within the model folder';
      return fail(invalid(`${file}: module ${index}`, expected, entry));
    }
    const module = readModule(folder, path, type);
    if (!module.ok) return module;
    modules.push(module.value);
  }
  return ok(modules);
}

/** The weights and the settings of the base model itself are read with the checkpoint. */
function readModule(folder: string, path: string, type: string): Result<SentenceModule, Failure> {
  const own = join(folder, path);
  const present = path !== '' && statSync(own, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(own).sort() : [];
  const files = ['config.json', 'model.safetensors'].filter(name => present.includes(name));
  const config = files.includes('config.json') ? readJson(join(own, 'config.json')) : ok(undefined);
  if (!config.ok) return config;
  if (config.value !== undefined && !isObject(config.value)) {
    return fail(invalid(join(own, 'config.json'), 'a JSON object', config.value));
  }
  const header = files.includes('model.safetensors')
    ? readSafetensorsHeader(join(own, 'model.safetensors'))
    : undefined;
  if (header && !header.ok) return header;
  return ok({
    type,
    path,
    configJson: config.value,
    tensors: header?.value.tensors ?? new Map(),
    files: files.map(name => `${path}/${name}`),
    weightsMissing: header ? undefined : weightsMissing(own, present, {}),
  });
}

function readJson(file: string): Result<unknown, Failure> {
  try {
    return ok(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return fail(
      usageFailure('modules-invalid', 'a file of the sentence-transformers model is not JSON', {
        where: file,
        found: (error as Error).message,
        fix: 'download it again',
      }),
    );
  }
}

/** A list from elsewhere must not make us read outside of the model folder. */
const isInside = (path: string): boolean => !/^[/\\]|[\\\0:]|(^|\/)\.\.?(\/|$)/.test(path);

const invalid = (where: string, expected: string, found: unknown): Failure =>
  usageFailure('modules-invalid', 'a file of the sentence-transformers model is not as it must be', {
    where,
    expected,
    found: JSON.stringify(found),
    fix: 'save the model again with sentence-transformers, or download the file again',
  });
