import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { type BuiltEngine, buildEngine, type EngineRequest } from '../../src/tensorrt/build-engine.js';
import { findTrtexec } from '../../src/tensorrt/find.js';
import { probeToolchain, type Toolchain } from '../../src/tensorrt/probe.js';
import type { Reach } from '../../src/tensorrt/reach.js';
import type { Failure } from '../../src/util/failure.js';
import type { Result } from '../../src/util/result.js';
import { readReference } from '../support/reference.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

export const never = new AbortController().signal;

/** A folder with stand-ins for these programs: what PATH is to hold. */
export function standIns(folder: string, programs: readonly string[] = ['trtexec', 'nvidia-smi']): string {
  mkdirSync(folder, { recursive: true });
  for (const program of programs) {
    const script = fileURLToPath(new URL(`stand-in/${program}.mjs`, import.meta.url));
    writeFileSync(join(folder, program), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

/** Sets variables of the stand-ins for the rest of the test. */
export function standInSettings() {
  const set = new Set<string>();
  afterEach(() => {
    for (const name of set) delete process.env[name];
    set.clear();
  });
  return (settings: Readonly<Record<string, string>>): void => {
    for (const [name, value] of Object.entries(settings)) {
      process.env[`STAND_IN_${name}`] = value;
      set.add(`STAND_IN_${name}`);
    }
  };
}

export function must<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 2));
  return result.value;
}

/** The stand-in for trtexec on this machine, and what it says of itself. */
export async function standInToolchain(folder: string): Promise<{ reach: Reach; toolchain: Toolchain }> {
  const bin = standIns(join(folder, 'bin'));
  const reach = must(findTrtexec({}, { PATH: bin }));
  return { reach, toolchain: must(await probeToolchain(reach, 'sm_90', { folder, signal: never })) };
}

/** A model to build engines of, in a folder for each; called at the top of a test file. */
export function engineRig() {
  const folder = temporaryFolders();
  let root = '';
  let bert = '';
  let tools: { reach: Reach; toolchain: Toolchain };
  let count = 0;
  const notes: string[] = [];
  beforeAll(async () => {
    root = folder();
    process.env.STAND_IN_TEMPORARY = root;
    bert = await portableModel('bert_seqcls', 'text-classification', join(root, 'bert'));
    tools = await standInToolchain(root);
  });
  function build(changes: Partial<EngineRequest> = {}): Promise<Result<BuiltEngine, Failure>> {
    const own = join(root, `engine-${++count}`);
    mkdirSync(own);
    notes.length = 0;
    return buildEngine({
      ...tools,
      onnxFolder: bert,
      onnx: 'model.onnx',
      precision: 'fp32',
      options: {},
      sizes: { batch: [1, 2, 4], sequence: [4, 8, 16] },
      timeoutMinutes: 1,
      folder: own,
      signal: never,
      progress: (_done, _total, note) => notes.push(note),
      ...changes,
    });
  }
  return {
    build,
    /** Of a build that must fail, without the log's last lines. */
    async failureOf(changes: Partial<EngineRequest> = {}): Promise<string> {
      const built = await build(changes);
      if (built.ok) throw new Error('it was built');
      const { details, ...failure } = built.error;
      return failureText(failure);
    },
    /** What the last build told. */
    notes,
    root: () => root,
    bert: () => bert,
    tools: () => tools,
    count: () => count,
  };
}

/** A reference checkpoint as portable ONNX with its data beside it. */
export async function portableModel(name: string, task: string, folder: string): Promise<string> {
  const checkpoint = readReference(name).folder;
  const exported = await outputsOf(exportStage, join(folder, 'export'), {
    params: { task },
    inputs: { checkpoint },
    outputs: ['model'],
  });
  const optimized = await outputsOf(optimizeStage, join(folder, 'optimize'), {
    params: { dialect: 'portable', split: true },
    inputs: { model: exported.model!, checkpoint },
    outputs: ['model', 'report'],
  });
  return optimized.model!;
}
