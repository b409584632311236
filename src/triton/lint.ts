import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Failure } from '../util/failure.js';
import type { Result } from '../util/result.js';
import { ACCELERATOR_RULES } from './lint-accelerators.js';
import { ADDED_INPUT_RULES } from './lint-added-inputs.js';
import { BATCHING_RULES } from './lint-batching.js';
import { backendOf, CONFIG_RULES } from './lint-config.js';
import { ENSEMBLE_RULES } from './lint-ensemble.js';
import { FILE_RULES, MODEL_FILES, modelFiles } from './lint-files.js';
import { ARGUMENT_FILES, LANGUAGE_MODEL_RULES, readArguments } from './lint-language-model.js';
import { NETWORK_RULES } from './lint-network.js';
import type { LintModel, Rule } from './lint-rule.js';
import type { ModelConfig } from './model-config.js';
import { ENGINE_DESCRIPTION } from './model-interface.js';
import { readModelConfig } from './pbtxt-read.js';
import type { ModelInterface } from './repository.js';

/** Why a server would refuse the repository, or answer wrongly from it. */
export interface LintProblem {
  /** The model's folder. */
  readonly model: string;
  /** Stable name of the rule. */
  readonly rule: string;
  /** In the server's words where it has any, so that a search finds them. */
  readonly message: string;
  /** File in the repository. */
  readonly where: string;
}

export interface LintOptions {
  /** Reads inputs and outputs of an ONNX file, or of an engine that engine.json stands beside. */
  readonly readInterface: (file: string) => Promise<Result<ModelInterface, Failure>>;
  /** Folders and files that are not there yet: path in the repository -> absolute path of what will stand there. */
  readonly placed?: Readonly<Record<string, string>>;
  /**
   * The server asks backends for what configurations lack (its default; `--disable-auto-complete-config` turns it off): what it would
   * find there is no problem.
   */
  readonly completes?: boolean;
}

export const RULES: readonly Rule[] = [
  ...CONFIG_RULES,
  ...BATCHING_RULES,
  ...ACCELERATOR_RULES,
  ...FILE_RULES,
  ...ADDED_INPUT_RULES,
  ...LANGUAGE_MODEL_RULES,
  ...ENSEMBLE_RULES,
  ...NETWORK_RULES,
];

/**
 * Checks a model repository as a Triton server does when it loads one, and a little more: files against each other, and
 * configurations against the inputs and outputs of the ONNX files. No problems: an empty list.
 */
export async function lintRepository(folder: string, options: LintOptions): Promise<LintProblem[]> {
  const problems: LintProblem[] = [];
  const models = new Map<string, LintModel>();
  const files = await filesOf(folder, options.placed ?? {});
  for (const name of [...new Set([...files.keys()].map(path => path.split('/')[0]!))].sort()) {
    const model = await readModel(name, files, options, problems);
    if (model) models.set(name, model);
  }
  for (const model of models.values()) {
    for (const rule of RULES) {
      for (const finding of rule.check(model, models)) {
        const { message, where } = typeof finding === 'string' ? { message: finding, where: 'config.pbtxt' } : finding;
        problems.push({ model: model.name, rule: rule.id, message, where: `${model.name}/${where}` });
      }
    }
  }
  return problems;
}

interface FileOnDisk {
  readonly path: string;
  readonly size: number;
}

/** Path in the repository, with '/' -> file. */
async function filesOf(folder: string, placed: Readonly<Record<string, string>>): Promise<Map<string, FileOnDisk>> {
  const files = new Map<string, FileOnDisk>();
  const add = async (to: string, path: string): Promise<unknown> =>
    files.set(to, { path, size: (await stat(path)).size });
  for (const [to, root] of [['', folder], ...Object.entries(placed)] as const) {
    if ((await stat(root)).isFile()) {
      await add(to, root);
      continue;
    }
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) continue;
      const path = join(entry.parentPath, entry.name);
      await add([...(to === '' ? [] : [to]), ...relative(root, path).split(sep)].join('/'), path);
    }
  }
  return files;
}

