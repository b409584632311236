import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportStage } from '../../src/stages/export.js';
import { type TritonParams, tritonStage } from '../../src/stages/triton.js';
import type { Json } from '../../src/util/json.js';
import { outputsOf } from '../support/run-stage.js';
import { EXAMPLE, PARAMS } from '../triton/intents.js';

export const ENSEMBLE = 'intents-cpu-fp32';
export const NETWORK = `${ENSEMBLE}-model`;

/** The repository of the example, with its exported network in it, as a build delivers it. */
export async function intentsRepository(
  changes: Partial<TritonParams> = {},
): Promise<{ readonly folder: string; remove(): void }> {
  const scratch = mkdtempSync(join(tmpdir(), 'td-serve-'));
  const { model } = await outputsOf(exportStage, scratch, {
    params: { task: 'text-classification' },
    inputs: { checkpoint: EXAMPLE },
    outputs: ['model'],
  });
  const [artefact] = PARAMS.artefacts;
  const params: TritonParams = { ...PARAMS, artefacts: [artefact!], ...changes };
  const { repository } = await outputsOf(tritonStage, scratch, {
    params: params as unknown as Json, // an interface has no index signature
    inputs: { config: join(EXAMPLE, 'config.json'), tokenizer: EXAMPLE, [`model:${artefact!.id}`]: model! },
    outputs: ['repository'],
  });
  const [network] = readdirSync(repository!).filter(name => name.endsWith('model'));
  const version = join(repository!, network!, '1');
  mkdirSync(version, { recursive: true });
  copyFileSync(join(model!, 'model.onnx'), join(version, 'model.onnx'));
  for (const file of [...readdirSync(EXAMPLE).filter(name => name.endsWith('.safetensors'))]) {
    symlinkSync(join(EXAMPLE, file), join(version, file));
  }
  return { folder: repository!, remove: () => rmSync(scratch, { recursive: true }) };
}
