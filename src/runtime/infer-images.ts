import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentFailure, type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { chosenSettings } from './chosen-settings.js';
import { type LabelScore, labelScores } from './infer.js';
import { readModelConfig } from './model-config.js';
import { openSession, type Tensors } from './session.js';

/**
 * Classifies each image file with the model of an artefact folder (config.json, preprocessor_config.json, onnx/model.onnx): all
 * labels, best first. @huggingface/transformers decodes and prepares the images; sharp, which it needs for that, may be absent.
 * Failures: 'images-unsupported', 'image-unreadable'.
 */
export async function inferImages(
  folder: string,
  files: readonly string[],
): Promise<Result<readonly (readonly LabelScore[])[], Failure>> {
  const config = await readModelConfig(folder);
  if (!config.ok) return config;
  const session = await openSession(join(folder, 'onnx'), 'model.onnx', chosenSettings(folder));
  if (!session.ok) return session;
  try {
    const results: LabelScore[][] = [];
    for (const file of files) {
      const pixels = await pixelsOf(folder, file);
      if (!pixels.ok) return pixels;
      const found = await session.value.run(pixels.value);
      if (!found.ok) return found;
      results.push(labelScores(found.value.logits!.data as Float32Array, config.value));
    }
    return ok(results);
  } finally {
    await session.value.release();
  }
}

/** pixel_values float32 [1, channels, height, width], as preprocessor_config.json says. */
async function pixelsOf(folder: string, file: string): Promise<Result<Tensors, Failure>> {
  if (!existsSync(file)) {
    return fail(usageFailure('image-unreadable', 'there is no such image', { where: file, found: 'nothing' }));
  }
  const library = await loadLibrary();
  if (!library.ok) return library;
  const { AutoImageProcessor, load_image } = library.value;
  const prepare = await AutoImageProcessor.from_pretrained(folder, { local_files_only: true });
  try {
    const { pixel_values } = await prepare(await load_image(file));
    return ok({ pixel_values: { dtype: 'float32', shape: pixel_values.dims, data: pixel_values.data } });
  } catch (error) {
    return fail(
      usageFailure('image-unreadable', 'the file cannot be read as an image', {
        where: file,
        expected: 'JPEG, PNG, WebP, AVIF, TIFF or GIF',
        found: error instanceof Error ? error.message : String(error),
      }),
    );
  }
}

/** Only here: it takes longer to load than a small model to run. Without sharp it does not load at all. */
async function loadLibrary(): Promise<Result<typeof import('@huggingface/transformers'), Failure>> {
  try {
    return ok(await import('@huggingface/transformers'));
  } catch (error) {
    return fail(
      environmentFailure('images-unsupported', 'nothing here can decode images', {
        expected: 'the package sharp, which @huggingface/transformers brings where it can',
        found: error instanceof Error ? error.message : String(error),
        fix: 'npm install sharp',
      }),
    );
  }
}
