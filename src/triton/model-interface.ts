import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { dtypeOfElementType } from '../graph/element-type.js';
import { malformed } from '../onnx/failure.js';
import { decodeMessage, type Message } from '../onnx/protobuf.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { ModelInterface, NamedTensor } from './repository.js';

/** Beside engines of TensorRT, which do not tell it themselves: what they take and give. Written by the stage that builds them. */
export const ENGINE_DESCRIPTION = 'engine.json';

/**
 * Inputs and outputs of an ONNX file, or of an engine (.plan) that engine.json stands beside. Weights are not looked at, so an ONNX file
 * may stand apart from its external data. Failures: 'model-unreadable', 'onnx-malformed', 'triton-interface' for what is no tensor of a
 * known type and rank.
 */
export async function readModelInterface(file: string): Promise<Result<ModelInterface, Failure>> {
  if (file.endsWith('.plan')) return engineInterface(file);
  const read = await readBytes(file);
  if (!read.ok) return read;
  const bytes = read.value;
  const model = decodeMessage('ModelProto', bytes);
  if (!model.ok) return fail(malformed(model.error, file));
  const { input = [], output = [], initializer = [] } = model.value.graph ?? {};
  // Before IR version 4 every weight was an input too; since then, one that may be replaced.
  const weights = new Set(initializer.map(tensor => tensor.name));
  const replaceable = input.filter(value => weights.has(value.name)).flatMap(value => namedTensor(value) ?? []);
  const tensors: Record<'inputs' | 'outputs', NamedTensor[]> = { inputs: [], outputs: [] };
  for (const [side, values] of [
    ['inputs', input.filter(value => !weights.has(value.name))],
    ['outputs', output],
  ] as const) {
    for (const value of values) {
      const tensor = namedTensor(value);
      if (tensor === undefined) {
        return fail(
          usageFailure('triton-interface', `'${value.name ?? ''}' has no element type or no shape`, {
            where: file,
            expected: 'a tensor of a known type and rank',
          }),
        );
      }
      tensors[side].push(tensor);
    }
  }
  return ok({ ...tensors, ...(replaceable.length > 0 ? { optionalInputs: replaceable } : {}) });
}

async function readBytes(file: string): Promise<Result<Uint8Array, Failure>> {
  try {
    return ok(await readFile(file));
  } catch (error) {
    const found = (error as Error).message;
    return fail(usageFailure('model-unreadable', 'the model file cannot be read', { where: file, found }));
  }
}

async function engineInterface(plan: string): Promise<Result<ModelInterface, Failure>> {
  const file = join(dirname(plan), ENGINE_DESCRIPTION);
  const read = await readBytes(file);
  if (!read.ok) return read;
  const { engines } = JSON.parse(new TextDecoder().decode(read.value)) as {
    engines: Readonly<Record<string, ModelInterface>>;
  };
  const name = basename(plan);
  const engine = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (engine) return ok({ inputs: engine.inputs, outputs: engine.outputs });
  return fail(
    usageFailure('triton-interface', `'${name}' is not described`, {
      where: file,
      expected: name,
      found: Object.keys(engines).join(', '),
    }),
  );
}

function namedTensor({ name = '', type }: Message<'ValueInfoProto'>): NamedTensor | undefined {
  const dtype = dtypeOfElementType(type?.tensor_type?.elem_type ?? 0);
  const shape = type?.tensor_type?.shape;
  if (dtype === undefined || shape === undefined) return undefined;
  const dims = (shape.dim ?? []).map(({ dim_value: length, dim_param: symbol }, axis) => length ?? symbol ?? `${axis}`);
  return { name, dtype, shape: dims };
}
