import type { DType } from '../graph/tensor.js';
import type { DataType } from './model-config.js';

/** What a name is made of. */
interface Named {
  readonly target: string;
  readonly precision: string;
  readonly engine: 'onnxruntime' | 'tensorrt';
}

/** Of a model that writes texts of texts, one of its networks; engines have one for each kind of the decoder's calls. */
export type NetworkPart = 'encoder' | 'decoder' | 'decoder-with-past';

/** Folders of a repository, which are the names that clients see. None holds a dot: Triton would look for a backend behind it. */
export interface Names {
  /** Texts to tokens; shared by the artefacts where it can be. */
  tokenizer(artefact: Named): string;
  network(artefact: Named, part?: NetworkPart): string;
  /** What clients call. */
  client(artefact: Named, use: 'inference' | 'generate' | 'text-to-text'): string;
}

export const namesOf = (model: string): Names => ({
  tokenizer: () => `${model}-tokenize`,
  network: ({ target, precision }, part = undefined) => `${model}-${target}-${precision}-${part ?? 'model'}`,
  client: ({ target, precision }) => `${model}-${target}-${precision}`,
});

/** As ELS-RD/transformer-deploy called them: one artefact for each engine. */
export function elsRdNamesOf(model: string): Names {
  const base = ({ engine }: Named): string => `${model}_${engine === 'tensorrt' ? 'tensorrt' : 'onnx'}`;
  return {
    tokenizer: artefact => `${base(artefact)}_tokenize`,
    network: (artefact, part) => `${base(artefact)}_${part === undefined ? '' : `${part.replaceAll('-', '_')}_`}model`,
    // Its T5 had one name, whatever the model's.
    client: (artefact, use) => (use === 'text-to-text' ? 't5_model_generate' : `${base(artefact)}_${use}`),
  };
}

/** What a network file holds as inputs, outputs and weights, by Triton's names. */
export const DATA_TYPES: Readonly<Record<DType, DataType>> = {
  float64: 'TYPE_FP64',
  float32: 'TYPE_FP32',
  float16: 'TYPE_FP16',
  bfloat16: 'TYPE_BF16',
  // Only within a model: the server has no such inputs or outputs.
  float8e4m3fn: 'TYPE_INVALID',
  int4: 'TYPE_INVALID',
  int64: 'TYPE_INT64',
  int32: 'TYPE_INT32',
  int16: 'TYPE_INT16',
  int8: 'TYPE_INT8',
  uint64: 'TYPE_UINT64',
  uint32: 'TYPE_UINT32',
  uint16: 'TYPE_UINT16',
  uint8: 'TYPE_UINT8',
  bool: 'TYPE_BOOL',
  string: 'TYPE_STRING',
};

/** Bytes of one element; strings have no fixed length. */
export const BYTES_PER_ELEMENT: Readonly<Partial<Record<DataType, number>>> = {
  TYPE_BOOL: 1,
  TYPE_UINT8: 1,
  TYPE_UINT16: 2,
  TYPE_UINT32: 4,
  TYPE_UINT64: 8,
  TYPE_INT8: 1,
  TYPE_INT16: 2,
  TYPE_INT32: 4,
  TYPE_INT64: 8,
  TYPE_FP16: 2,
  TYPE_FP32: 4,
  TYPE_FP64: 8,
  TYPE_BF16: 2,
};
