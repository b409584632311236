import { nodesOf } from '../../../lib/graph/graph.js';
import { readModel } from '../../../lib/onnx/read.js';

const NAMES = {
  float32: 'Float',
  float16: 'Half',
  bfloat16: 'BF16',
  float8e4m3fn: 'FP8',
  int4: 'Int4',
  int8: 'Int8',
  int64: 'Int64',
  int32: 'Int32',
  bool: 'Bool',
};
const NEW_NAMES = {
  float32: 'FP32',
  float16: 'FP16',
  bfloat16: 'BF16',
  float8e4m3fn: 'FP8',
  int4: 'Int4',
  int8: 'Int8',
  int64: 'Int64',
  int32: 'Int32',
  bool: 'Bool',
};
const ALLOWED = { fp16: 'float16', bf16: 'bfloat16' };

/** The text of --exportLayerInfo: a layer for each node. Without details, names alone; without a run, no types of dynamic tensors. */
export function layersOf(engine, { version, hasRun, isSilentFloat }) {
  const model = readModel(engine.file);
  const { graph } = model.value;
  const bindings = [...engine.inputs, ...engine.outputs].map(({ name }) => name);
  const layers = nodesOf(graph).map((node, index) => {
    const name = `${node.path}/${node.op}`;
    if (!engine.detailed) return name;
    const isDynamic = node.outputs.some(({ type }) => type.shape.some(dim => typeof dim === 'string'));
    const tensor = value => {
      const type = isSilentFloat && isLow(value) ? 'float32' : typeIn(engine, node, name, value);
      const text = isDynamic && !hasRun ? 'N/A due to dynamic shapes' : (version.major >= 11 ? NEW_NAMES : NAMES)[type];
      return {
        Name: `tensor_${index}`,
        Location: 'Device',
        Dimensions: value.type.shape.map(dim => (typeof dim === 'number' ? dim : -1)),
        ...(version.major >= 11 ? { Format: 'Row major linear', Datatype: text } : { 'Format/Datatype': text }),
      };
    };
    const values = node.inputs.filter(input => input !== undefined);
    return {
      Name: name,
      LayerType: node.op === 'MatMul' || node.op === 'Gemm' ? 'gemm' : node.op,
      Inputs: values.filter(({ kind }) => kind !== 'constant').map(tensor),
      Outputs: node.outputs.map(tensor),
      TacticName: '',
    };
  });
  return JSON.stringify({ Layers: layers, [version.major >= 11 ? 'I/O Tensors' : 'Bindings']: bindings });
}

const PRODUCTS = new Set(['MatMul', 'Gemm', 'Conv']);

const isDequantized = value => value.kind === 'output' && value.node.op === 'DequantizeLinear';
const isLow = value => value.type.dtype === 'float16' || isDequantized(value);

/**
 * A product of what was dequantised is computed on the integers, or on float8. A weakly typed network is lowered where flags allow it and no layer
 * was told to stay.
 */
function typeIn({ strong, precisions }, node, name, value) {
  const { dtype } = value.type;
  const [allowed] = precisions.allowed;
  const isKept = precisions.kept.includes(name);
  if (PRODUCTS.has(node.op) && isDequantized(value) && (strong || (allowed === 'int8' && !isKept))) {
    return value.node.inputs[0].type.dtype;
  }
  if (strong) return dtype;
  if (dtype !== 'float32' && dtype !== 'float16') return dtype;
  if (!precisions.allowed.some(each => each in ALLOWED) || isKept) return 'float32';
  return ALLOWED[precisions.allowed.find(each => each in ALLOWED)];
}
