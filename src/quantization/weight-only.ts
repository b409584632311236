import { isConstant } from '../graph/constants.js';
import {
  type Constant,
  constant,
  everyNodeOf,
  type Graph,
  type Node,
  type NodeOutput,
  type Value,
  valuesReadBy,
} from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import { intOf, nodePass, refused, replaced } from '../graph/pass.js';
import { type BlockQuantizedWeight, elementCount, type Tensor } from '../graph/tensor.js';
import { blockCount, zeroPointBytes } from '../kernels/index.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { QuantizedGraph } from './integer-products.js';
import { SMALLEST_INTEGER_SIDE } from './limits.js';
import {
  biasedProduct,
  computedBeforehand,
  counted,
  EXCLUDED,
  isBelow,
  reasonToLeave,
  unknownExclusion,
  weightOf,
} from './products.js';

/** How a weight is brought into blocks. */
export type BlockRounding = Pick<BlockQuantizedWeight, 'bits' | 'blockSize' | 'symmetric' | 'iterations'>;

export interface WeightOnlyOptions {
  readonly products: BlockRounding;
  /** Embedding tables, and the products that read the same weight (a decoder tied to its embeddings). */
  readonly tables: BlockRounding;
  /** Paths whose products and tables stay in float32: 'lm_head', or 'model.layers.11' with all that is below it. */
  readonly exclude?: readonly string[];
}

/** What the precisions mean. Chosen by measurement: docs/precision.md. */
export const WEIGHT_ONLY = {
  'int8-weight': {
    products: { bits: 8, blockSize: 128, symmetric: true, iterations: 0 },
    tables: { bits: 8, blockSize: 128, symmetric: true, iterations: 0 },
  },
  'int4-weight': {
    products: { bits: 4, blockSize: 32, symmetric: false, iterations: 0 },
    tables: { bits: 8, blockSize: 128, symmetric: true, iterations: 0 },
  },
} as const satisfies Readonly<Record<string, WeightOnlyOptions>>;

/** Activations are rounded to 8 bits, block by block, and multiplied as integers; 0 would multiply floats. */
const ACCURACY_LEVEL = 4;

/** ONNX Runtime has no smaller block. */
const SMALLEST_BLOCK = 16;

/**
 * Weights in blocks of 4 or 8 bits, activations as they are: every product with a constant weight as MatMulNBits, with its
 * bias, and every embedding table as GatherBlockQuantized. A table that is also the weight of a product is stored once,
 * where its rows are whole blocks. Failure: 'exclude-unknown'.
 */
export function quantizeWeightOnly(graph: Graph, options: WeightOnlyOptions): Result<QuantizedGraph, Failure> {
  const { exclude = [] } = options;
  const all = [...everyNodeOf(graph)];
  const candidates = all.filter(node => weightOf(node) !== undefined || tableOf(node) !== undefined);
  const unknown = unknownExclusion(candidates, exclude);
  if (unknown) return fail(unknown);

  const beforehand = computedBeforehand(graph);
  const reasonFor = (node: Node, original: Node): string | undefined => {
    if (exclude.some(path => isBelow(node.path, path))) return EXCLUDED;
    const table = tableOf(node);
    const given = original.inputs[table ? 1 : 0]!;
    if (isConstant(given) || beforehand.has(given)) return COMPUTED_AT_LOAD;
    return table ? reasonToLeaveTable(table.tensor, options.tables) : reasonToLeave(node);
  };
  const tables = candidates.flatMap(node => (reasonFor(node, node) === undefined ? (tableOf(node)?.tensor ?? []) : []));
  const blocks = new BlockWeights(options, new Set(tables));
  const reads = counted(all.flatMap(node => [...valuesReadBy(node)]));
  const quantized: string[] = [];

  const pass = nodePass('weight-only', () => {
    const made = new Map<Value, (bias: Value) => Value>();
    return (node, original) => {
      const absorbed = node.op === 'Add' ? biasedProduct(node, made) : undefined;
      if (absorbed) return replaced(absorbed);
      const [table, weight] = [tableOf(node), weightOf(node)];
      if (table === undefined && weight === undefined) return undefined;
      const reason = reasonFor(node, original);
      if (reason !== undefined) return refused(reason);
      quantized.push(node.path);
      if (table) return replaced(picked(node, blocks.of(table)));
      const matrix = blocks.of(asRows(weight!));
      const [x, , bias] = node.inputs as [Value, Value, Value | undefined];
      const product = multiplied(node.path, x, matrix, bias);
      // A product that is also read without the bias would have to be computed twice.
      const isReadOnce = reads.get(original.outputs[0]!) === 1;
      if (bias === undefined && isReadOnce) made.set(product, added => multiplied(node.path, x, matrix, added));
      return replaced(product);
    };
  });
  const { graph: result, refused: left } = pass.run(graph);
  return ok({ graph: result, quantized, left: left.map(({ path, reason }) => ({ path, reason })) });
}

const COMPUTED_AT_LOAD = 'it depends on weights alone: a session computes it once, when it loads the model';

/** The table [rows, columns] of an embedding: a constant matrix of which rows are picked by number. */
function tableOf(node: Node): Constant | undefined {
  const [table] = node.inputs;
  const picksRows = node.op === 'Gather' && node.domain === '' && intOf(node, 'axis', 0) === 0;
  return picksRows && isConstant(table) && table.tensor.shape.length === 2 ? table : undefined;
}

