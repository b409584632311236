import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Tensor } from '../graph/tensor.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { weightsMissing } from './foreign-weights.js';
import { weightsQuantized } from './quantized-weights.js';
import { readSafetensorsHeader } from './safetensors.js';
import { readShardIndex } from './shard-index.js';

/** A Hugging Face model folder whose weights are safetensors. Nothing but headers has been read. */
export interface Checkpoint {
  /** Absolute. */
  readonly folder: string;
  /** config.json as it stands. */
  readonly configJson: Readonly<Record<string, unknown>>;
  /** By their names in the checkpoint, over all shards; each is a span of a file. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** `__metadata__` of the weight files, a later shard wins. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Opens `model.safetensors`, or else the shards that `model.safetensors.index.json` lists: the order of from_pretrained. */
export function openCheckpoint(path: string): Result<Checkpoint, Failure> {
  const folder = resolve(path);
  const files = listFolder(folder);
  if (!files.ok) return files;
  const configJson = readConfigJson(folder, files.value);
  if (!configJson.ok) return configJson;
  const quantized = weightsQuantized(folder, configJson.value);
  if (quantized) return fail(quantized);

  const shards = weightFiles(folder, files.value, configJson.value);
  if (!shards.ok) return shards;

  const tensors = new Map<string, Tensor>();
  const shardOf = new Map<string, string>();
  let metadata: Readonly<Record<string, string>> = {};
  for (const { file, listed } of shards.value) {
    const header = readSafetensorsHeader(join(folder, file));
    if (!header.ok) return header;
    for (const name of listed) {
      if (!header.value.tensors.has(name)) return fail(tensorNotInShard(folder, name, file));
    }
    for (const [name, tensor] of header.value.tensors) {
      const before = shardOf.get(name);
      if (before !== undefined) return fail(tensorTwice(folder, name, before, file));
      shardOf.set(name, file);
      tensors.set(name, tensor);
    }
    metadata = { ...metadata, ...header.value.metadata };
  }
  return ok({ folder, configJson: configJson.value, tensors, metadata });
}

function listFolder(folder: string): Result<readonly string[], Failure> {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return ok(readdirSync(folder).sort());
  return fail(
    usageFailure('model-folder-missing', 'the model folder does not exist', {
      where: folder,
      expected: 'a folder with config.json and model.safetensors',
      found: stat === undefined ? 'nothing' : 'a file',
      fix: "correct the path; a model on the Hub is written as 'hub:organisation/name@revision'",
    }),
  );
}

/** config.json of a folder that holds `files`. Failures: 'config-missing', 'config-invalid', 'weights-onnx'. */
export function readConfigJson(folder: string, files: readonly string[]): Result<Record<string, unknown>, Failure> {
  const where = join(folder, 'config.json');
  if (!files.includes('config.json')) {
    const onnx = files.find(file => file.endsWith('.onnx'));
    if (onnx !== undefined) return fail(weightsMissing(folder, files, {}));
    return fail(
      usageFailure('config-missing', 'the model folder has no config.json', {
        where: folder,
        expected: 'config.json, as save_pretrained writes it',
        found: files.length === 0 ? 'an empty folder' : files.slice(0, 8).join(', '),
        fix: 'point to the folder that save_pretrained wrote, or download config.json from the model page',
      }),
    );
  }
  const invalid = (found: string) =>
    fail(usageFailure('config-invalid', 'config.json is not a JSON object', { where, expected: '{…}', found }));
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(where, 'utf8'));
  } catch (error) {
    return invalid((error as Error).message);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return invalid(Array.isArray(parsed) ? 'an array' : JSON.stringify(parsed));
  }
  return ok(parsed as Record<string, unknown>);
}

interface WeightFile {
  readonly file: string;
  /** The tensors that the index says are in it; empty for a checkpoint of one file. */
  readonly listed: readonly string[];
}

function weightFiles(
  folder: string,
  files: readonly string[],
  configJson: Readonly<Record<string, unknown>>,
): Result<readonly WeightFile[], Failure> {
  if (files.includes('model.safetensors')) return ok([{ file: 'model.safetensors', listed: [] }]);
  if (!files.includes('model.safetensors.index.json')) return fail(weightsMissing(folder, files, configJson));

  const index = readShardIndex(join(folder, 'model.safetensors.index.json'));
  if (!index.ok) return index;
  for (const shard of index.value.keys()) {
    if (!existsSync(join(folder, shard))) {
      return fail(
        usageFailure('shard-missing', 'a weight file that the index lists does not exist', {
          where: join(folder, 'model.safetensors.index.json'),
          expected: shard,
          found: files.filter(file => file.endsWith('.safetensors')).join(', ') || 'no .safetensors file',
          fix: 'download the missing file',
        }),
      );
    }
  }
  return ok([...index.value].map(([file, listed]) => ({ file, listed })));
}

const tensorNotInShard = (folder: string, name: string, shard: string): Failure =>
  usageFailure('shard-tensor-missing', 'a weight is not in the file that the index names for it', {
    where: join(folder, 'model.safetensors.index.json'),
    expected: `${name} in ${shard}`,
    found: 'no such tensor there',
    fix: 'index and weight files are from different versions: download them all again',
  });

const tensorTwice = (folder: string, name: string, first: string, second: string): Failure =>
  usageFailure('shard-tensor-twice', 'a weight is in two files of the checkpoint', {
    where: folder,
    expected: `${name} once`,
    found: `in ${first} and in ${second}`,
    fix: 'the weight files are from different versions: download them all again',
  });
