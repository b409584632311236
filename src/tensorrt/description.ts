import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dim } from '../graph/tensor.js';
import type { EngineOptions, EnginePrecision } from './options.js';
import type { Profile } from './profiles.js';

/** engine.json, beside the engines of a model: what a server or a test must know of them, since the files themselves do not tell. */
export interface EngineDescription {
  readonly schema: 'transformer-deploy/engine/1';
  readonly tensorrt: string;
  readonly cuda: string;
  readonly gpu: { readonly name: string; readonly architecture: string };
  readonly precision: EnginePrecision;
  readonly options: EngineOptions;
  /** By file: 'model.plan'. */
  readonly engines: Readonly<Record<string, EngineFacts>>;
}

export interface EngineFacts {
  readonly onnx: string;
  readonly profiles: readonly Profile[];
  readonly inputs: readonly EngineTensorFacts[];
  readonly outputs: readonly EngineTensorFacts[];
}

/** `dtype`: as TensorRT has it, which before release 10 is int32 for what the ONNX calls int64. */
export interface EngineTensorFacts {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly Dim[];
}

export const DESCRIPTION_FILE = 'engine.json';

/** Whether an artefact's folder holds engines. */
export const isEngine = (folder: string): boolean => existsSync(join(folder, DESCRIPTION_FILE));

/** Of a folder that the engine stage wrote. */
export const readDescription = (folder: string): EngineDescription =>
  JSON.parse(readFileSync(join(folder, DESCRIPTION_FILE), 'utf8')) as EngineDescription;

/** 'model.onnx' -> 'model.plan'. */
export const planNameOf = (onnx: string): string => onnx.replace(/\.onnx$/, '.plan');
