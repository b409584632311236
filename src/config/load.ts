import { dirname } from 'node:path';
import { type Failure, usageFailure } from '../util/failure.js';
import { type RepeatedKey, repeatedKey } from '../util/repeated-key.js';
import { fail, ok, type Result } from '../util/result.js';
import { configProblems } from './check-config.js';
import { type ConfigFile, findConfigFile, readConfigFile } from './config-file.js';
import { problemsFailure } from './problem.js';
import { resolveConfig } from './resolve.js';
import type { ResolvedConfig } from './resolved.js';
import type { DeployConfig } from './types.generated.js';

export interface LoadedConfig {
  /** Absolute path of the config file. */
  readonly file: string;
  /** As the user wrote it. */
  readonly config: DeployConfig;
  readonly resolved: ResolvedConfig;
}

/**
 * Finds, runs, checks and resolves the configuration.
 * Fails with 'config-not-found', 'config-unreadable', 'config-format', 'config-syntax', 'config-threw', 'config-empty'
 * or 'config-invalid' (one cause for each problem).
 * @param path of a config file, relative to `cwd`; without it, the nearest one upward from `cwd`
 */
export async function loadConfig({
  cwd,
  path,
}: {
  readonly cwd: string;
  readonly path?: string;
}): Promise<Result<LoadedConfig, Failure>> {
  const read = path === undefined ? await findConfigFile(cwd) : await readConfigFile(path, cwd);
  if (!read.ok) return read;
  const file = read.value;

  const value = await readValue(file);
  if (!value.ok) return value;
  const repeated = file.format === 'json' ? repeatedKey(file.text, file.prefix) : undefined;
  if (repeated) return fail(repeatedFailure(file, repeated));

  const [problem, ...others] = configProblems(value.value);
  if (problem) {
    // Only now is it worth the time to find the places in the text.
    const { locatorOf } = await import('./positions.js');
    return fail(problemsFailure([problem, ...others], { name: file.name, locate: await locatorOf(file) }));
  }
  const config = value.value as DeployConfig;
  return ok({ file: file.path, config, resolved: resolveConfig(config, dirname(file.path)) });
}

/** What the file says or exports; functions are called, promises awaited. */
async function readValue(file: ConfigFile): Promise<Result<unknown, Failure>> {
  try {
    const value = file.format === 'module' ? await exportOf(file.path) : await dataOf(file);
    if (value === undefined || value === null) return fail(emptyFailure(file));
    return ok(value);
  } catch (error) {
    const { syntaxErrorOf } = await import('./positions.js');
    const syntax = await syntaxErrorOf(file);
    if (syntax) {
      const where = `${file.name}:${syntax.line}:${syntax.column}`;
      return fail(usageFailure('config-syntax', `syntax error: ${syntax.message}`, { where }));
    }
    if (file.format === 'json') {
      const fix = 'JSON has no comments, trailing commas or single quotes; a .yaml or .ts file has';
      const { notJson } = await import('./strict-json.js');
      const place = await notJson(file.text);
      const where = place ? `${file.name}:${place.line}:${place.column}` : file.name;
      const found = place ? { found: place.found } : {};
      return fail(usageFailure('config-syntax', 'syntax error: not strict JSON', { where, ...found, fix }));
    }
    return fail(threwFailure(file, error));
  }
}

async function dataOf(file: ConfigFile): Promise<unknown> {
  if (file.format === 'yaml') {
    const { parse } = await import('yaml');
    return parse(file.text);
  }
  if (file.text.trim() === '') return undefined;
  const value: unknown = JSON.parse(file.text);
  return file.prefix.reduce<unknown>((inner, key) => (inner as Readonly<Record<string, unknown>> | null)?.[key], value);
}

async function exportOf(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(path, {
    // So that a config works inside a clone and beside a global installation, where no such package can be resolved.
    virtualModules: { 'transformer-deploy': await import('./define-config.js') },
  });
  const module = (await jiti.import(path)) as Readonly<Record<string, unknown>>;
  const exported = defaultExportOf(module);
  return typeof exported === 'function' ? exported() : exported;
}

/**
 * jiti's view of a module answers `default` with the module itself where there is none, so that CommonJS can be
 * imported; the property's descriptor tells the truth.
 */
function defaultExportOf(module: Readonly<Record<string, unknown>>): unknown {
  const property = Object.getOwnPropertyDescriptor(module, 'default');
  if (property) return property.get ? property.get.call(module) : property.value;
  const isEcmaScript = '__esModule' in module || Object.getPrototypeOf(module) === null;
  return isEcmaScript || Object.keys(module).length === 0 ? undefined : module; // CommonJS: the export itself
}

const emptyFailure = (file: ConfigFile): Failure =>
  usageFailure(
    'config-empty',
    file.format === 'module' ? 'the file exports no configuration' : 'the file holds no configuration',
    {
      where: file.name,
      ...(file.format === 'module' ? { expected: 'export default defineConfig({ models: ..., targets: ... })' } : {}),
      ...(file.prefix.length > 0 ? { expected: `a key '${file.prefix.join('.')}'` } : {}),
      fix: '`td init` writes one that builds',
    },
  );

const repeatedFailure = (file: ConfigFile, { key, first, again }: RepeatedKey): Failure =>
  usageFailure('config-syntax', `the key '${key}' is written twice in one object`, {
    where: `${file.name}:${again.line}:${again.column}`,
    found: `the first at ${file.name}:${first.line}:${first.column}`,
    fix: 'remove or rename one: JSON takes the last and says nothing',
  });

function threwFailure(file: ConfigFile, error: unknown): Failure {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
  // The transpiled file keeps its line numbers; columns differ.
  const line = stack
    ?.split('\n')
    .find(frame => frame.includes(`${file.path}:`))
    ?.match(/:(\d+):\d+\)?$/)?.[1];
  return usageFailure('config-threw', 'the configuration threw an error', {
    where: line ? `${file.name}:${line}` : file.name,
    found: message.split('\n')[0]!,
  });
}
