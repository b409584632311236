import { basename } from 'node:path';
import { decoderBeside, decoderMissing, ONNX_FILES } from '../onnx/hub-files.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { weightsMissing } from '../weights/foreign-weights.js';
import type { RemoteFile } from './remote-file.js';

/** Files of a model by their paths. */
export type Files = ReadonlyMap<string, RemoteFile>;

/** `model.safetensors`, or the index of its parts: the order of from_pretrained. undefined: there are neither. */
export const WEIGHTS = 'model.safetensors';
export const WEIGHTS_INDEX = 'model.safetensors.index.json';

/**
 * Files at the top of a repository that a build reads before any weights: configurations, tokenizers, lists of modules
 * and of parts. Reports of trainings and the indices of other frameworks are none of them.
 */
export function metadataFiles(files: Files, known: readonly string[]): RemoteFile[] {
  const wanted = new Set([...known, 'config.json', 'modules.json']);
  if (!files.has(WEIGHTS)) wanted.add(WEIGHTS_INDEX);
  return [...files.values()].filter(({ path }) => wanted.has(path));
}

/** What the modules of a sentence-transformers model have in their folders. */
export function moduleFiles(files: Files, modulesJson: unknown): RemoteFile[] {
  const folders = (Array.isArray(modulesJson) ? modulesJson : [])
    .map((module: unknown) => (module as { readonly path?: unknown } | null)?.path)
    .filter(path => typeof path === 'string' && path !== '');
  return folders
    .flatMap(folder => ['config.json', 'model.safetensors'].map(name => files.get(`${folder}/${name}`)))
    .filter(file => file !== undefined);
}

/** What is fetched by a task. */
export interface Weights {
  readonly files: readonly RemoteFile[];
  /** In place of safetensors: the path of the model, or of an encoder with its decoder beside it; their data are, too. */
  readonly onnx?: string;
}

/** The weights themselves: safetensors, or else an ONNX model. `shards`: what the index lists, where there is one. */
export function weightFiles(
  files: Files,
  shards: readonly string[],
  { where, repository }: { readonly where: string; readonly repository: string },
  configJson: Readonly<Record<string, unknown>>,
): Result<Weights, Failure> {
  const whole = files.get(WEIGHTS);
  if (whole) return ok({ files: [whole] });
  if (!files.has(WEIGHTS_INDEX)) {
    const onnx = ONNX_FILES.find(path => files.has(path));
    if (onnx === undefined) return fail(noSafetensors(files, where, repository, configJson));
    const decoder = decoderBeside(onnx);
    if (decoder !== undefined && !files.has(decoder)) {
      return fail({
        ...decoderMissing(
          onnx,
          [...files.keys()].map(path => basename(path)),
        ),
        where,
      });
    }
    const models = decoder === undefined ? [onnx] : [onnx, decoder];
    // model.onnx, and model.onnx_data, model.onnx_data_1 or model.onnx.data.
    return ok({ files: [...files.values()].filter(({ path }) => models.some(model => path.startsWith(model))), onnx });
  }
  const missing = shards.find(shard => !files.has(shard));
  if (missing === undefined) return ok({ files: shards.map(shard => files.get(shard)!) });
  return fail(
    usageFailure('shard-missing', 'a weight file that the index lists does not exist', {
      where: `${where}: ${WEIGHTS_INDEX}`,
      expected: missing,
      found: [...files.keys()].filter(path => path.endsWith('.safetensors')).join(', ') || 'no .safetensors file',
      fix: 'choose a revision that is whole',
    }),
  );
}

/** As for a folder, but what converts the weights leaves a folder, which is then the source. */
function noSafetensors(
  files: Files,
  where: string,
  repository: string,
  configJson: Readonly<Record<string, unknown>>,
): Failure {
  const failure = weightsMissing(repository, [...files.keys()], configJson);
  const converts = failure.fix?.includes('save_pretrained') ?? false;
  return { ...failure, where, ...(converts ? { fix: `${failure.fix}, and use source: './${repository}'` } : {}) };
}
