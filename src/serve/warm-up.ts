import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBinary } from '../kserve/binary.js';
import { type Datatype, elementsOf, type WireTensor } from '../kserve/datatypes.js';
import type { Message, ModelConfig } from '../triton/model-config.js';
import { type Failure, taskFailure, usageFailure } from '../util/failure.js';
import { seededRandom } from '../util/random.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Instance } from './instance.js';
import type { ExecuteContext, ModelRequest } from './model.js';
import { joinRows, zeros } from './onnx/batches.js';
import { datatypeOf } from './request-checks.js';

type Warmup = Message<'ModelWarmup'>;

/** Runs the samples of model_warmup on an instance. Failures: a file that does not fit, or what the model says to them. */
export async function warmUp(
  instance: Instance,
  config: ModelConfig,
  modelFolder: string,
  context: ExecuteContext,
): Promise<Result<void, Failure>> {
  for (const sample of config.model_warmup ?? []) {
    const inputs = await readInputs(sample, (config.max_batch_size ?? 0) > 0, modelFolder);
    if (!inputs.ok) return inputs;
    const request: ModelRequest = { parameters: {}, inputs: inputs.value, outputs: [], signal: NEVER };
    for (let run = 0; run < Math.max(1, sample.count ?? 1); run++) {
      const { answers } = await instance.execute([request], context);
      const failed = answers.find(answer => !answer.ok);
      if (failed && !failed.ok) {
        return fail(
          taskFailure('warm-up-failed', `the warm-up '${sample.name}' fails`, {
            where: modelFolder,
            found: failed.error.message,
          }),
        );
      }
    }
  }
  return ok(undefined);
}

const NEVER = new AbortController().signal;

async function readInputs(
  sample: Warmup,
  isBatched: boolean,
  modelFolder: string,
): Promise<Result<WireTensor[], Failure>> {
  const inputs: WireTensor[] = [];
  for (const [name, input] of Object.entries(sample.inputs ?? {})) {
    const datatype = datatypeOf(input.data_type) as Datatype;
    const dims = (input.dims ?? []).map(Number);
    const elements = elementsOf(dims);
    let data = zeros(datatype, elements);
    if (input.input_data_file !== undefined) {
      const file = join(modelFolder, 'warmup', input.input_data_file);
      const decoded = decodeBinary(datatype, await readFile(file), elements);
      if (!decoded.ok) return fail(usageFailure('warm-up-file', decoded.error, { where: file }));
      data = decoded.value;
    } else if (input.random_data && (data instanceof Float32Array || data instanceof Float64Array)) {
      const random = seededRandom(0);
      data = data.map(() => random.next());
    }
    const row: WireTensor = { name, datatype, shape: isBatched ? [1, ...dims] : dims, data };
    const rows = isBatched ? Math.max(1, sample.batch_size ?? 1) : 1;
    inputs.push(rows === 1 ? row : joinRows(Array.from({ length: rows }, () => [row]))[0]!);
  }
  return ok(inputs);
}
