import { ONNX_ELEMENT_TYPE } from '../graph/element-type.js';
import type { Tensor } from '../graph/tensor.js';
import { EXTERNAL } from './fields.js';
import type { Message } from './protobuf.js';

/** With its bytes in the message. @param name '' for the tensor of an attribute, which has none */
export const inline = ({ dtype, shape }: Tensor, name: string, bytes: Uint8Array): Message<'TensorProto'> => ({
  dims: shape,
  data_type: ONNX_ELEMENT_TYPE[dtype],
  ...(name === '' ? {} : { name }),
  raw_data: bytes,
});

/** A reference into a file. @param location the file, as the model calls it; offset and length in bytes */
export const external = (
  { dtype, shape }: Tensor,
  name: string,
  location: string,
  offset: number,
  length: number,
): Message<'TensorProto'> => ({
  dims: shape,
  data_type: ONNX_ELEMENT_TYPE[dtype],
  name,
  external_data: [
    { key: 'location', value: location },
    { key: 'offset', value: `${offset}` },
    { key: 'length', value: `${length}` },
  ],
  data_location: EXTERNAL,
});

/** Attributes have no other form: what they hold is in the graph. */
export function attributeTensor(tensor: Tensor): Message<'TensorProto'> {
  if (tensor.data.from !== 'bytes')
    throw new Error('internal error: the tensor of an attribute has its bytes in the graph');
  return inline(tensor, '', tensor.data.bytes);
}
