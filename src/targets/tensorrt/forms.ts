import { elementsOf, isConstant, scalarOf } from '../../graph/constants.js';
import { sameShape } from '../../graph/dims.js';
import type { Graph, Node, Value } from '../../graph/graph.js';
import { intOf } from '../../graph/pass.js';
import type { TensorRTClass } from './support.js';

/** Restrictions of docs/operators.md, and of the operator reference for If. `read`: what anything reads. */
export function* formProblems(node: Node, version: TensorRTClass, read: ReadonlySet<Value>): Iterable<string> {
  if (node.domain !== '') return;
  const constantInput = CONSTANT_INPUT[node.op];
  if (constantInput !== undefined) {
    const [index, name] = constantInput;
    const input = node.inputs[index];
    if (input !== undefined && !isConstant(input)) yield `${name} must be a constant`;
  }
  switch (node.op) {
    case 'If':
      yield* branchProblems(node, version);
      break;
    case 'LayerNormalization':
      if (node.outputs.slice(1).some(output => read.has(output))) yield 'only the first output is known';
      break;
    case 'TopK': {
      const k = scalarOf(node.inputs[1]);
      if (intOf(node, 'sorted', 1) !== 1) yield 'sorted must be 1';
      if (k !== undefined && k >= 3840) yield `K is ${k}; it must be below 3840`;
      break;
    }
    case 'Dropout':
      if (node.inputs[2] !== undefined && elementsOf(node.inputs[2])?.[0] !== 0)
        yield 'training_mode must be a constant false';
      break;
    case 'Constant':
      for (const name of ['sparse_value', 'value_string', 'value_strings']) {
        if (node.attributes[name]) yield `${name} is not known`;
      }
      break;
    case 'Einsum': {
      const equation = node.attributes.equation;
      if (version === '8.6' && equation?.kind === 'string' && equation.value.includes('...'))
        yield 'an ellipsis is not known';
      break;
    }
  }
}

/** Operator -> the input that must be known when the engine is built. */
const CONSTANT_INPUT: Readonly<Record<string, readonly [index: number, name: string]>> = {
  CumSum: [1, 'axis'],
  Slice: [3, 'axes'],
  Squeeze: [1, 'axes'],
  Unsqueeze: [1, 'axes'],
  Pad: [3, 'axes'],
  ...Object.fromEntries(
    ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map(name => [
      `Reduce${name}`,
      [1, 'axes'] as const,
    ]),
  ),
};

/**
 * The condition of an If is a scalar or has one element. Up to 10.6 the branches must have outputs of equal shape, later of
 * equal rank: what only names tell apart may differ when it runs.
 */
function* branchProblems(node: Node, version: TensorRTClass): Iterable<string> {
  if (isConstant(node.inputs[0])) return;
  const [yes, no] = ['then_branch', 'else_branch'].map(name => {
    const branch = node.attributes[name];
    return branch?.kind === 'graph' ? branch.value : undefined;
  }) as [Graph | undefined, Graph | undefined];
  for (const [index, { value }] of (yes?.outputs ?? []).entries()) {
    const other = no?.outputs[index]?.value.type.shape;
    if (other === undefined) continue;
    const { shape } = value.type;
    if (other.length !== shape.length) yield `output ${index} has another rank in each branch`;
    else if (version !== '11' && !sameShape(shape, other)) {
      yield `output ${index} is [${shape.join(', ')}] in one branch and [${other.join(', ')}] in the other: versions up to 10.6 want equal shapes`;
    }
  }
}
