import { decodeMessage, type Message } from '../onnx/protobuf.js';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { SMALLEST_INTEGER_SIDE } from './limits.js';

/** Matrix products with a constant weight. */
export interface ProductCount {
  /** Those that run on integers; for weights in blocks, those that read such a weight. */
  readonly integer: number;
  readonly total: number;
  /** Of the total, those that a mix leaves in float32 on purpose. Absent: none. */
  readonly excluded?: number;
}

/** What a precision promises of its products: integers on both sides, or weights in blocks of 4 or 8 bits. */
export type ProductForm = 'integer' | 'blocks';

/** undefined: nothing has to be proved. */
export function productFormOf(precision: string): ProductForm | undefined {
  if (precision.endsWith('-weight')) return 'blocks';
  return precision.startsWith('int8') ? 'integer' : undefined;
}

/** What the session runs on integers. MatMulNBits is not among them: where int8 was meant, it is the sign that activations stayed float. */
const INTEGER: ReadonlySet<string> = new Set([
  'DynamicQuantizeMatMul',
  'MatMulIntegerToFloat',
  'MatMulInteger',
  'QLinearMatMul',
  'QGemm',
  'QAttention',
]);

const BLOCKS: ReadonlySet<string> = new Set(['MatMulNBits']);

const FLOAT: ReadonlySet<string> = new Set([
  'MatMul',
  'FusedMatMul',
  'Gemm',
  'FusedGemm',
  'Attention',
  'MatMulNBits',
  'MatMulBnb4',
]);

/** Input that holds the weight; 1 where it is not named here. */
const WEIGHT_INPUT: Readonly<Record<string, number>> = { QLinearMatMul: 3, QGemm: 3 };

/**
 * Counts the products of a model file that ONNX Runtime wrote after its own optimisation: what it really executes.
 * Products too small to be quantised do not count. Failure: 'onnx-malformed'.
 */
export function integerMatMuls(
  optimizedModelBytes: Uint8Array,
  form: ProductForm = 'integer',
): Result<ProductCount, Failure> {
  const wanted = form === 'integer' ? INTEGER : BLOCKS;
  const model = decodeMessage('ModelProto', optimizedModelBytes);
  if (!model.ok) {
    return fail(
      taskFailure('onnx-malformed', 'the model that ONNX Runtime wrote after its optimisation cannot be read', {
        found: `${model.error.message} at byte ${model.error.offset}`,
      }),
    );
  }
  const weights = new Map<string, readonly number[]>();
  let integer = 0;
  let total = 0;
  const countIn = (graph: Message<'GraphProto'>): void => {
    for (const { name, dims } of graph.initializer ?? []) weights.set(name ?? '', dims ?? []);
    for (const node of graph.node ?? []) {
      for (const { g } of node.attribute ?? []) if (g) countIn(g);
      const op = node.op_type ?? '';
      if (!INTEGER.has(op) && !FLOAT.has(op)) continue;
      const shape = weights.get(node.input?.[WEIGHT_INPUT[op] ?? 1] ?? '');
      if (shape === undefined || isSmall(op, shape)) continue;
      total++;
      if (wanted.has(op)) integer++;
    }
  };
  countIn(model.value.graph ?? {});
  return ok({ integer, total });
}

/** MatMulNBits holds its weight in blocks, whose shape says nothing of K. */
const isSmall = (op: string, shape: readonly number[]): boolean =>
  !op.endsWith('Bits') && !op.endsWith('Bnb4') && shape.some(side => side < SMALLEST_INTEGER_SIDE);
