import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ONNX_ELEMENT_TYPE } from '../../src/graph/element-type.js';
import type { DType } from '../../src/graph/tensor.js';
import { decodeMessage, encodeMessage, type Message } from '../../src/onnx/protobuf.js';

/** An encoder that PyTorch traced: input_ids, attention_mask, token_type_ids -> logits [batch_size, 2]. */
export const TRACED = fileURLToPath(new URL('../passes/traced/bert-torchscript-17/model.onnx', import.meta.url));

export type Model = Message<'ModelProto'>;
export type Value = Message<'ValueInfoProto'>;

/** A model file as data. */
export function readProto(path: string): Model {
  const model = decodeMessage('ModelProto', readFileSync(path));
  if (!model.ok) throw new Error(model.error.message);
  return model.value;
}

export function writeProto(folder: string, model: Model, name = 'model.onnx'): string {
  const path = join(folder, name);
  writeFileSync(path, encodeMessage('ModelProto', model));
  return path;
}

/** An input or output; a shape of names and numbers. */
export const typed = (name: string, dtype: DType, shape: readonly (string | number)[]): Value => ({
  name,
  type: {
    tensor_type: {
      elem_type: ONNX_ELEMENT_TYPE[dtype],
      shape: { dim: shape.map(dim => (typeof dim === 'number' ? { dim_value: dim } : { dim_param: dim })) },
    },
  },
});

/** The traced encoder with another graph around the same nodes: names of values replaced everywhere. */
export function renamed(model: Model, names: Readonly<Record<string, string>>): Model {
  const now = (name: string): string => names[name] ?? name;
  const value = (info: Value): Value => ({ ...info, name: now(info.name ?? '') });
  const graph = model.graph!;
  return {
    ...model,
    graph: {
      ...graph,
      input: graph.input!.map(value),
      output: graph.output!.map(value),
      node: graph.node!.map(node => ({ ...node, input: node.input?.map(now) ?? [], output: node.output!.map(now) })),
    },
  };
}
