import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageSize } from '../../src/config/model-checks.js';
import { importStage } from '../../src/stages/import.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import { readReference } from '../support/reference.js';
import { outputsOf } from '../support/run-stage.js';

const traced = fileURLToPath(new URL('traced/', import.meta.url));

/** A checkpoint of test/reference as PyTorch traced it; trace.py makes them. A new folder is a new case. */
export interface TracedCase {
  readonly reference: string;
  readonly exporter: 'torchscript' | 'dynamo';
  readonly opset: number;
}

export const tracedFolder = (name: string): string => join(traced, name);

export const tracedCase = (name: string): TracedCase =>
  JSON.parse(readFileSync(join(traced, name, 'case.json'), 'utf8'));

/** Names of the cases, sorted: those of decoders, of images, or of encoders of texts. */
export function tracedNames(kind: 'decoders' | 'images' | 'texts'): readonly string[] {
  return readdirSync(traced)
    .filter(name => existsSync(join(traced, name, 'case.json')))
    .filter(name => (KINDS[readReference(tracedCase(name).reference).task] ?? 'texts') === kind)
    .sort();
}

const KINDS: Readonly<Record<string, 'decoders' | 'images'>> = {
  'text-generation': 'decoders',
  'image-classification': 'images',
};

/** The folders of what becomes of a traced file: imported, optimised for ONNX Runtime, and in integers. */
export async function builtFromTraced(name: string, at: string) {
  const { task, folder } = readReference(tracedCase(name).reference);
  const image = imageSize(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')));
  const imported = await outputsOf(importStage, at, {
    params: { task, file: 'model.onnx', ...(image ? { image: [...image] } : {}) },
    inputs: { checkpoint: tracedFolder(name) },
    outputs: ['model', 'interface'],
  });
  const optimized = await outputsOf(optimizeStage, join(at, 'optimized'), {
    params: { dialect: 'onnxruntime-cpu' },
    inputs: { model: imported.model!, checkpoint: tracedFolder(name) },
    outputs: ['model', 'report'],
  });
  const int8 = await outputsOf(quantizeStage, join(at, 'int8'), {
    params: { precision: 'int8-dynamic', reduceRange: false },
    inputs: { model: optimized.model! },
    outputs: ['model', 'report'],
  });
  return { imported: imported.model!, optimized: optimized.model!, int8: int8.model! };
}
