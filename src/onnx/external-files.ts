import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { malformed } from './failure.js';
import { relocateExternalData } from './relocate.js';
import { skimmedModel } from './skim.js';

/**
 * The data files that a model refers to, absolute, in the order in which they are first named; whether they exist is not
 * looked at. Weights are not read. Failures: 'model-unreadable', 'onnx-malformed', 'onnx-data-outside'.
 */
export function externalDataFiles(path: string): Result<readonly string[], Failure> {
  let skimmed: ReturnType<typeof skimmedModel>;
  try {
    skimmed = skimmedModel(path);
  } catch (error) {
    const found = (error as Error).message;
    return fail(usageFailure('model-unreadable', 'the model file cannot be read', { where: path, found }));
  }
  if (!skimmed.ok) return fail(malformed(skimmed.error, path));
  const locations = new Set<string>();
  const visited = relocateExternalData(skimmed.value, location => {
    locations.add(location);
    return location;
  });
  if (!visited.ok) return fail({ ...visited.error, where: path });
  const outside = [...locations].find(isOutside);
  if (outside !== undefined) {
    return fail(dataOutside('weights of the model', outside, path));
  }
  // What the skimmed model calls data in its own file is in the file.
  locations.delete(basename(path));
  return ok([...locations].map(location => join(dirname(path), location)));
}

/** Whether a location leaves the folder of the model. */
export const isOutside = (location: string): boolean =>
  location === '' || isAbsolute(location) || /^\.\.([\\/]|$)/.test(normalize(location));

export const dataOutside = (what: string, location: string, where: string): Failure =>
  usageFailure('onnx-data-outside', `the data of ${what} lies outside of the model's folder`, {
    where,
    expected: 'a file name or a path below the folder of the model',
    found: `'${location}'`,
    fix: 'do not use this model: a sound exporter writes no such path',
  });