async function readModel(
  name: string,
  all: ReadonlyMap<string, FileOnDisk>,
  { readInterface, completes = false }: LintOptions,
  problems: LintProblem[],
): Promise<LintModel | undefined> {
  const report = (rule: string, where: string, message: string) =>
    problems.push({ model: name, rule, message, where: `${name}/${where}` });
  const files = new Map(
    [...all].filter(([path]) => path.startsWith(`${name}/`)).map(([path, file]) => [path.slice(name.length + 1), file]),
  );
  const configFile = files.get('config.pbtxt');
  const byFiles = backendOfFiles(name, [...files.keys()]);
  if (configFile === undefined && !(completes && COMPLETING.has(byFiles))) {
    report('config-missing', 'config.pbtxt', `model configuration is not provided for model '${name}'`);
    return undefined;
  }
  const text = configFile ? await readFile(configFile.path, 'utf8') : '';
  const config = readModelConfig(text, `${name}/config.pbtxt`);
  if (!config.ok) {
    const { where, expected, found } = config.error;
    problems.push({
      model: name,
      rule: 'config-syntax',
      message: `failed to read text proto: expected ${expected}, found ${found}`,
      where: where!,
    });
    return undefined;
  }
  const versions = availableVersions(config.value, [...files.keys()]);
  const labels = new Map<string, number>();
  for (const { label_filename: file = '' } of config.value.output ?? []) {
    const found = files.get(file);
    if (found) labels.set(file, (await readFile(found.path, 'utf8')).split('\n').filter(line => line !== '').length);
  }
  const networks = new Map<string, ModelInterface>();
  const backend = backendOf(config.value) || (config.value.platform ? '' : byFiles);
  if (backend === 'onnxruntime' || backend === 'tensorrt') {
    for (const network of versions.flatMap(version =>
      modelFiles(config.value, backend).map(file => `${version}/${file}`),
    )) {
      const file = files.get(network) ?? files.get(`${network}/model.onnx`);
      // An engine of someone else's does not tell what it takes.
      const isDescribed = backend === 'onnxruntime' || files.has(`${dirname(network)}/${ENGINE_DESCRIPTION}`);
      if (file === undefined || !isDescribed) continue;
      const read = await readInterface(file.path);
      if (read.ok) networks.set(network, read.value);
      // A tensor of any rank may be in networks of others: only a session tells what it is.
      else if (!completes || read.error.code !== 'triton-interface') {
        report('network-unreadable', network, read.error.message);
      }
    }
  }
  const found = new Map<string, Readonly<Record<string, unknown>> | undefined>();
  for (const version of versions) {
    const path = `${version}/${ARGUMENT_FILES[backend]}`;
    const file = files.get(path);
    if (file) found.set(path, readArguments(await readFile(file.path, 'utf8')));
  }
  return {
    name,
    config: config.value,
    backend,
    isCompleted: completes && COMPLETING.has(backend) && !isComplete(config.value),
    files: new Map([...files].map(([path, file]) => [path, file.size])),
    versions,
    labels,
    networks,
    arguments: found,
  };
}

/** Backends that tell the server what a configuration lacks. */
const COMPLETING: ReadonlySet<string> = new Set(['onnxruntime', 'tensorrt', 'openvino', 'python', 'pytorch', 'vllm']);

const isComplete = ({ input = [], output = [] }: ModelConfig): boolean =>
  input.length > 0 &&
  output.length > 0 &&
  [...input, ...output].every(({ data_type: type, dims = [] }) => type !== undefined && dims.length > 0);

/** Where a configuration names no backend, the newest version's file does, or what stands behind the last dot of the model's name. */
function backendOfFiles(name: string, paths: readonly string[]): string {
  const newest = availableVersions({}, paths)[0];
  const exists = (file: string): boolean =>
    paths.some(path => path === `${newest}/${file}` || path.startsWith(`${newest}/${file}/`));
  const byFile = Object.entries(MODEL_FILES).find(([backend, file]) => backend !== 'vllm' && exists(file))?.[0];
  return byFile ?? /\.([^.]+)$/.exec(name)?.[1] ?? '';
}

/** Folders named by a number, less those that the version policy leaves out; without a policy, the newest one. */
export function availableVersions({ version_policy: policy = {} }: ModelConfig, paths: readonly string[]): number[] {
  const folders = paths.flatMap(path => /^([1-9][0-9]*)\//.exec(path)?.[1] ?? []).map(Number);
  const versions = [...new Set(folders)].sort((a, b) => a - b);
  if (policy.all) return versions;
  if (policy.specific) return versions.filter(version => policy.specific!.versions?.some(v => Number(v) === version));
  return versions.slice(-(policy.latest?.num_versions || 1));
}
