import { elementsOf, isConstant, tensorOf } from '../graph/constants.js';
import { ONNX_ELEMENT_TYPE } from '../graph/element-type.js';
import {
  type Attribute,
  type Constant,
  constant,
  type Graph,
  makeNode,
  type Node,
  nodesOf,
  type Value,
} from '../graph/graph.js';
import { ops } from '../graph/ops.js';
import type { DType, Tensor } from '../graph/tensor.js';
import { representable } from './mask-constants.js';
import type { PrecisionPlan } from './precision-plan.js';
import { isFloat } from './precision-rules.js';

/** Stands between a value and the node that reads it; the value has the node's format by then. */
export type Edge = (value: Value, original: Value, node: Node, index: number) => Value;

export interface TypedGraph {
  readonly graph: Graph;
  /** Casts of activations. */
  readonly casts: number;
}

/**
 * Writes a plan into the graph: tensors in the formats that it says, a Cast where formats meet, weights as expressions over the
 * checkpoint's. Inputs and outputs keep their names and types. `edge` may put something before any input of a node.
 */
export function applyPlan(graph: Graph, plan: PrecisionPlan, edge: Edge = value => value): TypedGraph {
  return new Application(plan, edge).graph(graph);
}

class Application {
  readonly #current = new Map<Value, Value>();
  readonly #cast = new Map<Value, Value>();
  readonly #constants = new Map<string, Map<Tensor, Constant>>();
  #casts = 0;

  constructor(
    private readonly plan: PrecisionPlan,
    private readonly edge: Edge,
  ) {}

  graph(graph: Graph): TypedGraph {
    for (const node of nodesOf(graph)) {
      const made = this.#node(node);
      for (const [index, output] of node.outputs.entries()) this.#current.set(output, made.outputs[index]!);
    }
    const outputs = graph.outputs.map(({ name, value }) => ({ name, value: this.#as(value.type.dtype, value) }));
    return { graph: { inputs: graph.inputs, outputs }, casts: this.#casts };
  }

  #node(node: Node): Node {
    const format: DType = this.plan.half.has(node) ? this.plan.format : 'float32';
    const inputs = node.inputs.map((input, index) => {
      if (input === undefined) return undefined;
      const value = isFloat(input) && !TAKES_ANY.has(node.op) ? this.#as(format, input) : this.#now(input);
      return this.edge(value, input, node, index);
    });
    const attributes = Object.fromEntries(
      Object.entries(node.attributes).map(([name, attribute]) => [
        name,
        this.#attribute(attribute, name, node, format),
      ]),
    );
    const types = node.outputs.map(({ type }, index) =>
      type.dtype === 'float32' && !isStash(node, index) ? { ...type, dtype: format } : type,
    );
    const names = node.outputs.map(({ name }) => name);
    return makeNode({ ...node, inputs, attributes }, types, names);
  }

  /** What decides the dtype of an output by itself, and what a branch takes from outside. */
  #attribute(attribute: Attribute, name: string, { op }: Node, format: DType): Attribute {
    if (attribute.kind === 'int' && op === 'Cast' && name === 'to' && attribute.value === ONNX_ELEMENT_TYPE.float32) {
      return { kind: 'int', value: ONNX_ELEMENT_TYPE[format] };
    }
    if (attribute.kind === 'tensor' && attribute.value.dtype === 'float32' && format !== 'float32') {
      return { kind: 'tensor', value: converted(attribute.value, format, false) };
    }
    if (attribute.kind !== 'graph') return attribute;
    const captures = new Map(
      [...attribute.captures].map(([inner, outer]) => [inner, this.#as(inner.type.dtype, outer)]),
    );
    return { ...attribute, captures };
  }

  #now(value: Value): Value {
    return this.#current.get(value) ?? value;
  }

  /** A value of the given graph in a format, through a Cast that all its readers share. */
  #as(format: DType, original: Value): Value {
    if (isConstant(original)) return isFloat(original) ? this.#constant(original, format) : original;
    const value = this.#now(original);
    if (value.type.dtype === format || !isFloat(original)) return value;
    const known = this.#cast.get(value);
    if (known) return known;
    const cast = ops(value.kind === 'output' ? value.node.path : value.name).Cast(value, { to: format });
    this.#cast.set(value, cast);
    this.#casts++;
    return cast;
  }

  #constant(original: Constant, format: DType): Constant {
    const isMask = this.plan.masks.constants.has(original.tensor);
    if (format === 'float32' && !isMask) return original;
    const known = this.#constants.get(format) ?? new Map<Tensor, Constant>();
    this.#constants.set(format, known);
    let made = known.get(original.tensor);
    if (made === undefined) {
      made = constant(converted(original.tensor, format, isMask), original.name);
      known.set(original.tensor, made);
    }
    return made;
  }
}

/** Operators whose result does not depend on the dtype. */
const TAKES_ANY: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** Mean and deviation of a LayerNormalization are float32, whatever it normalises. */
const isStash = ({ op, domain }: Node, index: number): boolean =>
  op === 'LayerNormalization' && domain === '' && index > 0;

/** What is in the graph itself is converted now, weights when they are written. */
function converted(tensor: Tensor, dtype: DType, isMask: boolean): Tensor {
  const elements = elementsOf(constant(tensor));
  if (elements === undefined) return { dtype, shape: tensor.shape, data: { from: 'cast', of: tensor } };
  return tensorOf(dtype, tensor.shape, isMask ? representable(elements) : elements);
}
