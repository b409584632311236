import { isConstant } from '../graph/constants.js';
import { type Constant, constant, type Graph, type Node, type Value } from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { intOf } from '../graph/pass.js';
import type { ColumnBlockWeight, Tensor } from '../graph/tensor.js';
import { applyPlan } from './apply-plan.js';
import { placementOf } from './explicit-placement.js';
import type { ExplicitGraph } from './explicit-quantization.js';
import { planPrecision } from './precision-plan.js';
import type { Observed } from './precision-rules.js';

/** Elements of a column that share a scale: TensorRT has kernels for 64 and 128. */
export const INT4_BLOCK = 64;

/**
 * A float32 graph whose products read weights of 4 bits in blocks, everything else in float16: TensorRT's weight-only form, which
 * multiplies in float16 what it unpacks as it goes. A weight of [K, N] is int4 with scales [K / 64, N], and a DequantizeLinear along
 * its first axis. Not: embeddings, the last product, weights whose columns are not whole blocks. Needs opset 21.
 * Source: NVIDIA Model Optimizer, modelopt/onnx/quantization/int4.py.
 */
export function quantizeWeightsExplicitly(graph: Graph, observed: Observed, blockSize = INT4_BLOCK): ExplicitGraph {
  const plan = planPrecision(graph, 'float16', observed);
  const placement = placementOf(graph, {});
  const left = [...placement.left];
  const quantized: string[] = [];
  const chosen = new Set<Node>();
  for (const { path, places } of placement.groups) {
    const { node } = places[0]!;
    const reason = plan.half.has(node) ? reasonAgainst(node, blockSize) : 'it stays in float32';
    if (reason !== undefined) left.push({ path, reason });
    else {
      quantized.push(path);
      chosen.add(node);
    }
  }
  const made = new Map<Tensor, Value>();
  const { graph: typed, casts } = applyPlan(graph, plan, (value, original, node, index) => {
    if (index !== 1 || !chosen.has(node) || !isConstant(original)) return value;
    const known = made.get(original.tensor) ?? dequantized(original, node.path, blockSize);
    made.set(original.tensor, known);
    return known;
  });
  return { graph: typed, plan, casts, quantized, residuals: 0, left };
}

function reasonAgainst(node: Node, blockSize: number): string | undefined {
  if (intOf(node, 'transB', 0) !== 0) return 'its weight lies transposed';
  const [rows, columns] = node.inputs[1]!.type.shape as [number, number];
  if (rows % blockSize !== 0) return `columns of ${rows} are not made of whole blocks of ${blockSize}`;
  return columns % 2 !== 0 ? `rows of ${columns}: two elements share a byte` : undefined;
}

function dequantized({ name, tensor }: Constant, path: string, blockSize: number): Value {
  const of: ColumnBlockWeight = { weight: tensor, blockSize };
  const [rows, columns] = tensor.shape as [number, number];
  const values: Tensor = { dtype: 'int4', shape: [rows, columns], data: { from: 'columnBlocks', of, part: 'values' } };
  const shape = [rows / blockSize, columns];
  const scales: Tensor = { dtype: 'float16', shape, data: { from: 'columnBlocks', of, part: 'scales' } };
  const [codes, steps] = [constant(values, `${name}_quantized`), constant(scales, `${name}_scale`)];
  return ops(path).DequantizeLinear(codes, steps, undefined, { axis: 0, block_size: blockSize });
}
