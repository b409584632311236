import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Source } from '../build/task.js';
import { externalDataFiles } from '../onnx/external-files.js';
import { decoderBeside, decoderMissing, ONNX_FILES } from '../onnx/hub-files.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { readConfigJson } from '../weights/checkpoint.js';
import { describeFolder, type ModelFolder } from './model-folder.js';

/** A model that is an ONNX file already, in place of weights. */
export interface OnnxOrigin {
  /** Path in the checkpoint, with '/'. Of an encoder-decoder, its encoder, beside which the decoder lies. */
  readonly file: string;
}

/** The ONNX model of a folder that has no safetensors; undefined where there are some, or no model. */
export function onnxFileOf(folder: string): string | undefined {
  const isThere = (name: string): boolean => existsSync(join(folder, name));
  if (isThere('model.safetensors') || isThere('model.safetensors.index.json')) return undefined;
  const file = ONNX_FILES.find(isThere);
  return file === undefined ? undefined : join(folder, file);
}

/**
 * An ONNX file, or the encoder of two with its decoder beside it, with config.json and tokenizer beside it, or one level up where the file is in a folder `onnx`, as on the
 * Hub; or in `tokenizer`. Failures: 'onnx-missing', 'onnx-decoder-missing', 'config-missing', those of
 * `externalDataFiles` and of `describeFolder`, 'onnx-data-missing'.
 */
export function readOnnxFolder(path: string, tokenizer?: string): Result<ModelFolder, Failure> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return fail(onnxMissing(path));
  const beside = dirname(path);
  const folders = [
    beside,
    ...(basename(beside) === 'onnx' ? [dirname(beside)] : []),
    ...(tokenizer ? [tokenizer] : []),
  ];
  const folder = folders.find(candidate => existsSync(join(candidate, 'config.json')));
  if (folder === undefined) return fail(configMissing(folders));
  const configJson = readConfigJson(folder, ['config.json']);
  if (!configJson.ok) return configJson;

  const modelFiles: string[] = [];
  const decoder = decoderBeside(path);
  if (decoder !== undefined && !existsSync(decoder)) return fail(decoderMissing(path, readdirSync(beside)));
  for (const file of decoder === undefined ? [path] : [path, decoder]) {
    const dataFiles = externalDataFiles(file);
    if (!dataFiles.ok) return dataFiles;
    const missing = dataFiles.value.find(data => !existsSync(data));
    if (missing !== undefined) return fail(dataMissing(file, missing));
    modelFiles.push(file, ...dataFiles.value);
  }
  const described = describeFolder(folder, configJson.value, {
    weightBytes: modelFiles.reduce((sum, file) => sum + statSync(file).size, 0),
    tokenizerPath: tokenizer ?? folder,
  });
  if (!described.ok) return described;
  // Pooling is in the graph or it is not: modules that stand beside it are not run again.
  const { modules: _, ...rest } = described.value;
  // Where the file lies in the folder of config.json, it keeps its place there; else it is taken as lying beside.
  const root = folder === dirname(beside) ? folder : beside;
  const placed = (file: string): string => relative(root, file).split(sep).join('/');
  const checkpoint: Source = {
    from: 'files',
    files: {
      'config.json': join(folder, 'config.json'),
      ...Object.fromEntries(modelFiles.map(file => [placed(file), file])),
    },
  };
  return ok({ ...rest, checkpoint, onnx: { file: placed(path) } });
}

const onnxMissing = (path: string): Failure =>
  usageFailure('onnx-missing', 'the ONNX file does not exist', {
    where: path,
    found: existsSync(path) ? 'a folder' : 'nothing',
    fix: 'correct the path; it is relative to the config file',
  });

const configMissing = (folders: readonly string[]): Failure =>
  usageFailure('config-missing', 'there is no config.json for the ONNX file', {
    where: folders[0]!,
    expected: folders.map(folder => join(folder, 'config.json')).join(' or '),
    found: 'no such file',
    fix: "put config.json and the tokenizer files of the original model beside it, or name their folder: tokenizer: './folder'",
  });

const dataMissing = (path: string, missing: string): Failure =>
  usageFailure('onnx-data-missing', 'a data file of the model does not exist', {
    where: path,
    expected: missing,
    found: 'no such file',
    fix: 'keep the model together with its external data files',
  });
