import { elementsOf, isConstant, tensorOf } from '../graph/constants.js';
import { dtypeOfElementType } from '../graph/element-type.js';
import {
  type Constant,
  constant,
  everyNodeOf,
  type Graph,
  type Node,
  type Value,
  valuesReadBy,
} from '../graph/graph.js';
import { knownIntegers } from '../graph/known-integers.js';
import { intOf, nodePass, type Pass, replaced, type Verdict } from '../graph/pass.js';
import { type DType, elementCount, type Tensor, type TensorData } from '../graph/tensor.js';
import { permOf } from './remove-no-ops.js';

/**
 * Computes now what does not depend on the inputs. What merely rearranges or converts a weight becomes an expression
 * that is evaluated when the model is written; arithmetic is done on scalars only, in float32 as the runtime would.
 *
 * The transpose of a weight that is also read as it is (a decoder tied to the embeddings) stays: it would store the
 * weight twice.
 */
export const foldConstants: Pass = nodePass('fold-constants', graph => {
  const alsoReadAsTheyAre = weightsReadOutsideTranspose(graph);
  return node => {
    const folded = foldedArithmetic(node);
    if (folded) return folded;
    const constants = constantsOf(node);
    const [first] = constants ?? [];
    if (constants === undefined || first === undefined) return undefined;
    if (node.op === 'Transpose' && alsoReadAsTheyAre.has(first.tensor)) return undefined;
    const tensor = rearranged(node, constants);
    return tensor && replaced(constant(tensor, first.name));
  };
});

/** The part of it that leaves every weight where it lies: shapes and scalars. */
export const foldArithmetic: Pass = nodePass('fold-arithmetic', () => foldedArithmetic);

function foldedArithmetic(node: Node): Verdict {
  const [output] = node.outputs;
  if (node.domain !== '' || node.outputs.length !== 1 || output === undefined) return undefined;
  const integers = foldedIntegers(output);
  if (integers) return integers;
  const constants = constantsOf(node);
  const tensor = constants && computed(node, constants);
  return tensor && replaced(constant(tensor, constants[0]!.name));
}

/** The inputs of a node of one output in ai.onnx, when all are constants and there is one. */
function constantsOf(node: Node): readonly Constant[] | undefined {
  if (node.domain !== '' || node.outputs.length !== 1 || node.inputs.length === 0) return undefined;
  return node.inputs.every(isConstant) ? node.inputs : undefined;
}

function weightsReadOutsideTranspose(graph: Graph): ReadonlySet<Tensor> {
  const read = new Set<Tensor>();
  const note = (value: Value): void => {
    if (isConstant(value)) read.add(value.tensor);
  };
  for (const node of everyNodeOf(graph))
    if (node.op !== 'Transpose') for (const value of valuesReadBy(node)) note(value);
  for (const { value } of graph.outputs) note(value);
  return read;
}

/** Shapes and what is computed from them, where all of it is known without running the graph. */
function foldedIntegers(output: Value): Verdict {
  const { dtype, shape } = output.type;
  const integers = knownIntegers(output);
  if (!integers?.every(dim => typeof dim === 'number')) return undefined;
  return replaced(constant(tensorOf(dtype, shape as number[], integers)));
}

/** The result as an expression over the constants, for operators that compute nothing. */
function rearranged(node: Node, constants: readonly Constant[]): Tensor | undefined {
  const { dtype, shape } = node.outputs[0]!.type;
  const of = constants[0]!.tensor;
  const data = ((): TensorData | undefined => {
    switch (node.op) {
      case 'Transpose':
        return { from: 'transpose', of, perm: permOf(node) };
      case 'Reshape':
      case 'Flatten':
      case 'Squeeze':
      case 'Unsqueeze':
        return { from: 'reshape', of };
      case 'Concat':
        return concatenated(constants, intOf(node, 'axis', 0), shape.length);
      case 'Cast':
        return isFloat(of.dtype) && isFloat(dtypeOfElementType(intOf(node, 'to', 0)))
          ? { from: 'cast', of }
          : undefined;
      default:
        return undefined;
    }
  })();
  return data && { dtype, shape: shape as number[], data };
}

const concatenated = (constants: readonly Constant[], axis: number, rank: number): TensorData => ({
  from: 'concat',
  of: constants.map(({ tensor }) => tensor),
  axis: axis < 0 ? axis + rank : axis,
});

const isFloat = (dtype: DType | undefined): boolean =>
  dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16' || dtype === 'float64';

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Sqrt: Math.sqrt,
  Neg: a => -a,
  Reciprocal: a => 1 / a,
  // To float32: a length that a scale is computed from.
  Cast: a => a,
};

/** Arithmetic on float32 scalars: scales such as 1 / sqrt(head size), which tracing exporters leave as operators. */
function computed(node: Node, constants: readonly Constant[]): Tensor | undefined {
  const { dtype, shape } = node.outputs[0]!.type;
  const arithmetic = Object.hasOwn(ARITHMETIC, node.op) ? ARITHMETIC[node.op] : undefined;
  if (dtype !== 'float32' || arithmetic === undefined || constants[0]!.tensor.dtype === 'bool') return undefined;
  const operands = constants.map(operand =>
    elementCount(operand.tensor.shape) === 1 ? elementsOf(operand)?.[0] : undefined,
  );
  const [a, b = 0] = operands;
  if (a === undefined || operands.includes(undefined)) return undefined;
  return tensorOf('float32', shape as number[], [Math.fround(arithmetic(a, b))]);
}
