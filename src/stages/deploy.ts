import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Stage } from '../build/task.js';
import { billOfMaterials } from '../deploy/bill-of-materials.js';
import { containerFiles } from '../deploy/container.js';
import { type DeployedArtefact, type DeployedModel, type Deployment, deploymentName } from '../deploy/deployment.js';
import { kserveFiles } from '../deploy/kserve.js';
import { kubernetesFiles } from '../deploy/kubernetes.js';
import { requestFiles, type ServedModel } from '../deploy/requests.js';
import { readModelConfig } from '../triton/pbtxt-read.js';
import { digestOfFile } from '../util/digest.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

export interface DeployParams {
  readonly repository: string;
  readonly image: string;
  readonly gpus: number;
  readonly hasTokenizers: boolean;
  readonly completesConfigurations: boolean;
  readonly version: string;
  readonly models: readonly {
    readonly name: string;
    readonly task: string;
    readonly source?: string;
    readonly artefacts: readonly { readonly id: string; readonly precision: string }[];
  }[];
}

/**
 * What is needed to run the model repository somewhere else: container, Kubernetes, KServe, sample requests, bill of materials.
 * Inputs: `repository:<model>`, `model:<artefact>`.
 */
export const deployStage: Stage = {
  name: 'deploy',
  async run({ params, in: inputs, out, signal }) {
    const { models, ...common } = params as unknown as DeployParams; // the plan's own
    const deployed = await Promise.all(
      models.map(async ({ artefacts, ...model }): Promise<DeployedModel> => {
        const withFiles = artefacts.map(async (artefact): Promise<DeployedArtefact> => {
          return { ...artefact, files: await digestsIn(inputs[`model:${artefact.id}`]!, signal) };
        });
        return { ...model, artefacts: await Promise.all(withFiles) };
      }),
    );
    const deployment: Deployment = {
      ...common,
      name: deploymentName(models.map(({ name }) => name)),
      models: deployed,
    };
    const served: ServedModel[] = [];
    for (const { name } of models) {
      const read = await servedModels(inputs[`repository:${name}`]!);
      if (!read.ok) return read;
      served.push(...read.value);
    }
    const files = [
      ...containerFiles(deployment),
      ...kubernetesFiles(deployment),
      ...kserveFiles(deployment),
      billOfMaterials(deployment),
      ...requestFiles(served),
    ];
    for (const { path, content } of files) {
      await mkdir(dirname(join(out.files!, path)), { recursive: true });
      await writeFile(join(out.files!, path), content);
    }
    return ok(undefined);
  },
};

/** All files of a folder, in the order of their names. */
async function digestsIn(folder: string, signal: AbortSignal): Promise<DeployedArtefact['files']> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter(entry => !entry.isDirectory()).map(entry => join(entry.parentPath, entry.name));
  const files: { path: string; sha256: string; size: number }[] = [];
  for (const path of paths.sort()) {
    const { digest, size } = await digestOfFile(path, signal);
    files.push({ path: relative(folder, path).split(sep).join('/'), sha256: digest, size });
  }
  return files;
}

/** The models of a repository by their configurations, in the order of their names. */
async function servedModels(repository: string): Promise<Result<ServedModel[], Failure>> {
  const models: ServedModel[] = [];
  for (const name of (await readdir(repository)).sort()) {
    const file = join(repository, name, 'config.pbtxt');
    const config = readModelConfig(await readFile(file, 'utf8'), file);
    if (!config.ok) return fail(config.error);
    models.push({ config: config.value, settings: await settingsOf(join(repository, name, '1', 'td.json')) });
  }
  return ok(models);
}

async function settingsOf(file: string): Promise<ServedModel['settings']> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ServedModel['settings'];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
