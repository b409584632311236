import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { everyNodeOf } from '../../../lib/graph/graph.js';
import { readModel } from '../../../lib/onnx/read.js';

/** What the parser sees: inputs and outputs by our own reader, and the first operator that is not of ai.onnx. */
export async function bindingsOf(file, { major }) {
  const model = readModel(file);
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  const { graph } = model.value;
  const binding = ({ name, type: { dtype, shape } }) => ({
    name,
    dtype: major < 10 && dtype === 'int64' ? 'int32' : dtype,
    shape,
  });
  const foreign = [...everyNodeOf(graph)].find(({ domain }) => domain !== '');
  return {
    inputs: graph.inputs.map(binding),
    outputs: graph.outputs.map(({ name, value }) => binding({ name, type: value.type })),
    foreign: foreign?.op,
  };
}

const SIZES = { float32: 4, int64: 8, int32: 4, bool: 1 };
const ARRAYS = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array };

/** Runs the network on files of raw values; an input without one gets ones. */
export async function runEngine(engine, shapes, files, fail) {
  // Beyond 'basic', a session moves Q/DQ to operators that have no float8.
  const options = { intraOpNumThreads: 1, logSeverityLevel: 4, graphOptimizationLevel: 'basic' };
  const session = await InferenceSession.create(engine.file, options);
  const declared = new Map(session.inputMetadata.map(each => [each.name, each.type]));
  const feeds = {};
  for (const { name, dtype, shape } of engine.inputs) {
    const dims = shapes[name] ?? shape;
    const count = dims.reduce((product, size) => product * size, 1);
    const bytes = files[name] ? readFileSync(files[name]) : undefined;
    if (bytes && bytes.length < count * SIZES[dtype]) {
      fail(`Unexpected file size: ${files[name]} ${bytes.length} bytes for input ${name}`, 'Inference set up failed');
    }
    feeds[name] = tensorOf(declared.get(name), dtype, dims, count, bytes);
  }
  const results = await session.run(feeds);
  return engine.outputs.map(({ name }) => ({ name, dims: results[name].dims, values: results[name].data }));
}

function tensorOf(type, dtype, dims, count, bytes) {
  if (type === 'bool') return new Tensor('bool', bytes ? new Uint8Array(bytes) : new Uint8Array(count), dims);
  const values = bytes
    ? new ARRAYS[dtype](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + count * SIZES[dtype]))
    : undefined;
  if (type === 'int64') {
    return new Tensor('int64', values ? BigInt64Array.from(values, BigInt) : new BigInt64Array(count).fill(1n), dims);
  }
  return new Tensor(type, values ?? new ARRAYS[type](count).fill(1), dims);
}
