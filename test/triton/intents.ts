import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ONNX_ELEMENT_TYPE } from '../../src/graph/element-type.js';
import type { DType } from '../../src/graph/tensor.js';
import { encodeMessage, type Message } from '../../src/onnx/protobuf.js';
import { type TritonParams, tritonStage } from '../../src/stages/triton.js';
import type { ModelInterface, NamedTensor } from '../../src/triton/repository.js';
import type { Json } from '../../src/util/json.js';

export const EXAMPLE = fileURLToPath(new URL('../../examples/support-intents/model', import.meta.url));

const tokens = (name: string, dtype: DType = 'int64'): NamedTensor => ({
  name,
  dtype,
  shape: ['batch_size', 'sequence_length'],
});

/** The interface of the example's exported network. */
export const INTENTS: ModelInterface = {
  inputs: [tokens('input_ids'), tokens('attention_mask'), tokens('token_type_ids')],
  outputs: [{ name: 'logits', dtype: 'float32', shape: ['batch_size', 8] }],
};

export const PARAMS: TritonParams = {
  model: 'intents',
  task: 'text-classification',
  artefacts: [
    { id: 'intents/cpu-fp32', target: 'cpu', precision: 'fp32', device: 'cpu', engine: 'onnxruntime' },
    { id: 'intents/gpu-int8-dynamic', target: 'gpu', precision: 'int8-dynamic', device: 'cuda', engine: 'onnxruntime' },
  ],
  maxBatchSize: 32,
  largestBatch: 16,
  dynamicBatching: true,
  sequence: [16, 64, 128],
};

/** An ONNX file without nodes: what is read here is its inputs and outputs. */
export function networkBytes({ inputs, outputs }: ModelInterface): Uint8Array {
  const value = ({ name, dtype, shape }: NamedTensor): Message<'ValueInfoProto'> => ({
    name,
    type: {
      tensor_type: {
        elem_type: ONNX_ELEMENT_TYPE[dtype],
        shape: { dim: shape.map(dim => (typeof dim === 'number' ? { dim_value: dim } : { dim_param: dim })) },
      },
    },
  });
  return encodeMessage('ModelProto', {
    ir_version: 8,
    graph: { name: 'main', input: inputs.map(value), output: outputs.map(value) },
  });
}

/** engine.json, as far as a repository needs it: every engine with two ranges of shapes, up to 32 on each axis. */
const engineDescription = (engines: Readonly<Record<string, ModelInterface>>) => ({
  schema: 'transformer-deploy/engine/1',
  engines: Object.fromEntries(
    Object.entries(engines).map(([file, { inputs, outputs }]) => {
      const shapes = (size: number) =>
        Object.fromEntries(
          inputs.map(({ name, shape }) => [name, shape.map(dim => (typeof dim === 'number' ? dim : size))]),
        );
      const profile = { min: shapes(1), optimum: shapes(8), max: shapes(32) };
      return [file, { onnx: file.replace('.plan', '.onnx'), profiles: [profile, profile], inputs, outputs }];
    }),
  ),
});

export interface StageRun {
  readonly result: Awaited<ReturnType<typeof tritonStage.run>>;
  readonly repository: string;
  /** Model folder of each artefact. */
  readonly models: Readonly<Record<string, string>>;
}

/** Runs the stage in a fresh folder. */
export async function runStage(
  changes: Partial<TritonParams> = {},
  network: ModelInterface = INTENTS,
  {
    config = join(EXAMPLE, 'config.json'),
    tokenizer = EXAMPLE,
    generationConfig,
    decoder,
    firstCall,
    withPast,
  }: {
    config?: string;
    tokenizer?: string;
    generationConfig?: string | undefined;
    decoder?: ModelInterface | undefined;
    firstCall?: ModelInterface | undefined;
    withPast?: ModelInterface | undefined;
  } = {},
): Promise<StageRun> {
  const params = { ...PARAMS, ...changes };
  const folder = await mkdtemp(join(tmpdir(), 'td-triton-'));
  const models: Record<string, string> = {};
  for (const [index, { id, engine }] of params.artefacts.entries()) {
    models[id] = join(folder, `model-${index}`);
    await mkdir(models[id]!);
    const engines: Record<string, ModelInterface> = withPast
      ? { 'encoder_model.plan': network, 'decoder_model.plan': firstCall!, 'decoder_with_past_model.plan': withPast }
      : { 'model.plan': network };
    if (engine === 'tensorrt') {
      for (const file of Object.keys(engines)) await writeFile(join(models[id]!, file), 'an engine');
      await writeFile(join(models[id]!, 'engine.json'), JSON.stringify(engineDescription(engines)));
    } else if (decoder) {
      await writeFile(join(models[id]!, 'encoder_model.onnx'), networkBytes(network));
      await writeFile(join(models[id]!, 'decoder_model_merged.onnx'), networkBytes(decoder));
    } else await writeFile(join(models[id]!, 'model.onnx'), networkBytes(network));
  }
  const repository = join(folder, 'repository');
  const result = await tritonStage.run({
    params: params as unknown as Json, // an interface has no index signature
    in: {
      config,
      tokenizer,
      ...(generationConfig ? { generationConfig } : {}),
      ...Object.fromEntries(Object.entries(models).map(([id, path]) => [`model:${id}`, path])),
    },
    out: { repository },
    scratch: folder,
    signal: new AbortController().signal,
    progress: () => {},
  });
  return { result, repository, models };
}
