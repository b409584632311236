import { isEitherDim } from '../graph/dims.js';
import { type Attribute, type Graph, type Input, makeNode, type Node, nodesOf, type Value } from '../graph/graph.js';
import { operatorOf } from '../graph/operators/index.js';
import { InferenceError, inferTypes } from '../graph/operators/inference.js';
import { ops } from '../graph/ops.js';
import type { Dim, TensorType } from '../graph/tensor.js';
import type { ModelInterface } from './interface.js';

/**
 * The graph with the inputs and outputs of the convention, whatever they were called: whole numbers are int64, and lengths
 * have the names of the convention. The types of all values follow from them anew.
 */
export function conformed(graph: Graph, { inputs, outputs }: ModelInterface): Graph {
  const renamed = new Map<Value, Value>();
  const made: Input[] = inputs.map(({ name, given, dtype, shape }) => {
    const own = graph.inputs.find(input => input.name === given)!;
    const input: Input = { kind: 'input', name, type: { dtype: dtype === 'int32' ? 'int64' : dtype, shape } };
    renamed.set(own, dtype === 'int32' ? ops(name).Cast(input, { to: 'int32' }) : input);
    return input;
  });
  const retyping = new Retyping(renamed);
  const values = retyping.valuesOf(graph);
  return {
    inputs: made,
    outputs: outputs.map(({ name, given }) => ({
      name,
      value: values[graph.outputs.findIndex(output => output.name === given)]!,
    })),
  };
}

class Retyping {
  constructor(private readonly current: Map<Value, Value>) {}

  private now(value: Value): Value {
    return this.current.get(value) ?? value;
  }

  valuesOf(graph: Graph): readonly Value[] {
    for (const node of nodesOf(graph)) {
      const inputs = node.inputs.map(input => input && this.now(input));
      const attributes = Object.fromEntries(
        Object.entries(node.attributes).map(([name, attribute]) => [name, this.attribute(attribute)]),
      );
      const fresh = { ...node, inputs, attributes };
      const { outputs } = makeNode(fresh, typesOf(fresh));
      for (const [index, output] of node.outputs.entries()) this.current.set(output, outputs[index]!);
    }
    return graph.outputs.map(({ value }) => this.now(value));
  }

  /** A branch takes new inputs for what it captures, since their types follow from outside. */
  private attribute(attribute: Attribute): Attribute {
    if (attribute.kind !== 'graph') return attribute;
    const captures = new Map<Input, Value>();
    const inputs = attribute.value.inputs.map(input => {
      const outer = attribute.captures.get(input);
      if (outer === undefined) return input;
      const inner: Input = { ...input, type: this.now(outer).type };
      captures.set(inner, this.now(outer));
      this.current.set(input, inner);
      return inner;
    });
    const values = this.valuesOf(attribute.value);
    const outputs = attribute.value.outputs.map(({ name }, index) => ({ name, value: values[index]! }));
    return { kind: 'graph', value: { inputs, outputs }, captures };
  }
}

/** From the operator; what it leaves open, and operators that are not known, keep the lengths they had. */
function typesOf(node: Node): readonly TensorType[] {
  const before = node.outputs.map(output => output.type);
  const operator = operatorOf(node);
  if (operator === undefined) return before;
  const open = new Set<string>();
  const nameDim = (axis: number): string => {
    const dim = `${node.path}/${node.op}.${open.size}.${axis}`;
    open.add(dim);
    return dim;
  };
  try {
    const inferred = inferTypes({ ...node, outputCount: node.outputs.length }, operator, nameDim);
    return before.map((type, index) => {
      const found = inferred[index];
      if (found === undefined) return type;
      const isUnsettled = (dim: Dim): boolean => open.has(`${dim}`) || isEitherDim(dim);
      return { ...found, shape: found.shape.map((dim, axis) => (isUnsettled(dim) ? type.shape[axis]! : dim)) };
    });
  } catch (error) {
    if (error instanceof InferenceError) return before;
    throw error;
  }
}