/** GatherBlockQuantized knows no block that is not full. */
function reasonToLeaveTable({ dtype, shape }: Tensor, rounding: BlockRounding): string | undefined {
  if (dtype !== 'float32') return `the table is ${dtype}`;
  const sides = shape.join(' x ');
  if (Math.min(...shape) < SMALLEST_INTEGER_SIDE) return `the table is ${sides}: there is nothing to gain`;
  if (wholeBlocks(shape[1]!, rounding.blockSize) === undefined) {
    return `the table is ${sides}: its rows are not made of whole blocks of ${SMALLEST_BLOCK} or more`;
  }
  return undefined;
}

/** The largest block of which rows are made without a rest. */
function wholeBlocks(columns: number, largest: number): number | undefined {
  let blockSize = largest;
  while (blockSize >= SMALLEST_BLOCK && columns % blockSize !== 0) blockSize /= 2;
  return blockSize >= SMALLEST_BLOCK ? blockSize : undefined;
}

/** The smallest block that holds a whole row, where rows are shorter than the largest. */
function blockFor(columns: number, largest: number): number {
  let blockSize = largest;
  while (blockSize > SMALLEST_BLOCK && blockSize / 2 >= columns) blockSize /= 2;
  return blockSize;
}

/** The weight [K, N] of a product as MatMulNBits has it, [N, K]: for a table that is multiplied with, the table itself. */
function asRows({ name, tensor }: Constant): Constant {
  const { dtype, data } = tensor;
  const [rows, columns] = tensor.shape as [number, number];
  if (data.from === 'transpose') return constant(data.of, name);
  return constant({ dtype, shape: [columns, rows], data: { from: 'transpose', of: tensor, perm: [1, 0] } }, name);
}

/** A matrix [rows, columns] in blocks. The shapes are those of MatMulNBits. */
interface BlockMatrix {
  readonly of: BlockQuantizedWeight;
  readonly values: Constant;
  readonly scales: Constant;
  /** Absent for a symmetric one. */
  readonly zeroPoints: Constant | undefined;
}

/** Each weight once, however many nodes read it. */
class BlockWeights {
  readonly #options: WeightOnlyOptions;
  readonly #tables: ReadonlySet<Tensor>;
  readonly #made = new Map<Tensor, BlockMatrix>();
  /** By what they are views of: such a view is made anew each time. */
  readonly #madeOfTransposed = new Map<Tensor, BlockMatrix>();

  constructor(options: WeightOnlyOptions, tables: ReadonlySet<Tensor>) {
    this.#options = options;
    this.#tables = tables;
  }

  of({ name, tensor }: Constant): BlockMatrix {
    const [made, key] =
      tensor.data.from === 'transpose' ? [this.#madeOfTransposed, tensor.data.of] : [this.#made, tensor];
    const matrix = made.get(key) ?? blockMatrix(name, { weight: tensor, ...this.#roundingOf(tensor) });
    made.set(key, matrix);
    return matrix;
  }

  #roundingOf(tensor: Tensor): BlockRounding {
    const { products, tables } = this.#options;
    const columns = tensor.shape[1]!;
    return this.#tables.has(tensor)
      ? { ...tables, blockSize: wholeBlocks(columns, tables.blockSize)! }
      : { ...products, blockSize: blockFor(columns, products.blockSize) };
  }
}

function blockMatrix(name: string, of: BlockQuantizedWeight): BlockMatrix {
  const [rows, columns] = of.weight.shape as [number, number];
  const blocks = blockCount(columns, of.blockSize);
  const part = (which: 'values' | 'scales' | 'zeroPoints', shape: readonly number[], suffix: string): Constant => {
    const dtype = which === 'scales' ? 'float32' : 'uint8';
    return constant({ dtype, shape, data: { from: 'blocks', of, part: which } }, `${name}_${suffix}`);
  };
  return {
    of,
    values: part('values', [rows, blocks, (of.blockSize * of.bits) / 8], 'quantized'),
    scales: part('scales', [rows * blocks], 'scales'),
    zeroPoints: of.symmetric ? undefined : part('zeroPoints', [rows * zeroPointBytes(columns, of)], 'zero_points'),
  };
}

function multiplied(path: string, x: Value, { of, values, scales, zeroPoints }: BlockMatrix, bias?: Value): NodeOutput {
  const [N, K] = of.weight.shape as [number, number];
  return ops(path).MatMulNBits(x, values, scales, zeroPoints, undefined, bias, {
    K,
    N,
    bits: of.bits,
    block_size: of.blockSize,
    accuracy_level: ACCURACY_LEVEL,
  });
}

function picked({ path, inputs }: Node, { of, values, scales, zeroPoints }: BlockMatrix): NodeOutput {
  const rows = of.weight.shape[0]!;
  return ops(path).GatherBlockQuantized(
    byRow(values, rows),
    inputs[1]!,
    byRow(scales, rows),
    zeroPoints && byRow(zeroPoints, rows),
    {
      gather_axis: 0,
      quantize_axis: 1,
      block_size: of.blockSize,
      bits: of.bits,
    },
  );
}

/** The same bytes as a matrix. The writer stores them once. */
function byRow({ name, tensor }: Constant, rows: number): Constant {
  const { dtype, shape } = tensor;
  return constant({ dtype, shape: [rows, elementCount(shape) / rows], data: { from: 'reshape', of: tensor } }, name);
}
